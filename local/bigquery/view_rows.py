"""The rows of each INFORMATION_SCHEMA view that the stand-in tells itself, and their columns."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from bqemulator.catalog import models

from local.bigquery import ddl, fields, job_history, policies, sizes

_TABLE = "table_catalog STRING, table_schema STRING, table_name STRING"
_BASE = "base_table_catalog STRING, base_table_schema STRING, base_table_name STRING"
_JOBS = (
    "creation_time TIMESTAMP, project_id STRING, project_number INT64, user_email STRING, job_id STRING,"
    " job_type STRING, statement_type STRING, priority STRING, start_time TIMESTAMP, end_time TIMESTAMP, query STRING,"
    " state STRING, reservation_id STRING, total_bytes_processed INT64, total_slot_ms INT64,"
    " error_result STRUCT<reason STRING, location STRING, debug_info STRING, message STRING>, cache_hit BOOL,"
    " destination_table STRUCT<project_id STRING, dataset_id STRING, table_id STRING>,"
    " labels ARRAY<STRUCT<key STRING, value STRING>>, total_bytes_billed INT64, parent_job_id STRING"
)
COLUMNS = {
    "TABLES": f"{_TABLE}, table_type STRING, managed_table_type STRING, is_insertable_into STRING,"
    " is_fine_grained_mutations_enabled STRING, is_typed STRING, is_change_history_enabled STRING,"
    f" creation_time TIMESTAMP, {_BASE}, snapshot_time_ms TIMESTAMP, ddl STRING, default_collation_name STRING",
    "COLUMNS": f"{_TABLE}, column_name STRING, ordinal_position INT64, is_nullable STRING, data_type STRING,"
    " is_generated STRING, generation_expression STRING, is_stored STRING, is_hidden STRING, is_updatable STRING,"
    " is_system_defined STRING, is_partitioning_column STRING, clustering_ordinal_position INT64,"
    " collation_name STRING, column_default STRING, rounding_mode STRING",
    "COLUMN_FIELD_PATHS": f"{_TABLE}, column_name STRING, field_path STRING, data_type STRING, description STRING,"
    " collation_name STRING, rounding_mode STRING",
    "TABLE_OPTIONS": f"{_TABLE}, option_name STRING, option_type STRING, option_value STRING",
    "PARTITIONS": f"{_TABLE}, partition_id STRING, total_rows INT64, total_logical_bytes INT64,"
    " last_modified_time TIMESTAMP, storage_tier STRING",
    "TABLE_STORAGE": f"project_id STRING, project_number INT64, {_TABLE}, creation_time TIMESTAMP, deleted BOOL,"
    " table_type STRING, managed_table_type STRING, total_rows INT64, total_partitions INT64,"
    " total_logical_bytes INT64, active_logical_bytes INT64, long_term_logical_bytes INT64,"
    " total_physical_bytes INT64, active_physical_bytes INT64, long_term_physical_bytes INT64,"
    " time_travel_physical_bytes INT64, storage_last_modified_time TIMESTAMP",
    "TABLE_SNAPSHOTS": f"{_TABLE}, {_BASE}, snapshot_time TIMESTAMP",
    "VIEWS": f"{_TABLE}, view_definition STRING, check_option STRING, use_standard_sql STRING",
    "SCHEMATA": "catalog_name STRING, schema_name STRING, schema_owner STRING, creation_time TIMESTAMP,"
    " last_modified_time TIMESTAMP, location STRING, ddl STRING, default_collation_name STRING",
    "JOBS": _JOBS,
    "JOBS_BY_PROJECT": _JOBS,
    "JOBS_BY_USER": _JOBS,
    "__TABLES__": "project_id STRING, dataset_id STRING, table_id STRING, creation_time INT64,"
    " last_modified_time INT64, row_count INT64, size_bytes INT64, type INT64",
}
JOBS = ("JOBS", "JOBS_BY_PROJECT", "JOBS_BY_USER")
OF_PROJECT = ("SCHEMATA", *JOBS)
TYPES = {"TABLE": "BASE TABLE", "MATERIALIZED_VIEW": "MATERIALIZED VIEW"}
LEGACY_TYPES = {"VIEW": 2, "EXTERNAL": 3, "MATERIALIZED_VIEW": 4, "SNAPSHOT": 5}
ALL_JOBS = 10**9

Row = dict[str, Any]


def rows(view: str, engine: Any, catalog: Any, project: str, datasets: Iterable[models.DatasetMeta]) -> list[Row]:
    """Return the rows of a view over these datasets of a project."""
    if view in JOBS:
        told = [_job(job) for job in catalog.list_jobs(project, max_results=ALL_JOBS)] + job_history.PAST.rows(project)
        return [row for row in told if view != "JOBS_BY_USER" or row["user_email"] == policies.EMAIL]
    if view == "SCHEMATA":
        return [_schema(dataset) for dataset in datasets]
    tell = _TELL[view]
    found: list[Row] = []
    for dataset in datasets:
        for table in sorted(catalog.list_tables(project, dataset.dataset_id), key=lambda item: item.table_id):
            found += [_names(table) | row for row in tell(engine, table)]
    return found


def _names(table: models.TableMeta) -> Row:
    return {"table_catalog": table.project_id, "table_schema": table.dataset_id, "table_name": table.table_id}


def _yes(value: object) -> str:
    return "YES" if value else "NO"


def _tables(engine: Any, table: models.TableMeta) -> Iterator[Row]:
    del engine
    stored = table.table_type in ("TABLE", "CLONE")
    yield {
        "table_type": TYPES.get(table.table_type, table.table_type),
        "is_insertable_into": _yes(stored),
        "is_fine_grained_mutations_enabled": "NO",
        "is_typed": "NO",
        "is_change_history_enabled": "NO",
        "creation_time": table.creation_time,
        "ddl": ddl.statement(table),
        "snapshot_time_ms": (table.snapshot_time or table.creation_time) if table.base_table else None,
    } | _base(table)


def _base(table: models.TableMeta) -> Row:
    names = ("base_table_catalog", "base_table_schema", "base_table_name")
    return dict(zip(names, table.base_table.split(".", 2), strict=True)) if table.base_table else {}


def _columns(engine: Any, table: models.TableMeta) -> Iterator[Row]:
    del engine
    spec = table.range_partitioning or table.time_partitioning
    partitioning = (getattr(spec, "field", None) or "").lower()
    clustering = [name.lower() for name in table.clustering.fields] if table.clustering else []
    for position, field in enumerate(table.schema_.fields, start=1):
        name = field.name.lower()
        yield {
            "column_name": field.name,
            "ordinal_position": position,
            "is_nullable": _yes(field.mode == "NULLABLE"),
            "data_type": fields.sql_type(field),
            "is_generated": "NEVER",
            "is_hidden": "NO",
            "is_system_defined": "NO",
            "is_partitioning_column": _yes(name == partitioning),
            "clustering_ordinal_position": clustering.index(name) + 1 if name in clustering else None,
            "collation_name": "NULL",
            "column_default": field.default_value_expression or "NULL",
        }
    if table.time_partitioning is not None and not partitioning:
        yield from _pseudo_columns()


def _pseudo_columns() -> Iterator[Row]:
    for name, kind in (("_PARTITIONTIME", "TIMESTAMP"), ("_PARTITIONDATE", "DATE")):
        fixed = {"is_nullable": "YES", "is_generated": "NEVER", "is_hidden": "YES", "is_system_defined": "YES"}
        partitioning = _yes(name == "_PARTITIONTIME")
        yield fixed | {
            "column_name": name,
            "data_type": kind,
            "is_partitioning_column": partitioning,
            "collation_name": "NULL",
        }


def _paths(engine: Any, table: models.TableMeta) -> Iterator[Row]:
    del engine
    for path, field in fields.leaves(table.schema_.fields):
        yield {
            "column_name": path.split(".")[0],
            "field_path": path,
            "data_type": fields.sql_type(field),
            "description": field.description,
            "collation_name": "NULL",
        }


def _options(engine: Any, table: models.TableMeta) -> Iterator[Row]:
    del engine
    for name, kind, value in ddl.options(table):
        yield {"option_name": name, "option_type": kind, "option_value": value}


def _partitions(engine: Any, table: models.TableMeta) -> Iterator[Row]:
    if table.table_type not in sizes.STORED:
        return
    parts: Mapping[str, sizes.Part] = sizes.measure(engine, table).parts
    partitioned = table.time_partitioning is not None or table.range_partitioning is not None
    for partition, part in parts.items() or ([] if partitioned else [("", sizes.Part(0, {}))]):
        yield {
            "partition_id": partition or None,
            "total_rows": part.rows,
            "total_logical_bytes": part.size,
            "last_modified_time": part.changed or table.last_modified_time,
            "storage_tier": "ACTIVE",
        }


def _storage(engine: Any, table: models.TableMeta) -> Iterator[Row]:
    if table.table_type not in sizes.STORED:
        return
    measured = sizes.measure(engine, table)
    partitioned = table.time_partitioning is not None or table.range_partitioning is not None
    sized = ("total_logical_bytes", "active_logical_bytes", "total_physical_bytes", "active_physical_bytes")
    none = ("long_term_logical_bytes", "long_term_physical_bytes", "time_travel_physical_bytes")
    yield (
        {
            "project_id": table.project_id,
            "creation_time": table.creation_time,
            "deleted": False,
            "table_type": TYPES.get(table.table_type, table.table_type),
            "total_rows": measured.rows,
            "total_partitions": len(measured.parts) if partitioned else 0,
            "storage_last_modified_time": table.last_modified_time,
        }
        | dict.fromkeys(sized, measured.size)
        | dict.fromkeys(none, 0)
    )


def _snapshots(engine: Any, table: models.TableMeta) -> Iterator[Row]:
    del engine
    if table.table_type == "SNAPSHOT":
        yield {"snapshot_time": table.snapshot_time or table.creation_time} | _base(table)


def _views(engine: Any, table: models.TableMeta) -> Iterator[Row]:
    del engine
    if table.table_type == "VIEW":
        yield {"view_definition": table.view_query, "use_standard_sql": _yes(not table.use_legacy_sql)}


def _legacy(engine: Any, table: models.TableMeta) -> Iterator[Row]:
    measured = sizes.measure(engine, table)
    yield {
        "project_id": table.project_id,
        "dataset_id": table.dataset_id,
        "table_id": table.table_id,
        "creation_time": int(table.creation_time.timestamp() * 1000),
        "last_modified_time": int(table.last_modified_time.timestamp() * 1000),
        "row_count": measured.rows,
        "size_bytes": measured.size,
        "type": LEGACY_TYPES.get(table.table_type, 1),
    }


def _schema(dataset: models.DatasetMeta) -> Row:
    name = f"{dataset.project_id}.{dataset.dataset_id}"
    return {
        "catalog_name": dataset.project_id,
        "schema_name": dataset.dataset_id,
        "creation_time": dataset.creation_time,
        "last_modified_time": dataset.last_modified_time,
        "location": dataset.location,
        "ddl": f'CREATE SCHEMA `{name}`\nOPTIONS(\n  location="{dataset.location.lower()}"\n);',
    }


def _job(job: models.JobMeta) -> Row:
    query = job.statistics.get("query", {})
    asked = job.configuration.get("query", {})
    target = asked.get("destinationTable") or {}
    error = job.error_result
    whole = ("total_bytes_processed", "totalBytesProcessed"), ("total_bytes_billed", "totalBytesBilled")
    return {
        "creation_time": job.creation_time,
        "project_id": job.project_id,
        # Whoever asked: load, extract and copy jobs are not told it.
        "user_email": job.user_email or policies.EMAIL,
        "job_id": job.job_id,
        "job_type": job.job_type,
        "statement_type": query.get("statementType"),
        "priority": asked.get("priority", "INTERACTIVE"),
        "start_time": job.start_time,
        "end_time": job.end_time,
        "query": asked.get("query"),
        "state": job.state,
        "error_result": {name: error.get(name) for name in ("reason", "location", "message")} if error else None,
        "cache_hit": query.get("cacheHit"),
        "destination_table": {
            "project_id": target["projectId"],
            "dataset_id": target["datasetId"],
            "table_id": target["tableId"],
        }
        if target
        else None,
        "labels": [{"key": key, "value": value} for key, value in job.configuration.get("labels", {}).items()],
    } | {column: int(query[name]) for column, name in whole if name in query}


_TELL: dict[str, Callable[[Any, models.TableMeta], Iterator[Row]]] = {
    "TABLES": _tables,
    "COLUMNS": _columns,
    "COLUMN_FIELD_PATHS": _paths,
    "TABLE_OPTIONS": _options,
    "PARTITIONS": _partitions,
    "TABLE_STORAGE": _storage,
    "TABLE_SNAPSHOTS": _snapshots,
    "VIEWS": _views,
    "__TABLES__": _legacy,
}
