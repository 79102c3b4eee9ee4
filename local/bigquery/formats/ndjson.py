"""Newline-delimited JSON files: INT64 and NUMERIC as text, BYTES in base64, absent means NULL."""

import base64
import gzip
import json
from collections.abc import Callable
from json.encoder import encode_basestring
from typing import Any

import pyarrow as pa

from local.bigquery.formats import csv, text, types

COMPRESSIONS = ("NONE", "GZIP")
# BigQuery escapes what a browser could take for markup.
_MARKUP = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
_NOT_FINITE = ("NaN", "Infinity", "-Infinity")


def check(columns: tuple[types.Field, ...]) -> None:
    """Accept every column: JSON carries all types."""
    del columns


def write(table: pa.Table, columns: tuple[types.Field, ...], options: types.Options) -> bytes:
    """Return the rows as one file of JSON lines, gzipped when the options say so."""
    members = [_members(table.column(column.name), column) for column in columns]
    lines = ("{" + ",".join(filter(None, row)) + "}\n" for row in zip(*members, strict=True))
    data = "".join(lines).encode()
    return gzip.compress(data, csv.GZIP_LEVEL, mtime=0) if options.compression == "GZIP" else data


def read(data: bytes, wanted: tuple[types.Field, ...], options: types.Options) -> types.Read:
    """Return the file's rows in the wanted columns."""
    parse = _record_parser(wanted, options)
    rows, bad = [], []
    for number, line in enumerate(csv.unpacked(data).decode(options.encoding).split("\n")):
        if not line.strip():
            continue
        try:
            rows.append(parse(json.loads(line)))
        except (ValueError, TypeError, ArithmeticError) as wrong:
            bad.append(
                f"Error while reading data, error message: JSON table encountered an error in line {number}: {wrong}"
            )
    return types.Read(types.values(rows, wanted), tuple(bad))


def _members(values: pa.ChunkedArray, column: types.Field) -> list[str]:
    name = _text(column.name) + ":"
    if column.mode == "REPEATED" or types.kind(column) == "RECORD":
        encode = _encoder(column)
        return ["" if value is None else name + encode(value) for value in csv.plain(values)]
    wrap = _wrapper(column)
    return ["" if value is None else name + wrap(value) for value in text.spelled(values, column)]


def _encoder(column: types.Field) -> Callable[[Any], str]:
    """Return the function that makes JSON of a value, which is not NULL."""
    if column.mode == "REPEATED":
        one = _encoder(types.element(column))
        return lambda value: "[" + ",".join(one(item) for item in value) + "]"
    if types.kind(column) == "RECORD":
        return _record_encoder(column.fields)
    spell, wrap = text.speller(column), _wrapper(column)
    return lambda value: wrap(spell(value))


def _record_encoder(columns: tuple[types.Field, ...]) -> Callable[[Any], str]:
    inside = [(column.name, _text(column.name), _encoder(column)) for column in columns]

    def encode(value: Any) -> str:
        members = (f"{key}:{one(value[name])}" for name, key, one in inside if value[name] is not None)
        return "{" + ",".join(members) + "}"

    return encode


def _wrapper(column: types.Field) -> Callable[[str], str]:
    """Return the function that makes JSON of a spelled value: bare, quoted, or quoted with escapes."""
    kind = types.kind(column)
    if kind == "BOOLEAN":
        return str
    if kind == "FLOAT":
        return _float
    if kind == "JSON":
        return lambda value: value.translate(_MARKUP)
    return _text if kind in ("STRING", "GEOGRAPHY", "RANGE") else lambda value: f'"{value}"'


def _text(value: str) -> str:
    encoded = encode_basestring(value)
    return encoded.translate(_MARKUP) if "<" in encoded or ">" in encoded or "&" in encoded else encoded


def _float(spelled: str) -> str:
    return f'"{spelled}"' if spelled in _NOT_FINITE else spelled


def _record_parser(columns: tuple[types.Field, ...], options: types.Options) -> Callable[[Any], dict[str, Any]]:
    parsers = {column.name: _parser(column, options) for column in columns}
    spelled = {name.lower(): name for name in parsers}

    def parse(record: Any) -> dict[str, Any]:
        if not isinstance(record, dict):
            raise ValueError("not a JSON object")  # noqa: TRY004 -- one error for "not a value of this type"
        found: dict[str, Any] = {}
        for key, value in record.items():
            name = spelled.get(key.lower())
            if name is None and not options.ignore_unknown:
                raise ValueError(f"No such field: {key}.")
            if name is not None and value is not None:
                found[name] = _named(parsers[name], value, name)
        return found

    return parse


def _named(parse: Callable[[Any], Any], value: Any, name: str) -> Any:
    try:
        return parse(value)
    except (ValueError, TypeError, ArithmeticError) as wrong:
        raise ValueError(f"Could not convert value {value!r} for field {name}: {wrong}") from wrong


def _parser(column: types.Field, options: types.Options) -> Callable[[Any], Any]:
    kind = types.kind(column)
    if column.mode == "REPEATED":
        one = _parser(types.element(column), options)
        return lambda value: [one(item) for item in _array(value)]
    if kind == "RECORD":
        return _record_parser(column.fields, options)
    if kind == "JSON":
        return lambda value: value if isinstance(value, str) and _is_json(value) else _json_text(value)
    return text.parser(column)


def _array(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("Array specified for non-repeated field is the other way round: a list was expected")  # noqa: TRY004 -- as above
    return value


def _is_json(value: str) -> bool:
    try:
        json.loads(value)
    except ValueError:
        return False
    return True


def _json_text(value: Any) -> str:
    if isinstance(value, bytes):
        value = base64.b64encode(value).decode()
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
