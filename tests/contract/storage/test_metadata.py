"""The contract of metadata: what may be said of an object, changed, cleared and read back."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from google.api_core import exceptions

pytestmark = pytest.mark.real_cloud
FEBRUARY = datetime.datetime(2026, 2, 12, tzinfo=datetime.UTC)

PROPERTIES = {
    "cache_control": "public, max-age=60",
    "content_disposition": 'attachment; filename="x.txt"',
    "content_encoding": "identity",
    "content_language": "en",
    "content_type": "text/x-test",
    "custom_time": FEBRUARY,
    "metadata": {"run": "4711", "ä": "ö"},
}


@pytest.mark.parametrize("when", ["with the upload", "by a patch"])
@pytest.mark.parametrize("key", PROPERTIES)
def test_property_is_kept(bucket: Any, written: Callable[..., Any], key: str, when: str) -> None:
    """A property reads back as it was set, in the same request as the bytes or later."""
    if when == "with the upload":
        blob = written(**{key: PROPERTIES[key]})
    else:
        blob = written()
        setattr(blob, key, PROPERTIES[key])
        blob.patch()
    assert getattr(bucket.get_blob(blob.name), key) == PROPERTIES[key]


@pytest.mark.parametrize("key", ["cache_control", "content_disposition", "content_language", "metadata"])
def test_property_is_cleared_with_none(bucket: Any, written: Callable[..., Any], key: str) -> None:
    """None takes a property away."""
    blob = written(**{key: PROPERTIES[key]})
    setattr(blob, key, None)
    blob.patch()
    assert getattr(bucket.get_blob(blob.name), key) is None


def test_patch_merges_metadata(bucket: Any, written: Callable[..., Any]) -> None:
    """A patch of some keys leaves the others, and None removes one."""
    name = written(metadata={"a": "1", "b": "2"}).name
    blob = bucket.blob(name)
    blob.metadata = {"b": None, "c": "3"}
    blob.patch()
    assert bucket.get_blob(name).metadata == {"a": "1", "c": "3"}


def test_update_replaces_metadata(bucket: Any, written: Callable[..., Any]) -> None:
    """An update has only what it says."""
    name = written(metadata={"a": "1"}, cache_control="no-cache").name
    blob = bucket.blob(name)
    blob.metadata = {"b": "2"}
    blob.update()
    found = bucket.get_blob(name)
    assert (found.metadata, found.cache_control) == ({"b": "2"}, None)


def test_change_counts_the_metageneration(bucket: Any, written: Callable[..., Any]) -> None:
    """A change of metadata keeps the generation, adds one to the metageneration and moves the time of update."""
    before = written()
    blob = bucket.get_blob(before.name)
    blob.metadata = {"a": "1"}
    blob.patch()
    assert (blob.generation, blob.metageneration, blob.time_created) == (before.generation, 2, before.time_created)
    assert blob.updated >= before.updated


def test_upload_forgets_the_metadata_of_what_it_replaces(bucket: Any, written: Callable[..., Any]) -> None:
    """A new generation has nothing of the old one."""
    name = written(metadata={"a": "1"}, cache_control="no-cache").name
    bucket.blob(name).upload_from_string(b"new")
    found = bucket.get_blob(name)
    assert (found.metadata, found.cache_control, found.metageneration) == (None, None, 1)


def test_custom_time_never_goes_back(bucket: Any, written: Callable[..., Any]) -> None:
    """A custom time, once set, can be neither removed nor set earlier."""
    name = written(custom_time=FEBRUARY).name
    for moment in (None, FEBRUARY - datetime.timedelta(seconds=1)):
        blob = bucket.blob(name)
        blob.custom_time = moment
        with pytest.raises(exceptions.BadRequest):
            blob.patch()
    assert bucket.get_blob(name).custom_time == FEBRUARY


def test_storage_class_is_taken_with_the_upload(bucket: Any, written: Callable[..., Any]) -> None:
    """An object may be of another storage class than its bucket, and a rewrite changes it."""
    blob = written(storage_class="NEARLINE")
    assert bucket.get_blob(blob.name).storage_class == "NEARLINE"
    blob.update_storage_class("COLDLINE")
    assert bucket.get_blob(blob.name).storage_class == "COLDLINE"


def test_unknown_storage_class_is_refused(written: Callable[..., Any]) -> None:
    """A storage class that does not exist is a bad request."""
    with pytest.raises(exceptions.BadRequest):
        written(storage_class="LUKEWARM")


def test_change_of_a_missing_object_is_not_found(bucket: Any, folder: str) -> None:
    """Metadata of what is not there cannot be changed, and nothing appears."""
    blob = bucket.blob(folder + "none")
    blob.metadata = {"a": "1"}
    with pytest.raises(exceptions.NotFound, match="No such object"):
        blob.patch()
    assert not blob.exists()
