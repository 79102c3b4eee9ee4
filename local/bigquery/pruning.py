"""Which partitions of a table a query must read, given its conditions on the partitioning column."""

import dataclasses
import datetime
from collections.abc import Callable, Iterable
from typing import Any

from bqemulator.catalog import models
from sqlglot import exp

from local.bigquery import sizes

Value = Any
Evaluate = Callable[[exp.Expression], Value]
LENGTHS = {"YEAR": 4, "MONTH": 6, "DAY": 8, "HOUR": 10}
INGESTION = {"_partitiontime", "_partitiondate"}
_TICK = datetime.timedelta(microseconds=1)
_MIRRORED: dict[type, type] = {exp.LT: exp.GT, exp.GT: exp.LT, exp.LTE: exp.GTE, exp.GTE: exp.LTE, exp.EQ: exp.EQ}
_UNITS = ("YEAR", "MONTH", "DAY", "HOUR")
_TRUNCATIONS = (exp.DateTrunc, exp.TimestampTrunc, exp.DatetimeTrunc)
_SHAPING = (exp.Date, exp.Cast, exp.TsOrDsToDate, exp.Timestamp, exp.Datetime, *_TRUNCATIONS)


@dataclasses.dataclass(frozen=True)
class Span:
    """The values that a partition may hold: from `low` to `high`, both included; None for the partition of NULL."""

    low: Value
    high: Value


Test = Callable[[Span], bool]


def columns(table: models.TableMeta) -> set[str]:
    """Return the names, in lower case, by which the partitioning column may be asked; empty when not partitioned."""
    if table.range_partitioning is not None:
        return {table.range_partitioning.field.lower()}
    if table.time_partitioning is None:
        return set()
    return {table.time_partitioning.field.lower()} if table.time_partitioning.field else INGESTION


def test(table: models.TableMeta, conditions: Iterable[exp.Expression], evaluate: Evaluate) -> Test | None:
    """Return the test that the span of a partition to be read passes; None when no condition eliminates one."""
    names = columns(table)
    found = [made for made in (_test(condition, names, evaluate) for condition in conditions) if made is not None]
    return (lambda span: all(one(span) for one in found)) if found else None


def span(table: models.TableMeta, partition: str) -> Span | None:
    """Return the values that a partition may hold; None when they are not bounded, so that it must always be read."""
    if partition == sizes.NULL_PARTITION:
        return Span(None, None)
    if partition == sizes.OUTSIDE_PARTITION:
        return None
    if table.range_partitioning is not None:
        return Span(int(partition), int(partition) + table.range_partitioning.interval - 1)
    unit = next(unit for unit, length in LENGTHS.items() if length == len(partition))
    low = datetime.datetime.strptime(partition, sizes.FORMATS[unit])  # noqa: DTZ007 -- values are compared in UTC without zone
    high = _next(low, unit) - _TICK
    return Span(low, _day(high) if _holds_dates(table) else high)


def _holds_dates(table: models.TableMeta) -> bool:
    wanted = columns(table)
    return any(field.name.lower() in wanted and field.type == "DATE" for field in table.schema_.fields)


def _test(node: exp.Expression, names: set[str], evaluate: Evaluate) -> Test | None:
    node = node.unnest()
    if isinstance(node, exp.And | exp.Or):
        return _joined(node, names, evaluate)
    if isinstance(node, exp.Between):
        low = _compared(exp.GTE, node.this, node.args["low"], names, evaluate)
        high = _compared(exp.LTE, node.this, node.args["high"], names, evaluate)
        return (lambda given: low(given) and high(given)) if low and high else None
    if isinstance(node, exp.In):
        return _within(node, names, evaluate)
    if isinstance(node, exp.Is) and _shaper(node.this, names):
        return lambda given: given.low is None
    if isinstance(node, exp.Not) and isinstance(node.this.unnest(), exp.Is) and _shaper(node.this.unnest().this, names):
        return lambda given: given.low is not None
    kind = type(node)
    if kind not in _MIRRORED:
        return None
    plain = _compared(kind, node.this, node.expression, names, evaluate)
    return plain or _compared(_MIRRORED[kind], node.expression, node.this, names, evaluate)


def _joined(node: exp.Expression, names: set[str], evaluate: Evaluate) -> Test | None:
    parts = [_test(part, names, evaluate) for part in node.flatten()]
    known = [part for part in parts if part is not None]
    if isinstance(node, exp.And):
        return (lambda given: all(part(given) for part in known)) if known else None
    # One branch that says nothing of the partition lets every partition through.
    return (lambda given: any(part(given) for part in known)) if len(known) == len(parts) else None


def _within(node: exp.In, names: set[str], evaluate: Evaluate) -> Test | None:
    shape = _shaper(node.this, names)
    listed = node.expressions
    unnested = node.args.get("unnest")
    if unnested is not None:
        arrays = unnested.expressions
        listed = arrays[0].expressions if arrays and isinstance(arrays[0], exp.Array) else []
    if shape is None or not listed or node.args.get("query") is not None:
        return None
    values = [evaluate(value) for value in listed]
    if any(value is None for value in values):
        return None
    return lambda given: (
        given.low is not None and any(shape(given.low) <= value <= shape(given.high) for value in values)
    )


def _compared(
    kind: type, column: exp.Expression, constant: exp.Expression, names: set[str], evaluate: Evaluate
) -> Test | None:
    shape = _shaper(column, names)
    value = evaluate(constant) if shape is not None else None
    if shape is None or value is None:
        return None
    tests: dict[type, Callable[[Value, Value], bool]] = {
        exp.EQ: lambda low, high: bool(low <= value <= high),
        exp.LT: lambda low, high: bool(low < value),  # noqa: ARG005 -- one shape for all
        exp.LTE: lambda low, high: bool(low <= value),  # noqa: ARG005 -- the same
        exp.GT: lambda low, high: bool(high > value),  # noqa: ARG005 -- the same
        exp.GTE: lambda low, high: bool(high >= value),  # noqa: ARG005 -- the same
    }
    chosen = tests[kind]
    return lambda given: given.low is not None and chosen(shape(given.low), shape(given.high))


def _shaper(node: exp.Expression, names: set[str]) -> Callable[[Value], Value] | None:
    """Return what the expression makes of the partitioning column's value; None when it is made of others."""
    node = node.unnest()
    if isinstance(node, exp.Column):
        if node.name.lower() == "_partitiondate" and "_partitiondate" in names:
            return _day
        return (lambda value: value) if node.name.lower() in names else None
    inner = node.this if isinstance(node, _SHAPING) else None
    shape = _shaper(inner, names) if isinstance(inner, exp.Expression) else None
    if shape is None:
        return None
    if isinstance(node, _TRUNCATIONS):
        unit = node.args["unit"].name.upper()
        return (lambda value: _floor(shape(value), unit)) if unit in _UNITS else None
    to_date = isinstance(node, exp.Date | exp.TsOrDsToDate) or (isinstance(node, exp.Cast) and node.is_type("date"))
    return (lambda value: _day(shape(value))) if to_date else shape


def _day(value: Value) -> Value:
    return _floor(value, "DAY")


def _floor(value: Value, unit: str) -> Value:
    if not isinstance(value, datetime.datetime):
        return value
    zeros = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}
    smaller = {"YEAR": {"month": 1, "day": 1, **zeros}, "MONTH": {"day": 1, **zeros}, "DAY": zeros}
    kept: dict[str, Any] = smaller.get(unit) or {"minute": 0, "second": 0, "microsecond": 0}
    return value.replace(**kept)


def _next(low: datetime.datetime, unit: str) -> datetime.datetime:
    if unit in ("DAY", "HOUR"):
        return low + (datetime.timedelta(days=1) if unit == "DAY" else datetime.timedelta(hours=1))
    months = low.year * 12 + low.month - 1 + (12 if unit == "YEAR" else 1)
    return low.replace(year=months // 12, month=months % 12 + 1)
