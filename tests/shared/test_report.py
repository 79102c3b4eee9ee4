"""The report: statuses are derived, the published schema is what is sent, and it refuses what would be a lie."""

import dataclasses
import datetime
import json
import pathlib
from typing import Any

import jsonschema
import pytest

from shared import report
from shared.report import Finding
from shared.statuses import Status

SCHEMA = json.loads((pathlib.Path(report.__file__).parent / "report.schema.json").read_text("utf-8"))
NOW = datetime.datetime(2026, 2, 12, 10, 0, 0, 123456, tzinfo=datetime.UTC)
BUILD = report.Build("abc", "123", None)
FAILURE = report.Failure("internal", "it broke", "20260212T100000Z-x")


def finding(status: Status, subject: str = "d.t", reason: str = "because") -> Finding:
    """Return a finding of some status."""
    return Finding(subject, "backup", status, reason, "what was seen")


def sent(*findings: Finding, error: report.Failure | None = None) -> dict[str, Any]:
    """Return a report with these findings as a caller gets it."""
    whole = report.Report("some_function", "20260212T100000Z-x", "in short", NOW, BUILD, findings, error=error)
    value: dict[str, Any] = json.loads(report.encode(whole))
    return value


@pytest.mark.parametrize("status", list(Status))
def test_report_of_every_status_validates(status: Status) -> None:
    """A report with a finding of any status is what the schema says, and has that status."""
    value = sent(finding(status))

    jsonschema.validate(value, SCHEMA)
    assert value["status"] == status.value
    assert value["counts"] == {item.value: int(item is status) for item in Status}


def test_error_finding_makes_the_report_incomplete() -> None:
    """What could not be judged is never complete."""
    assert sent(finding(Status.PASS))["complete"] is True
    assert sent(finding(Status.PASS), finding(Status.ERROR))["complete"] is False


def test_failure_of_the_run_is_at_least_an_error() -> None:
    """A run that failed cannot pass, whatever its findings say."""
    value = sent(finding(Status.PASS), error=FAILURE)

    jsonschema.validate(value, SCHEMA)
    assert (value["status"], value["complete"]) == ("error", False)
    assert sent(finding(Status.FAIL), error=FAILURE)["status"] == "fail"


def test_findings_come_worst_first() -> None:
    """The reader meets what is wrong before what is right; equals keep their order."""
    value = sent(
        finding(Status.SKIP, "a"), finding(Status.PASS, "b"), finding(Status.FAIL, "c"), finding(Status.PASS, "d")
    )

    assert [item["subject"] for item in value["findings"]] == ["c", "b", "d", "a"]


def test_instants_are_utc_with_milliseconds() -> None:
    """Instants have one form."""
    assert sent()["started_at"] == "2026-02-12T10:00:00.123Z"


def test_fingerprint_follows_what_is_wrong_not_when() -> None:
    """The same wrong has the same fingerprint; another reason, subject or function has another."""
    first = finding(Status.FAIL)
    same = dataclasses.replace(first, message="in other words", observed=3)
    prints = {
        report.fingerprint("f", first),
        report.fingerprint("g", first),
        report.fingerprint("f", dataclasses.replace(first, reason="other")),
        report.fingerprint("f", dataclasses.replace(first, subject="other")),
    }

    assert report.fingerprint("f", first) == report.fingerprint("f", same)
    assert len(prints) == 4


@pytest.mark.parametrize(
    "lie",
    [
        {"status": "error", "complete": True},
        {"error": {"code": "internal", "message": "x", "id": "12345678"}, "status": "pass"},
        {"status": "fine"},
        {"unknown_key": 1},
        {"delivery": {"ledger": "ok", "object": "delivered", "topic": "delivered"}},
        {"started_at": "yesterday"},
        {"counts": {"pass": 1}},
    ],
)
def test_schema_refuses_a_lie(lie: dict[str, Any]) -> None:
    """The schema is a check that can fail."""
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(sent(finding(Status.PASS)) | lie, SCHEMA)


def test_schema_names_every_field_of_a_finding() -> None:
    """The schema has what is sent, no more and no less."""
    value = sent(finding(Status.PASS))

    assert set(SCHEMA["$defs"]["finding"]["properties"]) == set(value["findings"][0])
    assert set(SCHEMA["properties"]) == set(value)


def test_number_that_json_lacks_is_refused() -> None:
    """NaN is no observation."""
    with pytest.raises(ValueError, match="JSON"):
        sent(dataclasses.replace(finding(Status.PASS), observed=float("nan")))
