"""One meaning of "today", across midnight and both changes of the clock."""

import datetime
import zoneinfo

import pytest

from shared import gamedays

NEW_YORK = gamedays.GameDay("America/New_York", 4)
LOS_ANGELES = gamedays.GameDay("America/Los_Angeles", 1)


def local(zone: str, text: str, *, fold: int = 0) -> datetime.datetime:
    """Return an instant given as local wall-clock time."""
    return datetime.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(zone), fold=fold)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-02-11T23:59:59", "2026-02-11"),
        ("2026-02-12T00:00:00", "2026-02-11"),
        ("2026-02-12T03:59:59", "2026-02-11"),
        ("2026-02-12T04:00:00", "2026-02-12"),
        ("2026-03-08T01:59:59", "2026-03-07"),  # the hour from 2 to 3 does not exist this night
        ("2026-03-08T04:00:00", "2026-03-08"),
        ("2026-11-01T03:59:59", "2026-10-31"),
        ("2026-11-01T04:00:00", "2026-11-01"),
    ],
)
def test_day_changes_at_the_cutover_hour(instant: str, day: str) -> None:
    """The wall clock of the declared zone decides, also in the nights when it is changed."""
    assert gamedays.of(local("America/New_York", instant), NEW_YORK) == datetime.date.fromisoformat(day)


@pytest.mark.parametrize("fold", [0, 1])
def test_both_passes_of_an_hour_are_one_day(fold: int) -> None:
    """When the clock is put back, the hour before the cut-over belongs to the old day both times."""
    twice = local("America/New_York", "2026-11-01T01:30:00", fold=fold)

    assert gamedays.of(twice, NEW_YORK) == datetime.date(2026, 10, 31)


def test_one_instant_is_another_day_elsewhere() -> None:
    """Midnight in New York is still evening in Los Angeles."""
    midnight = local("America/New_York", "2026-02-12T04:30:00")

    assert gamedays.of(midnight, NEW_YORK) == datetime.date(2026, 2, 12)
    assert gamedays.of(midnight, LOS_ANGELES) == datetime.date(2026, 2, 12)
    assert gamedays.of(midnight - datetime.timedelta(minutes=31), LOS_ANGELES) == datetime.date(2026, 2, 11)


def test_nightly_backup_is_of_the_day_it_runs_on() -> None:
    """The backup of 02:00 Pacific on 12 February is 20260212, as it always was."""
    assert gamedays.of(local("America/Los_Angeles", "2026-02-12T02:00:00"), NEW_YORK) == datetime.date(2026, 2, 12)


def test_instant_without_zone_is_refused() -> None:
    """A naive datetime has no day."""
    with pytest.raises(ValueError, match="time zone"):
        gamedays.of(datetime.datetime(2026, 2, 12, 4, 0), NEW_YORK)  # noqa: DTZ001 - the claim is about naive ones


def test_unknown_zone_is_a_mistake_of_the_declaration() -> None:
    """A time zone that does not exist is named."""
    assert gamedays.GameDay("America/Gotham", 4).problems() == [("time_zone", "no such time zone: 'America/Gotham'")]


def utc(text: str) -> datetime.datetime:
    """Return an instant given in UTC."""
    return datetime.datetime.fromisoformat(f"{text}+00:00")


@pytest.mark.parametrize(
    ("zone", "hour", "day", "start"),
    [
        ("America/New_York", 4, "2026-02-12", "2026-02-12T09:00"),
        ("America/New_York", 0, "2026-02-12", "2026-02-12T05:00"),
        ("America/New_York", 4, "2026-03-08", "2026-03-08T08:00"),
        ("America/New_York", 2, "2026-03-08", "2026-03-08T07:00"),  # jumped over: the clocks show 3 instead
        ("America/New_York", 0, "2026-03-08", "2026-03-08T05:00"),
        ("America/New_York", 0, "2026-03-09", "2026-03-09T04:00"),
        ("America/New_York", 4, "2026-11-01", "2026-11-01T09:00"),
        ("America/New_York", 1, "2026-11-01", "2026-11-01T05:00"),  # there twice: the first time
        ("America/New_York", 0, "2026-11-01", "2026-11-01T04:00"),
        ("America/New_York", 0, "2026-11-02", "2026-11-02T05:00"),
        ("America/Los_Angeles", 0, "2026-02-12", "2026-02-12T08:00"),
        ("America/Los_Angeles", 1, "2026-02-12", "2026-02-12T09:00"),
        ("America/Los_Angeles", 2, "2026-03-08", "2026-03-08T10:00"),
        ("America/Los_Angeles", 0, "2026-03-08", "2026-03-08T08:00"),
        ("America/Los_Angeles", 0, "2026-03-09", "2026-03-09T07:00"),
        ("America/Los_Angeles", 1, "2026-11-01", "2026-11-01T08:00"),
        ("America/Los_Angeles", 0, "2026-11-02", "2026-11-02T08:00"),
    ],
)
def test_a_day_begins_at_an_instant_that_exists(zone: str, hour: int, day: str, start: str) -> None:
    """In both zones, at midnight and at the cut-over, on the days on which clocks are changed and on others."""
    found = gamedays.start(datetime.date.fromisoformat(day), gamedays.GameDay(zone, hour))

    # In an hour that comes twice, Python finds no instant equal to one of another zone.
    assert found.astimezone(datetime.UTC) == utc(start)
    assert str(found.tzinfo) == zone


@pytest.mark.parametrize("zone", ["America/New_York", "America/Los_Angeles"])
@pytest.mark.parametrize("hour", [0, 1, 2, 3, 4, 12])
@pytest.mark.parametrize("changed", ["2026-03-08", "2026-11-01", "2026-02-12"])
def test_days_follow_each_other_without_a_gap(zone: str, hour: int, changed: str) -> None:
    """An instant lies between the beginnings of its day and of the next, but for the hour that comes twice."""
    declared, day = gamedays.GameDay(zone, hour), datetime.date.fromisoformat(changed)
    first = gamedays.start(day - datetime.timedelta(days=1), declared).astimezone(datetime.UTC)

    for number in range(3 * 24 * 4):
        instant = first + datetime.timedelta(minutes=15 * number)
        of = gamedays.of(instant, declared)
        begin, end = (gamedays.start(of + datetime.timedelta(days=shift), declared) for shift in (0, 1))
        twice = hour == 1 and changed == "2026-11-01" and instant.astimezone(zoneinfo.ZoneInfo(zone)).hour < 2
        assert twice or begin <= instant < end


def test_midnight_is_of_the_new_day_where_it_is_the_cut_over() -> None:
    """With hour 0 a game day is the date, in either zone."""
    for zone in ("America/New_York", "America/Los_Angeles"):
        declared = gamedays.GameDay(zone, 0)
        midnight = local(zone, "2026-02-12T00:00:00")
        assert gamedays.of(midnight, declared) == datetime.date(2026, 2, 12)
        assert gamedays.of(midnight - datetime.timedelta(microseconds=1), declared) == datetime.date(2026, 2, 11)


@pytest.mark.parametrize(
    ("time", "instant"), [("02:30", "2026-03-08T07:30"), ("03:00", "2026-03-08T07:00"), ("01:59", "2026-03-08T06:59")]
)
def test_a_time_that_is_jumped_over(time: str, instant: str) -> None:
    """A wall-clock time that does not exist becomes the one that clocks show instead."""
    found = gamedays.at(datetime.date(2026, 3, 8), datetime.time.fromisoformat(time), NEW_YORK)

    assert found == utc(instant)
    assert found.hour != 2
