"""What a day of BigQuery billed is held against its budget and against like days; the question runs in BigQuery."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from google.api_core import exceptions

from cloud_functions.daily_health_check import declaration
from cloud_functions.daily_health_check.judges import spend
from shared import errors
from shared.gcp import bigquery
from shared.report import Finding
from shared.statuses import Status

GIB = 2**30
DECLARED = declaration.Spend(bytes_per_day=1000 * GIB, jobs_per_day=5000, at_least=50 * GIB)
LIMIT = 100 * 1024 * 1024
VIEW = "`demo`.`region-us`.INFORMATION_SCHEMA.JOBS_BY_PROJECT"


def day(number: int, gib: float = 100, jobs: int = 1000, **changes: Any) -> dict[str, Any]:
    """Return a row that the question answers."""
    told = {"day_number": number, "jobs": jobs, "failed": 0, "bytes": int(gib * GIB)}
    return told | {"top_user": "loader@demo", "top_bytes": int(gib * GIB / 4)} | changes


def judged(*rows: dict[str, Any], games: dict[int, bool] | None = None) -> dict[str, Finding]:
    """Return the findings by subject."""
    return {one.subject: one for one in spend.findings(rows, games, declared=DECLARED)}


def test_day_like_the_others_is_well() -> None:
    """Bytes and jobs are two findings, with who billed most and how many jobs failed."""
    found = judged(day(0, failed=3), *(day(number) for number in range(1, 15)))

    assert {name: (x.status, x.reason, x.observed, x.expected) for name, x in found.items()} == {
        "bytes": (Status.PASS, "healthy", 100 * GIB, 1000 * GIB),
        "jobs": (Status.PASS, "healthy", 1000, 5000),
    }
    assert found["bytes"].evidence == {
        "failed_jobs": 3, "top_user": "loader@demo", "top_share": 25.0,
        "compared": "earlier days", "compared_days": 14, "median": 100 * GIB,
    }  # fmt: skip
    assert found["bytes"].message == "100.0 GiB billed in the last 24 hours"


@pytest.mark.parametrize(
    ("gib", "status", "reason"),
    [
        (300, Status.PASS, "healthy"),
        (300.1, Status.WARN, "unlike_days"),
        (1000, Status.WARN, "unlike_days"),
        (1000.1, Status.FAIL, "over_budget"),
    ],
)
def test_bytes_far_above_like_days(gib: float, status: Status, reason: str) -> None:
    """More than the factor times the median warns, more than the budget fails; both say where to look."""
    found = judged(day(0, gib), *(day(number) for number in range(1, 15)))["bytes"]

    assert (found.status, found.reason, found.observed) == (status, reason, int(gib * GIB))
    assert ("bq query" in str(found.fix)) == (status is not Status.PASS)


@pytest.mark.parametrize(
    ("jobs", "status", "reason"),
    [(3000, Status.PASS, "healthy"), (3001, Status.WARN, "unlike_days"), (5001, Status.FAIL, "over_budget")],
)
def test_jobs_far_above_like_days(jobs: int, status: Status, reason: str) -> None:
    """Jobs have a budget and a comparison of their own."""
    found = judged(day(0, jobs=jobs), *(day(number) for number in range(1, 15)))

    assert (found["jobs"].status, found["jobs"].reason) == (status, reason)
    assert found["bytes"].status is Status.PASS


@pytest.mark.parametrize(("gib", "jobs", "reason"), [(50, 500, "healthy"), (50.1, 501, "unlike_days")])
def test_little_is_never_unlike(gib: float, jobs: int, reason: str) -> None:
    """Below the floors no factor matters: ten times nearly nothing is nearly nothing."""
    found = judged(day(0, gib, jobs), *(day(number, 1, 10) for number in range(1, 15)))

    assert {x.reason for x in found.values()} == {reason}


def test_game_days_are_compared_with_game_days() -> None:
    """A day that is usual among days with games is unlike those without, and the other way round."""
    games = {number: number % 2 == 0 for number in range(15)}
    rows = [day(number, 300 if games[number] else 50) for number in range(1, 15)]

    assert judged(day(0, 300), *rows, games=games)["bytes"].reason == "healthy"
    assert judged(day(0, 300), *rows, games={**games, 0: False})["bytes"].reason == "unlike_days"
    assert judged(day(0), *rows, games=games)["bytes"].evidence["compared"] == "earlier days with games"


@pytest.mark.parametrize("games", [None, {1: True}, {0: True, 1: True, 2: True, 3: True, 4: True}])
def test_without_enough_like_days_all_are_compared(games: dict[int, bool] | None) -> None:
    """No calendar, a day that it does not know, or fewer than five like days: then every earlier day counts."""
    found = judged(day(0), *(day(number) for number in range(1, 15)), games=games)["bytes"]

    assert (found.evidence["compared"], found.evidence["compared_days"]) == ("earlier days", 14)


@pytest.mark.parametrize(("days", "reason"), [(0, "too_few_days"), (4, "too_few_days"), (5, "healthy")])
def test_few_days_are_too_few_to_compare(days: int, reason: str) -> None:
    """It is not known whether the day is unlike others; the budget holds all the same."""
    earlier = [day(number) for number in range(1, days + 1)]

    assert {x.reason for x in judged(day(0), *earlier).values()} == {reason}
    assert judged(day(0, 1001), *earlier)["bytes"].reason == "over_budget"


def test_no_rows_are_not_well() -> None:
    """A project of which no job is told was not looked at."""
    assert {x.status for x in judged().values()} == {Status.UNKNOWN}


def test_day_without_jobs_counts_as_none() -> None:
    """Between days with jobs, a day without a row had none; so had the last one."""
    found = judged(day(3), day(14))

    assert (found["jobs"].status, found["jobs"].observed) == (Status.PASS, 0)
    assert (found["jobs"].evidence["compared_days"], found["jobs"].evidence["median"]) == (14, 0)
    assert "top_user" not in found["jobs"].evidence


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (errors.AccessDenied("no"), "api_denied"),
        (errors.Unavailable("slow"), "api_timeout"),
        (errors.OverLimit("dear"), "over_budget"),
    ],
)
def test_question_that_is_not_answered_is_one_error(error: errors.CloudError, reason: str) -> None:
    """It passes through, and nothing is well."""
    (found,) = spend.findings(error, None, declared=DECLARED)

    assert (found.subject, found.status, found.reason) == ("JOBS_BY_PROJECT", Status.ERROR, reason)
    assert ("roles/bigquery.resourceViewer" in str(found.fix)) == (reason == "api_denied")


def test_question_names_project_and_region() -> None:
    """The view is that of the region where the jobs ran, and the days are bound to what was asked."""
    now = datetime.datetime(2026, 2, 12, 13, 0, tzinfo=datetime.UTC)
    sql, parameters = spend.question("example.com:demo", "US-West2", days=14, now=now)

    assert "FROM `example.com:demo`.`region-us-west2`.INFORMATION_SCHEMA.JOBS_BY_PROJECT" in sql
    since = datetime.datetime(2026, 1, 28, 13, 0, tzinfo=datetime.UTC)
    assert parameters == (("now", "TIMESTAMP", now), ("since", "TIMESTAMP", since))


@pytest.mark.parametrize(("project", "location"), [("demo`", "US"), ("demo", "US`.x"), ("demo", "")])
def test_names_that_are_none_are_refused(project: str, location: str) -> None:
    """Nothing gets out of its quotes."""
    with pytest.raises(errors.InvalidDeclaration):
        spend.question(project, location, days=14, now=datetime.datetime.now(datetime.UTC))


def answered(client: Any, sql: str, parameters: spend.Parameters) -> list[dict[str, Any]]:
    """Return the rows that BigQuery answers."""
    answer = bigquery.query(client, sql, bytes_limit=LIMIT, label="spend", location="US", parameters=parameters)
    return [dict(row) for row in answer.rows]


def test_question_is_answered_from_the_jobs_of_the_project(bigquery_client: Any) -> None:
    """The embedded BigQuery tells its own jobs, a failed one among them, under the day in which they were made."""
    bigquery_client.query("SELECT 1 AS x").result()
    with pytest.raises(exceptions.BadRequest):
        bigquery_client.query("SELECT absent", job_retry=None).result()

    def rows(**later: int) -> list[dict[str, Any]]:
        now = datetime.datetime.now(datetime.UTC) + datetime.timedelta(**later)
        return answered(bigquery_client, *spend.question(bigquery_client.project, "US", days=3, now=now))

    (today,) = rows()
    assert (today["day_number"], type(today["bytes"]), today["top_bytes"] <= today["bytes"]) == (0, int, True)
    assert today["jobs"] > today["failed"] >= 1
    assert [row["day_number"] for row in rows(hours=47)] == [1]
    assert rows(days=10) == []
    assert {x.reason for x in spend.findings([today], None, declared=DECLARED)} == {"too_few_days"}


def test_question_counts_each_job_once(bigquery_client: Any, make_dataset: Callable[[], str]) -> None:
    """A script counts without its statements, loads count, days are whole and end now, the dearest user is named."""
    jobs = f"{bigquery_client.project}.{make_dataset()}.jobs"
    told = (
        "('2026-02-12 13:00:00', 'a', 'SCRIPT', NULL, 50, NULL)",
        "('2026-02-12 12:59:00', 'a', 'SELECT', 'script', 50, NULL)",
        "('2026-02-11 13:00:01', 'b', NULL, NULL, NULL, 'quotaExceeded')",
        "('2026-02-12 01:00:00', 'b', 'SELECT', NULL, 30, NULL)",
        "('2026-02-12 02:00:00', 'b', 'SELECT', NULL, 30, NULL)",
        "('2026-02-11 13:00:00', 'a', 'SELECT', NULL, 7, NULL)",
        "('2026-02-09 13:00:01', NULL, 'SELECT', NULL, 8, NULL)",
        "('2026-02-09 13:00:00', 'a', 'SELECT', NULL, 9, NULL)",
        "('2026-02-12 13:00:01', 'a', 'SELECT', NULL, 9, NULL)",
    )
    bigquery_client.query(
        f"CREATE TABLE `{jobs}` (creation_time TIMESTAMP, user_email STRING, statement_type STRING,"
        " parent_job_id STRING, total_bytes_billed INT64, error_result STRUCT<reason STRING, message STRING>)"
    ).result()
    for job in told:
        *values, reason = job.strip("()").split(", ")
        error = "NULL" if reason == "NULL" else f"STRUCT({reason} AS reason, '' AS message)"
        bigquery_client.query(f"INSERT INTO `{jobs}` VALUES ({', '.join(values)}, {error})").result()
    now = datetime.datetime(2026, 2, 12, 13, 0, tzinfo=datetime.UTC)
    sql, parameters = spend.question("demo", "US", days=2, now=now)

    rows = answered(bigquery_client, sql.replace(VIEW, f"`{jobs}`"), parameters)

    assert [tuple(row.values()) for row in rows] == [
        (0, 4, 1, 110, 60, "b"),
        (1, 1, 0, 7, 7, "a"),
        (2, 1, 0, 8, 8, "unknown"),
    ]
    assert list(rows[0]) == ["day_number", "jobs", "failed", "bytes", "top_bytes", "top_user"]
