"""One run at a time and one run a tick, told by objects in the operations bucket."""

import datetime
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from shared import errors, overlap
from shared.gcp import clients, storage

TICK = ("projects/p/locations/l/jobs/j", "2026-02-12T10:00:00Z")


@pytest.fixture
def used(bigquery_client: Any, storage_client: Any) -> clients.Clients:
    """Return the clients of the embedded cloud."""
    return clients.Clients(bigquery_client, storage_client, clients.Calls())


@pytest.fixture
def bucket(make_bucket: Callable[[], str]) -> str:
    """Return a fresh bucket."""
    return make_bucket()


def place(bucket: str, run_id: str = "first", function: str = "f") -> overlap.Place:
    """Return where the marks of a run stand."""
    return overlap.Place(bucket, function, run_id)


def objects(used: clients.Clients, bucket: str) -> list[str]:
    """Return the names of all objects in the bucket."""
    return [found.name for found in storage.list_objects(used.storage, bucket, "")]


def alone(used: clients.Clients, where: overlap.Place, work: Callable[[], Any], scope: str = "s") -> Any:
    """Return what came of work that does not ask whether its lease was lost."""
    return overlap.alone(used, where, lambda _: work(), scope=scope, seconds=30.0)


def never() -> Any:
    """Fail: this work must not be done."""
    raise AssertionError("the work was done")


def failing() -> Any:
    """Fail as a run does."""
    raise errors.Unavailable("the cloud is away")


def test_work_is_done_under_a_lease_that_ends_with_it(used: clients.Clients, bucket: str) -> None:
    """While it is done, one object says who does it; afterwards there is none."""
    during = alone(used, place(bucket), lambda: objects(used, bucket))

    (name,) = during
    assert name.startswith("leases/f/")
    assert objects(used, bucket) == []


def test_held_lease_skips_the_work(used: clients.Clients, bucket: str) -> None:
    """The second caller is told who holds the lease and until when, and does nothing."""
    before = datetime.datetime.now(datetime.UTC)
    skipped = alone(used, place(bucket), lambda: alone(used, place(bucket, "second"), never))

    assert isinstance(skipped, overlap.Skipped)
    assert skipped.reason == "already_running"
    words = skipped.message.split()
    assert words[:-1] == ["run", "first", "holds", "the", "lease", "until"]
    until = datetime.datetime.strptime(words[-1], "%H:%M:%SZ").replace(tzinfo=datetime.UTC)
    ahead = (until - before.replace(year=1900, month=1, day=1)).total_seconds() % 86400
    assert 25 < ahead < 60


def test_other_scopes_and_functions_are_not_held_up(used: clients.Clients, bucket: str) -> None:
    """A lease is of one function and what it changes."""
    answers = alone(
        used,
        place(bucket),
        lambda: (
            alone(used, place(bucket, "second"), lambda: "done", scope="other"),
            alone(used, place(bucket, "third", "g"), lambda: "done too"),
        ),
    )

    assert answers == ("done", "done too")


def test_work_that_raises_frees_its_lease(used: clients.Clients, bucket: str) -> None:
    """The next run need not wait for the lease to end."""
    with pytest.raises(errors.Unavailable, match="the cloud is away"):
        alone(used, place(bucket), failing)

    assert objects(used, bucket) == []
    assert alone(used, place(bucket, "second"), lambda: "done") == "done"


def test_work_can_ask_whether_its_lease_was_lost(used: clients.Clients, bucket: str) -> None:
    """A run that was taken for dead learns it, and leaves the other's lease alone."""
    other = json.dumps({"run_id": "other", "until": "2999-01-01T00:00:00+00:00"}).encode()

    def work(lost: Callable[[], bool]) -> tuple[bool, bool]:
        before = lost()
        (name,) = objects(used, bucket)
        used.storage.bucket(bucket).blob(name).upload_from_string(other)
        deadline = time.monotonic() + 20
        while not lost() and time.monotonic() < deadline:
            time.sleep(0.02)
        return before, lost()

    assert overlap.alone(used, place(bucket), work, scope="s", seconds=0.6) == (False, True)
    (name,) = objects(used, bucket)
    assert storage.read(used.storage, bucket, name)[0] == other


def test_same_tick_is_done_once(used: clients.Clients, bucket: str) -> None:
    """A repeated call of the Scheduler is told which run answered the first."""
    assert overlap.once(used, place(bucket), lambda: "done", tick=TICK) == "done"

    assert overlap.once(used, place(bucket, "second"), never, tick=TICK) == overlap.Skipped(
        "tick_done", "this tick was answered already: first"
    )
    (name,) = objects(used, bucket)
    assert name.startswith("ticks/f/")


@pytest.mark.parametrize(
    ("function", "tick"),
    [
        ("f", (TICK[0], "2026-02-12T10:05:00Z")),
        ("f", ("projects/p/locations/l/jobs/k", TICK[1])),
        ("f", (TICK[0] + TICK[1], "")),
        ("g", TICK),
    ],
)
def test_other_ticks_are_done(used: clients.Clients, bucket: str, function: str, tick: tuple[str, str]) -> None:
    """Another instant, another job or another function is another tick."""
    overlap.once(used, place(bucket), lambda: "done", tick=TICK)

    assert overlap.once(used, place(bucket, "second", function), lambda: "done too", tick=tick) == "done too"


def test_call_that_is_no_tick_is_always_done(used: clients.Clients, bucket: str) -> None:
    """Whoever calls by hand gets a run each time, and no mark is left."""
    answers = [overlap.once(used, place(bucket), lambda: "done", tick=()) for _ in range(2)]

    assert answers == ["done", "done"]
    assert objects(used, bucket) == []


def test_work_that_raises_leaves_no_mark(used: clients.Clients, bucket: str) -> None:
    """What failed is not done: the Scheduler's next try does it."""
    with pytest.raises(errors.Unavailable, match="the cloud is away"):
        overlap.once(used, place(bucket), failing, tick=TICK)

    assert objects(used, bucket) == []
    assert overlap.once(used, place(bucket, "second"), lambda: "done", tick=TICK) == "done"


def test_missing_bucket_is_told(used: clients.Clients) -> None:
    """Without a place for its lease nothing is done."""
    with pytest.raises(errors.NotFound):
        alone(used, place("there-is-no-such-bucket"), never)
