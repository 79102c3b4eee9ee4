"""`python -m local run`: one backup of the demo world from a command line, and an exit code that can be believed."""

import http.server
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy import stage
from local.commands import run

DAYS = 7
TABLES = 11
MANIFEST = "gs://nba-bigquery-backups/daily/"
Answering = Callable[[int, bytes], str]


def command(data_dir: Path) -> list[str]:
    """Return the command that runs a small world in `data_dir`."""
    return [sys.executable, "-m", "local", "run", f"--days={DAYS}", f"--data-dir={data_dir}"]


def piped(data_dir: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Return the finished command, its output in pipes, with `variables` set."""
    environment = os.environ | variables
    return subprocess.run(
        command(data_dir), cwd=stage.REPOSITORY, capture_output=True, check=False, text=True, env=environment
    )


def verified(report: dict[str, Any]) -> list[str]:
    """Return the tables that reached level 3."""
    return [one["subject"] for one in report["findings"] if one["evidence"].get("level") == 3]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> "tuple[Path, subprocess.CompletedProcess[str]]":
    """Return a data directory, and the first run in it."""
    data_dir = tmp_path_factory.mktemp("run") / "data"
    done = piped(data_dir)
    # The other tests run in this directory too, in any order, and leave reports of their own.
    shutil.copy(data_dir / "reports" / "bigquery_backup.json", data_dir / "first.json")
    return data_dir, done


def test_a_run_backs_up_all_eleven_tables_and_says_so(
    first: "tuple[Path, subprocess.CompletedProcess[str]]",
) -> None:
    """Exit 0, status pass, and every table of the declaration verified to level 3."""
    _, done = first
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["status"] == "pass"
    assert len(verified(report)) == TABLES
    assert all(one["observed"] > 0 for one in report["findings"] if one["status"] == "pass")


def test_a_pipe_gets_the_report_itself_as_it_was_saved(
    first: "tuple[Path, subprocess.CompletedProcess[str]]",
) -> None:
    """What a program reads is what stands in the reports folder, and it keeps the published schema."""
    data_dir, done = first
    saved = (data_dir / "first.json").read_text("utf-8")
    assert done.stdout == saved
    assert run.problems(json.loads(saved)) == []


def test_the_stages_and_their_times_are_told_on_stderr(
    first: "tuple[Path, subprocess.CompletedProcess[str]]",
) -> None:
    """A person sees what takes the time; a pipe is not disturbed."""
    _, done = first
    told = [line.split(":")[0] for line in done.stderr.splitlines() if line.endswith(" s")]
    assert told[0] == "embedded cloud"
    assert told[-2] == "bigquery_backup"


def test_the_manifest_stands_as_a_file_to_look_at(first: "tuple[Path, subprocess.CompletedProcess[str]]") -> None:
    """The address in the summary leads to a plain file under the data directory."""
    data_dir, done = first
    address = json.loads(done.stdout)["summary"].partition("gs://")[2]
    found = list(data_dir.rglob(f"storage/{address}"))
    assert len(found) == 1
    assert json.loads(found[0].read_text("utf-8"))["complete"] is True


def test_a_second_run_of_the_day_is_a_new_attempt_and_a_terminal_gets_a_table(
    first: "tuple[Path, subprocess.CompletedProcess[str]]",
) -> None:
    """The table has a line for each table, the manifest of the second run, and where to look."""
    data_dir, done = first
    controller, terminal = pty.openpty()
    with subprocess.Popen(
        command(data_dir),
        cwd=stage.REPOSITORY,
        stdout=terminal,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"COLUMNS": "160"},
    ) as process:
        os.close(terminal)
        text = _drained(controller)
    assert process.returncode == 0, text
    assert "/run-01/manifest.json" in json.loads(done.stdout)["summary"]
    # Other tests run in this directory too, so it need not be the second.
    assert int(re.findall(r"/run-([0-9]+)/manifest.json", text)[0]) > 1
    assert text.count(" L3 ") == TABLES
    assert str(data_dir / "reports" / "bigquery_backup.json") in text


def test_a_backup_with_a_flaw_ends_with_one_and_still_leaves_its_report(
    first: "tuple[Path, subprocess.CompletedProcess[str]]", tmp_path: Path
) -> None:
    """A declared table that is not there: exit 1, the report says fail and names it, and the others are backed up."""
    data_dir, _ = first
    declared = tmp_path / "bigquery_backup"
    declared.mkdir()
    text = "bucket: ${BACKUP_BUCKET}\ndatasets:\n  - dataset: nba_precompute\n    include: [player_daily_cache, gone]\n"
    (declared / "backups.yaml").write_text(text, "utf-8")
    done = piped(data_dir, DECLARATIONS_DIR=str(tmp_path))
    report = json.loads(done.stdout)
    assert (done.returncode, report["status"]) == (1, "fail")
    failed = [(one["subject"], one["reason"]) for one in report["findings"] if one["status"] == "fail"]
    assert failed == [("nba_precompute.gone", "missing_table")]
    assert verified(report) == ["nba_precompute.player_daily_cache"]
    assert json.loads((data_dir / "reports" / "bigquery_backup.json").read_text("utf-8")) == report


def _drained(controller: int) -> str:
    parts = []
    while True:
        try:
            part = os.read(controller, 65536)
        except OSError:  # the other side is closed
            break
        if not part:
            break
        parts.append(part)
    os.close(controller)
    return b"".join(parts).decode()


def test_a_run_that_was_killed_half_way_is_not_in_the_way_of_the_next(tmp_path: Path) -> None:
    """SIGKILL while the world is being made: the next run starts over where it must, and passes."""
    with subprocess.Popen(
        command(tmp_path), cwd=stage.REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr
        assert process.stderr.readline().startswith(b"embedded cloud")
        select.select([process.stderr], [], [], 1)
        process.send_signal(signal.SIGKILL)
    done = piped(tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(verified(json.loads(done.stdout))) == TABLES


def test_ctrl_c_ends_a_run_without_a_traceback(tmp_path: Path) -> None:
    """The exit code is that of an interrupt, and no report is made up."""
    with subprocess.Popen(
        command(tmp_path), cwd=stage.REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        assert process.stderr.readline().startswith("embedded cloud")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == 128 + signal.SIGINT
    assert out == ""
    assert "Traceback" not in err
    assert not (tmp_path / "reports").exists()


@pytest.fixture
def answering() -> Iterator[Answering]:
    """Yield a function that serves one status and body to every POST, and returns the address."""
    servers: list[http.server.HTTPServer] = []

    def start(status: int, body: bytes) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        servers.append(http.server.HTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_address[1]}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_the_answer_of_a_call_is_its_json(answering: Answering) -> None:
    """A JSON object comes back as it is."""
    assert run.call(answering(200, b'{"status": "pass"}')) == {"status": "pass"}


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (500, b"boom", "answered 500: boom"),
        (502, b'{"error": {}}', "answered 502"),
        (200, b"<html>", "did not answer with a report"),
        (200, b"[]", "no object: "),
        (200, b"", "did not answer with a report"),
    ],
)
def test_what_is_no_report_is_an_error_that_quotes_it(
    answering: Answering, status: int, body: bytes, told: str
) -> None:
    """Another status, another type or nothing at all is never taken for a report."""
    with pytest.raises(run.CallError, match=told):
        run.call(answering(status, body))


def test_a_function_that_is_not_there_is_an_error() -> None:
    """A refused connection is told with its address."""
    with pytest.raises(run.CallError, match=r"http://127\.0\.0\.1:9/ did not answer"):
        run.call("http://127.0.0.1:9/")


def test_a_report_that_breaks_the_schema_is_found_out() -> None:
    """Each flaw has its place."""
    found = run.problems({"schema_version": 1, "status": "fine"})
    assert any(flaw.startswith("$.status: 'fine' is not one of") for flaw in found)
    assert any("'findings' is a required property" in flaw for flaw in found)


def test_saving_replaces_the_last_report_whole(tmp_path: Path) -> None:
    """Only the newest report stands there, readable, with nothing beside it."""
    path = tmp_path / "reports" / "one.json"
    run.save(path, {"long": "x" * 1000})
    run.save(path, {"name": "Jokić"})
    assert path.read_text("utf-8") == '{\n  "name": "Jokić"\n}\n'
    assert [one.name for one in path.parent.iterdir()] == ["one.json"]
