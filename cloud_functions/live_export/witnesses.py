"""From the answers of the sources to what a document is made from, or to why it cannot be made; reads the last one.

What one document needs costs no other: each waits for its own sources only.
"""

import dataclasses
import datetime
import functools
from collections.abc import Mapping, Sequence
from typing import Any

from cloud_functions.live_export import box, building, declaration, facts, night, plan, schedule, sources
from cloud_functions.live_export.documents import live
from shared import calendars, errors, shapes
from shared.exports import manifest

CALENDAR_FIX = "mend `calendar` in pipeline.yaml, or the right to read its table"
PROVIDER_FIX = "look at the score provider's key and at its own status; the next run asks again"


@dataclasses.dataclass(frozen=True)
class Asked:
    """What a run has asked for: the answers to come, for which day, and what was published of it last."""

    given: sources.Given
    day: datetime.date
    now: datetime.datetime
    coming: sources.Sources
    published: Sequence[box.Game]

    @functools.cached_property
    def calendar(self) -> calendars.Calendar | errors.CloudError:
        """What the calendar says, once it has said it."""
        found: calendars.Calendar | errors.CloudError = self.coming.get(sources.CALENDAR)
        return found

    def on(self) -> plan.Day:
        """Return what the calendar says of the day; unknown where it says nothing."""
        if isinstance(self.calendar, errors.CloudError):
            return plan.Day(self.day, calendars.Standing.UNKNOWN, 0)
        return plan.Day(self.day, self.calendar.standing(self.day), self.calendar.games(self.day))


def games_of(content: bytes) -> tuple[box.Game, ...]:
    """Return the games of a published document of scores; none when it is of another version, or unreadable."""
    built, _ = shapes.build(live.Live, shapes.plain(building.decoded(content)))
    return built.games if built else ()


def known(
    asked: Asked, document: declaration.Document, entries: Mapping[str, manifest.Entry]
) -> facts.Facts | plan.Trouble:
    """Return what a document is made from, waiting for its sources, or why it cannot be made."""
    calendar = asked.calendar
    if isinstance(calendar, errors.CloudError):
        return plan.Trouble("calendar_failed", str(calendar), CALENDAR_FIX, judged=False)
    told: dict[str, Any] = {}
    for name in document.sources:
        answer = asked.coming.get(name)
        if isinstance(answer, errors.CloudError):
            return _failed(name, answer)
        told[name] = answer
    return _facts(asked, calendar, told, entries)


def _failed(name: str, error: errors.CloudError) -> plan.Trouble:
    if name == declaration.PROVIDER:
        return plan.Trouble("provider_failed", str(error), PROVIDER_FIX, judged=False)
    fix = f"look at queries/{name}.sql, its tables, its limits and the account's rights"
    return plan.Trouble("query_failed", f"{name}: {error}", fix, judged=False)


def _facts(
    asked: Asked, calendar: calendars.Calendar, told: Mapping[str, Any], entries: Mapping[str, manifest.Entry]
) -> facts.Facts | plan.Trouble:
    declared = asked.given.declared
    games = schedule.read(told.get(sources.SCHEDULE, ()), asked.day, declared.pipeline.game_day)
    counted = calendar.games(asked.day)
    if sources.SCHEDULE in told and len(games) != counted:
        message = f"the schedule lists {len(games)} games, and the calendar counts {counted}"
        return plan.Trouble("calendar_differs", message, "let schedule.sql and pipeline.yaml count the same games")
    scores = told.get(declaration.PROVIDER)
    merged = night.merge(night.Witnesses(games, told.get(sources.OFFICIAL, ()), scores, asked.published), asked.day)
    lost = night.missing(merged)
    if scores is not None and lost and len(lost) >= merged.counted("in_progress"):
        message = f"the provider lists none of {len(lost)} games that are being played"
        return plan.Trouble("scores_missing", message, PROVIDER_FIX)
    return facts.Facts(
        day=asked.day,
        now=asked.now,
        calendar=calendar,
        schedule=games,
        night=merged,
        rule=declared.exports.grade,
        predictions=told.get("predictions", ()),
        players=told.get("players", ()),
        recent=told.get("recent", ()),
        entries=entries,
    )
