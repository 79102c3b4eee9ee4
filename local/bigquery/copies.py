"""Copy jobs: plain copies, snapshots, clones and restores, of tables as they are or as they were at an instant."""

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any

from bqemulator.catalog import etag, models

from local.bigquery import engine, extract, fields, job_states, jobs, partitions, resources, sizes, time_travel

OPERATIONS = {"COPY": "TABLE", "SNAPSHOT": "SNAPSHOT", "CLONE": "CLONE", "RESTORE": "TABLE"}
SOURCES = ("TABLE", "CLONE", "SNAPSHOT")


@dataclasses.dataclass(frozen=True)
class Source:
    """One table to copy: the catalog's entry, the decorators, and the storage's name of its rows at the instant."""

    table: models.TableMeta
    decorated: partitions.Decorated
    relation: str


def run(job: jobs.Job) -> Mapping[str, Any]:
    """Return the statistics of a copy job after its rows are in place; raise job_states.Failure when it fails."""
    body = job.body
    operation = body.get("operationType") or "COPY"
    if operation not in OPERATIONS:
        raise job_states.Failure("invalid", f"Invalid value for operationType: {operation} is not a valid value")
    raw = body.get("sourceTables") or [body.get("sourceTable")]
    if operation != "COPY" and len(raw) > 1:
        raise job_states.Failure("invalid", f"Operation type {operation} takes exactly one source table")
    target = job_states.reference(job.project, body.get("destinationTable"))
    with engine.writing():
        sources = [_source(job, job_states.reference(job.project, entry)) for entry in raw]
        job.after_first_write()
        copied = _copy(job.context, body, sources, target, operation)
    return {
        "copy": {
            "copiedRows": str(copied.num_rows),
            "copiedLogicalBytes": str(sizes.measure(job.context.engine, copied).size),
        }
    }


def _source(job: jobs.Job, reference: job_states.Reference) -> Source:
    decorated = partitions.parse(reference.table)
    if decorated.partition and decorated.instant is not None:
        raise job_states.Failure("invalid", f"Cannot copy a partition at an instant: {reference}")
    table = extract.existing(job.context, reference, decorated.table)
    if table.table_type not in SOURCES:
        raise extract.refused(table)
    relation = time_travel.relation(job.context, table, decorated.instant)
    if decorated.partition:
        relation += f" WHERE {partitions.condition(table, decorated.partition)}"
    return Source(table, decorated, relation)


def _copy(
    context: Any, body: Mapping[str, Any], sources: list[Source], reference: job_states.Reference, operation: str
) -> models.TableMeta:
    decorated = partitions.parse(reference.table)
    key = (reference.project, reference.dataset, decorated.table)
    present = context.catalog.get_table(*key)
    write = body.get("writeDisposition") or "WRITE_EMPTY"
    if present is not None and operation in ("SNAPSHOT", "CLONE", "RESTORE") and write != "WRITE_TRUNCATE":
        raise job_states.Failure("duplicate", f"Already Exists: Table {reference}")
    if present is None and body.get("createDisposition") == "CREATE_NEVER":
        raise job_states.Failure("notFound", f"Not found: Table {reference}")
    for source in sources[1:]:
        _check_same(sources[0].table, source.table)
    if present is None or operation != "COPY" or (write == "WRITE_TRUNCATE" and not decorated.partition):
        _replace(context, _target(context, body, sources, key, operation), sources, present)
    else:
        _add(context, present, sources, write, decorated)
    if present is None or operation != "COPY":
        _copy_policies(context, sources[0].table, key)
    context.snapshots.record_change(*key)
    return context.catalog.get_table(*key)


def _target(
    context: Any, body: Mapping[str, Any], sources: list[Source], key: tuple[str, str, str], operation: str
) -> models.TableMeta:
    base, now = sources[0].table, context.clock.now()
    instant = sources[0].decorated.instant
    at = now if instant is None else resources.moment(partitions.epoch_millis(instant, now))
    derived = operation in ("SNAPSHOT", "CLONE")
    update: dict[str, Any] = {
        "project_id": key[0],
        "dataset_id": key[1],
        "table_id": key[2],
        "table_type": OPERATIONS[operation],
        "labels": {},
        "creation_time": now,
        "last_modified_time": now,
        "expiration_time": _expiration(body.get("destinationExpirationTime")),
        "etag": etag.generate_etag(*key, operation, str(now)),
        "base_table": f"{base.project_id}.{base.dataset_id}.{base.table_id}" if derived else None,
        "snapshot_time": at if derived else None,
    }
    if operation == "COPY" and instant is not None:
        # BigQuery drops the partitioning of a plain copy of the past; a clone or a snapshot keeps it.
        update |= {"time_partitioning": None, "range_partitioning": None}
    return base.model_copy(update=update)


def _replace(context: Any, target: models.TableMeta, sources: list[Source], present: models.TableMeta | None) -> None:
    if present is not None:
        time_travel.before_change(context, present, loses_rows=True)
        target = target.model_copy(update={"creation_time": present.creation_time})
    name, cursor = sizes.storage_name(target), context.engine.connection
    columns = ", ".join(fields.storage_column(column) for column in target.schema_.fields)
    with engine.transaction(cursor):
        cursor.execute(f"CREATE OR REPLACE TABLE {name} ({columns or '__placeholder INTEGER'})")
        for source in sources:
            cursor.execute(f"INSERT INTO {name} BY NAME SELECT * FROM {source.relation}")  # noqa: S608 -- quoted
        (context.catalog.create_table if present is None else context.catalog.update_table)(target)


def _add(
    context: Any, present: models.TableMeta, sources: list[Source], write: str, decorated: partitions.Decorated
) -> None:
    where = f" WHERE {partitions.condition(present, decorated.partition)}" if decorated.partition else ""
    name, cursor = sizes.storage_name(present), context.engine.connection
    if write == "WRITE_EMPTY" and cursor.execute(f"SELECT 1 FROM {name}{where} LIMIT 1").fetchone():  # noqa: S608 -- quoted
        raise job_states.Failure(
            "duplicate", f"Already Exists: Table {present.project_id}:{present.dataset_id}.{present.table_id}"
        )
    for source in sources:
        _check_same(present, source.table)
    time_travel.before_change(context, present, loses_rows=write == "WRITE_TRUNCATE")
    with engine.transaction(cursor):
        if write == "WRITE_TRUNCATE":
            cursor.execute(f"DELETE FROM {name}{where}")  # noqa: S608 -- quoted
        for source in sources:
            cursor.execute(f"INSERT INTO {name} BY NAME SELECT * FROM {source.relation}")  # noqa: S608 -- quoted


def _check_same(wanted: models.TableMeta, given: models.TableMeta) -> None:
    def shape(table: models.TableMeta) -> list[tuple[str, str]]:
        return [(column.name.lower(), fields.storage_type(column)) for column in table.schema_.fields]

    if shape(wanted) != shape(given):
        name = f"{given.project_id}:{given.dataset_id}.{given.table_id}"
        raise job_states.Failure("invalid", f"Provided Schema does not match Table {name}.")


def _copy_policies(context: Any, source: models.TableMeta, key: tuple[str, str, str]) -> None:
    for policy in context.catalog.list_row_access_policies(source.project_id, source.dataset_id, source.table_id):
        moved = {"project_id": key[0], "dataset_id": key[1], "table_id": key[2]}
        context.catalog.delete_row_access_policy(*key, policy.policy_id, not_found_ok=True)
        context.catalog.create_row_access_policy(policy.model_copy(update=moved))


def _expiration(raw: Any) -> Any:
    if raw is None or not isinstance(raw, str) or raw.isdigit():
        return resources.moment(raw)
    return datetime.datetime.fromisoformat(raw)
