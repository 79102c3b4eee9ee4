"""The columns that say whose row it is: player, team, game and day."""

from typing import Any

import numpy as np

from local.world import facts, fill, state


def player(world: state.World, cells: tuple[np.ndarray, np.ndarray]) -> dict[str, Any]:
    """Return the columns that name the players of `cells`."""
    lookup = world.roster.lookup[world.side.team[cells[0]], cells[1]]
    return {"player_lookup": lookup, "universal_player_id": lookup + "_001"}


def game(world: state.World, rows: np.ndarray) -> dict[str, Any]:
    """Return the columns that name the game and both teams of the sides `rows`."""
    side = world.side
    return {
        "game_id": side.game_id[rows],
        "game_date": side.date[rows],
        "team_abbr": side.code[rows],
        "opponent_team_abbr": side.opponent_code[rows],
    }


def season(rows: np.ndarray) -> dict[str, Any]:
    """Return the column of the season's year."""
    return {"season_year": np.full(len(rows), facts.SEASON_YEAR)}


def cells(world: state.World, table: str, chosen: tuple[np.ndarray, np.ndarray], *, hour: float) -> fill.Rows:
    """Return the rows of `table` for player slots, written `hour` hours after the start of the game's day."""
    return world.rows(table, world.side.cells[chosen], world.side.date[chosen[0]], hour=hour)


def sides(world: state.World, table: str, rows: np.ndarray, *, hour: float) -> fill.Rows:
    """Return the rows of `table` for sides, written `hour` hours after the start of the game's day."""
    return world.rows(table, world.side.rows[rows], world.side.date[rows], hour=hour)


def same(count: int, word: Any) -> np.ndarray:
    """Return `count` times the same word."""
    return np.full(count, word, dtype=object)
