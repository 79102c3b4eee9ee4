"""The scores of the day's games: those being played from the provider, finished ones from the official table; pure."""

import dataclasses
import datetime

from cloud_functions.live_export import box, facts
from cloud_functions.live_export.documents import fields
from cloud_functions.live_export.documents.fields import described

VERSION = "1.0"
NEEDS = ("schedule", "official", "provider")
"""The sources that it is made from."""


@dataclasses.dataclass(frozen=True)
class Live:
    """The scores of one game day; games being played first."""

    updated_at: datetime.datetime = dataclasses.field(metadata=fields.STAMP)
    game_date: datetime.date = dataclasses.field(metadata=fields.DAY)
    poll_id: str = dataclasses.field(metadata=described("The same instant as updated_at, compact."))
    calendar: fields.Calendar
    games_in_progress: int
    games_final: int
    total_games: int
    games: tuple[box.Game, ...]


def build(known: facts.Facts, stamp: datetime.datetime) -> Live:
    """Return the document, given since when its content is what it is."""
    games = known.night.games
    return Live(
        updated_at=stamp,
        game_date=known.day,
        poll_id=f"{stamp:%Y%m%dT%H%M%SZ}",
        calendar=facts.calendar(known),
        games_in_progress=known.night.counted("in_progress"),
        games_final=known.night.counted("final"),
        total_games=len(games),
        games=games,
    )


def measure(document: Live) -> fields.Measures:
    """Return what the document comes to."""
    counts = {"final": document.games_final, "players": sum(game.player_count for game in document.games)}
    return fields.Measures(len(document.games), counts, {})


DOCUMENT = Live
