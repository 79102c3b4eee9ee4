"""What is written and sent: each message once, by one run at a time, and not for ever."""

import dataclasses
import datetime

import pytest

from cloud_functions.alert_relay import news, outbox, plan, state
from tests.cloud_functions.alert_relay.stories import alerts, at, report, said

DECLARED = alerts()
BAD = report(0, said("a", "fail"))


def test_news_stands_in_the_outbox_claimed_before_it_is_sent() -> None:
    """A parallel run does not send it; once the claim has lapsed, the next one does."""
    made = plan.plan(state.State(), {"1": BAD}, DECLARED, at(0))

    assert made.state.outbox[0].next_try == at(0) + datetime.timedelta(seconds=outbox.CLAIMED_SECONDS)
    assert [one.id for one in made.sent] == [one.id for one in made.state.outbox]
    assert plan.plan(made.state, {}, DECLARED, at(0.04)).sent == ()
    assert [one.id for one in plan.plan(made.state, {}, DECLARED, at(0.06)).sent] == [made.sent[0].id]


def test_a_message_that_comes_again_is_a_duplicate() -> None:
    """The last 500 ids are known; nothing is decided on them again."""
    made = plan.plan(state.State(), {"1": BAD}, DECLARED, at(0))
    again = plan.plan(made.state, {"1": report(1, said("b", "fail"))}, DECLARED, at(1))

    assert again.passed == (("1", "duplicate"),)
    assert again.taken == ()
    many = plan.plan(made.state, {str(n): BAD for n in range(2, 502)}, DECLARED, at(1))
    assert len(many.state.seen) == 500
    assert "1" not in many.state.seen


def test_a_run_that_comes_under_another_id_is_outdated() -> None:
    """A publisher that tries again makes a second message of one report."""
    made = plan.plan(state.State(), {"1": BAD}, DECLARED, at(0))
    again = plan.plan(made.state, {"2": BAD}, DECLARED, at(1))

    assert (again.taken, again.decision.outdated) == ((), (BAD,))


def test_what_is_no_run_is_no_news() -> None:
    """A plan, a probe or a refused call says nothing about what is good or bad."""
    planned = dataclasses.replace(BAD, delivery=news.Delivery("not_applicable"))
    made = plan.plan(state.State(), {"1": planned}, DECLARED, at(0))

    assert (made.passed, made.sent, made.state.latest) == ((("1", "no_run"),), (), {})


def test_a_sweep_without_anything_changes_nothing() -> None:
    """Then nothing needs to be written."""
    made = plan.plan(state.State(), {"1": BAD}, DECLARED, at(0))
    idle = dataclasses.replace(made.state, outbox=(), paced={})

    assert plan.plan(idle, {}, DECLARED, at(1)).state == idle


@pytest.mark.parametrize(
    ("tries", "wait", "seconds"),
    [(1, 0.0, 30), (5, 0.0, 32), (9, 0.0, 512), (12, 0.0, 600), (1, 77.0, 77), (1, 9999.0, 600)],
)
def test_pauses_grow_between_runs(tries: int, wait: float, seconds: float) -> None:
    """They double with each try, or are what the channel asked for, and never outlast the next sweep."""
    made = plan.plan(state.State(), {"1": BAD}, DECLARED, at(0))
    failed = outbox.Result(made.sent[0], tries, "HTTP 500", passing=True, wait=wait)
    left = outbox.settled(made.state, [failed], DECLARED.retry, at(0)).outbox[0]

    assert (left.tries, left.next_try) == (tries, at(0) + datetime.timedelta(seconds=seconds))


def test_what_was_delivered_leaves_the_outbox() -> None:
    """And what another run put there meanwhile stays."""
    made = plan.plan(state.State(), {"1": BAD}, DECLARED, at(0))
    other = dataclasses.replace(made.sent[0], id="other")
    both = dataclasses.replace(made.state, outbox=(*made.state.outbox, other))

    assert outbox.settled(both, [outbox.Result(made.sent[0], 1)], DECLARED.retry, at(0)).outbox == (other,)


def test_what_nobody_takes_is_given_up_after_two_days() -> None:
    """Not before, not untried, and not while another run is at it."""
    made = plan.plan(state.State(), {"1": BAD}, DECLARED, at(0)).state.outbox[0]
    old = dataclasses.replace(made, tries=3, next_try=at(1))
    untried, claimed = dataclasses.replace(old, tries=0), dataclasses.replace(old, next_try=at(49))

    assert outbox.expired(state.State(outbox=(old,)), at(48))[1] == ()
    assert outbox.expired(state.State(outbox=(old, untried, claimed)), at(48.5)) == (
        state.State(outbox=(untried, claimed)),
        (old,),
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b'{"version":2}',
        b'{"version":0}',
        b'{"entries":[{}]}',
        b'{"novelty":1}',
        b"[" * 100_000,
    ],
)
def test_a_broken_memory_is_never_taken_for_an_empty_one(content: bytes) -> None:
    """What cannot be read to the last field is named, whatever is wrong with it."""
    assert isinstance(state.decode(content), str)


def test_a_memory_without_offsets_is_broken() -> None:
    """An instant that could not be compared with now is found when it is read, at every place."""
    made = plan.plan(state.State(), {"1": BAD}, DECLARED, at(0)).state
    text = state.encode(made).decode()
    places = text.count("+00:00")

    assert state.decode(text.encode()) == made
    for number in range(places):
        parts = text.split("+00:00")
        broken = "+00:00".join(parts[: number + 1]) + "+00:00".join(parts[number + 1 :])
        assert isinstance(state.decode(broken.encode()), str)
    assert places >= 7
