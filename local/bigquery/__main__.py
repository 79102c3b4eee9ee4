"""`python -m local.bigquery`: one BigQuery stand-in, which says when it is ready, and ends with its parent."""

import argparse
import os
import pathlib
import sys


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m local.bigquery", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port of the REST interface; 0 takes a free one")
    parser.add_argument("--storage-url", required=True, help="address of Cloud Storage, for extract and load jobs")
    parser.add_argument(
        "--data-dir", type=pathlib.Path, help="keep everything here; without it, all is gone at the end"
    )
    parser.add_argument("--shard-bytes", type=int, default=4 * 1024 * 1024, help="table data in one file of an extract")
    parser.add_argument("--project", default="nba-props-platform", help="project of requests that name none")
    arguments = parser.parse_args()
    # Libraries may print; the one line that the parent waits for must stay alone on the real standard output.
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    from local.bigquery import logs  # noqa: PLC0415 -- imports that print come after the redirection

    logs.configure()
    from local.bigquery import server  # noqa: PLC0415 -- its imports log, so the log comes first

    server.run(server.Options(**vars(arguments)), output)


if __name__ == "__main__":
    main()
