"""nba_analytics.team_offense_game_summary and team_defense_game_summary: mirrors of each other."""

from typing import Any

import numpy as np
import pyarrow as pa

from local.world import boxscores, state
from local.world.tables import keys

_OFFENSE, _DEFENSE = "nba_analytics.team_offense_game_summary", "nba_analytics.team_defense_game_summary"
_NEXT_MORNING = 31.5
_SHOOTING = ("fg", "three_pt", "ft")
_ZONES = ("paint", "mid_range")


def tables(world: state.World) -> dict[str, pa.Table]:
    """Return both tables: two rows a finished game in each."""
    side = world.side
    chosen = np.flatnonzero(side.final & (side.date >= world.first))
    made = {}
    for name, given in ((_OFFENSE, _offense(world, chosen)), (_DEFENSE, _defense(world, chosen))):
        whole = given | _result(world, chosen) | keys.season(chosen)
        made[name] = world.table(keys.sides(world, name, chosen, hour=_NEXT_MORNING), whole)
    return made


def _shots(world: state.World, rows: np.ndarray, *, shots: str, zones: str) -> dict[str, Any]:
    made = {}
    for prefix, names in ((shots, _SHOOTING), (zones, _ZONES)):
        for name in names:
            for what in ("attempts", "makes"):
                made[f"{prefix}{name}_{what}"] = world.box.total(f"{name}_{what}")[rows]
    return made


def _result(world: state.World, rows: np.ndarray) -> dict[str, Any]:
    total, side = world.box.total("points"), world.side
    margin = total[rows] - total[side.other[rows]]
    return {
        "margin_of_victory": margin,
        "win_flag": margin > 0,
        "home_game": side.home[rows],
        "overtime_periods": world.box.overtimes[rows],
        "players_inactive": (world.box.listed & ~world.box.available).sum(axis=1)[rows],
    }


def _ratings(world: state.World, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return points a hundred possessions, possessions in 48 minutes, and true shooting."""
    box = world.box
    points, owned = box.total("points")[rows], boxscores.possessions(box)[rows]
    minutes = box.minutes.sum(axis=1)[rows] / 10.0
    shots = box.total("fg_attempts")[rows] + 0.44 * box.total("ft_attempts")[rows]
    return 100.0 * points / owned, 48.0 * owned / (minutes / 5), points / (2 * shots)


def _offense(world: state.World, rows: np.ndarray) -> dict[str, Any]:
    box, count = world.box, len(rows)
    rating, pace, shooting = _ratings(world, rows)
    given = keys.game(world, rows) | _shots(world, rows, shots="", zones="team_")
    return given | {
        "nba_game_id": world.side.nba_id[rows],
        "points_scored": box.total("points")[rows],
        "rebounds": (box.total("offensive_rebounds") + box.total("defensive_rebounds"))[rows],
        "assists": box.total("assists")[rows],
        "turnovers": box.total("turnovers")[rows],
        "personal_fouls": box.total("personal_fouls")[rows],
        "points_in_paint_scored": 2 * box.total("paint_makes")[rows],
        "possessions": boxscores.possessions(box)[rows],
        "offensive_rating": rating,
        "pace": pace,
        "ts_pct": shooting,
        "is_partial_game_data": np.zeros(count, dtype=bool),
        "game_completeness_pct": np.full(count, 100.0),
        "game_status_at_processing": keys.same(count, "final"),
    }


def _defense(world: state.World, rows: np.ndarray) -> dict[str, Any]:
    box, other = world.box, world.side.other[rows]
    rating, pace, shooting = _ratings(world, other)
    given = keys.game(world, rows) | _shots(world, other, shots="opp_", zones="opp_")
    given["defending_team_abbr"] = given.pop("team_abbr")
    allowed = {
        "points_allowed": box.total("points")[other],
        "opp_rebounds": (box.total("offensive_rebounds") + box.total("defensive_rebounds"))[other],
        "opp_assists": box.total("assists")[other],
        "turnovers_forced": box.total("turnovers")[other],
        "points_in_paint_allowed": 2 * box.total("paint_makes")[other],
        "mid_range_points_allowed": 2 * box.total("mid_range_makes")[other],
        "three_pt_points_allowed": 3 * box.total("three_pt_makes")[other],
        "defensive_rating": rating,
        "opponent_pace": pace,
        "opponent_ts_pct": shooting,
    }
    own = {name: box.total(name)[rows] for name in ("steals", "defensive_rebounds")}
    own |= {f"blocks_{zone}": box.total(f"{zone}_blocks")[rows] for zone in ("paint", "mid_range", "three_pt")}
    return given | allowed | own | {"fouls_committed": box.total("personal_fouls")[rows]}
