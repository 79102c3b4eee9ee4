"""The contract of protection: what holds and retention keep from being deleted or replaced."""

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import storage

from local.storage import server

Make = Callable[..., Any]


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime.datetime(2026, 2, 12, 9, 0, tzinfo=datetime.UTC)

    def __call__(self) -> datetime.datetime:
        """Return the time it was set to."""
        return self.now


def _held(blob: Any, hold: str) -> Any:
    setattr(blob, hold, True)
    blob.patch()
    return blob


@pytest.fixture
def clock() -> Clock:
    """Return the time on the stand-in of `timed`."""
    return Clock()


@pytest.fixture
def timed(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[storage.Client]:
    """Return a client of a stand-in whose time the test sets."""
    running = server.serve(clock=clock)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", running.url)
    made = storage.Client(project="contract-project")
    yield made
    made.close()
    running.close()


@pytest.mark.real_cloud
@pytest.mark.parametrize(("hold", "word"), [("temporary_hold", "Temporary"), ("event_based_hold", "Event-Based")])
@pytest.mark.parametrize("call", ["delete", "replace", "compose", "rewrite"])
def test_held_object_stays(bucket: Any, written: Make, hold: str, word: str, call: str) -> None:
    """An object under a hold can be neither deleted nor replaced in any way, until the hold ends."""
    blob = _held(written("held", b"kept"), hold)
    other = written("other", b"other")
    target = bucket.blob(blob.name)
    calls = {
        "delete": target.delete,
        "replace": lambda: target.upload_from_string(b"new"),
        "compose": lambda: target.compose([other]),
        "rewrite": lambda: target.rewrite(other),
    }
    with pytest.raises(exceptions.Forbidden, match=f"is under active {word} hold and cannot be deleted"):
        calls[call]()
    assert bucket.blob(blob.name).download_as_bytes() == b"kept"
    setattr(blob, hold, False)
    blob.patch()
    calls[call]()


@pytest.mark.real_cloud
def test_held_object_may_be_described_anew(written: Make) -> None:
    """A hold protects the bytes, not the metadata."""
    blob = _held(written("held"), "temporary_hold")
    blob.metadata = {"a": "b"}
    blob.patch()
    assert (blob.metadata, blob.temporary_hold) == ({"a": "b"}, True)


@pytest.mark.real_cloud
def test_default_hold_of_the_bucket_is_taken(new_bucket: Make) -> None:
    """Objects of a bucket with a default event-based hold begin under one."""
    blob = new_bucket(default_event_based_hold=True).blob("x")
    blob.upload_from_string(b"x")
    with pytest.raises(exceptions.Forbidden, match="Event-Based hold"):
        blob.delete()
    assert blob.event_based_hold is True


@pytest.mark.real_cloud
def test_retained_object_can_be_neither_deleted_nor_replaced(new_bucket: Make) -> None:
    """A retention policy of the bucket protects its objects and says until when."""
    blob = new_bucket(retention_period=3600).blob("x")
    blob.upload_from_string(b"kept")
    for call in (blob.delete, lambda: blob.upload_from_string(b"new")):
        with pytest.raises(exceptions.Forbidden, match="retention policy or object retention and cannot be deleted"):
            call()
    blob.reload()
    assert blob.retention_expiration_time - blob.time_created == datetime.timedelta(hours=1)


@pytest.mark.real_cloud
def test_end_of_the_policy_ends_the_retention(new_bucket: Make) -> None:
    """Removing an unlocked policy frees the objects at once."""
    bucket = new_bucket(retention_period=3600)
    blob = bucket.blob("x")
    blob.upload_from_string(b"x")
    bucket.retention_period = None
    bucket.patch()
    blob.delete()
    assert not blob.exists()


def test_retention_ends_with_time(timed: storage.Client, clock: Clock) -> None:
    """An object is protected to the end of its retention, and not longer."""
    bucket = timed.bucket("retaining")
    bucket.retention_period = 3600
    blob = timed.create_bucket(bucket).blob("x")
    blob.upload_from_string(b"x")
    clock.now += datetime.timedelta(seconds=3599)
    with pytest.raises(exceptions.Forbidden, match="until 2026-02-12T10:00:00"):
        blob.delete()
    clock.now += datetime.timedelta(seconds=1)
    blob.delete()
    assert not blob.exists()


def test_retention_starts_when_the_event_based_hold_ends(timed: storage.Client, clock: Clock) -> None:
    """Under an event-based hold the retention has not begun; it counts from the release."""
    bucket = timed.bucket("retaining")
    bucket.retention_period = 3600
    blob = timed.create_bucket(bucket).blob("x")
    blob.upload_from_string(b"x")
    _held(blob, "event_based_hold")
    assert blob.retention_expiration_time is None
    clock.now += datetime.timedelta(days=1)
    blob.event_based_hold = False
    blob.patch()
    assert blob.retention_expiration_time == clock.now + datetime.timedelta(hours=1)


def test_locked_policy_cannot_be_reduced_or_removed(client: storage.Client, new_bucket: Make) -> None:
    """A locked policy may be extended only; not run on the real service, where it would keep the bucket for good."""
    bucket = new_bucket(retention_period=60)
    bucket.lock_retention_policy()
    for period in (None, 59):
        shorter = client.get_bucket(bucket.name)
        shorter.retention_period = period
        with pytest.raises(exceptions.Forbidden, match="locked Retention Policy"):
            shorter.patch()
    bucket.retention_period = 61
    bucket.patch()
    assert (bucket.retention_period, bucket.retention_policy_locked) == (61, True)


def test_lock_of_a_changed_policy_is_refused(client: storage.Client, new_bucket: Make) -> None:
    """Locking names the metageneration that the caller saw."""
    bucket = new_bucket(retention_period=60)
    other = client.get_bucket(bucket.name)
    other.retention_period = 90
    other.patch()
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.lock_retention_policy()


def test_retention_of_one_object_is_enforced(timed: storage.Client, clock: Clock) -> None:
    """An object may have its own retention in a bucket that allows it; unlocked, it can be lifted on demand."""
    blob = timed.create_bucket("retaining", enable_object_retention=True).blob("x")
    blob.upload_from_string(b"x")
    blob.retention.mode = "Unlocked"
    blob.retention.retain_until_time = clock.now + datetime.timedelta(days=1)
    blob.patch()
    with pytest.raises(exceptions.Forbidden, match="object retention"):
        blob.delete()
    blob.retention.mode = None
    blob.retention.retain_until_time = None
    with pytest.raises(exceptions.Forbidden):
        blob.patch()
    blob.patch(override_unlocked_retention=True)
    blob.delete()
    assert not blob.exists()
