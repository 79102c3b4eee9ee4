"""The ledger in BigQuery: a run stands there once, whatever happens on the way."""

import dataclasses
import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from google.cloud import bigquery

from shared import errors, ledger, report
from shared.gcp import clients
from shared.gcp import ledger as gcp_ledger
from shared.report import Finding
from shared.statuses import Status

NOW = datetime.datetime(2026, 2, 12, 10, 0, 0, 123000, tzinfo=datetime.UTC)
DAY = NOW.date()
UPLOAD = r"POST /upload/bigquery/v2/projects/[^/]+/jobs[^\n]*\n"


@pytest.fixture
def used(bigquery_client: Any, storage_client: Any) -> clients.Clients:
    """Return the clients of the embedded cloud."""
    return clients.Clients(bigquery_client, storage_client, clients.Calls())


@pytest.fixture
def fault(cloud: Any) -> Iterator[Callable[..., None]]:
    """Yield a function that arms a fault of BigQuery; all are disarmed afterwards."""

    def arm(**declared: Any) -> None:
        requests.post(f"{cloud.bigquery_url}/_faults", json=declared, timeout=10).raise_for_status()

    yield arm
    requests.delete(f"{cloud.bigquery_url}/_faults", timeout=10).raise_for_status()


def finding(status: Status = Status.FAIL, subject: str = "d.t", **changes: Any) -> Finding:
    """Return a finding of some status."""
    return dataclasses.replace(Finding(subject, "rows", status, "too_few", "what was seen"), **changes)


def finished(*findings: Finding, run: str = "a", **changes: Any) -> report.Report:
    """Return the report of a run."""
    build = report.Build(None, None, None)
    base = report.Report("f", f"20260212T100000Z-{run}", "in short", NOW, build, findings, scope="daily", day=DAY)
    return dataclasses.replace(base, **changes)


def rows(used: clients.Clients, dataset: str, table: str) -> list[dict[str, Any]]:
    """Return all rows of a table of the ledger."""
    found = used.bigquery.query_and_wait(f"SELECT * FROM `{dataset}.{table}` ORDER BY run_id")
    return [dict(row) for row in found]


def test_run_is_appended_to_both_tables(used: clients.Clients, make_dataset: Callable[[], str]) -> None:
    """What is read back is what was reported, in tables laid out as they are declared."""
    dataset = make_dataset()
    evidence = {"text": 'a "quoted" é\nline'}
    whole = finished(finding(observed=1.5, evidence=evidence), finding(Status.PASS, "d.u", observed="x"))

    gcp_ledger.append(used, dataset, whole)

    (run,) = rows(used, dataset, "runs")
    assert (run["run_id"], run["day"], run["started_at"], run["complete"]) == (whole.run_id, DAY, NOW, True)
    for table, written in ((ledger.RUNS, [ledger.run_row(whole)]), (ledger.FINDINGS, ledger.finding_rows(whole))):
        made = used.bigquery.get_table(f"{dataset}.{table.name}")
        assert made.time_partitioning.field == "day"
        assert tuple(made.clustering_fields) == table.clustered_by
        assert [field.name for field in made.schema] == [column.name for column in table.columns]
        found = rows(used, dataset, table.name)
        same = [name for name in written[0] if name not in ("day", "started_at")]
        told = [[row[name] for name in same] for row in found]
        assert sorted(told, key=str) == sorted(([row[name] for name in same] for row in written), key=str)


def test_same_run_is_appended_once(used: clients.Clients, make_dataset: Callable[[], str]) -> None:
    """A retried append finds its own jobs; another run is another row."""
    dataset = make_dataset()
    for run in ("a", "a", "b"):
        gcp_ledger.append(used, dataset, finished(finding(), run=run))

    assert len(rows(used, dataset, "runs")) == len(rows(used, dataset, "findings")) == 2


def test_lost_answer_makes_no_second_row(
    used: clients.Clients, make_dataset: Callable[[], str], fault: Callable[..., None]
) -> None:
    """The job was accepted and the answer lost: the retry takes the job for its own."""
    dataset = make_dataset()
    fault(match=UPLOAD, action="drop_answer", times=2)

    gcp_ledger.append(used, dataset, finished(finding()))

    assert len(rows(used, dataset, "runs")) == len(rows(used, dataset, "findings")) == 1


def test_run_without_findings_is_a_run(used: clients.Clients, make_dataset: Callable[[], str]) -> None:
    """No findings, no findings job; the run stands there all the same."""
    dataset = make_dataset()
    failure = report.Failure("internal", "it broke", "20260212T100000Z-a")

    gcp_ledger.append(used, dataset, finished(error=failure))

    assert rows(used, dataset, "runs")[0]["error_code"] == "internal"
    assert [table.table_id for table in used.bigquery.list_tables(dataset)] == ["runs"]


def test_missing_dataset_is_told(used: clients.Clients) -> None:
    """The ledger makes its tables, never the dataset: a mistyped name must not become a second ledger."""
    with pytest.raises(errors.NotFound, match=r"appending to nowhere\.runs: .*appending to nowhere\.findings: "):
        gcp_ledger.append(used, "nowhere", finished(finding()))


@pytest.mark.parametrize("table", ["runs", "findings"])
def test_job_that_fails_names_its_table(
    used: clients.Clients, make_dataset: Callable[[], str], fault: Callable[..., None], table: str
) -> None:
    """One table fails, and the other's rows are in; the error says which, and again when it is tried again."""
    dataset = make_dataset()
    fault(
        match=UPLOAD + rf'[\s\S]*"tableId": "{table}"', action="fail_job", reason="accessDenied", message="not you\nat"
    )

    for _ in range(2):
        with pytest.raises(errors.AccessDenied) as caught:
            gcp_ledger.append(used, dataset, finished(finding()))
        assert str(caught.value) == f"appending to {dataset}.{table}: not you"

    other = {"runs": "findings", "findings": "runs"}[table]
    assert len(rows(used, dataset, other)) == 1


def test_refused_upload_is_told(
    used: clients.Clients, make_dataset: Callable[[], str], fault: Callable[..., None]
) -> None:
    """What BigQuery refuses has a name of ours."""
    dataset = make_dataset()
    fault(match=UPLOAD, action="refuse", status=403, reason="quotaExceeded", message="too many jobs", times=9)

    with pytest.raises(errors.QuotaExceeded, match="too many jobs"):
        gcp_ledger.append(used, dataset, finished(finding()))


def test_slow_job_does_not_hold_the_run(
    used: clients.Clients, make_dataset: Callable[[], str], fault: Callable[..., None]
) -> None:
    """The wait has an end, and a report that may yet arrive is not called delivered."""
    dataset = make_dataset()
    fault(match=UPLOAD, action="slow_job", seconds=8)

    with pytest.raises(errors.Unavailable, match="still runs"):
        gcp_ledger.append(used, dataset, finished(), seconds=1.0)


def test_later_version_may_know_more_columns(used: clients.Clients, make_dataset: Callable[[], str]) -> None:
    """A ledger that an earlier version made is given the columns it lacks; what it holds stays."""
    dataset = make_dataset()
    old = [column for column in ledger.RUNS.columns if column.name != "bytes_unfolded"]
    schema = [bigquery.SchemaField(column.name, column.type, column.mode) for column in old]
    made = bigquery.Table(f"{used.project}.{dataset}.runs", schema=schema)
    made.time_partitioning = bigquery.TimePartitioning(field=ledger.RUNS.partitioned_by)
    made.clustering_fields = list(ledger.RUNS.clustered_by)
    used.bigquery.create_table(made)

    gcp_ledger.append(used, dataset, finished(cost=report.Cost(bytes_unfolded=9)))

    assert rows(used, dataset, "runs")[0]["bytes_unfolded"] == 9
