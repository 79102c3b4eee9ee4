"""The ledger in BigQuery: a run's rows are appended by load jobs. `history` reads them."""

import hashlib
import time
from typing import Any

from google.cloud import bigquery

from shared import errors, ledger, report
from shared.gcp import bigquery as gcp_bigquery
from shared.gcp import clients, renaming

LABELS = {"pressbox": "ledger"}
SECONDS = 60.0
RETRIES = 2
"""How often an upload is tried again; its job id stays the same, so that it never doubles."""
PAUSE, LONGEST_PAUSE = 0.2, 3.0


def append(used: clients.Clients, dataset: str, finished: report.Report, *, seconds: float = SECONDS) -> None:
    """Append a report to the ledger's tables, made if needed, once however often this is called for one run.

    Raise CloudError, which names each table that failed, also when it is not known to be done after `seconds`.
    """
    ends = time.monotonic() + seconds
    loads = ((ledger.RUNS, [ledger.run_row(finished)]), (ledger.FINDINGS, ledger.finding_rows(finished)))
    answers = gcp_bigquery.each(
        lambda given: _load(used, dataset, table=given[0], rows=given[1], run_id=finished.run_id, ends=ends),
        [given for given in loads if given[1]],
    )
    failed = [answer for answer in answers if answer is not None]
    if failed:
        raise type(failed[0])("; ".join(str(error) for error in failed))


def _load(
    used: clients.Clients, dataset: str, *, table: ledger.Table, rows: list[dict[str, Any]], run_id: str, ends: float
) -> None:
    """Append rows to one table, and wait until they are in; raise CloudError."""
    doing = f"appending to {dataset}.{table.name}"
    address = f"{used.project}.{dataset}.{table.name}"
    job_id = _job_id(run_id, address)
    try:
        with renaming.renamed(doing):
            job = used.bigquery.load_table_from_json(
                rows, address, job_id=job_id, job_config=_config(table), num_retries=RETRIES, timeout=_left(ends) / 4
            )
    except errors.AlreadyExists:
        # An answer was lost, or this is a second call: the job is ours, since its id is made from what it does. Outside
        # of the US and EU a job is only found by its location.
        place = gcp_bigquery.location(used.bigquery, used.project, dataset)
        with renaming.renamed(doing):
            job = used.bigquery.get_job(job_id, location=place, timeout=_left(ends))
    _await(job, doing, ends=ends)


def _await(job: bigquery.LoadJob, doing: str, *, ends: float) -> None:
    """Return once a job is done; raise CloudError when it failed, or is not done in time."""
    pause = PAUSE
    with renaming.renamed(doing):
        while not job.done(retry=bigquery.DEFAULT_RETRY.with_timeout(_left(ends)), timeout=_left(ends)):
            if time.monotonic() + pause > ends:
                raise errors.Unavailable(f"{doing}: job {job.job_id} still runs")
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)
    if job.error_result:
        raise renaming.of_job(job.error_result)(f"{doing}: {_first_line(job.error_result.get('message'))}")


def _first_line(message: str | None) -> str:
    return (message or "the job failed").split("\n")[0]


def _left(ends: float) -> float:
    """Return the seconds that are left, at least one: zero would mean no limit to some."""
    return max(1.0, ends - time.monotonic())


def _job_id(run_id: str, address: str) -> str:
    """Return the same id for the same run and table, and another for any other."""
    return f"pressbox_ledger_{run_id}_{hashlib.sha256(address.encode()).hexdigest()[:12]}"


def _config(table: ledger.Table) -> bigquery.LoadJobConfig:
    return bigquery.LoadJobConfig(
        schema=[
            bigquery.SchemaField(column.name, column.type, column.mode, description=column.description)
            for column in table.columns
        ],
        time_partitioning=bigquery.TimePartitioning(field=table.partitioned_by),
        clustering_fields=list(table.clustered_by),
        create_disposition="CREATE_IF_NEEDED",
        write_disposition="WRITE_APPEND",
        # A later version may know more columns than the table has: its runs must not be lost.
        schema_update_options=["ALLOW_FIELD_ADDITION"],
        labels=LABELS,
    )
