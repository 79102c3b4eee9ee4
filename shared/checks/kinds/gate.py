"""gate: whether a shadow model may be promoted: enough picks, above break-even, above the champion, on both sides.

A rate alone is no evidence: the one-sided Wilson bound must clear break-even, and Newcombe's bound of the difference
must clear the champion, on the days that both have picks of. Each criterion is a finding of its own; the verdict over
them is promote, hold or reject. The champion is measured by the same rule, and against break-even.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import ClassVar

from shared.checks import expressions, judging, model, promotion, sql
from shared.checks.model import Verdict
from shared.checks.scope import Scope

REASONS = promotion.REASONS
EXAMPLE = """
id: promotion
kind: gate
each: system_id
champion: v9
wins: prediction_correct
of: prediction_correct IS NOT NULL
min_picks: 50
sides: {over: recommendation = 'OVER', under: recommendation = 'UNDER'}
"""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Args(model.Check):
    """The keys of a check of this kind."""

    graded: ClassVar[bool] = False
    champion: str = dataclasses.field(metadata=model.declared("The group that is to be beaten."))
    wins: str = dataclasses.field(metadata=model.declared("Which picks were right, in GoogleSQL.", expression=True))
    of: str = dataclasses.field(
        metadata=model.declared("Which picks count; a push and a void are in neither.", expression=True)
    )
    sides: Mapping[str, str] = dataclasses.field(
        default_factory=dict, metadata=model.declared("Names of sides, and their picks in GoogleSQL.")
    )
    least_side: float = dataclasses.field(
        default=10.0, metadata=model.declared("Percent of the picks that each side must have.", minimum=0, maximum=50)
    )
    breakeven: float = dataclasses.field(
        default=round(110 / 210, 6),
        metadata=model.declared("The rate that pays: 110 to win 100 by default.", minimum=0, maximum=1),
    )
    confidence: float = dataclasses.field(
        default=0.95, metadata=model.declared("Of each one-sided bound.", minimum=0.5, maximum=0.999)
    )
    min_picks: int = dataclasses.field(default=300, metadata=model.declared("With fewer it is held.", minimum=1))
    by: str | None = dataclasses.field(
        default=None,
        metadata=model.declared("The day: the record is shown by it, and compared on the shadow's.", column=True),
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake)."""
        yield from super().problems()
        if self.each is None:
            yield "each", "is missing: the column that tells the models apart"
        for name, text in self.sides.items():
            yield from model.mistakes(f"sides.{name}", text, expressions.parse)


def ask(check: Args, scope: Scope) -> tuple[model.Measure, ...]:
    """Return the measures."""
    of, wins = scope.expression(check.of), sql.of(scope.expression(check.wins), " IS TRUE")
    sides = (scope.count(f"side_{name}", of, scope.expression(text)) for name, text in check.sides.items())
    found = (scope.count("rows", of), scope.count("wins", of, wins), *sides)
    if check.by is None:
        return found
    daily = dataclasses.replace(scope, by=(*scope.by, scope.column(check.by, *model.KEYS)))
    return (*found, daily.count("daily_rows", of), daily.count("daily_wins", of, wins))


def judge(check: Args, answer: model.Answer, context: model.Context) -> tuple[Verdict, ...]:
    """Return, for each model, the verdict and each criterion; for the champion, how it stands against break-even."""
    del context
    terms = promotion.Terms(check.breakeven, check.confidence, check.min_picks, check.least_side)
    champion = _record(check, answer, (check.champion,))
    shadows = [group for group in judging.groups(check, answer) if group != (check.champion,)]
    found = list(promotion.champion(champion, terms))
    for group in shadows:
        record = _record(check, answer, group)
        found += promotion.shadow(record, promotion.on_the_days_of(record, champion), terms)
    return tuple(found)


def _record(check: Args, answer: model.Answer, group: model.Group) -> promotion.Record:
    sides = {name: answer.number(f"side_{name}", group) for name in check.sides}
    daily = {
        key[-1]: (answer.number("daily_wins", key), answer.number("daily_rows", key))
        for key in (answer.groups("daily_rows") if check.by else ())
        if key[:-1] == group
    }
    return promotion.Record(group, answer.number("wins", group), answer.number("rows", group), sides, daily)
