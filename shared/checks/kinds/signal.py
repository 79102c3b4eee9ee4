"""signal: measures and facts against a declared ladder; the first rung whose condition holds gives the signal."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from shared import wording
from shared.checks import expressions, judging, model, thresholds
from shared.checks.model import Verdict
from shared.checks.scope import Scope
from shared.statuses import Status

REASONS = frozenset({"signal", "too_few", "no_rows", "no_fact"})
EXAMPLE = """
id: pre_game
kind: signal
facts: [games]
count: {high_edge: ABS(margin) >= 5}
percent: {over: recommendation = 'OVER'}
ladder:
  - {says: RED, when: games <= 4, status: warn, why: a small slate}
  - {says: YELLOW, when: high_edge < 3, status: warn, why: few high-edge picks}
otherwise: {says: GREEN, status: pass}
"""


@dataclasses.dataclass(frozen=True)
class Rung:
    """One rung: what the signal is when the condition holds, and what status that comes to."""

    says: str
    when: str
    status: Literal["pass", "warn", "fail"]
    why: str = ""

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake)."""
        try:
            thresholds.parse_comparison(self.when)
        except thresholds.InvalidThreshold as error:
            yield "when", str(error)


@dataclasses.dataclass(frozen=True)
class Otherwise:
    """What the signal is when no condition holds."""

    says: str
    status: Literal["pass", "warn", "fail"]
    why: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Args(model.Check):
    """The keys of a check of this kind; a condition compares a name of `facts`, `count` or `percent` with a number."""

    minds_rows: ClassVar[bool] = True
    graded: ClassVar[bool] = False
    ladder: tuple[Rung, ...] = dataclasses.field(metadata=model.declared("Tried from the first on.", min_items=1))
    otherwise: Otherwise = dataclasses.field(metadata=model.declared("When no rung's condition holds."))
    count: Mapping[str, str] = dataclasses.field(
        default_factory=dict, metadata=model.declared("Names, and the rows that each counts, in GoogleSQL.")
    )
    percent: Mapping[str, str] = dataclasses.field(
        default_factory=dict, metadata=model.declared("Names, and the rows whose share each is, in GoogleSQL.")
    )
    facts: tuple[str, ...] = dataclasses.field(default=(), metadata=model.declared("Facts to compare.", fact=True))

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake)."""
        yield from super().problems()
        for field, named in (("count", self.count), ("percent", self.percent)):
            for name, text in named.items():
                yield from model.mistakes(f"{field}.{name}", text, expressions.parse)
        names = ["rows", *self.count, *self.percent, *self.facts]
        yield from (
            ("ladder", f"{name} has two meanings") for name in sorted({one for one in names if names.count(one) > 1})
        )
        known = {*self.count, *self.percent, *self.facts, "rows"}
        compared = [word for rung in self.ladder if (word := _name(rung)) is not None]
        yield from (
            ("ladder", f"{word} is no name of facts, count or percent") for word in compared if word not in known
        )


def _name(rung: Rung) -> str | None:
    try:
        return thresholds.parse_comparison(rung.when)[0]
    except thresholds.InvalidThreshold:
        return None


def ask(check: Args, scope: Scope) -> tuple[model.Measure, ...]:
    """Return the measures."""
    named = {**check.count, **check.percent}
    return (scope.count("rows"), *(scope.count(f"n_{name}", scope.expression(text)) for name, text in named.items()))


def judge(check: Args, answer: model.Answer, context: model.Context) -> tuple[Verdict, ...]:
    """Return the signal, for each group."""
    return judging.each(check, answer, lambda group: _one(check, answer, context, group))


def _one(check: Args, answer: model.Answer, context: model.Context, group: model.Group) -> Verdict:
    rows = answer.number("rows", group)
    little = judging.too_few(check, rows, group=group)
    if little:
        return little
    numbers = _numbers(check, answer, context, group=group)
    for rung in check.ladder:
        name, threshold = thresholds.parse_comparison(rung.when)
        if thresholds.reached(threshold, numbers[name]):
            return _verdict(rung, numbers, group, why=f"{rung.when}, it is {wording.figure(numbers[name])}")
    return _verdict(check.otherwise, numbers, group, why="no rung of the ladder holds")


def _numbers(check: Args, answer: model.Answer, context: model.Context, *, group: model.Group) -> dict[str, float]:
    rows = answer.number("rows", group)
    counted: dict[str, float] = {name: answer.number(f"n_{name}", group) for name in check.count}
    shares = {name: 100.0 * answer.number(f"n_{name}", group) / rows for name in check.percent}
    return {"rows": rows} | {name: context.fact(name, group) for name in check.facts} | counted | shares


def _verdict(rung: Rung | Otherwise, numbers: Mapping[str, float], group: model.Group, *, why: str) -> Verdict:
    told = ", ".join(f"{name} {wording.figure(value)}" for name, value in numbers.items())
    message = f"{rung.says}: {rung.why or why}; {told}"
    evidence: dict[str, Any] = {name: round(value, 2) for name, value in numbers.items()}
    return Verdict(
        Status(rung.status), "signal", message, observed=rung.says, group=group, evidence=evidence | {"why": why}
    )
