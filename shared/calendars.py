"""The calendar: on which days games are played, from the schedule table; why there are none on others; pure.

It is the denominator of completeness and the reason for `skip`. "No games" is a statement of the schedule: a day that
it does not cover is unknown, and never an off-day.
"""

import dataclasses
import datetime
import enum
from collections.abc import Iterable, Mapping
from typing import Any

_DAY = datetime.timedelta(days=1)


@dataclasses.dataclass(frozen=True)
class OffSeason:
    """Days without any schedule, declared by a person, both ends included."""

    first: datetime.date
    last: datetime.date

    def problems(self) -> list[tuple[str, str]]:
        """Return (field, mistake) for an end before the beginning."""
        return [("last", f"lies before {self.first}")] if self.last < self.first else []


@dataclasses.dataclass(frozen=True)
class Declared:
    """Where the schedule stands, and which of its rows are games.

    counts: a condition on its rows, so that exhibitions do not count. final: a condition that the game is over. live: a
    condition that it is being played.
    """

    table: str = dataclasses.field(
        metadata={"description": "dataset.table, one row a game.", "pattern": r"[A-Za-z0-9_]+\.[A-Za-z0-9_-]+"}
    )
    date: str = dataclasses.field(metadata={"description": "Its DATE column.", "pattern": "[A-Za-z_][A-Za-z0-9_]*"})
    game: str = dataclasses.field(metadata={"description": "Its key.", "pattern": "[A-Za-z_][A-Za-z0-9_]*"})
    counts: str = dataclasses.field(default="TRUE", metadata={"description": "Which rows are games, in GoogleSQL."})
    final: str = dataclasses.field(default="FALSE", metadata={"description": "Which games are over, in GoogleSQL."})
    live: str = dataclasses.field(
        default="FALSE", metadata={"description": "Which games are being played, in GoogleSQL."}
    )
    reach_days: int = dataclasses.field(
        default=14,
        metadata={"description": "How far a gap between scheduled days may reach.", "minimum": 1, "maximum": 60},
    )
    break_days: int = dataclasses.field(
        default=4, metadata={"description": "From how many days without games on it is a break.", "minimum": 2}
    )
    off_seasons: tuple[OffSeason, ...] = ()


class Standing(enum.StrEnum):
    """What the calendar says of a day."""

    GAMES = "games"
    OFF_DAY = "off_day"
    BREAK = "break"
    OFF_SEASON = "off_season"
    UNKNOWN = "no_schedule"  # the schedule does not cover the day


@dataclasses.dataclass(frozen=True)
class Day:
    """What the schedule holds for one day: rows of any sort, games, how many of them are over, how many under way."""

    rows: int
    games: int
    final: int
    live: int = 0


@dataclasses.dataclass(frozen=True)
class Calendar:
    """The scheduled days around the day that is asked for; a day that is not in `days` has no row."""

    declared: Declared
    days: Mapping[datetime.date, Day]

    def games(self, day: datetime.date) -> int:
        """Return the number of games of a day."""
        return self.days[day].games if day in self.days else 0

    def final(self, day: datetime.date) -> int:
        """Return how many games of a day are over."""
        return self.days[day].final if day in self.days else 0

    def live(self, day: datetime.date) -> int:
        """Return how many games of a day are being played."""
        return self.days[day].live if day in self.days else 0

    def standing(self, day: datetime.date) -> Standing:
        """Return what the calendar says of a day.

        A day without games is an off-day or a break only when the schedule has rows within reach on both sides of it.
        """
        if self.games(day):
            return Standing.GAMES
        if any(season.first <= day <= season.last for season in self.declared.off_seasons):
            return Standing.OFF_SEASON
        before, after = self._nearest(day, -_DAY), self._nearest(day, _DAY)
        if before is None or after is None:
            return Standing.UNKNOWN
        played_before, played_after = self._nearest(day, -_DAY, games=True), self._nearest(day, _DAY, games=True)
        gap = (played_after - played_before).days - 1 if played_before and played_after else None
        return Standing.OFF_DAY if gap is not None and gap < self.declared.break_days else Standing.BREAK

    def _nearest(self, day: datetime.date, step: datetime.timedelta, *, games: bool = False) -> datetime.date | None:
        for number in range(1, self.declared.reach_days + 1):
            found = self.days.get(day + step * number)
            if found and (found.games if games else found.rows):
                return day + step * number
        return None


def question(
    declared: Declared,
    *,
    project: str,
    first: datetime.date,
    last: datetime.date,
    at: datetime.datetime | None = None,
) -> tuple[str, list[tuple[str, str, Any]]]:
    """Return the query for the calendar of the days from `first` to `last`, and its parameters.

    at: the instant of which the schedule is read, within the past that BigQuery keeps; by default as it is now.
    """
    dataset, _, table = declared.table.partition(".")
    sql = (
        f"SELECT `{declared.date}` AS calendar_day, COUNT(*) AS row_count,"  # noqa: S608 - names are declared, dates parameters
        f" COUNT(DISTINCT IF({declared.counts}, `{declared.game}`, NULL)) AS games,"
        f" COUNT(DISTINCT IF(({declared.counts}) AND ({declared.final}), `{declared.game}`, NULL)) AS final,"
        f" COUNT(DISTINCT IF(({declared.counts}) AND ({declared.live}), `{declared.game}`, NULL)) AS live"
        f" FROM `{project}`.`{dataset}`.`{table}`{_past(at)}"
        f" WHERE `{declared.date}` BETWEEN @first AND @last GROUP BY calendar_day"
    )
    reach = datetime.timedelta(days=declared.reach_days)
    return sql, [("first", "DATE", first - reach), ("last", "DATE", last + reach)]


def _past(at: datetime.datetime | None) -> str:
    """Return the clause for an instant, as a number: not every warehouse takes a parameter there."""
    return f" FOR SYSTEM_TIME AS OF TIMESTAMP_MILLIS({round(at.timestamp() * 1000)})" if at else ""


def read(declared: Declared, rows: Iterable[Mapping[str, Any]]) -> Calendar:
    """Return the calendar that the answer to `question` holds."""
    days = {row["calendar_day"]: Day(row["row_count"], row["games"], row["final"], row["live"]) for row in rows}
    return Calendar(declared, days)
