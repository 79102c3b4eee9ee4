"""One virtual environment a tool, made from its pinned requirements when it is missing or its pins have changed."""

import dataclasses
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements"
HOME = Path(__file__).parents[2] / ".local" / "bench"
_DUCKDB = re.compile(r"^duckdb==([\d.]+)$", re.MULTILINE)
_SEED = frozenset({"pip", "uv"})


class EnvironmentFailed(RuntimeError):
    """A tool could not be installed; the message says why."""


@dataclasses.dataclass(frozen=True)
class Weight:
    """What an environment holds: packages, and megabytes of site-packages without bytecode."""

    packages: int
    megabytes: float


def requirements(tool: str) -> str:
    """Return the text of the pinned requirements of `tool`."""
    return (REQUIREMENTS / f"{tool}.txt").read_text("utf-8")


def duckdb_version(text: str) -> tuple[int, ...]:
    """Return the version of DuckDB that the requirements `text` pin; raise ValueError when they do not."""
    found = _DUCKDB.search(text)
    if found is None:
        raise ValueError("the requirements of a tool pin no duckdb")
    return tuple(map(int, found[1].split(".")))


def oldest(texts: dict[str, str]) -> str:
    """Return the tool whose requirements, of `texts`, pin the oldest DuckDB; the first of several."""
    return min(texts, key=lambda tool: duckdb_version(texts[tool]))


def folder(tool: str) -> Path:
    """Return where the environment of `tool` is."""
    return HOME / "environments" / tool


def make(tool: str) -> Path:
    """Return the interpreter of the environment of `tool`, made first if need be.

    With uv when there is one, else with venv and the pip of this interpreter; neither leaves itself in the environment.
    """
    place, pins = folder(tool), requirements(tool)
    python, marker = place / "bin" / "python", place / ".requirements"
    if marker.is_file() and marker.read_text("utf-8") == pins:
        return python
    listed = str(REQUIREMENTS / f"{tool}.txt")
    uv = _uv()
    shutil.rmtree(place, ignore_errors=True)
    if uv:
        _call([uv, "venv", "--quiet", "--python", sys.executable, str(place)])
        _call([uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), "-r", listed])
    else:
        _call([sys.executable, "-m", "venv", "--without-pip", str(place)])
        pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
        _call([*pip, "install", "--quiet", "-r", listed])
    marker.write_text(pins, "utf-8")
    return python


def weigh(place: Path) -> Weight:
    """Return the weight of the environment in the folder `place`."""
    packages = next(place.glob("lib/python*/site-packages"))
    names = {one.name.lower() for one in metadata.distributions(path=[str(packages)])} - _SEED
    files = (path for path in packages.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return Weight(len(names), round(sum(path.stat().st_size for path in files) / 1_000_000, 1))


def _uv() -> str | None:
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.is_file() else shutil.which("uv")


def _call(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    if done.returncode:
        words = [line.strip() for line in done.stderr.splitlines() if line.strip() and "WARNING" not in line]
        raise EnvironmentFailed(" ".join(words[-3:]) or f"{command[0]} failed")
