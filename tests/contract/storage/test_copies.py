"""The contract of objects made from objects: copy, rewrite, compose, move."""

from collections.abc import Callable
from typing import Any

import pytest
from google.api_core import exceptions

pytestmark = pytest.mark.real_cloud
Write = Callable[..., Any]


@pytest.mark.parametrize("call", ["copy", "rewrite"])
def test_copy_has_bytes_and_metadata(bucket: Any, folder: str, written: Write, call: str) -> None:
    """A copy has the bytes, checksum, type and metadata of its source, and a generation of its own."""
    source = written(data=b"some bytes", metadata={"a": "1"}, cache_control="no-cache")
    if call == "copy":
        copied = bucket.copy_blob(source, bucket, folder + "copy")
    else:
        copied = bucket.blob(folder + "copy")
        token, rewritten, size = copied.rewrite(bucket.blob(source.name))
        assert (token, rewritten, size) == (None, 10, 10)
    assert copied.download_as_bytes() == b"some bytes"
    found = bucket.get_blob(copied.name)
    assert (found.crc32c, found.content_type, found.metadata, found.cache_control) == (
        source.crc32c,
        "text/plain",
        {"a": "1"},
        "no-cache",
    )
    assert found.generation != source.generation


def test_copy_into_another_bucket(bucket: Any, new_bucket: Callable[..., Any], written: Write) -> None:
    """A copy may go to another bucket."""
    other = new_bucket()
    bucket.copy_blob(written(data=b"bytes"), other, "copy")
    assert other.blob("copy").download_as_bytes() == b"bytes"


def test_copy_is_independent_of_its_source(bucket: Any, folder: str, written: Write) -> None:
    """A copy stays when its source is deleted."""
    source = written(data=b"bytes")
    bucket.copy_blob(source, bucket, folder + "copy")
    source.delete()
    assert bucket.blob(folder + "copy").download_as_bytes() == b"bytes"


def test_copy_of_a_changed_source_is_refused(bucket: Any, folder: str, written: Write) -> None:
    """A condition on the source is judged, and no copy appears."""
    source = written()
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.copy_blob(source, bucket, folder + "copy", if_source_generation_match=source.generation + 1)
    assert not bucket.blob(folder + "copy").exists()


def test_copy_may_be_create_only(bucket: Any, written: Write) -> None:
    """A condition on the target is judged."""
    source, target = written("source"), written("target")
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.copy_blob(source, bucket, target.name, if_generation_match=0)


def test_copy_of_a_missing_source_is_not_found(bucket: Any, folder: str) -> None:
    """What is not there cannot be copied."""
    with pytest.raises(exceptions.NotFound, match="No such object"):
        bucket.copy_blob(bucket.blob(folder + "none"), bucket, folder + "copy")


def test_composed_object_is_its_sources_in_order(bucket: Any, folder: str, written: Write) -> None:
    """A composed object has the bytes of its sources one after another, how many they were, and no MD5."""
    sources = [written(str(number), data) for number, data in enumerate((b"one", b"", b"two"))]
    composed = bucket.blob(folder + "all")
    composed.compose(sources)
    assert composed.download_as_bytes() == b"onetwo"
    found = bucket.get_blob(composed.name)
    assert (found.component_count, found.md5_hash, found.size, found.content_type) == (3, None, 6, "text/plain")


def test_object_may_be_appended_to_itself(bucket: Any, written: Write) -> None:
    """Target and first source of a composition may be the same object."""
    first, second = written("1", b"one"), written("2", b"two")
    first.compose([first, second])
    assert bucket.blob(first.name).download_as_bytes() == b"onetwo"


def test_composition_is_create_only_if_asked(bucket: Any, written: Write) -> None:
    """A condition on the target of a composition is judged."""
    first, second = written("1", b"one"), written("2", b"two")
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob(first.name).compose([second], if_generation_match=0)


def test_composition_of_a_changed_source_is_refused(bucket: Any, folder: str, written: Write) -> None:
    """A condition on one source of a composition is judged."""
    source = written()
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob(folder + "all").compose(
            [bucket.blob(source.name)], if_source_generation_match=[source.generation + 1]
        )


def test_composition_of_33_is_refused(bucket: Any, folder: str, written: Write) -> None:
    """At most 32 objects make one."""
    with pytest.raises(exceptions.BadRequest, match="32"):
        bucket.blob(folder + "all").compose([written()] * 33)


def test_moved_object_has_only_its_new_name(bucket: Any, folder: str, written: Write) -> None:
    """A move gives the object another name in one step."""
    blob = written(data=b"bytes", metadata={"a": "1"})
    moved = bucket.move_blob(blob, folder + "moved")
    assert (bucket.blob(blob.name).exists(), moved.download_as_bytes(), moved.metadata) == (False, b"bytes", {"a": "1"})


def test_moving_a_held_object_is_refused(bucket: Any, folder: str, written: Write) -> None:
    """A hold keeps an object under its name, and nothing appears under the other."""
    blob = written()
    blob.temporary_hold = True
    blob.patch()
    with pytest.raises(exceptions.Forbidden, match="Temporary hold"):
        bucket.move_blob(blob, folder + "moved")
    assert [found.name for found in bucket.list_blobs(prefix=folder)] == [blob.name]


def test_copy_of_a_held_object_is_not_held(bucket: Any, folder: str, written: Write) -> None:
    """A hold is on one object, not on its copies."""
    blob = written()
    blob.temporary_hold = True
    blob.patch()
    bucket.copy_blob(blob, bucket, folder + "copy").delete()
    assert [found.name for found in bucket.list_blobs(prefix=folder)] == [blob.name]


def test_composition_may_delete_its_sources(bucket: Any, folder: str, written: Write) -> None:
    """Sources are deleted after the composition if the caller asks for it."""
    bucket.blob(folder + "all").compose([written("1", b"one"), written("2", b"two")], delete_source_objects=True)
    assert [found.name for found in bucket.list_blobs(prefix=folder)] == [folder + "all"]
    assert bucket.blob(folder + "all").download_as_bytes() == b"onetwo"
