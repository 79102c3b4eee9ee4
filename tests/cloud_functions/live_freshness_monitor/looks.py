"""Looks at a site, made of what a publisher wrote, and what is found out about them."""

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any

from cloud_functions.live_freshness_monitor import declaration, judge, seen, verdicts
from shared import errors
from shared.calendars import Day, Standing
from shared.exports import layout, manifest
from shared.report import Finding
from shared.statuses import Status
from tests.cloud_functions.live_freshness_monitor import papers
from tests.cloud_functions.live_freshness_monitor.papers import Evening

NOW = datetime.datetime(2026, 2, 13, 1, 30, tzinfo=datetime.UTC)
LIVE = declaration.Document("live", "game_date", "total_games", "games_in_progress", "games_final", "games")
GRADING = declaration.Document(
    "live-grading", "game_date", None, "summary.games_in_progress", "summary.games_final", "predictions"
)
DECLARED = declaration.Freshness("https://site.example/v1", (LIVE, GRADING))
NOTHING: Mapping[str, seen.Got] = {}
NIGHT = seen.Night(Standing.GAMES, Day(3, 3, 1, 2), Day(3, 3, 1, 2))
GOOD = Evening(NOW)
OFF = seen.Night(Standing.OFF_DAY, Day(0, 0, 0), Day(0, 0, 0))


def night(games: int, final: int, live: int, *, then: tuple[int, int] | None = (0, 0)) -> seen.Night:
    """Return what the schedule says of a day with games; then: (final, live) when the grace began, None if unknown."""
    settled = None if then is None else Day(games, games, then[0], then[1])
    return seen.Night(Standing.GAMES, Day(games, games, final, live), settled)


def of(shown: Mapping[str, Any]) -> Evening:
    """Return the good night with changes."""
    return dataclasses.replace(GOOD, **shown)


def asked(of_night: seen.Night | errors.CloudError = NIGHT, **changes: Any) -> seen.Asked:
    """Return what is judged."""
    made = seen.Asked(DECLARED, DECLARED.documents, papers.DAY, today=True, now=NOW, night=of_night)
    return dataclasses.replace(made, **changes)


def site(
    objects: dict[str, bytes], pages: Mapping[str, seen.Got] = NOTHING, *, cache: str | None = papers.CACHE
) -> seen.Site:
    """Return a look at objects; `pages` are answered instead, by the beginning of their paths."""
    answered = pages.get("manifest", seen.Page(200, cache, objects[layout.MANIFEST]))
    read = "unread" if not isinstance(answered, seen.Page) else manifest.decode(answered.body or b"")
    found: dict[str, seen.Got] = {
        path: seen.Page(200, cache, body) for path, body in objects.items() if path != layout.MANIFEST
    }
    for name, page in pages.items():
        found |= {path: page for path in found if path.startswith(name)}
    return seen.Site(answered, read, found)


def judged(look: seen.Site, of_night: seen.Night | errors.CloudError = NIGHT, **changes: Any) -> dict[str, Finding]:
    """Return the findings by subject; each has a reason of the vocabulary, and what to do where it is bad."""
    found = judge.findings(asked(of_night, **changes), look)
    assert all(one.reason in verdicts.FIXES for one in found)
    assert all(one.fix for one in found if one.status not in (Status.PASS, Status.SKIP))
    return {one.subject: one for one in found}


def reasons(look: seen.Site, of_night: seen.Night | errors.CloudError = NIGHT, **changes: Any) -> list[tuple[str, str]]:
    """Return status and reason: of the manifest, of live, of live-grading."""
    return [(one.status.value, one.reason) for one in judged(look, of_night, **changes).values()]


FRESH, PASSED = ("pass", "fresh"), [("pass", "fresh")] * 3

SPOILED: dict[str, tuple[seen.Got, tuple[str, str]]] = {
    "gone": (seen.Page(404, None, b""), ("fail", "missing")),
    "no JSON": (seen.Page(200, papers.CACHE, b"<html>"), ("fail", "undecodable")),
    "cut": (seen.Page(200, papers.CACHE, b'{"game_date": "2026-0'), ("fail", "undecodable")),
    "no object": (seen.Page(200, papers.CACHE, b"[]"), ("fail", "undecodable")),
    "no gzip": (seen.Page(200, papers.CACHE, None), ("fail", "undecodable")),
    "no bytes": (seen.Page(200, papers.CACHE, b""), ("fail", "undecodable")),
    "no answer": (seen.Silence("no answer: ReadTimeout"), ("error", "unreachable")),
    "500": (seen.Page(500, None, b""), ("error", "unreachable")),
    "429": (seen.Page(429, None, b""), ("error", "unreachable")),
    "403": (seen.Page(403, None, b""), ("error", "access_denied")),
    "301": (seen.Page(301, None, b""), ("error", "refused")),
    "400": (seen.Page(400, None, b""), ("error", "refused")),
}
