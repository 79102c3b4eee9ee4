"""Spans and words for columns that carry no fact, by their names."""

import re
from typing import Any

# name pattern: lowest, highest, share of NULLs
_SPANS: tuple[tuple[str, tuple[float, float, float]], ...] = (
    (r"source_\w+_rows_found", (1, 42, 0.04)),
    (r"record_version|context_version|prediction_version", (1, 2, 0.0)),
    (r"second_chance_points_\w+", (6, 22, 0.0)),
    (r"fast_break_points_allowed", (5, 24, 0.0)),
    (r"starters_inactive|starters_out_count", (0, 2, 0.0)),
    (r"questionable_players_count|questionable_teammates|probable_teammates", (0, 3, 0.0)),
    (r"star_teammates_out", (0, 2, 0.1)),
    (r"\w*public_betting_pct", (22, 78, 0.25)),
    (r"opponent_pace\w*|team_pace_last_10", (95, 105, 0.02)),
    (r"\w*def_rating\w*|team_off_rating_last_10|defensive_rating_last_15", (106, 121, 0.02)),
    (r"pace_differential", (-4, 4, 0.02)),
    (r"travel_miles", (0, 2600, 0.0)),
    (r"time_zone_changes", (0, 3, 0.02)),
    (r"consecutive_road_games|team_back_to_backs_next_7_days", (0, 4, 0.0)),
    (r"back_to_backs_last_14_days", (0, 3, 0.0)),
    (r"days_rest_before_last_game|days_since_2_plus_days_rest|next_game_days_rest|opponent_days_rest", (1, 4, 0.04)),
    (r"games_in_next_seven_days", (2, 4, 0.0)),
    (r"\w+_win_pct(_last_10)?", (0.15, 0.85, 0.03)),
    (r"prop_(over|under)_streak", (0, 5, 0.2)),
    (r"fourth_quarter_minutes_last_7|clutch_minutes_last_7_games", (0, 40, 0.08)),
    (r"fatigue_score", (40, 100, 0.0)),
    (r"shot_zone_mismatch_score", (-10, 10, 0.02)),
    (r"(pace|usage_spike|look_ahead_pressure|travel_impact|opponent_strength)_score", (-3, 3, 0.02)),
    (r"referee_favorability_score", (0, 0, 0.0)),
    (r"total_composite_adjustment", (-8, 8, 0.02)),
    (r"(line|spread|total)_movement", (-1.5, 1.5, 0.1)),
    (r"(paint|mid_range|three_pt)_blocks_per_game", (0.1, 4.5, 0.02)),
    (r"(paint|mid_range|three_pt)_defense_vs_league_avg", (-4, 4, 0.02)),
    (r"line_minutes_before_game", (20, 600, 0.05)),
    (r"(fatigue|pace)_adjustment", (-1.5, 1.5, 0.05)),
    (r"feature_generation_time_ms", (4, 60, 0.0)),
    (r"confidence_decile", (1, 10, 0.0)),
    (r"attendance", (14000, 20500, 0.0)),
    (r"duration_ms", (900, 24000, 0.0)),
)

# name pattern: words with their weights; None is NULL
_WORDS: tuple[tuple[str, tuple[tuple[Any, int], ...]], ...] = (
    (r"data_quality_tier|quality_tier", (("gold", 88), ("silver", 10), ("bronze", 2))),
    (r"sample_quality_10", (("excellent", 70), ("good", 20), ("limited", 10))),
    (r"primary_source_used", (("nbac_gamebook", 92), ("bdl_boxscores", 8))),
    (r"shot_zones_source", (("bigdataball_pbp", 90), ("nbac_pbp", 10))),
    (r"referee_crew_id", (*((f"crew_{number:02d}", 1) for number in range(1, 24)), (None, 3))),
    (r"player_status", (("active", 90), ("probable", 5), ("questionable", 5))),
    (r"injury_report", ((None, 88), ("Left ankle soreness", 5), ("Illness", 4), ("Right knee management", 3))),
    (r"pre_game_injury_status", ((None, 95), ("questionable", 5))),
    (r"(points_line|opening_line|\w*points_line|game_spread|game_total)_source", (("draftkings", 7), ("fanduel", 3))),
    (r"travel_direction", (("east", 3), ("west", 3), (None, 4))),
    (r"usage_rate_anomaly_reason|missing_data_fields|warning_details|filter_reason|void_note", ((None, 1),)),
    (r"(fatigue|shot_zone|pace|usage)_context_json", (('{"days_rest": 1, "weight": 0.5}', 6), ("{}", 3), (None, 1))),
    (r"calculation_version|cache_version", (("v1.2", 1),)),
    (r"calculation_notes", ((None, 93), ("sample of fewer than 10 games", 7))),
    (r"primary_scoring_zone", (("paint", 50), ("perimeter", 35), ("mid_range", 10), ("balanced", 5))),
    (r"strongest_zone|weakest_zone", (("paint", 4), ("mid_range", 3), ("perimeter", 3))),
    (r"line_source_api", (("ODDS_API", 80), ("BETTINGPROS", 20))),
    (r"sportsbook", (("DRAFTKINGS", 70), ("FANDUEL", 25), ("BETMGM", 5))),
    (r"environment", (("production", 1),)),
    (r"deployment_revision", (("prediction-worker-00212-lsn", 1),)),
    (r"feature_version|quality_schema_version", (("v2_37features", 1),)),
    (r"prediction_run_mode", (("OVERNIGHT", 7), ("SAME_DAY", 3))),
)


def words(name: str) -> tuple[tuple[Any, int], ...] | None:
    """Return the weighted words of the column `name`; None when it has none."""
    return next((found for pattern, found in _WORDS if re.fullmatch(pattern, name)), None)


def span(name: str) -> tuple[float, float, float]:
    """Return the lowest and highest value and the share of NULLs of the column `name`; raise KeyError if unknown."""
    for pattern, found in _SPANS:
        if re.fullmatch(pattern, name):
            return found
    raise KeyError(f"no span for the column {name}")


def known(name: str) -> bool:
    """Return whether there are words or a span for the column `name`."""
    return words(name) is not None or any(re.fullmatch(pattern, name) for pattern, _ in _SPANS)
