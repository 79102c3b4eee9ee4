"""The function as the platform runs it, its worker killed with SIGKILL at a chosen write, and begun again."""

import concurrent.futures
import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
import requests

from cloud_functions.live_export import run
from local import functions, processes
from tests.cloud_functions.live_export import scenes


@contextlib.contextmanager
def serving(
    function: functions.Function, scene: scenes.Scene, folder: pathlib.Path
) -> Iterator[tuple[str, Callable[[], int]]]:
    """Yield the address of a function of one test's own, and what tells the process of its worker.

    The server begins a new worker whenever one is killed, as the platform begins a new instance.
    """
    port = processes.free_port()
    command = [sys.executable, "-m", "functions_framework", f"--target={run.NAME}", f"--port={port}"]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment |= {**scene.variables, "DECLARATIONS_DIR": str(scene.folder)}
    with (folder / "log").open("wb") as log, subprocess.Popen(
        [*command, f"--source={function.directory / 'main.py'}", f"--host={processes.HOST}"],
        env=environment, stdout=log, stderr=log, start_new_session=True,
    ) as started:  # fmt: skip
        try:
            wait_until(lambda: answers(port))
            yield f"http://{processes.HOST}:{port}/", lambda: _worker(started.pid)
        finally:
            os.killpg(started.pid, signal.SIGKILL)


def answers(port: int) -> bool:
    """Return whether a function answers; a HEAD runs nothing."""
    try:
        return requests.head(f"http://{processes.HOST}:{port}/", timeout=5).status_code == requests.codes.ok
    except requests.ConnectionError:
        return False


def _worker(master: int) -> int:
    children = pathlib.Path(f"/proc/{master}/task/{master}/children").read_text("ascii").split()
    assert len(children) == 1, children
    return int(children[0])


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds; fail after 30 seconds."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.005)


def kill_at(scene: scenes.Scene, worker: Callable[[], int], *, write: str, moment: str) -> None:
    """Run an export that is killed before (`hold`) or after (`hold_answer`) a write to a path, as a regular expression.

    Its lease counts as run out, and nothing of it is under way any more.
    """
    if "status" in write:
        scene.next_second()
    scene.fault(match=scenes.upload(f"{scenes.PREFIX}/{write}"), action=moment)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        call = pool.submit(scene.export)
        wait_until(lambda: scene.committed() == 1 or call.done())
        assert not call.done(), f"{write} is not written: {told(call)}"
        os.kill(worker(), signal.SIGKILL)
        with pytest.raises(requests.ConnectionError):
            call.result()
    scene.mend()
    scene.free()


def told(call: "concurrent.futures.Future[dict[str, Any]]") -> str:
    """Return the summary of a call that should not have ended."""
    return str(call.result()["summary"])


class Served(NamedTuple):
    """A scene whose function may be killed, and what tells the process to kill."""

    scene: scenes.Scene
    worker: Callable[[], int]
