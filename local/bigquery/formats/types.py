"""BigQuery's types as Arrow holds them: in the storage, in a Parquet file, and as a file declares them."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import pyarrow as pa
from bqemulator.catalog import models

from local.bigquery import fields, job_states

Field: TypeAlias = models.TableFieldSchema

_SCALARS = {
    "INTEGER": pa.int64(),
    "FLOAT": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "BYTES": pa.binary(),
    "DATE": pa.date32(),
    "TIME": pa.time64("us"),
    "DATETIME": pa.timestamp("us"),
    "TIMESTAMP": pa.timestamp("us", "UTC"),
    "INTERVAL": pa.month_day_nano_interval(),
}
# What a file's own type may be loaded as, besides itself.
_WIDENED = {
    "INTEGER": {"FLOAT", "NUMERIC", "BIGNUMERIC"},
    "NUMERIC": {"BIGNUMERIC"},
    "BIGNUMERIC": {"NUMERIC"},
    "STRING": {"JSON", "GEOGRAPHY"},
}


@dataclasses.dataclass(frozen=True)
class Options:
    """How a file is written or read; each format looks at what concerns it."""

    compression: str = "NONE"
    delimiter: str = ","
    header: bool = True
    logical_types: bool = False
    skip_rows: int = 0
    quote: str = '"'
    null_marker: str = ""
    encoding: str = "UTF-8"
    ignore_unknown: bool = False
    jagged_rows: bool = False


@dataclasses.dataclass(frozen=True)
class Read:
    """What a file held: the good rows, and what was wrong with the others, in order."""

    table: pa.Table
    bad: tuple[str, ...] = ()


def kind(field: Field) -> str:
    """Return the type of a column by its name in the API."""
    return fields.api_type(field.type)


def element(field: Field) -> Field:
    """Return the column that one element of a repeated column would be."""
    return field.model_copy(update={"mode": "NULLABLE"})


def in_storage(field: Field) -> pa.DataType:
    """Return the Arrow type of a column as the storage takes and gives it."""
    return _arrow(field, wide=False)


def in_parquet(field: Field) -> pa.DataType:
    """Return the Arrow type from which BigQuery's own Parquet type of the column is written."""
    return _arrow(field, wide=True)


def storage_schema(columns: Iterable[Field]) -> pa.Schema:
    """Return the Arrow schema in which rows go into the storage."""
    return pa.schema([pa.field(column.name, in_storage(column)) for column in columns])


def parquet_schema(columns: Iterable[Field]) -> pa.Schema:
    """Return the Arrow schema of a Parquet file; a REQUIRED column is declared so."""
    return pa.schema(
        [pa.field(column.name, in_parquet(column), nullable=column.mode != "REQUIRED") for column in columns]
    )


def refuse_types(columns: Iterable[Field], format_name: str, refused: Iterable[str]) -> None:
    """Raise job_states.Failure when a column, at any depth, has a type that the format cannot carry."""
    for path, field in fields.leaves(columns):
        if kind(field) in refused:
            message = f"Unsupported type for {format_name} export. Field: {path}, type: {kind(field)}"
            raise job_states.Failure("invalid", message)


def loadable(found: Field, wanted: Field) -> bool:
    """Return whether what a file declares as `found` may be loaded into the column `wanted`."""
    if (found.mode == "REPEATED") != (wanted.mode == "REPEATED"):
        return False
    if kind(found) == kind(wanted) == "RECORD":
        inside = {child.name.lower(): child for child in wanted.fields}
        return all(
            child.name.lower() in inside and loadable(child, inside[child.name.lower()]) for child in found.fields
        )
    if kind(wanted) == "RANGE":
        return kind(found) == "RECORD" and [child.name for child in found.fields] == ["start", "end"]
    return kind(found) == kind(wanted) or kind(wanted) in _WIDENED.get(kind(found), ())


def conform(table: pa.Table, columns: tuple[Field, ...]) -> pa.Table:
    """Return the table with exactly these columns in the storage's types; a column that it lacks is NULL throughout."""
    present = {name.lower(): name for name in table.column_names}
    schema = storage_schema(columns)
    arrays = []
    for column, target in zip(columns, schema, strict=True):
        name = present.get(column.name.lower())
        if name is None:
            arrays.append(pa.chunked_array([pa.nulls(table.num_rows, target.type)]))
        else:
            arrays.append(table.column(name).cast(target.type))
    return pa.Table.from_arrays(arrays, schema=schema)


def declared(name: str, arrow: pa.DataType, mode: str = "NULLABLE") -> Field:
    """Return the column that an Arrow type stands for when no schema was given."""
    if pa.types.is_list(arrow) or pa.types.is_large_list(arrow):
        return declared(name, arrow.value_type, "REPEATED")
    extra: dict[str, Any] = {}
    if pa.types.is_struct(arrow):
        inside = (declared(child.name, child.type, "NULLABLE" if child.nullable else "REQUIRED") for child in arrow)
        extra["fields"] = tuple(inside)
    return Field(name=name, type=_declared_kind(arrow), mode=mode, **extra)


def values(raw: Iterable[Mapping[str, Any]], columns: tuple[Field, ...]) -> pa.Table:
    """Return a table in the storage's types of rows given as mappings by column name."""
    return pa.Table.from_pylist(list(raw), schema=storage_schema(columns))


def _arrow(field: Field, *, wide: bool) -> pa.DataType:
    name = kind(field)
    if name == "RECORD":
        required = {child.name: wide and child.mode == "REQUIRED" for child in field.fields}
        inside = [
            pa.field(child.name, _arrow(child, wide=wide), nullable=not required[child.name]) for child in field.fields
        ]
        arrow = pa.struct(inside)
    elif name == "RANGE":
        bound = _SCALARS[fields.api_type(field.range_element_type.type)] if field.range_element_type else pa.date32()
        arrow = pa.struct([pa.field("start", bound), pa.field("end", bound)])
    elif name in ("NUMERIC", "BIGNUMERIC"):
        arrow = _decimal(field, wide=wide)
    else:
        arrow = _SCALARS.get(name, pa.string())
    return pa.list_(arrow) if field.mode == "REPEATED" else arrow


def _decimal(field: Field, *, wide: bool) -> pa.DataType:
    if field.precision is not None and field.precision <= fields.STORAGE_DIGITS:
        return pa.decimal128(field.precision, field.scale or 0)
    if kind(field) == "NUMERIC":
        return pa.decimal128(38, 9)
    return pa.decimal256(76, 38) if wide else pa.decimal128(38, 18)


def _declared_kind(arrow: pa.DataType) -> str:
    tests = (
        (pa.types.is_struct, "RECORD"),
        (pa.types.is_boolean, "BOOLEAN"),
        (pa.types.is_integer, "INTEGER"),
        (pa.types.is_floating, "FLOAT"),
        (pa.types.is_date, "DATE"),
        (pa.types.is_time, "TIME"),
        (lambda given: pa.types.is_timestamp(given) and given.tz is not None, "TIMESTAMP"),
        (pa.types.is_timestamp, "DATETIME"),
        (_is_numeric, "NUMERIC"),
        (pa.types.is_decimal, "BIGNUMERIC"),
        (lambda given: pa.types.is_binary(given) or pa.types.is_large_binary(given), "BYTES"),
        (pa.types.is_fixed_size_binary, "BYTES"),
    )
    return next((name for test, name in tests if test(arrow)), "STRING")


def _is_numeric(arrow: pa.DataType) -> bool:
    behind, before = 9, 29
    return pa.types.is_decimal(arrow) and arrow.scale <= behind and arrow.precision - arrow.scale <= before
