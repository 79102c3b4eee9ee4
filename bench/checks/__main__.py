"""Fifty checks on five tables, by this project and by five data-check tools, side by side in environments of their own.

`python -m bench.checks [--rows N] [--rounds N] [--only tool,...] [--json]`: a table on a terminal, JSON in a pipe.
The first run installs the tools under .local/bench and makes the databases; a second one uses both again. Every run
is a fresh process, the tools take turns, and figures are medians of the rounds on clean data; read times to one figure
on a shared machine. Then the same small awkward cases are put to Pressbox and to Great Expectations. Exit code 1 when
"pressbox" misses a target or could not be run, when a verdict differs for no declared reason, or for an unknown tool.
"""

import argparse
import dataclasses
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich import console, table

from bench.checks import agreement, contract, data, environments, runs, summary

TOOLS = (summary.OURS, "soda4", "gx", "dbt_duckdb", "pandera_ibis", "pointblank_ibis")
ROWS = 1_000_000
ROUNDS = 3
HEADS: tuple[str, ...] = ("tool", "statements", "table queries", "run s", "import s", "total s", "RSS MB", "packages")
HEADS += (
    "disk MB",
    "MB billed of 1 M",
    "of 20 k",
    "right, one broken",
    "false fails",
    "total, ratio",
    "RSS",
    "of 20 k",
)
CAPTION = "table queries: clean/dirty/broken; ratios are to pressbox; bills are modelled, on clean data"


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code of the command line `arguments`."""
    options = _parser().parse_args(arguments)
    skipped: dict[str, str] = {}
    made = _environments(options.only, skipped)
    try:
        lines = _measure(made, rows=options.rows, rounds=options.rounds) if made else []
        agreed = _agreement(made)
    except (environments.EnvironmentFailed, runs.RunFailed) as error:
        _say(str(error))
        return 1
    if options.json or not sys.stdout.isatty():
        told = summary.document(lines, skipped, rows=options.rows, rounds=options.rounds)
        print(json.dumps(told | {"agreement": dataclasses.asdict(agreed) if agreed else None}, indent=2))
    else:
        console.Console().print(_table(lines, rows=options.rows))
    _tell(lines, skipped)
    _tell_agreement(agreed)
    return 1 if summary.missed(lines) or summary.OURS in skipped or (agreed and agreed.others) else 0


def _agreement(made: dict[str, Path]) -> agreement.Agreement | None:
    """Return how far our verdicts are those of Great Expectations; None unless both can be run."""
    if not {summary.OURS, "gx"} <= set(made):
        return None
    _say("the same cases to Great Expectations")
    return agreement.measure(made[summary.OURS], made["gx"])


def _tell_agreement(agreed: agreement.Agreement | None) -> None:
    if agreed is None:
        return
    _say(f"verdicts like those of Great Expectations: {sum(agreed.same.values())} {dict(agreed.same)}")
    for why, count in agreed.declared.items():
        _say(f"other on purpose: {count}, {why}")
    for one in agreed.others:
        _say(f"other, and unexplained: {one}")


def _tell(lines: Sequence[summary.Line], skipped: dict[str, str]) -> None:
    found = [f"missed: {word}" for word in summary.missed(lines)]
    found += [f"{one.tool}, {variant}: {why}" for one in lines for variant, why in one.errors.items()]
    found += [f"skipped {tool}: {why}" for tool, why in skipped.items()]
    for word in found:
        _say(word)


def _environments(tools: Sequence[str], skipped: dict[str, str]) -> dict[str, Path]:
    """Return the interpreter of each of `tools`, and say in `skipped` why one has none."""
    made = {}
    for tool in tools:
        if not runs.script(tool).is_file():
            skipped[tool] = f"there is no {runs.script(tool).relative_to(runs.ROOT)}"
            continue
        _say(f"environment of {tool}")
        try:
            made[tool] = environments.make(tool)
        except environments.EnvironmentFailed as error:
            skipped[tool] = f"not installed: {error}"
    return made


def _measure(made: dict[str, Path], *, rows: int, rounds: int) -> list[summary.Line]:
    texts = {tool: environments.requirements(tool) for tool in TOOLS}
    writer = environments.oldest(texts)
    writer_python = environments.make(writer)
    # The bill needs sqlglot, which our own environment has.
    biller = environments.make(summary.OURS)
    _say(f"databases of {rows} rows a table")
    folder = runs.databases(environments.HOME / "databases", rows, writer_python)
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        said = runs.run(runs.Plan(made, folder, rows, rounds, Path(scratch)), _say)
        bills = runs.bills(biller, Path(scratch))
    weights = {tool: environments.weigh(environments.folder(tool)) for tool in made}
    return [
        summary.line(tool, found, weights[tool], {variant: _bill(bills, tool, variant) for variant in found.results})
        for tool, found in said.items()
    ]


def _bill(bills: dict[str, dict[str, float]], tool: str, variant: str) -> dict[str, float]:
    return bills.get(runs.sql_file(Path(), tool, variant).name, {})


def _table(lines: Sequence[summary.Line], *, rows: int) -> table.Table:
    ours = next((one for one in lines if one.tool == summary.OURS), None)
    title = f"{len(contract.truth(contract.CLEAN))} checks on {len(contract.TABLES)} tables of {rows:,} rows"
    view = table.Table(*HEADS, title=title, caption=CAPTION)
    for one in lines:
        view.add_row(one.tool, *_cells(one), *_ratios(one, ours))
    return view


def _cells(one: summary.Line) -> list[str]:
    clean, broken = one.figures.get(contract.CLEAN), one.figures.get(contract.BROKEN)
    bill = one.bills.get(contract.CLEAN, {})
    times = [clean.run_seconds, clean.import_seconds, clean.total_seconds] if clean else [None] * 3
    return [
        str(clean.statements) if clean else "-",
        "/".join(str(one.figures[name].table_queries) if name in one.figures else "-" for name in contract.VARIANTS),
        *(f"{seconds:.2f}" if seconds is not None else "-" for seconds in times),
        f"{clean.rss_mb:.0f}" if clean else "-",
        str(one.weight.packages) if one.weight else "-",
        f"{one.weight.megabytes:.0f}" if one.weight else "-",
        *(f"{bill[name]:.0f}" if name in bill else "-" for name in ("large_mb", "small_mb")),
        f"{broken.right} of {summary.OTHERS}" if broken else "-",
        str(one.false_fails),
    ]


def _ratios(one: summary.Line, ours: summary.Line | None) -> list[str]:
    found = summary.ratios(one, ours)
    return [f"{found[name]:.1f}" if name in found else "-" for name in ("total_seconds", "rss_mb", "small_mb")]


def _say(word: str) -> None:
    print(f"bench.checks: {word}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.checks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=_rows, default=ROWS, help=f"rows of each table (default: {ROWS})")
    parser.add_argument("--rounds", type=_positive, default=ROUNDS, help=f"counted runs a variant (default: {ROUNDS})")
    parser.add_argument("--only", type=_tools, default=TOOLS, help=f"some of {','.join(TOOLS)}")
    parser.add_argument("--json", action="store_true", help="JSON on a terminal too")
    return parser


def _tools(text: str) -> tuple[str, ...]:
    named = text.split(",")
    unknown = sorted(set(named) - set(TOOLS))
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: not one of {', '.join(TOOLS)}")
    return tuple(tool for tool in TOOLS if tool in named)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


def _rows(text: str) -> int:
    number = _positive(text)
    if number < data.FEWEST:
        raise argparse.ArgumentTypeError(f"{text} rows are too few for one in 1,000 to be wrong and 2 % to be NULL")
    return number


if __name__ == "__main__":
    sys.exit(main())
