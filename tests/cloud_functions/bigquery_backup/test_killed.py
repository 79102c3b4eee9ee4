"""A backup that is killed with SIGKILL at any step: the next call completes it, and nothing half-done is a backup."""

import concurrent.futures
import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
import requests
import yaml

from deploy import stage
from local import cloud as local_cloud
from local import processes
from shared import entrypoint
from tests.cloud_functions.bigquery_backup import scenes


def written(part: str) -> str:
    """Return what matches the upload of an object whose name has this part."""
    return rf'(?s)\APOST /upload/[^\n]*\n.*"name": ?"[^"]*{re.escape(part)}'


# Every request of a run that changes something, in the order in which a run of two tables makes them.
STEPS = {
    "lease": ("storage", written("leases/"), 0),
    "plan": ("storage", written("plan.json"), 0),
    "scratch": ("bigquery", r"POST /bigquery/v2/projects/[^/]+/datasets", 0),
    "first clone": ("bigquery", r'POST .*/jobs[^/]*\n.*"CLONE"', 0),
    "second clone": ("bigquery", r'POST .*/jobs[^/]*\n.*"CLONE"', 1),
    "first extract": ("bigquery", r'POST .*/jobs[^/]*\n.*"extract"', 0),
    "second extract": ("bigquery", r'POST .*/jobs[^/]*\n.*"extract"', 1),
    "first shard": ("storage", written("/tables/"), 0),
    "second shard": ("storage", written("/tables/"), 1),
    "clone's end": ("bigquery", r"DELETE .*/tables/clone_", 0),
    "manifest": ("storage", written("manifest.json"), 0),
    "lease's end": ("storage", r"DELETE .*leases", 0),
    "report": ("storage", written("reports/"), 0),
}


@contextlib.contextmanager
def process(
    cloud: local_cloud.Cloud, folder: pathlib.Path, **variables: str
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Yield the address and the process of a function of this test's own, which may be killed."""
    staged = stage.stage("bigquery_backup", root=stage.REPOSITORY, output=folder / "stage")
    port = processes.free_port()
    command = [sys.executable, "-m", "functions_framework", "--target=bigquery_backup", f"--port={port}"]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment |= cloud.environ() | {"OPS_BUCKET": "ops-of-tests", "DECLARATIONS_DIR": str(folder)} | variables
    with (folder / "log").open("wb") as log, subprocess.Popen(
        [*command, f"--source={staged.directory / 'main.py'}", "--debug"],
        env=environment, stdout=log, stderr=log, start_new_session=True,
    ) as started:  # fmt: skip
        try:
            yield f"http://127.0.0.1:{port}/", started
        finally:
            kill(started)


def kill(started: "subprocess.Popen[bytes]") -> None:
    """End a process and its children at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(started.pid, signal.SIGKILL)
    started.wait(10)


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds; fail after 20 seconds."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def answers(url: str) -> bool:
    """Return whether a function answers at all."""
    with contextlib.suppress(requests.ConnectionError):
        return requests.head(url, timeout=10).status_code == 200
    return False


def declare(scene: scenes.Scene, folder: pathlib.Path) -> None:
    """Declare the scene's dataset for a function of this test's own."""
    declared = {"bucket": scene.bucket, "datasets": [{"dataset": scene.dataset}], "lease_seconds": 1}
    (folder / "bigquery_backup").mkdir()
    (folder / "bigquery_backup" / "backups.yaml").write_text(yaml.safe_dump(declared), "utf-8")


def test_run_without_time_says_so_and_the_next_goes_on(scene: scenes.Scene, tmp_path: pathlib.Path) -> None:
    """Near the platform's timeout a run takes no further step; the next call closes the same run."""
    scene.table("a", 20)
    scene.table("b", 30)
    declare(scene, tmp_path)
    limit = str(entrypoint.MARGIN + 1.5)
    scene.fault("bigquery", match='POST .*/jobs[^/]*\\n.*"extract"', action="slow_job", seconds=5, times=2)

    with process(scene.cloud, tmp_path, CLOUD_RUN_TIMEOUT_SECONDS=limit) as (url, _):
        wait_until(lambda: answers(url))
        late = scenes.checked(requests.post(url, json={}, timeout=60))

    assert scenes.statuses(late) == {"a": ("error", "not_reached"), "b": ("error", "not_reached")}
    assert scene.manifests() == []
    assert "no backup yet" in late["summary"]

    scene.mend()
    report = scene.call()

    assert report["status"] == "pass"
    assert report["as_of"] == late["as_of"]
    assert [name.split("/")[-2] for name in scene.manifests()] == ["run-01"]


@pytest.mark.parametrize("moment", ["hold", "hold_answer"])
@pytest.mark.parametrize("step", STEPS)
def test_next_run_completes_what_a_killed_run_began(
    scene: scenes.Scene, tmp_path: pathlib.Path, step: str, moment: str
) -> None:
    """Killed before or after a step is carried out: every manifest is whole, and the next call is green."""
    scene.table("a", 20)
    scene.table("b", 30)
    declare(scene, tmp_path)
    service, match, after = STEPS[step]

    with process(scene.cloud, tmp_path) as (url, started), concurrent.futures.ThreadPoolExecutor() as pool:
        wait_until(lambda: answers(url))
        scene.fault(service, match=match, action=moment, after=after)
        call = pool.submit(requests.post, url, json={}, timeout=60)
        wait_until(lambda: scene.committed(service) == 1)
        kill(started)
        with pytest.raises(requests.ConnectionError):
            call.result()
    scene.mend()
    assert_closed_runs_are_whole(scene)

    report = scene.call()
    while report["findings"] and report["findings"][0]["reason"] == "already_running":
        report = scene.call()

    assert report["status"] == "pass", report["summary"]
    assert scenes.statuses(report) == {"a": ("pass", "verified"), "b": ("pass", "verified")}
    assert scene.manifests()
    assert_closed_runs_are_whole(scene)


def assert_closed_runs_are_whole(scene: scenes.Scene) -> None:
    """Assert that every manifest's files are there, with their generations and all rows."""
    for name in scene.manifests():
        for entry in scene.read(name)["tables"]:
            shard = scene.read(entry["shard"])
            assert sum(file["rows"] for file in shard["files"]) == {"a": 20, "b": 30}[shard["table"]["table"]]
            for file in shard["files"]:
                assert scene.storage.bucket(scene.bucket).get_blob(file["name"]).generation == file["generation"]
