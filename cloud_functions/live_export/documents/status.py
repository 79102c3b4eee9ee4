"""How the other documents stand, for a banner on a site: healthy, degraded or unhealthy, and why; pure."""

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Literal

from cloud_functions.live_export import facts
from cloud_functions.live_export.documents import fields
from cloud_functions.live_export.documents.fields import described
from shared import calendars
from shared.exports import manifest

VERSION = "1.0"
NEEDS = ("schedule",)
"""The sources that it is made from."""
Health = Literal["healthy", "degraded", "unhealthy"]
PARTS = {"live_data": "live", "tonight_data": "tonight", "grading": "live-grading", "predictions": "live-grading"}
"""Which document each part of the site stands on, by its id."""


@dataclasses.dataclass(frozen=True)
class Service:
    """How one part of the site stands."""

    status: Health
    message: str
    last_update: datetime.datetime | None = dataclasses.field(metadata=described("As of when its data are."))
    age_minutes: int | None = dataclasses.field(metadata=described("Of last_update, at updated_at."))
    is_stale: bool


@dataclasses.dataclass(frozen=True)
class Issue:
    """Something that readers should know."""

    severity: Literal["critical", "warning"]
    message: str
    detected_at: datetime.datetime


@dataclasses.dataclass(frozen=True)
class Break:
    """Why no games are played for days."""

    headline: str
    message: str
    resume_date: datetime.date | None
    last_game_date: datetime.date | None


@dataclasses.dataclass(frozen=True)
class Status:
    """How everything that is published stands."""

    updated_at: datetime.datetime = dataclasses.field(metadata=fields.STAMP)
    game_date: datetime.date = dataclasses.field(metadata=fields.DAY)
    overall_status: Health
    services: Mapping[str, Service] = dataclasses.field(
        metadata=described("live_data, tonight_data, grading, predictions.")
    )
    known_issues: tuple[Issue, ...]
    maintenance_windows: tuple[str, ...]
    active_break: Break | None


def build(known: facts.Facts, stamp: datetime.datetime) -> Status:
    """Return the document, given since when its content is what it is."""
    services = {name: _service(name, known, stamp) for name in ("live_data", "tonight_data", "grading", "predictions")}
    issues = tuple(
        Issue("warning", f"{name}: {entry.message}", entry.since)
        for name, entry in sorted(known.entries.items())
        if entry.status == "degraded" and entry.message and entry.since
    )
    worst = {service.status for service in services.values()}
    return Status(
        updated_at=stamp,
        game_date=known.day,
        overall_status="unhealthy" if "unhealthy" in worst else "degraded" if "degraded" in worst else "healthy",
        services=services,
        known_issues=issues,
        maintenance_windows=(),
        active_break=_break(known),
    )


def measure(document: Status) -> fields.Measures:
    """Return what the document comes to."""
    return fields.Measures(len(document.services), {}, {})


def _service(name: str, known: facts.Facts, stamp: datetime.datetime) -> Service:
    entry = known.entries.get(PARTS[name])
    content = entry.content if entry else None
    if entry is None or content is None or content.day != known.day:
        health: Health = "unhealthy" if entry and entry.status == "degraded" else "degraded"
        return Service(health, "nothing is published for the day", None, None, is_stale=True)
    # Whether it is stale is told by now, not by the stamp, so that a document whose sources fell silent changes.
    stale = known.active and (known.now - content.as_of).total_seconds() > entry.max_age_seconds
    age = max(0, int((stamp - content.as_of).total_seconds())) // 60
    health, message = _standing(name, entry, content, known, stale=stale)
    return Service(health, message, content.as_of, age, stale)


def _standing(
    name: str, entry: manifest.Entry, content: manifest.Content, known: facts.Facts, *, stale: bool
) -> tuple[Health, str]:
    if known.standing is not calendars.Standing.GAMES:
        return "healthy", f"no games: {known.standing.value}"
    if entry.status == "degraded":
        return "unhealthy" if stale else "degraded", entry.message or "an update was refused"
    if name == "predictions" and not content.rows:
        return "degraded", "there are no predictions for the day"
    return ("degraded", "its data are old") if stale else ("healthy", "up to date")


def _break(known: facts.Facts) -> Break | None:
    words = {calendars.Standing.BREAK: "Break", calendars.Standing.OFF_SEASON: "Off-season"}
    if known.standing not in words:
        return None
    days = known.calendar.days
    last = max((day for day, found in days.items() if day < known.day and found.games), default=None)
    resume = min((day for day, found in days.items() if day > known.day and found.games), default=None)
    message = f"Games resume on {resume:%B} {resume.day}." if resume else "No next game is scheduled yet."
    return Break(words[known.standing], message, resume, last)


DOCUMENT = Status
