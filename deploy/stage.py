"""Writes the deployable folder of one function: an allow-list of files, a one-line root `main.py`, and what was built.

Runs in a plain Python image, so it imports the standard library only.
`python -m deploy.stage NAME --output DIR [--commit SHA] [--check]`
"""

import argparse
import dataclasses
import hashlib
import json
import pathlib
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence

from deploy import importcheck

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
BUILD_FILE = "build.json"
ALSO_FILE = "stage.json"
_FUNCTIONS = "cloud_functions"
_SHARED = "shared"
_SUFFIXES = frozenset({".py", ".yaml", ".json", ".sql", ".ts"})
_WANTED = 'must hold {"also": [patterns below the repository]}'
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class StageError(ValueError):
    """The function cannot be staged; the message names the function or the path, and the reason."""


@dataclasses.dataclass(frozen=True)
class Stage:
    """One staged function: its folder, the SHA-256 of what stands in it, and its files relative to it, sorted."""

    directory: pathlib.Path
    stage_hash: str
    files: tuple[str, ...]


def functions(root: pathlib.Path) -> tuple[str, ...]:
    """Return the names of the functions that can be deployed from the repository `root`, sorted."""
    return tuple(sorted(path.parent.name for path in (root / _FUNCTIONS).glob("*/main.py")))


def stage(name: str, *, root: pathlib.Path, output: pathlib.Path, commit: str = "") -> Stage:
    """Return the stage of function `name` of `root`, written into `output`; raise StageError when it cannot be."""
    _require_function(name, root)
    _require_free(output, root)
    contents = dict(_contents(name, root))
    stage_hash = _digest(contents)
    build = {"commit": commit, "stage_hash": stage_hash, "function": name}
    contents[BUILD_FILE] = (json.dumps(build, indent=2) + "\n").encode()
    _write(contents, output)
    return Stage(directory=output, stage_hash=stage_hash, files=tuple(sorted(contents)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code of the command line `arguments`: 0 when the function was staged, else 1."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.stage", description="Write one function's deployable folder."
    )
    parser.add_argument("name", help="the function: a folder of cloud_functions/")
    parser.add_argument("--output", type=pathlib.Path, required=True, help="the folder to write; absent or empty")
    parser.add_argument("--commit", default="", help="the commit that is built, for the report")
    parser.add_argument("--root", type=pathlib.Path, default=REPOSITORY, help="the repository (default: this one)")
    parser.add_argument("--check", action="store_true", help="also import the stage in an isolated interpreter")
    options = parser.parse_args(arguments)
    try:
        staged = stage(options.name, root=options.root, output=options.output, commit=options.commit)
        if options.check:
            importcheck.check(options.name, directory=staged.directory)
    except (StageError, importcheck.ImportCheckError) as error:
        print(f"deploy.stage: {error}", file=sys.stderr)
        return 1
    print(f"staged {options.name}: {len(staged.files)} files, stage hash {staged.stage_hash}, in {staged.directory}")
    return 0


def _require_function(name: str, root: pathlib.Path) -> None:
    known = functions(root)
    if name not in known:
        raise StageError(f"no function {name!r} in {root / _FUNCTIONS}; functions: {', '.join(known) or 'none'}")
    if not _NAME.fullmatch(name):
        raise StageError(f"{name!r} cannot name a function: small letters, digits and underscores, a letter first")


def _require_free(output: pathlib.Path, root: pathlib.Path) -> None:
    if output.is_symlink() or (output.exists() and not output.is_dir()):
        raise StageError(f"{output} is not a folder")
    if output.exists() and any(output.iterdir()):
        raise StageError(f"{output} is not empty: what an older stage left there must never ship")
    target = output.resolve()
    for source in (root.resolve() / _FUNCTIONS, root.resolve() / _SHARED):
        if target.is_relative_to(source):
            raise StageError(f"{output} lies inside {source}, which is copied: choose a folder elsewhere")


def _contents(name: str, root: pathlib.Path) -> Iterator[tuple[str, bytes]]:
    yield "main.py", f"from {_FUNCTIONS}.{name}.main import {name}\n".encode()
    package = root / _FUNCTIONS
    _refuse_link(package)
    for path in (root / "requirements.txt", package / "__init__.py"):
        yield path.relative_to(root).as_posix(), _read(path)
    for folder in (package / name, root / _SHARED):
        _refuse_link(folder)
        for path in _walk(folder):
            yield path.relative_to(root).as_posix(), _read(path)
    for path in _also(package / name, root):
        yield path.relative_to(root).as_posix(), _read(path)


def _also(folder: pathlib.Path, root: pathlib.Path) -> list[pathlib.Path]:
    """Return the declarations beyond its folder that a function asks for in its `stage.json`; raise StageError."""
    declared = folder / ALSO_FILE
    if not declared.exists():
        return []
    return [path for pattern in _patterns(declared) for path in _matching(pattern, root, declared)]


def _patterns(declared: pathlib.Path) -> list[str]:
    try:
        asked = json.loads(_read(declared))
    except (ValueError, RecursionError) as error:
        raise StageError(f"{declared} {_WANTED}: {error}") from error
    patterns = asked.get("also") if isinstance(asked, dict) and len(asked) == 1 else None
    if not patterns or not isinstance(patterns, list) or not all(isinstance(one, str) for one in patterns):
        raise StageError(f"{declared} {_WANTED}, and nothing else")
    return patterns


def _matching(pattern: str, root: pathlib.Path, declared: pathlib.Path) -> list[pathlib.Path]:
    """Return the declarations that a pattern matches, none of them hidden or behind a link; raise StageError."""
    parts = pathlib.PurePosixPath(pattern).parts
    try:
        found = (
            [] if ".." in parts else [one for one in sorted(root.glob(pattern)) if not _hidden(one.relative_to(root))]
        )
    except (ValueError, IndexError, NotImplementedError) as error:
        raise StageError(f"{declared} {_WANTED}: {pattern!r}: {error}") from error
    if not found or any(path.suffix != ".yaml" for path in found):
        raise StageError(f"{declared}: {pattern!r} must match declarations in YAML, and nothing else")
    for path in found:
        for place in (path, *(root / parent for parent in path.relative_to(root).parents)):
            _refuse_link(place)
    return found


def _hidden(path: pathlib.Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _walk(folder: pathlib.Path) -> Iterator[pathlib.Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name == "__pycache__":
            continue
        _refuse_link(path)
        if path.is_dir():
            yield from _walk(path)
        elif path.suffix in _SUFFIXES:
            yield path


def _refuse_link(path: pathlib.Path) -> None:
    # gcloud's own upload follows links to files and silently drops links to folders: neither is what was reviewed.
    if path.is_symlink():
        raise StageError(f"{path} is a symbolic link: put the file itself there")


def _read(path: pathlib.Path) -> bytes:
    _refuse_link(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise StageError(f"{path} cannot be read: {error.strerror}") from error


def _digest(contents: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for path in sorted(contents):
        # The lengths keep two different trees from running into the same stream of bytes.
        digest.update(f"{len(path.encode())}:{path}:{len(contents[path])}:".encode())
        digest.update(contents[path])
    return digest.hexdigest()


def _write(contents: Mapping[str, bytes], output: pathlib.Path) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    # Beside the output, so that the rename at the end is atomic: a stage is whole or it is not there.
    scratch = pathlib.Path(tempfile.mkdtemp(prefix=f".{output.name}-", dir=output.parent))
    try:
        for name, data in contents.items():
            path = scratch / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        scratch.chmod(0o755)
        scratch.rename(output)
    except OSError as error:
        shutil.rmtree(scratch, ignore_errors=True)
        raise StageError(f"{output} cannot be written: {error}") from error


if __name__ == "__main__":
    sys.exit(main())
