"""A lease: one run at a time for one function and scope, held by an object that only one writer can create.

The object says who holds it and until when. It is renewed from a thread while the run goes on, so that the lease of a
killed run ends soon; whoever finds an expired lease takes it over with that very generation as precondition.
"""

import contextlib
import dataclasses
import datetime
import json
import threading
from collections.abc import Iterator

from google.cloud import storage

from shared import errors
from shared.gcp import storage as objects


@dataclasses.dataclass(frozen=True)
class Held:
    """Somebody else holds the lease: which run, and until when unless it renews."""

    run_id: str
    until: datetime.datetime


@dataclasses.dataclass
class Lease:
    """A lease that we hold; `lost` is set when it could not be renewed in time or was taken over."""

    client: storage.Client
    bucket: str
    name: str
    run_id: str
    seconds: float
    generation: int
    lost: threading.Event = dataclasses.field(default_factory=threading.Event)


def acquire(client: storage.Client, bucket: str, name: str, *, run_id: str, seconds: float) -> Lease | Held:
    """Return the lease, or who holds it; raise CloudError."""
    try:
        present, generation = objects.read(client, bucket, name)
    except errors.NotFound:
        present, generation = b"", 0
    holder = _holder(present)
    if holder and holder.until > datetime.datetime.now(datetime.UTC):
        return holder
    try:
        written = objects.write(client, bucket, name, _content(run_id, seconds), generation=generation)
    except errors.PreconditionFailed:
        return _winner(client, bucket, name)
    return Lease(client, bucket, name, run_id, seconds, written)


@contextlib.contextmanager
def kept(lease: Lease) -> Iterator[Lease]:
    """Yield the lease, renewed from a thread until the block ends, and then released."""
    stop = threading.Event()
    thread = threading.Thread(target=_renew_until, args=(lease, stop), name="lease", daemon=True)
    thread.start()
    try:
        yield lease
    finally:
        stop.set()
        thread.join()
        with contextlib.suppress(errors.CloudError):  # an unreleased lease expires by itself
            objects.delete(lease.client, lease.bucket, lease.name, generation=lease.generation)


def _renew_until(lease: Lease, stop: threading.Event) -> None:
    renewed = datetime.datetime.now(datetime.UTC)
    while not stop.wait(lease.seconds / 3):
        try:
            lease.generation = objects.write(
                lease.client,
                lease.bucket,
                lease.name,
                _content(lease.run_id, lease.seconds),
                generation=lease.generation,
            )
            renewed = datetime.datetime.now(datetime.UTC)
        except errors.PreconditionFailed:
            lease.lost.set()
            return
        except errors.CloudError:
            if datetime.datetime.now(datetime.UTC) - renewed > datetime.timedelta(seconds=lease.seconds):
                lease.lost.set()
                return


def _winner(client: storage.Client, bucket: str, name: str) -> Held:
    """Return who won the race for the lease; a winner that is gone already counts as one that holds it now."""
    now = datetime.datetime.now(datetime.UTC)
    try:
        return _holder(objects.read(client, bucket, name)[0]) or Held("unknown", now)
    except errors.NotFound:
        return Held("unknown", now)


def _content(run_id: str, seconds: float) -> bytes:
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
    return json.dumps({"run_id": run_id, "until": until.isoformat()}).encode()


def _holder(content: bytes) -> Held | None:
    """Return what a lease object says; None for one that says nothing readable, which is as good as expired."""
    try:
        facts = json.loads(content)
        return Held(str(facts["run_id"]), datetime.datetime.fromisoformat(facts["until"]))
    except (ValueError, KeyError, TypeError):
        return None
