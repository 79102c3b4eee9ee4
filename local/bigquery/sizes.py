"""The size of data by BigQuery's rules (8 bytes an INT64, 2 + UTF-8 bytes a STRING), by one query a table.

A measurement stands until the table changes; `row_counts` says when that is.
"""

import dataclasses
import datetime
import threading
from collections.abc import Mapping
from typing import Any

from bqemulator.catalog import models
from bqemulator.storage import sql_identifiers

from local.bigquery import fields

FIXED = {"INTEGER": 8, "FLOAT": 8, "BOOLEAN": 1, "DATE": 8, "DATETIME": 8, "TIMESTAMP": 8, "TIME": 8, "NUMERIC": 16}
FIXED |= {"BIGNUMERIC": 32, "INTERVAL": 16, "RANGE": 16}
FORMATS = {"DAY": "%Y%m%d", "HOUR": "%Y%m%d%H", "MONTH": "%Y%m", "YEAR": "%Y"}
STORED = ("TABLE", "SNAPSHOT", "CLONE", "MATERIALIZED_VIEW")
NULL_PARTITION = "__NULL__"
OUTSIDE_PARTITION = "__UNPARTITIONED__"


@dataclasses.dataclass(frozen=True)
class Part:
    """Rows of one partition, the bytes of each of its columns, and since when its content is what it is."""

    rows: int
    columns: Mapping[str, int]
    content: int = 0
    changed: datetime.datetime | None = None

    @property
    def size(self) -> int:
        """Return the bytes of all columns."""
        return sum(self.columns.values())


@dataclasses.dataclass(frozen=True)
class Measured:
    """What a table holds: its parts by partition id; one part with the id "" when it is not partitioned."""

    parts: Mapping[str, Part]

    @property
    def rows(self) -> int:
        """Return the rows of all partitions."""
        return sum(part.rows for part in self.parts.values())

    @property
    def size(self) -> int:
        """Return the bytes of all partitions."""
        return sum(part.size for part in self.parts.values())


_lock = threading.Lock()
_thread = threading.local()
_known: dict[tuple[str, str, str], tuple[tuple[datetime.datetime, int], Measured]] = {}


def measure(engine: Any, table: models.TableMeta) -> Measured:
    """Return what the table holds; a view and an external table hold nothing."""
    if table.table_type not in STORED:
        return Measured({})
    key = (table.project_id, table.dataset_id, table.table_id)
    connection = _reader(engine)
    # The count costs nothing, and tells a change whose transaction ended after its time was noted.
    now = (table.last_modified_time, connection.execute(f"SELECT count(*) FROM {storage_name(table)}").fetchone()[0])  # noqa: S608 the name is quoted
    with _lock:
        stamp, measured = _known.get(key, (None, None))
    if measured is None or stamp != now:
        measured = _aged(_ask(connection, table), measured, table.last_modified_time)
        with _lock:
            _known[key] = (now, measured)
    return measured


def forget(project: str, dataset: str, name: str) -> None:
    """Drop what is known of a table that was made anew or dropped."""
    with _lock:
        _known.pop((project, dataset, name), None)


def cursor(engine: Any) -> Any:
    """Return a connection of its own to the storage, so that threads do not take each other's results."""
    # Of the engine's first connection, because a cursor ends with the one that it was made of.
    connection = engine._connection.cursor()  # noqa: SLF001 -- `engine.connection` is that of this thread
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _reader(engine: Any) -> Any:
    """Return a cursor that this thread keeps, because making one costs more than most questions."""
    if getattr(_thread, "engine", None) is not engine:
        _thread.engine, _thread.cursor = engine, cursor(engine)
    return _thread.cursor


def size_sql(field: models.TableFieldSchema, value: str, depth: int = 0) -> str:
    """Return the storage's SQL for the bytes of one value of the column; 0 when it is NULL."""
    kind = fields.api_type(field.type)
    if field.mode == "REPEATED":
        element = field.model_copy(update={"mode": "NULLABLE"})
        variable = f"element{depth}"
        inner = size_sql(element, variable, depth + 1)
        return f"coalesce(list_sum(list_transform({value}, lambda {variable}: {inner})), 0)"
    if kind == "RECORD":
        children = (size_sql(child, f"({value}).{fields.quoted(child.name)}", depth) for child in field.fields)
        return "(" + " + ".join(children) + ")"
    if kind in FIXED:
        return f"CASE WHEN {value} IS NULL THEN 0 ELSE {FIXED[kind]} END"
    length = f"octet_length({value})" if kind == "BYTES" else f"strlen(CAST({value} AS VARCHAR))"
    return f"coalesce(2 + {length}, 0)"


def partition_sql(table: models.TableMeta) -> str | None:
    """Return the storage's SQL for the partition id of a row; None when the table is not partitioned by a column."""
    if table.range_partitioning is not None:
        spec = table.range_partitioning
        column = fields.quoted(spec.field)
        bucket = f"({column} - ({spec.start})) // {spec.interval} * {spec.interval} + ({spec.start})"
        return (
            f"CASE WHEN {column} IS NULL THEN '{NULL_PARTITION}'"
            f" WHEN {column} < {spec.start} OR {column} >= {spec.end} THEN '{OUTSIDE_PARTITION}'"
            f" ELSE CAST({bucket} AS VARCHAR) END"
        )
    if table.time_partitioning is not None and table.time_partitioning.field:
        column = fields.quoted(table.time_partitioning.field)
        return f"coalesce(strftime({column}, '{FORMATS[table.time_partitioning.type]}'), '{NULL_PARTITION}')"
    return None


def storage_name(table: models.TableMeta) -> str:
    """Return the table's quoted name in the storage."""
    return str(sql_identifiers.quoted_table_ref(table.project_id, table.dataset_id, table.table_id))


def _ask(connection: Any, table: models.TableMeta) -> Measured:
    columns = table.schema_.fields
    sums = "".join(f", coalesce(sum({size_sql(field, fields.quoted(field.name))}), 0)::BIGINT" for field in columns)
    partition = partition_sql(table) or _ingestion_sql(table) or "''"
    names = [field.name for field in columns]
    content = f"sum(hash({', '.join(map(fields.quoted, names))}))" if names else "0"
    query = (
        f"SELECT {partition} AS part, count(*), {content}{sums} FROM {storage_name(table)} GROUP BY ALL ORDER BY part"  # noqa: S608 the names are quoted
    )
    rows = connection.execute(query).fetchall()
    return Measured({row[0]: Part(row[1], dict(zip(names, row[3:], strict=True)), row[2]) for row in rows})


def _aged(measured: Measured, former: Measured | None, now: datetime.datetime) -> Measured:
    """Return what was measured, each partition with its age: one whose content is as before has not changed since."""
    before = former.parts if former is not None else {}
    same = {
        key: before[key].changed
        for key, part in measured.parts.items()
        if key in before and part.content == before[key].content
    }
    return Measured(
        {key: dataclasses.replace(part, changed=same.get(key, now)) for key, part in measured.parts.items()}
    )


def _ingestion_sql(table: models.TableMeta) -> str | None:
    # The storage keeps no time of arrival: all rows stand in the partition of the table's last change.
    if table.time_partitioning is None:
        return None
    return f"'{table.last_modified_time.strftime(FORMATS[table.time_partitioning.type])}'"
