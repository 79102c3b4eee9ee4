"""The past of the demo's jobs: the same whenever it is asked for, as large as a small pipeline's, and healthy."""

import datetime
import typing
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
import requests
from google.cloud import bigquery as google_bigquery

from cloud_functions.daily_health_check import declaration
from cloud_functions.daily_health_check.judges import spend
from local.world import facts, job_history
from shared.gcp import bigquery
from shared.report import Finding

if typing.TYPE_CHECKING:
    from local.cloud import Cloud

GIB = 2**30
DAY = datetime.timedelta(days=1)
NOW = datetime.datetime(2026, 2, 12, 13, 30, tzinfo=datetime.UTC)
SEASON = [facts.FIRST_DAY + number * DAY for number in range((facts.SEASON_END - facts.FIRST_DAY).days + 1)]
OFF = [day for day in SEASON if job_history.quiet(day)]


def billed(jobs: Iterable[Mapping[str, Any]]) -> float:
    """Return the GiB that jobs bill together."""
    return sum(job.get("total_bytes_billed", 0) for job in jobs) / GIB


def test_a_day_with_games_is_a_busy_one() -> None:
    """Each day of the season with games, and each that no schedule covers, has 120 jobs that bill 20 to 60 GiB."""
    days = [*sorted(set(SEASON) - set(OFF)), datetime.date(2026, 11, 25)]
    assert {len(job_history.of_day(day)) for day in days} == {120}
    assert {20 <= billed(job_history.of_day(day)) <= 60 for day in days} == {True}


def test_a_day_without_games_is_a_quiet_one() -> None:
    """The break and the season's single days off have fewer jobs that bill less than any day with games may."""
    assert len(OFF) == 10
    assert {len(job_history.of_day(day)) for day in OFF} == {54}
    assert max(billed(job_history.of_day(day)) for day in OFF) < 30


def test_the_past_is_the_same_whenever_it_is_told() -> None:
    """A later telling goes on where the former ended, and changes no job of it."""
    first = {job["job_id"]: job for job in job_history.jobs(NOW)}
    later = {job["job_id"]: job for job in job_history.jobs(NOW + DAY)}
    assert first == {job["job_id"]: job for job in job_history.jobs(NOW)}
    shared = first.keys() & later.keys()
    assert len(shared) > 1500
    assert all(first[name] == later[name] for name in shared)
    assert min(later[name]["end_time"] for name in later.keys() - first.keys()) > NOW.isoformat()


@pytest.mark.parametrize("now", [NOW, NOW.replace(hour=0, minute=0), NOW.astimezone(datetime.timezone(-10 * DAY / 24))])
def test_the_past_is_over_and_sixteen_days_long(now: datetime.datetime) -> None:
    """Nothing ends after the instant at which it is told, and every day of the sixteen has its jobs."""
    jobs = list(job_history.jobs(now))
    instants = [[datetime.datetime.fromisoformat(job[key]) for key in ("creation_time", "end_time")] for job in jobs]
    assert all(now - 16 * DAY < began < ended <= now for began, ended in instants)
    days = Counter((now - began) // DAY for began, _ in instants)
    assert sorted(days) == list(range(16))
    assert min(days.values()) > 90


def test_a_handful_of_users_fail_seldom() -> None:
    """Five users run everything; a few jobs failed, and those bill nothing."""
    jobs = list(job_history.jobs(NOW))
    failed = [job for job in jobs if "error_result" in job]
    assert len({job["user_email"] for job in jobs}) == 5
    assert 5 <= len(failed) <= 40
    assert billed(failed) == 0
    assert all(job["total_bytes_billed"] >= job["total_bytes_processed"] for job in jobs if "total_slot_ms" in job)


def found(client: google_bigquery.Client, now: datetime.datetime) -> dict[str, Finding]:
    """Return what the health check finds of the day that ends at `now`, by subject."""
    sql, parameters = spend.question(client.project, "US", days=14, now=now)
    answer = bigquery.query(client, sql, bytes_limit=GIB, label="spend", location="US", parameters=parameters)
    return {one.subject: one for one in spend.findings(answer.rows, None, declared=declaration.Spend())}


def test_the_health_check_finds_days_to_compare_with(warehouse: "Cloud", client: google_bigquery.Client) -> None:
    """A seeded cloud is healthy, also when it is seeded twice; with its last day ten times as dear it is not."""
    assert found(client, NOW)["bytes"].reason == "too_few_days"
    told = job_history.seed(warehouse.bigquery_url, NOW)
    assert job_history.seed(warehouse.bigquery_url, NOW) == told
    assert requests.get(f"{warehouse.bigquery_url}/_jobs", timeout=10).json() == {"jobs": told}

    healthy = found(client, NOW)
    assert {name: (one.reason, one.evidence["compared_days"]) for name, one in healthy.items()} == {
        "bytes": ("healthy", 14),
        "jobs": ("healthy", 14),
    }
    last = [job for job in job_history.jobs(NOW) if job["creation_time"] > (NOW - DAY).isoformat()]
    assert (healthy["bytes"].observed, healthy["jobs"].observed) == (int(billed(last) * GIB), len(last))

    dear = [job | {"total_bytes_billed": 10 * job.get("total_bytes_billed", 0)} for job in last]
    requests.post(f"{warehouse.bigquery_url}/_jobs", json=dear, timeout=10).raise_for_status()
    unlike = found(client, NOW)
    assert (unlike["bytes"].reason, unlike["jobs"].reason) == ("unlike_days", "healthy")
    assert unlike["bytes"].observed == 10 * int(billed(last) * GIB)


def test_neither_a_break_nor_its_end_looks_like_trouble() -> None:
    """Whichever morning around the break the demo is started, its days are like the days that they are held against."""
    for day in (facts.BREAK[0] + number * DAY for number in range(-1, 22)):
        now = datetime.datetime.combine(day, datetime.time(13, 30), datetime.UTC)
        games = {number: not job_history.quiet(day - number * DAY) for number in range(15)}
        rows = by_day(job_history.jobs(now), now)
        assert {one.reason for one in spend.findings(rows, games, declared=declaration.Spend())} == {"healthy"}, day


def by_day(jobs: Iterable[Mapping[str, Any]], now: datetime.datetime) -> list[dict[str, Any]]:
    """Return what the health check's question answers of jobs."""
    days: dict[int, list[Mapping[str, Any]]] = {}
    for job in jobs:
        days.setdefault((now - datetime.datetime.fromisoformat(job["creation_time"])) // DAY, []).append(job)
    fixed = {"failed": 0, "top_user": "someone", "top_bytes": 0}
    return [
        {"day_number": number, "jobs": len(each), "bytes": int(billed(each) * GIB)} | fixed
        for number, each in days.items()
        if number <= 14
    ]


@pytest.mark.parametrize("path", ["/elsewhere", ""])
def test_a_stand_in_that_takes_nothing_is_told(warehouse: "Cloud", path: str) -> None:
    """An address without the hook, or without anything, is an error that names it."""
    url = f"{warehouse.bigquery_url}{path}" if path else "http://127.0.0.1:9"
    with pytest.raises(RuntimeError, match=f"{url}/_jobs took no past jobs: ."):
        job_history.seed(url, NOW)
