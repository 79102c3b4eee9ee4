"""The past of the demo's BigQuery jobs: what the pipeline and its people ran on the days before a given instant.

A day's jobs are the same whenever they are asked for, so that a cloud that is started again gets only the days since.
The pipeline is smaller than a real one: fewer jobs that bill more each, 20 to 60 GiB together on a day with games.
"""

import dataclasses
import datetime
import json
import random
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

from local.world import facts, platform

DAYS = 16
_DAY = datetime.timedelta(days=1)
_MEBIBYTE = 1024 * 1024
_LEAST = 10
"""The mebibytes that BigQuery bills at least."""
_FAILING = 0.01
_FAILURES = (
    ("rateLimitExceeded", "Exceeded rate limits: too many table update operations for this table."),
    ("resourcesExceeded", "Resources exceeded during query execution: the query could not be executed in the memory."),
    ("backendError", "An internal error occurred and the request could not be completed."),
)
_TIMEOUT_SECONDS = 30.0


@dataclasses.dataclass(frozen=True)
class Work:
    """What one user does each day: so many jobs on a day with games, so many without, between two hours of UTC.

    statement: of a query; a job without one is a load, which bills nothing. mebibytes: billed by a usual job.
    """

    purpose: str
    user: str
    games: int
    quiet: int
    hours: tuple[float, float]
    statement: str | None = None
    mebibytes: int = 0


WORK = (
    Work("raw-loads", platform.account("pipeline"), 30, 12, (4, 24)),
    Work("features", platform.account("pipeline"), 30, 10, (10, 23), "MERGE", 600),
    Work("predictions", platform.account("prediction-worker"), 20, 0, (12, 24), "INSERT", 400),
    Work("grading", platform.account("nba-grading-service"), 12, 4, (6, 14), "MERGE", 500),
    Work("dashboard", platform.account("nba-admin-dashboard"), 22, 22, (0, 24), "SELECT", 40),
    Work("analysis", "analyst@nba-props.example", 6, 6, (14, 22), "SELECT", 1500),
)


def seed(bigquery_url: str, now: datetime.datetime) -> int:
    """Return how many past jobs the BigQuery stand-in was told, of the DAYS days that end at `now` (with a zone).

    Raise RuntimeError when it does not take them.
    """
    told = list(jobs(now))
    url = f"{bigquery_url}/_jobs"
    request = urllib.request.Request(url, json.dumps(told).encode(), method="POST")  # noqa: S310 - our own stand-in
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(request, timeout=_TIMEOUT_SECONDS).close()
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{url} took no past jobs: {error.read(2000).decode('utf-8', 'replace')}") from error
    except OSError as error:
        raise RuntimeError(f"{url} took no past jobs: {error}") from error
    return len(told)


def jobs(now: datetime.datetime) -> Iterator[dict[str, Any]]:
    """Yield the jobs that began in the DAYS days before `now` and are over, as `POST /_jobs` takes them."""
    now = now.astimezone(datetime.UTC)
    for back in range(DAYS, -1, -1):
        for job in of_day((now - back * _DAY).date()):
            began, ended = (datetime.datetime.fromisoformat(job[name]) for name in ("creation_time", "end_time"))
            if now - DAYS * _DAY < began and ended <= now:
                yield job


def of_day(day: datetime.date) -> list[dict[str, Any]]:
    """Return all jobs of a day of UTC."""
    draws = random.Random(f"{facts.SEED}/{day}")
    busy = draws.uniform(0.7, 1.3)
    return [
        _job(work, f"demo_{day:%Y%m%d}_{work.purpose}_{number}", day, busy=busy, draws=draws)
        for work in WORK
        for number in range(work.quiet if quiet(day) else work.games)
    ]


def quiet(day: datetime.date) -> bool:
    """Return whether the season has no games on a day; of a day that it does not cover nothing says so."""
    return facts.FIXED_COUNTS.get(day) == 0 or facts.BREAK[0] <= day <= facts.BREAK[1]


def _job(work: Work, job_id: str, day: datetime.date, *, busy: float, draws: random.Random) -> dict[str, Any]:
    midnight = datetime.datetime.combine(day, datetime.time(), datetime.UTC)
    created = midnight + datetime.timedelta(seconds=round(3600 * draws.uniform(*work.hours), 3))
    seconds = draws.uniform(1, 40)
    job = {
        "job_id": job_id,
        "creation_time": created.isoformat(),
        "end_time": (created + datetime.timedelta(seconds=round(seconds, 3))).isoformat(),
        "user_email": work.user,
        "job_type": "QUERY" if work.statement else "LOAD",
        "statement_type": work.statement,
        "labels": {"purpose": work.purpose},
    }
    processed = int(work.mebibytes * busy * draws.uniform(0.5, 1.5) * _MEBIBYTE)
    if draws.random() < _FAILING:
        reason, message = draws.choice(_FAILURES)
        return job | {"error_result": {"reason": reason, "message": message}}
    if work.statement is None:
        return job
    billed = max(_LEAST, -(-processed // _MEBIBYTE)) * _MEBIBYTE
    slots = int(1000 * seconds * draws.uniform(1, 20))
    return job | {"total_bytes_processed": processed, "total_bytes_billed": billed, "total_slot_ms": slots}
