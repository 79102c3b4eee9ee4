"""One column of a table in its four spellings: the API's JSON, the catalog's model, the storage's type, and SQL."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlglot
from bqemulator.catalog.models import TableFieldSchema
from bqemulator.domain.errors import ValidationError

# What the API answers, whichever of its two names a caller used.
API_NAMES = {"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN", "STRUCT": "RECORD", "DECIMAL": "NUMERIC"}
API_NAMES |= {"BIGDECIMAL": "BIGNUMERIC", "INT": "INTEGER", "BIGINT": "INTEGER", "SMALLINT": "INTEGER"}
SQL_NAMES = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL", "RECORD": "STRUCT"}

# BIGNUMERIC's 76 digits do not fit the storage, which holds 38: twenty before the point, eighteen behind it.
STORAGE_TYPES = {
    "INTEGER": "BIGINT",
    "FLOAT": "DOUBLE",
    "BOOLEAN": "BOOLEAN",
    "STRING": "VARCHAR",
    "BYTES": "BLOB",
    "DATE": "DATE",
    "TIME": "TIME",
    "DATETIME": "TIMESTAMP",
    "TIMESTAMP": "TIMESTAMPTZ",
    "NUMERIC": "DECIMAL(38, 9)",
    "BIGNUMERIC": "DECIMAL(38, 18)",
    "JSON": "JSON",
    "GEOGRAPHY": "VARCHAR",
    "INTERVAL": "INTERVAL",
}
STORAGE_DIGITS = 38


def parse(raw: Iterable[Mapping[str, Any]]) -> tuple[TableFieldSchema, ...]:
    """Return the columns given as the API's `schema.fields`; raise ValidationError when a type is unknown."""
    return tuple(_parse_one(field) for field in raw)


def to_api(field: TableFieldSchema) -> dict[str, Any]:
    """Return the API's JSON of one column."""
    out: dict[str, Any] = {"name": field.name, "type": api_type(field.type), "mode": field.mode}
    optional = {
        "description": field.description,
        "maxLength": field.max_length,
        "precision": field.precision,
        "scale": field.scale,
        "defaultValueExpression": field.default_value_expression,
        "collation": field.collation,
        "roundingMode": field.rounding_mode,
    }
    numbers = ("maxLength", "precision", "scale")
    out |= {key: str(value) if key in numbers else value for key, value in optional.items() if value not in (None, "")}
    if field.fields:
        out["fields"] = [to_api(child) for child in field.fields]
    if field.range_element_type is not None:
        out["rangeElementType"] = {"type": api_type(field.range_element_type.type)}
    return out


def api_type(name: str) -> str:
    """Return the type's name as the API answers it, given either of its names."""
    return API_NAMES.get(name.upper(), name.upper())


def sql_type(field: TableFieldSchema) -> str:
    """Return the column's type as BigQuery writes it in SQL, such as ARRAY<STRUCT<a INT64>> or NUMERIC(10, 2)."""
    kind = api_type(field.type)
    inner = SQL_NAMES.get(kind, kind)
    if kind == "RECORD":
        inner = "STRUCT<" + ", ".join(f"{_name(child)} {sql_type(child)}" for child in field.fields) + ">"
    elif kind == "RANGE" and field.range_element_type is not None:
        inner = f"RANGE<{field.range_element_type.type}>"
    elif field.precision is not None:
        inner += f"({field.precision}, {field.scale})" if field.scale else f"({field.precision})"
    elif field.max_length is not None:
        inner += f"({field.max_length})"
    return f"ARRAY<{inner}>" if field.mode == "REPEATED" else inner


def storage_type(field: TableFieldSchema) -> str:
    """Return the storage's type of one column; raise ValidationError when there is none."""
    kind = api_type(field.type)
    if kind == "RECORD":
        inner = "STRUCT(" + ", ".join(f"{quoted(child.name)} {storage_type(child)}" for child in field.fields) + ")"
    elif kind == "RANGE":
        bound = storage_type(field.range_element_type or TableFieldSchema(name="bound", type="DATE"))
        inner = f'STRUCT("start" {bound}, "end" {bound})'
    elif kind in ("NUMERIC", "BIGNUMERIC") and field.precision is not None and field.precision <= STORAGE_DIGITS:
        inner = f"DECIMAL({field.precision}, {field.scale or 0})"
    elif kind in STORAGE_TYPES:
        inner = STORAGE_TYPES[kind]
    else:
        raise ValidationError(f"Invalid value for type: {field.type} is not a valid value")
    return f"{inner}[]" if field.mode == "REPEATED" else inner


def storage_column(field: TableFieldSchema) -> str:
    """Return the column's definition for the storage's CREATE TABLE."""
    definition = f"{quoted(field.name)} {storage_type(field)}"
    if field.default_value_expression:
        expression = sqlglot.transpile(field.default_value_expression, read="bigquery", write="duckdb")[0]
        definition += f" DEFAULT {expression}"
    return definition + (" NOT NULL" if field.mode == "REQUIRED" else "")


def storage_pairs(raw: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return (name, storage type) of the columns given as the API's `schema.fields`."""
    return [(field.name, storage_type(field)) for field in parse(raw)]


def quoted(identifier: str) -> str:
    """Return the identifier quoted for the storage's SQL."""
    return '"' + identifier.replace('"', '""') + '"'


def leaves(fields: Iterable[TableFieldSchema], prefix: str = "") -> Iterable[tuple[str, TableFieldSchema]]:
    """Yield (dotted path, column) of every column and, below it, every field."""
    for field in fields:
        yield prefix + field.name, field
        yield from leaves(field.fields, f"{prefix}{field.name}.")


def _parse_one(raw: Mapping[str, Any]) -> TableFieldSchema:
    if not raw.get("name"):
        raise ValidationError("Empty schema field name")
    kind = api_type(raw.get("type", "STRING"))
    children = parse(raw.get("fields") or ())
    if kind == "RECORD" and not children:
        raise ValidationError(f"Field {raw['name']} is type RECORD but has no schema")
    bound = raw.get("rangeElementType") or {}
    field = TableFieldSchema(
        name=raw["name"],
        type=kind,
        mode=(raw.get("mode") or "NULLABLE").upper(),
        description=raw.get("description"),
        fields=children,
        max_length=raw.get("maxLength"),
        precision=raw.get("precision"),
        scale=raw.get("scale"),
        default_value_expression=raw.get("defaultValueExpression"),
        collation=raw.get("collation"),
        rounding_mode=raw.get("roundingMode"),
        range_element_type=TableFieldSchema(name="bound", type=bound["type"]) if "type" in bound else None,
    )
    storage_type(field)
    return field


def _name(field: TableFieldSchema) -> str:
    return field.name if field.name.isidentifier() and field.name.isascii() else f"`{field.name}`"
