"""reconcile: a count or sum of this table against the same of another, measured as a fact; how far they differ."""

import dataclasses
import decimal
from typing import Any, Literal

from shared import wording
from shared.checks import judging, model
from shared.checks.model import Verdict
from shared.checks.scope import Scope

REASONS = judging.REASONS - {"too_few", "no_rows"} | {"no_fact"}
EXAMPLE = "{id: same_games, kind: reconcile, distinct: game_id, against: scheduled, fail: '> 0'}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Args(model.Check):
    """The keys of a check of this kind; it counts rows unless `distinct` or `sum` names a column."""

    against: str = dataclasses.field(metadata=model.declared("The fact that should be the same.", fact=True))
    distinct: str | None = dataclasses.field(
        default=None, metadata=model.declared("Count the distinct values of this column.", column=True)
    )
    sum: str | None = dataclasses.field(default=None, metadata=model.declared("Sum up this column.", column=True))
    unit: Literal["rows", "percent"] = dataclasses.field(
        default="rows", metadata=model.declared("rows: the difference itself; percent: of the other side.")
    )


def ask(check: Args, scope: Scope) -> tuple[model.Measure, ...]:
    """Return the measures."""
    if check.sum is None:
        return scope.tally(check.distinct)
    column = scope.column(check.sum, *model.NUMBERS)
    return (scope.count("rows"), model.Measure("tally", "sum", column, scope.among(), scope.by))


def judge(check: Args, answer: model.Answer, context: model.Context) -> tuple[Verdict, ...]:
    """Return the verdict on the difference, whichever side is larger, for each group."""
    due = judging.due(context.facts, check.against)
    return judging.each(check, answer, lambda group: _one(check, answer, context, group), also=due)


def _one(check: Args, answer: model.Answer, context: model.Context, group: model.Group) -> Verdict:
    # An empty side is 0, not nothing: that is the difference which matters most.
    here: Any = answer.get("tally", group) or 0
    there: Any = context.exact(check.against, group)
    apart = _apart(here, there)
    observed = apart if check.unit == "rows" else wording.percent(float(apart), abs(float(there)))
    if check.unit == "percent" and not there:
        observed = 100.0 if here else 0.0
    what = f"sum of {check.sum}" if check.sum else judging.tallied(check.distinct)
    message = f"{what}: {wording.figure(here)} here, {wording.figure(there)} in {check.against}"
    evidence = {"here": wording.plain(here), "there": wording.plain(there)}
    return judging.by_threshold(check, observed, message, unit=check.unit, group=group, evidence=evidence)


def _apart(here: float | decimal.Decimal, there: float | decimal.Decimal) -> float | decimal.Decimal:
    """Return how far two numbers differ: exactly, unless one of them is a FLOAT64."""
    if isinstance(here, float) or isinstance(there, float):
        return abs(float(here) - float(there))
    with decimal.localcontext(prec=100):
        return abs(decimal.Decimal(here) - decimal.Decimal(there))
