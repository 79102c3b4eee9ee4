"""Count a generated world's facts again from its rows: `python -m local.world.recount DIR` prints them as JSON.

Runs in the emulators' environment. Each file of `questions/` is one question in SQL, asked of the Parquet files alone;
nothing here knows what was planted.
"""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from local.world import columns, schemas

QUESTIONS = Path(__file__).parent / "questions"


def answers(directory: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the rows that answer each question, by the question's name."""
    connection = _connect(directory)
    return {path.stem: _ask(connection, path.read_text("utf-8")) for path in sorted(QUESTIONS.glob("*.sql"))}


def shapes(directory: Path) -> dict[str, dict[str, Any]]:
    """Return of each table: rows, a hash of its content, columns of another type than declared or all NULL."""
    return {
        name: _shape(parquet.read_table(directory / f"{name}.parquet"), declared)
        for name, declared in schemas.load().items()
        if not schemas.is_view(declared)
    }


def _connect(directory: Path) -> Any:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    declared = schemas.load()
    for dataset in sorted({name.partition(".")[0] for name in declared}):
        connection.execute(f"CREATE SCHEMA {dataset}")
    for name, table in sorted(declared.items(), key=lambda item: schemas.is_view(item[1])):
        if schemas.is_view(table):
            query = table["view"]["query"].replace("{project}.", "").replace("`", "")
        else:
            query = f"SELECT * FROM read_parquet('{directory / name}.parquet')"  # noqa: S608 - both names are our own
        connection.execute(f"CREATE VIEW {name} AS {query}")
    return connection


def _ask(connection: Any, question: str) -> list[dict[str, Any]]:
    result = connection.execute(question)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _shape(table: pa.Table, declared: schemas.Declared) -> dict[str, Any]:
    fields = schemas.fields(declared)
    wanted = {field["name"]: columns.arrow_type(field) for field in fields}
    found = {column.name: column.type for column in table.schema}
    empty = [name for name in table.column_names if table.num_rows and table[name].null_count == table.num_rows]
    return {
        "rows": table.num_rows,
        "content": _content(table),
        "mistyped": sorted(name for name in wanted | found if not _alike(wanted.get(name), found.get(name))),
        "required_nulls": [
            field["name"] for field in fields if field["mode"] == "REQUIRED" and table[field["name"]].null_count
        ],
        "all_null": empty,
        "infinite": [name for name in table.column_names if _infinite(table[name])],
    }


def _alike(wanted: pa.DataType | None, found: pa.DataType | None) -> bool:
    if wanted is None or found is None:
        return wanted is found
    if pa.types.is_list(wanted) and pa.types.is_list(found):
        return bool(wanted.value_type == found.value_type)
    return bool(wanted == found)


def _infinite(column: pa.ChunkedArray) -> bool:
    return pa.types.is_floating(column.type) and pc.all(pc.is_finite(column)).as_py() is False


def _content(table: pa.Table) -> str:
    """Return a hash of the table's Arrow data, which does not depend on how Parquet packed it."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table.combine_chunks())
    return hashlib.sha256(sink.getvalue()).hexdigest()


def main(arguments: list[str] | None = None) -> None:
    """Print what was counted."""
    parser = argparse.ArgumentParser(prog="python -m local.world.recount", description="Count a world's facts again.")
    parser.add_argument("directory", type=Path)
    directory = parser.parse_args(arguments).directory
    print(json.dumps({"answers": answers(directory), "shapes": shapes(directory)}))


if __name__ == "__main__":
    main()
