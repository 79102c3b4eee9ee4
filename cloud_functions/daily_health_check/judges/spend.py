"""What the last day of BigQuery billed, against its budget and against like days; pure."""

import datetime
import re
import shlex
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from cloud_functions.daily_health_check import declaration
from cloud_functions.daily_health_check.judges import sources
from shared import errors, wording
from shared.report import Finding
from shared.statuses import Status

KIND = "spend"
REASONS = frozenset({"healthy", "over_budget", "unlike_days", "too_few_days"})
"""The reasons of kind `spend`, beside those of a source that did not answer."""
ENOUGH = 5
"""How many days make a comparison."""
JOBS_AT_LEAST = 500
"""Jobs below which no comparison warns: a small project varies by more than any factor."""
PERCENT = 100
_IDENTIFIER = re.compile(r"[A-Za-z0-9:._-]+")

Parameters = tuple[tuple[str, str, Any], ...]
Rows = Sequence[Mapping[str, Any]]
Verdict = tuple[Status, str, float | int | str, str]


def question(project: str, location: str, *, days: int, now: datetime.datetime) -> tuple[str, Parameters]:
    """Return SQL and its parameters that ask for the last day and `days` days before it; raise InvalidDeclaration.

    A day is 24 hours that end at `now`, so that the last one is whole. Answers one row for each day that had jobs:
    day_number (0 is the last), jobs, failed, bytes (billed), top_user, top_bytes. location: of the jobs, like US, where
    the query must run too. The account needs bigquery.jobs.listAll, as roles/bigquery.resourceViewer has it, and
    bigquery.jobs.create.
    """
    for name in (project, location):
        if not _IDENTIFIER.fullmatch(name):
            raise errors.InvalidDeclaration([f"spend: {name!r} is no project or location"])
    view = f"`{project}`.`region-{location.lower()}`.INFORMATION_SCHEMA.JOBS_BY_PROJECT"
    since = now - datetime.timedelta(days=days + 1)
    return _SQL.format(view=view), (("now", "TIMESTAMP", now), ("since", "TIMESTAMP", since))


# A script's row sums up those of its statements, which name it as their parent: only jobs without a parent count. Their
# statement_type says the same of queries, but is NULL for loads, copies and extracts.
_SQL = """
WITH jobs AS (
  SELECT
    DIV(TIMESTAMP_DIFF(@now, creation_time, SECOND), 86400) AS day_number,
    IFNULL(user_email, 'unknown') AS email,
    error_result.reason IS NOT NULL AS has_failed,
    IFNULL(total_bytes_billed, 0) AS billed
  FROM {view}
  WHERE creation_time > @since AND creation_time <= @now AND parent_job_id IS NULL
),
by_user AS (
  SELECT day_number, email, COUNT(*) AS user_jobs, COUNTIF(has_failed) AS user_failed, SUM(billed) AS user_bytes
  FROM jobs
  GROUP BY day_number, email
)
SELECT
  day_number,
  SUM(user_jobs) AS jobs,
  SUM(user_failed) AS failed,
  SUM(user_bytes) AS bytes,
  MAX(user_bytes) AS top_bytes,
  ARRAY_AGG(email ORDER BY user_bytes DESC, email LIMIT 1)[OFFSET(0)] AS top_user
FROM by_user
GROUP BY day_number
ORDER BY day_number
"""


def findings(
    rows: Rows | errors.CloudError, calendar_games: Mapping[int, bool] | None, *, declared: declaration.Spend
) -> tuple[Finding, ...]:
    """Return one finding on the bytes and one on the jobs of the last day, given the rows that `question` answers.

    calendar_games: by day_number, whether there were games; None when no calendar tells.
    """
    if isinstance(rows, errors.CloudError):
        role = "roles/bigquery.resourceViewer, which may list the jobs of the project"
        return (sources.unasked(KIND, "JOBS_BY_PROJECT", error=rows, role=role),)
    days = {int(row["day_number"]): row for row in rows}
    return tuple(_judged(subject, days, calendar_games, declared=declared) for subject in ("bytes", "jobs"))


def _judged(
    subject: str,
    days: Mapping[int, Mapping[str, Any]],
    games: Mapping[int, bool] | None,
    *,
    declared: declaration.Spend,
) -> Finding:
    like, word = _like(days, games)
    values = [_number(days, number, subject) for number in like]
    evidence = {**_evidence(days), "compared": word, "compared_days": len(like)}
    if values:
        evidence["median"] = wording.plain(statistics.median(values))
    observed = _number(days, 0, subject)
    verdict = _verdict(subject, observed, values, declared=declared)
    return _finding(subject, observed, verdict, evidence=evidence, location=declared.location)


def _verdict(subject: str, observed: int, values: Sequence[int], *, declared: declaration.Spend) -> Verdict:
    """Return status, reason, what was expected, and words; the budget holds however few days there are to compare."""
    of_bytes = subject == "bytes"
    budget = declared.bytes_per_day if of_bytes else declared.jobs_per_day
    if observed > budget:
        return Status.FAIL, "over_budget", budget, f"; the budget is {_shown(subject, budget)}"
    if len(values) < ENOUGH:
        return Status.UNKNOWN, "too_few_days", budget, f"; {wording.amount(len(values), 'earlier day')} to compare with"
    median = statistics.median(values)
    limit = max(declared.factor * median, declared.at_least if of_bytes else JOBS_AT_LEAST)
    if observed > limit:
        return (
            Status.WARN,
            "unlike_days",
            wording.plain(limit),
            f"; like days have a median of {_shown(subject, median)}",
        )
    return Status.PASS, "healthy", budget, ""


def _number(days: Mapping[int, Mapping[str, Any]], number: int, subject: str) -> int:
    """Return what a day came to; one without a row had no job."""
    return int(days[number][subject] or 0) if number in days else 0


def _like(days: Mapping[int, Mapping[str, Any]], games: Mapping[int, bool] | None) -> tuple[list[int], str]:
    """Return the earlier days to compare with, and a word for them: as far back as there were jobs at all."""
    earlier = list(range(1, max(days, default=0) + 1))
    if games is None or 0 not in games:
        return earlier, "earlier days"
    like = [number for number in earlier if games.get(number) == games[0]]
    word = "earlier days with games" if games[0] else "earlier days without games"
    return (like, word) if len(like) >= ENOUGH else (earlier, "earlier days")


def _evidence(days: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """Return who billed most on the last day, and how many of its jobs failed."""
    billed = _number(days, 0, "bytes")
    found: dict[str, Any] = {"failed_jobs": _number(days, 0, "failed")}
    if billed:
        found["top_user"] = days[0]["top_user"]
        found["top_share"] = round(PERCENT * _number(days, 0, "top_bytes") / billed, 1)
    return found


def _finding(subject: str, observed: int, verdict: Verdict, *, evidence: Mapping[str, Any], location: str) -> Finding:
    status, reason, expected, told = verdict
    return Finding(
        subject=subject,
        kind=KIND,
        status=status,
        reason=reason,
        message=f"{_shown(subject, observed)} in the last 24 hours{told}",
        observed=observed,
        expected=expected,
        unit=subject,
        evidence=evidence,
        fix=_look(location) if status in (Status.FAIL, Status.WARN) else None,
    )


def _shown(subject: str, value: float) -> str:
    return f"{value / 2**30:,.1f} GiB billed" if subject == "bytes" else f"{wording.figure(value)} jobs"


def _look(location: str) -> str:
    sql = (
        f"SELECT user_email, COUNT(*) AS jobs, SUM(total_bytes_billed) AS bytes FROM `region-{location.lower()}`"  # noqa: S608 - shown to a person, and the location is declared
        ".INFORMATION_SCHEMA.JOBS_BY_PROJECT WHERE creation_time > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 DAY)"
        " AND parent_job_id IS NULL GROUP BY user_email ORDER BY bytes DESC"
    )
    return f"see who spends it: bq query --use_legacy_sql=false {shlex.quote(sql)}"
