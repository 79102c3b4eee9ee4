"""The statement that makes a table again, in BigQuery's own form, as INFORMATION_SCHEMA.TABLES.ddl tells it."""

import datetime
import json
from collections.abc import Iterable
from typing import Any

from bqemulator.catalog import models

from local.bigquery import fields, resources

MILLIS_PER_DAY = 86_400_000
_TRUNC = {"DATE": "DATE_TRUNC", "DATETIME": "DATETIME_TRUNC", "TIMESTAMP": "TIMESTAMP_TRUNC"}

Option = tuple[str, str, str]


def statement(table: models.TableMeta) -> str:
    """Return the CREATE statement of a table, view, external table, materialized view or snapshot."""
    name = f"`{table.project_id}.{table.dataset_id}.{table.table_id}`"
    if table.table_type in ("VIEW", "MATERIALIZED_VIEW"):
        noun = table.table_type.replace("_", " ")
        return f"CREATE {noun} {name}{_options_clause(options(table))}\nAS {table.view_query or ''};"
    if table.table_type == "SNAPSHOT":
        base = f"\nCLONE `{table.base_table}`" if table.base_table else ""
        return f"CREATE SNAPSHOT TABLE {name}{base}{_options_clause(options(table))};"
    noun = "EXTERNAL TABLE" if table.table_type == "EXTERNAL" else "TABLE"
    columns = ",\n".join(f"  {column(field)}" for field in table.schema_.fields)
    body = f"\n(\n{columns}\n)" if columns else ""
    parts = (f"CREATE {noun} {name}{body}", _partition_clause(table), _cluster_clause(table))
    return "\n".join(part for part in parts if part) + _options_clause(options(table)) + ";"


def column(field: models.TableFieldSchema) -> str:
    """Return the column's definition, such as a STRUCT<b INT64 NOT NULL> OPTIONS(description="…")."""
    definition = f"{_identifier(field.name)} {_type(field)}"
    if field.default_value_expression:
        definition += f" DEFAULT {field.default_value_expression}"
    if field.mode == "REQUIRED":
        definition += " NOT NULL"
    return definition + (f" OPTIONS(description={_text(field.description)})" if field.description else "")


def options(table: models.TableMeta) -> list[Option]:
    """Return (name, type, value in SQL) of every option that is set, in the order of their names."""
    found: list[Option] = []
    if table.description:
        found.append(("description", "STRING", _text(table.description)))
    if table.friendly_name:
        found.append(("friendly_name", "STRING", _text(table.friendly_name)))
    if table.expiration_time is not None:
        when = table.expiration_time.astimezone(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        found.append(("expiration_timestamp", "TIMESTAMP", f'TIMESTAMP "{when}"'))
    if table.labels:
        pairs = ", ".join(f"({_text(key)}, {_text(value)})" for key, value in sorted(table.labels.items()))
        found.append(("labels", "ARRAY<STRUCT<STRING, STRING>>", f"[{pairs}]"))
    if resources.requires_filter(table):
        found.append(("require_partition_filter", "BOOL", "true"))
    partitioning = table.time_partitioning
    if partitioning is not None and partitioning.expiration_ms is not None:
        found.append(("partition_expiration_days", "FLOAT64", str(float(partitioning.expiration_ms / MILLIS_PER_DAY))))
    return sorted(found + _external_options(resources.extras(table).get("externalDataConfiguration") or {}))


def _external_options(configuration: dict[str, Any]) -> list[Option]:
    found: list[Option] = []
    if configuration.get("sourceFormat"):
        found.append(("format", "STRING", _text(configuration["sourceFormat"])))
    if configuration.get("sourceUris"):
        uris = ", ".join(_text(uri) for uri in configuration["sourceUris"])
        found.append(("uris", "ARRAY<STRING>", f"[{uris}]"))
    return found


def _type(field: models.TableFieldSchema) -> str:
    if fields.api_type(field.type) != "RECORD":
        return fields.sql_type(field)
    inner = f"STRUCT<{', '.join(column(child) for child in field.fields)}>"
    return f"ARRAY<{inner}>" if field.mode == "REPEATED" else inner


def _partition_clause(table: models.TableMeta) -> str:
    if table.range_partitioning is not None:
        spec = table.range_partitioning
        bounds = f"{spec.start}, {spec.end}, {spec.interval}"
        return f"PARTITION BY RANGE_BUCKET({_identifier(spec.field)}, GENERATE_ARRAY({bounds}))"
    spec = table.time_partitioning
    if spec is None:
        return ""
    if not spec.field:
        whole = "DATE(_PARTITIONTIME)" if spec.type == "DAY" else f"TIMESTAMP_TRUNC(_PARTITIONTIME, {spec.type})"
        return f"PARTITION BY {whole}"
    kinds = {field.name.lower(): fields.api_type(field.type) for field in table.schema_.fields}
    kind = kinds.get(spec.field.lower(), "DATE")
    name = _identifier(spec.field)
    if spec.type == "DAY":
        return f"PARTITION BY {name if kind == 'DATE' else f'DATE({name})'}"
    return f"PARTITION BY {_TRUNC[kind]}({name}, {spec.type})"


def _cluster_clause(table: models.TableMeta) -> str:
    return f"CLUSTER BY {', '.join(map(_identifier, table.clustering.fields))}" if table.clustering else ""


def _options_clause(found: Iterable[Option]) -> str:
    lines = ",\n".join(f"  {name}={value}" for name, _, value in found)
    return f"\nOPTIONS(\n{lines}\n)" if lines else ""


def _identifier(name: str) -> str:
    return name if name.isascii() and name.isidentifier() and name.upper() not in RESERVED else f"`{name}`"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


_RESERVED_WORDS = """
ALL AND ANY ARRAY AS ASC ASSERT_ROWS_MODIFIED AT BETWEEN BY CASE CAST COLLATE CONTAINS CREATE CROSS CUBE
CURRENT DEFAULT DEFINE DESC DISTINCT ELSE END ENUM ESCAPE EXCEPT EXCLUDE EXISTS EXTRACT FALSE FETCH FOLLOWING
FOR FROM FULL GROUP GROUPING GROUPS HASH HAVING IF IGNORE IN INNER INTERSECT INTERVAL INTO IS JOIN LATERAL
LEFT LIKE LIMIT LOOKUP MERGE NATURAL NEW NO NOT NULL NULLS OF ON OR ORDER OUTER OVER PARTITION PRECEDING
PROTO QUALIFY RANGE RECURSIVE RESPECT RIGHT ROLLUP ROWS SELECT SET SOME STRUCT TABLESAMPLE THEN TO TREAT TRUE
UNBOUNDED UNION UNNEST USING WHEN WHERE WINDOW WITH WITHIN
"""
RESERVED = frozenset(_RESERVED_WORDS.split())
