"""What a Pub/Sub message holds: a report that may have grown, or nothing of ours."""

import base64
import datetime
import json
from typing import Any

import pytest

from cloud_functions.alert_relay import news
from shared import report
from shared.report import Finding
from shared.statuses import Status

NOW = datetime.datetime(2026, 2, 12, 12, tzinfo=datetime.UTC)


def reported(**changes: Any) -> dict[str, Any]:
    """Return a report as every function sends it."""
    finding = Finding(
        "a.b", "rows", Status.FAIL, "too_few", "3 rows", severity="warning", caused_by="rows:c", fix="mend"
    )
    made = report.Report(
        "validation_runner",
        "20260212T120000Z-0123",
        "1 fail",
        NOW,
        report.Build(None, None, None),
        findings=(finding,),
        scope="post_game",
        day=datetime.date(2026, 2, 12),
    )
    return report.to_json(made) | changes


def posted(value: Any, **fields: Any) -> dict[str, Any]:
    """Return a Pub/Sub message with a JSON value as its data."""
    return {"data": base64.b64encode(json.dumps(value).encode()).decode(), "messageId": "17"} | fields


def test_a_report_is_read() -> None:
    """All that is told of a finding comes from the report as every function sends it."""
    read = news.read(posted(reported()))

    assert isinstance(read, news.News)
    assert (read.function, read.scope, read.day) == ("validation_runner", "post_game", datetime.date(2026, 2, 12))
    assert read.findings[0] == news.Said(
        "rows:a.b", "a.b", "rows", Status.FAIL, "too_few", "warning", "3 rows", "mend", "rows:c", None
    )


def test_a_report_that_has_grown_is_read() -> None:
    """New fields of a report, of a finding or of the message are passed over."""
    value = reported(novelty={"a": 1})
    value["findings"][0]["novelty"] = True
    value["delivery"]["novelty"] = "x"

    assert isinstance(news.read(posted(value, novelty=1)), news.News)


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ({}, "no data"),
        ({"data": ""}, "no data"),
        ({"data": 7}, "no data"),
        ({"data": "%e30="}, "not JSON in base64"),
        ({"data": base64.b64encode(b"\xff").decode()}, "not JSON in base64"),
        ({"data": base64.b64encode(b"[" * 100_000).decode()}, "not JSON in base64"),
        (posted([]), "no report of schema_version 1"),
        (posted("text"), "no report of schema_version 1"),
        (posted(reported(schema_version=2)), "no report of schema_version 1"),
        (posted({"schema_version": 1}), "function: is missing"),
        (posted(reported(findings=[{"id": "x"}])), "findings[0].subject: is missing"),
        (posted(reported(findings="none")), "findings: must be a list"),
        (posted(reported(started_at="2026-02-12T12:00:00")), "started_at: needs its offset"),
        (posted(reported(delivery=None)), "delivery: must be a mapping"),
    ],
)
def test_what_is_no_report_is_named(message: dict[str, Any], why: str) -> None:
    """Whatever comes, it is either a report or unreadable for a reason."""
    read = news.read(message)

    assert isinstance(read, news.Unreadable)
    assert why in read.why


def test_ids_are_fit_for_objects() -> None:
    """A message id becomes the name of an object only when it is harmless; else its content names it."""
    assert news.message_id({"messageId": "12345678901234567"}) == "12345678901234567"
    assert news.message_id({"message_id": "12"}) == "12"
    odd = [{"messageId": name} for name in ("../state", "a/b", "", "x" * 101)]
    assert all(news.message_id(one).startswith("unnamed-") for one in [*odd, {}])
    assert len({news.message_id(one) for one in odd}) == 4


def test_a_failed_run_is_a_finding_of_its_own() -> None:
    """It is an error with the code as its reason; a run that came to its end says the opposite."""
    failed = news.read(posted(reported(findings=[], error={"code": "access_denied", "message": "no", "id": "x" * 8})))
    ended = news.read(posted(reported()))

    assert isinstance(failed, news.News)
    assert isinstance(ended, news.News)
    assert [(one.status, one.reason) for one in failed.said] == [(Status.ERROR, "access_denied")]
    assert (ended.said[-1].id, ended.said[-1].status) == (failed.said[-1].id, Status.PASS)
