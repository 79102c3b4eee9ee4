"""What the stand-in of the score provider knows: its night, the minute that it is, and the switches thrown."""

import threading
from collections.abc import Mapping
from typing import Any

from local.scores import refusals, script, switches


class State:
    """A night, its minute and its switches; safe to use from many threads."""

    def __init__(self, night: script.Night) -> None:
        self.night = night
        self._lock = threading.Lock()
        self._minute = -float(60)
        self._thrown: dict[str, Any] = {}

    def now(self) -> tuple[float, dict[str, Any]]:
        """Return the minute of the night, and the switches that are thrown."""
        with self._lock:
            return self._minute, dict(self._thrown)

    def at(self, minute: float) -> None:
        """Let it be this minute of the night; raise Refused (400) for what is no number."""
        if isinstance(minute, bool) or not isinstance(minute, int | float):
            raise refusals.Refused(400, f"The minute is a number, not {minute!r}.")
        with self._lock:
            self._minute = minute

    def throw(self, news: Mapping[str, Any]) -> None:
        """Merge switches into those thrown, null takes one back; raise Refused (400) for what is none."""
        games = [self.night.code(game) for game in self.night.games]
        with self._lock:
            self._thrown = switches.merged(self._thrown, news, games=games)

    def restore(self) -> None:
        """Take all switches back."""
        with self._lock:
            self._thrown = {}
