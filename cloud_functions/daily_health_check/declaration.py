"""What is declared for the health check (`health.yaml`), and what a caller may ask for; pure."""

import dataclasses
import datetime
import fnmatch
from collections.abc import Iterator, Mapping
from typing import Literal

from shared import deployment, pipeline

NAME = "health.yaml"
SUBJECTS = (
    "jobs",
    "reporters",
    "services",
    "subscriptions",
    "invokers",
    "outputs",
    "pipeline",
    "spend",
    "alerts",
)
"""What the health check asks about; each is asked and judged apart, so that none sinks another."""


def _field(description: str, **limits: object) -> dict[str, object]:
    return {"description": description, **limits}


@dataclasses.dataclass(frozen=True)
class Job:
    """A job of the pipeline that must exist; those of our own functions are known from their function.yaml."""

    name: str
    timeout: int | None = dataclasses.field(
        default=None, metadata=_field("Seconds that its target may take; the job's deadline must not be below.")
    )
    paused: bool = dataclasses.field(default=False, metadata=_field("Whether it is meant to be paused."))
    seasonal: bool = dataclasses.field(
        default=False, metadata=_field("Whether it may be paused while the calendar says off-season.")
    )
    retries: bool = dataclasses.field(
        default=False, metadata=_field("Whether a lost run hurts, so that it must be retried.")
    )


@dataclasses.dataclass(frozen=True)
class Jobs:
    """Which jobs must exist, and how late one may be."""

    declared: tuple[Job, ...] = ()
    periods: float = dataclasses.field(
        default=1.5, metadata=_field("From how many periods without an attempt a job is stale.", minimum=1)
    )
    grace_minutes: int = dataclasses.field(default=30, metadata=_field("How late an attempt may be.", minimum=1))


@dataclasses.dataclass(frozen=True)
class Reporters:
    """How late a reporter may be after a tick of its schedule."""

    grace_minutes: int = dataclasses.field(default=45, metadata=_field("After the tick.", minimum=1))


@dataclasses.dataclass(frozen=True)
class Services:
    """Which services must serve what was deployed.

    expected: their names; every other service of the regions is judged too. records: where the deployment writes what
    it deployed, as `<prefix><service>.json` in the operations bucket. build_variables, build_labels: where a revision
    tells its build, first hit wins. ignored: patterns of names with the reason why they are not judged.
    """

    expected: tuple[str, ...] = ()
    records: str = "deployments/"
    build_variables: tuple[str, ...] = ("BUILD_COMMIT",)
    build_labels: tuple[str, ...] = ("commit-sha",)
    ignored: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Subscriptions:
    """How many push subscriptions a topic may have for one endpoint and filter, and how old a backlog may be.

    allowed: by the topic's short name, how many push subscriptions are meant to be there; by default one for each
    endpoint and filter.
    """

    allowed: Mapping[str, int] = dataclasses.field(default_factory=dict)
    backlog_warn_minutes: int = dataclasses.field(default=15, metadata=_field("Age of the oldest message.", minimum=1))
    backlog_fail_minutes: int = dataclasses.field(default=120, metadata=_field("Age of the oldest message.", minimum=1))


@dataclasses.dataclass(frozen=True)
class Output:
    """A published JSON document, judged by what stands in it.

    as_of, day, rows: dotted paths into the document; rows may lead to a list, whose items are counted.
    """

    id: str = dataclasses.field(metadata=_field("Names the output.", pattern="[a-z][a-z0-9_-]*"))
    bucket: str
    object: str = dataclasses.field(metadata=_field("Its name; {day} is replaced by the game day."))
    as_of: str
    day: str | None = None
    rows: str | None = None
    max_age_minutes: int = dataclasses.field(default=24 * 60, metadata=_field("By its own as_of.", minimum=1))
    severity: Literal["critical", "warning", "info"] = "critical"
    due: str | None = dataclasses.field(
        default=None,
        metadata=_field("The wall-clock time from which on it must be about the day.", pattern="[0-2][0-9]:[0-5][0-9]"),
    )

    def problems(self) -> list[tuple[str, str]]:
        """Return (field, mistake) for a time that no clock shows."""
        return [("due", f"is no time: {self.due!r}")] if self.due and self.due >= "24" else []


@dataclasses.dataclass(frozen=True)
class Told:
    """Checks of a validation suite whose last answer is told here, and not asked again."""

    suite: str
    checks: tuple[str, ...] = dataclasses.field(metadata=_field("Patterns of <table>.<check>.", min_items=1))

    def wants(self, subject: str) -> bool:
        """Return whether a finding's subject, `<suite>.<table>.<check>` or one with its `[group]`, is one of these."""
        return any(self.matches(subject, pattern) for pattern in self.checks)

    def matches(self, subject: str, pattern: str) -> bool:
        """Return whether one pattern fits a finding's subject, whatever its group."""
        suite, _, check = subject.partition("[")[0].partition(".")
        return suite == self.suite and fnmatch.fnmatchcase(check, pattern)


@dataclasses.dataclass(frozen=True)
class Spend:
    """What a day of BigQuery may bill, and how far it may lie above like days.

    factor: above that many times the median of the like days (same weekday kind: with or without games) it warns.
    """

    location: str = dataclasses.field(
        default="US", metadata=_field("Where BigQuery's jobs run, like US or us-west2.", pattern="[A-Za-z0-9-]+")
    )
    bytes_per_day: int = dataclasses.field(default=2 * 1024**4, metadata=_field("The budget.", minimum=1))
    jobs_per_day: int = dataclasses.field(default=100_000, metadata=_field("The budget.", minimum=1))
    days: int = dataclasses.field(default=14, metadata=_field("How many earlier days are compared.", minimum=3))
    factor: float = dataclasses.field(default=3.0, metadata=_field("Times the median.", minimum=1))
    at_least: int = dataclasses.field(
        default=50 * 1024**3, metadata=_field("Bytes below which no comparison warns.", minimum=0)
    )
    bytes_limit: int = dataclasses.field(default=1024**3, metadata=_field("What asking may bill.", minimum=1))


@dataclasses.dataclass(frozen=True)
class Health:
    """What the health check watches; a subject that is left out is judged by its defaults."""

    regions: tuple[str, ...] = dataclasses.field(
        metadata=_field("Where jobs, functions and services are looked for.", min_items=1)
    )
    jobs: Jobs = Jobs()
    reporters: Reporters = Reporters()
    services: Services = Services()
    subscriptions: Subscriptions = Subscriptions()
    outputs: tuple[Output, ...] = ()
    pipeline: tuple[Told, ...] = ()
    spend: Spend = Spend()
    gen1: Mapping[str, str] = dataclasses.field(
        default_factory=dict, metadata=_field("By name of a first-generation function, what is to become of it.")
    )
    seconds: float = dataclasses.field(
        default=60.0, metadata=_field("How long the platform is asked, all subjects together.", minimum=1)
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake) for what stands there twice, and for limits in the wrong order."""
        named = {
            "jobs": [one.name for one in self.jobs.declared],
            "outputs": [one.id for one in self.outputs],
            "pipeline": [one.suite for one in self.pipeline],
        }
        for field, ids in named.items():
            yield from ((field, f"{one} stands there twice") for one in sorted(set(ids)) if ids.count(one) > 1)
        if self.subscriptions.backlog_warn_minutes > self.subscriptions.backlog_fail_minutes:
            yield "subscriptions", "backlog_warn_minutes lies above backlog_fail_minutes"


@dataclasses.dataclass(frozen=True)
class Declared:
    """What the run knows before it asks: its own declaration, the pipeline, and the deploy facts of every function."""

    health: Health
    pipeline: pipeline.Pipeline
    functions: Mapping[str, deployment.Function]


@dataclasses.dataclass(frozen=True)
class Request:
    """What a caller may ask: for which game day, and which subjects only."""

    day: datetime.date | None = dataclasses.field(
        default=None, metadata=_field("The game day whose outputs are judged; by default the one that it is now.")
    )
    only: tuple[str, ...] = dataclasses.field(
        default=(), metadata=_field(f"Subjects to ask about: {', '.join(SUBJECTS)}; by default all.")
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake) for a subject that there is not."""
        for name in self.only:
            if name not in SUBJECTS:
                yield "only", f"there is no subject {name!r}; there are {', '.join(SUBJECTS)}"

    def wants(self, subject: str) -> bool:
        """Return whether a subject is asked for."""
        return not self.only or subject in self.only
