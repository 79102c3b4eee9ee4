"""A report reaches the topic whole, with attributes to filter by; a topic that fails is told, and stops nothing."""

import dataclasses
import datetime
import json
from collections.abc import Callable
from typing import Any

import grpc
import jsonschema
import pytest

from shared import contract, delivery, report
from shared.report import Finding
from shared.statuses import Status
from tests.shared import reporting

NOW = datetime.datetime(2026, 2, 12, 10, tzinfo=datetime.UTC)
BASE = report.Report("f", "20260212T100000Z-x", "x", NOW, report.Build(None, None, None))
THING = Finding("d.t", "rows", Status.FAIL, "too_few", "seen")


def test_report_reaches_the_topic_whole(ops: reporting.Ops, topic: reporting.Topic) -> None:
    """The message is the report as JSON, its attributes are what a subscriber filters by, and the object agrees."""
    value = reporting.call(reporting.seen(Status.FAIL))

    (message,) = topic.messages()
    sent = json.loads(message.data)
    jsonschema.validate(sent, reporting.SCHEMA)
    assert sent["delivery"] == {"ledger": "delivered", "topic": "delivered", "object": "not_attempted"}
    assert {**sent, "delivery": None} == {**value, "delivery": None}
    assert dict(message.attributes) == {
        "function": reporting.NAME,
        "status": "fail",
        "change": "new",
        "complete": "true",
        "run_id": value["run_id"],
    }
    assert value["delivery"] == {"ledger": "delivered", "topic": "delivered", "object": "delivered"}
    assert ops.stored() == value


@pytest.mark.usefixtures("ops")
def test_run_that_crashed_is_published(topic: reporting.Topic) -> None:
    """Subscribers hear of it: its status is error, and it is not complete."""
    reporting.call(reporting.crash)

    (message,) = topic.messages()
    told = {name: message.attributes[name] for name in ("status", "change", "complete")}
    assert told == {"status": "error", "change": "none", "complete": "false"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (("ongoing", "resolved", None, "new"), "new"),
        (("ongoing", None, "resolved"), "resolved"),
        ((None, "ongoing"), "ongoing"),
        ((None, None), "none"),
        ((), "none"),
    ],
)
def test_change_is_the_most_urgent(changes: tuple[Any, ...], expected: str) -> None:
    """New comes before resolved, resolved before ongoing; whatever the order of the findings is."""
    found = [dataclasses.replace(THING, change=change) for change in changes]

    assert delivery.attributes(dataclasses.replace(BASE, findings=tuple(found)))["change"] == expected
    assert delivery.attributes(dataclasses.replace(BASE, findings=tuple(found[::-1])))["change"] == expected


def test_missing_topic_is_told_and_stops_nothing(
    ops: reporting.Ops, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A topic that is configured and not there: rows, object and answer are as ever, and the log has an ERROR."""
    monkeypatch.setenv("REPORTS_TOPIC", "nowhere")

    value = reporting.call(reporting.good)

    assert value["delivery"]["topic"].startswith("failed: publishing to nowhere: ")
    assert (value["delivery"]["ledger"], value["delivery"]["object"]) == ("delivered", "delivered")
    assert (value["status"], value["complete"], len(ops.rows("runs"))) == ("pass", True, 1)
    assert ops.stored() == value
    assert reporting.severity(capsys) == "ERROR"


def test_topic_that_refuses_is_told_and_stops_nothing(
    ops: reporting.Ops,
    topic: reporting.Topic,
    fresh_pubsub: Callable[[str], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A right that is lacking is told in Google's words, and nothing else is lost."""
    with reporting.answering(reporting.refusing(grpc.StatusCode.PERMISSION_DENIED, "not you")) as address:
        fresh_pubsub(address)
        value = reporting.call(reporting.good)

    assert value["delivery"]["topic"] == f"failed: publishing to {topic.name}: not you"
    assert (value["delivery"]["ledger"], value["delivery"]["object"]) == ("delivered", "delivered")
    assert ops.stored() == value
    assert reporting.severity(capsys) == "ERROR"


def test_without_a_topic_nothing_is_published(ops: reporting.Ops, capsys: pytest.CaptureFixture[str]) -> None:
    """That is a choice, and no error."""
    value = reporting.call(reporting.good)

    assert value["delivery"]["topic"] == "not_configured"
    assert ops.stored() == value
    assert reporting.severity(capsys) == "INFO"


@pytest.mark.parametrize(
    "options", [{}, {"query_string": {"probe": "1"}}, {"query_string": {"unknown": "1"}}, {"method": "PUT"}]
)
def test_what_is_no_run_is_published_to_nobody(
    ops: reporting.Ops, topic: reporting.Topic, options: dict[str, Any]
) -> None:
    """A plan, a probe and a refused call are told to the caller and the bucket alone."""
    value = reporting.call(reporting.seen(kept=False), **options)

    told = {"ledger": "not_applicable", "topic": "not_applicable", "object": "delivered"}
    assert value["delivery"] == told
    assert (topic.messages(), ops.rows("runs")) == ([], [])
    assert ops.stored() == value


@pytest.mark.parametrize("run", [reporting.good, reporting.crash])
def test_function_that_publishes_nothing(
    ops: reporting.Ops, topic: reporting.Topic, run: Callable[[reporting.Given], contract.Outcome]
) -> None:
    """What relays reports would relay its own for ever; its rows and object stand as any other's."""
    value = reporting.told(reporting.answer(reporting.function(run, publishes=False)))

    assert value["delivery"] == {"ledger": "delivered", "topic": "not_applicable", "object": "delivered"}
    assert (topic.messages(), len(ops.rows("runs"))) == ([], 1)
    assert ops.stored() == value


def test_report_too_large_for_a_message_is_told(ops: reporting.Ops, topic: reporting.Topic) -> None:
    """The client refuses more than 10 MB by itself: the report stays what it was, and its object is written."""
    huge = Finding("d.t", "rows", Status.PASS, "enough", "seen", evidence={"text": "x" * 10_000_000})

    value = reporting.call(lambda _: contract.Outcome("in short", (huge,)))

    assert value["delivery"]["topic"].startswith(f"failed: publishing to {topic.name}: ")
    assert (value["status"], value["error"], len(ops.objects())) == ("pass", None, 1)
