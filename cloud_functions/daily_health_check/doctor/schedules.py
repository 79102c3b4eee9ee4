"""When a schedule of Cloud Scheduler was due last, and how far apart its ticks are; pure.

A schedule is five fields of cron, or App Engine's `every N minutes|mins|hours`. The latter has no known first tick, so
its last one is taken to lie a whole interval back: late enough that nothing is called late too early.
"""

import datetime
import re
import zoneinfo
from collections.abc import Iterator

import cronsim

from shared import errors

FIELDS = 5
_INTERVAL = re.compile(r"every\s+([1-9]\d{0,4})\s+(minutes?|mins?|hours?)", re.IGNORECASE)
# Where the clock is put back an hour comes twice; a start this far off leaves no tick out.
_OVERLAP = datetime.timedelta(hours=1, minutes=1)
_ANY = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
"""A start for what does not depend on it."""


def previous(cron: str, time_zone: str, now: datetime.datetime) -> datetime.datetime:
    """Return the last instant, in UTC, at which a schedule was due at or before `now`; raise InvalidDeclaration."""
    zone = _zone(time_zone)
    interval = _interval(cron)
    if interval:
        return now.astimezone(datetime.UTC) - interval
    return next(tick for tick in _ticks(cron, (now + _OVERLAP).astimezone(zone), reverse=True) if tick <= now)


def following(cron: str, time_zone: str, now: datetime.datetime) -> datetime.datetime:
    """Return the first instant after `now`, in UTC, at which a schedule is due; raise InvalidDeclaration."""
    zone = _zone(time_zone)
    interval = _interval(cron)
    if interval:
        return now.astimezone(datetime.UTC) + interval
    return next(tick for tick in _ticks(cron, (now - _OVERLAP).astimezone(zone), reverse=False) if tick > now)


def period(cron: str, time_zone: str, now: datetime.datetime) -> datetime.timedelta:
    """Return how far apart the ticks around `now` are; raise InvalidDeclaration.

    It is the gap in which `now` lies, so that a job of the evening has a long one at noon and a short one at night.
    """
    interval = _interval(cron)
    if interval:
        _zone(time_zone)
        return interval
    return following(cron, time_zone, now) - previous(cron, time_zone, now)


def words(cron: str, time_zone: str) -> str:
    """Return a schedule as a person says it; as it is written when it cannot be read."""
    try:
        told = cron if _interval(cron) else cronsim.CronSim(cron, _ANY).explain()
    except cronsim.CronSimError:
        told = cron
    return f"{told[:1].lower()}{told[1:]}, {time_zone}"


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise errors.InvalidDeclaration([f"no such time zone: {name[:40]!r}"]) from None


def _interval(cron: str) -> datetime.timedelta | None:
    match = _INTERVAL.fullmatch(cron.strip())
    if not match:
        return None
    unit = "hours" if match[2].lower().startswith("hour") else "minutes"
    return datetime.timedelta(**{unit: int(match[1])})


def _ticks(cron: str, start: datetime.datetime, *, reverse: bool) -> Iterator[datetime.datetime]:
    if len(cron.split()) != FIELDS:
        raise errors.InvalidDeclaration([f"{cron[:60]!r} is no schedule: cron has five fields"])
    try:
        for tick in cronsim.CronSim(cron, start, reverse=reverse):
            yield tick.astimezone(datetime.UTC)
    except cronsim.CronSimError as error:
        raise errors.InvalidDeclaration([f"{cron[:60]!r} is no schedule: {str(error).lower()}"]) from None
    raise errors.InvalidDeclaration([f"{cron[:60]!r} is never due"])
