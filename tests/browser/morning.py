"""A morning as the page is told it: nine reporters, their last 14 days, and the seven failing jobs of the seed."""

import dataclasses
import datetime
from collections.abc import Sequence
from typing import Any

from cloud_functions.daily_health_check.page import rendering
from shared import history
from shared.statuses import Status
from tests.browser import newsroom

EXPECTED = {
    "alert_relay": "whenever a report is published",
    "bigquery_backup": "0 2 * * * America/Los_Angeles",
    "daily_health_check": "0 2,8,14,20 * * * America/New_York",
    "live_export": "*/5 * * * * America/New_York",
    "validation_runner": "30 7 * * * America/New_York; 0 9 * * * America/New_York",
}
PLACE = "--location=us-west2 --project=nba-props-platform"
REGION = PLACE.replace("location", "region")
RAISED = f"gcloud run services update nba-phase3 --max-instances=N {REGION}"
RETRIED = f"gcloud scheduler jobs update http same-day-phase3 --max-retry-attempts=2 --min-backoff=60s {PLACE}"
MIGRATION = (
    f"blue-green migration to Gen2: 1. gcloud functions deploy live-freshness-monitor-v2 --source=. --gen2 {REGION}; "
    f"2. repoint the job: gcloud scheduler jobs update http live-freshness-monitor --uri=NEW_URL {PLACE}; "
    f"3. gcloud functions delete live-freshness-monitor --no-gen2 {REGION}"
)
JOBS = (
    (
        "firestore-state-cleanup",
        "app_error",
        "the code of transition-monitor logged 'KeyError: phase'; last attempt: 500",
        4,
        f"gcloud run services logs read transition-monitor {REGION} --limit=50",
    ),
    (
        "live-freshness-monitor",
        "gen1",
        "the target is a function of the first generation, which no deploy reaches any more",
        23,
        MIGRATION,
    ),
    (
        "nba-grading-alerts-daily",
        "unavailable",
        "nba-grading-alerts was not available: the container failed to start; last attempt: UNAVAILABLE",
        2,
        f"gcloud run services logs read nba-grading-alerts {REGION} --limit=50",
    ),
    (
        "registry-health-check",
        "app_error",
        "the code of nba-reference-service answered 5xx without logging an error; last attempt: 500",
        9,
        f"gcloud run services logs read nba-reference-service {REGION} --limit=50",
    ),
    (
        "same-day-predictions-tomorrow",
        "no_route",
        "prediction-coordinator has no route /predict/tomorrow; last attempt: NOT_FOUND",
        31,
        "declare the route or correct the job's path; `make validate` knows the routes",
    ),
    (
        "self-heal-predictions",
        "deadline_too_short",
        "the target needs 412 s and the job waits 180 s; last attempt: DEADLINE_EXCEEDED",
        6,
        f"gcloud scheduler jobs update http self-heal-predictions --attempt-deadline=600s {PLACE}",
    ),
    (
        "same-day-phase3",
        "overloaded",
        "nba-phase3 is overloaded: all of its instances are busy; last attempt: RESOURCE_EXHAUSTED",
        1,
        f"stagger the schedule, limit the rate of callers, or raise the limit: {RAISED}; and retry: {RETRIED}",
    ),
)
LETTERS = {one.value[0]: one for one in Status if one is not Status.PASS} | {"p": Status.PASS}


@dataclasses.dataclass(frozen=True)
class Desk:
    """One reporter: its latest run, what that said, and a letter for each run before it, `.` where none was."""

    last: history.Run
    found: tuple[history.Said, ...]
    before: str
    hours: float = 24


def told() -> rendering.Told:
    """Return the whole morning."""
    desks = (_health(), _pre_game(), _models(), _backup(), *_quiet())
    runs = [one for desk in desks for one in (_last(desk), *_earlier(desk))]
    found = [said for desk in desks for said in desk.found]
    return newsroom.told(*found, runs=tuple(runs), expected=EXPECTED)


def _last(desk: Desk) -> history.Run:
    counts = {status.value: sum(one.status is status for one in desk.found) for status in Status}
    return dataclasses.replace(desk.last, counts=counts)


def _earlier(desk: Desk) -> list[history.Run]:
    return [_before(desk, number, LETTERS[letter]) for number, letter in enumerate(desk.before, 1) if letter != "."]


def _before(desk: Desk, number: int, status: Status) -> history.Run:
    billed = desk.last.bytes_billed
    return dataclasses.replace(
        desk.last,
        run_id=f"{desk.last.run_id}-{number}",
        started_at=desk.last.started_at - datetime.timedelta(hours=desk.hours * number),
        status=status,
        complete=status is not Status.ERROR,
        bytes_billed=None if billed is None else int(billed * (1 + 0.17 * (number * 7 % 5 - 2))),
    )


def _good(last: history.Run, names: Sequence[str], kind: str = "percent") -> tuple[history.Said, ...]:
    return tuple(newsroom.said(last, name, Status.PASS, kind=kind) for name in names)


def _health() -> Desk:
    summary = (
        "7 fail (job firestore-state-cleanup, job live-freshness-monitor, job nba-grading-alerts-daily and 4 more), "
        "1 warn (news-fetcher); 37 of 45 pass"
    )
    last = newsroom.run("daily_health_check", hours=4.1, status=Status.FAIL, duration_ms=8730, summary=summary)
    jobs = (
        newsroom.said(
            last,
            f"job {name}",
            kind="job",
            reason=reason,
            message=message,
            since=newsroom.ago(days + 0.17),
            streak=days * 4 + 1,
            change="new" if days == 1 else "ongoing",
            fix=fix,
        )
        for name, reason, message, days, fix in JOBS
    )
    fetcher = newsroom.said(
        last,
        "news-fetcher",
        Status.WARN,
        kind="generation",
        severity="warning",
        reason="gen1",
        message="a function of the first generation that no scheduler job calls",
        since=newsroom.ago(23.17),
        streak=93,
        fix=f"if nobody needs it: gcloud functions delete news-fetcher --no-gen2 {REGION}",
    )
    good = _good(last, [f"service-{number:02}" for number in range(1, 38)], "drift")
    return Desk(last, (*jobs, fetcher, *good), "ffff" * 6 + "wwwfwwppppppffffpppppppppp", 6)


def _pre_game() -> Desk:
    summary = "pre_game for 2026-02-12: 2 fail (predictions.enriched, signal.picks), 1 warn; 5 of 8 pass"
    last = newsroom.run(
        "validation_runner", "pre_game", hours=0.04, status=Status.FAIL, bytes_billed=1_290_000_000, summary=summary
    )
    fresh: dict[str, Any] = {"since": newsroom.ago(0.0017), "streak": 1, "change": "new"}
    found = (
        newsroom.said(
            last,
            "pre_game.predictions.enriched",
            reason="under_threshold",
            message="31.2 % (40 of 128) of the rows: the prediction has a line",
            observed_text="31.2",
            expected_text=">= 40",
            unit="percent",
            caused_by="job:job same-day-phase3",
            fix="look whether the props were scraped today, then run the enrichment again",
            **fresh,
        ),
        newsroom.said(
            last,
            "pre_game.signal.picks",
            kind="signal",
            message="RED: a slate of 3 games, and no pick with an edge of 3 or more; a day to skip",
            observed_text="0",
            expected_text=">= 1",
            unit="picks",
            **fresh,
        ),
        newsroom.said(
            last,
            "pre_game.features.vegas",
            Status.WARN,
            kind="statistic",
            severity="warning",
            message="the mean of vegas_quality_pct is 38.6",
            observed_text="38.6",
            expected_text=">= 40",
            unit="percent",
            since=newsroom.ago(2),
            streak=5,
        ),
        newsroom.said(last, "pre_game.features.late", Status.SKIP, reason="not_due", message="is due at 23:00"),
    )
    good = _good(last, [f"pre_game.features.{name}" for name in ("games", "ready", "red", "levels", "score")])
    return Desk(last, (*found, *good), "pwpwppsspp.ppppwwpfpwpp", 13)


def _models() -> Desk:
    summary = "models for 2026-02-12: 1 error (sides.over), 1 warn, 1 unknown; 2 of 5 pass"
    last = newsroom.run(
        "validation_runner", "models", status=Status.ERROR, complete=False, bytes_billed=402_000_000, summary=summary
    )
    found = (
        newsroom.said(
            last,
            "models.sides.over",
            Status.ERROR,
            reason="no_such_column",
            message="player_prop_predictions has no column recommendation_side; it has recommendation",
            since=newsroom.ago(1),
            streak=2,
            fix="correct the column's name in the suite, or find out who dropped it",
        ),
        newsroom.said(
            last,
            "models.record.promotion",
            Status.UNKNOWN,
            kind="promotion",
            reason="too_few",
            message="q43 hit 48.3 % of 29 picks; 21 more are needed to judge it against 52.4 %",
            since=newsroom.ago(4),
            streak=4,
            observed_text="29",
            expected_text=">= 50",
            unit="picks",
        ),
        newsroom.said(
            last,
            "models.predictions.trained",
            Status.WARN,
            kind="freshness",
            severity="warning",
            reason="too_old",
            message="the champion was trained 35 days ago",
            since=newsroom.ago(5),
            streak=5,
            fix="decide on the monthly retrain",
        ),
    )
    return Desk(last, (*found, *_good(last, ["models.predictions.parity", "models.record.decay"])), "euuuwwpp.pppp")


def _backup() -> Desk:
    last = newsroom.run(
        "bigquery_backup",
        "nightly",
        hours=8,
        status=Status.WARN,
        duration_ms=212_000,
        summary="11 of 11 tables backed up at 10:00, 4.1 GiB; 1 shrank",
    )
    shrank = newsroom.said(
        last,
        "nba_raw.odds_api_player_points_props",
        Status.WARN,
        kind="backup",
        severity="warning",
        reason="shrank",
        message="41 % fewer rows than in the last backup, which is pinned",
        change="new",
        since=newsroom.ago(0.33),
        streak=1,
    )
    return Desk(last, (shrank, *_good(last, [f"nba_raw.table_{n}" for n in range(10)], "backup")), "ppppppfppp.pp")


def _quiet() -> tuple[Desk, ...]:
    suites = (
        ("post_overnight", 5.5, 880_000_000, "pppppppspwppp"),
        ("grading", 4.03, 96_000_000, "pppfpppsppppp"),
        ("post_game", 10.5, 31_000_000, "ppppp.pspeppp"),
    )
    desks = []
    for scope, hours, billed, before in suites:
        summary = f"{scope} for 2026-02-11: all 6 pass"
        last = newsroom.run("validation_runner", scope, hours=hours, bytes_billed=billed, summary=summary)
        desks.append(Desk(last, _good(last, [f"{scope}.check_{number}" for number in range(6)]), before))
    relay = newsroom.run("alert_relay", hours=0.03, duration_ms=340, summary="3 alerts told, 9 held back as known")
    return (*desks, Desk(relay, _good(relay, ["webhook"], "delivery"), "p" * 80, 3.9))
