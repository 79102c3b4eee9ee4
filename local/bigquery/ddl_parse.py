"""What a CREATE TABLE statement asks for, as the API's table resource; nothing is created here."""

import re
from typing import Any

import sqlglot
from bqemulator.domain.errors import InvalidQueryError
from sqlglot import exp

from local.bigquery import ddl, resources

INGESTION = ("_PARTITIONTIME", "_PARTITIONDATE")
# Options that are accepted and have no counterpart in the stand-in.
IGNORED = ("kms_key_name", "max_staleness", "enable_change_history", "default_rounding_mode", "storage_uri", "tags")
_TEXTS = {"description": "description", "friendly_name": "friendlyName"}
_SET_OPTIONS = re.compile(
    r"\s*ALTER\s+(?:TABLE|VIEW|MATERIALIZED\s+VIEW)\s+(?:IF\s+EXISTS\s+)?(?P<name>`[^`]+`(?:\.`[^`]+`)*|[\w.-]+)"
    r"\s+SET\s+(?P<options>OPTIONS\s*\(.*\))\s*;?\s*",
    re.IGNORECASE | re.DOTALL,
)

Key = tuple[str, str, str]


def parsed(sql: str) -> exp.Expression | None:
    """Return the one statement of the SQL; None when it is none or several, or not understood."""
    try:
        found = [tree for tree in sqlglot.parse(sql, read="bigquery") if tree is not None]
    except sqlglot.errors.SqlglotError:
        return None
    return found[0] if len(found) == 1 else None


def created_table(tree: exp.Expression | None) -> exp.Create | None:
    """Return the statement if it is CREATE TABLE or CREATE EXTERNAL TABLE, of any kind but a clone."""
    if not isinstance(tree, exp.Create) or (tree.kind or "").upper() != "TABLE" or tree.args.get("clone") is not None:
        return None
    return tree


def target(tree: exp.Expression, project: str) -> Key:
    """Return the table that a statement names; raise InvalidQueryError when it names no dataset."""
    table = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    parts = [part for piece in (table.catalog, table.db, table.name) if piece for part in piece.split(".")]
    if len(parts) == 2:  # noqa: PLR2004 -- dataset.table
        parts.insert(0, project)
    if len(parts) != 3:  # noqa: PLR2004 -- project.dataset.table
        raise InvalidQueryError(
            f'Table "{table.name}" must be qualified with a dataset (e.g. dataset.table).', location="query"
        )
    return parts[0], parts[1], parts[2]


def columns(tree: exp.Create) -> list[dict[str, Any]]:
    """Return the API's `schema.fields` of the declared columns; empty when none are declared."""
    declared = tree.this.expressions if isinstance(tree.this, exp.Schema) else []
    return [_column(entry) for entry in declared if isinstance(entry, exp.ColumnDef)]


def layout(tree: exp.Create) -> dict[str, Any]:
    """Return partitioning, clustering and options as properties of the API's resource; raise InvalidQueryError."""
    properties = tree.args.get("properties")
    found: dict[str, Any] = {}
    for entry in properties.expressions if properties else ():
        if isinstance(entry, exp.PartitionedByProperty):
            found |= _partitioning(entry.this)
        elif isinstance(entry, exp.Cluster | exp.ClusterProperty):
            found["clustering"] = {"fields": [part.name for part in entry.expressions]}
        elif isinstance(entry, exp.FileFormatProperty):
            found.setdefault("externalDataConfiguration", {})["sourceFormat"] = entry.this.name
        elif isinstance(entry, exp.Property) and type(entry) is exp.Property:
            _merge(found, _option(entry.this.name.lower(), entry.args["value"]))
    return found


def like(tree: exp.Create, project: str) -> Key | None:
    """Return the table whose columns CREATE TABLE … LIKE takes over; None when there is no LIKE."""
    properties = tree.args.get("properties")
    found = [entry for entry in (properties.expressions if properties else ()) if isinstance(entry, exp.LikeProperty)]
    return target(found[0], project) if found else None


def set_options(sql: str, project: str) -> tuple[Key, dict[str, Any]] | None:
    """Return the table and the properties that ALTER TABLE … SET OPTIONS changes; None for another statement."""
    found = _SET_OPTIONS.fullmatch(sql)
    tree = parsed(f"CREATE TABLE {found['name']} (x INT64) {found['options']}") if found else None
    return (target(tree, project), layout(tree)) if isinstance(tree, exp.Create) else None


def _column(entry: exp.ColumnDef) -> dict[str, Any]:
    found = _typed(entry.name, entry.args["kind"])
    for constraint in entry.args.get("constraints") or ():
        rule = constraint.kind
        if isinstance(rule, exp.NotNullColumnConstraint) and found["mode"] != "REPEATED":
            found["mode"] = "REQUIRED"
        elif isinstance(rule, exp.DefaultColumnConstraint):
            found["defaultValueExpression"] = rule.this.sql(dialect="bigquery")
        elif isinstance(rule, exp.Properties):
            texts = {prop.this.name.lower(): prop.args["value"].name for prop in rule.expressions}
            found |= {"description": texts["description"]} if "description" in texts else {}
    return found


def _typed(name: str, kind: exp.DataType) -> dict[str, Any]:
    mode = "NULLABLE"
    if kind.this == exp.DataType.Type.ARRAY:
        mode, kind = "REPEATED", kind.expressions[0]
    found: dict[str, Any] = {"name": name, "mode": mode}
    if kind.this == exp.DataType.Type.STRUCT:
        return found | {"type": "RECORD", "fields": [_column(child) for child in kind.expressions]}
    plain = re.split(r"[(<]", kind.sql(dialect="bigquery"))[0]
    if plain == "RANGE":
        return found | {"type": "RANGE", "rangeElementType": {"type": kind.expressions[0].sql(dialect="bigquery")}}
    numbers = [int(parameter.name) for parameter in kind.expressions if isinstance(parameter, exp.DataTypeParam)]
    names = ("maxLength",) if plain in ("STRING", "BYTES") else ("precision", "scale")
    return found | {"type": plain} | dict(zip(names, numbers, strict=False))


def _partitioning(by: exp.Expression) -> dict[str, Any]:
    if isinstance(by, exp.RangeBucket):
        series = by.expression
        step = series.args.get("step") or exp.Literal.number(1)
        bounds = {"start": _number(series.args["start"]), "end": _number(series.args["end"]), "interval": _number(step)}
        return {"rangePartitioning": {"field": by.this.name, "range": bounds}}
    unit = by.args.get("unit")
    column = by if isinstance(by, exp.Identifier | exp.Column) else by.this
    if not isinstance(column, exp.Identifier | exp.Column):
        raise InvalidQueryError(
            f"PARTITION BY expression is not supported: {by.sql(dialect='bigquery')}", location="query"
        )
    spec = {"type": unit.name.upper() if unit is not None else "DAY"}
    return {"timePartitioning": spec if column.name.upper() in INGESTION else spec | {"field": column.name}}


def _option(name: str, value: exp.Expression) -> dict[str, Any]:
    if name in _TEXTS:
        return {_TEXTS[name]: None if isinstance(value, exp.Null) else value.name}
    if name == "labels":
        return {"labels": {pair.expressions[0].name: pair.expressions[1].name for pair in value.expressions}}
    if name == "require_partition_filter":
        return {"requirePartitionFilter": isinstance(value, exp.Boolean) and bool(value.this)}
    if name == "partition_expiration_days":
        millis = None if isinstance(value, exp.Null) else str(int(float(value.name) * ddl.MILLIS_PER_DAY))
        return {"timePartitioning": {"expirationMs": millis}}
    if name == "expiration_timestamp":
        return {"expirationTime": None if isinstance(value, exp.Null) else value}
    if name == "uris":
        return {"externalDataConfiguration": {"sourceUris": [uri.name for uri in value.expressions]}}
    if name in IGNORED:
        return {}
    raise InvalidQueryError(f"Unknown option: {name}", location="query")


def _merge(found: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        both = isinstance(value, dict) and isinstance(found.get(key), dict)
        found[key] = {**found[key], **value} if both else value


def _number(node: exp.Expression) -> str:
    return str(-int(node.this.name)) if isinstance(node, exp.Neg) else node.name


def evaluated(engine: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Return the properties with the expiration, an expression in SQL, evaluated to milliseconds."""
    expression = body.get("expirationTime")
    if not isinstance(expression, exp.Expression):
        return body
    stored = expression.sql(dialect="duckdb")
    (when,) = engine.execute(f"SELECT CAST({stored} AS TIMESTAMPTZ)").fetchone()
    return body | {"expirationTime": resources.millis(when)}
