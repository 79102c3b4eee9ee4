"""One virtual environment a tool, made with uv from its pinned requirements, again when these have changed."""

import shutil
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements"
HOME = Path(__file__).parents[2] / ".local" / "bench" / "export"


class EnvironmentFailed(RuntimeError):
    """A tool could not be installed; the message says why."""


def requirements(tool: str) -> str:
    """Return the text of the pinned requirements of `tool`."""
    return (REQUIREMENTS / f"{tool}.txt").read_text("utf-8")


def make(tool: str) -> Path:
    """Return the interpreter of the environment of `tool`, made first if need be; raise EnvironmentFailed."""
    place, pins = HOME / "environments" / tool, requirements(tool)
    python, marker = place / "bin" / "python", place / ".requirements"
    if marker.is_file() and marker.read_text("utf-8") == pins:
        return python
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.is_file() else shutil.which("uv")
    if uv is None:
        raise EnvironmentFailed("there is no uv, which makes the environments")
    shutil.rmtree(place, ignore_errors=True)
    _call([uv, "venv", "--quiet", "--python", sys.executable, str(place)])
    listed = str(REQUIREMENTS / f"{tool}.txt")
    _call([uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), "-r", listed])
    marker.write_text(pins, "utf-8")
    return python


def _call(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    if done.returncode:
        words = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        raise EnvironmentFailed(" ".join(words[-3:]) or f"{command[0]} failed")
