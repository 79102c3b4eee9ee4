"""Reading the ledger: what earlier runs said, which runs there were, and what the latest of them said."""

import dataclasses
import datetime
from collections.abc import Callable
from typing import Any

import pytest
from google.cloud import bigquery

from shared import errors, history, ledger, report
from shared.gcp import clients
from shared.gcp import history as gcp_history
from shared.gcp import ledger as gcp_ledger
from shared.report import Finding
from shared.statuses import Status

NOW = datetime.datetime(2026, 2, 12, 10, 0, 0, 123000, tzinfo=datetime.UTC)
DAY = NOW.date()
LIMIT = 100 * 1024 * 1024


@pytest.fixture
def used(bigquery_client: Any, storage_client: Any) -> clients.Clients:
    """Return the clients of the embedded cloud."""
    return clients.Clients(bigquery_client, storage_client, clients.Calls())


def finding(status: Status = Status.FAIL, subject: str = "d.t", **changes: Any) -> Finding:
    """Return a finding of some status."""
    return dataclasses.replace(Finding(subject, "rows", status, "too_few", "what was seen"), **changes)


def finished(*findings: Finding, run: str = "a", **changes: Any) -> report.Report:
    """Return the report of a run."""
    build = report.Build(None, None, None)
    base = report.Report("f", f"20260212T100000Z-{run}", "in short", NOW, build, findings, scope="daily", day=DAY)
    return dataclasses.replace(base, **changes)


def past(used: clients.Clients, dataset: str, **changes: Any) -> tuple[history.Past, ...]:
    """Return the history of these tests' function and scope."""
    asked: dict[str, Any] = {"function": "f", "scope": "daily", "until": DAY, "days": 7, "bytes_limit": LIMIT}
    return gcp_history.past(used, dataset, **(asked | changes))


def test_history_of_what_was_never_written_is_nothing(used: clients.Clients, make_dataset: Callable[[], str]) -> None:
    """Neither a missing table nor a missing dataset is an error: there was no run yet."""
    assert past(used, make_dataset()) == ()
    assert past(used, "nowhere") == ()


def test_history_is_what_was_written(used: clients.Clients, make_dataset: Callable[[], str]) -> None:
    """Every field of the past comes back with its type."""
    dataset = make_dataset()
    since = "2026-02-01T00:00:00.000Z"
    told = finding(observed=7, since=since, streak=3)

    gcp_ledger.append(used, dataset, finished(told))

    assert past(used, dataset) == (history.Past("rows:d.t", DAY, NOW, Status.FAIL, "too_few", 7.0, since, 3),)


def test_history_is_the_latest_of_each_finding_and_day(used: clients.Clients, make_dataset: Callable[[], str]) -> None:
    """Of each day the last run counts, unless it skipped; other days, functions and scopes stay out."""
    dataset = make_dataset()
    hour, day = datetime.timedelta(hours=1), datetime.timedelta(days=1)
    runs = [
        finished(finding(Status.FAIL), finding(Status.PASS, "d.u"), run="1"),
        finished(finding(Status.PASS), run="2", started_at=NOW + hour),
        finished(finding(Status.SKIP), run="3", started_at=NOW + 2 * hour),
        finished(finding(Status.WARN), run="4", day=DAY - 7 * day, started_at=NOW + 3 * hour),
        finished(finding(Status.ERROR), run="5", day=DAY - 8 * day),
        finished(finding(Status.ERROR), run="6", day=DAY + day),
        finished(finding(Status.ERROR), run="7", function="g"),
        finished(finding(Status.ERROR), run="8", scope="weekly"),
        finished(finding(Status.UNKNOWN), run="9", scope=None),
    ]
    for run in runs:
        gcp_ledger.append(used, dataset, run)

    assert [(one.id, one.day, one.status) for one in past(used, dataset)] == [
        ("rows:d.t", DAY - 7 * day, Status.WARN),
        ("rows:d.t", DAY, Status.PASS),
        ("rows:d.u", DAY, Status.PASS),
    ]
    assert [one.status for one in past(used, dataset, scope=None)] == [Status.UNKNOWN]


def test_scope_is_a_value_whatever_it_holds(used: clients.Clients, make_dataset: Callable[[], str]) -> None:
    """A scope that looks like SQL finds its own rows, and no others."""
    dataset = make_dataset()
    attack = "x' OR '1' = '1'; DROP TABLE findings; --"
    gcp_ledger.append(used, dataset, finished(finding(), run="a"))
    gcp_ledger.append(used, dataset, finished(finding(Status.WARN), run="b", scope=attack))

    assert [one.status for one in past(used, dataset, scope=attack)] == [Status.WARN]
    assert past(used, dataset, scope="' OR TRUE --") == ()
    assert [one.status for one in past(used, dataset)] == [Status.FAIL]


def test_history_has_its_price_capped(used: clients.Clients, make_dataset: Callable[[], str]) -> None:
    """A query that would bill more than its limit is refused, and that is no empty history."""
    dataset = make_dataset()
    gcp_ledger.append(used, dataset, finished(finding()))

    with pytest.raises(errors.CloudError, match="querying ledger_history"):
        past(used, dataset, bytes_limit=1)


def test_history_reads_only_its_days(used: clients.Clients, make_dataset: Callable[[], str]) -> None:
    """The days of the question select the partitions: what lies outside is not read."""
    dataset = make_dataset()
    for number in range(4):
        day = DAY - datetime.timedelta(days=number)
        gcp_ledger.append(used, dataset, finished(finding(), run=str(number), day=day))
    past(used, dataset, days=0)

    jobs = used.bigquery.list_jobs(max_results=20)
    asked = next(job for job in jobs if (job.labels or {}).get("pressbox") == "ledger_history")
    config = bigquery.QueryJobConfig(query_parameters=asked.query_parameters, dry_run=True)
    everything = asked.query.replace("day BETWEEN @first AND @until", "day IS NOT NULL")
    whole = used.bigquery.query(everything, job_config=config)
    assert 0 < asked.total_bytes_processed < whole.total_bytes_processed


def test_runs_are_what_was_written(used: clients.Clients, make_dataset: Callable[[], str]) -> None:
    """Every run since an instant comes back with its fields, latest first, whatever day it judged."""
    dataset = make_dataset()
    failure = report.Failure("rejected", "why", "x")
    old = datetime.timedelta(days=400)
    gcp_ledger.append(used, dataset, finished(finding(), run="a", request={"suite": "daily"}, day=DAY - old))
    gcp_ledger.append(used, dataset, finished(run="b", started_at=NOW + datetime.timedelta(hours=1), error=failure))
    gcp_ledger.append(used, dataset, finished(run="c", started_at=NOW - datetime.timedelta(hours=1)))

    later, first = gcp_history.runs(used, dataset, since=NOW)

    assert (later.run_id, later.error_code, later.complete) == ("20260212T100000Z-b", "rejected", False)
    assert (first.day, first.status, first.scope, first.request) == (
        DAY - old,
        Status.FAIL,
        "daily",
        {"suite": "daily"},
    )
    assert (first.counts["fail"], first.counts["pass"], first.started_at) == (1, 0, NOW)


def test_what_runs_said_is_what_was_written(used: clients.Clients, make_dataset: Callable[[], str]) -> None:
    """The findings of the runs that are asked for come back, and of no others."""
    dataset = make_dataset()
    told = finding(observed=7, fix="mend it", since="2026-02-01T00:00:00.000Z", streak=3, change="ongoing")
    gcp_ledger.append(used, dataset, finished(told, run="a"))
    gcp_ledger.append(used, dataset, finished(finding(), run="b", started_at=NOW - datetime.timedelta(hours=1)))
    (first, *_) = gcp_history.runs(used, dataset, since=NOW)

    (said,) = gcp_history.said(used, dataset, [first])

    assert (said.id, said.status, said.observed_text, said.fix) == ("rows:d.t", Status.FAIL, "7", "mend it")
    assert (said.since, said.streak, said.change, said.run_id) == (told.since, 3, "ongoing", first.run_id)


def test_nothing_is_read_where_nothing_was_written(used: clients.Clients, make_dataset: Callable[[], str]) -> None:
    """Without tables there were no runs, and of no runs nothing is asked."""
    assert gcp_history.runs(used, make_dataset(), since=NOW) == ()
    before = used.calls.total
    assert gcp_history.said(used, "nowhere", []) == ()
    assert used.calls.total == before


def test_latest_run_of_each_scope() -> None:
    """Of each function and scope the latest run stands for it."""
    base = history.Run("a", "f", None, DAY, NOW, Status.PASS, True, "", {}, {}, 1, None, None, None, None, None)  # noqa: FBT003 - a row
    newer = dataclasses.replace(base, run_id="b", started_at=NOW + datetime.timedelta(seconds=1))
    scoped = dataclasses.replace(base, run_id="c", scope="daily")

    assert history.latest([newer, scoped, base]) == (newer, scoped)


@pytest.mark.parametrize("change", [{"status": "splendid"}, {"request": "no json"}])
def test_row_that_no_report_made_is_told(
    used: clients.Clients, make_dataset: Callable[[], str], change: dict[str, str]
) -> None:
    """A ledger that somebody wrote into by hand is an error of its own kind, and no crash."""
    dataset = make_dataset()
    gcp_ledger.append(used, dataset, finished(finding()))
    row = ledger.run_row(finished(finding(), run="b")) | change
    address = f"{used.project}.{dataset}.{ledger.RUNS.name}"
    config = bigquery.LoadJobConfig(schema=used.bigquery.get_table(address).schema)
    used.bigquery.load_table_from_json([row], address, job_config=config).result(timeout=60)

    with pytest.raises(errors.Garbled, match="the ledger"):
        gcp_history.runs(used, dataset, since=NOW)
