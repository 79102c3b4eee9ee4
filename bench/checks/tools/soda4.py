"""Soda 4 (contracts): one YAML contract a table, verified in one session; run by `bench.checks`.

PASSED is pass, FAILED is fail; NOT_EVALUATED and EXCLUDED are error, since Soda says that it did not judge. WARN does
not occur. Freshness is judged against the session's data timestamp. Telemetry is off by Soda's own variable, and
nothing is sent to its cloud. When the session itself breaks off, its checks are missing.
"""

import importlib
import json
import logging
import os
import sys
from typing import Any

from bench.checks import contract, record

DATA_SOURCE = "bench"
ANSWERS = {"PASSED": contract.PASS, "FAILED": contract.FAIL}


def prepare(job: record.Job) -> dict[str, Any]:
    """Return the texts of the data source and of the five contracts; JSON is YAML."""
    os.environ["SODA_CORE_TELEMETRY_ENABLED"] = "false"
    source = {
        "type": "duckdb",
        "name": DATA_SOURCE,
        "connection": {"database": str(job.database), "read_only": True},
    }
    return {
        "source": json.dumps(source),
        "contracts": [json.dumps(_contract(job, table)) for table in contract.TABLES],
    }


def run(_job: record.Job, prepared: dict[str, Any]) -> dict[str, str]:
    """Verify the contracts and return Soda's outcome of each check."""
    logging.getLogger("soda").setLevel(logging.WARNING)
    yaml = importlib.import_module("soda_core.common.yaml")
    verification = importlib.import_module("soda_core.contracts.contract_verification")
    session = verification.ContractVerificationSession.execute(
        contract_yaml_sources=[yaml.ContractYamlSource.from_str(text) for text in prepared["contracts"]],
        data_source_yaml_sources=[yaml.DataSourceYamlSource.from_str(prepared["source"])],
        data_timestamp=contract.INSTANT.isoformat(),
    )
    return {
        check.check.name: ANSWERS.get(check.outcome.name, contract.ERROR)
        for verified in session.contract_verification_results
        for check in verified.check_results
    }


def _contract(job: record.Job, table: str) -> dict[str, Any]:
    columns: dict[str, list[Any]] = {}
    tablewide = []
    for check in job.checks:
        if check.table == table:
            kind, body = _check(check)
            body["name"] = check.id
            if check.kind in ("rows", "fresh") or len(check.columns) > 1:
                tablewide.append({kind: body})
            else:
                columns.setdefault(check.column, []).append({kind: body | {"qualifier": check.id.replace(".", "_")}})
    return {
        "dataset": f"{DATA_SOURCE}/{job.database.stem}/main/{table}",
        "columns": [{"name": name, "checks": checks} for name, checks in columns.items()],
        "checks": tablewide,
    }


def _check(check: contract.Check) -> tuple[str, dict[str, Any]]:
    between = {"must_be_between": {"greater_than_or_equal": check.low, "less_than_or_equal": check.high}}
    at_most = {"must_be_less_than_or_equal": check.high}
    kinds: dict[str, tuple[str, dict[str, Any]]] = {
        "rows": ("row_count", {"threshold": {"must_be_greater_than_or_equal": check.low}}),
        "not_null": ("missing", {}),
        "missing": ("missing", {"threshold": {"metric": "percent", "must_be_less_than": check.high}}),
        "unique": ("duplicate", {"columns": list(check.columns)} if len(check.columns) > 1 else {}),
        "accepted": ("invalid", {"valid_values": list(check.values)}),
        "range": ("invalid", {"valid_min": check.low, "valid_max": check.high}),
        "mean": ("aggregate", {"function": "avg", "threshold": between}),
        "max": ("aggregate", {"function": "max", "threshold": at_most}),
        "fresh": (
            "freshness",
            {"column": check.columns[0] if check.columns else None}
            | {"threshold": {"unit": "hour", "must_be_less_than": check.high}},
        ),
    }
    return kinds[check.kind]


TOOL = record.Tool(
    name="soda4",
    distribution="soda-core",
    modules=("soda_core.contracts.contract_verification", "soda_duckdb"),
    prepare=prepare,
    run=run,
)

if __name__ == "__main__":
    sys.exit(record.main(TOOL))
