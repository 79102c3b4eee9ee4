"""Whether the published documents hold what readers need: judged by what stands in them, not by when they were written.

Pure. A file that was stamped anew over stale content is stale; on a day without games nothing new is expected.
"""

import dataclasses
import datetime
import json
from collections.abc import Mapping, Sequence
from typing import Any

from cloud_functions.daily_health_check import declaration
from shared import calendars, errors, gamedays
from shared.report import Finding
from shared.statuses import Status

KIND = "output"
AHEAD = datetime.timedelta(minutes=5)
"""How far a document's clock may be ahead."""
DAY = "{day}"
"""What stands in an object's name for the game day."""
NO_GAMES = (calendars.Standing.OFF_DAY, calendars.Standing.BREAK, calendars.Standing.OFF_SEASON)
_ABSENT = object()


@dataclasses.dataclass(frozen=True)
class Day:
    """The game day that is judged: what the calendar says of it, how many games it has, and what a game day is."""

    date: datetime.date
    standing: calendars.Standing
    games: int
    game_day: gamedays.GameDay


def day(
    date: datetime.date, calendar: calendars.Calendar | errors.CloudError, game_day: gamedays.GameDay
) -> Day | errors.CloudError:
    """Return the game day that is judged, or why the calendar says nothing of it."""
    if isinstance(calendar, errors.CloudError):
        return calendar
    return Day(date, calendar.standing(date), calendar.games(date), game_day)


def findings(
    declared: Sequence[declaration.Output],
    contents: Mapping[str, bytes | errors.CloudError],
    day: Day | errors.CloudError,
    now: datetime.datetime,
) -> tuple[Finding, ...]:
    """Return one finding for each declared document, given its content or why it could not be read.

    day: the game day, or why the calendar could not be read: then nothing can be expected.
    """
    if isinstance(day, errors.CloudError):
        return tuple(_unexpected(one, day) for one in declared)
    return tuple(_judged(one, contents[one.id], day, now) for one in declared)


def of_day(one: declaration.Output, day: datetime.date) -> declaration.Output:
    """Return the output as it is named for a day."""
    return dataclasses.replace(one, object=one.object.replace(DAY, day.isoformat()))


def _judged(one: declaration.Output, content: bytes | errors.CloudError, day: Day, now: datetime.datetime) -> Finding:
    dated, one = DAY in one.object, of_day(one, day.date)
    place = f"gs://{one.bucket}/{one.object}"
    if isinstance(content, errors.CloudError) and not isinstance(content, errors.NotFound):
        fix = f"give the health check the right to read {place}, or look whether Cloud Storage answers"
        return Finding(one.id, KIND, Status.ERROR, content.code, str(content), severity=one.severity, fix=fix)
    if one.due and now < gamedays.at(day.date, datetime.time.fromisoformat(one.due), day.game_day):
        return Finding(one.id, KIND, Status.SKIP, "not_due", f"it is due at {one.due}", severity="info")
    if dated and isinstance(content, errors.NotFound) and day.standing in NO_GAMES:
        return _off(one, day)
    if isinstance(content, errors.NotFound):
        return _bad(one, "missing", f"{place} does not exist", fix="run the export that publishes it")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        message = f"{place} holds {len(content)} bytes that are no JSON"
        return _bad(one, "undecodable", message, fix="publish it again; look for a writer that was cut off")
    return _content(one, document, day, now)


def _unexpected(one: declaration.Output, error: errors.CloudError) -> Finding:
    message = f"the calendar could not be read, so that nothing can be expected of it: {error}"
    fix = "mend `calendar` in pipeline.yaml, or the right to read its table"
    return Finding(one.id, KIND, Status.ERROR, error.code, message, severity=one.severity, fix=fix)


def _content(one: declaration.Output, document: Any, day: Day, now: datetime.datetime) -> Finding:
    as_of = _instant(_at(document, one.as_of))
    if as_of is None:
        return _bad(one, "no_as_of", f"there is no instant at {one.as_of!r}", fix="publish the instant of its data")
    age = now - as_of
    if age < -AHEAD:
        message = f"it is dated {-age.total_seconds() / 60:,.0f} min ahead of now"
        return _bad(one, "as_of_in_future", message, fix="find out whose clock is wrong: a fresh stamp proves nothing")
    if day.standing is calendars.Standing.UNKNOWN:
        message = f"the schedule does not cover {day.date}, so that nothing can be expected of it"
        fix = "look why the schedule table does not reach that day"
        return Finding(one.id, KIND, Status.UNKNOWN, day.standing.value, message, severity=one.severity, fix=fix)
    if day.standing in NO_GAMES:
        return _off(one, day)
    return _on_a_game_day(one, document, day, age)


def _off(one: declaration.Output, day: Day) -> Finding:
    message = f"no games on {day.date}: {day.standing.value}"
    return Finding(one.id, KIND, Status.SKIP, day.standing.value, message, severity="info")


def _on_a_game_day(one: declaration.Output, document: Any, day: Day, age: datetime.timedelta) -> Finding:
    export = "run the export that publishes it, and look why it did not"
    if one.day is not None and _at(document, one.day) != day.date.isoformat():
        found = _at(document, one.day)
        told = "nothing" if found is _ABSENT else str(found)[:40]
        return _bad(
            one, "wrong_day", f"it is about {told}, not {day.date}", observed=told, expected=str(day.date), fix=export
        )
    rows = None if one.rows is None else _count(_at(document, one.rows))
    if one.rows is not None and not rows:
        message = f"{day.games} game(s) on {day.date}, and nothing at {one.rows!r}"
        fix = "find out what its source answered: empty content was published over good"
        return _bad(one, "empty", message, observed=rows, expected="more than 0", unit="rows", fix=fix)
    minutes = round(age.total_seconds() / 60)
    if minutes > one.max_age_minutes:
        message = f"its data are {minutes:,} min old; {one.max_age_minutes:,} are allowed"
        return _bad(one, "stale", message, observed=minutes, expected=one.max_age_minutes, unit="min", fix=export)
    told = f"{minutes} min old" + ("" if rows is None else f", {rows:,} rows")
    return Finding(one.id, KIND, Status.PASS, "fresh", told, severity=one.severity, observed=minutes, unit="min")


def _at(document: Any, path: str) -> Any:
    """Return what stands at a dotted path of a document, or a mark that nothing does."""
    for name in path.split("."):
        if not isinstance(document, dict) or name not in document:
            return _ABSENT
        document = document[name]
    return document


def _count(value: Any) -> int:
    if isinstance(value, list | dict):
        return len(value)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0


def _instant(value: Any) -> datetime.datetime | None:
    try:
        found = datetime.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)


def _bad(one: declaration.Output, reason: str, message: str, *, fix: str, **more: Any) -> Finding:
    evidence = {"object": f"gs://{one.bucket}/{one.object}"}
    return Finding(
        one.id, KIND, Status.FAIL, reason, message, severity=one.severity, evidence=evidence, fix=fix, **more
    )
