"""What all judges share: levels from thresholds, and groups that must be there; pure."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from shared import wording
from shared.checks import model, thresholds
from shared.checks.model import Verdict
from shared.statuses import Status

LONGEST_SAMPLE = 200
"""Letters of a row's key that evidence shows."""
REASONS = frozenset({"within", "warn_reached", "fail_reached", "too_few", "no_rows", "not_a_number"})
"""The reasons that `by_threshold` gives."""


def groups(check: model.Check, answer: model.Answer, name: str = "rows") -> list[model.Group]:
    """Return the groups to judge: all that have rows, and those that are expected; the whole without `each`."""
    if check.each is None:
        return [model.WHOLE]
    return sorted({*answer.groups(name), *((group,) for group in check.expected)})


def level(check: model.Check, observed: float) -> tuple[Status, str]:
    """Return the status that `observed` comes to, and its reason; fail is tried first."""
    for status, text in ((Status.FAIL, check.fail), (Status.WARN, check.warn)):
        if text is not None and thresholds.reached(thresholds.parse(text), observed):
            return status, f"{status.value}_reached"
    return Status.PASS, "within"


def by_threshold(check: model.Check, observed: Any, message: str, **details: Any) -> Verdict:
    """Return the verdict on a number; one that is not a number is an error, and never a pass."""
    if observed is None or (isinstance(observed, float) and math.isnan(observed)):
        return Verdict(Status.ERROR, "not_a_number", f"{message}: that is not a number", **details)
    status, reason = level(check, observed)
    return Verdict(status, reason, message, observed=wording.plain(observed), expected=expected(check), **details)


def too_few(check: model.Check, rows: int, **details: Any) -> Verdict | None:
    """Return the verdict that there is too little to judge by, when there are fewer rows than the check asks for."""
    if rows >= check.min_rows:
        return None
    reason = "too_few" if rows else "no_rows"
    message = (
        f"{wording.amount(rows, 'row')}; {check.min_rows} or more are needed to judge"
        if rows
        else "no rows to judge by"
    )
    return Verdict(Status.UNKNOWN, reason, message, expected=expected(check), **details)


def each(
    check: model.Check,
    answer: model.Answer,
    judge: Callable[[model.Group], Verdict],
    *,
    also: Iterable[model.Group] = (),
) -> tuple[Verdict, ...]:
    """Return the verdict of every group that has rows, is expected, or is in `also`: there it should have some."""
    return tuple(judge(group) for group in sorted({*groups(check, answer), *also}))


def due(facts: Mapping[str, model.Fact], name: str) -> list[model.Group]:
    """Return the groups of a fact that are not 0, so that rows are due for them."""
    found = facts.get(name)
    return [group for group, value in ((found and found.by) or {}).items() if value]


def expected(check: model.Check) -> str | None:
    """Return the thresholds of a check, for a person."""
    texts = [f"{name} {text}" for name, text in (("warn", check.warn), ("fail", check.fail)) if text is not None]
    return "; ".join(texts) or None


def samples(answer: model.Answer, group: model.Group, *, wanted: bool) -> Mapping[str, Any]:
    """Return the evidence of a few rows, where they were asked for and the verdict is not good."""
    found = answer.values.get("samples", {}).get(group) if wanted else None
    return {"samples": [text[:LONGEST_SAMPLE] for text in found]} if found else {}


def with_samples(verdict: Verdict, answer: model.Answer) -> Verdict:
    """Return the verdict, with a few of the rows that it is about unless it is good."""
    shown = samples(answer, verdict.group, wanted=verdict.status in (Status.FAIL, Status.WARN))
    if not shown:
        return verdict
    return Verdict(**{**vars(verdict), "evidence": {**verdict.evidence, **shown}})


def tallied(distinct: str | None) -> str:
    """Return what a tally counts, for a person."""
    return f"distinct {distinct}" if distinct else "rows"
