"""Rows to a JSON array by the engine of the export and by four peers, and two million rows to gzip by ours, in one run.

`python -m bench.export [--rows N] [--rounds N] [--large N] [--batched] [--json]`: a table on a terminal, JSON in a
pipe. The first run installs the tools under .local/bench/export and makes the rows. Every run is a fresh process, the
tools take turns, and figures are medians. Rates are by processor time, as in bench.cold_start: a function of 256 MiB
is given a sixth of a processor, and a busy machine changes it least; time by the clock stands beside it, in which
DuckDB and Polars gain by using every processor. All begin with the same rows: the peers with an Arrow file, ours with
the pages of BigQuery's REST API, nearly twice as large, which it has to parse; it hashes and counts besides. Exit
code 1 when ours misses a target.
"""

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich import console, table

from bench.checks import runs
from bench.export import contract, data, environments, summary, unchanged

ROWS = 300_000
ROUNDS = 3
LARGE = 2_000_000
CONTENT = b'[{"player": "a", "points": 12}]'
HERE = Path(__file__).parent
HEADS = ("tool", "version", "rows/s", "MB/s", "s by clock", "RSS MB", "MB", "JSON", "breaks the rules in", "ours is")


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code of the command line `arguments`."""
    parser = argparse.ArgumentParser(prog="python -m bench.export", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=_positive, default=ROWS, help=f"rows that all write (default: {ROWS})")
    parser.add_argument("--rounds", type=_positive, default=ROUNDS, help=f"runs of each (default: {ROUNDS})")
    parser.add_argument("--large", type=_positive, default=LARGE, help=f"rows to gzip (default: {LARGE})")
    parser.add_argument("--batched", action="store_true", help="rows of a game share their stamp, as in a pipeline")
    parser.add_argument("--json", action="store_true", help="JSON on a terminal too")
    options = parser.parse_args(arguments)
    skipped: dict[str, str] = {}
    made = _environments(skipped)
    try:
        lines, large = _measure(made, options, skipped)
    except (environments.EnvironmentFailed, runs.RunFailed) as error:
        _say(str(error))
        return 1
    _say("the same document twice")
    written = unchanged.measure(CONTENT)
    if options.json or not sys.stdout.isatty():
        print(json.dumps(summary.document(lines, large, written, skipped, rounds=options.rounds), indent=2))
    else:
        console.Console().print(_table(lines))
    _say(f"objects written by an export: {written.first}; by the same export again: {written.second}")
    _tell(large, skipped)
    missed = summary.missed(lines, large, written)
    for target in missed:
        _say(f"missed: {target}")
    return 1 if missed else 0


def _environments(skipped: dict[str, str]) -> dict[str, Path]:
    """Return the interpreter of each tool, and say in `skipped` why one has none."""
    made = {}
    for tool in contract.TOOLS:
        _say(f"environment of {tool}")
        try:
            made[tool] = environments.make(tool)
        except environments.EnvironmentFailed as error:
            skipped[tool] = f"not installed: {error}"
    return made


def _measure(
    made: dict[str, Path], options: argparse.Namespace, skipped: dict[str, str]
) -> tuple[dict[str, summary.Line], contract.Result | None]:
    judge = environments.make(contract.WRITER)
    folder = _rows(judge, options.rows, batched=options.batched)
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        found: dict[str, list[contract.Result]] = {}
        for number in range(options.rounds + 1):
            for tool in [tool for tool in made if tool not in skipped]:
                _say(f"round {number} of {options.rounds}: {tool}" if number else f"warming up {tool}")
                try:
                    said = _run(made[tool], tool, folder, Path(scratch), 0)
                except (runs.RunFailed, ValueError) as error:
                    skipped[tool] = str(error)
                    continue
                found.setdefault(tool, []).extend([said] if number else [])
        lines = {}
        for tool, said_by in found.items():
            _say(f"judging {tool}")
            if said_by:
                lines[tool] = summary.line(said_by, _judged(judge, folder, Path(scratch) / tool))
        large = None
        if contract.OURS in lines:
            _say(f"{options.large:,} rows to gzip")
            large = _run(made[contract.OURS], contract.OURS, folder, Path(scratch), options.large)
    return lines, large


def _rows(interpreter: Path, rows: int, *, batched: bool) -> Path:
    """Return the folder of the input, made if need be."""
    digest = hashlib.sha256((HERE / "data.py").read_bytes() + (HERE / "contract.py").read_bytes()).hexdigest()[:8]
    folder = environments.HOME / "rows" / f"{rows}-{'batched' if batched else 'single'}-{digest}"
    if not (folder / "made").is_file():
        _say(f"making {rows:,} rows")
        more = ["--batched"] if batched else []
        runs.call(interpreter, Path(data.__file__), ["--folder", str(folder), "--rows", str(rows), *more])
        (folder / "made").touch()
    return folder


def _run(interpreter: Path, tool: str, folder: Path, scratch: Path, rows: int) -> contract.Result:
    arguments = ["--tool", tool, "--folder", str(folder), "--output", str(scratch / tool), "--rows", str(rows)]
    return contract.result(json.loads(runs.call(interpreter, HERE / "tools.py", arguments)))


def _judged(interpreter: Path, folder: Path, output: Path) -> contract.Verdict:
    said = runs.call(interpreter, HERE / "judge.py", ["--folder", str(folder), "--output", str(output)])
    return contract.verdict(json.loads(said))


def _table(lines: dict[str, summary.Line]) -> table.Table:
    rows = next((one.rows for one in lines.values()), 0)
    view = table.Table(*HEADS, title=f"{rows:,} rows of {len(contract.COLUMNS)} columns as a JSON array")
    times = summary.ratios(lines)
    for name, one in lines.items():
        verdict = one.verdict or contract.Verdict(valid=False, rows=0, broken={})
        view.add_row(
            name,
            one.version,
            f"{one.rate:,.0f}",
            f"{one.megabytes:.0f}",
            f"{one.wall_seconds:.2f}",
            f"{one.rss_mb:.0f}",
            f"{one.bytes / 1e6:.1f}",
            "valid" if verdict.valid else "not valid",
            ", ".join(verdict.broken) or ("-" if verdict.valid else "?"),
            f"{times[name]:.2f} times" if name in times else "-",
        )
    return view


def _tell(large: contract.Result | None, skipped: dict[str, str]) -> None:
    if large:
        _say(
            f"{large.rows:,} rows, {large.bytes / 1e6:.0f} MB, to {large.gzipped / 1e6:.1f} MB of gzip in "
            f"{large.seconds:.1f} s: {large.rss_mb:.0f} MB, of which {large.base_mb:.0f} before the first row"
        )
    for tool, why in skipped.items():
        _say(f"skipped {tool}: {why}")


def _say(word: str) -> None:
    print(f"bench.export: {word}", file=sys.stderr, flush=True)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


if __name__ == "__main__":
    sys.exit(main())
