"""anomaly: a count against the same on earlier nights, by median and MAD; it warns, and never fails.

Explicit thresholds come first: this finds what nobody thought of. This night is never part of its own baseline, and
besides the score the change itself must be large enough to matter.
"""

import dataclasses
import math
from collections.abc import Iterator

from shared import wording
from shared.checks import judging, model, statistics, thresholds
from shared.checks.model import Verdict
from shared.checks.scope import Scope
from shared.statuses import Status

REASONS = frozenset({"like_before", "unlike_before", "too_little_history", "no_rows", "no_fact", "no_history"})
EXAMPLE = "{id: usual, kind: anomaly, per: games, take: 12, needs: 6, warn: '> 3.5', at_least: 15}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Args(model.Check):
    """The keys of a check of this kind; it counts rows unless `distinct` names a column."""

    distinct: str | None = dataclasses.field(
        default=None, metadata=model.declared("Count the distinct values of this column.", column=True)
    )
    per: str | None = dataclasses.field(
        default=None,
        metadata=model.declared("Divide by this fact, so that small and large nights are alike.", fact=True),
    )
    take: int = dataclasses.field(default=12, metadata=model.declared("Earlier nights to compare with.", minimum=3))
    needs: int = dataclasses.field(default=6, metadata=model.declared("With fewer nights it is unknown.", minimum=3))
    at_least: float = dataclasses.field(
        default=15.0, metadata=model.declared("Percent of the median that the change must reach too.", minimum=0)
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake)."""
        yield from super().problems()
        if self.fail is not None:
            yield "fail", "is not for an anomaly: what must never happen needs a threshold of its own"
        if self.needs > self.take:
            yield "needs", f"is more than is taken, {self.take}"


def ask(check: Args, scope: Scope) -> tuple[model.Measure, ...]:
    """Return the measures."""
    return scope.tally(check.distinct)


def judge(check: Args, answer: model.Answer, context: model.Context) -> tuple[Verdict, ...]:
    """Return the verdict on how unlike earlier nights this one is, for each group, one that vanished included."""
    before = () if check.each is None else (context.history or ())
    return judging.each(check, answer, lambda group: _one(check, answer, context, group), also=before)


def _one(check: Args, answer: model.Answer, context: model.Context, group: model.Group) -> Verdict:
    whole = 1 if check.per is None else context.fact(check.per)
    unit = "rows" if check.per is None else "per_fact"
    if not whole:
        return Verdict(Status.UNKNOWN, "no_rows", f"{check.per} is 0, so this night is like no other", group=group)
    if context.history is None:
        raise model.Unanswerable("no_history", "the ledger could not be read")
    observed = answer.number("tally", group) / whole
    nights = [night.observed for night in context.history.get(group, ())[: check.take]]
    told = f"{wording.figure(observed)} {judging.tallied(check.distinct)}" + (f" per {check.per}" if check.per else "")
    if len(nights) < check.needs:
        message = f"{told}; {len(nights)} earlier nights of the {check.needs} that are needed to compare"
        return Verdict(
            Status.UNKNOWN, "too_little_history", message, observed=wording.plain(observed), unit=unit, group=group
        )
    return _compared(check, observed, nights, told=told, details={"unit": unit, "group": group})


def _compared(check: Args, observed: float, nights: list[float], *, told: str, details: dict[str, object]) -> Verdict:
    median, score = statistics.median(nights), statistics.score(observed, nights)
    change = 100.0 * abs(observed - median) / median if median else (0.0 if observed == 0 else math.inf)
    unlike = thresholds.reached(thresholds.parse(check.warn or ""), score) and change >= check.at_least
    status, reason = (Status.WARN, "unlike_before") if unlike else (Status.PASS, "like_before")
    distance = f"{wording.figure(score)} scaled MADs" if math.isfinite(score) else "unlike each of them"
    message = f"{told}; the median of {len(nights)} earlier nights is {wording.figure(median)}, {distance} away"
    evidence = {"median": wording.plain(median), "nights": len(nights)}
    evidence |= {"score": round(score, 2)} if math.isfinite(score) else {}
    return Verdict(
        status,
        reason,
        message,
        observed=wording.plain(observed),
        expected=f"warn score {check.warn}",
        evidence=evidence,
        **details,  # type: ignore[arg-type]  # unit and group
    )
