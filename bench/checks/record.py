"""What every adapter shares: the command line, the recorder of statements, the clock, and the one line of JSON.

An adapter is run as `python -P <script> --database F --variant V --rows N [--sql F]` inside its tool's environment
with the repository as PYTHONPATH (-P, because a script's own folder must not come before the tool's packages).
"""

import argparse
import contextlib
import dataclasses
import datetime
import functools
import importlib
import json
import re
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from bench.checks import contract

# DuckDB 2 runs a relation with `_submit`, when it is read; before, `sql` and `query` are all there is to see.
_EAGER = ("execute", "executemany")
_LAZY = ("_submit",)
_LAZY_BEFORE_2 = ("sql", "query", "from_query")
_NAMES = "|".join(contract.TABLES)
_READS = re.compile(
    rf'\b(?:from|join|summarize)\s+\(*\s*(?:(?:"[^"]+"|\w+)\s*\.\s*){{0,2}}(?:"(?:{_NAMES})"|(?:{_NAMES})(?![\w"]))',
    re.IGNORECASE,
)
_READS_NOTHING = re.compile(
    r"\s*(?:describe|explain(?!\s+analyze)|pragma|show|create\s+(?:\w+\s+)*view)\b", re.IGNORECASE
)


@dataclasses.dataclass(frozen=True)
class Job:
    """One run that an adapter is asked for; `scratch` is an empty folder that is gone afterwards."""

    database: Path
    variant: str
    rows: int
    scratch: Path

    @property
    def checks(self) -> tuple[contract.Check, ...]:
        """Return the fifty checks of this run."""
        return contract.checks(self.rows, variant=self.variant)


@dataclasses.dataclass(frozen=True)
class Tool:
    """A tool as its adapter describes it.

    `distribution` is the package whose version is told, "" for this repository; `modules`, and duckdb, are imported
    under the clock before the run; `prepare` writes what a user would have on disk and is not timed; `run` returns the
    tool's own answers.
    """

    name: str
    distribution: str
    modules: tuple[str, ...]
    prepare: Callable[[Job], Any]
    run: Callable[[Job, Any], Mapping[str, str]]


class Recorder:
    """The statements that reached DuckDB, in order, from every connection and thread; one that runs another is one."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self._inside = threading.local()

    def install(self, connection: Any) -> None:
        """Wrap the methods of the class `connection` that run SQL."""
        lazy = _LAZY if hasattr(connection, _LAZY[0]) else _LAZY_BEFORE_2
        for name in (*_EAGER, *lazy):
            setattr(connection, name, self._recording(getattr(connection, name)))

    def _recording(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def record(connection: Any, query: Any, *arguments: Any, **options: Any) -> Any:
            if getattr(self._inside, "now", False):
                return method(connection, query, *arguments, **options)
            self.statements.append(str(getattr(query, "query", query)))
            self._inside.now = True
            try:
                return method(connection, query, *arguments, **options)
            finally:
                self._inside.now = False

        return record


def reads_a_table(statement: str) -> bool:
    """Say whether `statement` reads one of the five tables; to describe one or to define a view reads none."""
    return not _READS_NOTHING.match(statement) and bool(_READS.search(statement))


def main(tool: Tool, arguments: Sequence[str] | None = None) -> int:
    """Run `tool` as the command line says, print its line of JSON and return the exit code 0."""
    options = _parser(tool.name).parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch, quiet() as out:
        job = Job(options.database.resolve(), options.variant, options.rows, Path(scratch))
        found, statements = measure(tool, job)
        print(json.dumps(found.document()), file=out)
    if options.sql:
        options.sql.write_text(json.dumps(statements), "utf-8")
    return 0


def measure(tool: Tool, job: Job) -> tuple[contract.Result, list[str]]:
    """Return what `tool` says of `job` and every statement that it sent."""
    prepared = tool.prepare(job)
    began = time.perf_counter()
    for name in (*tool.modules, "duckdb"):
        importlib.import_module(name)
    imported = time.perf_counter()
    recorder = Recorder()
    recorder.install(importlib.import_module("duckdb").DuckDBPyConnection)
    started = time.perf_counter()
    answers = tool.run(job, prepared)
    ended = time.perf_counter()
    found = contract.Result(
        tool=tool.name,
        version=metadata.version(tool.distribution) if tool.distribution else contract.OURS_VERSION,
        statements=len(recorder.statements),
        table_queries=sum(map(reads_a_table, recorder.statements)),
        seconds=round(ended - started, 4),
        import_seconds=round(imported - began, 4),
        rss_mb=round(peak_mb(), 1),
        answers=contract.complete(answers, job.checks),
    )
    return found, recorder.statements


def peak_mb() -> float:
    """Return the peak resident size of this process in megabytes."""
    try:
        # The resource module would count what the parent held before the exec.
        with Path("/proc/self/status").open(encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024)


def oldest(check: contract.Check) -> datetime.datetime:
    """Return the instant, UTC without saying so as in the tables, that a "fresh" value must be younger than."""
    return (contract.INSTANT - datetime.timedelta(hours=check.high or 0)).replace(tzinfo=None)


def nothing(_job: Job) -> None:
    """Prepare nothing, for a tool that is declared in Python."""


def _parser(tool: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=tool, description="print one line of JSON about one run")
    parser.add_argument("--database", type=Path, required=True, help="the DuckDB file of the variant")
    parser.add_argument("--variant", choices=contract.VARIANTS, required=True)
    parser.add_argument("--rows", type=int, required=True, help="rows that each table was made with")
    parser.add_argument("--sql", type=Path, help="write the statements here, as a JSON list")
    return parser


@contextlib.contextmanager
def quiet() -> Iterator[Any]:
    """Keep standard output for the one line; what the tool prints goes to standard error."""
    out, sys.stdout = sys.stdout, sys.stderr
    try:
        yield out
    finally:
        sys.stdout = out
