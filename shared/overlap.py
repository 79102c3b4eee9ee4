"""One run at a time, and one run a tick: the lease and the tick's mark that keep two runs from the same work."""

import dataclasses
import hashlib
from collections.abc import Callable, Sequence
from typing import TypeVar

from shared import errors
from shared.gcp import clients, leases, storage

T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Skipped:
    """Why the work was not done: `already_running`, or `tick_done`."""

    reason: str
    message: str


@dataclasses.dataclass(frozen=True)
class Place:
    """Where the marks of one function stand, and who asks: the bucket, and the run's id."""

    bucket: str
    function: str
    run_id: str


def alone(
    used: clients.Clients, place: Place, work: Callable[[Callable[[], bool]], T], *, scope: str, seconds: float
) -> T | Skipped:
    """Return what `work` returns under the lease of a scope, or that another run holds it; raise CloudError.

    `work` is given the question whether the lease was lost. seconds: how long a killed run blocks the next.
    """
    name = f"leases/{place.function}/{_digest(scope)}.json"
    lease = leases.acquire(used.storage, place.bucket, name, run_id=place.run_id, seconds=seconds)
    if isinstance(lease, leases.Held):
        return Skipped("already_running", f"run {lease.run_id} holds the lease until {lease.until:%H:%M:%SZ}")
    with leases.kept(lease):
        return work(lease.lost.is_set)


def once(used: clients.Clients, place: Place, work: Callable[[], T], *, tick: Sequence[str]) -> T | Skipped:
    """Return what `work` returns, or that it was done for this tick already; raise CloudError.

    tick: what the Scheduler tells of it; a call without all of that is no tick, and always done.
    """
    if not tick:
        return work()
    name = f"ticks/{place.function}/{_digest(*tick)}.json"
    try:
        earlier, _ = storage.read(used.storage, place.bucket, name)
        return Skipped("tick_done", f"this tick was answered already: {earlier.decode()}")
    except errors.NotFound:
        done = work()
    storage.create(used.storage, place.bucket, name, place.run_id.encode())
    return done


def _digest(*texts: str) -> str:
    return hashlib.sha256("\x1f".join(texts).encode()).hexdigest()[:24]
