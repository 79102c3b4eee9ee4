"""nba_analytics.player_game_summary, and the forgotten copy of some of its rows."""

from typing import Any

import numpy as np
import pyarrow as pa

from local.world import columns, form, state
from local.world.tables import keys

_TABLE = "nba_analytics.player_game_summary"
_COPY = "nba_analytics.player_game_summary_backup_20260103"
_NEXT_MORNING = 31.0
_COUNTED = (
    "points", "assists", "offensive_rebounds", "defensive_rebounds", "steals", "blocks", "turnovers", "fg_attempts",
    "fg_makes", "three_pt_attempts", "three_pt_makes", "ft_attempts", "ft_makes", "plus_minus", "personal_fouls",
    "paint_attempts", "paint_makes", "mid_range_attempts", "mid_range_makes", "paint_blocks", "mid_range_blocks",
    "three_pt_blocks", "and1_count", "assisted_fg_makes", "unassisted_fg_makes",
)  # fmt: skip
_REASONS = (("Did Not Play - Coach's Decision", "coach_decision"), ("Inactive - Injury", "injury"))


def tables(world: state.World) -> dict[str, pa.Table]:
    """Return the summary of each listed player of each finished game, and its old copy."""
    cells = world.cells(world.box.listed & world.side.final[:, None])
    rows = keys.cells(world, _TABLE, cells, hour=_NEXT_MORNING)
    given = keys.player(world, cells) | keys.game(world, cells[0]) | keys.season(cells[0])
    given |= _counted(world, cells) | _rates(world, cells) | _market(world, cells) | _state(world, cells)
    given |= _bookkeeping(given)
    whole = world.table(rows, given)
    return {_TABLE: whole, _COPY: _copy(whole)}


def _copy(whole: pa.Table) -> pa.Table:
    """Return a few columns of one player in twenty: small, and of no use to anyone."""
    kept = ["player_lookup", "game_id", "game_date", "team_abbr", "points", "minutes_played", "data_hash"]
    return whole.select([*kept, "processed_at"]).take(np.arange(0, whole.num_rows, 20))


def _counted(world: state.World, cells: tuple[np.ndarray, np.ndarray]) -> dict[str, Any]:
    plays = world.box.plays[cells]
    made = {name: columns.nullable(world.box.stats[name][cells], plays) for name in _COUNTED}
    made["three_attempts_pbp"], made["three_makes_pbp"] = made["three_pt_attempts"], made["three_pt_makes"]
    made["minutes_played"] = np.where(plays, world.box.minutes[cells] / 10.0, np.nan)
    return made


def _rates(world: state.World, cells: tuple[np.ndarray, np.ndarray]) -> dict[str, Any]:
    stats = {name: world.box.stats[name][cells].astype(np.float64) for name in _COUNTED}
    usage = form.usage(world.box)[cells]
    with np.errstate(divide="ignore", invalid="ignore"):
        shooting = stats["points"] / (2 * (stats["fg_attempts"] + 0.44 * stats["ft_attempts"]))
        effective = (stats["fg_makes"] + 0.5 * stats["three_pt_makes"]) / stats["fg_attempts"]
    return {
        "usage_rate": usage,
        "usage_rate_raw": usage,
        "usage_rate_capped": np.minimum(usage, 50.0),
        "ts_pct": np.where(np.isfinite(shooting), shooting, np.nan),
        "efg_pct": np.where(np.isfinite(effective), effective, np.nan),
    }


def _market(world: state.World, cells: tuple[np.ndarray, np.ndarray]) -> dict[str, Any]:
    line, opening = world.lines.line[cells], world.lines.opening[cells]
    points, plays = world.box.stats["points"][cells], world.box.plays[cells]
    verdicts = np.array(["PUSH", "OVER", "UNDER"], dtype=object)[world.lines.outcome[cells]]
    quoted, judged = ~np.isnan(line), ~np.isnan(line) & plays
    return {
        "points_line": line,
        "opening_line": opening,
        "line_movement": line - opening,
        "over_under_result": np.where(judged, verdicts, None),
        "margin": np.where(judged, points - np.nan_to_num(line), np.nan),
        "points_line_source": np.where(quoted, keys.same(len(line), "draftkings"), None),
        "opening_line_source": np.where(quoted, keys.same(len(line), "draftkings"), None),
    }


def _state(world: state.World, cells: tuple[np.ndarray, np.ndarray]) -> dict[str, Any]:
    side, box = world.side, world.box
    plays, available = box.plays[cells], box.available[cells]
    total = box.total("points")
    reason, category = (np.array([words[part] for words in _REASONS], dtype=object) for part in (0, 1))
    hurt = (~available).astype(np.int64)
    return {
        "player_full_name": world.roster.name[side.team[cells[0]], cells[1]],
        "starter_flag": box.starts[cells],
        "win_flag": (total > total[side.other])[cells[0]],
        "is_active": available,
        "player_status": np.where(available, keys.same(len(plays), "active"), "inactive"),
        "is_dnp": ~plays,
        "dnp_reason": np.where(plays, None, reason[hurt]),
        "dnp_reason_category": np.where(plays, None, category[hurt]),
    }


def _bookkeeping(given: dict[str, Any]) -> dict[str, Any]:
    count = len(given["game_id"])
    return {
        "game_completeness_pct": np.full(count, 100.0),
        "game_status_at_processing": keys.same(count, "final"),
        "is_partial_game_data": np.zeros(count, dtype=bool),
        "dedup_key": given["game_id"] + "_" + given["player_lookup"],
    }
