"""Pressbox: one suite in YAML, asked, folded, run and judged as in production; run by `bench.checks`.

The SQL is what BigQuery would be sent, put into DuckDB's words by sqlglot; that, and its import, are part of the time.
A dry run is an EXPLAIN, a table's metadata is DuckDB's own catalogue. pass and fail are the statuses of the findings,
any other status is error. Each check asks for samples of its failing rows, in the same scan.
"""

import datetime
import functools
import importlib
import json
import sys
from collections.abc import Mapping
from typing import Any

from bench.checks import contract, record

KEY = ("game_id", "player_id", "model_id")
TYPES = {"VARCHAR": "STRING", "BIGINT": "INT64", "DOUBLE": "FLOAT64", "TIMESTAMP": "DATETIME"}
TYPES |= {"DECIMAL": "NUMERIC", "BOOLEAN": "BOOL", "DATE": "DATE"}
MODULES = ("planning", "run", "verdicts", "suites", "metadata")


def prepare(job: record.Job) -> str:
    """Return the suite; JSON is YAML."""
    tables = {
        name: {
            "table": f"main.{name}",
            "whole_table": True,
            "key": list(KEY),
            "checks": [_check(check) for check in job.checks if check.table == name],
        }
        for name in contract.TABLES
    }
    limits = {"bytes_per_scan": 2**40, "bytes_per_run": 2**42, "parallel": 2}
    return json.dumps({"summary": "the fifty checks", "limits": limits, "tables": tables})


def _check(check: contract.Check) -> dict[str, Any]:
    column = {"column": check.columns[0]} if check.columns else {}
    outside = f"< {check.low} or > {check.high}"
    kinds: dict[str, dict[str, Any]] = {
        "rows": {"kind": "rows", "fail": f"< {check.low}"},
        "not_null": {"kind": "not_null", **column, "fail": "> 0"},
        "missing": {"kind": "not_null", **column, "unit": "percent", "fail": f">= {check.high}"},
        "unique": {"kind": "duplicates", "columns": list(check.columns), "fail": "> 0"},
        "accepted": {"kind": "accepted", **column, "values": list(check.values), "fail": "> 0"},
        "range": {"kind": "range", **column, "min": check.low, "max": check.high, "fail": "> 0"},
        "mean": {"kind": "statistic", "of": "avg", **column, "fail": outside},
        "max": {"kind": "statistic", "of": "max", **column, "fail": f"> {check.high}"},
        "fresh": {"kind": "freshness", **column, "fail": f">= {check.high}"},
    }
    return {"id": check.id.partition(".")[2], **kinds[check.kind]}


def run(job: record.Job, prepared: str) -> Mapping[str, str]:
    """Run the suite and return the status of each check."""
    with importlib.import_module("duckdb").connect(str(job.database), read_only=True) as connection:
        found = statuses(connection, prepared, name=job.database.stem, as_of=contract.INSTANT)
    answers = {"pass": contract.PASS, "fail": contract.FAIL}
    return {check: answers.get(status, contract.ERROR) for check, status in found.items()}


def statuses(connection: Any, suite_text: str, *, name: str, as_of: datetime.datetime) -> dict[str, str]:
    """Return the status of each check of a suite on the open DuckDB database called `name`, by `<table>.<check>`."""
    declarations, gamedays = (importlib.import_module(f"shared.{module}") for module in ("declarations", "gamedays"))
    planning, running, verdicts, suites, _ = (importlib.import_module(f"shared.checks.{module}") for module in MODULES)
    suite = declarations.parse(suites.Suite, suite_text, source="suite.yaml", environment={})
    now = datetime.datetime.now(datetime.UTC)
    asked = planning.Asked("fifty", suite, as_of.date(), as_of, now, gamedays.GameDay("UTC", 0))
    tables, checks = _tables(connection, name), planning.bound(suite)
    made = {
        one.id: planning.attempt(functools.partial(planning.question, asked, one, tables[one.table])) for one in checks
    }
    refused = {owner: one for owner, one in made.items() if isinstance(one, planning.Refusal)}
    texts: dict[str, str] = {}

    def price(scan: Any) -> int:
        texts[scan.text] = translated(scan)
        return len(_rows(connection, "EXPLAIN " + texts[scan.text]))

    def answer(scan: Any) -> Any:
        return running.Rows([_counted(scan, row) for row in _rows(connection, texts[scan.text])], 0)

    # One at a time, because DuckDB spreads each query over all cores; BigQuery's jobs run side by side.
    warehouse, limits = running.Warehouse(price, answer), running.Limits(2**40, 2**42, 1)
    result = running.ask((one for owner, one in made.items() if owner not in refused), warehouse, limits)
    found = verdicts.findings(asked, checks, verdicts.Known({**refused, **result.answers}, tables, {}))
    return {one.subject.removeprefix("fifty."): one.status.value for one in found}


def _tables(connection: Any, name: str) -> dict[str, Any]:
    """Return DuckDB's catalogue as the metadata that BigQuery would give."""
    listed = connection.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns ORDER BY ordinal_position"
    ).fetchall()
    fields: dict[str, list[dict[str, Any]]] = {}
    for table, column, kind in listed:
        fields.setdefault(table, []).append({"name": column, "type": TYPES[kind.partition("(")[0]]})
    metadata = importlib.import_module("shared.checks.metadata")
    return {
        f"main.{table}": metadata.table(
            {
                "tableReference": {"projectId": name, "datasetId": "main", "tableId": table},
                "schema": {"fields": found},
            }
        )
        for table, found in fields.items()
    }


def _rows(connection: Any, text: str) -> list[dict[str, Any]]:
    cursor = connection.cursor()
    cursor.execute(text)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _counted(scan: Any, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as BigQuery would answer it; DuckDB tells the most frequent values, and not how often each is."""
    top = {
        scan.aliases[question.owner, measure.name]
        for question in scan.questions
        for measure in question.measures
        if measure.function == "top"
    }
    return {
        name: [{"value": one, "count": 1} for one in value or ()] if name in top else value
        for name, value in row.items()
    }


def translated(scan: Any) -> str:
    """Return the scan's SQL in DuckDB's words, its parameters as literals."""
    sqlglot = importlib.import_module("sqlglot")
    tree = sqlglot.parse_one(scan.text, read="bigquery")
    literals = {name: _literal(sqlglot, value) for name, _, value in scan.parameters}
    respell = {sqlglot.exp.IgnoreNulls: _without_nulls, sqlglot.exp.ApproxTopK: _top}
    for node in reversed(list(tree.walk())):
        if isinstance(node, sqlglot.exp.Parameter):
            node.replace(literals[node.name].copy())
        elif type(node) in respell:
            node.replace(respell[type(node)](sqlglot.exp, node))
    return str(tree.sql(dialect="duckdb"))


def _literal(sqlglot: Any, value: Any) -> Any:
    if isinstance(value, list):
        return sqlglot.exp.Array(expressions=[_literal(sqlglot, one) for one in value])
    return sqlglot.exp.convert(value)


def _without_nulls(exp: Any, node: Any) -> Any:
    """Return ARRAY_AGG(x IGNORE NULLS ORDER BY x LIMIT n) as DuckDB's own aggregate of the n smallest."""
    ordered, limit = node.this.this.this, node.this.this.expression
    value = ordered.this if isinstance(ordered, exp.Order) else ordered
    return exp.Anonymous(this="MIN", expressions=[value.copy(), limit.copy()])


def _top(exp: Any, node: Any) -> Any:
    return exp.Anonymous(this="APPROX_TOP_K", expressions=[node.this.copy(), node.expression.copy()])


TOOL = record.Tool(
    name="pressbox",
    distribution="",
    modules=("yaml", "sqlglot", "shared.declarations", *(f"shared.checks.{name}" for name in MODULES)),
    prepare=prepare,
    run=run,
)

if __name__ == "__main__":
    sys.exit(record.main(TOOL))
