"""completeness: how many rows, or distinct values, there are in percent of a fact that was measured once."""

import dataclasses

from shared import wording
from shared.checks import judging, model
from shared.checks.model import Verdict
from shared.checks.scope import Scope
from shared.statuses import Status

REASONS = judging.REASONS - {"too_few", "not_a_number"} | {"no_fact"}
EXAMPLE = "{id: games_covered, kind: completeness, distinct: game_id, of: games, warn: '< 100', fail: '< 90'}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Args(model.Check):
    """The keys of a check of this kind."""

    of: str = dataclasses.field(metadata=model.declared("The fact that is the whole.", fact=True))
    distinct: str | None = dataclasses.field(
        default=None, metadata=model.declared("Count the distinct values of this column, not the rows.", column=True)
    )
    times: float = dataclasses.field(
        default=1.0,
        metadata=model.declared("How many are due for each one of the fact, such as 2 teams a game.", minimum=0.001),
    )


def ask(check: Args, scope: Scope) -> tuple[model.Measure, ...]:
    """Return the measures."""
    return scope.tally(check.distinct)


def judge(check: Args, answer: model.Answer, context: model.Context) -> tuple[Verdict, ...]:
    """Return the verdict on the percentage, for each group."""
    due = judging.due(context.facts, check.of)
    return judging.each(check, answer, lambda group: _one(check, answer, context, group), also=due)


def _one(check: Args, answer: model.Answer, context: model.Context, group: model.Group) -> Verdict:
    found, whole = answer.number("tally", group), context.fact(check.of, group) * check.times
    evidence = {"counted": found, check.of: context.fact(check.of, group)}
    if not whole:
        message = f"{check.of} is 0, so nothing was due; there are {found:,}"
        return Verdict(
            Status.UNKNOWN, "no_rows", message, expected=judging.expected(check), group=group, evidence=evidence
        )
    told = check.of if check.times == 1 else f"{wording.figure(check.times)} times {check.of}"
    message = f"{wording.share(found, whole)}: {judging.tallied(check.distinct)} against {told}"
    observed = wording.percent(found, whole)
    return judging.by_threshold(check, observed, message, unit="percent", group=group, evidence=evidence)
