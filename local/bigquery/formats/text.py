"""One value as text: how CSV and JSON files spell BigQuery's types, in both directions."""

import base64
import datetime
import decimal
import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from local.bigquery.formats import types

Spell = Callable[[Any], str]
Parse = Callable[[Any], Any]

_TRUE, _FALSE = {"true", "t", "yes", "y", "1"}, {"false", "f", "no", "n", "0"}
_INTERVAL = re.compile(r"(-?)(\d+)-(\d+) (-?\d+) (-?)(\d+):(\d+):(\d+)(?:\.(\d+))?")
_ZONE = re.compile(r"\s*(UTC|Z)$")
_MICROS, _NANOS = 6, 9


def timestamp(value: datetime.datetime) -> str:
    """Return an instant as BigQuery exports it, such as 2026-02-12 01:02:03.5 UTC."""
    whole = value.replace(microsecond=0, tzinfo=None).isoformat(sep=" ")
    return f"{whole}{_fraction(value.microsecond, _MICROS)} UTC"


def civil(value: datetime.datetime | datetime.time) -> str:
    """Return a DATETIME or TIME as BigQuery exports it, such as 2026-02-12T01:02:03.5."""
    return f"{value.replace(microsecond=0).isoformat()}{_fraction(value.microsecond, _MICROS)}"


def number(value: decimal.Decimal) -> str:
    """Return a NUMERIC or BIGNUMERIC without an exponent and without trailing zeros."""
    plain = format(value, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def interval(value: Any) -> str:
    """Return an INTERVAL as BigQuery writes it, such as 1-2 3 4:5:6.789, given months, days and nanoseconds."""
    months, days, nanos = value
    seconds, fraction = divmod(abs(nanos), 10**_NANOS)
    clock = f"{seconds // 3600}:{seconds // 60 % 60}:{seconds % 60}{_fraction(fraction, _NANOS)}"
    return f"{'-' if months < 0 else ''}{abs(months) // 12}-{abs(months) % 12} {days} {'-' if nanos < 0 else ''}{clock}"


SPELL: dict[str, Spell] = {
    "BYTES": lambda value: base64.b64encode(value).decode(),
    "TIMESTAMP": timestamp,
    "DATETIME": civil,
    "TIME": civil,
    "DATE": lambda value: str(value.isoformat()),
    "NUMERIC": number,
    "BIGNUMERIC": number,
    "BOOLEAN": lambda value: "true" if value else "false",
    "FLOAT": lambda value: repr(value).replace("inf", "Infinity").replace("nan", "NaN"),
    "INTERVAL": interval,
}


def spelled(values: pa.ChunkedArray, field: types.Field) -> list[str | None]:
    """Return a column of single values as text; Arrow spells what it can, because Python takes seconds for it."""
    kind = types.kind(field)
    if kind in ("INTEGER", "BOOLEAN", "DATE", "STRING", "JSON", "GEOGRAPHY"):
        return values.cast(pa.string()).to_pylist()
    if kind in ("TIMESTAMP", "DATETIME", "TIME"):
        if kind == "TIMESTAMP":
            values = values.cast(pa.timestamp("us"))
        texts = pc.utf8_rtrim(pc.utf8_rtrim(values.cast(pa.string()), "0"), ".")
        if kind == "TIMESTAMP":
            return pc.binary_join_element_wise(texts, " UTC", "").to_pylist()
        return pc.replace_substring(texts, " ", "T").to_pylist()
    if kind in ("NUMERIC", "BIGNUMERIC") and values.type.scale > 0:
        texts = pc.utf8_rtrim(pc.utf8_rtrim(values.cast(pa.string()), "0"), ".").to_pylist()
        # Arrow spells very small numbers with an exponent.
        return [number(decimal.Decimal(item)) if item is not None and "E" in item else item for item in texts]
    spell = speller(field)
    return [None if value is None else spell(value) for value in values.to_pylist()]


def speller(field: types.Field) -> Spell:
    """Return the function that spells a value of the column, which is neither NULL, repeated nor a record."""
    if types.kind(field) == "RANGE":
        bound = SPELL[field.range_element_type.type if field.range_element_type else "DATE"]
        return lambda value: f"[{_bound(value['start'], bound)}, {_bound(value['end'], bound)})"
    return SPELL.get(types.kind(field), str)


def parser(field: types.Field) -> Parse:
    """Return the function that reads a text or JSON value of the column; it raises ValueError when it is none."""
    if types.kind(field) == "RANGE":
        bound = PARSE[field.range_element_type.type if field.range_element_type else "DATE"]
        return lambda value: _range(value, bound)
    return PARSE.get(types.kind(field), _string)


def _fraction(value: int, digits: int) -> str:
    return f".{value:0{digits}d}".rstrip("0") if value else ""


def _bound(value: Any, spell: Spell) -> str:
    return "UNBOUNDED" if value is None else spell(value)


def _integer(value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError(value)
    return int(value)


def _float(value: Any) -> float:
    if isinstance(value, bool):
        raise ValueError(value)  # noqa: TRY004 -- callers know one error for "not a value of this type"
    return float(value)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    lowered = str(value).lower()
    if lowered not in _TRUE | _FALSE:
        raise ValueError(value)
    return lowered in _TRUE


def _string(value: Any) -> str:
    if isinstance(value, (dict, list)):
        raise ValueError(value)  # noqa: TRY004 -- as above
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else base64.b64decode(value, validate=True)


def _decimal(value: Any) -> decimal.Decimal:
    try:
        return value if isinstance(value, decimal.Decimal) else decimal.Decimal(str(value))
    except decimal.InvalidOperation as invalid:
        raise ValueError(value) from invalid


def _date(value: Any) -> datetime.date:
    return value if isinstance(value, datetime.date) else datetime.date.fromisoformat(value)


def _time(value: Any) -> datetime.time:
    return value if isinstance(value, datetime.time) else datetime.time.fromisoformat(value)


def _datetime(value: Any) -> datetime.datetime:
    return value if isinstance(value, datetime.datetime) else datetime.datetime.fromisoformat(value)


def _timestamp(value: Any) -> datetime.datetime:
    if isinstance(value, (int, float)):
        return datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(seconds=value)
    when = (
        value if isinstance(value, datetime.datetime) else datetime.datetime.fromisoformat(_ZONE.sub("+00:00", value))
    )
    return when if when.tzinfo else when.replace(tzinfo=datetime.UTC)


def _interval(value: Any) -> tuple[int, int, int]:
    found = _INTERVAL.fullmatch(str(value))
    if found is None:
        raise ValueError(value)
    sign, years, months, days, clock_sign, hours, minutes, seconds, fraction = found.groups()
    nanos = (int(hours) * 3600 + int(minutes) * 60 + int(seconds)) * 10**_NANOS + int(
        (fraction or "0").ljust(_NANOS, "0")
    )
    return (int(years) * 12 + int(months)) * (-1 if sign else 1), int(days), -nanos if clock_sign else nanos


def _range(value: Any, bound: Parse) -> dict[str, Any]:
    if isinstance(value, dict):
        pair: list[Any] = [value.get("start"), value.get("end")]
    else:
        pair = str(value).removeprefix("[").removesuffix(")").split(", ")
    start, end = (None if part in (None, "UNBOUNDED", "NULL") else bound(part) for part in pair)
    return {"start": start, "end": end}


PARSE: dict[str, Parse] = {
    "INTEGER": _integer,
    "FLOAT": _float,
    "BOOLEAN": _boolean,
    "BYTES": _bytes,
    "NUMERIC": _decimal,
    "BIGNUMERIC": _decimal,
    "DATE": _date,
    "TIME": _time,
    "DATETIME": _datetime,
    "TIMESTAMP": _timestamp,
    "INTERVAL": _interval,
}
