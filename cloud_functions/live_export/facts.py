"""What documents are made from: everything that the sources told, as values; pure."""

import dataclasses
import datetime
import math
from collections.abc import Mapping, Sequence
from typing import Any

from cloud_functions.live_export import grading, night, schedule
from cloud_functions.live_export.documents import fields
from shared import calendars
from shared.exports import manifest

Rows = Sequence[Mapping[str, Any]]
_TOLD: Mapping[calendars.Standing, fields.Standing] = {
    calendars.Standing.GAMES: "games",
    calendars.Standing.OFF_DAY: "off_day",
    calendars.Standing.BREAK: "break",
    calendars.Standing.OFF_SEASON: "off_season",
}
EARLY = datetime.timedelta(minutes=15)
"""How long before a tip-off the provider is asked already."""


@dataclasses.dataclass(frozen=True)
class Facts:
    """What is known of a game day. entries: how the documents stand that were decided before, by id."""

    day: datetime.date
    now: datetime.datetime
    calendar: calendars.Calendar
    schedule: Sequence[schedule.Scheduled]
    night: night.Night
    rule: grading.GradeRule
    predictions: Rows = ()
    players: Rows = ()
    recent: Rows = ()
    entries: Mapping[str, manifest.Entry] = dataclasses.field(default_factory=dict)

    @property
    def standing(self) -> calendars.Standing:
        """What the calendar says of the day."""
        return self.calendar.standing(self.day)

    @property
    def active(self) -> bool:
        """Whether a game is being played, or may be by the clock."""
        return any(
            game.begun(self.now, early=datetime.timedelta()) and game.state not in ("final", "postponed")
            for game in self.schedule
        ) or bool(self.night.counted("in_progress"))


def calendar(known: Facts) -> fields.Calendar:
    """Return what documents say of the day; raise KeyError for a day that the schedule does not cover."""
    return fields.Calendar(_TOLD[known.standing], len(known.night.played))


def number(value: Any) -> Any:
    """Return a number of the warehouse as JSON can hold it; NULL, NaN and infinities as None; NUMERIC is a decimal."""
    found = None if value is None else float(value)
    return found if found is not None and math.isfinite(found) else None
