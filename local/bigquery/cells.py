"""Rows of Arrow as the API tells them: every value as text, repeated and nested ones wrapped."""

import base64
import datetime
from collections.abc import Callable
from typing import Any

import pyarrow as pa
from bqemulator.api.routes import jobs as routes
from bqemulator.storage import arrow_bridge

from local.bigquery import patching

Spell = Callable[[Any], Any]
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICRO = datetime.timedelta(microseconds=1)
_FLOATS = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}


def install(settings: Any) -> None:
    """Override how rows are told: the emulator asks twelve questions about the type of each value."""
    del settings
    for module in (arrow_bridge, routes):
        patching.replace(module, "arrow_table_to_bq_rows", rows)


def rows(table: pa.Table, offset: int = 0, limit: int | None = None) -> list[dict[str, Any]]:
    """Return at most `limit` rows from `offset` on as the API tells them; raise ValueError for what it cannot tell."""
    if table.num_rows == 0 or table.num_columns == 0:
        return []
    cut = table.slice(offset, limit)
    columns = []
    for field, values in zip(cut.schema, cut.columns, strict=True):
        spell = _speller(field)
        columns.append([{"v": spell(value)} for value in values.to_pylist()])
    return [{"f": list(row)} for row in zip(*columns, strict=True)]


def _speller(field: pa.Field) -> Spell:
    kind = field.type
    if arrow_bridge._bq_range_metadata(field) is not None or pa.types.is_interval(kind):  # noqa: SLF001 -- rare types stay the emulator's
        return lambda value: arrow_bridge._format_bq_value(value, kind, field=field)  # noqa: SLF001 -- the same
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        element = _speller(kind.value_field)
        return lambda value: [{"v": element(item)} for item in value or ()]
    if pa.types.is_struct(kind):
        inside = [(child.name, _speller(child)) for child in kind]
        return _present(lambda value: {"f": [{"v": spell(value[name])} for name, spell in inside]})
    return _present(next((spell for holds, spell in _SCALARS if holds(kind)), str))


def _present(spell: Spell) -> Spell:
    return lambda value: None if value is None else spell(value)


def _float(value: float) -> str:
    spelled = repr(value)
    return _FLOATS.get(spelled, spelled)


def _decimal(value: Any) -> str:
    # BigQuery tells no zeros behind the last digit, whatever the scale.
    spelled = format(value, "f")
    return spelled.rstrip("0").rstrip(".") if "." in spelled else spelled


def _instant(value: datetime.datetime) -> str:
    return str((value - _EPOCH) // _MICRO)


_SCALARS: tuple[tuple[Callable[[pa.DataType], bool], Spell], ...] = (
    (pa.types.is_boolean, lambda value: "true" if value else "false"),
    (pa.types.is_floating, _float),
    (pa.types.is_decimal, _decimal),
    (
        lambda kind: pa.types.is_binary(kind) or pa.types.is_large_binary(kind),
        lambda value: base64.b64encode(value).decode(),
    ),
    (lambda kind: pa.types.is_timestamp(kind) and kind.tz is not None, _instant),
    (
        lambda kind: pa.types.is_timestamp(kind) or pa.types.is_date(kind) or pa.types.is_time(kind),
        lambda value: value.isoformat(),
    ),
)
