"""What the score provider answers, read strictly: games and their players' lines; pure.

The provider adds keys as it likes; what is read here must be there and of its type, or the whole answer is none.
"""

import dataclasses
import unicodedata
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from shared import shapes

State = Literal["scheduled", "in_progress", "final"]
_PLAIN = str.maketrans({"đ": "d", "ð": "d", "ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"})
"""Letters that do not come apart into a plain one and an accent."""


@dataclasses.dataclass(frozen=True)
class Line:
    """One player's numbers; minutes is None, or 0, for one who has not played."""

    name: str
    team: str
    points: int
    rebounds: int
    assists: int
    steals: int
    blocks: int
    turnovers: int
    minutes: float | None
    fg_made: int
    fg_attempted: int
    fg3_made: int
    fg3_attempted: int
    ft_made: int
    ft_attempted: int

    @property
    def lookup(self) -> str:
        """The pipeline's key of the player: the name's letters and digits, without accents, in lower case."""
        plain = unicodedata.normalize("NFKD", self.name.lower().translate(_PLAIN))
        return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())


@dataclasses.dataclass(frozen=True)
class Game:
    """One game as the provider tells it; date is its own, as a text."""

    provider_id: str | None
    date: str
    home: str
    away: str
    state: State
    period: int
    clock: str | None
    home_score: int | None
    away_score: int | None
    lines: tuple[Line, ...]


@dataclasses.dataclass(frozen=True)
class Page:
    """One page of games, and where the next one begins; None on the last."""

    games: tuple[Game, ...]
    cursor: str | None


@dataclasses.dataclass(frozen=True)
class _Person:
    foreign: ClassVar[bool] = True
    first_name: str
    last_name: str


@dataclasses.dataclass(frozen=True)
class _Numbers:
    """The names are the provider's."""

    foreign: ClassVar[bool] = True
    player: _Person
    # A number in another form would look as if nobody had played; without any number nobody has.
    min: str | None = dataclasses.field(default=None, metadata={"pattern": r"\s*[0-9]{1,3}(:[0-9]{0,2})?\s*|[^0-9]*"})
    pts: int | None = None
    reb: int | None = None
    ast: int | None = None
    stl: int | None = None
    blk: int | None = None
    turnover: int | None = None
    fgm: int | None = None
    fga: int | None = None
    fg3m: int | None = None
    fg3a: int | None = None
    ftm: int | None = None
    fta: int | None = None


@dataclasses.dataclass(frozen=True)
class _Team:
    foreign: ClassVar[bool] = True
    abbreviation: str
    players: tuple[_Numbers, ...] = ()


@dataclasses.dataclass(frozen=True)
class _Game:
    foreign: ClassVar[bool] = True
    date: str
    status: str
    home_team: _Team
    visitor_team: _Team
    period: int | None = None
    time: str | None = None
    home_team_score: int | None = None
    visitor_team_score: int | None = None
    id: Any = None


@dataclasses.dataclass(frozen=True)
class _Page:
    foreign: ClassVar[bool] = True
    data: tuple[_Game, ...]
    meta: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def read(answer: Any) -> Page | str:
    """Return the page that a decoded answer holds, or why it holds none."""
    found, problems = shapes.build(_Page, shapes.plain(answer))
    if found is None:
        return "; ".join(f"{one.path or 'the answer'}: {one.message}"[:200] for one in problems[:3])
    cursor = found.meta.get("next_cursor")
    return Page(tuple(_game(one) for one in found.data), None if cursor is None else str(cursor))


def _game(told: _Game) -> Game:
    sides = (told.home_team, told.visitor_team)
    return Game(
        provider_id=None if told.id is None else str(told.id),
        date=told.date[:10],
        home=told.home_team.abbreviation,
        away=told.visitor_team.abbreviation,
        state=_state(told),
        period=told.period or 0,
        clock=(told.time or "").strip() or None,
        home_score=told.home_team_score,
        away_score=told.visitor_team_score,
        lines=tuple(_line(side.abbreviation, numbers) for side in sides for numbers in side.players),
    )


def _state(told: _Game) -> State:
    if told.status.strip().lower().startswith("final"):
        return "final"
    return "in_progress" if told.period else "scheduled"


def _line(team: str, told: _Numbers) -> Line:
    return Line(
        name=f"{told.player.first_name} {told.player.last_name}".strip(),
        team=team,
        points=told.pts or 0,
        rebounds=told.reb or 0,
        assists=told.ast or 0,
        steals=told.stl or 0,
        blocks=told.blk or 0,
        turnovers=told.turnover or 0,
        minutes=_minutes(told.min),
        fg_made=told.fgm or 0,
        fg_attempted=told.fga or 0,
        fg3_made=told.fg3m or 0,
        fg3_attempted=told.fg3a or 0,
        ft_made=told.ftm or 0,
        ft_attempted=told.fta or 0,
    )


def _minutes(text: str | None) -> float | None:
    """Return the minutes in a text like "24", "24:30" or "" (None)."""
    minutes, _, seconds = (text or "").strip().partition(":")
    if not minutes.isdecimal():
        return None
    played = int(minutes) + (int(seconds) / 60 if seconds.isdecimal() else 0.0)
    # Two seconds on court are no minute, and yet whoever had them has played.
    return max(0.1, round(played, 1)) if played else 0.0
