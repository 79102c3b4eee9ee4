"""Runs functions as the platform does: staged, one process each, under the real functions-framework."""

import contextlib
import dataclasses
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from deploy import manifest, stage
from local import environment, processes
from shared import deployment

START_SECONDS = 60.0


@dataclasses.dataclass(frozen=True)
class Function:
    """One function that answers on `port`; it was staged into `directory`, and logs into `log`."""

    name: str
    summary: str
    port: int
    log: Path
    directory: Path


@contextlib.contextmanager
def running(
    names: Sequence[str],
    *,
    data_dir: Path,
    variables: Mapping[str, str],
    root: Path = stage.REPOSITORY,
    commit: str = "",
) -> Iterator[tuple[Function, ...]]:
    """Yield the functions `names` of `root` once all of them answer, and end them afterwards.

    `variables` stand above what `function.yaml` declares, and this above our own environment; a variable that is named
    after a sibling, like LIVE_EXPORT_URL, leads to it. Stages and logs stand in `data_dir`. Raise StageError or
    InvalidDeclaration when one cannot be staged, ProcessError when one does not start.
    """
    with contextlib.ExitStack() as stack:
        started = []
        ports = {name: processes.free_port() for name in names}
        known = {**variables, **{f"{name.upper()}_URL": _url(port) for name, port in ports.items()}}
        for name, port in ports.items():
            function, command, env = _prepare(name, port, root=root, data_dir=data_dir, variables=known, commit=commit)
            child = processes.start(name, command, log=function.log, environment=env, directory=function.directory)
            stack.callback(processes.stop, [child])
            started.append((function, child))
        # Waited for only now, so that they start side by side.
        for function, child in started:
            processes.await_port(child, port=function.port, timeout=START_SECONDS)
        yield tuple(function for function, _ in started)


def _url(port: int) -> str:
    return f"http://{processes.HOST}:{port}/"


def _prepare(
    name: str, port: int, *, root: Path, data_dir: Path, variables: Mapping[str, str], commit: str
) -> tuple[Function, list[str], dict[str, str]]:
    directory = data_dir.resolve() / "stages" / name
    shutil.rmtree(directory, ignore_errors=True)
    stage.stage(name, root=root, output=directory, commit=commit)
    declared = manifest.read(name, root=root)
    function = Function(
        name=name,
        summary=declared.summary,
        port=port,
        log=data_dir.resolve() / "logs" / f"{name}.log",
        directory=directory,
    )
    framework = Path(sys.executable).with_name("functions-framework")
    command = [str(framework), f"--target={name}", f"--source={directory / 'main.py'}"]
    command += [f"--host={processes.HOST}", f"--port={function.port}"]
    return function, command, _environment(declared, variables)


def _environment(declared: deployment.Function, variables: Mapping[str, str]) -> dict[str, str]:
    platform = {"CLOUD_RUN_TIMEOUT_SECONDS": str(declared.timeout)}
    inherited = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    # Without PYTHONPATH the stage must carry all that it imports, as in production.
    return environment.child(inherited, platform | dict(declared.env) | dict(variables))
