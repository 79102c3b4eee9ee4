"""`python -m local serve`: everything up behind one port, attachable from a shell, and gone when it ends."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy import stage
from local import catalogue

PROCESSES = Path("/proc")


class Served:
    """A `serve` process on `data_dir`, ready, with the first lines that it printed."""

    def __init__(self, data_dir: Path, *options: str, **variables: str) -> None:
        self.data_dir = data_dir
        self.errors = (data_dir.parent / "serve.err").open("w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "local", "serve", "--port=0", f"--data-dir={data_dir}", *options],
            cwd=stage.REPOSITORY,
            env={**os.environ, **variables},
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            start_new_session=True,
        )
        self.greeting = self._read_greeting()
        self.family = descendants(self.process.pid)

    def _read_greeting(self) -> str:
        assert self.process.stdout
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                return "".join(lines)
        raise AssertionError(f"serve ended with {self.process.wait()}: {self.said()}")

    def said(self) -> str:
        """Return what was told on stderr."""
        self.errors.seek(0)
        return self.errors.read()

    def variables(self) -> dict[str, str]:
        """Return what a shell has after sourcing the environment file, and nothing else."""
        script = f'. "{self.data_dir}/env" && exec env -0'
        shell = subprocess.run(
            ["/bin/sh", "-c", script], env={"PATH": os.defpath}, capture_output=True, check=True, text=True
        )
        return dict(pair.split("=", 1) for pair in shell.stdout.split("\0") if pair)

    def end(self, signum: signal.Signals) -> int:
        """Send `signum`, as a terminal does to its whole group, else to one process, and return the exit code."""
        if signum is signal.SIGINT:
            os.killpg(self.process.pid, signum)
        else:
            self.process.send_signal(signum)
        return self.process.wait(60)

    def close(self) -> None:
        """End it, whatever a test did."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)
        if self.process.stdout:
            self.process.stdout.close()
        self.errors.close()


def descendants(pid: int) -> set[int]:
    """Return the processes that `pid` started, and those that they started."""
    parents = {}
    for path in PROCESSES.glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    found, grown = set[int](), {pid}
    while grown:
        grown = {child for child, parent in parents.items() if parent in grown}
        found |= grown
    return found


def survivors(pids: set[int]) -> set[int]:
    """Return those of `pids` that still live after twenty seconds, or nothing as soon as all are gone."""
    left = set()
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            if not select.select([handle], [], [], 20)[0]:
                left.add(pid)
        finally:
            os.close(handle)
    return left


def get(url: str) -> dict[str, Any]:
    """Return the JSON object at `url`."""
    with urllib.request.urlopen(url, timeout=120) as answer:  # noqa: S310 - a server of this test
        value: dict[str, Any] = json.load(answer)
        return value


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Yield a cloud that is served empty, with declarations of its own."""
    folder = tmp_path_factory.mktemp("serve")
    declared = folder / "declared" / "bigquery_backup"
    declared.mkdir(parents=True)
    (declared / "backups.yaml").write_text("bucket: ${BACKUP_BUCKET}\ndatasets:\n  - dataset: sales\n")
    made = Served(folder / "data", "--empty", DECLARATIONS_DIR=str(declared.parent))
    yield made
    made.close()


def test_every_function_answers_behind_the_one_port(served: Served) -> None:
    """The gateway lists all functions, and each answers a probe with its report."""
    gateway = served.variables()["PRESSBOX_GATEWAY"]
    listed = [one["name"] for one in get(gateway)["functions"]]
    assert listed == list(catalogue.functions())
    for name in listed:
        assert get(f"{gateway}/{name}?probe=1")["function"] == name


def test_the_greeting_tells_where_everything_is(served: Served) -> None:
    """Each address of the environment file stands on the screen, and a call to try."""
    variables = served.variables()
    for name in ("PRESSBOX_GATEWAY", "BIGQUERY_EMULATOR_HOST", "STORAGE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST"):
        assert variables[name] in served.greeting
    assert "curl -s '" in served.greeting
    assert str(served.data_dir / "env") in served.greeting


def test_a_client_attaches_through_the_environment_file_alone(served: Served) -> None:
    """Buckets stand, and the ledger's dataset, but no other: that is what an empty cloud is."""
    script = (
        "from google.cloud import bigquery, storage\n"
        "print([b.name for b in storage.Client().list_buckets()], "
        "[d.dataset_id for d in bigquery.Client().list_datasets()])"
    )
    done = subprocess.run(
        ["/bin/sh", "-c", f'. "{served.data_dir}/env" && exec "$0" -c "$1"', sys.executable, script],
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout.strip() == "['nba-bigquery-backups', 'nba-pressbox-ops', 'nba-props-platform-api'] ['ops']"


def test_the_environment_file_names_project_and_buckets(served: Served) -> None:
    """Whoever sources it can address what the functions use."""
    variables = served.variables()
    assert variables["GOOGLE_CLOUD_PROJECT"] == "nba-props-platform"
    assert (variables["BACKUP_BUCKET"], variables["OPS_BUCKET"]) == ("nba-bigquery-backups", "nba-pressbox-ops")


def test_the_functions_read_another_pipelines_declarations(served: Served) -> None:
    """`DECLARATIONS_DIR` of the caller reaches the functions: the declared dataset of that pipeline is missed."""
    report = get(served.variables()["PRESSBOX_GATEWAY"] + "/bigquery_backup?dry_run=true")
    found = [(one["subject"], one["status"], one["reason"]) for one in report["findings"]]
    assert found == [("sales", "fail", "missing_dataset")]


def test_a_second_cloud_on_the_same_directory_is_refused(served: Served) -> None:
    """The error names the directory, the process that has it, and the way out."""
    command = [sys.executable, "-m", "local", "serve", "--port=0", f"--data-dir={served.data_dir}"]
    done = subprocess.run(command, capture_output=True, check=False, text=True, cwd=stage.REPOSITORY)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{served.data_dir} is in use by process {served.process.pid}" in done.stderr
    assert "--data-dir" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_told_before_anything_starts(tmp_path: Path) -> None:
    """The error names the port, and no data directory of a cloud was made."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "local", "serve", f"--port={port}", f"--data-dir={tmp_path}"]
        done = subprocess.run(command, capture_output=True, check=False, text=True, cwd=stage.REPOSITORY)
    assert done.returncode == 1
    assert f"port {port} cannot be listened on" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("demo*"))


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_every_process(tmp_path: Path, signum: signal.Signals) -> None:
    """Ctrl-C and SIGTERM are the ordinary end: exit code 0, no child left, no environment file, no traceback."""
    made = Served(tmp_path / "data", "--empty")
    try:
        assert len(made.family) >= 2
        assert made.end(signum) == 0
        assert survivors(made.family) == set()
        assert not (tmp_path / "data" / "env").exists()
        assert "Traceback" not in made.said()
    finally:
        made.close()


def test_a_kill_ends_every_process_too(tmp_path: Path) -> None:
    """After SIGKILL no child lives on."""
    made = Served(tmp_path / "data", "--empty")
    try:
        assert len(made.family) >= 2
        assert made.end(signal.SIGKILL) == -signal.SIGKILL
        assert survivors(made.family) == set()
    finally:
        made.close()
