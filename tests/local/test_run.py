"""`python -m local run`: the demo world's day from a command line, and an exit code that can be believed."""

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deploy import stage
from local import calls, catalogue
from local.commands import run

DAYS = 30
TABLES = 11
MANIFEST = "gs://nba-bigquery-backups/daily/"


def command(data_dir: Path) -> list[str]:
    """Return the command that runs a small world in `data_dir`."""
    return [sys.executable, "-m", "local", "run", f"--days={DAYS}", f"--data-dir={data_dir}"]


def piped(data_dir: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Return the finished command, its output in pipes, with `variables` set."""
    environment = os.environ | variables
    return subprocess.run(
        command(data_dir), cwd=stage.REPOSITORY, capture_output=True, check=False, text=True, env=environment
    )


def backups(folder: Path, text: str | None = None) -> dict[str, str]:
    """Return the variables of a pipeline that declares its backups only: those that ship, or `text`."""
    (folder / "bigquery_backup").mkdir(parents=True)
    shipped = stage.REPOSITORY / "cloud_functions" / "bigquery_backup" / "backups.yaml"
    (folder / "bigquery_backup" / "backups.yaml").write_text(text or shipped.read_text("utf-8"), "utf-8")
    return {"DECLARATIONS_DIR": str(folder)}


def told(done: "subprocess.CompletedProcess[str]", function: str = "bigquery_backup") -> list[dict[str, Any]]:
    """Return the reports of a function, in their order, among those that a pipe got."""
    return [one for one in json.loads(done.stdout) if one["function"] == function]


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
    shutil.copytree(data_dir / "alerts", data_dir / "first-alerts")
    return data_dir, done


def test_a_run_backs_up_all_eleven_tables_and_says_so(
    first: "tuple[Path, subprocess.CompletedProcess[str]]",
) -> None:
    """Exit 0, status pass, and every table of the declaration verified to level 3."""
    _, done = first
    assert done.returncode == 0, done.stderr
    (report,) = told(done)
    assert report["status"] == "pass"
    assert len(verified(report)) == TABLES
    assert all(one["observed"] > 0 for one in report["findings"] if one["status"] == "pass")


def test_a_run_is_the_whole_day(first: "tuple[Path, subprocess.CompletedProcess[str]]") -> None:
    """Every function reports, the checks once a suite, and every report is valid, complete and delivered."""
    _, done = first
    reports = json.loads(done.stdout)
    assert {one["function"] for one in reports} == set(catalogue.functions())
    assert [one["scope"] for one in told(done, "validation_runner")] == [
        "post_overnight", "grading", "models", "pre_game", "post_game",
    ]  # fmt: skip
    assert [calls.flaws(one) for one in reports] == [[]] * len(reports)


def test_the_demo_worlds_faults_are_shown_and_do_not_fail_the_command(
    first: "tuple[Path, subprocess.CompletedProcess[str]]",
) -> None:
    """Seven failing jobs and the Gen1 leftovers stand in the health report; every reporter was heard."""
    _, done = first
    (report,) = told(done, "daily_health_check")
    bad = [one for one in report["findings"] if one["status"] in ("fail", "error")]
    assert len([one for one in bad if one["kind"] == "job"]) == 7
    leftovers = {one["subject"] for one in report["findings"] if one["reason"] == "gen1" and one["kind"] == "function"}
    assert leftovers == {"live-freshness-monitor", "news-fetcher"}
    assert {one["kind"] for one in bad} == {"job", "service", "function"}
    heard = [one["status"] for one in report["findings"] if one["kind"] == "reporter"]
    assert len(heard) > TABLES // 2
    assert set(heard) <= {"pass", "skip"}
    assert done.returncode == 0


def test_the_status_page_stands_as_a_file(first: "tuple[Path, subprocess.CompletedProcess[str]]") -> None:
    """It shows what the health check found."""
    data_dir, _ = first
    page = (data_dir / "reports" / "status.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert "same-day-phase3" in page


def test_people_are_told(first: "tuple[Path, subprocess.CompletedProcess[str]]") -> None:
    """The messages about the day arrived, few of them, and name the failing jobs."""
    data_dir, _ = first
    messages = [path.read_text("utf-8") for path in sorted((data_dir / "first-alerts").glob("*.json"))]
    assert 1 <= len(messages) <= 8
    assert any("same-day-phase3" in text for text in messages)


def test_a_pipe_gets_the_reports_as_they_were_saved(
    first: "tuple[Path, subprocess.CompletedProcess[str]]",
) -> None:
    """What a program reads is what stands in the reports folder."""
    data_dir, done = first
    assert told(done) == [json.loads((data_dir / "first.json").read_text("utf-8"))]


def test_the_stages_and_their_times_are_told_on_stderr(
    first: "tuple[Path, subprocess.CompletedProcess[str]]",
) -> None:
    """A person sees what takes the time; a pipe is not disturbed."""
    _, done = first
    stages = [line.split(":")[0] for line in done.stderr.splitlines() if line.endswith(" s")]
    assert stages[0] == "embedded cloud"
    assert stages[-2] == "daily_health_check"
    assert stages.index("bigquery_backup") < stages.index("validation_runner.pre_game")


def test_the_manifest_stands_as_a_file_to_look_at(first: "tuple[Path, subprocess.CompletedProcess[str]]") -> None:
    """The address in the summary leads to a plain file under the data directory."""
    data_dir, done = first
    address = told(done)[0]["summary"].partition("gs://")[2]
    found = list(data_dir.rglob(f"storage/{address}"))
    assert len(found) == 1
    assert json.loads(found[0].read_text("utf-8"))["complete"] is True


def test_a_second_run_of_the_day_is_a_new_attempt_and_a_terminal_gets_a_table(
    first: "tuple[Path, subprocess.CompletedProcess[str]]",
) -> None:
    """The table has a line for each table, the manifest of the second run, what is wrong, and where to look."""
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
    assert "/run-01/manifest.json" in told(done)[0]["summary"]
    # Other tests run in this directory too, so it need not be the second.
    assert int(re.findall(r"/run-([0-9]+)/manifest.json", text)[0]) > 1
    assert text.count(" L3 ") == TABLES
    for name in ("bigquery_backup.json", "validation_runner.pre_game.json", "status.html"):
        assert str(data_dir / "reports" / name) in text
    assert re.search(r"fail +job same-day-phase3 +overloaded", re.sub(r"\x1b\[[0-9;]*m", "", text))


def test_a_backup_with_a_flaw_ends_with_one_and_still_leaves_its_report(
    first: "tuple[Path, subprocess.CompletedProcess[str]]", tmp_path: Path
) -> None:
    """A declared table that is not there: exit 1, the report says fail and names it, and the others are backed up."""
    data_dir, _ = first
    text = "bucket: ${BACKUP_BUCKET}\ndatasets:\n  - dataset: nba_precompute\n    include: [player_daily_cache, gone]\n"
    done = piped(data_dir, **backups(tmp_path / "declared", text))
    (report,) = json.loads(done.stdout)
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
    done = piped(tmp_path, **backups(tmp_path / "declared"))
    assert done.returncode == 0, done.stderr
    assert len(verified(told(done)[0])) == TABLES


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


@pytest.mark.parametrize(
    ("function", "status", "flaws", "expected"),
    [
        ("bigquery_backup", "pass", [], True),
        ("bigquery_backup", "warn", [], False),
        ("validation_runner", "fail", [], True),
        ("daily_health_check", "fail", ["it is not complete"], False),
        ("bigquery_backup", "pass", ["not delivered to the ledger: failed: x"], False),
    ],
)
def test_what_fails_the_command(function: str, status: str, flaws: list[str], *, expected: bool) -> None:
    """A backup that is not pass, or any report that is not whole; what the checks find is the demo world's."""
    told = run.Told(run.Call(function, {}, function), {"status": status}, Path("x"), flaws)

    assert run.good(told) is expected
