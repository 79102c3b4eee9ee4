"""not_null: how many rows have no value in a column."""

import dataclasses

from shared.checks import judging, model, rowwise, sql
from shared.checks.model import Verdict
from shared.checks.scope import Scope

REASONS = judging.REASONS
EXAMPLE = "{id: line_known, kind: not_null, column: line, unit: percent, warn: '> 2', fail: '> 5'}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Args(rowwise.Args):
    """The keys of a check of this kind."""


def ask(check: Args, scope: Scope) -> tuple[model.Measure, ...]:
    """Return the measures."""
    return rowwise.ask(scope, sql.of(scope.column(check.column), " IS NULL"))


def judge(check: Args, answer: model.Answer, context: model.Context) -> tuple[Verdict, ...]:
    """Return the verdict on the rows without a value, for each group."""
    del context
    return rowwise.judge(check, answer, f"have no {check.column}")
