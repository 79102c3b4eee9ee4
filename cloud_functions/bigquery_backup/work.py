"""What the steps of one run share."""

import dataclasses
import threading
from collections.abc import Callable, Mapping

from cloud_functions.bigquery_backup.plan import Plan, Source
from shared import refs
from shared.gcp import clients


class Budget:
    """How many bytes may still be read back; safe to use from many threads."""

    def __init__(self, limit: int) -> None:
        self._lock = threading.Lock()
        self._left = limit

    def take(self, size: int) -> bool:
        """Return whether `size` bytes may be read, and count them off if so."""
        with self._lock:
            if size > self._left:
                return False
            self._left -= size
            return True


@dataclasses.dataclass(frozen=True)
class Work:
    """The plan, the means, what was read of the sources, and the limits; `stop` says why no step may be taken."""

    plan: Plan
    used: clients.Clients
    sources: Mapping[refs.Table, Source]
    budget: Budget
    scratch_hours: int
    stop: Callable[[], str | None]
