"""What the doctor knows before it judges: the jobs, what they call, what the logs say, and what must exist; pure.

A source that could not be asked is None, which is not the same as empty: a rule that needs it does not guess.
"""

import dataclasses
import datetime
import functools
from collections.abc import Mapping
from typing import Any, Literal

from cloud_functions.daily_health_check import snapshots
from shared.statuses import Status

Confidence = Literal["certain", "likely", "possible"]
CONFIDENCES: tuple[Confidence, ...] = ("certain", "likely", "possible")
Call = tuple[str | None, str | None, str]
ENABLED = "ENABLED"
Policies = Mapping[str, tuple[snapshots.Binding, ...] | None]


@dataclasses.dataclass(frozen=True)
class Expected:
    """A job that must exist; what is None is not declared, and not compared.

    deadline, timeout: seconds; timeout is what its target may take. paused: it is meant to be. seasonal: it may be
    paused out of season. retries: a lost run hurts. source: where it is declared, for a person.
    """

    name: str
    cron: str | None = None
    time_zone: str | None = None
    deadline: float | None = None
    timeout: float | None = None
    paused: bool = False
    seasonal: bool = False
    retries: bool = False
    source: str = ""


@dataclasses.dataclass(frozen=True)
class Look:
    """Between which instants the logs of which services were read, by their short names."""

    services: tuple[str, ...]
    first: datetime.datetime
    until: datetime.datetime


@dataclasses.dataclass(frozen=True)
class Known:
    """All evidence of one run, taken at `now`.

    jobs: of all regions that could be listed; unlisted: the regions that could not. regions: those that were asked;
    empty when all were. policies: by the full name of a service; None, or no entry, when it could not be asked.
    attempts and lines: as far as the logs were read, in any order. looks: where lines were read, None for everywhere:
    that a line is not there says something only where it was looked for. bodies: what a job sends, by its full name,
    in any form that is equal for equal bodies. garbled: resources that could not be read, each as "name: why".
    in_season: None when the calendar could not be asked. periods: from how many periods without an attempt a job is
    stale; grace: how late an attempt may be.
    """

    now: datetime.datetime
    project: str
    in_season: bool | None
    jobs: tuple[snapshots.Job, ...]
    functions: tuple[snapshots.Function, ...] | None
    services: tuple[snapshots.Service, ...] | None
    policies: Policies
    attempts: tuple[snapshots.Attempt, ...] | None
    lines: tuple[snapshots.Line, ...] | None
    expected: tuple[Expected, ...] = ()
    grace: datetime.timedelta = datetime.timedelta(minutes=30)
    periods: float = 1.5
    looks: tuple[Look, ...] | None = None
    bodies: Mapping[str, str] | None = None
    regions: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    garbled: tuple[str, ...] = ()

    def declared(self, job: snapshots.Job) -> Expected | None:
        """Return what is declared for a job, by its short name; None for one that nobody declared."""
        return next((one for one in self.expected if one.name == job.short), None)

    @functools.cached_property
    def callers(self) -> Mapping[Call, tuple[snapshots.Job, ...]]:
        """Return the enabled HTTP jobs by what they call, so that thousands need not be compared with each other."""
        found: dict[Call, list[snapshots.Job]] = {}
        for job in self.jobs:
            if job.state == ENABLED and job.target == "http":
                found.setdefault(self.call(job), []).append(job)
        return {call: tuple(jobs) for call, jobs in found.items()}

    @functools.cached_property
    def attempts_of(self) -> Mapping[str, tuple[snapshots.Attempt, ...]]:
        """Return what the Scheduler's log tells of each job, by its full name."""
        found: dict[str, list[snapshots.Attempt]] = {}
        for one in self.attempts or ():
            found.setdefault(one.job, []).append(one)
        return {name: tuple(attempts) for name, attempts in found.items()}

    def call(self, job: snapshots.Job) -> Call:
        """Return what a job calls: its URL, its method, and what it sends, which is empty where that is not known."""
        return job.uri, job.method, (self.bodies or {}).get(job.name, "")

    def looked(self, service: str, since: datetime.datetime, until: datetime.datetime) -> bool:
        """Return whether the log of a service was read between two instants, as far as they are past."""
        if self.lines is None or self.looks is None:
            return self.lines is not None
        end = min(until, self.now)
        return any(service in one.services and one.first <= since and end <= one.until for one in self.looks)

    def unreadable(self, name: str) -> bool:
        """Return whether the resource of that short name was there, and could not be read."""
        return any(text.partition(": ")[0].rsplit("/", 1)[-1] == name for text in self.garbled)


@dataclasses.dataclass(frozen=True)
class Diagnosis:
    """One thing that is wrong with a job, or that keeps it from being judged.

    rule: the word for it. cause: a sentence with the numbers. fix: a command, or the steps of a plan. observed,
    expected and unit: as in a finding.
    """

    rule: str
    cause: str
    evidence: Mapping[str, Any]
    fix: str
    confidence: Confidence = "certain"
    status: Status = Status.FAIL
    observed: float | str | None = None
    expected: float | str | None = None
    unit: str | None = None
