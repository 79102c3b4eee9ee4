"""A relay that is killed with SIGKILL at any step: Pub/Sub posts again or a sweep comes, and nothing is lost."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import requests

from deploy import stage
from local import processes
from tests.cloud_functions.alert_relay import conftest
from tests.cloud_functions.alert_relay.receiver import Answer
from tests.cloud_functions.alert_relay.scenes import Scene, envelope, reported

WRITE = r'(?s)\APOST /upload/[^\n]*\n.*"name": ?"[^"]*{name}'
# Every step of a run that tells something, in the order of a run, and how often the webhook gets the message at most.
STEPS = {
    "waiting is listed": (r"GET /storage/v1/b/[^/]+/o\?", "hold", 0, 1),
    "state is read": (r"GET /(download/)?storage/v1/b/[^/]+/o/alerts%2Fstate", "hold", 0, 1),
    "state is about to be written": (WRITE.format(name="alerts/state"), "hold", 0, 1),
    "state is written": (WRITE.format(name="alerts/state"), "hold_answer", 0, 1),
    "message is sent": ("", "hang", 0, 2),
    "state is about to be written again": (WRITE.format(name="alerts/state"), "hold", 1, 2),
    "state is written again": (WRITE.format(name="alerts/state"), "hold_answer", 1, 1),
    "report is about to be kept": (WRITE.format(name="reports/"), "hold", 0, 1),
}


@contextlib.contextmanager
def process(scene: Scene, folder: pathlib.Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Yield the address and the process of a relay of this test's own, which may be killed."""
    staged = stage.stage("alert_relay", root=stage.REPOSITORY, output=folder / "stage")
    port = processes.free_port()
    command = [sys.executable, "-m", "functions_framework", "--target=alert_relay", f"--port={port}", "--debug"]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment |= scene.cloud.environ() | {"OPS_BUCKET": conftest.BUCKET, "DECLARATIONS_DIR": str(scene.folder)}
    environment |= {"ALERTS_WEBHOOK_URL": scene.hook.url}
    with (folder / "log").open("wb") as log, subprocess.Popen(
        [*command, f"--source={staged.directory / 'main.py'}"],
        env=environment, stdout=log, stderr=log, start_new_session=True,
    ) as started:  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}/"
            wait_until(lambda: answers(url))
            yield url, started
        finally:
            kill(started)


def answers(url: str) -> bool:
    """Return whether a function answers at an address; a HEAD runs nothing."""
    try:
        return requests.head(url, timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


def kill(started: "subprocess.Popen[bytes]") -> None:
    """End a process and its children at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(started.pid, signal.SIGKILL)
    started.wait(10)


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds; fail after 30 seconds."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def committed(scene: Scene) -> bool:
    """Return whether a fault of Cloud Storage was committed."""
    address = scene.cloud.environ()["STORAGE_EMULATOR_HOST"]
    return bool(requests.get(f"{address}/_faults", timeout=10).json()["committed"])


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_step_loses_nothing(scene: Scene, tmp_path: pathlib.Path, step: str) -> None:
    """Pub/Sub, without an answer, posts again to the next process; sweeps go on; the news is told, with one id."""
    match, action, after, most = STEPS[step]
    body = envelope(reported(("a", "fail")))
    with process(scene, tmp_path) as (url, started):
        if action == "hang":
            scene.hook.answers[:] = [Answer(failure="hang"), Answer()]
        else:
            scene.fault(match=match, action=action, after=after, times=1)
        poster = threading.Thread(target=post, args=(url, body))
        poster.start()
        wait_until(lambda: len(scene.hook.posts) > 0 if action == "hang" else committed(scene))
        kill(started)
        poster.join(30)
    scene.disarm()
    scene.hook.released.set()

    scene.call(body)
    if scene.state()["outbox"]:
        scene.age(0.06)
        scene.sweep()
    assert 1 <= len(scene.hook.posts) <= most
    assert len({told["id"] for told in scene.hook.bodies}) == 1
    assert scene.told()[0] == [("new", "a")]
    assert scene.state()["outbox"] == []
    assert scene.sweep()["summary"] == "nothing to tell; outbox empty"


def post(url: str, body: object) -> None:
    """Post a message to a process that is killed before it answers."""
    with contextlib.suppress(requests.RequestException):
        requests.post(url, json=body, timeout=30)
