"""Log entries as Cloud Logging v2 says them: how jobs' attempts ended, and what their services wrote meanwhile.

Of the filter language it knows the two filters below, each exactly in this form:
    resource.type="cloud_scheduler_job" AND jsonPayload."@type"="…AttemptFinished" AND severity>=ERROR AND <times>
    resource.type="cloud_run_revision" AND resource.labels.service_name=("a" OR "b") AND <times>
where <times> is timestamp>="T1" AND timestamp<="T2".
"""

import datetime
import re
from collections.abc import Iterator
from typing import Any

from local.control import errors, paging, times
from local.control.world import World
from local.storage import exchange
from local.world import platform

PAGE = 50
MOST = 1000
RETENTION = datetime.timedelta(days=30)
FINISHED = "type.googleapis.com/google.cloud.scheduler.logging.AttemptFinished"
_TIMES = r' AND timestamp>="(?P<first>[^"]+)" AND timestamp<="(?P<last>[^"]+)"'
_ATTEMPTS = re.compile(
    re.escape(f'resource.type="cloud_scheduler_job" AND jsonPayload."@type"="{FINISHED}" AND severity>=ERROR') + _TIMES
)
_LINES = re.compile(
    re.escape('resource.type="cloud_run_revision" AND resource.labels.service_name=(')
    + r'(?P<names>"[^"]+"(?: OR "[^"]+")*)\)'
    + _TIMES
)
_KNOWN = frozenset({"resourceNames", "filter", "orderBy", "pageSize", "pageToken"})
_LOGS = {
    "stdout": "run.googleapis.com%2Fstdout",
    "stderr": "run.googleapis.com%2Fstderr",
    "requests": "run.googleapis.com%2Frequests",
    "system": "run.googleapis.com%2Fvarlog%2Fsystem",
}
# The longest after the beginning of an attempt that a service still writes of it.
_LINGERING = datetime.timedelta(minutes=30)


def listed(world: World, request: exchange.Request) -> dict[str, Any]:
    """Return a page of the entries that a filter finds, the newest first; raise Refused (400, 403)."""
    asked = _asked(request)
    found = sorted(_found(world, asked["filter"]), key=lambda one: (one["timestamp"], one["insertId"]), reverse=True)
    shown, token = paging.page(found, asked, default=PAGE, most=MOST)
    return paging.answer("entries", shown, token=token, say=lambda one: one)


def _asked(request: exchange.Request) -> dict[str, Any]:
    asked = errors.document(request.body)
    if unknown := sorted(set(asked) - _KNOWN):
        raise errors.invalid(f'Invalid JSON payload received. Unknown name "{unknown[0]}": Cannot find field.')
    names = asked.get("resourceNames")
    if names != [f"projects/{platform.PROJECT}"]:
        raise errors.denied("logging.logEntries.list", str(names))
    if asked.get("orderBy") != "timestamp desc":
        raise errors.invalid(f"The stand-in orders by 'timestamp desc' only, not by {asked.get('orderBy')!r}.")
    return asked | {"filter": str(asked.get("filter", ""))}


def _found(world: World, text: str) -> Iterator[dict[str, Any]]:
    attempts, lines = _ATTEMPTS.fullmatch(text), _LINES.fullmatch(text)
    match = attempts or lines
    if not match:
        raise errors.invalid(f"The stand-in does not know this filter: {text}")
    try:
        first, last = times.read(match["first"]), times.read(match["last"])
    except ValueError as error:
        raise errors.invalid(f"Unparseable filter: {error}") from error
    now = world.now()
    first, last = max(first, now - RETENTION), min(last, now)
    failing = [job for job in world.platform().jobs if job.trouble]
    if attempts:
        return (one for job in failing for one in _finished(job, first, last, now=now))
    names = set(re.findall(r'"([^"]+)"', match["names"] if lines else ""))
    services = [one for one in world.platform().services if one.name in names]
    return (one for service in services for one in _written(service, failing, first, last, now=now))


def _finished(
    job: platform.Job, first: datetime.datetime, last: datetime.datetime, *, now: datetime.datetime
) -> Iterator[dict[str, Any]]:
    """Yield how a failing job's attempts ended between two instants."""
    trouble = job.trouble
    assert trouble  # noqa: S101 - only failing jobs are asked about
    takes = datetime.timedelta(seconds=trouble.seconds)
    for begun in times.attempts(job, first - takes, last - takes, now=now):
        http = {"httpRequest": {"status": trouble.http}} if trouble.http else {}
        yield http | {
            "insertId": platform.digest(f"{job.name} {begun}")[:16],
            "jsonPayload": {
                "@type": FINISHED,
                "jobName": f"{platform.PARENT}/jobs/{job.name}",
                "status": trouble.status,
                "targetType": "HTTP",
                "url": job.uri,
                "debugInfo": trouble.debug,
            },
            "resource": {
                "type": "cloud_scheduler_job",
                "labels": {"project_id": platform.PROJECT, "location": platform.REGION, "job_id": job.name},
            },
            "timestamp": times.instant(begun + takes),
            "severity": "ERROR",
            "logName": f"projects/{platform.PROJECT}/logs/cloudscheduler.googleapis.com%2Fexecutions",
            "receiveTimestamp": times.instant(begun + takes),
        }


def _written(
    service: platform.Service,
    failing: list[platform.Job],
    first: datetime.datetime,
    last: datetime.datetime,
    *,
    now: datetime.datetime,
) -> Iterator[dict[str, Any]]:
    """Yield what a service wrote between two instants, while it was called in vain."""
    for job in failing:
        if job.service != service.name or not job.trouble:
            continue
        for begun in times.attempts(job, first - _LINGERING, last, now=now):
            for said in job.trouble.said:
                at = begun + datetime.timedelta(seconds=said.seconds)
                if first <= at <= last:
                    yield _line(service, job, said, at)


def _line(service: platform.Service, job: platform.Job, said: platform.Said, at: datetime.datetime) -> dict[str, Any]:
    labels = {
        "project_id": platform.PROJECT,
        "location": platform.REGION,
        "service_name": service.name,
        "configuration_name": service.name,
        "revision_name": service.serving,
    }
    entry: dict[str, Any] = {
        "insertId": platform.digest(f"{job.name} {said.log} {at}")[:16],
        "resource": {"type": "cloud_run_revision", "labels": labels},
        "timestamp": times.instant(at),
        "severity": said.severity,
        "logName": f"projects/{platform.PROJECT}/logs/{_LOGS[said.log]}",
        "receiveTimestamp": times.instant(at),
    }
    if said.text:
        entry["textPayload"] = said.text
    if said.http:
        entry["httpRequest"] = {
            "requestMethod": "POST",
            "requestUrl": job.uri,
            "status": said.http,
            "userAgent": "Google-Cloud-Scheduler",
            "latency": f"{said.seconds:.3f}s",
        }
    return entry
