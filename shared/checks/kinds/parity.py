"""parity: each group's rows in percent of the champion's; a group that is expected and absent has 0 %."""

import dataclasses
from collections.abc import Iterator
from typing import ClassVar

from shared import wording
from shared.checks import judging, model
from shared.checks.model import Verdict
from shared.checks.scope import Scope
from shared.statuses import Status

REASONS = judging.REASONS - {"no_rows", "not_a_number"} | {"no_champion"}
EXAMPLE = "{id: parity, kind: parity, each: model_id, champion: v9, expected: [v9, v8], warn: '< 95', fail: '< 70'}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Args(model.Check):
    """The keys of a check of this kind."""

    minds_rows: ClassVar[bool] = True
    champion: str = dataclasses.field(metadata=model.declared("The group that the others are measured against."))

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake)."""
        yield from super().problems()
        if self.each is None:
            yield "each", "is missing: the column whose values are compared"
        elif not set(self.expected) - {self.champion}:
            yield "expected", "is missing: the groups that must be there; else an absent one would not be noticed"


def ask(check: Args, scope: Scope) -> tuple[model.Measure, ...]:
    """Return the measures."""
    del check
    return (scope.count("rows"),)


def judge(check: Args, answer: model.Answer, context: model.Context) -> tuple[Verdict, ...]:
    """Return the verdict on each group but the champion; unknown when the champion itself has no rows."""
    del context
    whole = answer.number("rows", (check.champion,))
    found = [group for group in judging.groups(check, answer) if group != (check.champion,)]
    if not whole or whole < check.min_rows:
        reason = "too_few" if whole else "no_champion"
        message = f"{check.champion} has {wording.amount(whole, 'row')}, so that there is nothing to compare with"
        return (Verdict(Status.UNKNOWN, reason, message, unit="percent", expected=judging.expected(check)),)
    champion = Verdict(
        Status.PASS, "within", f"{whole:,} rows of the champion", observed=100, unit="percent", group=(check.champion,)
    )
    return (champion, *(_one(check, answer, group, whole) for group in found))


def _one(check: Args, answer: model.Answer, group: model.Group, whole: int) -> Verdict:
    rows = answer.number("rows", group)
    message = f"{wording.share(rows, whole)} of {check.champion}'s rows"
    evidence = {"rows": rows, "champion": whole}
    observed = wording.percent(rows, whole)
    return judging.by_threshold(check, observed, message, unit="percent", group=group, evidence=evidence)
