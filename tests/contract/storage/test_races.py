"""Callers who meet at the worst moment: between the check of an upload and its effect."""

import concurrent.futures
import contextlib
import threading
from collections.abc import Mapping
from typing import Any

from local.storage import changes, content, errors, memory, preconditions, resources, store

CREATE_ONLY = preconditions.Preconditions(generation=0)


class Meeting(memory.Memory):
    """A keeper where an upload waits for a second one to come as far as itself, and goes on if none can."""

    def __init__(self) -> None:
        self._barrier = threading.Barrier(2)

    def commit(self, place: content.Place, record: Mapping[str, Any]) -> content.Place:
        """Wait for the other."""
        with contextlib.suppress(threading.BrokenBarrierError):
            self._barrier.wait(timeout=0.3)
        return super().commit(place, record)


def test_no_second_caller_passes_a_check_that_the_first_is_acting_on() -> None:
    """Of two create-only uploads at once, the second is checked after the first has happened."""
    stored = store.Store(Meeting())
    stored.buckets["a-bucket"] = store.Bucket({"name": "a-bucket", "storageClass": "STANDARD"}, "a-project")

    def create(number: int) -> int:
        try:
            changes.insert(stored, resources.Draft("a-bucket", "x", {}), b"%d" % number, asked=CREATE_ONLY)
        except errors.ApiError as refused:
            return refused.status
        return 200

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(create, range(2))) == [200, 412]
