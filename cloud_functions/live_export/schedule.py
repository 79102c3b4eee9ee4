"""The day's games as the schedule tells them, and when they begin; pure."""

import dataclasses
import datetime
import re
from collections.abc import Iterable, Mapping
from typing import Any

from cloud_functions.live_export.documents import fields
from shared import gamedays

_STATES: Mapping[int, fields.State] = {1: "scheduled", 2: "in_progress", 3: "final"}
_TIP = re.compile(r"\s*(1[0-2]|[1-9]):([0-5][0-9])\s*([ap])\.?m\.?\s*ET\s*", re.IGNORECASE)
_POSTPONED = re.compile(r"\b(PPD|postponed|cancell?ed)\b", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Scheduled:
    """One game of the schedule. game_id: as in every document; tip: when it begins, where the schedule still tells."""

    game_id: str
    nba_game_id: str
    home: str
    away: str
    state: fields.State
    tip: datetime.datetime | None
    home_score: int | None
    away_score: int | None

    def begun(self, now: datetime.datetime, *, early: datetime.timedelta) -> bool:
        """Return whether it may have begun by `now`; one whose beginning is not told may have."""
        if self.state == "postponed":
            return False
        return self.state != "scheduled" or self.tip is None or now >= self.tip - early


def read(rows: Iterable[Mapping[str, Any]], day: datetime.date, game_day: gamedays.GameDay) -> tuple[Scheduled, ...]:
    """Return the games in the rows of the schedule's query; a status that is not known counts as scheduled."""
    return tuple(_game(row, day, game_day) for row in rows)


def _game(row: Mapping[str, Any], day: datetime.date, game_day: gamedays.GameDay) -> Scheduled:
    text = str(row["game_status_text"] or "")
    state = _STATES.get(row["game_status"], "scheduled")
    if state == "scheduled" and _POSTPONED.search(text):
        state = "postponed"
    return Scheduled(
        game_id=f"{day:%Y%m%d}_{row['away_team']}_{row['home_team']}",
        nba_game_id=row["game_id"],
        home=row["home_team"],
        away=row["away_team"],
        state=state,
        tip=_tip(text, day, game_day) if state == "scheduled" else None,
        home_score=row["home_score"],
        away_score=row["away_score"],
    )


def _tip(text: str, day: datetime.date, game_day: gamedays.GameDay) -> datetime.datetime | None:
    """Return the instant in a text like "7:30 pm ET"; the declared time zone is that of the East."""
    match = _TIP.fullmatch(text)
    if not match:
        return None
    hour = int(match[1]) % 12 + (12 if match[3].lower() == "p" else 0)
    return gamedays.at(day, datetime.time(hour, int(match[2])), game_day)
