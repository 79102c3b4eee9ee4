"""Runs the Cloud Storage stand-in alone: `python -m local.storage --port 9023 --directory /tmp/buckets`."""

import argparse
import json
import pathlib
import threading

from local.storage import server


def main() -> None:
    """Serve until interrupted, after one JSON line on standard output that tells the address."""
    parser = argparse.ArgumentParser(prog="python -m local.storage", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; a free one by default")
    parser.add_argument("--directory", type=pathlib.Path, help="where objects stand as files; in memory by default")
    options = parser.parse_args()
    running = server.serve(port=options.port, directory=options.directory)
    print(json.dumps({"event": "listen", "url": running.url}), flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        running.close()


if __name__ == "__main__":
    main()
