"""When a job of Cloud Scheduler runs, and how Google writes instants and spans; pure."""

import datetime
import functools
import zoneinfo
from collections.abc import Iterator

import cronsim

from local.world import platform

# An attempt is told when it is over, and none takes longer.
SETTLING = datetime.timedelta(minutes=5)
_MINUTE = datetime.timedelta(minutes=1)


def last_attempt(job: platform.Job, now: datetime.datetime) -> datetime.datetime | None:
    """Return when a job's last attempt began, None when there was none: at its latest tick, unless somebody ran it."""
    if job.forced:
        return job.forced
    if job.ran is None:
        return None
    if job.ran < datetime.timedelta(0):
        return now - job.ran
    return _begun(job, _previous(job.cron, job.time_zone, _minute(now - SETTLING - job.ran)))


def next_run(job: platform.Job, now: datetime.datetime) -> datetime.datetime:
    """Return the tick after the latest one."""
    return _following(job.cron, job.time_zone, _previous(job.cron, job.time_zone, _minute(now - SETTLING)))


def attempts(
    job: platform.Job, first: datetime.datetime, last: datetime.datetime, *, now: datetime.datetime
) -> Iterator[datetime.datetime]:
    """Yield when the attempts of a job began that lie between two instants and are over, the newest first."""
    if job.forced and first <= job.forced <= last:
        yield job.forced
    if job.ran is None:
        return
    newest = now - SETTLING - max(job.ran, datetime.timedelta(0))
    tick = _previous(job.cron, job.time_zone, _minute(min(last, newest)))
    while _begun(job, tick) >= first:
        if _begun(job, tick) <= last:
            yield _begun(job, tick)
        tick = _previous(job.cron, job.time_zone, tick - _MINUTE)


def instant(when: datetime.datetime) -> str:
    """Return an instant as Google's JSON writes it, in UTC with microseconds."""
    return when.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read(text: str) -> datetime.datetime:
    """Return the instant that a text spells; raise ValueError when it spells none, or has no time zone."""
    found = datetime.datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"no time zone: {text!r}")
    return found


def _minute(when: datetime.datetime) -> datetime.datetime:
    return when.astimezone(datetime.UTC).replace(second=0, microsecond=0)


def _begun(job: platform.Job, tick: datetime.datetime) -> datetime.datetime:
    """Return when the attempt of a tick began: the service is never quite on time."""
    return tick + datetime.timedelta(milliseconds=200 + int(platform.digest(job.name)[:3], 16) % 1500)


@functools.lru_cache(maxsize=4096)
def _previous(cron: str, time_zone: str, minute: datetime.datetime) -> datetime.datetime:
    """Return the latest tick at or before a full minute."""
    local = (minute + _MINUTE).astimezone(zoneinfo.ZoneInfo(time_zone))
    found: datetime.datetime = next(cronsim.CronSim(cron, local, reverse=True))
    return found.astimezone(datetime.UTC)


@functools.lru_cache(maxsize=4096)
def _following(cron: str, time_zone: str, tick: datetime.datetime) -> datetime.datetime:
    found: datetime.datetime = next(cronsim.CronSim(cron, tick.astimezone(zoneinfo.ZoneInfo(time_zone))))
    return found.astimezone(datetime.UTC)
