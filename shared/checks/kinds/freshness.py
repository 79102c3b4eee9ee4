"""freshness: how old the newest value of a time column is, at the instant that the run judges at."""

import dataclasses
import datetime
import zoneinfo
from collections.abc import Iterator
from typing import Any, Literal

from shared import wording
from shared.checks import judging, model
from shared.checks.model import Verdict
from shared.checks.scope import Scope
from shared.statuses import Status

REASONS = judging.REASONS - {"too_few", "not_a_number"} | {"in_future"}
EXAMPLE = "{id: fresh, kind: freshness, column: processed_at, unit: h, warn: '> 6', fail: '> 12'}"
_SECONDS = {"min": 60, "h": 3600, "d": 86400}
SKEW = datetime.timedelta(minutes=5)
"""How far ahead of our clock another may be; a value beyond it would look fresh for ever."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Args(model.Check):
    """The keys of a check of this kind."""

    column: str = dataclasses.field(metadata=model.declared("A TIMESTAMP, DATETIME or DATE column.", column=True))
    unit: Literal["min", "h", "d"] = dataclasses.field(default="h", metadata=model.declared("What thresholds are in."))
    time_zone: str = dataclasses.field(default="UTC", metadata=model.declared("Of a DATETIME or DATE column."))

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake)."""
        yield from super().problems()
        try:
            zoneinfo.ZoneInfo(self.time_zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            yield "time_zone", f"no such time zone: {self.time_zone!r}"


def ask(check: Args, scope: Scope) -> tuple[model.Measure, ...]:
    """Return the measures."""
    column = scope.column(check.column, "TIMESTAMP", "DATETIME", "DATE")
    return (scope.count("rows"), model.Measure("newest", "max", column, scope.among(), scope.by))


def judge(check: Args, answer: model.Answer, context: model.Context) -> tuple[Verdict, ...]:
    """Return the verdict on the age, for each group; one without rows is unknown, and neither fresh nor stale."""
    return judging.each(check, answer, lambda group: _one(check, answer, context, group))


def _one(check: Args, answer: model.Answer, context: model.Context, group: model.Group) -> Verdict:
    value = answer.get("newest", group)
    if value is None:
        rows = answer.number("rows", group)
        message = f"no {check.column} in {wording.amount(rows, 'row')}"
        return Verdict(Status.UNKNOWN, "no_rows", message, expected=judging.expected(check), group=group)
    newest = _instant(value, zoneinfo.ZoneInfo(check.time_zone))
    told = {"newest": newest.isoformat(timespec="seconds")}
    if newest > context.now + SKEW:
        message = f"the newest {check.column} is {told['newest']}, which is still to come"
        return Verdict(Status.FAIL, "in_future", message, observed=told["newest"], group=group, evidence=told)
    age = (context.as_of - newest).total_seconds() / _SECONDS[check.unit]
    message = f"the newest {check.column} is {told['newest']}, {wording.figure(max(age, 0))} {check.unit} old"
    return judging.by_threshold(check, age, message, unit=check.unit, group=group, evidence=told)


def _instant(value: Any, zone: zoneinfo.ZoneInfo) -> datetime.datetime:
    if isinstance(value, datetime.datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    return datetime.datetime.combine(value, datetime.time(), tzinfo=zone)
