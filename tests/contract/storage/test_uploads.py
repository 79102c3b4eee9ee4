"""The contract of uploads: media, multipart, resumable and in parts, exact to the byte and held to their checksums."""

import concurrent.futures
import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import storage
from google.cloud.storage import transfer_manager

pytestmark = pytest.mark.real_cloud
CHUNK = 256 * 1024
AWKWARD = [
    b"",
    b"\r\n",
    b"\r\n--==\r\n\r\n--",
    b"one\r\n\r\ntwo\n",
    bytes(range(256)),
    b"\n" * 5,
]


def _noise(size: int) -> bytes:
    return hashlib.shake_128(str(size).encode()).digest(size)


@pytest.mark.parametrize("data", AWKWARD, ids=range(len(AWKWARD)))
def test_upload_keeps_every_byte(written: Callable[..., Any], data: bytes) -> None:
    """Line breaks and binary data come back as they were sent."""
    assert written(data=data).download_as_bytes() == data


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7])
@pytest.mark.parametrize("total_known", ["total known", "total unknown"])
def test_resumable_upload_keeps_every_byte(bucket: Any, folder: str, size: int, total_known: str) -> None:
    """A resumable upload in chunks gives the whole object, whether or not its size was announced."""
    data = _noise(size)
    blob = bucket.blob(folder + "chunked", chunk_size=CHUNK)
    blob.upload_from_file(io.BytesIO(data), size=size if total_known == "total known" else None)
    assert (blob.download_as_bytes(), blob.size) == (data, size)


def test_large_upload_in_one_request_is_kept(bucket: Any, folder: str) -> None:
    """An object of 64 MiB goes up and comes down whole."""
    data = _noise(64 * 1024 * 1024)
    blob = bucket.blob(folder + "large")
    blob.upload_from_file(io.BytesIO(data), size=len(data))
    assert hashlib.sha256(blob.download_as_bytes()).digest() == hashlib.sha256(data).digest()


def test_streaming_writer_makes_an_object_only_when_closed(bucket: Any, folder: str) -> None:
    """What a writer sent is no object before its last chunk."""
    blob = bucket.blob(folder + "streamed", chunk_size=CHUNK)
    with blob.open("wb") as writer:
        writer.write(b"x" * 2 * CHUNK)
        writer.write(b"yz")
        existed_before_close = blob.exists()
    assert (existed_before_close, blob.download_as_bytes()) == (False, b"x" * 2 * CHUNK + b"yz")


def test_upload_in_parts_keeps_every_byte(bucket: Any, folder: str, tmp_path: Path) -> None:
    """The transfer manager's upload in concurrent parts gives the whole object."""
    data = _noise(11 * 1024 * 1024)
    source = tmp_path / "source"
    source.write_bytes(data)
    blob = bucket.blob(folder + "parts")
    transfer_manager.upload_chunks_concurrently(
        str(source), blob, chunk_size=5 * 1024 * 1024, worker_type=transfer_manager.THREAD
    )
    assert blob.download_as_bytes() == data


def test_name_of_any_letters_is_kept(bucket: Any, folder: str) -> None:
    """Spaces, percent signs, other scripts and odd slashes in a name survive upload, listing and download."""
    names = [
        f"{folder}{name}" for name in ("a b", "50%", "%2F", "ü/ß", "x//y", "tail/", "q?a=b&c#d", "+", "日本/語.txt")
    ]
    for name in names:
        bucket.blob(name).upload_from_string(name)
    listed = [blob.name for blob in bucket.list_blobs(prefix=folder)]
    assert listed == sorted(names)
    assert [bucket.blob(name).download_as_text() for name in names] == names


def test_upload_answers_what_was_stored(written: Callable[..., Any]) -> None:
    """Size, type and both checksums are known right after the upload, without another call."""
    blob = written(data=b"hello")
    assert (blob.size, blob.content_type, blob.crc32c, blob.md5_hash, blob.metageneration) == (
        5,
        "text/plain",
        "mnG7TA==",
        "XUFAKrxLKna5cZ2REBfFkg==",
        1,
    )


@pytest.mark.parametrize("kind", ["crc32c", "md5_hash"])
def test_wrong_checksum_is_refused(bucket: Any, folder: str, kind: str) -> None:
    """Bytes that do not have the checksum which the caller declared are refused, and no object appears."""
    blob = bucket.blob(folder + "corrupt")
    setattr(blob, kind, "AAAAAA==" if kind == "crc32c" else "AAAAAAAAAAAAAAAAAAAAAA==")
    with pytest.raises(exceptions.BadRequest, match="doesn't match calculated"):
        blob.upload_from_string(b"hello", checksum=None)
    assert not bucket.blob(folder + "corrupt").exists()


def test_right_checksum_is_accepted(bucket: Any, folder: str) -> None:
    """A checksum that the caller declares and that is right changes nothing."""
    blob = bucket.blob(folder + "sound")
    blob.crc32c = "mnG7TA=="
    blob.upload_from_string(b"hello", checksum=None)
    assert blob.size == 5


def test_wrong_checksum_of_a_resumable_upload_is_refused(bucket: Any, folder: str) -> None:
    """The checksum declared when a resumable upload began is compared when it ends."""
    blob = bucket.blob(folder + "corrupt", chunk_size=CHUNK)
    blob.crc32c = "AAAAAA=="
    with pytest.raises(exceptions.BadRequest, match="doesn't match calculated"):
        blob.upload_from_file(io.BytesIO(b"hello"), checksum=None)
    assert not bucket.blob(folder + "corrupt").exists()


def test_each_upload_has_a_greater_generation(written: Callable[..., Any]) -> None:
    """Generations of one name only grow."""
    generations = [written(data=str(number)).generation for number in range(5)]
    assert generations == sorted(set(generations))


def test_many_concurrent_uploads_are_all_there(client: storage.Client, bucket: Any, folder: str) -> None:
    """Uploads at the same time neither get lost nor mixed up."""

    def upload(number: int) -> None:
        bucket.blob(f"{folder}{number:02}").upload_from_string(str(number) * 1000)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(upload, range(40)))
    found = {blob.name: blob.size for blob in client.list_blobs(bucket, prefix=folder)}
    assert found == {f"{folder}{number:02}": 1000 * len(str(number)) for number in range(40)}


def test_upload_into_a_missing_bucket_is_not_found(client: storage.Client) -> None:
    """An upload creates no bucket on the way."""
    with pytest.raises(exceptions.NotFound, match="The specified bucket does not exist"):
        client.bucket("pressbox-contract-no-such-bucket-4711").blob("x").upload_from_string(b"x")


def test_media_link_names_the_generation(bucket: Any, written: Callable[..., Any]) -> None:
    """A blob that was uploaded downloads its own generation, not what replaced it."""
    first = written(data=b"first")
    bucket.blob(first.name).upload_from_string(b"second")
    with pytest.raises(exceptions.NotFound):
        first.download_as_bytes()
