"""nba_predictions.ml_feature_store_v2: the features that every model reads, and how good they are."""

from typing import Any

import numpy as np
import pyarrow as pa

from local.world import columns, facts, state
from local.world.tables import keys

_TABLE = "nba_predictions.ml_feature_store_v2"
_MORNING = 14.5
_COUNT = 37
_FEATURES = [
    "points_avg_last_5", "points_avg_last_10", "points_avg_season", "points_std_last_10", "games_in_last_7_days",
    "fatigue_score", "shot_zone_mismatch_score", "pace_score", "usage_spike_score", "rest_advantage", "injury_risk",
    "recent_trend", "minutes_change", "opponent_def_rating", "opponent_pace", "home_away", "back_to_back",
    "playoff_game", "pct_paint", "pct_mid_range", "pct_three", "pct_free_throw", "team_pace", "team_off_rating",
    "team_win_pct", "vegas_points_line", "vegas_opening_line", "vegas_line_move", "has_vegas_line",
    "avg_points_vs_opponent", "games_vs_opponent", "minutes_avg_last_10", "ppm_avg_last_10", "dnp_rate",
    "pts_slope_10g", "pts_vs_season_zscore", "breakout_flag",
]  # fmt: skip
_SOURCES = ("phase4", "phase3", "calculated", "default")


def tables(world: state.World) -> dict[str, pa.Table]:
    """Return the feature store, one row a player and game that is to be predicted."""
    cells = world.cells(world.lines.stored)
    rows = keys.cells(world, _TABLE, cells, hour=_MORNING)
    values = _values(world, cells)
    level, given = _quality(world, cells)
    given |= keys.player(world, cells) | _identity(world, cells)
    for number in range(_COUNT):
        poor = world.draws.weighted(f"features.{number}", rows.keys, weights=(60, 25, 12, 3))
        given[f"feature_{number}_value"] = values[:, number]
        given[f"feature_{number}_source"] = columns.pick(list(_SOURCES), poor)
        given[f"feature_{number}_quality"] = np.array([100.0, 97.0, 90.0, 40.0])[poor]
    known = np.where(np.isnan(values), 0.0, values).round(4)
    offsets = np.arange(0, known.size + 1, _COUNT, dtype=np.int32)
    given["features"] = pa.ListArray.from_arrays(offsets, known.ravel())
    given["feature_names"] = columns.lists([_FEATURES], np.zeros(len(level), np.int64))
    return {_TABLE: world.table(rows, given)}


def _identity(world: state.World, cells: tuple[np.ndarray, np.ndarray]) -> dict[str, Any]:
    named = keys.game(world, cells[0])
    del named["team_abbr"]
    started = world.side.number[cells[0]] > 0
    return named | {
        "is_home": world.side.home[cells[0]],
        "days_rest": columns.nullable(world.side.rest[cells[0]], started),
        "data_source": keys.same(len(cells[0]), "phase4"),
        "feature_count": np.full(len(cells[0]), _COUNT),
    }


def _values(world: state.World, cells: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Return the features, a row a player: form first, the line where it stands, small draws elsewhere."""
    form, line = world.form, world.lines.line[cells]
    values = world.draws.normal(
        "features.value", world.side.cells[cells][:, None] * 64 + np.arange(_COUNT), mean=0.5, deviation=0.2
    ).round(4)
    known = (form.avg5, form.avg10, form.season, form.std10)
    for number, feature in enumerate(known):
        values[:, number] = feature[cells]
    values[:, 25], values[:, 26] = line, world.lines.opening[cells]
    values[:, 28] = ~np.isnan(line)
    values[:, 31] = form.minutes10[cells]
    return values


def _quality(world: state.World, cells: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, dict[str, Any]]:
    """Return the alert level of each row (0 green, 1 yellow, 2 red) and the columns that follow from it."""
    draws, keyed = world.draws, world.side.cells[cells]
    ready = world.lines.ready[cells]
    today = world.side.date[cells[0]] == np.datetime64(facts.LAST_DAY)
    red = ~ready & ~today & draws.chance("features.red", keyed, share=0.15)
    level = np.where(ready, 0, np.where(red, 2, 1))
    defaults = np.where(ready, 0, np.where(red, 9, draws.integers("features.defaults", keyed, low=2, high=5)))
    score = np.where(ready, draws.uniform("features.score", keyed, low=85, high=99), 70.0 - 25 * red)
    given = {
        "feature_quality_score": np.round(score, 2),
        "quality_alert_level": columns.pick(["green", "yellow", "red"], level),
        "quality_alerts": columns.lists([[], ["defaults_used"], ["defaults_used", "matchup_missing"]], level),
        "is_quality_ready": ready,
        "is_training_ready": ready,
        "default_feature_count": defaults,
        "required_default_count": np.minimum(defaults, 4),
        "default_feature_indices": columns.lists([list(range(5, 5 + count)) for count in range(10)], defaults),
        "missing_processors": columns.lists([[], ["PlayerDailyCache"], ["PlayerDailyCache", "ShotZones"]], level),
        "cache_miss_fallback_used": level > 0,
    }
    usual = {"matchup": 91.0, "player_history": 95.0, "team_context": 98.0, "vegas": 62.0, "game_context": 97.0}
    for name, mean in usual.items():
        spread = draws.normal(f"features.{name}", keyed, mean=mean, deviation=3.0) - 20 * level
        given[f"{name}_quality_pct"] = spread.clip(0, 100).round(1)
    return level, given
