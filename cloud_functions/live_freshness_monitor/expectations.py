"""What the calendar lets one expect of a document, and whether it holds that; pure.

Without a game in progress an old `as_of` is fine, and before the first game nothing need be there. What the schedule
said already when the grace began must be seen by now: games that had begun then, and games that were over then. Both
numbers only grow, so a provider that is ahead of the schedule is never wrong.
"""

import dataclasses
import datetime
import re
from collections.abc import Iterator
from typing import Any

from cloud_functions.live_freshness_monitor import declaration, seen, verdicts
from cloud_functions.live_freshness_monitor.verdicts import Verdict
from shared import calendars, wording
from shared.exports.manifest import Content, Entry
from shared.statuses import Status

NO_GAMES = (calendars.Standing.OFF_DAY, calendars.Standing.BREAK, calendars.Standing.OFF_SEASON)
_MAX_AGE = re.compile(r"(?:^|[\s,])(?:s-)?max-?age=\"?([0-9]{1,9})")
_NO_CACHE = re.compile(r"(?:^|[\s,])no-(?:store|cache)\b")


@dataclasses.dataclass(frozen=True)
class Look:
    """One document as it was found: its declaration, its entry of the manifest, its pages by path, and its content."""

    asked: seen.Asked
    declared: declaration.Document
    entry: Entry
    content: Content
    pages: dict[str, seen.Page]
    document: Any

    def number(self, name: str) -> int | None:
        """Return the number at a declared path, None where no path is declared."""
        path = getattr(self.declared, name)
        return None if path is None else seen.count(seen.at(self.document, path))


def night_of(asked: seen.Asked) -> seen.Night | Verdict:
    """Return the night, where the day has games, else why nothing can be expected of it."""
    night = asked.night
    if not isinstance(night, seen.Night):
        message = f"the calendar could not be read, so that nothing can be expected: {night}"
        return Verdict(Status.ERROR, "no_calendar", message)
    if night.standing is calendars.Standing.UNKNOWN:
        message = f"the schedule does not cover {asked.day}, so that nothing can be expected"
        return Verdict(Status.UNKNOWN, "no_schedule", message)
    if night.standing in NO_GAMES:
        return Verdict(Status.SKIP, night.standing.value, f"no games on {asked.day}: {night.standing.value}")
    return night


def begun(night: seen.Night) -> int:
    """Return how many games had begun when the grace began; those that have now where that is not known."""
    then = night.settled or night.now
    return then.live + then.final


def waiting(asked: seen.Asked, night: seen.Night) -> Verdict:
    """Return that nothing need be there yet."""
    message = f"no game of {asked.day} began more than {wording.figure(asked.declared.grace_minutes)} min ago"
    return Verdict(Status.SKIP, "not_begun", message, observed=night.now.live + night.now.final, unit="games")


def playing(night: seen.Night) -> int:
    """Return how many games are being played, and were when the grace began."""
    return night.now.live if night.settled is None else min(night.now.live, night.settled.live)


def document(look: Look) -> Verdict:
    """Return what is to be said of a document that could be read, and holds what the manifest promises."""
    night = night_of(look.asked)
    if isinstance(night, Verdict):
        return _without_games(look, night)
    return (
        _day(look, night)
        or _empty(look, night)
        or _aged(look, night)
        or _counted(look, night)
        or _cached(look, night)
        or _fresh(look)
    )


def about(look: Look) -> str:
    """Return the day that a document is about: by itself where a path is declared, else by the manifest."""
    own = look.content.day.isoformat()
    told = own if look.declared.day is None else str(seen.at(look.document, look.declared.day))
    return own if own != look.asked.day.isoformat() else told


def _without_games(look: Look, nothing: Verdict) -> Verdict:
    """Return that nothing is expected, unless the document tells of games on a day that has none."""
    if nothing.status is not Status.SKIP or about(look) != look.asked.day.isoformat():
        return nothing
    for name in ("games", "in_progress", "finals"):
        told = look.number(name)
        if told:
            message = f"the schedule has no games on {look.asked.day} ({nothing.reason}); it tells of {told}"
            return verdicts.bad("miscounted", message, observed=told, expected=0, unit="games")
    return nothing


def _day(look: Look, night: seen.Night) -> Verdict | None:
    day, told = look.asked.day.isoformat(), about(look)
    if told == day:
        return None
    if not begun(night):
        return waiting(look.asked, night)
    return verdicts.bad("wrong_day", f"it is about {told[:40]}, not {day}", observed=told[:40], expected=day)


def _empty(look: Look, night: seen.Night) -> Verdict | None:
    for name in ("games", "rows"):
        if look.number(name) == 0:
            message = f"{wording.amount(night.now.games, 'game')} on {look.asked.day}, and no {name} in it"
            return verdicts.bad("empty", message, observed=0, expected="more than 0", unit=name)
    return None


def aged(asked: seen.Asked, instant: datetime.datetime, most: int) -> tuple[int, bool]:
    """Return the age of an instant in seconds, and whether it is above `most`."""
    seconds = round((asked.now - instant).total_seconds())
    return seconds, seconds > most


def _aged(look: Look, night: seen.Night) -> Verdict | None:
    """Return that its data are too old while games are played; degraded where the publisher says so itself."""
    most = look.entry.max_age_seconds
    seconds, old = aged(look.asked, look.content.as_of, most)
    live = playing(night)
    said = f"its data were confirmed {seconds:,} s ago; {most:,} are allowed"
    if look.entry.status == "degraded":
        why = look.entry.message or look.entry.reason or "without a reason"
        status = Status.FAIL if old and live else Status.WARN
        return Verdict(status, "degraded", f"the last good content stays: {why[:300]}; {said}", seconds, most, "s")
    if old and live:
        message = f"{wording.amount(live, 'game')} in progress, and {said}"
        return verdicts.bad("frozen", message, observed=seconds, expected=most, unit="s")
    return None


def _counted(look: Look, night: seen.Night) -> Verdict | None:
    """Return which number of games lies below what the schedule said already when the grace began."""
    then = night.settled
    if then is None and look.content.updated_at <= look.asked.now - look.asked.declared.grace:
        then = night.now  # The content itself did not change for so long, whatever the schedule said in between.
    if then is None:
        return None
    for word, told, expected in _numbers(look, night, then):
        if told < expected:
            message = f"{told} of {expected} {word}"
            return verdicts.bad("miscounted", message, observed=told, expected=expected, unit="games")
    return None


def _numbers(look: Look, night: seen.Night, then: calendars.Day) -> Iterator[tuple[str, int, int]]:
    games, playing_now, over = look.number("games"), look.number("in_progress"), look.number("finals")
    if games is not None:
        yield "games", games, min(night.now.games, then.games)
    if over is not None:
        yield "games that are over", over, then.final
    if playing_now is not None and over is not None:
        yield "games that have begun", playing_now + over, then.live + then.final


def _cached(look: Look, night: seen.Night) -> Verdict | None:
    """Return that browsers are not told for how long to keep it, or too long while it may still change."""
    found = [cached(page.cache, look.entry.max_age_seconds) for page in look.pages.values()]
    over = night.now.final >= night.now.games
    return next((one for one in found if one and not (over and one.reason == "cache_too_long")), None)


def cached(header: str | None, most: int) -> Verdict | None:
    """Return what is wrong with a Cache-Control header, given the seconds that content may be old."""
    text = (header or "").lower()
    ages = [int(age) for age in _MAX_AGE.findall(text)]
    if _NO_CACHE.search(text):
        return None
    if not ages:
        told = f"Cache-Control is {header[:60]!r}" if header else "it has no Cache-Control"
        return Verdict(Status.WARN, "uncached", f"{told}: each cache keeps it for as long as it likes")
    if max(ages) > most:
        message = f"caches may keep it for {max(ages):,} s; its data may be {most:,} s old"
        return Verdict(Status.WARN, "cache_too_long", message, max(ages), most, "s")
    return None


def _fresh(look: Look) -> Verdict:
    seconds, _ = aged(look.asked, look.content.as_of, 0)
    told = [f"{value} {word}" for name, word in _SAID if (value := look.number(name)) is not None]
    message = ", ".join([f"confirmed {seconds:,} s ago", *told])
    return Verdict(Status.PASS, "fresh", message, seconds, look.entry.max_age_seconds, "s")


_SAID = (("games", "games"), ("in_progress", "in progress"), ("finals", "final"), ("rows", "rows"))
