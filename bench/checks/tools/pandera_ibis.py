"""pandera on its ibis backend: one schema a table, validated lazily to gather every failure; run by `bench.checks`.

pandera tells failures only, so a check of a validated schema without one is pass. A failure of the data is fail; a
failure of the schema (the column is not there, so its checks did not run) and an exception inside a check are error.
Its failures of uniqueness carry no name: they are told apart by the columns that their message names, and pandera
stops at the first, so the key's answer is missing when the id's fails. Rows, the share of NULLs, the mean, the
maximum and the age are checks of ours in ibis expressions; pandera has no telemetry.
"""

import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.checks import contract, record

# The schema's own failures: what they name is a column that its checks could not run on.
ABSENT = "COLUMN_NOT_IN_DATAFRAME"
BROKEN_CHECK = "CHECK_ERROR"
DUPLICATES = "DUPLICATES"
NULLS = "SERIES_CONTAINS_NULLS"
# Kinds whose check is one of a column, and kinds whose check is one of the table.
OF_COLUMN = ("not_null", "accepted", "range", "mean", "max", "fresh")
OF_TABLE = ("rows", "missing")


def run(job: record.Job, _prepared: None) -> dict[str, str]:
    """Validate the five tables and return what pandera says of each check."""
    ibis, pandera = importlib.import_module("ibis"), importlib.import_module("pandera.ibis")
    connection = ibis.duckdb.connect(str(job.database), read_only=True)
    answers: dict[str, str] = {}
    for table in contract.TABLES:
        declared = [check for check in job.checks if check.table == table]
        try:
            schema(pandera, declared).validate(connection.table(table), lazy=True)
        except pandera.errors.SchemaErrors as found:
            answers |= judge(declared, found.schema_errors)
        else:
            answers |= judge(declared, ())
    return answers


def schema(pandera: Any, declared: Sequence[contract.Check]) -> Any:
    """Return the schema of pandera that says what `declared` says."""
    columns: dict[str, list[contract.Check]] = {}
    for check in declared:
        if check.kind in OF_COLUMN:
            columns.setdefault(check.column, []).append(check)
    return pandera.DataFrameSchema(
        columns={
            name: pandera.Column(
                checks=[_check(pandera, check) for check in checks if check.kind != "not_null"],
                nullable=all(check.kind != "not_null" for check in checks),
            )
            for name, checks in columns.items()
        },
        checks=[_check(pandera, check) for check in declared if check.kind in OF_TABLE],
        unique=[list(check.columns) for check in declared if check.kind == "unique"],
    )


def judge(declared: Sequence[contract.Check], errors: Sequence[Any]) -> dict[str, str]:
    """Return the answers in pandera's `errors`; a check that none of them is about has passed."""
    answers = {check.id: contract.PASS for check in declared}
    for error in errors:
        answers |= dict(_told(declared, error))
    return answers


def _told(declared: Sequence[contract.Check], error: Any) -> Iterator[tuple[str, str]]:
    reason = error.reason_code.name
    for number, check in enumerate(declared):
        if reason == ABSENT and check.kind in OF_COLUMN and check.column == error.failure_cases:
            yield check.id, contract.ERROR
        elif reason == NULLS and check.kind == "not_null" and check.column == error.schema.name:
            yield check.id, contract.FAIL
        elif reason == DUPLICATES and check.kind == "unique" and f"columns '{check.columns}' not" in str(error):
            yield check.id, contract.FAIL
            yield from ((other.id, contract.MISSING) for other in declared[number + 1 :] if other.kind == "unique")
        elif getattr(error.check, "name", None) == check.id:
            yield check.id, contract.ERROR if reason == BROKEN_CHECK else contract.FAIL


def _check(pandera: Any, check: contract.Check) -> Any:
    built_in: Mapping[str, Any] = {
        "accepted": lambda: pandera.Check.isin(list(check.values), name=check.id),
        "range": lambda: pandera.Check.in_range(check.low, check.high, name=check.id),
    }
    if check.kind in built_in:
        return built_in[check.kind]()
    ours: Mapping[str, Any] = {
        "rows": lambda data: data.table.count() >= check.low,
        "missing": lambda data: data.table[check.column].isnull().mean() * 100 < check.high,
        "mean": lambda data: data.table[data.key].mean().between(check.low, check.high),
        "max": lambda data: data.table[data.key].max() <= check.high,
        "fresh": lambda data: data.table[data.key].max() > record.oldest(check),
    }
    return pandera.Check(ours[check.kind], name=check.id)


TOOL = record.Tool(
    name="pandera_ibis",
    distribution="pandera",
    modules=("pandera.ibis", "ibis.backends.duckdb"),
    prepare=record.nothing,
    run=run,
)

if __name__ == "__main__":
    sys.exit(record.main(TOOL))
