"""A side is one team in one game: the row that every team table has, and the row over the players' slots.

Sides stand in pairs, away then home, in the order of the games.
"""

import dataclasses

import numpy as np

from local.world import facts, games, players, teams

_CODES = np.array(teams.CODES, dtype=object)


@dataclasses.dataclass(frozen=True)
class Sides:
    """Every side from opening night to the last day; `final` is false for tonight's games.

    number: how many games the team played before. rest: days since its last game, 0 for its first.
    cells: a key for each player slot of each side.
    """

    date: np.ndarray
    team: np.ndarray
    opponent: np.ndarray
    home: np.ndarray
    final: np.ndarray
    number: np.ndarray
    rest: np.ndarray
    game: np.ndarray
    game_id: np.ndarray
    nba_id: np.ndarray

    @property
    def rows(self) -> np.ndarray:
        """Return a key for each side."""
        return np.arange(len(self.date))

    @property
    def cells(self) -> np.ndarray:
        """Return a key for each player slot of each side, as an array of sides by slots."""
        return self.rows[:, None] * 32 + np.arange(players.SLOTS)

    @property
    def code(self) -> np.ndarray:
        """Return the code of each side's team."""
        return _CODES[self.team]

    @property
    def opponent_code(self) -> np.ndarray:
        """Return the code of the team that each side meets."""
        return _CODES[self.opponent]

    @property
    def other(self) -> np.ndarray:
        """Return the index of the opposing side of each side."""
        return self.rows ^ 1


def make(season: games.Games) -> Sides:
    """Return the sides of all games up to the last day of the world."""
    count = int(np.sum(season.date <= np.datetime64(facts.LAST_DAY)))
    date, away, home = season.date[:count], season.away[:count], season.home[:count]
    stamps = np.char.replace(date.astype(str), "-", "")
    ids = [f"{stamp}_{_CODES[a]}_{_CODES[h]}" for stamp, a, h in zip(stamps, away, home, strict=True)]
    team = np.stack([away, home], axis=1).ravel()
    dates = np.repeat(date, 2)
    number, rest = _so_far(team, dates)
    return Sides(
        date=dates,
        team=team,
        opponent=np.stack([home, away], axis=1).ravel(),
        home=np.tile([False, True], count),
        final=dates < np.datetime64(facts.LAST_DAY),
        number=number,
        rest=rest,
        game=np.repeat(np.arange(count), 2),
        game_id=np.repeat(np.array(ids, dtype=object), 2),
        nba_id=np.repeat(np.array([f"00225{place + 1:05d}" for place in range(count)], dtype=object), 2),
    )


def _so_far(team: np.ndarray, dates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    number, rest = np.zeros(len(team), np.int64), np.zeros(len(team), np.int64)
    for place in range(len(teams.TEAMS)):
        mine = np.flatnonzero(team == place)
        number[mine] = np.arange(len(mine))
        rest[mine[1:]] = np.diff(dates[mine]).astype(np.int64)
    return number, rest


def recent(side: Sides, *, days: int) -> np.ndarray:
    """Return how many games each side's team played in the `days` days before this game."""
    found = np.zeros(len(side.team), np.int64)
    for place in range(len(teams.TEAMS)):
        mine = np.flatnonzero(side.team == place)
        dates = side.date[mine]
        found[mine] = np.arange(len(mine)) - np.searchsorted(dates, dates - np.timedelta64(days, "D"))
    return found
