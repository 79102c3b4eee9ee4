"""What tests and curious people may ask of every HTTP stand-in; what only one of them is asked stands in its `hooks`.

POST   /_faults     arm a fault (see local/faults.py); GET shows, DELETE disarms them
GET    /_requests   how many requests came, in total and by call; DELETE starts from nought
"""

import collections
import threading
from collections.abc import Callable

from local import faults
from local.storage import exchange

Document = Callable[[], dict[str, object]]
"""Returns the JSON object that the body of a request spells, or raises as the stand-in refuses a bad body."""


class Counter:
    """How many requests came, by call; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_call: collections.Counter[str] = collections.Counter()

    def add(self, call: str) -> None:
        """Count one request."""
        with self._lock:
            self._by_call[call] += 1

    def clear(self) -> None:
        """Start from nought."""
        with self._lock:
            self._by_call.clear()

    def state(self) -> dict[str, object]:
        """Return the counts as JSON values."""
        with self._lock:
            return {"total": self._by_call.total(), "by_call": dict(sorted(self._by_call.items()))}


def common(
    request: exchange.Request, document: Document, *, armed: faults.Faults, counted: Counter, whose: str
) -> exchange.Response | None:
    """Return the response to what every stand-in is asked, None for anything else; raise ValueError for no fault."""
    match request.method, request.path:
        case "GET", "/_faults":
            return exchange.json_response(armed.state())
        case "GET", "/_requests":
            return exchange.json_response(counted.state())
        case "POST", "/_faults":
            armed.arm(document(), whose=whose)
        case "DELETE", "/_faults":
            armed.clear()
        case "DELETE", "/_requests":
            counted.clear()
        case _:
            return None
    return exchange.Response(204)
