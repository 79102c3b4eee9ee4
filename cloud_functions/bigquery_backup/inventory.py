"""Reads what exists: the declared datasets, their tables, and the runs of the day. Shell: it decides nothing."""

import contextlib
import datetime
from collections.abc import Iterable

from cloud_functions.bigquery_backup import plan
from shared import errors, refs
from shared.backups import layout, manifest
from shared.gcp import bigquery, clients, storage

# One query for names, types and DDL: the REST list has no DDL, and the dataset's name comes from the declaration.
TABLES = """
SELECT table_name, table_type, creation_time, ddl
FROM `{project}.{dataset}`.INFORMATION_SCHEMA.TABLES
ORDER BY table_name
"""


def listings(
    used: clients.Clients, datasets: Iterable[str], *, bytes_limit: int
) -> tuple[tuple[plan.Listing, ...], int]:
    """Return the declared datasets as found, in order, and the bytes that were billed for it."""
    answers = bigquery.each(lambda dataset: _listing(used, dataset, bytes_limit), datasets_ := tuple(datasets))
    found = tuple(
        plan.Listing(dataset, trouble=(answer.code, str(answer)))
        if isinstance(answer, errors.CloudError)
        else answer[0]
        for dataset, answer in zip(datasets_, answers, strict=True)
    )
    return found, sum(answer[1] for answer in answers if not isinstance(answer, errors.CloudError))


def _listing(used: clients.Clients, dataset: str, bytes_limit: int) -> tuple[plan.Listing, int]:
    location = bigquery.location(used.bigquery, used.project, dataset)
    sql = TABLES.format(project=used.project, dataset=dataset)
    answer = bigquery.query(used.bigquery, sql, location=location, bytes_limit=bytes_limit, label="backup_inventory")
    tables = tuple(
        plan.Listed(
            refs.Table(used.project, dataset, row["table_name"]), row["table_type"], row["creation_time"], row["ddl"]
        )
        for row in answer.rows
    )
    return plan.Listing(dataset, location, tables), answer.bytes_billed


def sources(used: clients.Clients, chosen: Iterable[tuple[plan.Listed, str]]) -> tuple[plan.Source, ...]:
    """Return the chosen tables, given with their locations, as BigQuery describes them, in order."""
    chosen = tuple(chosen)
    answers = bigquery.each(lambda item: _source(used, *item), chosen)
    return tuple(
        plan.Source(listed, location, None, trouble=(answer.code, str(answer)))
        if isinstance(answer, errors.CloudError)
        else answer
        for (listed, location), answer in zip(chosen, answers, strict=True)
    )


def _source(used: clients.Clients, listed: plan.Listed, location: str) -> plan.Source:
    resource = bigquery.table(used.bigquery, listed.ref)
    try:
        policies = tuple(bigquery.row_policies(used.bigquery, listed.ref))
    except errors.CloudError:
        policies = None  # not known; whether they hid rows is found out by counting
    return plan.Source(listed, location, resource, policies)


def runs_of_day(used: clients.Clients, first: layout.Run) -> list[layout.Run]:
    """Return the runs that have a folder on the day of `first`, in order; raise CloudError."""
    folders = storage.list_folders(used.storage, first.bucket, first.day_folder)
    return [layout.Run(first.bucket, first.prefix, first.day, number) for number in layout.run_numbers(folders)]


def unfinished(used: clients.Clients, run: layout.Run, scope: str) -> plan.Plan | None:
    """Return the plan of a run that was begun for the same scope and never closed, or None; raise CloudError."""
    names = {found.name for found in storage.list_objects(used.storage, run.bucket, f"{run.day_folder}{run.name}/")}
    if run.manifest in names or run.plan not in names:
        return None
    try:
        begun = manifest.decode(plan.Plan, storage.read(used.storage, run.bucket, run.plan)[0])
    except manifest.Unreadable:
        return None
    return begun if begun.scope == scope and begun.version == plan.VERSION else None


def shards(used: clients.Clients, run: layout.Run) -> dict[str, tuple[manifest.Shard, int]]:
    """Return a run's shards so far, with their generations, by short table name; raise CloudError.

    A shard that cannot be read is as good as none: its table is backed up again.
    """
    written = storage.list_objects(used.storage, run.bucket, run.shards)
    found = {}
    for item in written:
        content, generation = storage.read(used.storage, run.bucket, item.name, generation=item.generation)
        with contextlib.suppress(manifest.Unreadable):
            shard = manifest.decode(manifest.Shard, content)
            found[shard.table.short] = (shard, generation)
    return found


def utc_milliseconds(now: datetime.datetime) -> datetime.datetime:
    """Return the instant without what BigQuery's time decorators cannot say: fractions of a millisecond."""
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
