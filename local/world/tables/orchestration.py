"""nba_orchestration: decisions of the controller, runs of the scrapers, outputs of the processors, phases completed."""

import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from local.world import facts, state
from local.world.tables import events

_DECISIONS = "nba_orchestration.workflow_decisions"
_OUTPUTS = "nba_orchestration.processor_output_validation"
_PHASES = "nba_orchestration.phase_completions"
_SCRAPES = "nba_orchestration.scraper_execution_log"
_WORKFLOWS = {
    "betting_lines": (range(13, 24), ["oddsa_events", "oddsa_player_props", "bettingpros_props"]),
    "injury_discovery": (range(11, 24), ["nbac_injury_report"]),
    "morning_operations": (range(10, 15), ["nbac_schedule", "nbac_player_list"]),
    "post_game_window_1": (range(3, 5), ["nbac_gamebook", "bdl_boxscores"]),
    "post_game_window_2": (range(5, 7), ["nbac_gamebook", "nbac_play_by_play"]),
}
_PROCESSORS = {
    "phase3": (
        "player_game_summary", "team_offense_game_summary", "team_defense_game_summary",
        "upcoming_player_game_context", "upcoming_team_game_context",
    ),
    "phase4": (
        "team_defense_zone_analysis", "player_shot_zone_analysis", "player_composite_factors", "player_daily_cache",
        "ml_feature_store",
    ),
}  # fmt: skip
# Shares of decisions, outputs and runs that go wrong; those of the runs add up.
_ABORTED, _SHORT = 0.004, 0.06
_TROUBLED = {"failed": 0.015, "no_data": 0.04, "partial": 0.06}
_HOURS = {"phase3": 32.0, "phase4": 35.0}
# The world stands still on its last day at this hour (UTC): later things have not happened.
_NOW_HOUR = 16
_BEFORE_THE_GAME = ("upcoming_player_game_context", "upcoming_team_game_context")


def tables(world: state.World) -> dict[str, pa.Table]:
    """Return the four tables."""
    played = events.games(world)
    return {
        _DECISIONS: events.table(world, _DECISIONS, _decisions(world, played)),
        _OUTPUTS: events.table(world, _OUTPUTS, _outputs(world, played)),
        _PHASES: events.table(world, _PHASES, _phases(world, played)),
        _SCRAPES: events.table(world, _SCRAPES, _scrapes(world, played)),
    }


def _decisions(world: state.World, played: dict[datetime.date, list[str]]) -> list[dict[str, Any]]:
    """Return what the controller decided for each workflow in each hour of the last 90 days."""
    made = []
    for day in events.days(world.since(90)):
        last_hour = _NOW_HOUR if day == facts.LAST_DAY else 24
        for hour in range(last_hour):
            for number, workflow in enumerate(_WORKFLOWS):
                made.append(_decision(world, day, hour * 8 + number, workflow=workflow, games=played.get(day, [])))
    return made


def _decision(
    world: state.World, day: datetime.date, number: int, *, workflow: str, games: list[str]
) -> dict[str, Any]:
    hour = number // 8
    window, scrapers = _WORKFLOWS[workflow]
    broken = events.unit(world, "abort", day, number) < _ABORTED
    runs = hour in window and bool(games) and not broken
    action = "ABORT" if broken else "RUN" if runs else "SKIP"
    reasons = {"ABORT": "schedule source unavailable", "RUN": f"{len(games)} games, window open"}
    decided = events.at(day, hours=hour + 0.0833)
    context = {"games_today": len(games), "hour_utc": hour, "window": [min(window), max(window)]}
    return {
        "decision_id": events.code(world, "decision", day, number),
        "decision_time": decided,
        "workflow_name": workflow,
        "action": action,
        "reason": reasons.get(action, "outside window" if games else "no games today"),
        "context": events.text(context) if action != "ABORT" else None,
        "scrapers_triggered": scrapers if runs else [],
        "target_games": games if runs else [],
        "next_check_time": decided + datetime.timedelta(hours=1),
        "priority": "HIGH" if runs else "LOW",
        "alert_level": "WARNING" if broken else "NONE",
        "controller_version": "1.4.0",
        "environment": "production",
        "triggered_by": "scheduler",
        "created_at": decided,
    }


def _outputs(world: state.World, played: dict[datetime.date, list[str]]) -> list[dict[str, Any]]:
    """Return what processors wrote against what they read; a file without a day has a NULL game date."""
    made = []
    for day, games in played.items():
        for number, scraper in enumerate(sorted({name for _, names in _WORKFLOWS.values() for name in names})):
            undated = scraper == "nbac_player_list"
            expected = 540 if undated else 36 * len(games)
            short = events.unit(world, "short", day, number) < _SHORT
            actual = expected - (7 if short else 0)
            row = {
                "timestamp": events.at(day, hours=14.0 + number * 0.05),
                "processor_name": f"{scraper}_processor",
                "file_path": f"{scraper.replace('_', '-', 1)}/{day}/{events.code(world, 'file', day, number)}.json",
                "game_date": None if undated else day,
                "expected_rows": expected,
                "actual_rows": actual,
                "issue_type": "partial_write" if short else "none",
                "severity": "WARNING" if short else "OK",
                "reason": "rows without a player id" if short else None,
                "is_acceptable": True,
                "run_id": events.code(world, "output", day, number),
            }
            made.append(row)
    return made


def _phases(world: state.World, played: dict[datetime.date, list[str]]) -> list[dict[str, Any]]:
    """Return each processor's completion; tonight has only what runs before the games."""
    made = []
    for day, games in played.items():
        tonight = day == facts.LAST_DAY
        for phase, processors in _PROCESSORS.items():
            due = [name for name in processors if not tonight or name in _BEFORE_THE_GAME]
            hour = 15.2 if tonight else _HOURS[phase]
            times = {"triggered_at": events.at(day, hours=hour + 0.5), "created_at": events.at(day, hours=hour + 0.51)}
            for number, processor in enumerate(due):
                done = {"completed_at": events.at(day, hours=hour + number * 0.07), "record_count": 36 * len(games)}
                named = _phase(world, day, phase=phase, processor=processor, expected=len(due))
                made.append(named | times | done)
    return made


def _phase(world: state.World, day: datetime.date, *, phase: str, processor: str, expected: int) -> dict[str, Any]:
    tonight = day == facts.LAST_DAY
    return {
        "phase": phase,
        "game_date": day,
        "processor_name": processor,
        "status": "success",
        "execution_id": events.code(world, processor, day),
        "correlation_id": events.code(world, phase, day),
        "expected_processors": expected,
        "triggered_next": True,
        "mode": "same_day" if tonight else "overnight",
        "trigger_reason": "all_complete",
    }


def _scrapes(world: state.World, played: dict[datetime.date, list[str]]) -> list[dict[str, Any]]:
    """Return the runs of every scraper, a few of them failed."""
    made = []
    for day, games in played.items():
        due = [
            (hour, workflow, scraper)
            for workflow, (window, scrapers) in _WORKFLOWS.items()
            for hour in (min(window), max(window))
            for scraper in scrapers
            if day < facts.LAST_DAY or hour < _NOW_HOUR
        ]
        for number, (hour, workflow, scraper) in enumerate(due):
            started = events.at(day, hours=hour + 0.1)
            place = {"workflow": workflow, "scraper_name": scraper, "triggered_at": started}
            made.append(place | _scrape(world, day, number, started=started, games=len(games)))
    return made


def _scrape(
    world: state.World, day: datetime.date, number: int, *, started: datetime.datetime, games: int
) -> dict[str, Any]:
    luck = events.unit(world, "scrape", day, number)
    status = str(np.select([luck < share for share in _TROUBLED.values()], list(_TROUBLED), "success"))
    seconds = round(2 + 40 * events.unit(world, "seconds", day, number), 3)
    failed = status == "failed"
    name = events.code(world, "scrape", day, number)
    return {
        "execution_id": name,
        "game_date": day,
        "status": status,
        "duration_seconds": seconds,
        "completed_at": started + datetime.timedelta(seconds=seconds),
        "source": "controller",
        "environment": "production",
        "triggered_by": "scheduler",
        "gcs_path": None if failed else f"gs://nba-scraped-data/{day}/{name}.json",
        "data_summary": None if failed else events.text({"games": games, "rows": 36 * games}),
        "error_type": "HTTPError" if failed else None,
        "error_message": "503 from the source" if failed else None,
        "retry_count": 3 if failed else 0,
        "recovery": False,
        "run_id": name[:8],
        "opts": events.text({"date": str(day)}),
    }
