"""How the other documents stand, for a banner on a site: healthy, degraded or unhealthy, and why; pure."""

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Literal

from cloud_functions.live_export.documents import fields
from cloud_functions.live_export.documents.fields import described

VERSION = "1.0"
Health = Literal["healthy", "degraded", "unhealthy"]


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
