"""What becomes of a report is told by the report, by the log, and by the object; the caller has it in any case."""

import dataclasses
import datetime
import json
from collections.abc import Callable, Iterator
from typing import Any

import flask
import jsonschema
import pytest
import requests

from shared import delivery, entrypoint, errors, report, settings
from shared.report import Finding
from shared.statuses import Status

SCHEMA = json.loads((settings.ROOT / "shared" / "report.schema.json").read_text("utf-8"))
UPLOAD = r"POST /upload/bigquery/v2/projects/[^/]+/jobs[^\n]*\n"


@dataclasses.dataclass(frozen=True)
class Asked:
    """Nothing can be asked."""


Given = entrypoint.Run[None, Asked]


@dataclasses.dataclass(frozen=True)
class Ops:
    """Where reports of one test go."""

    bucket: str
    dataset: str
    bigquery: Any
    storage: Any

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Return all rows of a table of the ledger, none when there is no table."""
        if table not in [item.table_id for item in self.bigquery.list_tables(self.dataset)]:
            return []
        return [dict(row) for row in self.bigquery.query_and_wait(f"SELECT * FROM `{self.dataset}.{table}`")]

    def stored(self) -> dict[str, Any]:
        """Return the one report in the bucket."""
        (blob,) = self.storage.list_blobs(self.bucket, prefix="reports/")
        value: dict[str, Any] = json.loads(blob.download_as_bytes())
        return value


@pytest.fixture
def ops(
    emulated: Any,
    make_bucket: Callable[[], str],
    make_dataset: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Ops]:
    """Yield a fresh bucket and dataset that the settings name; faults are disarmed afterwards."""
    found = Ops(make_bucket(), make_dataset(), emulated.bigquery_client(), emulated.storage_client())
    monkeypatch.setenv("OPS_BUCKET", found.bucket)
    monkeypatch.setenv("OPS_DATASET", found.dataset)
    yield found
    requests.delete(f"{emulated.bigquery_url}/_faults", timeout=10).raise_for_status()
    found.bigquery.close()
    found.storage.close()


def call(run: Callable[[Given], entrypoint.Outcome], **options: Any) -> dict[str, Any]:
    """Return the validated report of a function that does `run`, which is answered with 200 in any case."""
    function = entrypoint.Function(
        name="bigquery_backup",
        request=Asked,
        declare=lambda _: None,
        run=run,
        scope=lambda _, __: None,
        lease_seconds=lambda _: 30.0,
        reach=lambda _: entrypoint.Reach((), ()),
    )
    with flask.Flask("test").test_request_context(**options):
        answer = entrypoint.serve(function)(flask.request)
    value: dict[str, Any] = json.loads(answer.get_data())
    jsonschema.validate(value, SCHEMA)
    assert answer.status_code == 200
    return value


def good(_: Given) -> entrypoint.Outcome:
    """Find one thing that is good."""
    return entrypoint.Outcome("in short", (Finding("d.t", "rows", Status.PASS, "enough", "seen", observed=3),))


def crash(_: Given) -> entrypoint.Outcome:
    """Do what nobody foresaw."""
    raise ZeroDivisionError


def refuse(_: Given) -> entrypoint.Outcome:
    """Fail as a whole, as foreseen."""
    raise errors.QuotaExceeded("too much was asked")


def severity(capsys: pytest.CaptureFixture[str]) -> str:
    """Return that of the last line in the log."""
    return str(json.loads(capsys.readouterr().out.splitlines()[-1])["severity"])


def test_run_stands_in_the_ledger_and_the_object_says_so(ops: Ops, capsys: pytest.CaptureFixture[str]) -> None:
    """The caller, the object and the rows tell of one run; scope, day and cost come from its outcome."""
    day = datetime.date(2026, 2, 11)
    value = call(lambda given: dataclasses.replace(good(given), scope="daily", day=day, bytes_unfolded=9))

    (run,), (row,) = ops.rows("runs"), ops.rows("findings")
    assert run["run_id"] == row["run_id"] == value["run_id"]
    assert (run["scope"], run["day"], run["bytes_unfolded"]) == (row["scope"], row["day"], 9) == ("daily", day, 9)
    assert (value["scope"], value["day"], value["cost"]["bytes_unfolded"]) == ("daily", "2026-02-11", 9)
    assert value["delivery"]["ledger"] == "delivered"
    assert ops.stored() == value
    assert severity(capsys) == "INFO"


@pytest.mark.parametrize("fault", [{"action": "fail_job"}, {"action": "refuse", "status": 403}])
@pytest.mark.parametrize("table", ["runs", "findings"])
def test_ledger_that_fails_is_told_and_stops_nothing(
    ops: Ops, emulated: Any, capsys: pytest.CaptureFixture[str], fault: dict[str, Any], table: str
) -> None:
    """A green run whose rows were lost: 200, the whole report, which says so, an object that says so, and an ERROR."""
    struck = {
        "match": UPLOAD + rf'[\s\S]*"tableId": "{table}"',
        "reason": "accessDenied",
        "message": "not you",
        **fault,
    }
    requests.post(f"{emulated.bigquery_url}/_faults", json=struck, timeout=10).raise_for_status()

    value = call(good)

    assert value["delivery"]["ledger"].startswith(f"failed: appending to {ops.dataset}.{table}: ")
    assert "not you" in value["delivery"]["ledger"]
    assert (value["status"], len(value["findings"]), value["delivery"]["object"]) == ("pass", 1, "delivered")
    assert ops.stored() == value
    assert severity(capsys) == "ERROR"


def test_missing_dataset_is_told(ops: Ops, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A ledger that is configured and not there is no ledger that is not configured."""
    monkeypatch.setenv("OPS_DATASET", "nowhere")

    value = call(good)

    assert value["delivery"]["ledger"].startswith("failed: ")
    assert ops.stored() == value
    assert severity(capsys) == "ERROR"


def test_without_a_dataset_there_is_no_ledger(
    ops: Ops, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """That is a choice, and no error."""
    monkeypatch.delenv("OPS_DATASET")

    assert call(good)["delivery"]["ledger"] == "not_configured"
    assert ops.rows("runs") == []
    assert severity(capsys) == "INFO"


def test_name_that_is_no_dataset_is_refused(ops: Ops, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would become part of SQL: nothing runs."""
    monkeypatch.setenv("OPS_DATASET", "ops.runs` --")

    value = call(good)

    assert (value["error"]["code"], value["delivery"]["ledger"]) == ("invalid_settings", "not_attempted")
    assert ops.rows("runs") == []


@pytest.mark.parametrize(("run", "code"), [(crash, "internal"), (refuse, "quota_exceeded")])
def test_run_that_failed_stands_in_the_ledger(ops: Ops, run: Callable[[Given], entrypoint.Outcome], code: str) -> None:
    """Silence would look like a run that never began."""
    value = call(run)

    (row,) = ops.rows("runs")
    assert (row["run_id"], row["status"], row["complete"], row["error_code"]) == (value["run_id"], "error", False, code)
    assert (value["delivery"]["ledger"], ops.rows("findings")) == ("delivered", [])


def test_report_that_cannot_be_sent_is_a_crash_in_the_ledger_too(ops: Ops) -> None:
    """The caller hears of a crash: the ledger must not say that all went well."""
    bad = Finding("d.t", "rows", Status.PASS, "enough", "seen", observed=float("nan"))

    value = call(lambda _: entrypoint.Outcome("in short", (bad,)))

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
def test_refused_call_is_no_run(ops: Ops, options: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """A caller's typo is appended to nobody's history; it is told and logged as before."""
    value = call(good, **options)

    assert (value["delivery"]["ledger"], value["delivery"]["object"]) == ("not_applicable", "delivered")
    assert value["error"]
    assert ops.rows("runs") == []
    assert severity(capsys) == "ERROR"


def test_probe_is_no_run_and_tries_the_ledger(ops: Ops, monkeypatch: pytest.MonkeyPatch) -> None:
    """A probe changes no history; it says whether the ledger's dataset can be reached."""
    value = call(good, query_string={"probe": "1"})
    found = {finding["subject"]: finding["status"] for finding in value["findings"]}

    assert (value["delivery"]["ledger"], ops.rows("runs")) == ("not_applicable", [])
    assert (found[f"dataset {ops.dataset}"], found["env OPS_DATASET"]) == ("pass", "pass")

    monkeypatch.setenv("OPS_DATASET", "nowhere")
    missing = {finding["subject"]: finding["reason"] for finding in call(good, query_string={"probe": "1"})["findings"]}
    assert missing["dataset nowhere"] == "not_found"


def test_ledger_has_no_more_time_than_the_run_has_left(
    ops: Ops, emulated: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Near its deadline a run reports without the ledger, rather than be killed with the report unsent."""
    slow = {"match": UPLOAD, "action": "slow_job", "seconds": 8, "times": 2}
    requests.post(f"{emulated.bigquery_url}/_faults", json=slow, timeout=10).raise_for_status()
    monkeypatch.setenv("CLOUD_RUN_TIMEOUT_SECONDS", str(entrypoint.DELIVERY_MARGIN + 2))

    value = call(good)

    assert "still runs" in value["delivery"]["ledger"]
    assert value["duration_ms"] < 8000
    assert ops.stored() == value
    assert severity(capsys) == "ERROR"


def test_report_without_a_place_is_returned_as_it_is() -> None:
    """Nothing is called for what is no run, even where there is a ledger."""
    base = report.Report(
        "f",
        "20260212T100000Z-x",
        "x",
        datetime.datetime(2026, 2, 12, tzinfo=datetime.UTC),
        report.Build(None, None, None),
    )
    marked = dataclasses.replace(base, delivery=report.Delivery(ledger="not_applicable"))

    assert delivery.to_ledger(marked, project=None, dataset="nowhere") is marked
    assert delivery.to_ledger(base, project=None, dataset=None).delivery.ledger == "not_configured"
