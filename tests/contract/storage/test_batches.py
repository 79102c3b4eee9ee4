"""The contract of batches: many calls in one request, each judged on its own."""

from collections.abc import Callable
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import storage

Write = Callable[..., Any]


def _delete_in_one_batch(client: storage.Client, blobs: list[Any]) -> None:
    with client.batch():
        for blob in blobs:
            blob.delete()


@pytest.mark.real_cloud
def test_batch_deletes_all(client: storage.Client, bucket: Any, folder: str, written: Write) -> None:
    """All deletions of a batch happen."""
    blobs = [written(str(number)) for number in range(20)]
    _delete_in_one_batch(client, blobs)
    assert list(client.list_blobs(bucket, prefix=folder)) == []


@pytest.mark.real_cloud
def test_one_failure_stops_no_other_call(client: storage.Client, bucket: Any, folder: str, written: Write) -> None:
    """A call that fails raises its error after the others have happened."""
    first, last = written("first"), written("last")
    with pytest.raises(exceptions.NotFound, match="No such object"):
        _delete_in_one_batch(client, [first, bucket.blob(folder + "none"), last])
    assert list(client.list_blobs(bucket, prefix=folder)) == []


@pytest.mark.real_cloud
def test_batch_changes_metadata(client: storage.Client, bucket: Any, written: Write) -> None:
    """A patch in a batch takes effect, and its answer fills the blob; odd names and letters pass unharmed."""
    blobs = [bucket.blob(written(name).name) for name in ("ä ö%2F&?.txt", "plain")]
    with client.batch():
        for blob in blobs:
            blob.metadata = {"läuft": "ja"}
            blob.patch()
    assert [bucket.get_blob(blob.name).metadata for blob in blobs] == [{"läuft": "ja"}] * 2
    assert [blob.metageneration for blob in blobs] == [2, 2]


@pytest.mark.real_cloud
def test_condition_in_a_batch_is_judged(client: storage.Client, bucket: Any, written: Write) -> None:
    """A precondition counts in a batch as it does alone."""
    blob = written()
    with pytest.raises(exceptions.PreconditionFailed), client.batch():
        bucket.blob(blob.name).delete(if_generation_match=1)
    assert blob.exists()


def test_batch_is_one_request(client: storage.Client, hook: Callable[..., Any], written: Write) -> None:
    """The number of requests is that of batches, not of the calls in them."""
    blobs = [written(str(number)) for number in range(5)]
    hook("DELETE", "/_requests")
    _delete_in_one_batch(client, blobs)
    assert hook("GET", "/_requests") == {"total": 1, "by_call": {"POST batch": 1}}
