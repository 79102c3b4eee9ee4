"""From everything that was answered to the findings of every subject; pure."""

import dataclasses
import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from cloud_functions.daily_health_check import declaration, gathered
from cloud_functions.daily_health_check.doctor import known as knowledge
from cloud_functions.daily_health_check.doctor import targets
from cloud_functions.daily_health_check.judges import (
    alerts,
    invokers,
    jobs,
    outputs,
    pipeline,
    reporters,
    services,
    sources,
    spend,
    subscriptions,
)
from shared import calendars, errors, gamedays
from shared.report import Finding
from shared.statuses import Status

OWN = "daily_health_check"
DOWNSTREAM = frozenset({"unavailable", "gen1_url", "app_error", "platform_error", "server_error", "failed"})
"""Why a job fails because of what it calls, and not by its own declaration."""
ROLES = {"job": "roles/cloudscheduler.viewer", "service": "roles/run.viewer", "function": "roles/cloudfunctions.viewer"}


@dataclasses.dataclass(frozen=True)
class Asked:
    """What a run is about: the declaration, the game day, the instant, and the subjects that are wanted."""

    declared: declaration.Declared
    request: declaration.Request
    project: str
    day: datetime.date
    now: datetime.datetime

    @property
    def health(self) -> declaration.Health:
        """The health check's own declaration."""
        return self.declared.health


def findings(asked: Asked, known: gathered.Gathered) -> tuple[Finding, ...]:
    """Return the findings of every subject; one that was not asked about is skipped, never left out."""
    judges: Mapping[str, Callable[[Asked, gathered.Gathered], Sequence[Finding]]] = {
        "jobs": _jobs,
        "reporters": _reporters,
        "services": _services,
        "subscriptions": _subscriptions,
        "invokers": _invokers,
        "outputs": _outputs,
        "pipeline": _pipeline,
        "spend": _spend,
        "alerts": _alerts,
    }
    found: list[Finding] = []
    for name, judge in judges.items():
        found += judge(asked, known) if asked.request.wants(name) else [_unasked(name)]
    return _caused(asked, known, found)


def _caused(asked: Asked, known: gathered.Gathered, found: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings, where a job that fails because of what it calls names the finding on that as its cause."""
    bad = {one.id for one in found if one.kind in ("service", "function") and one.status is Status.FAIL}
    causes: dict[str, str] = {}
    given = evidence(asked, known)
    for job in known.jobs.found if bad else ():
        target = targets.of(job.uri, given)
        called = [f"service:{target.service.short}"] if target.service else []
        called += [f"function:{target.function.short}"] if target.function else []
        found_bad = [cause for cause in called if cause in bad]
        if found_bad:
            causes[job.short] = found_bad[-1]
    return tuple(
        dataclasses.replace(one, caused_by=causes[one.subject])
        if one.kind == jobs.KIND and one.reason in DOWNSTREAM and one.subject in causes
        else one
        for one in found
    )


def _unasked(name: str) -> Finding:
    return Finding(name, "subject", Status.SKIP, "not_asked", "not asked for", severity="info")


def _jobs(asked: Asked, known: gathered.Gathered) -> Sequence[Finding]:
    logs = sources.broken(
        jobs.KIND,
        ("the Scheduler's log", known.attempts, "roles/logging.viewer"),
        ("the services' logs", known.lines, "roles/logging.viewer"),
    )
    return (*_unlisted(jobs.KIND, known.jobs), *logs, *jobs.findings(evidence(asked, known)))


def evidence(asked: Asked, known: gathered.Gathered) -> knowledge.Known:
    """Return what the scheduler doctor is given."""
    return knowledge.Known(
        now=asked.now,
        project=asked.project,
        in_season=_in_season(asked, known),
        jobs=known.jobs.found,
        functions=known.functions.found if known.functions.whole else None,
        services=known.services.found if known.services.whole else None,
        policies={name: None if isinstance(one, errors.CloudError) else one for name, one in known.policies.items()},
        attempts=_or_none(known.attempts),
        lines=_or_none(known.lines),
        expected=tuple(expected(asked.declared)),
        grace=datetime.timedelta(minutes=asked.health.jobs.grace_minutes),
        periods=asked.health.jobs.periods,
        looks=known.looks,
        bodies=known.bodies,
        regions=asked.health.regions,
        unlisted=tuple(known.jobs.failed),
        garbled=tuple(f"{one.name}: {one.why}" for one in known.jobs.garbled),
    )


def expected(declared: declaration.Declared) -> Iterator[knowledge.Expected]:
    """Yield the jobs that must exist: every schedule of our functions, and those that health.yaml names."""
    for name, facts in sorted(declared.functions.items()):
        for schedule in facts.schedules:
            yield knowledge.Expected(
                name=schedule.name,
                cron=schedule.cron,
                time_zone=schedule.time_zone,
                deadline=schedule.deadline,
                timeout=facts.timeout,
                source=f"cloud_functions/{name}/function.yaml",
            )
    for one in declared.health.jobs.declared:
        yield knowledge.Expected(
            name=one.name,
            timeout=one.timeout,
            paused=one.paused,
            seasonal=one.seasonal,
            retries=one.retries,
            source=declaration.NAME,
        )


def _reporters(asked: Asked, known: gathered.Gathered) -> Sequence[Finding]:
    heard = reporters.Heard(
        runs=known.runs,
        now=asked.now,
        grace=datetime.timedelta(minutes=asked.health.reporters.grace_minutes),
        region=asked.health.regions[0],
        own=OWN,
        updated={job.short: job.updated for job in known.jobs.found if job.updated} if known.jobs.whole else None,
        days=_days(asked),
    )
    return reporters.findings(asked.declared.functions, heard)


def _days(asked: Asked) -> frozenset[str]:
    """Return the game days whose runs count by name: that which was asked about, and the one before it."""
    day = asked.request.day
    return frozenset((day.isoformat(), (day - datetime.timedelta(days=1)).isoformat())) if day else frozenset()


def _services(asked: Asked, known: gathered.Gathered) -> Sequence[Finding]:
    found = services.findings(
        known.services.found,
        _function_list(known),
        regions=asked.health.regions,
        records=known.records,
        declared=asked.health.services,
        gen1=asked.health.gen1 if known.functions.whole else {},
        used=_called_gen1(asked, known) if _callers_known(known) else None,
        whole=known.services.whole,
    )
    return (
        *_unlisted("service", known.services),
        *_garbled("function", known.functions),
        *_partly("function", "jobs", known.jobs),
        *found,
    )


def _callers_known(known: gathered.Gathered) -> bool:
    return known.jobs.whole and not isinstance(known.subscriptions, errors.CloudError)


def _partly(kind: str, what: str, listed: gathered.Listed) -> Iterator[Finding]:
    """Yield, for findings of `kind` that need a list, that a region's part of it is missing."""
    for region, error in listed.failed.items():
        yield sources.unasked(kind, f"{what} of {region}", error=error, role=ROLES[what.removesuffix("s")])


def _called_gen1(asked: Asked, known: gathered.Gathered) -> frozenset[str]:
    """Return the names of the first-generation functions that a job or a push subscription still calls."""
    pushed = () if isinstance(known.subscriptions, errors.CloudError) else known.subscriptions
    urls = (*(job.uri for job in known.jobs.found), *(one.endpoint for one in pushed))
    found = (
        targets.resolve(url, project=asked.project, functions=known.functions.found, services=known.services.found)
        for url in urls
    )
    return frozenset(one.function.short for one in found if one.kind == "gen1" and one.function)


def _subscriptions(asked: Asked, known: gathered.Gathered) -> Sequence[Finding]:
    declared = asked.health.subscriptions
    return subscriptions.findings(known.subscriptions, known.topics, ages=known.ages, declared=declared)


def _invokers(asked: Asked, known: gathered.Gathered) -> Sequence[Finding]:
    found = invokers.findings(
        known.subscriptions,
        _any_or_error(known.jobs),
        services=_any_or_error(known.services),
        functions=_function_list(known),
        policies=known.policies,
        project=asked.project,
        regions=asked.health.regions,
        whole=known.services.whole and known.functions.whole,
    )
    parts = (("jobs", known.jobs), ("services", known.services))
    missing = (one for what, listed in parts if listed.found for one in _partly("invoker", what, listed))
    return (*missing, *found)


def _outputs(asked: Asked, known: gathered.Gathered) -> Sequence[Finding]:
    day = outputs.day(asked.day, known.calendar, asked.declared.pipeline.game_day)
    return outputs.findings(asked.health.outputs, known.contents, day, asked.now)


def _pipeline(asked: Asked, known: gathered.Gathered) -> Sequence[Finding]:
    told = pipeline.Told(
        runs=known.runs,
        said=known.said,
        day=asked.day,
        now=asked.now,
        grace=datetime.timedelta(minutes=asked.health.reporters.grace_minutes),
        game_day=asked.declared.pipeline.game_day,
    )
    return pipeline.findings(asked.health.pipeline, told, asked.declared.functions)


def _spend(asked: Asked, known: gathered.Gathered) -> Sequence[Finding]:
    return spend.findings(known.spend, _games(asked, known), declared=asked.health.spend)


def _games(asked: Asked, known: gathered.Gathered) -> dict[int, bool] | None:
    """Return whether there were games in each of the last windows of 24 hours, by how many days ago; None if unknown.

    The middle of a window decides which game day it is.
    """
    game_day = asked.declared.pipeline.game_day
    if isinstance(known.calendar, errors.CloudError) or asked.day != gamedays.of(asked.now, game_day):
        return None
    windows = range(asked.health.spend.days + 1)
    middles = {number: asked.now - datetime.timedelta(days=number, hours=12) for number in windows}
    return {number: known.calendar.games(gamedays.of(middle, game_day)) > 0 for number, middle in middles.items()}


def _alerts(asked: Asked, known: gathered.Gathered) -> Sequence[Finding]:
    return alerts.findings(known.runs, known.said, tuple(asked.declared.functions), asked.now)


def _in_season(asked: Asked, known: gathered.Gathered) -> bool | None:
    if isinstance(known.calendar, errors.CloudError):
        return None
    return known.calendar.standing(asked.day) is not calendars.Standing.OFF_SEASON


def _or_none(answer: Any) -> Any:
    return None if isinstance(answer, errors.CloudError) else answer


def _function_list(known: gathered.Gathered) -> Any:
    return next(iter(known.functions.failed.values()), known.functions.found)


def _any_or_error(listed: gathered.Listed) -> Any:
    """Return what was found in any region, or the error when no region answered."""
    first: Any = next(iter(listed.failed.values()), ())
    return listed.found or first


def _unlisted(kind: str, listed: gathered.Listed) -> Iterator[Finding]:
    """Yield that the resources of a region could not be listed, and each one among others that could not be read."""
    for region, error in listed.failed.items():
        yield sources.unasked(kind, f"all of {region}", error=error, role=ROLES[kind])
    if kind != "job":
        # The doctor tells of the jobs that cannot be read.
        yield from _garbled(kind, listed)


def _garbled(kind: str, listed: gathered.Listed) -> Iterator[Finding]:
    for one in listed.garbled:
        fix = "look at the resource with gcloud; this version cannot read what the API answers"
        yield Finding(one.name, kind, Status.ERROR, "garbled", one.why, fix=fix)
