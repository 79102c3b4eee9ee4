"""dbt with its DuckDB adapter: the tables as sources, one data test a check, `dbt test` in process; by `bench.checks`.

dbt has not_null, unique and accepted_values; the other kinds are seven generic tests of ours, as short as a user would
write them, and they say for each row that fails, or once, what a dbt test must say. "pass" and "fail" are dbt's own
statuses; "error", "skipped" and any other are error. The project is parsed anew in every run, as in a fresh
container; two threads, as the machine has cores. Usage statistics are off by dbt's own flag.
"""

import importlib
import json
import logging
import sys
from pathlib import Path
from typing import Any

from bench.checks import contract, record

ANSWERS = {"pass": contract.PASS, "fail": contract.FAIL}
THREADS = 2
DOT = "__"

GENERIC = {
    "row_count(model, at_least)": "select 1 from (select count(*) as n from {{ model }}) as t where n < {{ at_least }}",
    "missing_below(model, column_name, percent)": (
        "select 1 from (select 100.0 * count(*) / (select count(*) from {{ model }}) as share"
        " from {{ model }} where {{ column_name }} is null) as t where share >= {{ percent }}"
    ),
    "unique_together(model, columns)": (
        "select {{ columns | join(', ') }} from {{ model }} group by {{ columns | join(', ') }} having count(*) > 1"
    ),
    "within(model, column_name, low, high)": (
        "select {{ column_name }} from {{ model }}"
        " where {{ column_name }} < {{ low }} or {{ column_name }} > {{ high }}"
    ),
    "mean_within(model, column_name, low, high)": (
        "select 1 from (select avg({{ column_name }}) as mean from {{ model }}) as t"
        " where mean is null or mean < {{ low }} or mean > {{ high }}"
    ),
    "max_within(model, column_name, high)": (
        "select 1 from (select max({{ column_name }}) as top from {{ model }}) as t"
        " where top is null or top > {{ high }}"
    ),
    "newer_than(model, column_name, oldest)": (
        "select 1 from (select max({{ column_name }}) as newest from {{ model }}) as t"
        " where newest is null or newest <= timestamp '{{ oldest }}'"
    ),
}


def prepare(job: record.Job) -> Path:
    """Write the dbt project and its profile, and return its folder; JSON is YAML."""
    project = job.scratch / "project"
    target = {"type": "duckdb", "path": str(job.database), "threads": THREADS}
    target["config_options"] = {"access_mode": "READ_ONLY"}
    sources = [{"name": "bench", "schema": "main", "tables": [_source(job, table) for table in contract.TABLES]}]
    documents: dict[str, Any] = {
        "dbt_project.yml": {
            "name": "bench",
            "version": "1.0",
            "config-version": 2,
            "profile": "bench",
            "flags": {"send_anonymous_usage_stats": False, "use_colors": False},
        },
        "profiles.yml": {"bench": {"target": "bench", "outputs": {"bench": target}}},
        "models/sources.yml": {"version": 2, "sources": sources},
    }
    texts = {name: json.dumps(document) for name, document in documents.items()}
    texts |= {
        f"tests/generic/{head.partition('(')[0]}.sql": f"{{% test {head} %}}\n{body}\n{{% endtest %}}\n"
        for head, body in GENERIC.items()
    }
    for name, text in texts.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text, "utf-8")
    return project


def run(_job: record.Job, project: Path) -> dict[str, str]:
    """Run `dbt test` and return dbt's status of each test."""
    logging.disable(logging.INFO)
    folders = ["--project-dir", str(project), "--profiles-dir", str(project)]
    runner = importlib.import_module("dbt.cli.main").dbtRunner()
    done = runner.invoke(["--quiet", "test", *folders])
    if done.exception:
        raise done.exception
    return {
        told.node.name.replace(DOT, ".", 1): ANSWERS.get(str(told.status), contract.ERROR)
        for told in done.result.results
    }


def _source(job: record.Job, table: str) -> dict[str, Any]:
    whole: list[Any] = []
    columns: dict[str, list[Any]] = {}
    for check in job.checks:
        if check.table == table:
            kind, options = _test(check)
            test = {kind: {"name": check.id.replace(".", DOT, 1)} | ({"arguments": options} if options else {})}
            alone = len(check.columns) == 1
            (columns.setdefault(check.column, []) if alone else whole).append(test)
    described = [{"name": name, "data_tests": tests} for name, tests in columns.items()]
    return {"name": table, "data_tests": whole, "columns": described}


def _test(check: contract.Check) -> tuple[str, dict[str, Any]]:
    limits = {"low": check.low, "high": check.high}
    if len(check.columns) > 1:
        return "unique_together", {"columns": list(check.columns)}
    kinds: dict[str, tuple[str, dict[str, Any]]] = {
        "rows": ("row_count", {"at_least": check.low}),
        "not_null": ("not_null", {}),
        "missing": ("missing_below", {"percent": check.high}),
        "unique": ("unique", {}),
        "accepted": ("accepted_values", {"values": list(check.values)}),
        "range": ("within", limits),
        "mean": ("mean_within", limits),
        "max": ("max_within", {"high": check.high}),
        "fresh": ("newer_than", {"oldest": str(record.oldest(check))}),
    }
    return kinds[check.kind]


TOOL = record.Tool(
    name="dbt_duckdb",
    distribution="dbt-core",
    modules=("dbt.cli.main", "dbt.adapters.duckdb"),
    prepare=prepare,
    run=run,
)

if __name__ == "__main__":
    sys.exit(record.main(TOOL))
