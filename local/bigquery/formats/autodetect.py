"""The schema of CSV and JSON files that come without one, guessed by DuckDB's own sniffer."""

import pathlib
import tempfile

import duckdb
from bqemulator.storage import type_map

from local.bigquery import fields, job_states
from local.bigquery.formats import csv, types

_READERS = {"CSV": "read_csv_auto", "NEWLINE_DELIMITED_JSON": "read_json_auto"}


def columns(data: bytes, name: str, delimiter: str) -> tuple[types.Field, ...]:
    """Return the columns guessed from a file of the named format; raise job_states.Failure when none can be."""
    option = f", delim = '{delimiter}'" if name == "CSV" and delimiter != "," else ""
    query = f"DESCRIBE SELECT * FROM {_READERS[name]}(?{option})"  # noqa: S608 -- the reader is ours, the delimiter one character
    try:
        rows = _ask(query, data)
    except duckdb.Error as failed:
        message = f"Failed to detect schema, please specify it explicitly: {failed}"
        raise job_states.Failure("invalid", message) from failed
    return fields.parse(type_map.duckdb_type_to_bq_field(row[0], row[1]) for row in rows)


def header_rows(data: bytes, delimiter: str) -> int:
    """Return 1 when the first line of a CSV file looks like names of columns, else 0."""
    rows = _ask("SELECT HasHeader FROM sniff_csv(?, delim = ?)", data, delimiter)
    return int(bool(rows and rows[0][0]))


def _ask(query: str, data: bytes, *values: str) -> list[tuple[str, ...]]:
    with tempfile.NamedTemporaryFile(suffix=".data") as file:
        pathlib.Path(file.name).write_bytes(csv.unpacked(data))
        with duckdb.connect(
            config={"autoload_known_extensions": "false", "autoinstall_known_extensions": "false"}
        ) as sniffer:
            return list(sniffer.execute(query, [file.name, *values]).fetchall())
