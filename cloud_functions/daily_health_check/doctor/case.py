"""One job with all that bears on it, put together once for all rules; pure."""

import dataclasses
import datetime
from collections.abc import Callable
from typing import Any

from cloud_functions.daily_health_check import snapshots
from cloud_functions.daily_health_check.doctor import commands, outcomes, targets
from cloud_functions.daily_health_check.doctor import known as knowledge
from shared import report

LONGEST = 200
"""Letters of a log line that evidence shows."""
PLAUSIBLE = range(2000, 3000)
"""The years of an instant that is not merely an empty field."""
_ERRORS = frozenset({"ERROR", "CRITICAL", "ALERT", "EMERGENCY"})


@dataclasses.dataclass(frozen=True)
class Case:
    """A job, what is declared for it, where it leads, and how its last attempt ended.

    last: when it was attempted last, by its own word or the log's.
    """

    job: snapshots.Job
    known: knowledge.Known
    expected: knowledge.Expected | None
    target: targets.Target
    outcome: outcomes.Outcome | None
    last: datetime.datetime | None

    @property
    def failing(self) -> bool:
        """Whether the last attempt is known to have ended badly."""
        return self.outcome is not None and self.outcome.kind != "ok"

    @property
    def kind(self) -> outcomes.Kind | None:
        """What sort of ending the last attempt had; None when that is not known."""
        return self.outcome.kind if self.outcome else None

    @property
    def told(self) -> str:
        """The beginning of a sentence about the last attempt."""
        return f"the attempt of {minute(self.outcome.at)} ended with {self.outcome.told}" if self.outcome else ""

    @property
    def policy(self) -> tuple[snapshots.Binding, ...] | None:
        """Who may call the target; None when that could not be asked."""
        return self.known.policies.get(self.target.service.name) if self.target.service else None

    def lines(self, *, own: bool) -> list[snapshots.Line] | None:
        """Return the log lines around the last attempt, of the code or of the platform; None when not asked."""
        name = commands.service_name(self.target)
        if self.outcome is None or self.target.kind != "run" or name is None:
            return None
        since, until = self.outcome.since, self.outcome.until
        if not self.known.looked(name, since, until):
            return None
        found = (one for one in self.known.lines or () if one.service == name and since <= one.at <= until)
        return [one for one in found if one.own is own]


Rule = Callable[[Case], knowledge.Diagnosis | None]


def of(job: snapshots.Job, known: knowledge.Known) -> Case:
    """Return the case of a job, given all that is known; an instant that cannot be one is none."""
    job = dataclasses.replace(job, last_attempt=_plausible(job.last_attempt), updated=_plausible(job.updated))
    attempts = [one for one in known.attempts_of.get(job.name, ()) if _plausible(one.at)]
    last = max((instant for instant in (job.last_attempt, *(one.at for one in attempts)) if instant), default=None)
    outcome = outcomes.of(job, attempts, known.now)
    return Case(job, known, known.declared(job), targets.of(job.uri, known), outcome, last)


def _plausible(instant: datetime.datetime | None) -> datetime.datetime | None:
    return instant if instant and instant.year in PLAUSIBLE else None


def diagnosis(case: Case, rule: str, *, cause: str, fix: str, **details: Any) -> knowledge.Diagnosis:
    """Return a diagnosis of a case; what was observed is the last attempt's status unless `details` says otherwise."""
    if case.outcome and not details.keys() & {"observed", "expected"}:
        details = {"observed": case.outcome.status, "expected": "OK", **details}
    return knowledge.Diagnosis(rule, cause, details.pop("evidence", {}), fix, **details)


def is_error(line: snapshots.Line) -> bool:
    """Return whether a log line tells of an error."""
    return line.severity in _ERRORS or is_traceback(line)


def is_traceback(line: snapshots.Line) -> bool:
    """Return whether a log line is Python's account of an exception that nothing caught."""
    return "Traceback (most recent call last)" in line.text


def quote(line: snapshots.Line) -> str:
    """Return the telling part of a log line: of a traceback the last line, which names the exception."""
    parts = line.text.strip().splitlines() or [""]
    return parts[-1 if is_traceback(line) else 0].strip()[:LONGEST]


def minute(instant: datetime.datetime) -> str:
    """Return an instant for a person, in UTC to the minute."""
    return f"{instant.astimezone(datetime.UTC):%Y-%m-%d %H:%M} UTC"


def moment(instant: datetime.datetime | None) -> str | None:
    """Return an instant for evidence."""
    return report.iso(instant) if instant else None
