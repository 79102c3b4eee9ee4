"""statistic: the mean, smallest, largest or sum of a column, against thresholds."""

import dataclasses
from typing import ClassVar, Literal

from shared import wording
from shared.checks import judging, model
from shared.checks.model import Verdict
from shared.checks.scope import Scope
from shared.statuses import Status

REASONS = judging.REASONS
EXAMPLE = "{id: mean_points, kind: statistic, of: avg, column: points, warn: '< 10 or > 40', fail: '< 5 or > 60'}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Args(model.Check):
    """The keys of a check of this kind."""

    minds_rows: ClassVar[bool] = True
    of: Literal["avg", "min", "max", "sum"] = dataclasses.field(metadata=model.declared("Which statistic."))
    column: str = dataclasses.field(metadata=model.declared("A column of numbers.", column=True))


def ask(check: Args, scope: Scope) -> tuple[model.Measure, ...]:
    """Return the measures."""
    column = scope.column(check.column, *model.NUMBERS)
    return (scope.count("rows"), model.Measure("statistic", check.of, column, scope.among(), scope.by))


def judge(check: Args, answer: model.Answer, context: model.Context) -> tuple[Verdict, ...]:
    """Return the verdict on the statistic, for each group; without any value it is unknown."""
    del context
    return judging.each(check, answer, lambda group: _one(check, answer, group))


def _one(check: Args, answer: model.Answer, group: model.Group) -> Verdict:
    value, rows = answer.get("statistic", group), answer.number("rows", group)
    little = judging.too_few(check, rows, group=group)
    if little:
        return little
    if value is None:
        message = f"no {check.column} in {wording.amount(rows, 'row')}"
        return Verdict(Status.UNKNOWN, "no_rows", message, expected=judging.expected(check), group=group)
    message = f"{check.of} of {check.column} is {wording.figure(float(value))} over {wording.amount(rows, 'row')}"
    return judging.by_threshold(check, value, message, group=group)
