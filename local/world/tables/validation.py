"""nba_orchestration.validation_runs and validation_check_results: what the old runner wrote in its last two weeks."""

import datetime
from typing import Any

import pyarrow as pa

from local.world import facts, state
from local.world.tables import events

_RUNS, _RESULTS = "nba_orchestration.validation_runs", "nba_orchestration.validation_check_results"
_DAYS, _NOW_HOUR = 14, 16
_SCHEDULES = {
    "post_overnight": (11.0, ("phase3_completion", "phase4_completion", "historical_completeness", "data_freshness")),
    "pre_game_prep": (13.0, ("predictions_ready", "feature_store_quality", "vegas_line_coverage", "upcoming_context")),
    "pre_game_final": (23.0, ("predictions_ready", "pre_game_signal", "model_bias")),
}
_OF_YESTERDAY = ("post_overnight", "pre_game_prep")
# The old check wanted 40 rows a game where 36 are usual, so that it failed each day.
_ALWAYS_FAILS = "historical_completeness"


def tables(world: state.World) -> dict[str, pa.Table]:
    """Return both tables."""
    runs: list[dict[str, Any]] = []
    results: list[dict[str, Any]] = []
    for day in events.days(world.since(_DAYS)):
        for number, (schedule, (hour, checks)) in enumerate(_SCHEDULES.items()):
            if day == facts.LAST_DAY and hour > _NOW_HOUR:
                continue
            run = _run(world, day, number, schedule=schedule) | {"run_timestamp": events.at(day, hours=hour)}
            found = [_result(run, place, check=check) for place, check in enumerate(checks)]
            results += found
            runs.append(run | _totals(found))
    return {_RUNS: events.table(world, _RUNS, runs), _RESULTS: events.table(world, _RESULTS, results)}


def _run(world: state.World, day: datetime.date, number: int, *, schedule: str) -> dict[str, Any]:
    return {
        "run_id": events.code(world, "run", day, number),
        "check_type": "scheduled",
        "trigger_source": "scheduler",
        "schedule_name": schedule,
        "duration_ms": round(2000 + 9000 * events.unit(world, "run", day, number)),
        "target_date": day - datetime.timedelta(days=1) if schedule in _OF_YESTERDAY else day,
        "details": events.text({"runner": "0.9"}),
    }


def _totals(results: list[dict[str, Any]]) -> dict[str, Any]:
    counts = {word: sum(result["status"] == word for result in results) for word in ("PASS", "WARN", "FAIL")}
    status = "CRITICAL" if counts["FAIL"] else "WARNING" if counts["WARN"] else "OK"
    return {
        "status": status,
        "message": f"{counts['PASS']} of {len(results)} checks passed",
        "checks_passed": counts["PASS"],
        "checks_warned": counts["WARN"],
        "checks_failed": counts["FAIL"],
    }


def _result(run: dict[str, Any], place: int, *, check: str) -> dict[str, Any]:
    day = run["target_date"]
    failed = check == _ALWAYS_FAILS
    return {
        "result_id": f"{run['run_id']}-{place}",
        "run_id": run["run_id"],
        "check_timestamp": run["run_timestamp"] + datetime.timedelta(seconds=place + 1),
        "check_name": check,
        "check_category": run["schedule_name"],
        "status": "FAIL" if failed else "PASS",
        "severity": "P1_CRITICAL" if failed else "P3_MEDIUM",
        "expected_value": 40.0 if failed else None,
        "actual_value": 36.0 if failed else None,
        "threshold": 40.0 if failed else None,
        "message": "fewer rows than expected" if failed else "ok",
        "target_date": day,
        "target_table": "nba_analytics.player_game_summary" if failed else None,
        "affected_records": 4 if failed else 0,
        "details": events.text({"rows_per_game": 36}) if failed else None,
    }
