"""Parquet files as extract jobs write them (JSON as text, REQUIRED columns required) and load jobs read them."""

import pyarrow as pa
import pyarrow.parquet as pq

from local.bigquery import job_states
from local.bigquery.formats import types

COMPRESSIONS = ("NONE", "SNAPPY", "GZIP", "ZSTD")
UNSUPPORTED = ("RANGE", "INTERVAL")


def check(columns: tuple[types.Field, ...]) -> None:
    """Raise job_states.Failure when a column has a type that Parquet exports do not carry."""
    types.refuse_types(columns, "PARQUET", UNSUPPORTED)


def write(table: pa.Table, columns: tuple[types.Field, ...], options: types.Options) -> bytes:
    """Return the rows as one Parquet file."""
    sink = pa.BufferOutputStream()
    rows = table.cast(types.parquet_schema(columns))
    # Without Arrow's own schema in the footer, as BigQuery writes it: readers see Parquet's types only.
    pq.write_table(rows, sink, compression=options.compression.lower(), store_schema=False)
    return bytes(sink.getvalue())


def columns(data: bytes, options: types.Options) -> tuple[types.Field, ...]:
    """Return the columns that the file declares; raise job_states.Failure when it is no Parquet file."""
    del options
    schema = _open(data).schema_arrow
    return tuple(types.declared(item.name, item.type, "NULLABLE" if item.nullable else "REQUIRED") for item in schema)


def read(data: bytes, wanted: tuple[types.Field, ...], options: types.Options) -> types.Read:
    """Return the file's rows in the wanted columns; raise job_states.Failure when a column's type does not fit."""
    del options
    file = _open(data)
    by_name = {column.name.lower(): column for column in wanted}
    for item in file.schema_arrow:
        column = by_name.get(item.name.lower())
        if column is not None and not types.loadable(types.declared(item.name, item.type), column):
            declared, target = f"Parquet column '{item.name}' has type {item.type}", types.kind(column)
            message = f"{declared} which does not match the target type {target}."
            raise job_states.Failure("invalid", f"Error while reading data, error message: {message}")
    try:
        return types.Read(types.conform(file.read(), wanted))
    except pa.ArrowException as damaged:
        raise job_states.Failure("invalid", f"Error while reading data, error message: {damaged}") from damaged


def _open(data: bytes) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(pa.BufferReader(data))
    except pa.ArrowException as damaged:
        message = f"Error while reading data, error message: Input file is not in Parquet format. {damaged}"
        raise job_states.Failure("invalid", message) from damaged
