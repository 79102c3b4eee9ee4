"""From arrays to Arrow: one encoder for each BigQuery type, and the table of a declared schema.

NULL is NaN in floats, NaT in dates and times, None in objects, and the mask in masked arrays.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from local.world import schemas

_NUMERIC = (38, 9)
_PLAIN = {"STRING": pa.string(), "JSON": pa.string(), "INTEGER": pa.int64(), "FLOAT": pa.float64()}
_TYPES = _PLAIN | {"BOOLEAN": pa.bool_(), "DATE": pa.date32(), "TIMESTAMP": pa.timestamp("us", tz="UTC")}


def arrow_type(field: Mapping[str, Any]) -> pa.DataType:
    """Return the Arrow type that loads exactly into the declared column `field`."""
    if field["type"] == "NUMERIC":
        precision = int(field.get("precision", _NUMERIC[0]))
        scale = int(field.get("scale", _NUMERIC[1] if "precision" not in field else 0))
        plain = pa.decimal128(precision, scale)
    else:
        plain = _TYPES[field["type"]]
    return pa.list_(plain) if field["mode"] == "REPEATED" else plain


def encode(field: Mapping[str, Any], values: Any) -> pa.Array:
    """Return `values` as the declared column `field`; raise ValueError when a required value is NULL."""
    kind = arrow_type(field)
    if isinstance(values, pa.Array):
        made = values
    elif pa.types.is_decimal(kind):
        made = _decimal(np.asarray(values, dtype=np.float64), kind)
    else:
        made = _plain(values, kind)
    if field["mode"] == "REQUIRED" and made.null_count:
        raise ValueError(f"{made.null_count} NULLs in the required column {field['name']}")
    return made


def _plain(values: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(values, np.ma.MaskedArray):
        return pa.array(values.data, type=kind, mask=np.ma.getmaskarray(values))
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        missing = np.isnan(values)
        if not pa.types.is_floating(kind):
            values = np.where(missing, 0, values).astype(np.int64)
        return pa.array(values, mask=missing).cast(kind)
    if isinstance(values, np.ndarray) and values.dtype.kind == "M" and pa.types.is_timestamp(kind):
        return pa.array(values.astype("datetime64[us]")).cast(kind)
    return pa.array(values, type=kind)


def _decimal(values: np.ndarray, kind: pa.DataType) -> pa.Array:
    """Return decimals made of 128-bit integers directly: a Decimal object each would cost seconds."""
    missing = np.isnan(values)
    scaled = np.rint(np.where(missing, 0.0, values) * 10**kind.scale).astype(np.int64)
    if np.any(np.abs(scaled) >= 10**kind.precision):
        raise ValueError(f"a value of {np.max(np.abs(values[~missing]))} does not fit {kind}")
    words = np.stack([scaled, scaled >> 63], axis=1)
    valid = pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(kind, len(values), [valid, pa.py_buffer(words)], int(missing.sum()))


def hexadecimal(bits: np.ndarray) -> pa.Array:
    """Return each 64-bit number as sixteen hexadecimal digits."""
    digits = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
    nibbles = (bits[:, None] >> np.arange(60, -4, -4, dtype=np.uint64)) & np.uint64(15)
    text = np.ascontiguousarray(digits[nibbles.astype(np.intp)])
    offsets = np.arange(0, 16 * (len(bits) + 1), 16, dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(bits), [None, pa.py_buffer(offsets), pa.py_buffer(text)])


def pick(words: list[Any], index: np.ndarray) -> np.ndarray:
    """Return the word that each index names."""
    return np.array(words, dtype=object)[index]


def nullable(values: np.ndarray, valid: np.ndarray) -> np.ma.MaskedArray:
    """Return `values` with NULL where `valid` is false."""
    return np.ma.MaskedArray(values, mask=~np.asarray(valid, dtype=bool))


def lists(choices: list[list[Any]], index: np.ndarray) -> pa.Array:
    """Return a list a row: the one of `choices` that the row's index names."""
    return pa.array(choices).take(pa.array(index))


def table(declared: schemas.Declared, values: Mapping[str, Any]) -> pa.Table:
    """Return the Arrow table of a declared table; raise KeyError when `values` lacks or invents a column."""
    wanted = schemas.fields(declared)
    names = [field["name"] for field in wanted]
    if set(names) != set(values):
        lacking, invented = sorted(set(names) - set(values)), sorted(set(values) - set(names))
        raise KeyError(f"columns lacking: {lacking}; columns not declared: {invented}")
    arrays = [encode(field, values[field["name"]]) for field in wanted]
    described = [pa.field(field["name"], arrow_type(field), nullable=field["mode"] != "REQUIRED") for field in wanted]
    return pa.table(arrays, schema=pa.schema(described))
