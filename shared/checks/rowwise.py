"""What the kinds share that count bad rows: a column, a unit, how many are bad, and a few of them; pure."""

import dataclasses
from typing import ClassVar, Literal

from shared import wording
from shared.checks import judging, model, sql
from shared.checks.model import Verdict
from shared.checks.scope import Scope


@dataclasses.dataclass(frozen=True, kw_only=True)
class Args(model.Check):
    """The keys of every check that counts bad rows."""

    minds_rows: ClassVar[bool] = True
    column: str = dataclasses.field(metadata=model.declared("The column that is looked at.", column=True))
    unit: Literal["rows", "percent"] = dataclasses.field(
        default="rows", metadata=model.declared("What the thresholds are in.")
    )


def ask(scope: Scope, bad: sql.Sql) -> tuple[model.Measure, ...]:
    """Return the measures for the rows for which `bad` holds."""
    return (scope.count("rows"), scope.count("bad", bad), *scope.sample(bad))


def judge(check: Args, answer: model.Answer, what: str) -> tuple[Verdict, ...]:
    """Return the verdict on the bad rows, for each group; `what` says what they are."""
    return judging.each(check, answer, lambda group: _one(check, answer, group, what=what))


def _one(check: Args, answer: model.Answer, group: model.Group, *, what: str) -> Verdict:
    rows, bad = answer.number("rows", group), answer.number("bad", group)
    little = judging.too_few(check, rows, unit=check.unit, group=group)
    if little:
        return little
    observed = bad if check.unit == "rows" else wording.percent(bad, rows)
    message = f"{wording.share(bad, rows)} rows {what}"
    evidence = {"bad": bad, "rows": rows}
    verdict = judging.by_threshold(check, observed, message, unit=check.unit, group=group, evidence=evidence)
    return judging.with_samples(verdict, answer)
