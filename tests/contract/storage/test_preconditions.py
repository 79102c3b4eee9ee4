"""The contract of preconditions: a call whose condition does not hold changes nothing and answers 412 (a read: 304)."""

import concurrent.futures
import io
from collections.abc import Callable
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud.storage import exceptions as storage_exceptions

pytestmark = pytest.mark.real_cloud
CHUNK = 256 * 1024

Write = Callable[..., Any]


def _wins(upload: Callable[[], None]) -> bool:
    try:
        upload()
    except exceptions.PreconditionFailed:
        return False
    return True


def _upload_at_once(blob: Any, data: bytes, **conditions: int) -> None:
    blob.upload_from_string(data, **conditions)


def _upload_in_chunks(blob: Any, data: bytes, **conditions: int) -> None:
    blob.chunk_size = CHUNK
    blob.upload_from_file(io.BytesIO(data), **conditions)


UPLOADS = pytest.mark.parametrize("upload", [_upload_at_once, _upload_in_chunks])


@UPLOADS
def test_create_only_makes_what_is_not_there(bucket: Any, folder: str, upload: Write) -> None:
    """Generation 0 asks for a name without a live object, and finds one."""
    blob = bucket.blob(folder + "new")
    upload(blob, b"first", if_generation_match=0)
    assert bucket.blob(blob.name).download_as_bytes() == b"first"


@UPLOADS
def test_create_only_leaves_what_is_there(bucket: Any, written: Write, upload: Write) -> None:
    """Generation 0 on an existing object is refused, and the object stays as it was."""
    first = written(data=b"first")
    with pytest.raises(exceptions.PreconditionFailed, match="pre-conditions you specified did not hold"):
        upload(bucket.blob(first.name), b"second", if_generation_match=0)
    assert bucket.blob(first.name).download_as_bytes() == b"first"


@UPLOADS
def test_create_only_has_one_winner_of_many(bucket: Any, folder: str, upload: Write) -> None:
    """Of many who create the same object at once, one succeeds, and its bytes are the object's."""
    name = folder + "lease"

    def attempt(number: int) -> bool:
        return _wins(lambda: upload(bucket.blob(name), b"%d" % number, if_generation_match=0))

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        winners = [number for number, won in enumerate(pool.map(attempt, range(24))) if won]
    assert [b"%d" % number for number in winners] == [bucket.blob(name).download_as_bytes()]


def test_create_only_finds_a_deleted_name_free(bucket: Any, written: Write) -> None:
    """A deleted object does not stand in the way of a new one."""
    name = written().name
    bucket.blob(name).delete()
    bucket.blob(name).upload_from_string(b"again", if_generation_match=0)
    assert bucket.blob(name).download_as_bytes() == b"again"


def test_replacing_a_known_generation_has_one_winner_of_many(bucket: Any, written: Write) -> None:
    """Of many who replace the generation that all have read, one succeeds."""
    first = written()

    def attempt(number: int) -> bool:
        blob = bucket.blob(first.name)
        return _wins(lambda: blob.upload_from_string(b"%d" % number, if_generation_match=first.generation))

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(16))) == 1


# Without upload and if_metageneration_not_match: google-cloud-storage 3.17.1 misspells this one parameter.
CALLS = [
    (call, condition)
    for call in ("upload", "rewrite", "patch", "update", "delete")
    for condition in ("if_generation_match", "if_metageneration_match", "if_metageneration_not_match")
    if (call, condition) != ("upload", "if_metageneration_not_match")
]


@pytest.mark.parametrize(("call", "name"), CALLS)
def test_change_whose_condition_fails_changes_nothing(bucket: Any, written: Write, call: str, name: str) -> None:
    """Every kind of change is refused when what the caller expects is not so."""
    condition = {name: 1 if name == "if_metageneration_not_match" else 2}
    first = written(data=b"first")
    other = written("other", b"other")
    blob = bucket.blob(first.name)
    blob.metadata = {"changed": "yes"}
    calls = {
        "upload": lambda: blob.upload_from_string(b"second", **condition),
        "rewrite": lambda: blob.rewrite(other, **condition),
        "patch": lambda: blob.patch(**condition),
        "update": lambda: blob.update(**condition),
        "delete": lambda: blob.delete(**condition),
    }
    with pytest.raises(exceptions.PreconditionFailed):
        calls[call]()
    found = bucket.get_blob(first.name)
    assert (found.generation, found.metageneration, found.metadata) == (first.generation, 1, None)


def test_excluded_generation_is_not_replaced(bucket: Any, written: Write) -> None:
    """A change may be asked only if the object is another generation."""
    first = written()
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob(first.name).upload_from_string(b"x", if_generation_not_match=first.generation)


def test_generation_0_excluded_asks_for_an_object(bucket: Any, folder: str) -> None:
    """`if_generation_not_match=0` asks that there be a live object."""
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob(folder + "none").upload_from_string(b"x", if_generation_not_match=0)


def test_condition_that_holds_lets_the_change_happen(bucket: Any, written: Write) -> None:
    """All conditions at once, all true, are no obstacle."""
    first = written()
    blob = bucket.blob(first.name)
    blob.metadata = {"a": "b"}
    blob.patch(if_generation_match=first.generation, if_metageneration_match=1)
    blob.delete(if_generation_match=first.generation, if_metageneration_match=2)
    assert not bucket.blob(first.name).exists()


def test_read_of_another_generation_fails(bucket: Any, written: Write) -> None:
    """A reader who expects a generation does not get another."""
    first = written()
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob(first.name).download_as_bytes(if_generation_match=first.generation + 1)
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob(first.name).reload(if_metageneration_match=9)


def test_read_of_what_the_caller_has_is_not_modified(bucket: Any, written: Write) -> None:
    """A reader who has the generation already is told so, with 304."""
    first = written()
    with pytest.raises(exceptions.NotModified):
        bucket.blob(first.name).download_as_bytes(if_generation_not_match=first.generation)
    with pytest.raises(exceptions.NotModified):
        bucket.blob(first.name).reload(if_generation_not_match=first.generation)


def test_etag_is_a_condition(bucket: Any, written: Write) -> None:
    """An etag selects what may be read, and a change of metadata changes it."""
    blob = written()
    before = blob.etag
    assert bucket.blob(blob.name).download_as_bytes(if_etag_match=before) == b"0123456789"
    blob.metadata = {"a": "b"}
    blob.patch()
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob(blob.name).download_as_bytes(if_etag_match=before)


def test_condition_on_a_missing_object_is_not_found(bucket: Any, folder: str) -> None:
    """Deleting what is not there is 404, whatever is expected of it."""
    with pytest.raises(exceptions.NotFound, match="No such object"):
        bucket.blob(folder + "none").delete(if_generation_match=1)


def test_condition_is_judged_when_a_resumable_upload_ends(bucket: Any, folder: str) -> None:
    """An object that appears while a resumable upload is under way makes its create-only condition fail."""
    slow = bucket.blob(folder + "race", chunk_size=CHUNK)
    writer = slow.open("wb", if_generation_match=0)
    writer.write(b"x" * 2 * CHUNK)
    bucket.blob(slow.name).upload_from_string(b"fast", if_generation_match=0)
    with pytest.raises(storage_exceptions.InvalidResponse) as refused:
        writer.close()
    assert refused.value.response.status_code == 412
    assert bucket.blob(slow.name).download_as_bytes() == b"fast"
