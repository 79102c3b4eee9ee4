"""Every function's findings are compared with what its earlier runs said, where there is a ledger that answers."""

import dataclasses
import datetime
import json
from typing import Any

import pytest

from shared import history
from shared.statuses import Status
from tests.shared import reporting

READING = {"match": "ledger_history", "action": "refuse", "status": 403, "reason": "accessDenied", "message": "not you"}
NOTHING = (None, None, None, None)


def standing(value: dict[str, Any]) -> tuple[Any, ...]:
    """Return since, streak, change and previous of a report's one finding."""
    (found,) = value["findings"]
    return found["since"], found["streak"], found["change"], found["previous"]


def test_each_run_is_compared_with_the_ledger(ops: reporting.Ops) -> None:
    """Since when, for how many runs, what changed, and what was observed before; the ledger and the object agree."""
    first = reporting.call(reporting.seen(Status.FAIL, 3))
    second = reporting.call(reporting.seen(Status.ERROR, 4))
    mended = reporting.call(reporting.seen(Status.PASS, 5))
    still = reporting.call(reporting.seen(Status.PASS, 6))

    assert standing(first) == (first["started_at"], 1, "new", None)
    assert standing(second) == (first["started_at"], 2, "ongoing", 3)
    assert standing(mended) == (mended["started_at"], 1, "resolved", 4)
    assert standing(still) == (mended["started_at"], 2, None, 5)
    rows = sorted(ops.rows("findings"), key=lambda row: row["started_at"])
    assert [(row["streak"], row["change"]) for row in rows] == [(1, "new"), (2, "ongoing"), (1, "resolved"), (2, None)]
    assert len(ops.objects()) == 4


def test_what_changed_is_published(ops: reporting.Ops, topic: reporting.Topic) -> None:
    """A subscriber can ask for what is new, and for what is resolved."""
    for status in (Status.FAIL, Status.WARN, Status.PASS, Status.PASS):
        reporting.call(reporting.seen(status))

    sent = sorted(topic.messages(), key=lambda message: json.loads(message.data)["started_at"])
    assert [message.attributes["change"] for message in sent] == ["new", "ongoing", "resolved", "none"]
    assert len(ops.rows("runs")) == 4


@pytest.mark.usefixtures("ops")
def test_histories_of_scopes_and_days_do_not_meet() -> None:
    """A run is compared with those of its own scope, up to the day that it judged."""
    day = datetime.date(2026, 2, 11)
    reporting.call(reporting.seen(Status.FAIL, scope="a", day=day))

    assert standing(reporting.call(reporting.seen(Status.FAIL, scope="b", day=day)))[1:3] == (1, "new")
    before = day - datetime.timedelta(days=1)
    assert standing(reporting.call(reporting.seen(Status.FAIL, scope="a", day=before)))[1:3] == (1, "new")
    after = day + datetime.timedelta(days=1)
    assert standing(reporting.call(reporting.seen(Status.FAIL, scope="a", day=after)))[2] == "ongoing"


@pytest.mark.usefixtures("ops")
def test_other_functions_histories_do_not_meet() -> None:
    """Two functions may say the same of the same subject."""
    reporting.call(reporting.seen(Status.FAIL))

    other = reporting.function(reporting.seen(Status.FAIL), name="tiny")
    assert standing(reporting.told(reporting.answer(other)))[1:3] == (1, "new")


def test_run_that_brings_its_history_is_compared_with_that(ops: reporting.Ops) -> None:
    """What a run has read already is not read again: an empty history is one too."""
    reporting.call(reporting.seen(Status.FAIL))
    ops.strike(**READING)

    value = reporting.call(reporting.seen(Status.FAIL, past=()))
    assert standing(value) == (value["started_at"], 1, "new", None)

    now = datetime.datetime.now(datetime.UTC)
    brought = history.Past("rows:d.t", now.date(), now, Status.FAIL, "because", 9.0, "2026-02-01T00:00:00.000Z", 4)
    value = reporting.call(reporting.seen(Status.FAIL, past=(brought,)))
    assert standing(value) == ("2026-02-01T00:00:00.000Z", 5, "ongoing", 9)
    assert ops.struck() == 0


def test_history_that_cannot_be_read_stops_nothing(
    ops: reporting.Ops, topic: reporting.Topic, capsys: pytest.CaptureFixture[str]
) -> None:
    """The findings come without history, everything is delivered, and the log says why under the run's id."""
    reporting.call(reporting.seen(Status.FAIL))
    ops.strike(**READING)
    reporting.lines(capsys)

    value = reporting.call(reporting.seen(Status.FAIL))

    assert (standing(value), value["complete"], value["error"]) == (NOTHING, True, None)
    assert value["delivery"] == {"ledger": "delivered", "object": "delivered", "topic": "delivered"}
    assert (len(ops.rows("runs")), len(topic.messages()), ops.struck()) == (2, 2, 1)
    why, _ = reporting.lines(capsys)
    assert (why["severity"], why["run_id"]) == ("ERROR", value["run_id"])
    assert "not you" in why["error"]


def test_good_run_without_its_history_is_no_error_in_its_report(
    ops: reporting.Ops, capsys: pytest.CaptureFixture[str]
) -> None:
    """The status is what was found; the ERROR stands in a line of its own."""
    reporting.call(reporting.good)
    ops.strike(**READING)
    reporting.lines(capsys)

    assert reporting.call(reporting.good)["status"] == "pass"
    assert [line["severity"] for line in reporting.lines(capsys)] == ["ERROR", "INFO"]


def test_what_is_no_run_has_no_history(ops: reporting.Ops) -> None:
    """A plan reads nothing, and nothing remembers it."""
    reporting.call(reporting.seen(Status.FAIL))
    ops.strike(**READING)

    value = reporting.call(reporting.seen(Status.FAIL, kept=False))

    assert (standing(value), ops.struck(), len(ops.rows("runs"))) == (NOTHING, 0, 1)


@pytest.mark.usefixtures("ops")
def test_without_a_ledger_there_is_no_history(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """That is a choice: the fields are null, and nothing is an error."""
    reporting.call(reporting.seen(Status.PASS))
    monkeypatch.delenv("OPS_DATASET")

    assert standing(reporting.call(reporting.seen(Status.PASS))) == NOTHING
    assert [line["severity"] for line in reporting.lines(capsys)] == ["INFO", "INFO"]


@pytest.mark.usefixtures("ops")
def test_run_that_failed_breaks_no_streak() -> None:
    """A crash said nothing of the thing: the next run goes on from what was said last."""
    first = reporting.call(reporting.seen(Status.FAIL))
    reporting.call(reporting.crash)

    assert standing(reporting.call(reporting.seen(Status.FAIL)))[:3] == (first["started_at"], 2, "ongoing")


@pytest.mark.usefixtures("ops")
def test_history_counts_among_the_calls() -> None:
    """What was asked of Google is told, the question for the history too."""
    asked = reporting.call(reporting.good)["cost"]["api_calls"]
    spared = reporting.call(lambda given: dataclasses.replace(reporting.good(given), past=()))["cost"]["api_calls"]

    assert (asked > 0, spared) == (True, 0)
