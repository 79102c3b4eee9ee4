"""Worlds to test: generated in the emulators' environment, counted again there, read here as JSON."""

import dataclasses
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local import cloud as embedded

ROOT = Path(__file__).parents[3]
PYTHON = ROOT / ".venv-emulators" / "bin" / "python"


@dataclasses.dataclass(frozen=True)
class Counted:
    """A world's folder, what its `world.json` tells, and what was counted again from its rows."""

    directory: Path
    told: dict[str, Any]
    answers: dict[str, list[dict[str, Any]]]
    shapes: dict[str, dict[str, Any]]

    def of(self, question: str, **wanted: Any) -> list[dict[str, Any]]:
        """Return the rows that answer `question` and have the values `wanted`."""
        return [row for row in self.answers[question] if all(row[name] == value for name, value in wanted.items())]

    def only(self, question: str, **wanted: Any) -> dict[str, Any]:
        """Return the one row that answers `question` and has the values `wanted`."""
        [row] = self.of(question, **wanted)
        return row


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Return the finished module and arguments, run by the emulators' interpreter."""
    return subprocess.run([str(PYTHON), "-m", *arguments], cwd=ROOT, capture_output=True, check=False, text=True)


def count(directory: Path, *options: str) -> Counted:
    """Return the world generated into `directory` with `options`, counted."""
    made = run("local.world.generate", "--out", str(directory), *options)
    assert made.returncode == 0, made.stderr
    counted = run("local.world.recount", str(directory))
    assert counted.returncode == 0, counted.stderr
    return Counted(directory, json.loads((directory / "world.json").read_text()), **json.loads(counted.stdout))


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Counted]:
    """Return a function that generates and counts a world of the given options."""
    return lambda *options: count(tmp_path_factory.mktemp("world"), *options)


@pytest.fixture(scope="session")
def run_module() -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Return a function that runs a module in the emulators' environment."""
    return run


@pytest.fixture(scope="session")
def full(make: Callable[..., Counted]) -> Counted:
    """Return the whole season."""
    return make()


@pytest.fixture(scope="session")
def small(make: Callable[..., Counted]) -> Counted:
    """Return the last three days."""
    return make("--days", "3")


@pytest.fixture(scope="module")
def warehouse() -> Iterator[embedded.Cloud]:
    """Yield a cloud of one test file's own: every world has the same datasets."""
    with embedded.running() as started:
        yield started


@pytest.fixture(scope="module")
def client(warehouse: embedded.Cloud) -> Iterator[Any]:
    """Yield a BigQuery client of that cloud."""
    made = warehouse.bigquery_client()
    yield made
    made.close()
