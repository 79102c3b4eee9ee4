"""The platform that one stand-in serves: the base, the switches that are thrown, and the clock."""

import datetime
import threading
from collections.abc import Callable, Mapping
from typing import Any

from local.control import switches
from local.world import platform

Clock = Callable[[], datetime.datetime]
Switches = dict[str, Any]


class World:
    """A platform that switches change; safe to use from many threads. The base itself never changes."""

    def __init__(self, base: platform.Platform, clock: Clock) -> None:
        self._base = base
        self._clock = clock
        self._lock = threading.Lock()
        self._thrown: Switches = {}
        self._current = base

    def now(self) -> datetime.datetime:
        """Return the instant that it is, in UTC."""
        return self._clock().astimezone(datetime.UTC)

    def platform(self) -> platform.Platform:
        """Return the platform as the switches have it."""
        with self._lock:
            return self._current

    def state(self) -> Switches:
        """Return the switches that are thrown."""
        with self._lock:
            return dict(self._thrown)

    def change(self, update: Callable[[Switches], Mapping[str, Any]]) -> None:
        """Replace the switches by what `update` makes of them; raise Refused (400), unchanged, for a mistake."""
        with self._lock:
            thrown = dict(update(dict(self._thrown)))
            self._current = switches.apply(self._base, thrown)
            self._thrown = thrown
