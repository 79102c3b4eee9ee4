"""not_null: how many rows have no value in a column."""

import dataclasses

from shared.checks import judging, model, rowwise, sql
from shared.checks.model import Verdict
from shared.checks.scope import Scope

REASONS = judging.REASONS - {"not_a_number"}
EXAMPLE = "{id: line_known, kind: not_null, column: line, unit: percent, warn: '> 2', fail: '> 5'}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Args(rowwise.Args):
    """The keys of a check of this kind."""


def ask(check: Args, scope: Scope) -> tuple[model.Measure, ...]:
    """Return the measures; raise Unanswerable for an array, which BigQuery never stores as NULL."""
    if scope.type(check.column).startswith("ARRAY"):
        message = (
            f"{check.column} is an array, which is never NULL: ask for ARRAY_LENGTH({check.column}) = 0 by percent"
        )
        raise model.Unanswerable("wrong_type", message)
    return rowwise.ask(scope, sql.of(scope.column(check.column), " IS NULL"))


def judge(check: Args, answer: model.Answer, context: model.Context) -> tuple[Verdict, ...]:
    """Return the verdict on the rows without a value, for each group."""
    del context
    return rowwise.judge(check, answer, f"have no {check.column}")
