"""pointblank on ibis tables: one plan a table, interrogated without extracts, its cheapest way; run by `bench.checks`.

`all_passed` is pass or fail, and for the share of NULLs the step's own "error" level; a step with an evaluation error
is error, and one that was not judged is missing. Its row count on ibis wants polars, so that is installed. The maximum
is said as "every value is at most", which pointblank has; freshness is its own method, against the fixed instant. It
has no telemetry.
"""

import importlib
import sys
from typing import Any

from bench.checks import contract, record

# A count may be above what is asked by any number; pointblank wants one.
ANY_NUMBER = 10**12


def run(job: record.Job, _prepared: None) -> dict[str, str]:
    """Interrogate the five tables and return pointblank's word on each step."""
    ibis, pointblank = importlib.import_module("ibis"), importlib.import_module("pointblank")
    connection = ibis.duckdb.connect(str(job.database), read_only=True)
    answers: dict[str, str] = {}
    for table in contract.TABLES:
        declared = [check for check in job.checks if check.table == table]
        plan = pointblank.Validate(data=connection.table(table), tbl_name=table)
        for check in declared:
            step(pointblank, plan, check)
        plan.interrogate(collect_extracts=False, collect_tbl_checked=False)
        told = zip(declared, plan.validation_info, strict=True)
        answers |= {check.id: answer(check, judged) for check, judged in told}
    return answers


def answer(check: contract.Check, judged: Any) -> str:
    """Return the answer in one interrogated step."""
    if judged.eval_error:
        return contract.ERROR
    passed = not judged.error if check.kind == "missing" else judged.all_passed
    if passed is None:
        return contract.MISSING
    return contract.PASS if passed else contract.FAIL


def step(pointblank: Any, plan: Any, check: contract.Check) -> None:
    """Add the step to `plan` that says what `check` says."""
    low, high = check.low or 0, check.high or 0
    middle, spread = int(low + high) // 2, int(high - low) // 2
    steps: dict[str, tuple[str, dict[str, Any]]] = {
        "rows": ("row_count_match", {"count": int(low), "tol": (0, ANY_NUMBER)}),
        "not_null": ("col_vals_not_null", {}),
        "missing": ("col_vals_not_null", {"thresholds": pointblank.Thresholds(error=high / 100)}),
        "unique": ("rows_distinct", {"columns_subset": list(check.columns)}),
        "accepted": ("col_vals_in_set", {"set": list(check.values)}),
        "range": ("col_vals_between", {"left": low, "right": high, "na_pass": True}),
        "mean": ("col_avg_eq", {"value": middle, "tol": spread}),
        "max": ("col_vals_le", {"value": high, "na_pass": True}),
        "fresh": ("data_freshness", {"max_age": f"{high} hours", "reference_time": contract.INSTANT}),
    }
    name, options = steps[check.kind]
    if check.kind == "fresh":
        options["column"] = check.column
    elif check.kind not in ("rows", "unique"):
        options["columns"] = check.column
    getattr(plan, name)(**options)


TOOL = record.Tool(
    name="pointblank_ibis",
    distribution="pointblank",
    modules=("pointblank", "ibis.backends.duckdb"),
    prepare=record.nothing,
    run=run,
)

if __name__ == "__main__":
    sys.exit(record.main(TOOL))
