"""How a column of BigQuery becomes JSON: the number rules, the encoder of each type, and its JSON Schema; pure.

    INT64                 a number; beyond 2^53 - 1 either way, where browsers round, its digits as a string
    FLOAT64               a number, the shortest that reads back the same; NaN and the infinities are null
    NUMERIC, BIGNUMERIC   a number with every digit, never with an exponent
    BOOL                  true, false
    STRING                UTF-8, control characters escaped; half a character is refused
    BYTES                 a string, base64
    DATE, TIME, DATETIME  a string as ISO 8601 writes it, without a zone
    TIMESTAMP             a string like 2026-02-12T00:30:00Z, in UTC; microseconds only when there are some
    JSON                  what it is
    ARRAY, STRUCT         arrays and objects by the same rules; a NULL array is an empty one, BigQuery knows no other
    GEOGRAPHY, INTERVAL   a string as BigQuery writes it

An encoder takes the cells of one column, each the JSON that BigQuery's REST API spells: nearly every value as a string.
It looks at no cell by itself unless it must: a parser reads the whole column, which proves it to be valid, and what
parses as it stands is passed on.
"""

import datetime
import decimal
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson

from shared import errors

Cells = Sequence[bytes]
Encode = Callable[[Cells], Cells]
Field = Mapping[str, Any]
NULL = b"null"
SAFE = 2**53 - 1
"""The greatest whole number up to which a browser tells each from the next."""
_SAFE_CELL = 17
"""Fifteen digits and two quotes: no shorter cell can be beyond SAFE."""
_NO_NUMBERS = (b'"NaN"', b'"-Infinity"', b'"Infinity"')
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_EXACT = 2**32 * 1_000_000
"""The microsecond, in 2106, up to which a float of seconds tells each from the next."""
_NOTHING = type(None)
_ALIASES = {
    "INT64": "INTEGER",
    "FLOAT64": "FLOAT",
    "BOOL": "BOOLEAN",
    "STRUCT": "RECORD",
    "DECIMAL": "NUMERIC",
    "BIGDECIMAL": "BIGNUMERIC",
}
_NESTED = "RECORD"
_REPEATED = "REPEATED"


class Unencodable(ValueError):
    """A column whose type has no declared JSON, or two columns of one name."""


def encoder(field: Field) -> Encode:
    """Return what encodes the cells of a column; raise Unencodable for a type without a rule.

    What is returned raises Garbled for a cell that is not spelled as its type is.
    """
    if field.get("mode") == _REPEATED:
        return _repeated({**field, "mode": "NULLABLE"})
    kind = _kind(field)
    return _record(field) if kind == _NESTED else _SCALARS[kind]


def names(fields: Sequence[Field]) -> tuple[str, ...]:
    """Return the names of the columns, in order; raise Unencodable when two have the same, or there is none."""
    found = tuple(str(field["name"]) for field in fields)
    if not found or len(set(found)) < len(found):
        raise Unencodable(f"these columns have no names of their own: {', '.join(found)}")
    return found


def heads(listed: Sequence[str]) -> list[bytes]:
    """Return what stands before each value of an object with these names: the brace or comma, and the name."""
    return [(b"," if place else b"{") + orjson.dumps(name) + b":" for place, name in enumerate(listed)]


def schema(fields: Sequence[Field]) -> dict[str, Any]:
    """Return the JSON Schema of the array of objects that rows of these columns become; raise Unencodable."""
    return {"type": "array", "items": _object(fields)}


def _object(fields: Sequence[Field]) -> dict[str, Any]:
    listed = names(fields)
    properties = {name: _schema(field) for name, field in zip(listed, fields, strict=True)}
    return {"type": "object", "properties": properties, "required": list(listed), "additionalProperties": False}


def _schema(field: Field) -> dict[str, Any]:
    if field.get("mode") == _REPEATED:
        # BigQuery knows no NULL within an array; a FLOAT64 that is no number is null all the same.
        return {"type": "array", "items": _schema({**field, "mode": "REQUIRED"})} | _told(field)
    kind = _kind(field)
    found = _object(field["fields"]) if kind == _NESTED else dict(_SCHEMAS[kind])
    if kind == "FLOAT" or field.get("mode") != "REQUIRED":
        found = _nullable(found)
    return found | _told(field)


def _nullable(found: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" in found:
        return {"anyOf": [*found["anyOf"], {"type": "null"}]}
    return found | ({"type": [found["type"], "null"]} if "type" in found else {})


def _told(field: Field) -> dict[str, Any]:
    return {"description": field["description"]} if field.get("description") else {}


def _kind(field: Field) -> str:
    kind = _ALIASES.get(field["type"], str(field["type"]))
    if kind != _NESTED and kind not in _SCALARS:
        raise Unencodable(f"column {field['name']} is {kind}, for which no JSON is declared")
    return kind


def _values(joined: bytes, count: int) -> list[Any]:
    """Return the values of so many cells, joined by commas; raise Garbled for no JSON, and for another number."""
    try:
        found: list[Any] = orjson.loads(b"[" + joined + b"]")
    except orjson.JSONDecodeError as error:
        raise errors.Garbled(f"a column cannot be read: {error.msg}") from error
    if len(found) != count:
        raise errors.Garbled(f"a column has {len(found)} values for {count} rows")
    return found


def _of(kinds: set[type], found: list[Any]) -> list[Any]:
    others = set(map(type, found)) - kinds
    if others:
        raise errors.Garbled(f"a column holds values of another type: {', '.join(sorted(map(repr, others)))}")
    return found


def _bare(cells: Cells) -> bytes:
    """Return the cells joined, without their quotes."""
    return b",".join(cells).replace(b'"', b"")


def _text(cells: Cells) -> Cells:
    joined = b",".join(cells)
    values = _of({str, _NOTHING}, _values(joined, len(cells)))
    # Escapes can be spelled in more than one way, and equal content must be equal bytes.
    if b"\\" not in joined or orjson.dumps(values)[1:-1] == joined:
        return cells
    return [orjson.dumps(value) for value in values]


def _integer(cells: Cells) -> Cells:
    joined = _bare(cells)
    values = _of({int, _NOTHING}, _values(joined, len(cells)))
    if max(map(len, cells)) <= _SAFE_CELL:
        return joined.split(b",")
    return [
        b'"%d"' % value if value is not None and abs(value) > SAFE else bare
        for value, bare in zip(values, joined.split(b","), strict=True)
    ]


def _float(cells: Cells) -> Cells:
    joined = b",".join(cells)
    if b"N" in joined or b"I" in joined:
        for word in _NO_NUMBERS:
            joined = joined.replace(word, NULL)
    values = _of({float, int, _NOTHING}, _values(joined.replace(b'"', b""), len(cells)))
    return orjson.dumps(values)[1:-1].split(b",")


def _decimal(cells: Cells) -> Cells:
    joined = _bare(cells)
    _of({float, int, _NOTHING}, _values(joined, len(cells)))
    found = joined.split(b",")
    if b"e" in joined.lower():
        return [format(decimal.Decimal(one.decode()), "f").encode() if one != NULL else one for one in found]
    return found


def _boolean(cells: Cells) -> Cells:
    joined = _bare(cells)
    _of({bool, _NOTHING}, _values(joined, len(cells)))
    return joined.split(b",")


def _instant(cells: Cells) -> Cells:
    """Encode instants that are spelled as whole microseconds since 1970; where many rows share them, each once."""
    several = list(set(cells))
    if 2 * len(several) > len(cells):
        return _instants(cells)
    texts = dict(zip(several, _instants(several), strict=True))
    return [texts[cell] for cell in cells]


def _instants(cells: Cells) -> Cells:
    values = _of({int, _NOTHING}, _values(_bare(cells), len(cells)))
    try:
        instants: list[datetime.datetime | None]
        if None not in values and min(values) >= 0 and max(values) < _EXACT:
            utc = datetime.datetime.utcfromtimestamp
            instants = [utc(value / 1_000_000) for value in values]  # the fastest by far, and exact so far
        else:
            instants = [None if one is None else _EPOCH + datetime.timedelta(microseconds=one) for one in values]
    except OverflowError as error:
        raise errors.Garbled("an instant is before the year 1, or after 9999") from error
    return orjson.dumps(instants, option=orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC)[1:-1].split(b",")


def _json(cells: Cells) -> Cells:
    """Encode JSON that is spelled as text; each cell must be whole by itself."""
    texts = _of({str, _NOTHING}, _values(b",".join(cells), len(cells)))
    found = [NULL if text is None else text.encode() for text in texts]
    for one in found:
        _values(one, 1)
    return found


def _repeated(field: Field) -> Encode:
    """Return what encodes arrays: their elements all together, as one column, and put back in their arrays."""
    encode = encoder(field)

    def arrays(cells: Cells) -> Cells:
        values = _of({list}, _values(b",".join(cells), len(cells)))
        elements = iter(_encoded(encode, itertools.chain.from_iterable(values)))
        return [b"[" + b",".join(itertools.islice(elements, len(value))) + b"]" for value in values]

    return arrays


def _record(field: Field) -> Encode:
    """Return what encodes structs, each spelled as the list of its fields' values: field by field, as columns."""
    before = heads(names(field["fields"]))
    inside = [encoder(child) for child in field["fields"]]

    def structs(cells: Cells) -> Cells:
        values = _of({list, _NOTHING}, _values(b",".join(cells), len(cells)))
        present = [value for value in values if value is not None]
        if any(len(value) != len(inside) for value in present):
            raise errors.Garbled(f"column {field['name']} has structs with another number of fields")
        parts = [_encoded(encode, [value[place] for value in present]) for place, encode in enumerate(inside)]
        made = iter(
            [b"".join(itertools.chain(*zip(before, row, strict=True))) + b"}" for row in zip(*parts, strict=True)]
        )
        return [NULL if value is None else next(made) for value in values]

    return structs


def _encoded(encode: Encode, values: Iterable[Any]) -> Cells:
    cells = [orjson.dumps(value) for value in values]
    return encode(cells) if cells else []


_SCALARS: dict[str, Encode] = {
    "STRING": _text,
    "BYTES": _text,
    "DATE": _text,
    "TIME": _text,
    "DATETIME": _text,
    "GEOGRAPHY": _text,
    "INTERVAL": _text,
    "INTEGER": _integer,
    "FLOAT": _float,
    "NUMERIC": _decimal,
    "BIGNUMERIC": _decimal,
    "BOOLEAN": _boolean,
    "TIMESTAMP": _instant,
    "JSON": _json,
}
_DATE, _TIME = r"\d{4}-\d{2}-\d{2}", r"\d{2}:\d{2}:\d{2}(\.\d{1,6})?"
_SCHEMAS: dict[str, dict[str, Any]] = {
    "STRING": {"type": "string"},
    "BYTES": {"type": "string", "contentEncoding": "base64"},
    "DATE": {"type": "string", "pattern": f"^{_DATE}$"},
    "TIME": {"type": "string", "pattern": f"^{_TIME}$"},
    "DATETIME": {"type": "string", "pattern": f"^{_DATE}T{_TIME}$"},
    "GEOGRAPHY": {"type": "string"},
    "INTERVAL": {"type": "string"},
    "INTEGER": {
        "anyOf": [
            {"type": "integer", "minimum": -SAFE, "maximum": SAFE},
            {"type": "string", "pattern": r"^-?\d{16,19}$"},
        ]
    },
    "FLOAT": {"type": "number"},
    "NUMERIC": {"type": "number"},
    "BIGNUMERIC": {"type": "number"},
    "BOOLEAN": {"type": "boolean"},
    "TIMESTAMP": {"type": "string", "pattern": f"^{_DATE}T{_TIME}Z$"},
    "JSON": {},
}
