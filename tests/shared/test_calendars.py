"""On which days games are played, why there are none on others, and when the calendar does not know."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies

from shared import calendars
from shared.calendars import Day, Standing

ONE = datetime.timedelta(days=1)
SEASON = (datetime.date(2025, 10, 21), datetime.date(2026, 4, 12))
OFF_SEASON = calendars.OffSeason(datetime.date(2026, 6, 20), datetime.date(2026, 9, 30))


def declared(**changes: Any) -> calendars.Declared:
    """Return what is declared of a schedule."""
    return calendars.Declared("raw.schedule", "game_date", "game_id", off_seasons=(OFF_SEASON,), **changes)


def february(number: int) -> datetime.date:
    """Return a day of February 2026."""
    return datetime.date(2026, 2, number)


def season() -> dict[datetime.date, Day]:
    """Return a season with games on every day, but for Christmas Eve and the days around the All-Star game."""
    days = {SEASON[0] + ONE * number: Day(7, 7, 7) for number in range((SEASON[1] - SEASON[0]).days + 1)}
    del days[datetime.date(2025, 12, 24)]
    days |= {february(11): Day(14, 14, 14), february(12): Day(3, 3, 2)}
    days |= {february(number): Day(2, 0, 0) for number in (13, 14, 15)}
    for number in (16, 17, 18):
        del days[february(number)]
    return days


KNOWN = calendars.Calendar(declared(), season())


@pytest.mark.parametrize(
    ("day", "games", "final", "standing"),
    [
        (february(11), 14, 14, Standing.GAMES),
        (february(12), 3, 2, Standing.GAMES),
        (february(13), 0, 0, Standing.BREAK),
        (february(15), 0, 0, Standing.BREAK),
        (february(16), 0, 0, Standing.BREAK),
        (february(18), 0, 0, Standing.BREAK),
        (february(19), 7, 7, Standing.GAMES),
        (datetime.date(2025, 12, 23), 7, 7, Standing.GAMES),
        (datetime.date(2025, 12, 24), 0, 0, Standing.OFF_DAY),
        (datetime.date(2025, 12, 25), 7, 7, Standing.GAMES),
        (SEASON[0], 7, 7, Standing.GAMES),
        (SEASON[0] - ONE, 0, 0, Standing.UNKNOWN),
        (SEASON[1], 7, 7, Standing.GAMES),
        (SEASON[1] + ONE, 0, 0, Standing.UNKNOWN),
        (OFF_SEASON.first, 0, 0, Standing.OFF_SEASON),
        (OFF_SEASON.last, 0, 0, Standing.OFF_SEASON),
        (OFF_SEASON.last + ONE, 0, 0, Standing.UNKNOWN),
        (datetime.date(1999, 1, 1), 0, 0, Standing.UNKNOWN),
    ],
    ids=str,
)
def test_a_day_has_its_standing(day: datetime.date, games: int, final: int, standing: Standing) -> None:
    """Fourteen games, three games, exhibitions only, nothing between game days, nothing declared, nothing known."""
    assert (KNOWN.games(day), KNOWN.final(day), KNOWN.standing(day)) == (games, final, standing)


@pytest.mark.parametrize(
    ("gap", "standing"), [(1, Standing.OFF_DAY), (3, Standing.OFF_DAY), (4, Standing.BREAK), (8, Standing.BREAK)]
)
def test_many_days_without_games_are_a_break(gap: int, standing: Standing) -> None:
    """Every day of a gap has the same standing, which its length decides."""
    days = {february(1): Day(5, 5, 5), february(1) + ONE * (gap + 1): Day(5, 5, 0)}
    known = calendars.Calendar(declared(break_days=4), days)

    assert {known.standing(february(1) + ONE * number) for number in range(1, gap + 1)} == {standing}


def test_exhibitions_show_that_the_schedule_is_there() -> None:
    """A gap longer than the reach is a break while rows that are no games cover it, and unknown without them."""
    far = february(1) + ONE * 19
    ends = {february(1): Day(5, 5, 5), far: Day(5, 5, 0)}
    middle = calendars.Calendar(
        declared(reach_days=10), {**ends, february(8): Day(1, 0, 0), february(13): Day(1, 0, 0)}
    )

    assert calendars.Calendar(declared(reach_days=9), ends).standing(february(10)) is Standing.UNKNOWN
    assert middle.standing(february(10)) is Standing.BREAK


@pytest.mark.parametrize("side", [-1, 1])
def test_one_side_is_not_enough(side: int) -> None:
    """Beside the end of what is loaded a day is unknown: perhaps the rest has not come yet."""
    known = calendars.Calendar(declared(), {february(12): Day(3, 3, 3)})
    assert known.standing(february(12) + ONE * side) is Standing.UNKNOWN


def test_an_empty_schedule_knows_nothing() -> None:
    """No row anywhere: every day is unknown, but for a declared off-season."""
    empty = calendars.read(declared(), ())

    assert empty.standing(february(12)) is Standing.UNKNOWN
    assert empty.standing(OFF_SEASON.first) is Standing.OFF_SEASON
    assert empty.games(february(12)) == empty.final(february(12)) == 0


def test_games_in_an_off_season_are_games() -> None:
    """What the schedule holds outweighs what a person declared."""
    known = calendars.Calendar(declared(), {OFF_SEASON.first: Day(1, 1, 0)})
    assert known.standing(OFF_SEASON.first) is Standing.GAMES


@hypothesis.given(
    strategies.dictionaries(
        strategies.integers(1, 28).map(february),
        strategies.builds(Day, strategies.just(3), strategies.integers(0, 3), strategies.just(0)),
    ),
    strategies.integers(1, 28).map(february),
    strategies.integers(1, 14),
)
def test_no_games_is_a_statement_of_the_schedule(
    days: Mapping[datetime.date, Day], day: datetime.date, reach: int
) -> None:
    """No day is an off-day or a break without rows within reach on both sides of it."""
    standing = calendars.Calendar(declared(reach_days=reach), days).standing(day)
    sides = [any(day + ONE * number * side in days for number in range(1, reach + 1)) for side in (-1, 1)]

    assert (standing in (Standing.OFF_DAY, Standing.BREAK)) is (all(sides) and not (day in days and days[day].games))


def test_the_question_reads_what_is_within_reach() -> None:
    """Its dates are parameters, wide enough for the standing of the first day and of the last."""
    text, parameters = calendars.question(
        declared(counts="SUBSTR(game_id, 1, 3) = '002'", final="status = 3", live="status = 2", reach_days=10),
        project="p",
        first=february(11),
        last=february(12),
    )

    assert parameters == [("first", "DATE", february(1)), ("last", "DATE", february(22))]
    assert "FROM `p`.`raw`.`schedule` WHERE `game_date` BETWEEN @first AND @last" in text
    assert "2026" not in text
    assert "COUNT(DISTINCT IF((SUBSTR(game_id, 1, 3) = '002') AND (status = 3), `game_id`, NULL)) AS final" in text
    assert "COUNT(DISTINCT IF((SUBSTR(game_id, 1, 3) = '002') AND (status = 2), `game_id`, NULL)) AS live" in text
    assert "SYSTEM_TIME" not in text


def test_the_question_can_be_asked_of_the_past() -> None:
    """The instant stands there as a number of milliseconds."""
    at = datetime.datetime(2026, 2, 12, 23, tzinfo=datetime.UTC)
    text, _ = calendars.question(declared(), project="p", first=february(11), last=february(12), at=at)

    assert "FROM `p`.`raw`.`schedule` FOR SYSTEM_TIME AS OF TIMESTAMP_MILLIS(1770937200000) WHERE" in text


def test_the_answer_is_read_back() -> None:
    """One row a day: rows of any sort, games, those that are over, and those that are being played."""
    rows: Iterable[Mapping[str, Any]] = [
        {"calendar_day": february(12), "row_count": 5, "games": 4, "final": 2, "live": 1}
    ]
    known = calendars.read(declared(), rows)

    assert known.days == {february(12): Day(5, 4, 2, 1)}
    assert (known.live(february(12)), known.live(february(13))) == (1, 0)


def test_an_off_season_ends_after_it_begins() -> None:
    """A last day before the first is a mistake of the declaration."""
    assert calendars.OffSeason(february(2), february(1)).problems() == [("last", "lies before 2026-02-02")]
    assert OFF_SEASON.problems() == []
