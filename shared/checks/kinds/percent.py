"""percent: the share of rows for which an expression holds."""

import dataclasses
from typing import ClassVar

from shared import wording
from shared.checks import judging, model, sql, thresholds
from shared.checks.model import Verdict
from shared.checks.scope import Scope

REASONS = judging.REASONS - {"not_a_number"}
EXAMPLE = "{id: ready, kind: percent, holds: is_quality_ready, warn: '< 80', fail: '< 60'}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Args(model.Check):
    """The keys of a check of this kind."""

    minds_rows: ClassVar[bool] = True
    holds: str = dataclasses.field(metadata=model.declared("A condition on a row, in GoogleSQL.", expression=True))


def ask(check: Args, scope: Scope) -> tuple[model.Measure, ...]:
    """Return the measures; the sample is of the rows that a person would look for."""
    holds = scope.expression(check.holds)
    # IS NOT TRUE, because a row for which the condition is NULL does not fulfil it.
    wanted = sql.of(holds, " IS TRUE" if _many_are_bad(check) else " IS NOT TRUE")
    return (scope.count("rows"), scope.count("holding", holds), *scope.sample(wanted))


def _many_are_bad(check: Args) -> bool:
    text = check.fail or check.warn
    return text is not None and thresholds.reached(thresholds.parse(text), 100)


def judge(check: Args, answer: model.Answer, context: model.Context) -> tuple[Verdict, ...]:
    """Return the verdict on the share, in percent, for each group."""
    del context
    return judging.each(check, answer, lambda group: _one(check, answer, group))


def _one(check: Args, answer: model.Answer, group: model.Group) -> Verdict:
    rows, holding = answer.number("rows", group), answer.number("holding", group)
    little = judging.too_few(check, rows, unit="percent", group=group, evidence={"holding": holding, "rows": rows})
    if little:
        return little
    message = f"{wording.share(holding, rows)} of the rows: {check.says or check.holds}"
    evidence = {"holding": holding, "rows": rows}
    verdict = judging.by_threshold(
        check, wording.percent(holding, rows), message, unit="percent", group=group, evidence=evidence
    )
    return judging.with_samples(verdict, answer)
