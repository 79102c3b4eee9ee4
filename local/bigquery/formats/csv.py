"""CSV files: NULL is an empty field, an empty STRING is a quoted one, and nothing nested."""

import csv
import gzip
import io
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
from pyarrow import csv as arrow_csv

from local.bigquery import job_states
from local.bigquery.formats import text, types

COMPRESSIONS = ("NONE", "GZIP")
GZIP_MAGIC = b"\x1f\x8b"
GZIP_LEVEL = 6
_NEVER_QUOTED = ("INTEGER", "FLOAT", "NUMERIC", "BIGNUMERIC", "BOOLEAN", "DATE", "TIME", "DATETIME", "TIMESTAMP")


def check(columns: tuple[types.Field, ...]) -> None:
    """Raise job_states.Failure when a column is nested or repeated."""
    for column in columns:
        if column.mode == "REPEATED" or types.kind(column) == "RECORD":
            message = f"Operation cannot be performed on a nested schema. Field: {column.name}"
            raise job_states.Failure("invalid", message)


def write(table: pa.Table, columns: tuple[types.Field, ...], options: types.Options) -> bytes:
    """Return the rows as one CSV file, gzipped when the options say so."""
    lines = (
        [] if not options.header else [options.delimiter.join(_quoted(name, options) for name in table.column_names)]
    )
    spelled = [_spelled(table.column(column.name), column, options) for column in columns]
    lines += (options.delimiter.join(row) for row in zip(*spelled, strict=True))
    data = "".join(f"{line}\n" for line in lines).encode()
    return gzip.compress(data, GZIP_LEVEL, mtime=0) if options.compression == "GZIP" else data


def read(data: bytes, wanted: tuple[types.Field, ...], options: types.Options) -> types.Read:
    """Return the file's rows in the wanted columns, which stand in the file in this order."""
    names = [column.name for column in wanted]
    raw, bad = _raw(_padded(unpacked(data), names, options), names, options)
    parsed = [_parsed(raw.column(index).to_pylist(), column) for index, column in enumerate(wanted)]
    failed: dict[int, str] = {}
    for _, problems in parsed:
        failed |= {row: problem for row, problem in problems.items() if row not in failed}
    rows = [row for row in range(raw.num_rows) if row not in failed]
    kept = [[found[row] for row in rows] for found, _ in parsed]
    schema = types.storage_schema(wanted)
    arrays = [pa.array(column, item.type) for column, item in zip(kept, schema, strict=True)]
    return types.Read(pa.Table.from_arrays(arrays, schema=schema), (*bad, *failed.values()))


def unpacked(data: bytes) -> bytes:
    """Return the file's content, which may be gzipped."""
    return gzip.decompress(data) if data.startswith(GZIP_MAGIC) else data


def _spelled(values: pa.ChunkedArray, column: types.Field, options: types.Options) -> Iterator[str]:
    texts = text.spelled(values, column)
    if types.kind(column) in _NEVER_QUOTED and options.delimiter == ",":
        return (value or "" for value in texts)
    return ("" if value is None else _quoted(value, options) for value in texts)


def plain(values: pa.ChunkedArray) -> Iterable[Any]:
    """Return the values as Python's, instants without a zone, because looking one up for each takes long."""
    if pa.types.is_timestamp(values.type) and values.type.tz is not None:
        values = values.cast(pa.timestamp("us"))
    return values.to_pylist()


def _quoted(value: str, options: types.Options) -> str:
    if value == "" or any(mark in value for mark in (options.delimiter, '"', "\n", "\r")):
        return '"' + value.replace('"', '""') + '"'
    return value


def _raw(data: bytes, names: list[str], options: types.Options) -> tuple[pa.Table, list[str]]:
    """Return every field as text, NULL where it is, and what was wrong with the rows left out."""
    bad: list[str] = []

    def skip(row: Any) -> str:
        counts = f"{row.actual_columns} columns, expected {row.expected_columns}"
        bad.append(f"Error while reading data, error message: CSV table has {counts}")
        return "skip"

    layout = arrow_csv.ReadOptions(column_names=names, skip_rows=options.skip_rows, encoding=options.encoding)
    syntax = arrow_csv.ParseOptions(
        delimiter=options.delimiter,
        quote_char=options.quote or False,
        newlines_in_values=True,
        ignore_empty_lines=len(names) > 1,
        invalid_row_handler=skip,
    )
    try:
        return arrow_csv.read_csv(pa.BufferReader(data), layout, syntax, _conversion(names, options)), bad
    except pa.ArrowInvalid as invalid:
        if "Empty CSV file" in str(invalid):
            return pa.table({name: pa.array([], pa.string()) for name in names}), bad
        raise job_states.Failure("invalid", f"Error while reading data, error message: {invalid}") from invalid


def _conversion(names: list[str], options: types.Options) -> arrow_csv.ConvertOptions:
    return arrow_csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        null_values=[options.null_marker],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )


def _padded(data: bytes, names: list[str], options: types.Options) -> bytes:
    """Return the data with trailing columns added where rows may lack them."""
    if not options.jagged_rows:
        return data
    source = io.StringIO(data.decode(options.encoding), newline="")
    target = io.StringIO()
    rows = csv.reader(source, delimiter=options.delimiter, quotechar=options.quote or None)
    writer = csv.writer(target, delimiter=options.delimiter, lineterminator="\n")
    writer.writerows(row + [options.null_marker] * (len(names) - len(row)) for row in rows)
    return target.getvalue().encode(options.encoding)


def _parsed(values: list[str | None], column: types.Field) -> tuple[list[Any], dict[int, str]]:
    if types.kind(column) == "STRING":
        return values, {}
    parse = text.parser(column)
    found: list[Any] = []
    problems: dict[int, str] = {}
    for row, value in enumerate(values):
        try:
            found.append(None if value is None else parse(value))
        except (ValueError, TypeError, ArithmeticError):
            found.append(None)
            problems[row] = (
                f"Error while reading data, error message: Could not parse '{value}' as {types.kind(column)}"
                f" for field {column.name} (row {row})"
            )
    return found, problems
