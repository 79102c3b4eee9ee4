"""Model what BigQuery would bill for recorded statements: `python bench/checks/bill.py F ...`, with sqlglot installed.

Each file is a JSON list of statements; standard output is one JSON object of files. A query is billed the distinct
columns that it reads of a table, whatever its WHERE and LIMIT say, times rows, times the average width of a value, and
at least 10 MiB a table; a table of which no column is read, as by COUNT(*), costs nothing. A table named twice in one
query counts once. What cannot be parsed is billed all columns of each table that it reads, and counted.
"""

import argparse
import dataclasses
import importlib
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bench.checks import contract, record

MINIMUM = 10 * 1024 * 1024
MEGABYTE = 1_000_000
LARGE, SMALL = 1_000_000, 20_000

Read = Mapping[str, frozenset[str]]


@dataclasses.dataclass(frozen=True)
class Bill:
    """The modelled megabytes of one run, with many and with few rows a table; and how much was not parsed."""

    large_mb: float
    small_mb: float
    unparsed: int


def billed(read: Read, rows: int) -> float:
    """Return the bytes billed for a query that reads the columns `read`, by table, of tables of `rows` rows."""
    widths = (sum(contract.COLUMNS[column][1] for column in columns) for columns in read.values() if columns)
    return sum(max(width * rows, MINIMUM) for width in widths)


def bill(reads: Iterable[Read], *, unparsed: int = 0) -> Bill:
    """Return the bill for queries that read `reads`."""
    queries = list(reads)
    large, small = (sum(billed(read, rows) for read in queries) / MEGABYTE for rows in (LARGE, SMALL))
    return Bill(round(large, 1), round(small, 1), unparsed)


def bill_statements(statements: Iterable[str]) -> Bill:
    """Return the bill for `statements`, of which those that read none of the five tables cost nothing."""
    reads: list[Read] = []
    unparsed = 0
    for statement in filter(record.reads_a_table, statements):
        try:
            reads += _reads(statement)
        except ValueError:
            unparsed += 1
            reads.append({table: frozenset(contract.COLUMNS) for table in contract.TABLES if table in statement})
    return bill(reads, unparsed=unparsed)


def _reads(text: str) -> list[Read]:
    """Return the columns that each statement in `text` reads, by table; raise ValueError when it is not understood."""
    sqlglot, errors = importlib.import_module("sqlglot"), importlib.import_module("sqlglot.errors")
    try:
        return [_columns(tree) for tree in sqlglot.parse(text, dialect="duckdb") if tree]
    except errors.SqlglotError as error:
        raise ValueError(str(error)) from error


def _columns(tree: Any) -> Read:
    exp = importlib.import_module("sqlglot.expressions")
    qualify = importlib.import_module("sqlglot.optimizer.qualify").qualify
    pushdown = importlib.import_module("sqlglot.optimizer.pushdown_projections").pushdown_projections
    scopes = importlib.import_module("sqlglot.optimizer.scope")
    for table in tree.find_all(exp.Table):
        table.set("db", None)
        table.set("catalog", None)
    schema = {table: {name: kind for name, (kind, _) in contract.COLUMNS.items()} for table in contract.TABLES}
    pruned = pushdown(qualify(tree, schema=schema, dialect="duckdb", validate_qualify_columns=False))
    read: dict[str, frozenset[str]] = {}
    for scope in scopes.traverse_scope(pruned):
        for column in scope.columns:
            source = scope.sources.get(column.table)
            if isinstance(source, exp.Table) and source.name in contract.TABLES:
                read[source.name] = read.get(source.name, frozenset()) | {column.name}
    return read


def main() -> int:
    """Return the exit code of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+", help="JSON lists of statements")
    options = parser.parse_args()
    bills = {path.name: bill_statements(json.loads(path.read_text("utf-8"))) for path in options.files}
    print(json.dumps({name: dataclasses.asdict(found) for name, found in bills.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
