"""When a schedule was due, and how far apart its ticks are."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_functions.daily_health_check.doctor import schedules
from shared import errors

EVENING = "*/5 16-23,0-1 * * *"
NEW_YORK = "America/New_York"
CRONS = (EVENING, "0 8 * * *", "30 2 * * *", "30 1 * * *", "0 9 * * 1-5", "*/10 * * * *", "0 4 1 * *", "15 */2 * * *")
ZONES = (NEW_YORK, "America/Los_Angeles", "UTC", "Europe/London")


def utc(text: str) -> datetime.datetime:
    """Return an instant of 2026, given month, day and time in UTC."""
    return datetime.datetime.fromisoformat(f"2026-{text}+00:00")


@pytest.mark.parametrize(
    ("cron", "zone", "now", "due"),
    [
        ("0 8 * * *", NEW_YORK, "02-12T18:00", "02-12T13:00"),
        ("0 8 * * *", NEW_YORK, "02-12T13:00", "02-12T13:00"),
        ("0 8 * * *", NEW_YORK, "02-12T12:59", "02-11T13:00"),
        (EVENING, NEW_YORK, "02-12T18:00", "02-12T06:55"),
        ("0 4 1 * *", "UTC", "02-28T20:00", "02-01T04:00"),
        ("30 2 * * *", NEW_YORK, "03-08T16:00", "03-08T07:00"),
        ("30 1 * * *", NEW_YORK, "11-01T20:00", "11-01T05:30"),
        ("30 1 * * *", NEW_YORK, "11-01T06:15", "11-01T05:30"),
        ("*/10 * * * *", NEW_YORK, "11-01T06:15", "11-01T06:10"),
        ("every 15 minutes", NEW_YORK, "02-12T18:00", "02-12T17:45"),
    ],
)
def test_the_last_tick(cron: str, zone: str, now: str, due: str) -> None:
    """The wall clock of the zone decides; a tick at this very instant counts."""
    assert schedules.previous(cron, zone, utc(now)) == utc(due)


@pytest.mark.parametrize(
    ("cron", "now", "due"),
    [
        ("0 8 * * *", "02-12T13:00", "02-13T13:00"),
        ("0 8 * * *", "02-12T12:59", "02-12T13:00"),
        (EVENING, "02-12T18:00", "02-12T21:00"),
        ("30 2 * * *", "03-08T01:00", "03-08T07:00"),
        ("30 1 * * *", "11-01T06:15", "11-02T06:30"),
        ("every 2 hours", "02-12T18:00", "02-12T20:00"),
    ],
)
def test_the_next_tick(cron: str, now: str, due: str) -> None:
    """A tick at this very instant is past; at night the clock may jump."""
    assert schedules.following(cron, NEW_YORK, utc(now)) == utc(due)


@pytest.mark.parametrize(
    ("cron", "now", "hours"),
    [
        (EVENING, "02-12T18:00", 14 + 5 / 60),
        (EVENING, "02-12T22:02", 5 / 60),
        ("0 8 * * *", "02-12T18:00", 24),
        ("0 8 * * *", "03-08T04:00", 23),
        ("0 8 * * *", "11-01T05:00", 25),
        ("0 9 * * 1-5", "02-14T18:00", 72),
        ("every 2 hours", "02-12T18:00", 2),
        ("Every 30 mins", "02-12T18:00", 0.5),
    ],
)
def test_the_period_is_the_gap_around_now(cron: str, now: str, hours: float) -> None:
    """An evening's job has a long gap at noon; a day may have 23 or 25 hours."""
    assert schedules.period(cron, NEW_YORK, utc(now)) == datetime.timedelta(hours=hours)


@settings(max_examples=200, deadline=None)
@given(
    cron=st.sampled_from(CRONS),
    zone=st.sampled_from(ZONES),
    now=st.datetimes(datetime.datetime(2026, 1, 1), datetime.datetime(2027, 1, 1), timezones=st.just(datetime.UTC)),  # noqa: DTZ001 - hypothesis adds the zone
)
def test_no_tick_lies_between_the_last_and_the_next(cron: str, zone: str, now: datetime.datetime) -> None:
    """At any instant of a year, the hours that are jumped over or come twice included."""
    before, after = schedules.previous(cron, zone, now), schedules.following(cron, zone, now)

    assert before <= now < after
    assert schedules.previous(cron, zone, after - datetime.timedelta(seconds=1)) == before


@pytest.mark.parametrize(
    ("cron", "zone", "said"),
    [
        ("at breakfast", "UTC", "five fields"),
        ("0 0 8 * * *", "UTC", "five fields"),
        ("61 8 * * *", "UTC", "bad minute"),
        ("0 8 30 2 *", "UTC", "bad day-of-month"),
        ("every 0 minutes", "UTC", "five fields"),
        ("0 8 * * *", "America/Lakers", "no such time zone"),
        ("0 8 * * *", "America", "no such time zone"),
        ("every 5 minutes", "", "no such time zone"),
    ],
)
def test_what_cannot_be_read_is_said(cron: str, zone: str, said: str) -> None:
    """Both functions refuse, with the text that is wrong."""
    for ask in (schedules.previous, schedules.period):
        with pytest.raises(errors.InvalidDeclaration, match=said):
            ask(cron, zone, utc("02-12T18:00"))


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("0 8 * * *", "at 08:00 every day, UTC"),
        ("every 15 minutes", "every 15 minutes, UTC"),
        ("at breakfast", "at breakfast, UTC"),
    ],
)
def test_a_schedule_in_words(cron: str, said: str) -> None:
    """As a person says it; what cannot be read stays as it is written."""
    assert schedules.words(cron, "UTC") == said


def test_a_tick_is_its_own_last_one_when_clocks_go_back() -> None:
    """At the very instant, too, and in the hour that comes twice."""
    tick = datetime.datetime(2026, 11, 1, 5, 30, tzinfo=datetime.UTC)

    assert schedules.previous("30 1 * * *", "America/New_York", tick) == tick
    assert schedules.previous("30 1 * * *", "America/New_York", tick + datetime.timedelta(minutes=1)) == tick
