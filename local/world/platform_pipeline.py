"""The services, push subscriptions and healthy jobs of the pipeline that Pressbox watches; values only."""

from typing import Any

from local.world import platform

GEN1 = ("live-freshness-monitor", "news-fetcher")
# (name, seconds)
CONTAINERS = (
    ("mlb-phase2-raw-processors", 540),
    ("mlb-phase3-analytics-processors", 540),
    ("mlb-prediction-worker", 300),
    ("nba-admin-dashboard", 60),
    ("nba-grading-service", 540),
    ("nba-phase1-scrapers", 300),
    ("nba-phase2-raw-processors", 540),
    ("nba-phase3-analytics-processors", 540),
    ("nba-phase4-precompute-processors", 540),
    ("nba-reference-service", 180),
    ("prediction-coordinator", 540),
    ("prediction-worker", 300),
)
FUNCTIONS = (
    ("box-score-completeness-alert", 120),
    ("decay-detection", 300),
    ("enrichment-trigger", 540),
    ("grading-coverage-monitor", 120),
    ("grading-gap-detector", 300),
    ("live-export", 120),
    ("nba-grading-alerts", 60),
    ("phase2-to-phase3-orchestrator", 120),
    ("phase3-to-phase4-orchestrator", 120),
    ("phase4-timeout-check", 60),
    ("phase4-to-phase5-orchestrator", 120),
    ("phase5-to-phase6-orchestrator", 120),
    ("phase6-export", 540),
    ("pipeline-reconciliation", 300),
    ("prediction-health-alert", 120),
    ("self-heal-predictions", 540),
    ("signal-decay-monitor", 300),
    ("transition-monitor", 300),
    ("weekly-retrain", 1800),
)
PUSHED = (
    ("nba-phase1-scrapers-complete", "nba-phase2-raw-processors", "/process"),
    ("nba-phase2-raw-complete", "phase2-to-phase3-orchestrator", "/"),
    ("nba-phase3-trigger", "nba-phase3-analytics-processors", "/process"),
    ("nba-phase3-analytics-complete", "phase3-to-phase4-orchestrator", "/"),
    ("nba-phase4-trigger", "nba-phase4-precompute-processors", "/process"),
    ("nba-phase4-precompute-complete", "phase4-to-phase5-orchestrator", "/"),
    ("nba-phase5-trigger", "prediction-coordinator", "/start"),
    ("prediction-request", "prediction-worker", "/predict"),
    ("nba-phase5-predictions-complete", "phase5-to-phase6-orchestrator", "/"),
    ("nba-phase6-export-trigger", "phase6-export", "/"),
    ("nba-grading-trigger", "nba-grading-service", "/grade"),
    ("nba-grading-complete", "grading-coverage-monitor", "/"),
    ("nba-props-scraped", "enrichment-trigger", "/"),
    ("nba-boxscores-complete", "box-score-completeness-alert", "/"),
    ("mlb-phase1-scrapers-complete", "mlb-phase2-raw-processors", "/process"),
    ("mlb-phase2-raw-complete", "mlb-phase3-analytics-processors", "/process"),
    ("mlb-prediction-request", "mlb-prediction-worker", "/predict"),
)
# (name, cron in Eastern time, service, path, body)
JOBS: tuple[tuple[str, str, str, str, dict[str, Any]], ...] = (
    ("box-score-completeness-morning", "0 6 * * *", "box-score-completeness-alert", "", {}),
    ("dashboard-refresh", "*/10 * * * *", "nba-admin-dashboard", "/refresh", {}),
    ("decay-detection-daily", "0 11 * * *", "decay-detection", "", {}),
    ("execute-workflows", "5 6-23 * * *", "nba-phase1-scrapers", "/execute-workflows", {}),
    ("grading-daily", "30 2 * * *", "nba-grading-service", "/grade", {"day": "yesterday", "window": "overnight"}),
    ("grading-gap-detector-daily", "0 9 * * *", "grading-gap-detector", "", {"days": 14}),
    ("grading-morning", "30 6 * * *", "nba-grading-service", "/grade", {"day": "yesterday", "window": "morning"}),
    ("live-export-evening", "*/3 19-23 * * *", "live-export", "", {"target_date": "today", "window": "evening"}),
    ("live-export-late-night", "*/3 0-1 * * *", "live-export", "", {"target_date": "today", "window": "late-night"}),
    ("mlb-predictions-daily", "0 13 * * *", "mlb-prediction-worker", "/predict-all", {}),
    ("morning-predictions", "0 10 * * *", "prediction-coordinator", "/start", {"day": "today", "mode": "morning"}),
    ("overnight-phase3", "0 6 * * *", "nba-phase3-analytics-processors", "/process-date-range", {"day": "yesterday"}),
    ("overnight-phase4", "0 7 * * *", "nba-phase4-precompute-processors", "/process-date", {"day": "yesterday"}),
    ("overnight-predictions", "0 8 * * *", "prediction-coordinator", "/start", {"day": "today", "mode": "overnight"}),
    ("phase4-timeout-check-job", "*/30 * * * *", "phase4-timeout-check", "", {}),
    ("phase6-picks-export", "0 17 * * *", "phase6-export", "", {"export_types": ["picks"]}),
    ("phase6-tonight-export", "0 13 * * *", "phase6-export", "", {"export_types": ["tonight"]}),
    ("pipeline-reconciliation-daily", "0 5 * * *", "pipeline-reconciliation", "", {}),
    ("prediction-health-evening", "0 19 * * *", "prediction-health-alert", "", {}),
    ("prediction-stall-check", "*/15 * * * *", "prediction-coordinator", "/check-stalled", {}),
    ("registry-refresh", "30 4 * * *", "nba-reference-service", "/refresh", {}),
    ("same-day-phase4", "0 11 * * *", "nba-phase4-precompute-processors", "/process-date", {"day": "today"}),
    ("same-day-predictions", "30 11 * * *", "prediction-coordinator", "/start", {"day": "today", "mode": "same-day"}),
    ("signal-decay-daily", "0 12 * * *", "signal-decay-monitor", "", {}),
    ("transition-monitor-hourly", "0 * * * *", "transition-monitor", "", {}),
    ("weekly-retrain-trigger", "0 5 * * 1", "weekly-retrain", "", {}),
)
SCRAPERS = (
    "bdl_active_players",
    "bdl_injuries",
    "bdl_live_boxscores",
    "bdl_player_boxscores",
    "bdl_standings",
    "bettingpros_events",
    "bettingpros_player_props",
    "bigdataball_play_by_play",
    "bref_rosters",
    "espn_boxscores",
    "espn_rosters",
    "espn_scoreboard",
    "nbac_gamebook",
    "nbac_injury_report",
    "nbac_play_by_play",
    "nbac_player_boxscores",
    "nbac_player_list",
    "nbac_player_movement",
    "nbac_referees",
    "nbac_schedule",
    "nbac_scoreboard",
    "nbac_team_boxscores",
    "odds_api_closing_lines",
    "odds_api_events",
    "odds_api_game_lines",
    "odds_api_player_props",
    "rotowire_lineups",
    "teamrankings_pace",
)
WINDOWS = (("morning", "7"), ("midday", "13"), ("evening", "18"))


def services() -> tuple[platform.Service, ...]:
    """Return the pipeline's services; each push target may be called by the account that pushes."""
    pushed = {service for _, service, _ in PUSHED}
    return tuple(
        platform.Service(
            name,
            timeout=seconds,
            function=name if (name, seconds) in FUNCTIONS else None,
            environment={"GCP_PROJECT": platform.PROJECT},
            memory="1Gi" if name.startswith("nba-phase") else "512Mi",
            invokers=(platform.PIPELINE_SCHEDULER, *((platform.PIPELINE_PUSH,) if name in pushed else ())),
        )
        for name, seconds in sorted((*CONTAINERS, *FUNCTIONS))
    )


def subscriptions() -> tuple[platform.Subscription, ...]:
    """Return one push subscription for each topic of the pipeline."""
    return tuple(
        platform.Subscription(f"{topic}-to-{service}", topic, service, path=path) for topic, service, path in PUSHED
    )


def jobs() -> tuple[platform.Job, ...]:
    """Return the pipeline's healthy jobs, the important ones first; no two call the same target with the same body."""
    seconds = dict((*CONTAINERS, *FUNCTIONS))
    named = [
        platform.Job(name, cron, service, path=path, body=body, deadline=seconds[service])
        for name, cron, service, path, body in JOBS
    ]
    scrapers = [
        platform.Job(
            f"{scraper.replace('_', '-')}-{window}",
            f"{2 * number} {hour} * * *",
            "nba-phase1-scrapers",
            path="/scrape",
            body={"scraper": scraper, "window": window},
            numbered=True,
        )
        for window, hour in WINDOWS
        for number, scraper in enumerate(SCRAPERS)
    ]
    return (*named, *scrapers)
