"""What becomes of a report is told by the report, by the log, and by the object; the caller has it in any case."""

import dataclasses
import datetime
from collections.abc import Callable
from typing import Any

import pytest

from shared import contract, delivery, entrypoint, errors, report
from shared.report import Finding
from shared.statuses import Status
from tests.shared import reporting

UPLOAD = r"POST /upload/bigquery/v2/projects/[^/]+/jobs[^\n]*\n"
NOW = datetime.datetime(2026, 2, 12, 10, tzinfo=datetime.UTC)
BASE = report.Report("f", "20260212T100000Z-x", "x", NOW, report.Build(None, None, None))


def refuse(_: reporting.Given) -> contract.Outcome:
    """Fail as a whole, as foreseen."""
    raise errors.QuotaExceeded("too much was asked")


def test_run_stands_in_the_ledger_and_the_object_says_so(
    ops: reporting.Ops, capsys: pytest.CaptureFixture[str]
) -> None:
    """The caller, the object and the rows tell of one run; scope, day and cost come from its outcome."""
    day = datetime.date(2026, 2, 11)
    value = reporting.call(
        lambda given: dataclasses.replace(reporting.good(given), scope="daily", day=day, bytes_unfolded=9)
    )

    (run,), (row,) = ops.rows("runs"), ops.rows("findings")
    assert run["run_id"] == row["run_id"] == value["run_id"]
    assert (run["scope"], run["day"], run["bytes_unfolded"]) == (row["scope"], row["day"], 9) == ("daily", day, 9)
    assert (value["scope"], value["day"], value["cost"]["bytes_unfolded"]) == ("daily", "2026-02-11", 9)
    assert value["delivery"]["ledger"] == "delivered"
    assert ops.stored() == value
    assert reporting.severity(capsys) == "INFO"


@pytest.mark.parametrize("fault", [{"action": "fail_job"}, {"action": "refuse", "status": 403}])
@pytest.mark.parametrize("table", ["runs", "findings"])
def test_ledger_that_fails_is_told_and_stops_nothing(
    ops: reporting.Ops, capsys: pytest.CaptureFixture[str], fault: dict[str, Any], table: str
) -> None:
    """A green run whose rows were lost: 200, the whole report, which says so, an object that says so, and an ERROR."""
    struck = {
        "match": UPLOAD + rf'[\s\S]*"tableId": "{table}"',
        "reason": "accessDenied",
        "message": "not you",
        **fault,
    }
    ops.strike(**struck)

    value = reporting.call(reporting.good)

    assert value["delivery"]["ledger"].startswith(f"failed: appending to {ops.dataset}.{table}: ")
    assert "not you" in value["delivery"]["ledger"]
    assert (value["status"], len(value["findings"]), value["delivery"]["object"]) == ("pass", 1, "delivered")
    assert ops.stored() == value
    assert reporting.severity(capsys) == "ERROR"


def test_missing_dataset_is_told(
    ops: reporting.Ops, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A ledger that is configured and not there is no ledger that is not configured."""
    monkeypatch.setenv("OPS_DATASET", "nowhere")

    value = reporting.call(reporting.good)

    assert value["delivery"]["ledger"].startswith("failed: ")
    assert ops.stored() == value
    assert reporting.severity(capsys) == "ERROR"


def test_without_a_dataset_there_is_no_ledger(
    ops: reporting.Ops, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """That is a choice, and no error."""
    monkeypatch.delenv("OPS_DATASET")

    assert reporting.call(reporting.good)["delivery"]["ledger"] == "not_configured"
    assert ops.rows("runs") == []
    assert reporting.severity(capsys) == "INFO"


def test_name_that_is_no_dataset_is_refused(ops: reporting.Ops, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would become part of SQL: nothing runs."""
    monkeypatch.setenv("OPS_DATASET", "ops.runs` --")

    value = reporting.call(reporting.good)

    assert (value["error"]["code"], value["delivery"]["ledger"]) == ("invalid_settings", "not_attempted")
    assert ops.rows("runs") == []


@pytest.mark.parametrize(("run", "code"), [(reporting.crash, "internal"), (refuse, "quota_exceeded")])
def test_run_that_failed_stands_in_the_ledger(
    ops: reporting.Ops, run: Callable[[reporting.Given], contract.Outcome], code: str
) -> None:
    """Silence would look like a run that never began."""
    value = reporting.call(run)

    (row,) = ops.rows("runs")
    assert (row["run_id"], row["status"], row["complete"], row["error_code"]) == (value["run_id"], "error", False, code)
    assert (value["delivery"]["ledger"], ops.rows("findings")) == ("delivered", [])


def test_report_that_cannot_be_sent_is_a_crash_in_the_ledger_too(ops: reporting.Ops) -> None:
    """The caller hears of a crash: the ledger must not say that all went well."""
    bad = Finding("d.t", "rows", Status.PASS, "enough", "seen", observed=float("nan"))

    value = reporting.call(lambda _: contract.Outcome("in short", (bad,)))

    (row,) = ops.rows("runs")
    assert row["error_code"] == value["error"]["code"] == "internal"
    assert ops.stored() == value


@pytest.mark.parametrize(
    "options",
    [
        {"query_string": {"unknown": "1"}},
        {"method": "PUT"},
        {"path": "/elsewhere"},
        {"method": "POST", "data": b"{"},
        {"query_string": {"probe": "2"}},
    ],
)
def test_refused_call_is_no_run(
    ops: reporting.Ops, options: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """A caller's typo is appended to nobody's history; it is told and logged as before."""
    value = reporting.call(reporting.good, **options)

    assert (value["delivery"]["ledger"], value["delivery"]["object"]) == ("not_applicable", "delivered")
    assert value["error"]
    assert ops.rows("runs") == []
    assert reporting.severity(capsys) == "ERROR"


def test_probe_is_no_run_and_tries_the_ledger(ops: reporting.Ops, monkeypatch: pytest.MonkeyPatch) -> None:
    """A probe changes no history; it says whether the ledger's dataset can be reached."""
    value = reporting.call(reporting.good, query_string={"probe": "1"})
    found = {finding["subject"]: finding["status"] for finding in value["findings"]}

    assert (value["delivery"]["ledger"], ops.rows("runs")) == ("not_applicable", [])
    assert (found[f"dataset {ops.dataset}"], found["env OPS_DATASET"]) == ("pass", "pass")

    monkeypatch.setenv("OPS_DATASET", "nowhere")
    missing = {
        finding["subject"]: finding["reason"]
        for finding in reporting.call(reporting.good, query_string={"probe": "1"})["findings"]
    }
    assert missing["dataset nowhere"] == "not_found"


def test_ledger_has_no_more_time_than_the_run_has_left(
    ops: reporting.Ops, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Near its deadline a run reports without the ledger, rather than be killed with the report unsent."""
    ops.strike(match=UPLOAD, action="slow_job", seconds=8, times=2)
    monkeypatch.setenv("CLOUD_RUN_TIMEOUT_SECONDS", str(entrypoint.DELIVERY_MARGIN + 2))

    value = reporting.call(reporting.good)

    assert "still runs" in value["delivery"]["ledger"]
    assert value["duration_ms"] < 8000
    assert ops.stored() == value
    assert reporting.severity(capsys) == "ERROR"


def test_report_without_a_place_is_returned_as_it_is() -> None:
    """Nothing is called for what is no run, even where there is a ledger and a topic."""
    marked = dataclasses.replace(BASE, delivery=report.Delivery(ledger="not_applicable", topic="not_applicable"))

    assert delivery.to_ledger(marked, project=None, dataset="nowhere") is marked
    assert delivery.to_topic(marked, project=None, topic="nowhere") is marked
    assert delivery.to_ledger(BASE, project=None, dataset=None).delivery.ledger == "not_configured"
    assert delivery.to_topic(BASE, project=None, topic=None).delivery.topic == "not_configured"
