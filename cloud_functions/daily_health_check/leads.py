"""What the first answers lead to: whose policies to read, whose logs to look at, which runs to hear; pure."""

import datetime
from collections.abc import Collection, Sequence

from cloud_functions.daily_health_check import declaration, gathered, snapshots
from cloud_functions.daily_health_check.doctor import targets
from cloud_functions.daily_health_check.doctor.known import Look
from cloud_functions.daily_health_check.judges import alerts, pipeline
from shared import errors, history

MOST_LOOKS = 10
"""How often the logs of services are asked for: Logging allows 60 reads a minute."""
AROUND = datetime.timedelta(minutes=2)
"""How far before an attempt, and after its end, its target may have said why it failed."""
SPAN = datetime.timedelta(hours=26)
OK = 0


def targets_of(known: gathered.Gathered, project: str, regions: Collection[str]) -> tuple[str, ...]:
    """Return the full names of the services that jobs and push subscriptions call, each once."""
    pushed = () if isinstance(known.subscriptions, errors.CloudError) else known.subscriptions
    called = [job.uri for job in known.jobs.found if job.uri] + [one.endpoint for one in pushed if one.endpoint]
    found = (_service(url, known, project, regions) for url in called)
    return tuple(sorted({service.name for service in found if service}))


def looks(known: gathered.Gathered, project: str, regions: Collection[str], now: datetime.datetime) -> tuple[Look, ...]:
    """Return where to look for why jobs failed: around the last attempt of each job that ended badly."""
    found: dict[str, Look] = {}
    logged = frozenset() if isinstance(known.attempts, errors.CloudError) else {one.job for one in known.attempts}
    for job in known.jobs.found:
        service = _service(job.uri, known, project, regions) if job.uri else None
        badly = job.code not in (None, OK) or job.name in logged
        if not service or not badly or not job.last_attempt or job.last_attempt < now - SPAN:
            continue
        until = min(now, job.last_attempt + datetime.timedelta(seconds=job.deadline) + AROUND)
        look = Look((service.short,), job.last_attempt - AROUND, until)
        found[service.short] = _joined([found[service.short], look]) if service.short in found else look
    wanted = sorted(found.values(), key=lambda look: (look.first, look.services))
    size = max(1, -(-len(wanted) // MOST_LOOKS))
    return tuple(_joined(wanted[start : start + size]) for start in range(0, len(wanted), size))


def runs(known: gathered.Gathered, declared: Sequence[declaration.Told], day: datetime.date) -> tuple[history.Run, ...]:
    """Return the runs whose findings are told again: the day's latest of each declared suite, and the relay's last."""
    if isinstance(known.runs, errors.CloudError):
        return ()
    relayed = alerts.latest(known.runs)
    return (*pipeline.wanted(known.runs, declared, day), *((relayed,) if relayed else ()))


def _joined(found: Sequence[Look]) -> Look:
    services = dict.fromkeys(name for look in found for name in look.services)
    return Look(tuple(services), min(look.first for look in found), max(look.until for look in found))


def _service(url: str, known: gathered.Gathered, project: str, regions: Collection[str]) -> snapshots.Service | None:
    found = targets.resolve(
        url,
        project=project,
        functions=known.functions.found,
        services=known.services.found,
        regions=tuple(regions),
    )
    return found.service
