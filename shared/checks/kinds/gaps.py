"""gaps: day by day, the rows in percent of a fact that was measured by day; the worst day decides."""

import dataclasses
import datetime
from collections.abc import Iterator, Mapping

from shared import statuses, wording
from shared.checks import judging, model
from shared.checks.model import Verdict
from shared.checks.scope import Scope
from shared.statuses import Status

REASONS = judging.REASONS - {"too_few", "no_rows", "not_a_number"} | {"no_fact", "nothing_due", "day_without"}
EXAMPLE = "{id: gaps, kind: gaps, each: game_date, of: gradable, warn: '< 99', fail: '< 90'}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Args(model.Check):
    """The keys of a check of this kind."""

    of: str = dataclasses.field(metadata=model.declared("A fact that was measured by the same days.", fact=True))

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake)."""
        yield from super().problems()
        if self.each is None:
            yield "each", "is missing: the column that holds the day"


def ask(check: Args, scope: Scope) -> tuple[model.Measure, ...]:
    """Return the measures; raise Unanswerable when `each` is no DATE."""
    scope.column(str(check.each), "DATE")
    return (scope.count("rows"),)


def judge(check: Args, answer: model.Answer, context: model.Context) -> tuple[Verdict, ...]:
    """Return one verdict on all days of the window on which something was due, by the worst of them.

    A day with games on which nothing was due is no gap, and it is not good either: it is a warning.
    """
    context.fact(check.of)
    if context.facts[check.of].by is None:
        raise model.Unanswerable("no_fact", f"{check.of} was not measured by {check.each}")
    due = {day: context.fact(check.of, (day.isoformat(),)) for day in context.days}
    shares = {day: 100.0 * _rows(answer, day) / whole for day, whole in due.items() if whole}
    without = [day.isoformat() for day, whole in due.items() if not whole and context.games_by_day.get(day)]
    evidence = {"days": len(shares)} | ({f"days_without_{check.of}": without} if without else {})
    if not shares:
        message = f"no day of {len(due)} had any {check.of}"
        return (Verdict(Status.UNKNOWN, "nothing_due", message, expected=judging.expected(check), evidence=evidence),)
    found = _worst(check, answer, due, shares=shares)
    message = found.message + (f"; games and no {check.of} on {wording.listed(without)}" if without else "")
    found = dataclasses.replace(found, message=message, evidence={**evidence, **found.evidence})
    if without and found.status is Status.PASS:
        return (dataclasses.replace(found, status=Status.WARN, reason="day_without"),)
    return (found,)


def _worst(
    check: Args,
    answer: model.Answer,
    due: Mapping[datetime.date, float],
    *,
    shares: Mapping[datetime.date, float],
) -> Verdict:
    levels = {day: judging.level(check, share)[0] for day, share in shares.items()}
    worst = min(shares, key=lambda day: (statuses.ORDER.index(levels[day]), shares[day], day))
    bad = {str(day): round(share, 1) for day, share in shares.items() if levels[day] is not Status.PASS}
    message = (
        f"{len(shares) - len(bad)} of {wording.amount(len(shares), 'day')} good; worst {worst}: "
        f"{wording.share(_rows(answer, worst), due[worst])} of {check.of}"
    )
    message += f"; not good on {wording.listed(bad)}" if bad else ""
    evidence = {"gaps": bad} if bad else {}
    return judging.by_threshold(check, shares[worst], message, unit="percent", evidence=evidence)


def _rows(answer: model.Answer, day: datetime.date) -> int:
    return answer.number("rows", (day.isoformat(),))
