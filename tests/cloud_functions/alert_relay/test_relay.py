"""What is told, when, and how often: told once, reminded, taken back once."""

import datetime

import pytest

from cloud_functions.alert_relay import news
from shared.statuses import Status
from tests.cloud_functions.alert_relay.stories import Story, alerts, at, changes_of, report, said


@pytest.mark.parametrize("status", ["fail", "error", "warn", "unknown"])
def test_what_became_bad_is_told_once(status: str) -> None:
    """Whatever is not good is told with the first report of it, and not with the second."""
    story = Story()

    assert story.tell(0, said("a", status)) == [("new", "a")]
    assert story.tell(1, said("a", status)) == []
    assert story.sweep(1.25) == []


@pytest.mark.parametrize("status", ["pass", "skip"])
def test_what_is_good_or_does_not_apply_is_not_told(status: str) -> None:
    """Nothing is told of it, and nothing is remembered."""
    story = Story()

    assert story.tell(0, said("a", status)) == []
    assert story.known.entries == ()


def test_all_news_of_a_report_are_one_message() -> None:
    """However many findings turn bad at once, a channel gets one message, with the worst first."""
    story = Story()
    messages = story.call(0, [report(0, said("a", "warn"), said("b", "fail"), said("c", "error"))])

    assert [changes_of([one]) for one in messages] == [[("new", "b"), ("new", "c"), ("new", "a")]]
    assert messages[0].title == "3 new (1 fail, 1 error, 1 warn): b and 2 more"


def test_what_is_still_bad_is_told_again_after_a_day() -> None:
    """All reminders of a channel come together: what is half due goes along."""
    story = Story()
    story.tell(0, said("a", "fail"))
    story.tell(6, said("b", "fail"), scope="pre_game")

    assert story.sweep(23.9) == []
    assert sorted(story.sweep(24)) == [("reminder", "a"), ("reminder", "b")]
    assert story.sweep(30) == []
    assert sorted(story.sweep(48)) == [("reminder", "a"), ("reminder", "b")]


def test_what_is_good_again_is_told_once() -> None:
    """The end of what was told is told; afterwards nothing is known of it."""
    story = Story()
    story.tell(0, said("a", "fail"))

    assert story.tell(1, said("a", "pass")) == [("resolved", "a")]
    assert story.tell(2, said("a", "pass")) == []
    assert story.tell(30, said("a", "pass")) == []
    assert story.known.entries == ()


def test_what_was_never_told_is_not_resolved() -> None:
    """What was bad while nobody was told ends without a word."""
    story = Story(alerts("confirm: {critical: 2}\n"))

    assert story.tell(0, said("a", "fail")) == []
    assert story.tell(1, said("a", "pass")) == []


def test_a_skip_changes_nothing() -> None:
    """What does not apply today is neither good again nor bad."""
    story = Story()
    story.tell(0, said("a", "fail"))

    assert story.tell(1, said("a", "skip")) == []
    assert story.known.entries[0].status is Status.FAIL


def test_what_is_missing_from_a_report_is_not_resolved() -> None:
    """A finding that a later report of the same scope does not hold stays bad, and is told again after a day."""
    story = Story()
    story.tell(0, said("a", "fail"))

    assert story.tell(1) == []
    assert story.sweep(24) == [("reminder", "a")]


def test_what_nobody_reports_is_forgotten_after_two_weeks() -> None:
    """It is told as no longer reported, once."""
    story = Story()
    story.tell(0, said("a", "fail"))
    told = [story.sweep(hours) for hours in range(24, 15 * 24, 24)]

    assert told == [[("reminder", "a")]] * 13 + [[("gone", "a")]]
    assert story.known.entries == ()


def test_what_gets_worse_is_told_and_a_reason_is_not() -> None:
    """From warn to fail, and from info to critical; another reason alone is no news; less bad is none."""
    story = Story()
    story.tell(0, said("a", "warn", severity="info"))

    assert story.tell(1, said("a", "warn", severity="info", reason="gap")) == []
    assert story.tell(2, said("a", "fail", severity="info")) == [("worse", "a")]
    assert story.tell(3, said("a", "fail", severity="critical")) == [("worse", "a")]
    assert story.tell(4, said("a", "warn", severity="warning")) == []
    assert story.tell(5, said("a", "fail", severity="critical")) == []


def test_an_older_report_changes_nothing() -> None:
    """Pub/Sub promises no order: what was overtaken is named as outdated."""
    story = Story()
    story.tell(2, said("a", "pass"))

    assert story.call(3, [report(1, said("a", "fail"))]) == []
    assert story.known.entries == ()


def test_a_report_twice_changes_nothing() -> None:
    """The same run under another message id is not newer than itself."""
    story = Story()

    assert story.tell(0, said("a", "fail")) == [("new", "a")]
    assert story.call(1, [report(0, said("a", "fail"))]) == []
    assert story.known.entries[0].streak == 1


def test_a_report_on_a_day_that_is_past_changes_nothing() -> None:
    """Who validates last week again, does not raise what stands today."""
    story = Story()
    story.tell(0, said("a", "pass"), day=datetime.date(2026, 2, 12))

    story.tell(0.5, said("a", "pass"))

    assert story.tell(1, said("a", "fail"), day=datetime.date(2026, 2, 5)) == []
    assert story.tell(2, said("a", "fail"), day=datetime.date(2026, 2, 12)) == [("new", "a")]


def test_a_report_on_a_day_to_come_does_not_shut_out_the_next() -> None:
    """Its day counts as that of the run."""
    story = Story()
    story.tell(0, said("a", "pass"), day=datetime.date(2027, 1, 1))

    assert story.tell(24, said("a", "fail"), day=datetime.date(2026, 2, 13)) == [("new", "a")]


def test_reports_that_come_together_are_taken_in_their_order() -> None:
    """Only what is true at the end is told."""
    story = Story()

    assert story.call(3, [report(2, said("a", "pass")), report(1, said("a", "fail"))]) == []


def test_scopes_and_functions_are_apart() -> None:
    """The same id in another scope or function is another finding."""
    story = Story()
    story.tell(0, said("a", "fail"))

    assert story.tell(1, said("a", "pass"), scope="pre_game") == []
    assert story.tell(1, said("a", "fail"), function="bigquery_backup") == [("new", "a")]


def test_a_run_that_failed_is_told_and_ends_with_the_next_that_does_not() -> None:
    """It failed before its scope was known, so any scope's end of a later run takes it back."""
    story = Story()
    failed = {"error": news.Failure("access_denied", "no rights"), "scope": None}

    assert story.tell(0, **failed) == [("new", "validation_runner")]
    assert story.told[0].items[0].reason == "access_denied"
    assert story.tell(1, said("a", "pass")) == [("resolved", "validation_runner")]


def test_an_older_failure_is_not_told_after_a_newer_run_of_any_scope() -> None:
    """A failed run that was overtaken is outdated, although its own scope is not known."""
    story = Story()
    story.tell(2, said("a", "pass"))

    assert story.call(3, [report(1, error=news.Failure("internal", "it crashed"), scope=None)]) == []


def test_confirmation_waits_for_reports_but_not_for_ever() -> None:
    """What needs two reports is told with the second in a row, or once it was bad for a day."""
    story = Story(alerts("confirm: {critical: 2}\n"))
    assert [story.tell(hours, said("a", "fail")) for hours in (0, 1)] == [[], [("new", "a")]]

    lonely = Story(alerts("confirm: {critical: 2}\n"))
    assert lonely.tell(0, said("a", "fail")) == []
    assert lonely.sweep(24) == [("new", "a")]


def test_since_is_what_the_reporter_knows() -> None:
    """The ledger knows longer than the relay since when it is bad; an instant to come is not believed."""
    story = Story()
    story.tell(0, said("a", "fail", since="2026-02-10T00:00:00.000Z"), said("b", "fail", since="2027-01-01T00:00:00Z"))
    since = {item.subject: item.since for item in story.told[0].items}

    assert since == {"a": datetime.datetime(2026, 2, 10, tzinfo=datetime.UTC), "b": at(0)}


def test_a_message_has_a_stable_id() -> None:
    """Decided again a minute later, on the same memory, it is the same message; the next reminder is another."""
    first, second, story = Story(), Story(), Story()
    one, two = first.call(0, [report(0, said("a", "fail"))]), second.call(0.02, [report(0, said("a", "fail"))])
    story.tell(0, said("a", "fail"))
    reminders = [story.call(hours)[0].id for hours in (24, 48)]

    assert one[0].id == two[0].id
    assert len({one[0].id, *reminders}) == 3


def test_what_is_new_twice_makes_two_messages() -> None:
    """Their ids differ although the reporter knows no better since when it is bad."""
    story, since = Story(), "2026-02-01T00:00:00.000Z"
    for number, status in enumerate(["fail", "pass", "skip", "fail"]):
        story.tell(number * 30, said("a", status, since=since))

    assert changes_of(story.told) == [("new", "a"), ("resolved", "a"), ("new", "a")]
    assert len({message.id for message in story.told}) == 3


def test_what_only_the_older_of_two_reports_holds_is_told_too() -> None:
    """A report on some of the checks does not outdate what came with it."""
    story = Story()

    told = story.call(3, [report(2, said("a", "fail")), report(1, said("b", "fail"))])
    assert changes_of(told) == [("new", "a"), ("new", "b")]


def test_a_run_that_failed_is_not_taken_back_by_an_older_run() -> None:
    """A run that ended before it failed says nothing about it, although it is news of its own scope."""
    story = Story()
    story.tell(2, error=news.Failure("internal", "it crashed"), scope=None)

    assert story.call(3, [report(1, said("a", "pass"))]) == []


def test_a_reminder_while_it_is_less_bad_opens_nothing() -> None:
    """The worst that was told of it stays told until it is good again."""
    story = Story()
    story.tell(0, said("a", "fail"))
    story.tell(1, said("a", "warn"))

    assert story.sweep(24) == [("reminder", "a")]
    assert story.tell(25, said("a", "fail")) == []


def test_functions_that_are_gone_are_forgotten() -> None:
    """After two months nothing is known of a scope that no run speaks of."""
    story = Story()
    story.tell(0, said("a", "pass"))
    assert list(story.known.latest) == ["validation_runner/post_game"]

    story.sweep(24 * 61)
    assert story.known.latest == {}
