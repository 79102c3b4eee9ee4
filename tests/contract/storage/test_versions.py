"""The contract of versioning: what was replaced or deleted stays, as a noncurrent generation."""

from collections.abc import Callable
from typing import Any

import pytest
from google.api_core import exceptions

pytestmark = pytest.mark.real_cloud


@pytest.fixture
def versioned(new_bucket: Callable[..., Any]) -> Any:
    """Return a bucket that keeps noncurrent versions."""
    return new_bucket(versioning_enabled=True)


def _generations(bucket: Any) -> list[tuple[int, bool]]:
    return [(blob.generation, blob.time_deleted is None) for blob in bucket.list_blobs(versions=True)]


def test_replaced_version_stays_readable(versioned: Any) -> None:
    """The old generation is still there by its number; the name gives the new one."""
    blob = versioned.blob("x")
    blob.upload_from_string(b"old")
    old = blob.generation
    versioned.blob("x").upload_from_string(b"new")
    assert versioned.blob("x", generation=old).download_as_bytes() == b"old"
    assert versioned.blob("x").download_as_bytes() == b"new"


def test_deleted_object_becomes_noncurrent(versioned: Any) -> None:
    """A deletion without generation keeps the bytes, but the name is free."""
    blob = versioned.blob("x")
    blob.upload_from_string(b"old")
    versioned.blob("x").delete()
    assert (versioned.blob("x").exists(), _generations(versioned)) == (False, [(blob.generation, False)])
    assert [*versioned.list_blobs()] == []


def test_deletion_of_a_generation_is_for_good(versioned: Any) -> None:
    """A deletion that names the generation removes it, live or not."""
    for data in (b"old", b"new"):
        versioned.blob("x").upload_from_string(data)
    for generation, _ in _generations(versioned):
        versioned.blob("x", generation=generation).delete()
    assert _generations(versioned) == []


def test_versions_are_listed_oldest_first(versioned: Any) -> None:
    """A listing of versions has all generations of a name, growing, and the last is live."""
    for data in (b"1", b"2", b"3"):
        versioned.blob("x").upload_from_string(data)
    found = _generations(versioned)
    assert found == sorted(found)
    assert [is_live for _, is_live in found] == [False, False, True]


def test_create_only_ignores_noncurrent_versions(versioned: Any) -> None:
    """Generation 0 asks about the live version only."""
    versioned.blob("x").upload_from_string(b"old")
    versioned.blob("x").delete()
    versioned.blob("x").upload_from_string(b"new", if_generation_match=0)
    assert versioned.blob("x").download_as_bytes() == b"new"


def test_noncurrent_version_can_be_copied_back(versioned: Any) -> None:
    """An old generation becomes live again by a copy of it."""
    blob = versioned.blob("x")
    blob.upload_from_string(b"old")
    old = blob.generation
    versioned.blob("x").upload_from_string(b"new")
    versioned.copy_blob(versioned.blob("x"), versioned, "x", source_generation=old)
    assert versioned.blob("x").download_as_bytes() == b"old"


def test_bucket_with_noncurrent_versions_is_not_empty(versioned: Any) -> None:
    """A bucket cannot be deleted while it holds any generation."""
    versioned.blob("x").upload_from_string(b"x")
    versioned.blob("x").delete()
    with pytest.raises(exceptions.Conflict, match="not empty"):
        versioned.delete()


def test_held_object_is_not_archived(versioned: Any) -> None:
    """A hold forbids making an object noncurrent, too."""
    blob = versioned.blob("x")
    blob.upload_from_string(b"x")
    blob.temporary_hold = True
    blob.patch()
    with pytest.raises(exceptions.Forbidden, match="archived until hold is removed"):
        versioned.blob("x").delete()
