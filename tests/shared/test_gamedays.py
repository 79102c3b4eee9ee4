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
