"""Great Expectations 1.x: one suite a table, validated at BOOLEAN_ONLY, its cheapest result; run by `bench.checks`.

`success` is pass or fail; an expectation with an exception is error, since GX says that it could not evaluate it.
GX does not list DuckDB. It is reached by its SQLAlchemy dialect, and one thing of GX is changed, in its favour:
"duckdb" is named among the databases whose connection is kept open, as BigQuery and SQLite already are. Without that
DuckDB drops each result before GX reads it, and all fifty are errors. Analytics are off by GX's own variable.
"""

import enum
import importlib
import os
import sys
from typing import Any

from bench.checks import contract, record

KEPT_OPEN = "_PERSISTED_CONNECTION_DIALECTS"


class Dialect(enum.StrEnum):
    """What GX knows a database by; its own list lacks this one."""

    DUCKDB = "duckdb"


def prepare(_job: record.Job) -> None:
    """Turn analytics off."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"


def run(job: record.Job, _prepared: None) -> dict[str, str]:
    """Validate the five suites and return GX's word on each expectation."""
    gx = importlib.import_module("great_expectations")
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = connect(context, f"duckdb:///{job.database}?access_mode=READ_ONLY")
    answers: dict[str, str] = {}
    for name in contract.TABLES:
        batch = source.add_table_asset(name, table_name=name).add_batch_definition_whole_table("all").get_batch()
        wanted = [expectation(check, gx.expectations) for check in job.checks if check.table == name]
        suite = gx.ExpectationSuite(name=name, expectations=wanted)
        validated = batch.validate(suite, result_format="BOOLEAN_ONLY")
        answers |= {told.expectation_config.meta["check"]: answer(told) for told in validated.results}
    return answers


def connect(context: Any, address: str) -> Any:
    """Return a data source of GX for the DuckDB database at `address`, with its connection kept open."""
    engine = importlib.import_module("great_expectations.execution_engine.sqlalchemy_execution_engine")
    setattr(engine, KEPT_OPEN, (*getattr(engine, KEPT_OPEN), Dialect.DUCKDB))
    return context.data_sources.add_sql("bench", connection_string=address, create_temp_table=False)


def answer(told: Any) -> str:
    """Return the answer in one result of GX: an exception is no judgement."""
    if _raised(told.exception_info):
        return contract.ERROR
    return contract.PASS if told.success else contract.FAIL


def expectation(check: contract.Check, kinds: Any) -> Any:
    """Return the expectation of `kinds` that says what `check` says."""
    meta = {"check": check.id}
    if len(check.columns) > 1:
        return kinds.ExpectCompoundColumnsToBeUnique(column_list=list(check.columns), meta=meta)
    if check.kind == "rows":
        return kinds.ExpectTableRowCountToBeBetween(min_value=check.low, meta=meta)
    name, options = _single(check)
    return getattr(kinds, name)(column=check.column, meta=meta, **options)


def _single(check: contract.Check) -> tuple[str, dict[str, Any]]:
    limits = {"min_value": check.low, "max_value": check.high}
    at_least = 1 - (check.high or 0) / 100
    newest = {"min_value": record.oldest(check), "strict_min": True}
    kinds: dict[str, tuple[str, dict[str, Any]]] = {
        "not_null": ("ExpectColumnValuesToNotBeNull", {}),
        "missing": ("ExpectColumnValuesToNotBeNull", {"mostly": at_least}),
        "unique": ("ExpectColumnValuesToBeUnique", {}),
        "accepted": ("ExpectColumnValuesToBeInSet", {"value_set": list(check.values)}),
        "range": ("ExpectColumnValuesToBeBetween", limits),
        "mean": ("ExpectColumnMeanToBeBetween", limits),
        "max": ("ExpectColumnMaxToBeBetween", {"max_value": check.high}),
        "fresh": ("ExpectColumnMaxToBeBetween", newest),
    }
    return kinds[check.kind]


def _raised(info: Any) -> bool:
    """Say whether `exception_info` tells of an exception; GX nests it by metric when a metric failed."""
    return any(
        value is True if key == "raised_exception" else isinstance(value, dict) and _raised(value)
        for key, value in (info or {}).items()
    )


TOOL = record.Tool(
    name="gx",
    distribution="great-expectations",
    modules=("great_expectations", "duckdb_engine"),
    prepare=prepare,
    run=run,
)

if __name__ == "__main__":
    sys.exit(record.main(TOOL))
