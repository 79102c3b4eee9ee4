"""nba_analytics.upcoming_player_game_context and upcoming_team_game_context: what is known before tip-off."""

import itertools
from typing import Any

import numpy as np
import pyarrow as pa

from local.world import sides, state, teams
from local.world.tables import keys

_PLAYERS, _TEAMS = "nba_analytics.upcoming_player_game_context", "nba_analytics.upcoming_team_game_context"
_MORNING = 15.0
_SLOTS = 17
_EARLY_GAMES = 10
_STRENGTH = np.array([team.strength for team in teams.TEAMS])


def tables(world: state.World) -> dict[str, pa.Table]:
    """Return both tables, tonight's games included."""
    cells = world.cells(world.box.listed & (np.arange(world.box.listed.shape[1]) < _SLOTS))
    rows = np.flatnonzero(world.side.date >= world.first)
    by_player = keys.cells(world, _PLAYERS, cells, hour=_MORNING)
    by_team = keys.sides(world, _TEAMS, rows, hour=_MORNING)
    return {
        _PLAYERS: world.table(by_player, _player(world, cells)),
        _TEAMS: world.table(by_team, _team(world, rows)),
    }


def market(world: state.World, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Return the spread (negative for the favourite) and the total of each side's game, opening and now."""
    side, draws = world.side, world.draws
    edge = _STRENGTH[side.team] - _STRENGTH[side.opponent] + np.where(side.home, 2.0, -2.0)
    sign = np.where(side.home, 1.0, -1.0)
    spread = np.rint(-2 * edge - sign * draws.normal("market.spread", side.game)) / 2
    total = np.rint(draws.normal("market.total", side.game, mean=228.0, deviation=5.0)) + 0.5
    moved = np.rint(draws.normal("market.moved", side.game))
    return {
        "game_spread": spread[rows],
        "opening_spread": (spread - sign * moved / 2)[rows],
        "game_total": total[rows],
        "opening_total": (total - moved)[rows],
    }


def _player(world: state.World, cells: tuple[np.ndarray, np.ndarray]) -> dict[str, Any]:
    rows, side = cells[0], world.side
    given = keys.player(world, cells) | keys.game(world, rows) | market(world, rows)
    given |= _lines(world, cells) | _fatigue(world, cells)
    given["spread_movement"] = given["game_spread"] - given["opening_spread"]
    given["total_movement"] = given["game_total"] - given["opening_total"]
    start = 19 + world.draws.weighted("upcoming.start", side.game[rows], weights=(5, 3, 1, 3)) * 0.5
    given["game_start_time_local"] = np.array([f"{int(at) % 12}:{'30' if at % 1 else '00'} PM" for at in start], object)
    given["season_phase"] = np.where(side.number[rows] < _EARLY_GAMES, keys.same(len(rows), "early"), "mid")
    given["home_game"] = side.home[rows]
    given["player_age"] = world.roster.age[side.team[rows], cells[1]]
    return given


def _lines(world: state.World, cells: tuple[np.ndarray, np.ndarray]) -> dict[str, Any]:
    line, opening = world.lines.line[cells], world.lines.opening[cells]
    quoted = ~np.isnan(line)
    source = np.where(quoted, keys.same(len(line), "draftkings"), None)
    return {
        "has_prop_line": quoted,
        "current_points_line": line,
        "opening_points_line": opening,
        "line_movement": line - opening,
        "current_points_line_source": source,
        "opening_points_line_source": source,
    }


def _fatigue(world: state.World, cells: tuple[np.ndarray, np.ndarray]) -> dict[str, Any]:
    rows, form = cells[0], world.form
    week, fortnight = (sides.recent(world.side, days=days)[rows] for days in (7, 14))
    minutes = np.nan_to_num(form.minutes10[cells])
    rest = np.where(world.side.number[rows] > 0, world.side.rest[rows], np.nan)
    return {
        "back_to_back": world.side.rest[rows] == 1,
        "days_rest": rest,
        "games_in_last_7_days": week,
        "games_in_last_14_days": fortnight,
        "minutes_in_last_7_days": np.rint(week * minutes),
        "minutes_in_last_14_days": np.rint(fortnight * minutes),
        "avg_minutes_per_game_last_7": form.minutes10[cells],
        "avg_usage_rate_last_7_games": form.usage10[cells],
        "usage_rate_last_10": form.usage10[cells],
        "minutes_avg_last_10": form.minutes10[cells],
        "points_avg_last_5": form.avg5[cells],
        "points_avg_last_10": form.avg10[cells],
        "points_std_last_10": form.std10[cells],
    }


def _team(world: state.World, rows: np.ndarray) -> dict[str, Any]:
    side = world.side
    started = side.number[rows] > 0
    given = keys.game(world, rows) | keys.season(rows) | market(world, rows)
    given["spread_movement"] = given["game_spread"] - given.pop("opening_spread")
    given["total_movement"] = given["game_total"] - given.pop("opening_total")
    tired = side.rest[rows] == 1
    rest = np.where(started, side.rest[rows], np.nan)
    return (
        given
        | _streaks(world, rows)
        | {
            "home_game": side.home[rows],
            "is_back_to_back": tired,
            "team_back_to_back": tired,
            "days_since_last_game": rest,
            "team_days_rest": rest,
            "game_number_in_season": side.number[rows] + 1,
            "games_in_last_7_days": sides.recent(side, days=7)[rows],
            "games_in_last_14_days": sides.recent(side, days=14)[rows],
        }
    )


def _streaks(world: state.World, rows: np.ndarray) -> dict[str, Any]:
    """Return each team's last margin and result and its streak before the game."""
    side, total = world.side, world.box.total("points")
    margin = total - total[side.other]
    last, streak = np.full(len(margin), np.nan), np.zeros(len(margin), np.int64)
    for team in range(len(teams.TEAMS)):
        run = 0
        mine = np.flatnonzero(side.team == team)
        for before, now in itertools.pairwise(mine):
            won = 1 if margin[before] > 0 else -1
            run = run + won if run * won > 0 else won
            last[now], streak[now] = margin[before], run
    results = np.where(last > 0, keys.same(len(last), "W"), "L")
    return {
        "last_game_margin": last[rows],
        "last_game_result": np.where(np.isnan(last), None, results)[rows],
        "win_streak_entering": streak.clip(min=0)[rows],
        "loss_streak_entering": (-streak).clip(min=0)[rows],
    }
