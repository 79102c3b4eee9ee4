"""Asks the score provider for the day's box scores: key, pages, time, and every way in which it can fail.

All pages or nothing: a part of the answer would look as if the other games did not exist.
"""

import json
import time
from collections.abc import Callable
from typing import NamedTuple

import requests

from cloud_functions.live_export import boxscores, declaration
from shared import errors, web

PATH = "/box_scores/live"
MOST_BYTES = 16 * 1024**2
"""The largest page that is read."""
PAUSE = 0.5
"""Seconds before the second try; each later pause is twice as long."""
PASSING = (errors.Unavailable, errors.QuotaExceeded, errors.Garbled)
"""What may pass by itself; half a page does."""
LEAST = 0.2
"""Seconds below which no request is begun."""


class _Means(NamedTuple):
    """What all requests of a run share; left: the seconds that remain for all of them."""

    session: requests.Session
    declared: declaration.Provider
    left: Callable[[], float]


class _Refused(NamedTuple):
    """Why one request brought no page, and the seconds that the provider asked for."""

    error: errors.CloudError
    wait: float = 0.0


def games(declared: declaration.Provider, *, seconds: float) -> tuple[boxscores.Game, ...]:
    """Return every game that the provider lists, within `seconds` and what is declared; raise CloudError."""
    ends = time.monotonic() + min(seconds, declared.seconds)
    with web.session() as session:
        means = _Means(session, declared, lambda: ends - time.monotonic())
        found: list[boxscores.Game] = []
        cursor, seen = None, set[str | None]()
        while cursor not in seen:
            seen.add(cursor)
            page = _page(means, cursor)
            found += page.games
            cursor = page.cursor
            if cursor is None:
                return tuple(found)
            if len(seen) >= declared.most_pages:
                break
        raise errors.Garbled(f"asking for scores: more than {len(seen)} pages, or a cursor that leads nowhere new")


def _page(means: _Means, cursor: str | None) -> boxscores.Page:
    """Return one page, asked for again while the reason may pass and there is time; raise CloudError."""
    number = 0
    while True:
        number += 1
        found = _asked(means, cursor)
        if isinstance(found, boxscores.Page):
            return found
        pause = max(PAUSE * 2 ** (number - 1), found.wait)
        passing = isinstance(found.error, PASSING)
        if not passing or number >= means.declared.tries or pause + LEAST >= means.left():
            raise found.error
        time.sleep(pause)


def _asked(means: _Means, cursor: str | None) -> boxscores.Page | _Refused:
    left = means.left()
    if left < LEAST:
        return _Refused(errors.Unavailable("asking for scores: the time for it is used up"))
    query = {"per_page": str(means.declared.page_size)} | ({"cursor": cursor} if cursor is not None else {})
    # One try may not take all the time, so that a provider that hangs once is asked again.
    seconds = left / 2 if means.declared.tries > 1 else left
    try:
        answer = web.get(
            means.session,
            means.declared.url.rstrip("/") + PATH,
            seconds=seconds,
            most_bytes=MOST_BYTES,
            query=query,
            headers={"Authorization": means.declared.key, "Accept": "application/json"},
        )
    except web.NoAnswer as error:
        return _Refused(errors.Unavailable(f"asking for scores: {error}"))
    return _read(answer) if answer.status == requests.codes.ok else _refusal(answer)


def _read(answer: web.Answer) -> boxscores.Page | _Refused:
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        return _Refused(errors.Garbled(f"asking for scores: {len(answer.body):,} bytes that are no JSON"))
    page = boxscores.read(value)
    if isinstance(page, str):
        return _Refused(errors.Garbled(f"asking for scores: not the answer that was promised: {page}"))
    return page


def _refusal(answer: web.Answer) -> _Refused:
    told = f"asking for scores: HTTP {answer.status}"
    if answer.status in (requests.codes.unauthorized, requests.codes.forbidden):
        return _Refused(errors.AccessDenied(f"{told}: the key is wrong, expired or missing"))
    if not answer.passing:
        return _Refused(errors.Rejected(told))
    kind = errors.QuotaExceeded if answer.status == requests.codes.too_many_requests else errors.Unavailable
    return _Refused(kind(told), web.retry_after(answer.headers))
