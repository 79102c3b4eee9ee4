"""What the documents have in common: small values that several of them hold; pure."""

import dataclasses
from typing import Literal

State = Literal["scheduled", "in_progress", "final", "postponed"]
"""How far a game is; a postponed one is not played on its day."""
Standing = Literal["games", "off_day", "break", "off_season"]
"""What the calendar says of a day that the schedule covers."""
Source = Literal["official", "live", "schedule", "kept"]
"""Where a game's numbers come from; kept: from the last published document, since the provider left the game out."""


def described(text: str, **limits: object) -> dict[str, object]:
    """Return the metadata of a field: what it says, for the JSON Schema and the TypeScript types."""
    return {"description": text, **limits}


DAY = described("The game day that it is about.")
STAMP = described("Since when the content is this; not when it was looked at last.")


@dataclasses.dataclass(frozen=True)
class Calendar:
    """What the schedule says of the day."""

    standing: Standing = dataclasses.field(
        metadata=described("Whether games are played on the day; without games, why not.")
    )
    games: int = dataclasses.field(metadata=described("Games of the day, postponed ones left out.", minimum=0))


@dataclasses.dataclass(frozen=True)
class Measures:
    """What a document comes to, by which the next one is compared with it.

    rows: its main rows. counts: other numbers that do not shrink while a day lasts, e.g. final, players. columns: for
    each column that is watched, whether any row has a value.
    """

    rows: int
    counts: dict[str, int]
    columns: dict[str, bool]
