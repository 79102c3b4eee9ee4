"""One run at a time: exactly one of many gets the lease, and a dead holder's lease ends."""

import concurrent.futures
import time
from collections.abc import Callable
from typing import Any

from shared.gcp import leases, storage


def acquire(client: Any, bucket: str, run_id: str, seconds: float = 30.0) -> leases.Lease | leases.Held:
    """Ask for the lease of these tests."""
    return leases.acquire(client, bucket, "leases/f/x.json", run_id=run_id, seconds=seconds)


def test_one_of_many_gets_the_lease(storage_client: Any, make_bucket: Callable[[], str]) -> None:
    """Eight callers at once: one holds, seven are told who."""
    bucket = make_bucket()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: acquire(storage_client, bucket, f"run-{number}"), range(8)))

    holders = [answer for answer in answers if isinstance(answer, leases.Lease)]
    assert len(holders) == 1
    assert {answer.run_id for answer in answers} == {holders[0].run_id}


def test_released_lease_is_free_at_once(storage_client: Any, make_bucket: Callable[[], str]) -> None:
    """The end of a run lets the next one in."""
    bucket = make_bucket()
    first = acquire(storage_client, bucket, "first")
    assert isinstance(first, leases.Lease)
    with leases.kept(first):
        assert isinstance(acquire(storage_client, bucket, "second"), leases.Held)

    assert isinstance(acquire(storage_client, bucket, "third"), leases.Lease)


def test_expired_lease_is_taken_over_once(storage_client: Any, make_bucket: Callable[[], str]) -> None:
    """A killed run's lease ends by itself; of those who wait, one gets it."""
    bucket = make_bucket()
    assert isinstance(acquire(storage_client, bucket, "killed", seconds=0.0), leases.Lease)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: acquire(storage_client, bucket, f"run-{number}"), range(8)))

    assert len([answer for answer in answers if isinstance(answer, leases.Lease)]) == 1


def test_kept_lease_outlives_its_seconds(storage_client: Any, make_bucket: Callable[[], str]) -> None:
    """A long run renews its lease: whoever comes later is still sent away."""
    bucket = make_bucket()
    lease = acquire(storage_client, bucket, "long", seconds=0.6)
    assert isinstance(lease, leases.Lease)
    first = lease.generation
    with leases.kept(lease):
        deadline = time.monotonic() + 20
        while lease.generation == first and time.monotonic() < deadline:
            time.sleep(0.02)

        assert lease.generation != first
        assert isinstance(acquire(storage_client, bucket, "late"), leases.Held)
        assert not lease.lost.is_set()


def test_lease_that_was_taken_over_is_lost(storage_client: Any, make_bucket: Callable[[], str]) -> None:
    """A run that slept too long learns that another has begun, and leaves that one's lease alone."""
    bucket = make_bucket()
    lease = acquire(storage_client, bucket, "sleeper", seconds=0.3)
    assert isinstance(lease, leases.Lease)
    taken = storage.write(
        storage_client, bucket, lease.name, b'{"run_id": "other", "until": "2999-01-01T00:00:00+00:00"}',
        generation=lease.generation,
    )  # fmt: skip
    with leases.kept(lease):
        assert lease.lost.wait(20)

    assert storage.read(storage_client, bucket, lease.name)[1] == taken


def test_unreadable_lease_does_not_block_for_ever(storage_client: Any, make_bucket: Callable[[], str]) -> None:
    """An object that says nothing is as good as expired."""
    bucket = make_bucket()
    storage.create(storage_client, bucket, "leases/f/x.json", b"not json")

    assert isinstance(acquire(storage_client, bucket, "next"), leases.Lease)
