"""Plausible values for the columns that carry no fact: sources, completeness, hashes, times and many small figures.

What a rule makes depends on the column's name and type; a column that no rule knows is an error, not a guess.
"""

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from local.world import columns, noise, plausible, schemas

_WHOLE, _MOST_MISSING, _MOST_TRIES = 100.0, 3, 2
_MINUTE = np.timedelta64(60_000_000, "us")


@dataclasses.dataclass(frozen=True)
class Rows:
    """The rows of one table: its name, a key and a day for each row, and the hours after midnight of writing them."""

    table: str
    keys: np.ndarray
    day: np.ndarray
    hour: float
    draws: noise.Noise

    def name(self, column: str) -> str:
        """Return the name under which `column` draws."""
        return f"{self.table}.{column}"

    def written(self) -> np.ndarray:
        """Return when each row was written: `hour` hours after its day began, give or take."""
        late = self.draws.integers(self.name("written"), self.keys, low=0, high=2_400_000_000)
        start = self.day.astype("datetime64[us]") + np.timedelta64(int(self.hour * 60), "m")
        return start + late.astype("timedelta64[us]")


Rule = Callable[[Rows, Mapping[str, Any]], Any]


def complete(declared: schemas.Declared, rows: Rows, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return `given` with every declared column that it lacks filled in; raise KeyError when no rule knows one."""
    made = dict(given)
    names = [field["name"] for field in schemas.fields(declared)]
    if "expected_games_count" in names and "expected_games_count" not in made:
        made |= _completeness(rows)
    for field in schemas.fields(declared):
        if field["name"] not in made:
            made[field["name"]] = _rule(field)(rows, field)
    return made


def _rule(field: Mapping[str, Any]) -> Rule:
    for pattern, rule in _RULES:
        if re.fullmatch(pattern, field["name"]):
            return rule
    if plausible.known(field["name"]):
        return _plausible
    raise KeyError(f"no value and no rule for the column {field['name']}")


def _plausible(rows: Rows, field: Mapping[str, Any]) -> Any:
    name = rows.name(field["name"])
    if (words := plausible.words(field["name"])) is not None:
        weights = [weight for _, weight in words]
        return columns.pick([word for word, _ in words], rows.draws.weighted(name, rows.keys, weights=weights))
    low, high, gaps = plausible.span(field["name"])
    if field["type"] == "INTEGER":
        values = rows.draws.integers(name, rows.keys, low=int(low), high=int(high)).astype(np.float64)
    else:
        values = rows.draws.uniform(name, rows.keys, low=low, high=high)
    values[rows.draws.chance(f"{name}/null", rows.keys, share=gaps)] = np.nan
    return np.round(values, 4)


def _before(rows: Rows, field: Mapping[str, Any]) -> np.ndarray:
    minutes = rows.draws.integers(rows.name(field["name"]), rows.keys, low=5, high=240)
    times = rows.written() - minutes * _MINUTE
    times[rows.draws.chance(rows.name(field["name"]) + "/null", rows.keys, share=0.03)] = np.datetime64("NaT")
    return times


def _hash(rows: Rows, field: Mapping[str, Any]) -> Any:
    return columns.hexadecimal(rows.draws.bits(rows.name(field["name"]), rows.keys))


def _percent(rows: Rows, field: Mapping[str, Any]) -> np.ndarray:
    """Return 100 in most rows and less in the others; `<x>_is_complete` reads the same draw."""
    name = rows.name(field["name"])
    low = rows.draws.uniform(name, rows.keys, low=70, high=99).round(1)
    return np.where(rows.draws.chance(f"{name}/whole", rows.keys, share=0.93), _WHOLE, low)


def _is_complete(rows: Rows, field: Mapping[str, Any]) -> np.ndarray:
    window = {"name": field["name"].replace("_is_complete", "_completeness_pct")}
    return _percent(rows, window) >= _WHOLE


def _all_complete(rows: Rows, _: Mapping[str, Any]) -> np.ndarray:
    whole = [_is_complete(rows, {"name": f"{window}_is_complete"}) for window in ("l5", "l10", "l7d", "l14d")]
    return np.logical_and.reduce(whole)


def _early(rows: Rows, _: Mapping[str, Any]) -> np.ndarray:
    return rows.day < np.datetime64("2025-11-04")


def _early_reason(rows: Rows, _: Mapping[str, Any]) -> np.ndarray:
    return np.where(_early(rows, {}), np.array("fewer than 7 games played", dtype=object), None)


def _completeness(rows: Rows) -> dict[str, Any]:
    """Return the completeness block: its figures agree with each other."""
    draws, keys = rows.draws, rows.keys
    expected = draws.integers(rows.name("expected"), keys, low=8, high=14)
    missing = draws.weighted(rows.name("missing"), keys, weights=(92, 5, 2, 1))
    tried = np.where(missing > 0, draws.integers(rows.name("tried"), keys, low=0, high=_MOST_TRIES), 0)
    again = rows.written() - np.timedelta64(3, "h")
    again[tried == 0] = np.datetime64("NaT")
    open_circuit = (missing == _MOST_MISSING) & (tried == _MOST_TRIES)
    until = rows.written() + np.timedelta64(7, "D")
    until[~open_circuit] = np.datetime64("NaT")
    issues = [[], ["missing_boxscore"], ["missing_boxscore", "late_source"], ["missing_boxscore", "missing_odds"]]
    reasons = ["processed", "processed_with_gaps", "processed_with_gaps", "below_threshold"]
    return {
        "expected_games_count": expected,
        "actual_games_count": expected - missing,
        "completeness_percentage": np.round(100.0 * (expected - missing) / expected, 2),
        "missing_games_count": missing,
        "is_production_ready": missing <= 1,
        "data_quality_issues": columns.lists(issues, missing),
        "last_reprocess_attempt_at": again,
        "reprocess_attempt_count": tried,
        "circuit_breaker_active": open_circuit,
        "circuit_breaker_until": until,
        "manual_override_required": open_circuit & draws.chance(rows.name("override"), keys, share=0.2),
        "season_boundary_detected": rows.day < np.datetime64("2025-10-28"),
        "backfill_bootstrap_mode": rows.day < np.datetime64("2025-10-25"),
        "processing_decision_reason": columns.pick(reasons, missing),
    }


def _written(rows: Rows, _: Mapping[str, Any]) -> np.ndarray:
    return rows.written()


def _created(rows: Rows, _: Mapping[str, Any]) -> np.ndarray:
    return rows.written() - np.timedelta64(12, "s")


def _true(rows: Rows, field: Mapping[str, Any]) -> np.ndarray:
    return rows.draws.chance(rows.name(field["name"]), rows.keys, share=0.985)


def _seldom(rows: Rows, field: Mapping[str, Any]) -> np.ndarray:
    return rows.draws.chance(rows.name(field["name"]), rows.keys, share=0.015)


_RULES: tuple[tuple[str, Rule], ...] = (
    (r"source_\w+_last_updated|betting_lines_updated_at|source_updated_at|quality_computed_at", _before),
    (r"(source_\w+|data|feature_data)_hash|build_commit_sha", _hash),
    (r"\w+_completeness_pct", _percent),
    (r"(l5|l10|l7d|l14d|l30d)_is_complete", _is_complete),
    (r"all_windows_complete", _all_complete),
    (r"early_season_flag", _early),
    (r"insufficient_data_reason", _early_reason),
    (r"processed_at|updated_at", _written),
    (r"created_at|first_processed_at", _created),
    (r"\w+_ready|usage_rate_valid|has_complete_shot_zones|shot_zones_available|shot_zone_data_available", _true),
    (r"processed_with_issues|shot_zones_estimated|is_partial_game_data|has_warnings|cache_miss_fallback_used", _seldom),
    (r"next_game_is_primetime|opponent_back_to_back|pre_game_injury_flag", _seldom),
)
