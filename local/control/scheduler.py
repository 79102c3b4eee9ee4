"""Jobs as Cloud Scheduler v1 says them."""

import base64
import datetime
import json
from typing import Any

from local.control import errors, paging, times
from local.control.world import World
from local.storage import exchange
from local.world import platform

PAGE = 500


def listed(world: World, request: exchange.Request, location: str) -> dict[str, Any]:
    """Return a page of a location's jobs."""
    jobs = world.platform().jobs if location == platform.REGION else ()
    shown, token = paging.page(jobs, request.query, default=PAGE, most=min(PAGE, world.platform().page))
    now = world.now()
    return paging.answer("jobs", shown, token=token, say=lambda job: resource(job, now))


def got(world: World, _request: exchange.Request, location: str, name: str) -> dict[str, Any]:
    """Return one job; raise Refused (404)."""
    return resource(_job(world, location, name), world.now())


def paused(world: World, request: exchange.Request, location: str, name: str) -> dict[str, Any]:
    """Return the job after it was paused; raise Refused (400) when it is not enabled."""
    _require(_job(world, location, name), "ENABLED")
    world.change(lambda switches: switches | {"paused": [*switches.get("paused", ()), name]})
    return got(world, request, location, name)


def resumed(world: World, request: exchange.Request, location: str, name: str) -> dict[str, Any]:
    """Return the job after it was resumed; raise Refused (400) when it is not paused."""
    _require(_job(world, location, name), "PAUSED")
    world.change(lambda switches: switches | {"paused": [one for one in switches["paused"] if one != name]})
    return got(world, request, location, name)


def ran(world: World, request: exchange.Request, location: str, name: str) -> dict[str, Any]:
    """Return the job after an attempt out of turn, which ends as all its attempts do."""
    _job(world, location, name)
    world.change(lambda switches: switches | {"ran": switches.get("ran", {}) | {name: times.instant(world.now())}})
    return got(world, request, location, name)


def resource(job: platform.Job, now: datetime.datetime) -> dict[str, Any]:
    """Return a job as the API says it at an instant; what is empty is left out."""
    attempted = times.last_attempt(job, now)
    said: dict[str, Any] = {
        "name": f"{platform.PARENT}/jobs/{job.name}",
        "httpTarget": _target(job),
        "userUpdateTime": times.instant(platform.DECLARED),
        "state": job.state,
        "scheduleTime": times.instant(times.next_run(job, now)),
        "schedule": job.cron,
        "timeZone": job.time_zone,
        "attemptDeadline": f"{job.deadline}s",
        "retryConfig": _retries(job),
    }
    if attempted:
        said["lastAttemptTime"] = times.instant(attempted)
        # A status without a code is that of a success.
        said["status"] = {"code": job.trouble.code} if job.trouble else {}
    return said


def _retries(job: platform.Job) -> dict[str, Any]:
    pauses = {"maxRetryDuration": "0s", "minBackoffDuration": "5s", "maxBackoffDuration": "3600s", "maxDoublings": 5}
    return pauses | ({"retryCount": job.retries} if job.retries else {})


def _target(job: platform.Job) -> dict[str, Any]:
    return {
        "uri": job.uri,
        "httpMethod": "POST",
        "headers": {"User-Agent": "Google-Cloud-Scheduler", "Content-Type": "application/json"},
        "body": base64.b64encode(json.dumps(dict(job.body)).encode()).decode(),
        "oidcToken": {"serviceAccountEmail": job.account, "audience": job.audience},
    }


def _job(world: World, location: str, name: str) -> platform.Job:
    for job in world.platform().jobs if location == platform.REGION else ():
        if job.name == name:
            return job
    raise errors.not_found("Job not found.")


def _require(job: platform.Job, state: str) -> None:
    if job.state != state:
        message = f"Job.state must be {state} for this, and is {job.state}."
        raise errors.Refused(400, message, status="FAILED_PRECONDITION")
