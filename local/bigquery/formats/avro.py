"""Avro files as extract jobs write them, DATE and TIME as text unless asked otherwise, and as load jobs read them."""

import datetime
import io
from collections.abc import Mapping
from typing import Any

import fastavro
import pyarrow as pa

from local.bigquery import job_states
from local.bigquery.formats import csv, text, types

COMPRESSIONS = ("NONE", "DEFLATE", "SNAPPY")
UNSUPPORTED = ("RANGE", "INTERVAL")
_CODECS = {"NONE": "null", "DEFLATE": "deflate", "SNAPPY": "snappy"}
_PLAIN = {"INTEGER": "long", "FLOAT": "double", "BOOLEAN": "boolean", "STRING": "string", "BYTES": "bytes"}
_LOGICAL = {
    "DATE": {"type": "int", "logicalType": "date"},
    "TIME": {"type": "long", "logicalType": "time-micros"},
    "DATETIME": {"type": "string", "logicalType": "datetime"},
}
_DECLARED = {"date": "DATE", "time-millis": "TIME", "time-micros": "TIME", "timestamp-millis": "TIMESTAMP"}
_DECLARED |= {
    "timestamp-micros": "TIMESTAMP",
    "local-timestamp-millis": "DATETIME",
    "local-timestamp-micros": "DATETIME",
}
_RAW = {
    "long": "INTEGER",
    "int": "INTEGER",
    "double": "FLOAT",
    "float": "FLOAT",
    "boolean": "BOOLEAN",
    "bytes": "BYTES",
}
_RAW |= {"fixed": "BYTES", "record": "RECORD"}
_NUMERIC_SCALE = 9
_EPOCH = datetime.datetime(1970, 1, 1)  # noqa: DTZ001 -- instants are compared after their zone, UTC, was taken off
_MICROSECOND = datetime.timedelta(microseconds=1)


def check(columns: tuple[types.Field, ...]) -> None:
    """Raise job_states.Failure when a column has a type that Avro exports do not carry."""
    types.refuse_types(columns, "AVRO", UNSUPPORTED)


def write(table: pa.Table, columns: tuple[types.Field, ...], options: types.Options) -> bytes:
    """Return the rows as one Avro file."""
    inside = [{"name": column.name, "type": _declare(column, "", options)} for column in columns]
    schema = fastavro.parse_schema({"type": "record", "name": "Root", "fields": inside})
    names = [column.name for column in columns]
    converted = [
        [_value(value, column, options) for value in csv.plain(table.column(column.name))] for column in columns
    ]
    sink = io.BytesIO()
    rows = (dict(zip(names, row, strict=True)) for row in zip(*converted, strict=True))
    fastavro.writer(sink, schema, rows, codec=_CODECS[options.compression])
    return sink.getvalue()


def columns(data: bytes, options: types.Options) -> tuple[types.Field, ...]:
    """Return the columns that the file declares; raise job_states.Failure when it is no Avro file."""
    schema = _open(data).writer_schema
    return tuple(_declared(item["name"], item["type"], logical=options.logical_types) for item in schema["fields"])


def read(data: bytes, wanted: tuple[types.Field, ...], options: types.Options) -> types.Read:
    """Return the file's rows in the wanted columns; raise job_states.Failure when a column's type does not fit."""
    del options
    file = _open(data)
    in_file = {item["name"].lower(): item for item in file.writer_schema["fields"]}
    found = {column.name: in_file.get(column.name.lower()) for column in wanted}
    for column in wanted:
        _check_fit(found[column.name], column)
    try:
        rows = list(file)
    except (ValueError, EOFError, KeyError, IndexError) as damaged:
        raise job_states.Failure("invalid", f"Error while reading data, error message: {damaged}") from damaged
    schema = types.storage_schema(wanted)
    arrays = [
        _array(rows, found[column.name], column, target.type) for column, target in zip(wanted, schema, strict=True)
    ]
    return types.Read(pa.Table.from_arrays(arrays, schema=schema))


def _open(data: bytes) -> Any:
    try:
        return fastavro.reader(io.BytesIO(data))
    except (ValueError, EOFError, KeyError) as damaged:
        message = f"The Apache Avro library failed to parse the header with the following error: {damaged}"
        raise job_states.Failure("invalid", f"Error while reading data, error message: {message}") from damaged


def _check_fit(item: Mapping[str, Any] | None, column: types.Field) -> None:
    if item is None:
        return
    # A raw number is a fit for the column of its logical type too: the flag decides only what is inferred.
    readings = [_declared(item["name"], item["type"], logical=logical) for logical in (True, False)]
    if not any(types.loadable(reading, column) for reading in readings):
        configured, declared = types.kind(column).lower(), types.kind(readings[0]).lower()
        message = f"Field {column.name} has incompatible types. Configured schema: {configured}; Avro file: {declared}."
        raise job_states.Failure("invalid", f"Error while reading data, error message: {message}")


def _array(rows: list[Any], item: Mapping[str, Any] | None, column: types.Field, target: pa.DataType) -> pa.Array:
    if item is None:
        return pa.nulls(len(rows), target)
    values = [row[item["name"]] for row in rows]
    if types.kind(column) == "INTEGER" and column.mode != "REPEATED":
        values = [_raw_number(value) for value in values]
    # A decimal of the file has all digits of its declared scale, which only the wide type takes.
    return pa.array(values, types.in_parquet(column)).cast(target)


def _declare(column: types.Field, prefix: str, options: types.Options) -> Any:
    """Return the Avro type of a column; nested records are named after their path, because Avro's names are unique."""
    if types.kind(column) == "RECORD":
        path = f"{prefix}{column.name}"
        inside = [{"name": child.name, "type": _declare(child, f"{path}_", options)} for child in column.fields]
        declared: Any = {"type": "record", "name": path, "fields": inside}
    else:
        declared = _declare_scalar(column, options)
    if column.mode == "REPEATED":
        return {"type": "array", "items": declared}
    return declared if column.mode == "REQUIRED" else ["null", declared]


def _declare_scalar(column: types.Field, options: types.Options) -> Any:
    kind = types.kind(column)
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind == "TIMESTAMP":
        return {"type": "long", "logicalType": "timestamp-micros"}
    if kind in _LOGICAL and options.logical_types:
        return _LOGICAL[kind]
    if kind in ("NUMERIC", "BIGNUMERIC"):
        precision, scale = (38, 9) if kind == "NUMERIC" else (77, 38)
        if column.precision is not None:
            precision, scale = column.precision, column.scale or 0
        return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}
    return {"type": "string", "sqlType": kind}


def _value(value: Any, column: types.Field, options: types.Options) -> Any:
    if value is None:
        # BigQuery stores a NULL array as an empty one.
        return [] if column.mode == "REPEATED" else None
    if column.mode == "REPEATED":
        one = types.element(column)
        return [_value(item, one, options) for item in value]
    kind = types.kind(column)
    if kind == "RECORD":
        return {child.name: _value(value[child.name], child, options) for child in column.fields}
    if kind == "TIMESTAMP":
        return (value.replace(tzinfo=None) - _EPOCH) // _MICROSECOND
    if kind == "DATETIME" or (kind in ("DATE", "TIME") and not options.logical_types):
        return text.SPELL[kind](value)
    return value


def _declared(name: str, avro: Any, *, logical: bool) -> types.Field:
    if isinstance(avro, list):
        return _declared(name, next(option for option in avro if option != "null"), logical=logical)
    if isinstance(avro, dict) and avro["type"] == "array":
        return _declared(name, avro["items"], logical=logical).model_copy(update={"mode": "REPEATED"})
    detail = avro if isinstance(avro, dict) else {"type": avro}
    inside = tuple(_declared(item["name"], item["type"], logical=logical) for item in detail.get("fields", ()))
    return types.Field(name=name, type=_declared_kind(detail, logical=logical), fields=inside)


def _declared_kind(detail: Mapping[str, Any], *, logical: bool) -> str:
    marked = detail.get("logicalType")
    if marked == "decimal":
        return "NUMERIC" if detail.get("scale", 0) <= _NUMERIC_SCALE else "BIGNUMERIC"
    if logical and marked in _DECLARED:
        return _DECLARED[marked]
    if detail.get("sqlType") == "JSON":
        return "JSON"
    return _RAW.get(detail["type"], "STRING")


def _raw_number(value: Any) -> Any:
    """Return the number that stands in the file for a value that was read by its logical type."""
    if isinstance(value, datetime.datetime):
        return (value.replace(tzinfo=None) - _EPOCH) // _MICROSECOND
    if isinstance(value, datetime.date):
        return (value - _EPOCH.date()).days
    if isinstance(value, datetime.time):
        return (datetime.datetime.combine(_EPOCH.date(), value) - _EPOCH) // _MICROSECOND
    return value
