"""What is held back: silences, quiet hours, flapping findings, and more messages than a channel takes."""

import pytest

from tests.cloud_functions.alert_relay.stories import Story, alerts, changes_of, report, said

ROUTES = """
channels:
  - {id: team, kind: webhook, url: "https://hooks.example/a"}
  - {id: pager, kind: slack, url: "https://hooks.example/b"}
routes:
  - {match: {function: "bigquery_*"}, channel: pager, owner: backups}
  - {match: {kind: rows, subject: ["x.*", "y.*"], severity: critical}, channel: pager, owner: rows}
  - {match: {}, channel: team, owner: data}
"""
QUIET = "quiet: {start: '22:00', end: '07:00', time_zone: America/New_York}\n"
# The story begins at 07:00 in New York, so that its hour 15 is 22:00 there.
NIGHT, MORNING = 16.0, 24.0


def test_the_first_route_that_matches_decides() -> None:
    """By function, by kind, subject and severity; the last one takes the rest. One message for each channel."""
    story = Story(alerts(head=ROUTES))
    rows = [said("x.1", "fail"), said("y.1", "fail", severity="warning"), said("z", "fail")]
    messages = {one.channel: one for one in story.call(0, [report(0, *rows)])}

    assert [item.subject for item in messages["pager"].items] == ["x.1"]
    assert [item.subject for item in messages["team"].items] == ["z", "y.1"]
    assert (messages["pager"].owner, messages["team"].owner) == ("rows", "data")
    assert story.call(1, [report(1, said("q", "fail"), function="bigquery_backup")])[0].owner == "backups"


def test_a_silence_holds_until_it_ends() -> None:
    """Nothing is told of what is silenced; what is still bad at its end is told then."""
    silence = "silences: [{match: {subject: [a]}, until: 2026-02-12T14:00:00+00:00, reason: known, owner: ann}]\n"
    story = Story(alerts(silence))

    assert story.tell(0, said("a", "fail"), said("b", "fail")) == [("new", "b")]
    assert story.held == {"silenced": 1}
    assert story.sweep(1.9) == []
    assert story.sweep(2) == [("new", "a")]


def test_quiet_hours_hold_all_but_critical() -> None:
    """At their end one message tells of what is still bad; what was bad in between only is not told."""
    story = Story(alerts(QUIET))

    findings = [said("w", "warn", severity="warning"), said("i", "warn", severity="info"), said("c", "fail")]
    assert story.tell(NIGHT, *findings) == [("new", "c")]
    assert story.held == {"quiet": 2}
    assert story.tell(NIGHT + 1, said("i", "pass", severity="info")) == []
    assert story.sweep(MORNING - 0.25) == []
    assert story.sweep(MORNING) == [("new", "w")]


def test_quiet_hours_hold_good_news_too() -> None:
    """What is good again at night is told in the morning, unless it is bad again by then."""
    story = Story(alerts(QUIET))
    story.tell(12, said("w", "warn", severity="warning"), said("v", "warn", severity="warning"))

    good = [said("w", "pass", severity="warning"), said("v", "pass", severity="warning")]
    assert story.tell(NIGHT, *good) == []
    assert story.tell(NIGHT + 1, said("v", "warn", severity="warning")) == []
    assert story.sweep(MORNING) == [("resolved", "w")]


@pytest.mark.parametrize(("hours", "held"), [(14.75, False), (15, True), (23.75, True), (24, False)])
def test_quiet_hours_begin_and_end_by_the_wall_clock(hours: float, held: bool) -> None:  # noqa: FBT001 - a claim of the table
    """From 22:00 in New York, included, to 07:00, excluded, across midnight."""
    story = Story(alerts(QUIET))
    told = story.tell(hours, said("w", "warn", severity="warning"))

    assert (told == []) is held


def test_what_comes_and_goes_is_told_three_times() -> None:
    """Bad, good, and flapping with the third change; then only in the daily digest."""
    story = Story()
    told = [story.tell(n / 4, said("a", "fail" if n % 2 == 0 else "pass")) for n in range(12 * 4)]

    assert [one for one in told if one] == [[("new", "a")], [("resolved", "a")], [("flapping", "a")]]
    assert story.told[-1].title == "1 flapping: a"


def test_a_flapping_finding_that_calms_down_good_is_resolved() -> None:
    """It stands still for six hours: then its end is told, once; if it begins again the same day, it flaps at once."""
    story = Story()
    for number, status in enumerate(["fail", "pass", "fail", "pass"]):
        story.tell(number, said("a", status))

    assert story.sweep(8.9) == []
    assert story.sweep(9) == [("resolved", "a")]
    assert story.tell(10, said("a", "fail")) == [("flapping", "a")]
    assert story.tell(17, said("a", "fail")) == []
    assert story.tell(40, said("a", "pass")) == [("resolved", "a")]
    assert story.tell(70, said("a", "fail")) == [("new", "a")]


def test_a_flapping_finding_that_calms_down_bad_is_told_already() -> None:
    """It was told as flapping; from then on it is bad as any other, and its end is told."""
    story = Story()
    for number, status in enumerate(["fail", "pass", "fail"]):
        story.tell(number, said("a", status))

    assert story.sweep(8.1) == []
    assert story.sweep(26) == [("reminder", "a")]
    assert story.tell(27, said("a", "pass")) == [("resolved", "a")]


def test_a_flapping_finding_that_gets_worse_is_told_when_it_calms_down() -> None:
    """While it flaps nothing is told; bad for good, and worse than told, it is."""
    story = Story()
    for number, status in enumerate(["warn", "pass", "warn", "pass", "fail"]):
        story.tell(number, said("a", status))

    assert story.sweep(9.9) == []
    assert story.sweep(10) == [("worse", "a")]


def test_a_finding_that_begins_to_flap_again_is_told_again() -> None:
    """It was told as flapping, calmed down bad, and is restless once more."""
    story = Story()
    for number, status in enumerate(["fail", "pass", "fail"]):
        story.tell(number, said("a", status))

    assert story.sweep(8.1) == []
    assert story.tell(9, said("a", "pass")) == [("flapping", "a")]


def test_flapping_stays_in_the_reminders() -> None:
    """Once a day the digest tells that it still comes and goes."""
    story = Story()
    told = [story.tell(n, said("a", "fail" if n % 2 == 0 else "pass")) for n in range(60)]

    assert [one for one in told if one][3:] == [[("reminder", "a")], [("reminder", "a")]]


def test_a_channel_takes_so_many_messages_and_then_one_for_all_that_waits() -> None:
    """Nothing is lost: what waits is told in one message when the hour has passed."""
    story = Story(alerts("burst: {messages: 3, minutes: 60, critical_minutes: 15}\n"))
    told = [story.tell(n / 60, said(f"w{n}", "warn", severity="warning"), scope=f"s{n}") for n in range(10)]

    assert [len(one) for one in told] == [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]
    assert story.held == {"paced": 7}
    assert len(story.sweep(1)) == 7


def test_critical_news_waits_a_quarter_of_an_hour_at_most() -> None:
    """Then it goes out although the channel had its share, and what waits goes along."""
    story = Story(alerts("burst: {messages: 1, minutes: 60, critical_minutes: 15}\n"))
    story.tell(0, said("w", "warn", severity="warning"), scope="one")

    assert story.tell(0.2, said("v", "warn", severity="warning"), said("c", "fail"), scope="two") == []
    assert story.sweep(0.25) == [("new", "c"), ("new", "v")]


def test_what_is_held_back_is_not_told_twice_at_once() -> None:
    """Bad, held, and worse meanwhile: it is new once, as bad as it is then."""
    story = Story(alerts(QUIET))
    story.tell(NIGHT, said("w", "warn", severity="warning"))
    story.tell(NIGHT + 1, said("w", "fail", severity="warning"))
    messages = story.call(MORNING)

    assert changes_of(messages) == [("new", "w")]
    assert messages[0].items[0].status == "fail"


def test_what_nobody_heard_of_is_not_taken_for_told() -> None:
    """It was worse while it was held back; when it is that bad again, that is news."""
    story = Story(alerts(QUIET))
    story.tell(NIGHT, said("w", "fail", severity="warning"))
    story.tell(NIGHT + 1, said("w", "warn", severity="warning"))

    assert story.sweep(MORNING) == [("new", "w")]
    assert story.tell(MORNING + 1, said("w", "fail", severity="warning")) == [("worse", "w")]
