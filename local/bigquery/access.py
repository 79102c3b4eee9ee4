"""The rows that the caller of a job may see: row access policies, as the emulator applies them to queries."""

from typing import Any

import sqlglot
from bqemulator.catalog import models
from bqemulator.domain.result import Ok
from bqemulator.row_access import matcher
from bqemulator.sql import translator

from local.bigquery import job_states

NOBODY = "FALSE"


def visible(context: Any, table: models.TableMeta, relation: str, *, caller: Any) -> str:
    """Return the storage's relation with the rows of `relation`, a state of the table, that the caller may see."""
    policies = context.catalog.list_row_access_policies(table.project_id, table.dataset_id, table.table_id)
    if not policies:
        return relation
    granted = matcher.GranteeMatcher(caller).applicable_policies(policies)
    condition = " OR ".join(f"({_translated(policy.filter_predicate, caller)})" for policy in granted) or NOBODY
    return f"(SELECT * FROM {relation} WHERE {condition}) AS visible"  # noqa: S608 -- a parsed and translated condition


def _translated(predicate: str, caller: Any) -> str:
    outcome = translator.SQLTranslator().translate(f"SELECT * FROM t WHERE ({predicate})", caller=caller)  # noqa: S608 -- parsed next
    if not isinstance(outcome, Ok):
        raise job_states.Failure("invalidQuery", f"Row access policy cannot be evaluated: {predicate}")
    where = sqlglot.parse_one(outcome.value, read="duckdb").args["where"]
    return str(where.this.sql(dialect="duckdb"))
