"""Run the adapters in their environments: the databases, a fresh process a run, tools interleaved, and the bill."""

import dataclasses
import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.checks import contract, data

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
# A run that takes longer than this has hung.
PATIENCE_SECONDS = 1800

Say = Callable[[str], None]


class RunFailed(RuntimeError):
    """A program of the benchmark ended badly; the message is the last line that it wrote."""


@dataclasses.dataclass
class Runs:
    """What one tool said: its results by variant, a list of rounds each, and by variant why a run failed."""

    results: dict[str, list[contract.Result]] = dataclasses.field(default_factory=dict)
    errors: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is run: the interpreter of each tool, the folder of the databases, rows a table, and rounds."""

    interpreters: Mapping[str, Path]
    databases: Path
    rows: int
    rounds: int
    sql: Path


def databases(folder: Path, rows: int, interpreter: Path) -> Path:
    """Return the folder under `folder` with the databases of `rows` rows a table, made by `interpreter` if need be."""
    words = [data.statement(table, rows, dirty=dirty) for table in contract.TABLES for dirty in (False, True)]
    digest = hashlib.sha256("".join(words).encode()).hexdigest()[:8]
    made = folder / f"{rows}-{digest}"
    if not all((made / f"{name}.duckdb").is_file() for name in (contract.CLEAN, contract.DIRTY)):
        call(interpreter, HERE / "data.py", ["--folder", str(made), "--rows", str(rows)])
    return made


def run(plan: Plan, say: Say) -> dict[str, Runs]:
    """Return what each tool of `plan` said; a first round on the clean data warms the caches and is not counted."""
    found = {tool: Runs() for tool in plan.interpreters}
    for tool in found:
        say(f"warming up {tool}")
        _record(plan, Runs(), tool, contract.CLEAN)
    for number in range(plan.rounds):
        for variant in contract.VARIANTS:
            for tool, runs in found.items():
                say(f"round {number + 1} of {plan.rounds}, {variant}: {tool}")
                _record(plan, runs, tool, variant)
    return found


def bills(interpreter: Path, folder: Path) -> dict[str, Any]:
    """Return the modelled bill of each file of statements in `folder`."""
    files = sorted(folder.glob("*.json"))
    return json.loads(call(interpreter, HERE / "bill.py", list(map(str, files)))) if files else {}


def sql_file(folder: Path, tool: str, variant: str) -> Path:
    """Return where the statements of `tool` in `variant` are written."""
    return folder / f"{tool}.{variant}.json"


def script(tool: str) -> Path:
    """Return the adapter of `tool`."""
    return HERE / "tools" / f"{tool}.py"


def call(interpreter: Path, program: Path, arguments: Sequence[str]) -> str:
    """Return what `program` prints, run by `interpreter` in an empty folder; raise RunFailed when it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        try:
            done = subprocess.run(
                # -P: the folder of the script must not come before the packages of the environment.
                [str(interpreter), "-P", str(program), *arguments],
                env=environment | {"PYTHONPATH": str(ROOT)},
                cwd=folder,
                capture_output=True,
                check=False,
                text=True,
                timeout=PATIENCE_SECONDS,
            )
        except subprocess.TimeoutExpired as late:
            raise RunFailed(f"not ended after {PATIENCE_SECONDS} s") from late
    if done.returncode:
        raise RunFailed((done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1])
    return done.stdout


def _record(plan: Plan, runs: Runs, tool: str, variant: str) -> None:
    name = contract.DIRTY if variant == contract.DIRTY else contract.CLEAN
    arguments = ["--database", str(plan.databases / f"{name}.duckdb"), "--variant", variant, "--rows", str(plan.rows)]
    arguments += ["--sql", str(sql_file(plan.sql, tool, variant))]
    try:
        line = call(plan.interpreters[tool], script(tool), arguments).strip().splitlines()[-1]
        runs.results.setdefault(variant, []).append(contract.result(json.loads(line)))
    except (RunFailed, ValueError, IndexError) as error:
        runs.errors[variant] = str(error)
