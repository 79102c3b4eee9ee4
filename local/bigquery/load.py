"""Load jobs: files of Cloud Storage, or one uploaded file, into a table; all rows or none."""

import pathlib
from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa
from bqemulator.catalog import models

from local.bigquery import (
    engine,
    fields,
    job_states,
    jobs,
    layouts,
    load_plan,
    partitions,
    sizes,
    storage_io,
    time_travel,
)
from local.bigquery.formats import types


def run(job: jobs.Job) -> Mapping[str, Any]:
    """Return the statistics of a load job after its rows are in; raise job_states.Failure when it fails."""
    body = job.body
    files = _files(job, body)
    plan = load_plan.make(job.context, job.project, body, files=files)
    found = [_read(plan, data) for data in files]
    bad = [problem for read in found for problem in read.bad]
    if len(bad) > load_plan.number(body, "maxBadRecords"):
        raise job_states.Failure("invalid", bad[0])
    rows = pa.concat_tables([read.table for read in found])
    job.after_first_write()
    insert(job.context, plan, rows)
    sizes_in = {"outputRows": rows.num_rows, "outputBytes": rows.nbytes, "badRecords": len(bad)}
    sizes_in |= {"inputFiles": len(files), "inputFileBytes": sum(map(len, files))}
    return {"load": {key: str(value) for key, value in sizes_in.items()}}


def insert(context: Any, plan: load_plan.Plan, rows: pa.Table) -> None:
    """Write the rows into the planned table, all or none; raise job_states.Failure when the table refuses them."""
    target = plan.target
    key = (target.project_id, target.dataset_id, target.table_id)
    with engine.writing():
        present = context.catalog.get_table(*key)
        if present is not None:
            _check_empty(context, plan, present)
            time_travel.before_change(context, present, loses_rows=plan.truncates or plan.grows)
        try:
            with engine.transaction(context.engine.connection):
                _write(context, plan, present, rows)
        except duckdb.ConstraintException as refused:
            column = str(refused).rsplit(".", 1)[-1].strip()
            message = f"Error while reading data, error message: Required field {column} cannot be null"
            raise job_states.Failure("invalid", message) from refused
        except duckdb.ConversionException as refused:
            raise job_states.Failure("invalid", f"Error while reading data, error message: {refused}") from refused
        context.snapshots.record_change(*key)


def _write(context: Any, plan: load_plan.Plan, present: models.TableMeta | None, rows: pa.Table) -> None:
    target, cursor = plan.target, context.engine.connection
    if plan.replaces or present is None:
        columns = ", ".join(fields.storage_column(column) for column in target.schema_.fields)
        cursor.execute(f"CREATE OR REPLACE TABLE {sizes.storage_name(target)} ({columns})")
        (context.catalog.create_table if present is None else context.catalog.update_table)(target)
    elif plan.grows:
        layouts.alter(context.engine, present, target)
        context.catalog.update_table(target)
    elif plan.truncates:
        where = f" WHERE {partitions.condition(target, plan.partition)}" if plan.partition else ""
        cursor.execute(f"DELETE FROM {sizes.storage_name(target)}{where}")  # noqa: S608 -- the names are quoted
    cursor.register("loaded_rows", rows)
    try:
        _check_partition(cursor, plan)
        cursor.execute(_insertion(plan))
    finally:
        cursor.unregister("loaded_rows")


def _insertion(plan: load_plan.Plan) -> str:
    known = {column.name.lower(): column for column in plan.target.schema_.fields}
    names = ", ".join(fields.quoted(column.name) for column in plan.columns)
    values = (
        f"CAST({fields.quoted(item.name)} AS {fields.storage_type(known[item.name.lower()])})" for item in plan.columns
    )
    return f"INSERT INTO {sizes.storage_name(plan.target)} ({names}) SELECT {', '.join(values)} FROM loaded_rows"  # noqa: S608 -- quoted


def _check_partition(cursor: Any, plan: load_plan.Plan) -> None:
    located = sizes.partition_sql(plan.target)
    if plan.partition is None or located is None:
        return
    query = f"SELECT count(*) FROM loaded_rows WHERE ({located}) <> '{plan.partition}'"  # noqa: S608 -- checked by partitions
    if cursor.execute(query).fetchone()[0]:
        message = f"Some rows belong to different partitions rather than destination partition {plan.partition}"
        raise job_states.Failure("invalid", message)


def _check_empty(context: Any, plan: load_plan.Plan, present: models.TableMeta) -> None:
    if plan.write != "WRITE_EMPTY":
        return
    where = f" WHERE {partitions.condition(present, plan.partition)}" if plan.partition else ""
    query = f"SELECT 1 FROM {sizes.storage_name(present)}{where} LIMIT 1"  # noqa: S608 -- quoted
    if context.engine.connection.execute(query).fetchone():
        name = f"{present.project_id}:{present.dataset_id}.{present.table_id}"
        raise job_states.Failure("duplicate", f"Already Exists: Table {name}")


def _read(plan: load_plan.Plan, data: bytes) -> types.Read:
    try:
        return plan.format.read(data, plan.columns, plan.options)
    except (pa.ArrowException, ArithmeticError, UnicodeDecodeError, OSError) as unreadable:
        message = f"Error while reading data, error message: {unreadable}"
        raise job_states.Failure("invalid", message) from unreadable


def _files(job: jobs.Job, body: Mapping[str, Any]) -> list[bytes]:
    if job.upload is not None:
        path = pathlib.Path(job.upload)
        data = path.read_bytes()
        path.unlink()
        return [data]
    uris = body.get("sourceUris") or []
    if not uris:
        raise job_states.Failure("invalid", "Required parameter is missing: sourceUris")
    found = [item for uri in uris for item in job.storage.find(storage_io.parse(uri))]
    return [job.storage.read(item.uri) for item in found]
