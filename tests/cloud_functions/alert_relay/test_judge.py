"""What the relay says of itself: one finding for each message, and what matters first."""

import dataclasses
import datetime

from cloud_functions.alert_relay import judge, news, outbox, plan, state
from shared.statuses import Status
from tests.cloud_functions.alert_relay.stories import alerts, at, report, said

DECLARED = alerts()
PLAN = plan.plan(state.State(), {"1": report(0, said("a", "fail"), said("b", "warn"))}, DECLARED, at(0))
EMPTY = dataclasses.replace(PLAN.state, outbox=())
SENT = outbox.Result(PLAN.sent[0], 1)
FAILED = outbox.Result(PLAN.sent[0], 3, "HTTP 500", passing=True)


def told(done: judge.Done) -> list[tuple[str, Status, str]]:
    """Return kind, status and reason of all findings."""
    return [(one.kind, one.status, one.reason) for one in judge.findings(done, DECLARED, at(0))]


def test_a_message_that_was_sent_passes() -> None:
    """It names the owner and what was told."""
    done = judge.Done(state=EMPTY, made=PLAN.decision.messages, results=(SENT,), taken=PLAN.taken)

    assert told(done) == [
        ("message", Status.PASS, "delivered"),
        ("report", Status.PASS, "taken"),
        ("state", Status.PASS, "kept"),
    ]
    assert judge.summary(done, DECLARED) == "2 new in 1 message to team; outbox empty"
    assert judge.findings(done, DECLARED, at(0))[1].message == "run run-0: 2 of its findings are bad"


def test_a_message_that_was_not_sent_fails_until_it_is() -> None:
    """In the run that tried, and in each one that finds it still waiting."""
    state_after = outbox.settled(PLAN.state, [FAILED], DECLARED.retry, at(0))
    first = judge.Done(state=state_after, made=PLAN.decision.messages, results=(FAILED,))
    later = judge.Done(state=state_after)

    assert told(first)[0] == told(later)[0] == ("message", Status.FAIL, "undeliverable")
    assert judge.findings(first, DECLARED, at(0))[0].observed == 3
    assert judge.findings(first, DECLARED, at(0))[0].id == judge.findings(later, DECLARED, at(0))[0].id
    assert "it is tried until 2026-02-14 12:00Z" in judge.findings(first, DECLARED, at(0))[0].message
    assert judge.summary(first, DECLARED).startswith("1 message not delivered: HTTP 500; 2 new in 1 message to team")
    assert judge.summary(first, DECLARED).endswith("outbox: 1")


def test_a_message_that_is_under_way_is_no_failure() -> None:
    """Another run has claimed it and not come to its end."""
    assert told(judge.Done(state=PLAN.state)) == [("state", Status.PASS, "kept")]


def test_what_nothing_remembers_is_told_as_lost() -> None:
    """Without a memory there is no next try."""
    done = judge.Done(results=(FAILED,), trouble="no answer")

    assert told(done) == [("message", Status.FAIL, "undeliverable"), ("state", Status.ERROR, "state_unavailable")]
    assert "nothing remembers it" in judge.findings(done, DECLARED, at(0))[0].message


def test_a_message_that_is_given_up_fails() -> None:
    """Once, when it leaves the outbox."""
    done = judge.Done(dropped=PLAN.sent)

    assert told(done)[0] == ("message", Status.FAIL, "dropped")
    assert judge.summary(done, DECLARED) == "1 given up after 48 hours; nothing to tell; outbox empty"


def test_what_cannot_be_read_is_an_error() -> None:
    """A message, with the command that shows it, and the state."""
    kept = judge.Kept(news.Unreadable("17", "its data is not JSON"), "gs://b/alerts/unreadable/17.json")
    done = judge.Done(unreadable=(kept,), reset="it is not JSON")
    found = judge.findings(done, DECLARED, at(0))

    assert told(done) == [("report", Status.ERROR, "unreadable"), ("state", Status.ERROR, "state_unreadable")]
    assert found[0].fix == "gcloud storage cat gs://b/alerts/unreadable/17.json"
    assert judge.summary(done, DECLARED).startswith("1 unreadable; memory: it is not JSON")


def test_what_is_no_news_is_skipped() -> None:
    """A message that was taken before, a report of no run, and an older report."""
    done = judge.Done(passed=(("1", "duplicate"), ("2", "no_run")), outdated=(report(0),))

    assert [one[1:] for one in told(done)[:3]] == [
        (Status.SKIP, "outdated"),
        (Status.SKIP, "duplicate"),
        (Status.SKIP, "no_run"),
    ]


def test_an_expired_silence_is_a_warning() -> None:
    """It names its owner and reason; one that still holds is not named."""
    text = "silences: [{match: {}, until: 2026-02-12T14:00:00+00:00, reason: known, owner: ann}]\n"
    found = judge.findings(judge.Done(), alerts(text), at(2))

    assert [(one.status, one.reason) for one in found] == [(Status.PASS, "kept"), (Status.WARN, "expired")]
    assert "ann" in found[1].message
    assert len(judge.findings(judge.Done(), alerts(text), at(1))) == 1


def test_the_summary_says_what_is_held_back() -> None:
    """Silenced, until when, and gathered."""
    quiet = alerts("quiet: {start: '22:00', end: '07:00', time_zone: UTC}\n")
    done = judge.Done(held={"quiet": 1, "silenced": 3, "paced": 2})

    assert judge.summary(done, quiet) == (
        "nothing to tell; 3 silenced, 1 held until 07:00, 2 gathered for a later message; outbox empty"
    )


def test_a_late_delivery_is_told() -> None:
    """What an earlier run could not send is not among the news of this one."""
    late = outbox.Result(dataclasses.replace(PLAN.sent[0], tries=3, created=at(0) - datetime.timedelta(hours=1)), 1)

    assert judge.summary(judge.Done(results=(late,)), DECLARED) == (
        "nothing to tell; 1 message delivered at last; outbox empty"
    )
