"""What Great Expectations says of checks like ours on small tables with awkward data: the other opinion in our tests.

`python bench/checks/oracle.py --cases F` in the environment of "gx" prints one JSON object, check id to "pass", "fail"
or "error"; `ask` does that from any other environment. F holds {"tables": {name: {"columns": {column: type}, "rows":
[{column: value}]}}, "checks": [{"id", "table", "kind", ...}]}: kinds not_null, accepted (column, values), range and
mean (column, min, max), duplicates (columns) and rows (min, max). Types are GoogleSQL's; a column that a row lacks is
NULL, a float may be NaN, Infinity, or their names as strings; dates and instants are ISO strings, in "min", "max" and
"values" too.

The tables are DuckDB's, not pandas', which would take NaN for NULL. What GX says of the awkward: NULL is ignored by
accepted, range, mean and duplicates, and a compound key with a NULL in it is no duplicate of any other; the mean of
nothing fails, every other check of an empty table but rows passes. DuckDB orders NaN above every number. A check that
GX refuses, as a range of strings, or whose metric raised, as a column that is not there, is error.
"""

import argparse
import datetime
import importlib
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

TYPES = {
    "INT64": "BIGINT",
    "FLOAT64": "DOUBLE",
    "NUMERIC": "DECIMAL(38, 9)",
    "STRING": "VARCHAR",
    "BOOL": "BOOLEAN",
    "DATE": "DATE",
    "DATETIME": "TIMESTAMP",
    "TIMESTAMP": "TIMESTAMP",
}


def ask(cases: Mapping[str, Any], interpreter: Path) -> dict[str, str]:
    """Return the answer to each check of `cases`, by the `interpreter` of the environment of "gx"."""
    runs = importlib.import_module("bench.checks.runs")
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        path = Path(scratch) / "cases.json"
        path.write_text(json.dumps(cases), "utf-8")
        return json.loads(runs.call(interpreter, Path(__file__), ["--cases", str(path)]))


def judge(cases: Mapping[str, Any], database: Path) -> dict[str, str]:
    """Return the answer to each check of `cases`, whose tables are made in the new DuckDB file `database`."""
    adapter = importlib.import_module("bench.checks.tools.gx")
    adapter.prepare(None)
    gx = importlib.import_module("great_expectations")
    make(cases["tables"], database)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = adapter.connect(context, f"duckdb:///{database}?access_mode=READ_ONLY")
    batches = {
        name: source.add_table_asset(name, table_name=name).add_batch_definition_whole_table("all").get_batch()
        for name in cases["tables"]
    }
    answers = {}
    for check in cases["checks"]:
        try:
            wanted = _expectation(gx.expectations, check, cases["tables"][check["table"]]["columns"])
        except ValueError:
            answers[check["id"]] = "error"
        else:
            told = batches[check["table"]].validate(wanted, result_format="BOOLEAN_ONLY")
            answers[check["id"]] = adapter.answer(told)
    return answers


def _expectation(kinds: Any, check: Mapping[str, Any], columns: Mapping[str, str]) -> Any:
    if check["kind"] == "duplicates" and len(check["columns"]) > 1:
        return kinds.ExpectCompoundColumnsToBeUnique(column_list=check["columns"])
    column = check["columns"][0] if check["kind"] == "duplicates" else check.get("column")
    of_type = columns.get(column or "", "INT64")
    limits = {f"{end}_value": _value(check.get(end), of_type) for end in ("min", "max")}
    if check["kind"] == "rows":
        return kinds.ExpectTableRowCountToBeBetween(**limits)
    single: dict[str, tuple[str, dict[str, Any]]] = {
        "not_null": ("ExpectColumnValuesToNotBeNull", {}),
        "accepted": ("ExpectColumnValuesToBeInSet", {"value_set": _values(check, of_type)}),
        "range": ("ExpectColumnValuesToBeBetween", limits),
        "duplicates": ("ExpectColumnValuesToBeUnique", {}),
        "mean": ("ExpectColumnMeanToBeBetween", limits),
    }
    name, options = single[check["kind"]]
    return getattr(kinds, name)(column=column, **options)


def _values(check: Mapping[str, Any], of_type: str) -> list[Any]:
    return [_value(value, of_type) for value in check.get("values", [])]


def _value(value: Any, of_type: str) -> Any:
    """Return `value` as the Python value of a column of `of_type`; only dates and instants are not JSON's own."""
    if not isinstance(value, str):
        return value
    if of_type == "DATE":
        return datetime.date.fromisoformat(value)
    if of_type in ("DATETIME", "TIMESTAMP"):
        moment = datetime.datetime.fromisoformat(value)
        return moment.astimezone(datetime.UTC).replace(tzinfo=None) if moment.tzinfo else moment
    return value


def make(tables: Mapping[str, Any], database: Path) -> None:
    """Make the tables of some cases in the new DuckDB file `database`."""
    duckdb = importlib.import_module("duckdb")
    with duckdb.connect(str(database)) as connection:
        for name, described in tables.items():
            kinds = {column: TYPES[of_type] for column, of_type in described["columns"].items()}
            listed = ", ".join(f'"{column}" {kind}' for column, kind in kinds.items())
            connection.execute(f'CREATE TABLE "{name}" ({listed})')
            casts = ", ".join(f"CAST(? AS {kind})" for kind in kinds.values())
            for row in described["rows"]:
                values = [_value(row.get(column), of_type) for column, of_type in described["columns"].items()]
                connection.execute(f'INSERT INTO "{name}" VALUES ({casts})', values)  # noqa: S608 - names of a test


def main(judge: Callable[[Mapping[str, Any], Path], Mapping[str, str]], told: str | None) -> int:
    """Return the exit code of a command line with --cases, answered by `judge`; `told` is the program's docstring."""
    parser = argparse.ArgumentParser(description=(told or "").splitlines()[0])
    parser.add_argument("--cases", type=Path, required=True, help="the JSON file of tables and checks")
    options = parser.parse_args()
    sys.path.append(str(Path(__file__).parents[2]))
    record = importlib.import_module("bench.checks.record")
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch, record.quiet() as out:
        answers = judge(json.loads(options.cases.read_text("utf-8")), Path(scratch) / "cases.duckdb")
        print(json.dumps(answers), file=out)
    return 0


if __name__ == "__main__":
    sys.exit(main(judge, __doc__))
