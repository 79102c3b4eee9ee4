"""nba_precompute: composite factors, the players' shot zones, the teams' defence by zone, and the daily cache."""

from typing import Any

import numpy as np
import pyarrow as pa

from local.world import boxscores, sides, state, teams
from local.world.tables import keys

_FACTORS = "nba_precompute.player_composite_factors"
_SHOTS = "nba_precompute.player_shot_zone_analysis"
_ZONES = "nba_precompute.team_defense_zone_analysis"
_CACHE = "nba_precompute.player_daily_cache"
_NIGHT = 10.5
_ZONE_NAMES = ("paint", "mid_range", "three_pt")
_FACTOR_SLOTS, _SHOT_SLOTS, _CACHE_ROWS = 8, 13, 186
_LAST_GAMES = 15
_USUAL_SHOTS = {"paint": (0.575, 36.0), "mid_range": (0.42, 20.0), "three_pt": (0.362, 33.0)}


def tables(world: state.World) -> dict[str, pa.Table]:
    """Return the four tables; partitions that would have expired by the last day are not there."""
    return {
        _FACTORS: _factors(world),
        _SHOTS: _shots(world, since=world.since(90)),
        _ZONES: _zones(world, since=world.since(90)),
        _CACHE: _cache(world, since=world.since(30)),
    }


def _slots(world: state.World, count: int) -> np.ndarray:
    return world.box.listed & (np.arange(world.box.listed.shape[1]) < count)


def _factors(world: state.World) -> pa.Table:
    cells = world.cells(_slots(world, _FACTOR_SLOTS))
    given = keys.player(world, cells) | keys.game(world, cells[0])
    del given["team_abbr"], given["opponent_team_abbr"]
    given["analysis_date"] = given["game_date"]
    given["data_completeness_pct"] = np.full(len(cells[0]), 100.0)
    return world.table(keys.cells(world, _FACTORS, cells, hour=_NIGHT), given)


def _rates(world: state.World, cells: tuple[np.ndarray, np.ndarray]) -> dict[str, Any]:
    """Return shares of shots by zone and of assisted makes over the last ten games, in percent."""
    window = {name: values[cells] for name, values in world.form.window.items()}
    taken = np.where(window["fg_attempts"] > 0, window["fg_attempts"], np.nan)
    made = np.where(window["fg_makes"] > 0, window["fg_makes"], np.nan)
    given = {f"{zone}_rate_last_10": 100 * window[f"{zone}_attempts"] / taken for zone in _ZONE_NAMES}
    given["assisted_rate_last_10"] = 100 * window["assisted_fg_makes"] / made
    given["unassisted_rate_last_10"] = 100 - given["assisted_rate_last_10"]
    return given


def _shots(world: state.World, *, since: np.datetime64) -> pa.Table:
    cells = world.cells(_slots(world, _SHOT_SLOTS) & (world.form.played > 0), since=since)
    window = {name: values[cells] for name, values in world.form.window.items()}
    played = world.form.played[cells]
    sample = np.minimum(played, 10)
    given = keys.player(world, cells) | _rates(world, cells)
    for zone in _ZONE_NAMES:
        taken = window[f"{zone}_attempts"]
        given[f"{zone}_pct_last_10"] = window[f"{zone}_makes"] / np.where(taken > 0, taken, np.nan)
        given[f"{zone}_attempts_per_game"] = taken / sample
    given |= {
        "analysis_date": world.side.date[cells[0]],
        "total_shots_last_10": window["fg_attempts"],
        "games_in_sample_10": sample,
        "paint_rate_last_20": given["paint_rate_last_10"],
        "paint_pct_last_20": given["paint_pct_last_10"],
        "total_shots_last_20": np.rint(window["fg_attempts"] * np.minimum(played, 20) / sample),
        "games_in_sample_20": np.minimum(played, 20),
        "player_position": world.roster.position[world.side.team[cells[0]], cells[1]],
    }
    return world.table(keys.cells(world, _SHOTS, cells, hour=_NIGHT), given)


def _days(world: state.World, since: np.datetime64) -> np.ndarray:
    """Return the game days from `since` on."""
    return np.unique(world.side.date[world.side.date >= since])


def _latest(world: state.World, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each team's next side on or after each day (its last if none), and its side before that, days by teams."""
    found = np.zeros((2, len(days), len(teams.TEAMS)), np.int64)
    for team in range(len(teams.TEAMS)):
        mine = np.flatnonzero(world.side.team == team)
        place = np.searchsorted(world.side.date[mine], days)
        found[0, :, team] = mine[np.minimum(place, len(mine) - 1)]
        found[1, :, team] = mine[np.maximum(place - 1, 0)]
    return found[0], found[1]


def _zones(world: state.World, *, since: np.datetime64) -> pa.Table:
    days = _days(world, since)
    _, before = _latest(world, days)
    before, day = before.ravel(), np.repeat(days, len(teams.TEAMS))
    team = np.tile(np.arange(len(teams.TEAMS)), len(days))
    sample = np.minimum(world.side.number[before] + 1, _LAST_GAMES)
    given = {"team_abbr": np.array(teams.CODES, dtype=object)[team], "analysis_date": day, "games_in_sample": sample}
    box, other = world.box, world.side.other
    for zone, (usual_rate, usual_shots) in _USUAL_SHOTS.items():
        makes, taken = (_trailing(world, box.total(f"{zone}_{what}")[other], before) for what in ("makes", "attempts"))
        given[f"{zone}_pct_allowed_last_15"] = makes / np.where(taken > 0, taken, usual_shots)
        given[f"{zone}_attempts_allowed_per_game"] = taken / sample
        given[f"{zone}_defense_vs_league_avg"] = 100 * (given[f"{zone}_pct_allowed_last_15"] - usual_rate)
    points, owned = (
        _trailing(world, each[other], before) for each in (box.total("points"), boxscores.possessions(box))
    )
    given["paint_points_allowed_per_game"] = _trailing(world, 2 * box.total("paint_makes")[other], before) / sample
    given["opponent_points_per_game"] = points / sample
    given["opponent_pace"] = owned / sample
    given["defensive_rating_last_15"] = 100 * points / owned
    keyed = day.astype(np.int64) * 32 + team
    return world.table(world.rows(_ZONES, keyed, day, hour=_NIGHT), given)


def _trailing(world: state.World, values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the sum of each row's team's `values` over its last fifteen games, that of the row included."""
    running = np.zeros(len(values))
    for team in range(len(teams.TEAMS)):
        mine = np.flatnonzero(world.side.team == team)
        total = np.cumsum(values[mine])
        running[mine] = total - np.concatenate([np.zeros(_LAST_GAMES), total])[: len(mine)]
    return running[rows]


def _cache(world: state.World, *, since: np.datetime64) -> pa.Table:
    """Return 186 players a day: those of the day's games first, then whoever plays most elsewhere."""
    days = _days(world, since)
    nearest, _ = _latest(world, days)
    chosen = [_cached(world, day, sides_of_day=nearest[place]) for place, day in enumerate(days)]
    cells = (np.concatenate([rows for rows, _ in chosen]), np.concatenate([slots for _, slots in chosen]))
    day = np.repeat(days, _CACHE_ROWS)
    rates = _rates(world, cells)
    given = keys.player(world, cells) | _known(world, cells) | {"cache_date": day}
    given |= {name: rates[name] for name in ("paint_rate_last_10", "three_pt_rate_last_10", "assisted_rate_last_10")}
    keyed = day.astype(np.int64) * 1024 + world.side.team[cells[0]] * 32 + cells[1]
    return world.table(world.rows(_CACHE, keyed, day, hour=_NIGHT), given)


def _known(world: state.World, cells: tuple[np.ndarray, np.ndarray]) -> dict[str, Any]:
    """Return what is known of each player's form and load."""
    form, side = world.form, world.side
    week, fortnight = (sides.recent(side, days=span)[cells[0]] for span in (7, 14))
    minutes = np.nan_to_num(form.minutes10[cells])
    return {
        "points_avg_last_5": form.avg5[cells],
        "points_avg_last_10": form.avg10[cells],
        "points_avg_season": form.season[cells],
        "points_std_last_10": form.std10[cells],
        "minutes_avg_last_10": form.minutes10[cells],
        "usage_rate_last_10": form.usage10[cells],
        "player_usage_rate_season": form.usage10[cells],
        "ts_pct_last_10": form.ts10[cells],
        "games_played_season": form.played[cells],
        "games_in_last_7_days": week,
        "games_in_last_14_days": fortnight,
        "minutes_in_last_7_days": np.rint(week * minutes),
        "minutes_in_last_14_days": np.rint(fortnight * minutes),
        "avg_minutes_per_game_last_7": form.minutes10[cells],
        "player_age": world.roster.age[side.team[cells[0]], cells[1]],
    }


def _cached(world: state.World, day: np.datetime64, *, sides_of_day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    slots = np.tile(np.arange(_SHOT_SLOTS), len(sides_of_day))
    rows = np.repeat(sides_of_day, _SHOT_SLOTS)
    away = world.side.date[rows] != day
    order = np.lexsort((world.side.team[rows], slots, away))[:_CACHE_ROWS]
    return rows[order], slots[order]
