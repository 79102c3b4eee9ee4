"""One run of one tool: `python bench/export/tools.py --tool T --folder D --output F`, in the tool's environment.

Each is given what its users give it: the file of Arrow, or the pages of the API, and the name of the file to write. The
clock starts after the imports. stdlib is the predecessor's way: every row a dict, indented. With `--rows N` ours writes
N rows to gzip, beginning again with the first page when there are no more, in a process that has imported the real
clients of BigQuery and of Storage; the compressed bytes are all it keeps.
"""

import argparse
import importlib
import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from bench.checks import record
from bench.export import contract

Write = Callable[[Path, Path], int]
"""Writes an output, given the folder of the input, and returns the number of rows."""


def ours(folder: Path, output: Path) -> int:
    """Write pages as the array of their rows, hashed and counted on the way."""
    encoding, hashlib = (
        importlib.import_module("cloud_functions.live_export.encoding"),
        importlib.import_module("hashlib"),
    )
    digest, rows = hashlib.sha256(), 0
    with output.open("wb") as sink:
        for chunk in encoding.chunks(_fields(), _parts(_pages(folder))):
            text = (b"," if rows else b"[") + chunk.text
            digest.update(text)
            sink.write(text)
            rows += chunk.rows
        sink.write(b"]")
    return rows


def ours_to_gzip(folder: Path, rows: int) -> tuple[int, int, int]:
    """Return rows, bytes and compressed bytes of a document of so many rows, as it is published."""
    encoding = importlib.import_module("cloud_functions.live_export.encoding")
    parts = _first(_parts(itertools.cycle(_pages(folder))), rows)
    made = encoding.array(tuple(contract.COLUMNS), encoding.chunks(_fields(), parts), most_bytes=2**40)
    return made.rows, made.bytes, len(made.gzipped)


def stdlib(folder: Path, output: Path) -> int:
    """Write rows as Python's own encoder does, indented; what it does not know becomes a string."""
    rows = _arrow(folder).to_pylist()
    with output.open("w", encoding="utf-8") as sink:
        json.dump(rows, sink, indent=2, default=str, ensure_ascii=False)
    return len(rows)


def pandas(folder: Path, output: Path) -> int:
    """Write rows as pandas does, with ISO dates and all the digits that it offers."""
    frame = _arrow(folder).to_pandas()
    frame.to_json(output, orient="records", date_format="iso", date_unit="us", double_precision=15, force_ascii=False)
    return len(frame)


def duckdb(folder: Path, output: Path) -> int:
    """Write rows as DuckDB copies them, with as many threads as it takes by default."""
    rows = _arrow(folder)
    with importlib.import_module("duckdb").connect() as connection:
        connection.register("input", rows)
        connection.execute(f"COPY (SELECT * FROM input) TO '{output}' (FORMAT json, ARRAY true)")  # noqa: S608 - our own file
    return int(rows.num_rows)


def polars(folder: Path, output: Path) -> int:
    """Write rows as Polars does."""
    frame = importlib.import_module("polars").read_ipc(folder / contract.INPUT)
    frame.write_json(output)
    return int(frame.height)


TOOLS: dict[str, tuple[Write, tuple[str, ...], str]] = {
    contract.OURS: (
        ours,
        (
            "google.cloud.bigquery",
            "google.cloud.storage",
            "shared.gcp.rows",
            "shared.gcp.storage",
            "cloud_functions.live_export.encoding",
        ),
        "",
    ),
    contract.STDLIB: (stdlib, ("pyarrow",), "pyarrow"),
    contract.PANDAS: (pandas, ("pyarrow", "pandas"), "pandas"),
    contract.DUCKDB: (duckdb, ("pyarrow", "duckdb"), "duckdb"),
    contract.POLARS: (polars, ("polars",), "polars"),
}
"""By name: how it writes, what is imported before the clock starts, and the package whose version is told."""


def _pages(folder: Path) -> list[Path]:
    return sorted((folder / contract.PAGES).iterdir())


def _fields() -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in contract.COLUMNS.items()]


def _parts(pages: Any) -> Iterator[Any]:
    """Yield the rows of pages as the adapter cuts them."""
    rows = importlib.import_module("shared.gcp.rows")
    for page in pages:
        yield from rows.cut(page.read_bytes(), _fields())


def _first(parts: Iterator[Any], rows: int) -> Iterator[Any]:
    """Yield so many rows, and no more."""
    left = rows
    for part in parts:
        some = [cells[:left] for cells in part]
        yield some
        left -= len(some[0])
        if not left:
            return


def _arrow(folder: Path) -> Any:
    return importlib.import_module("pyarrow").ipc.open_file(str(folder / contract.INPUT)).read_all()


def measure(tool: str, folder: Path, output: Path, rows: int) -> contract.Result:
    """Return what one run came to; `rows`: 0 for those that there are, else so many to gzip, by ours."""
    write, modules, package = TOOLS[tool]
    for name in modules:
        importlib.import_module(name)
    base, wall, began = record.peak_mb(), time.perf_counter(), time.process_time()
    if rows:
        written, size, gzipped = ours_to_gzip(folder, rows)
    else:
        written, gzipped = write(folder, output), 0
    seconds, wall_seconds = time.process_time() - began, time.perf_counter() - wall
    return contract.Result(
        tool=tool,
        version=metadata.version(package) if package else "this",
        rows=written,
        bytes=size if rows else output.stat().st_size,
        gzipped=gzipped,
        seconds=round(seconds, 4),
        wall_seconds=round(wall_seconds, 4),
        rss_mb=round(record.peak_mb(), 1),
        base_mb=round(base, 1),
    )


def main() -> int:
    """Print one line of JSON about one run, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tool", choices=contract.TOOLS, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="where the input is")
    parser.add_argument("--output", type=Path, required=True, help="the file to be written")
    parser.add_argument("--rows", type=int, default=0, help="ours: write so many to gzip")
    options = parser.parse_args()
    print(json.dumps(vars(measure(options.tool, options.folder, options.output, options.rows))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
