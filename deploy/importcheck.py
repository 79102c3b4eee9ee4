"""Imports a staged function in an isolated interpreter, every staged module of it, as the platform would find them.

Runs in a plain Python image, so it imports the standard library only.
`python -m deploy.importcheck NAME --stage DIR`
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Sequence

# What runs in the isolated interpreter. Every module is imported, not `main` alone, because a module that is
# imported late would otherwise fail on its first request. Only the stage and the interpreter's own library may serve.
_PROGRAM = """
import importlib, pathlib, sys, sysconfig

stage, name = pathlib.Path(sys.argv[1]), sys.argv[2]
sys.path.insert(0, str(stage))
entry = getattr(importlib.import_module("main"), name, None)
if not callable(entry):
    sys.exit(f"main.{name} is not callable")
for path in sorted(stage.rglob("*.py")):
    parts = path.relative_to(stage).with_suffix("").parts
    importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
library = {pathlib.Path(sysconfig.get_path(key)).resolve() for key in ("stdlib", "platstdlib", "purelib", "platlib")}
for module in list(sys.modules.values()):
    file = getattr(module, "__file__", None)
    if file is None or module.__name__ == "__main__":
        continue
    first_party = module.__name__.partition(".")[0] in ("main", "cloud_functions", "shared")
    roots = {stage} if first_party else {stage} | library
    if not any(pathlib.Path(file).resolve().is_relative_to(root) for root in roots):
        sys.exit(f"{module.__name__} was imported from outside the stage: {file}")
"""


class ImportCheckError(RuntimeError):
    """The staged function does not import by itself; the message ends with what the interpreter said."""


def check(name: str, *, directory: pathlib.Path) -> None:
    """Import the stage in `directory` and its function `name`; raise ImportCheckError when that fails."""
    stage = directory.resolve()
    if not (stage / "main.py").is_file():
        raise ImportCheckError(f"{directory} is not a stage: it has no main.py")
    with tempfile.TemporaryDirectory() as elsewhere:
        # -I: neither PYTHONPATH nor the working folder helps; -B: the check leaves no byte code in what will ship.
        command = [sys.executable, "-I", "-B", "-c", _PROGRAM, str(stage), name]
        done = subprocess.run(command, cwd=elsewhere, capture_output=True, text=True, check=False)  # noqa: S603 - our own program and interpreter
    if done.returncode != 0:
        raise ImportCheckError(f"the stage of {name} does not import by itself:\n{done.stderr.strip()}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code of the command line `arguments`: 0 when the stage imports, else 1."""
    parser = argparse.ArgumentParser(prog="python -m deploy.importcheck", description="Import a staged function.")
    parser.add_argument("name", help="the function that was staged")
    parser.add_argument("--stage", type=pathlib.Path, required=True, help="the folder that deploy.stage wrote")
    options = parser.parse_args(arguments)
    try:
        check(options.name, directory=options.stage)
    except ImportCheckError as error:
        print(f"deploy.importcheck: {error}", file=sys.stderr)
        return 1
    print(f"{options.name} imports from {options.stage} alone")
    return 0


if __name__ == "__main__":
    sys.exit(main())
