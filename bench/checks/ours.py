"""What Pressbox says of the cases that `oracle` puts to Great Expectations, in the same form; all tables in one suite.

`python bench/checks/ours.py --cases F` in the environment of "pressbox" prints one JSON object, check id to the status
of its finding.
"""

import importlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.checks import contract, oracle
from bench.checks.tools import pressbox


def judge(cases: Mapping[str, Any], database: Path) -> dict[str, str]:
    """Return the status of each check of `cases`, whose tables are made in the new DuckDB file `database`."""
    oracle.make(cases["tables"], database)
    tables: dict[str, Any] = {}
    for check in cases["checks"]:
        table = {"table": f"main.{check['table']}", "whole_table": True, "checks": []}
        tables.setdefault(check["table"], table)["checks"].append(_check(check))
    limits = {"bytes_per_scan": 2**40, "bytes_per_run": 2**42, "parallel": 2}
    suite = json.dumps({"summary": "the cases", "limits": limits, "tables": tables}, ensure_ascii=False)
    with importlib.import_module("duckdb").connect(str(database), read_only=True) as connection:
        found = pressbox.statuses(connection, suite, name=database.stem, as_of=contract.INSTANT)
    return {name.partition(".")[2]: status for name, status in found.items()}


def _check(check: Mapping[str, Any]) -> dict[str, Any]:
    column = {"column": f"`{check['column']}`"} if "column" in check else {}
    bounds = {end: check[end] for end in ("min", "max") if end in check}
    outside = " or ".join(f"{sign} {check[end]}" for end, sign in (("min", "<"), ("max", ">")) if end in check)
    kinds: dict[str, dict[str, Any]] = {
        "not_null": {"kind": "not_null", **column, "fail": "> 0"},
        "accepted": {"kind": "accepted", **column, "values": check.get("values"), "fail": "> 0"},
        "range": {"kind": "range", **column, **bounds, "fail": "> 0"},
        "duplicates": {
            "kind": "duplicates",
            "columns": [f"`{name}`" for name in check.get("columns", ())],
            "fail": "> 0",
        },
        "rows": {"kind": "rows", "fail": outside},
        "mean": {"kind": "statistic", "of": "avg", **column, "fail": outside},
    }
    return {"id": check["id"], **kinds[check["kind"]]}


if __name__ == "__main__":
    sys.exit(oracle.main(judge, __doc__))
