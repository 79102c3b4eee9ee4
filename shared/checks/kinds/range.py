"""range: how many rows have a number outside two bounds, or one that is not a number; NULL is for not_null."""

import dataclasses
import math
from collections.abc import Iterator
from typing import Any

from shared import wording
from shared.checks import judging, model, rowwise, sql
from shared.checks.model import Verdict
from shared.checks.scope import Scope

REASONS = judging.REASONS - {"not_a_number"}
EXAMPLE = "{id: confidence, kind: range, column: confidence_score, min: 0, max: 100, fail: '> 0'}"
_EXACT = 2**53
"""From here on a bound, which is declared as a float, may be another number than the one that was written."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Args(rowwise.Args):
    """The keys of a check of this kind; both bounds are inside."""

    min: float | None = dataclasses.field(default=None, metadata=model.declared("The smallest good number."))
    max: float | None = dataclasses.field(default=None, metadata=model.declared("The largest good number."))

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake)."""
        yield from super().problems()
        endless = [name for name in ("min", "max") if not math.isfinite(getattr(self, name) or 0)]
        yield from ((name, "must be a finite number") for name in endless)
        if self.min is None and self.max is None:
            yield "min", "is missing, and so is max: without a bound nothing can be outside"
        elif self.min is not None and self.max is not None and self.min > self.max:
            yield "max", f"lies below min, which is {self.min}"


def ask(check: Args, scope: Scope) -> tuple[model.Measure, ...]:
    """Return the measures; raise Unanswerable when a bound is too large to be told exactly."""
    column, kind = scope.column(check.column, *model.NUMBERS), scope.type(check.column)
    outside = [
        sql.of(column, sign, _bound(kind, bound))
        for sign, bound in ((" < ", check.min), (" > ", check.max))
        if bound is not None
    ]
    if kind == "FLOAT64":
        # No comparison with NaN holds, so that it would lie within every range.
        outside.append(sql.of("IS_NAN(", column, ")"))
    return rowwise.ask(scope, sql.of("(", sql.joined(" OR ", outside), ")"))


def _bound(kind: str, bound: float) -> sql.Value:
    if kind == "INT64" and abs(bound) >= _EXACT:
        raise model.Unanswerable("wrong_type", f"{bound:.0f} is no exact bound: compare beyond 2^53 by percent instead")
    whole: Any = int(bound) if bound == int(bound) else bound
    if kind == "INT64" and isinstance(whole, int):
        return sql.Value("INT64", whole)
    return sql.Value("FLOAT64" if kind in ("FLOAT64", "INT64") else kind, bound)


def judge(check: Args, answer: model.Answer, context: model.Context) -> tuple[Verdict, ...]:
    """Return the verdict on the rows outside, for each group."""
    del context
    low, high = (None if bound is None else wording.figure(bound) for bound in (check.min, check.max))
    told = f"outside {low} to {high}" if low and high else f"below {low}" if low else f"above {high}"
    return rowwise.judge(check, answer, f"have a {check.column} {told}")
