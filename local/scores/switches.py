"""The provider's own bad habits, by name, as thrown through `POST /_switches`; pure.

half_page     true: the status is 200 and the length is right, but the JSON ends in the middle
cut           true: the connection breaks in the middle of the body
garbage       true: a page of HTML with status 200
empty         true: no game at all, with status 200
wrong_date    true: every game is dated a day earlier
stale         minutes: the answers are as old as that
vanished      ids like 20260212_MIL_OKC: these games are left out, though they are being played
lingers       minutes: how long a game is listed after it was final
page          games: the largest page, whatever is asked for
retry_after   seconds: what a refusal with status 429 or 503 asks to wait

A name or a game that there is not is a mistake, so that no test passes because of a slip of the pen.
"""

from collections.abc import Collection, Mapping
from typing import Any

from local.scores import refusals

_FLAGS = ("half_page", "cut", "garbage", "empty", "wrong_date")
_NUMBERS = ("stale", "lingers", "page", "retry_after")
NAMES = (*_FLAGS, *_NUMBERS, "vanished")


def merged(thrown: Mapping[str, Any], news: Mapping[str, Any], *, games: Collection[str]) -> dict[str, Any]:
    """Return the switches with `news` among them, null takes one back; raise Refused (400) for what is none.

    games: the ids of the night's games.
    """
    for name, value in news.items():
        if name not in NAMES:
            raise refusals.Refused(400, f"There is no switch {name!r}; there are {', '.join(NAMES)}.")
        if value is not None and (mistake := _mistake(name, value, games)):
            raise refusals.Refused(400, f"The switch {name!r} takes {mistake}, not {value!r}.")
    return {name: value for name, value in {**thrown, **news}.items() if value is not None}


def _mistake(name: str, value: Any, games: Collection[str]) -> str:
    """Return what the switch takes, or "" when the value is just that."""
    if name in _FLAGS:
        return "" if isinstance(value, bool) else "true or false"
    if name == "vanished":
        known = isinstance(value, list) and all(one in games for one in value)
        return "" if known else f"a list of {', '.join(games)}"
    least = 1 if name == "page" else 0
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= least
    return "" if whole else f"a whole number from {least}"
