"""rows: how many rows there are, or distinct values of a column; as they are, or for each unit of a fact."""

import dataclasses

from shared import wording
from shared.checks import judging, model
from shared.checks.model import Verdict
from shared.checks.scope import Scope
from shared.statuses import Status

REASONS = judging.REASONS - {"too_few", "not_a_number"} | {"no_fact"}
EXAMPLE = "{id: volume, kind: rows, per: games, warn: '< 10', fail: '== 0'}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Args(model.Check):
    """The keys of a check of this kind."""

    distinct: str | None = dataclasses.field(
        default=None, metadata=model.declared("Count the distinct values of this column instead.", column=True)
    )
    per: str | None = dataclasses.field(
        default=None, metadata=model.declared("Divide by this fact, so that small and large nights compare.", fact=True)
    )


def ask(check: Args, scope: Scope) -> tuple[model.Measure, ...]:
    """Return the measures."""
    return scope.tally(check.distinct)


def judge(check: Args, answer: model.Answer, context: model.Context) -> tuple[Verdict, ...]:
    """Return the verdict on the number, for each group."""
    return judging.each(check, answer, lambda group: _one(check, answer, context, group))


def _one(check: Args, answer: model.Answer, context: model.Context, group: model.Group) -> Verdict:
    what, found = judging.tallied(check.distinct), answer.number("tally", group)
    if check.per is None:
        return judging.by_threshold(check, found, f"{found:,} {what}", unit="rows", group=group)
    whole = context.fact(check.per, group)
    if not whole:
        message = f"{check.per} is 0, so there is nothing to divide by"
        return Verdict(Status.UNKNOWN, "no_rows", message, expected=judging.expected(check), group=group)
    message = f"{found:,} {what} for {wording.figure(whole)} {check.per}: {wording.figure(found / whole)} each"
    evidence = {"counted": found, check.per: whole}
    return judging.by_threshold(check, found / whole, message, unit="per_fact", group=group, evidence=evidence)
