"""The contract of downloads: ranges, what the headers tell, gzip on the way, and bytes that do not match."""

import gzip
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import storage

pytestmark = pytest.mark.real_cloud
TEXT = b"0123456789"
PLAIN = b"a line of text\n" * 1000


@pytest.fixture
def zipped(bucket: Any, folder: str) -> Any:
    """Return an object stored as gzip, declared as such."""
    blob = bucket.blob(folder + "zipped.json")
    blob.content_encoding = "gzip"
    blob.upload_from_string(gzip.compress(PLAIN), content_type="application/json")
    return bucket.blob(folder + "zipped.json")


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [(0, 3, b"0123"), (4, None, b"456789"), (4, 4, b"4"), (8, 99, b"89"), (None, 2, b"012")],
)
def test_range_gives_these_bytes(
    written: Callable[..., Any], start: int | None, end: int | None, expected: bytes
) -> None:
    """Both ends of a range are included, and an end beyond the last byte is the last byte."""
    assert written(data=TEXT).download_as_bytes(start=start, end=end) == expected


def test_suffix_range_gives_the_last_bytes(written: Callable[..., Any]) -> None:
    """A negative start asks for the last bytes."""
    assert written(data=TEXT).download_as_bytes(start=-3) == b"789"


@pytest.mark.parametrize(("data", "start"), [(TEXT, 10), (TEXT, 500), (b"", 5)])
def test_range_behind_the_end_is_refused(written: Callable[..., Any], data: bytes, start: int) -> None:
    """A range that begins where no byte is gives 416."""
    with pytest.raises(exceptions.RequestRangeNotSatisfiable):
        written(data=data).download_as_bytes(start=start)


def test_download_in_chunks_gives_all(bucket: Any, written: Callable[..., Any]) -> None:
    """A client that asks range after range gets the whole."""
    data = bytes(range(256)) * 4096
    chunked = bucket.blob(written(data=data).name, chunk_size=256 * 1024)
    target = io.BytesIO()
    chunked.download_to_file(target)
    assert target.getvalue() == data


def test_reader_can_seek(written: Callable[..., Any]) -> None:
    """A file opened for reading gives the bytes from where it was put."""
    with written(data=TEXT).open("rb") as reader:
        reader.seek(7)
        assert reader.read() == b"789"


def test_download_tells_the_properties(bucket: Any, written: Callable[..., Any]) -> None:
    """Generation, checksums, storage class and the like are known after a download without another call."""
    stored = written(cache_control="no-cache", content_language="de")
    read = bucket.blob(stored.name)
    read.download_as_bytes()
    assert (read.generation, read.metageneration, read.crc32c, read.md5_hash) == (
        stored.generation,
        1,
        stored.crc32c,
        stored.md5_hash,
    )
    assert (read.storage_class, read.content_type, read.cache_control, read.content_language) == (
        "STANDARD",
        "text/plain",
        "no-cache",
        "de",
    )


def test_gzip_is_unzipped_for_the_reader(zipped: Any) -> None:
    """An object declared as gzip reads as what was zipped."""
    assert zipped.download_as_bytes() == PLAIN


def test_raw_download_stays_gzip(zipped: Any) -> None:
    """A raw download gives the stored bytes."""
    assert gzip.decompress(zipped.download_as_bytes(raw_download=True)) == PLAIN


@pytest.fixture
def plain_client(client: storage.Client) -> Iterator[storage.Client]:
    """Return a client that does not take gzip."""
    made = storage.Client(project=client.project, extra_headers={"accept-encoding": "identity"})
    yield made
    made.close()


@pytest.mark.parametrize("start", [None, 3])
def test_gzip_is_unzipped_by_the_service(plain_client: storage.Client, zipped: Any, start: int | None) -> None:
    """Who does not take gzip gets plain bytes, and all of them: a range is ignored then.

    The checksum told is that of the stored bytes, so the client cannot compare it.
    """
    blob = plain_client.bucket(zipped.bucket.name).blob(zipped.name)
    assert blob.download_as_bytes(start=start, raw_download=True, checksum=None) == PLAIN


def test_gzip_is_left_alone_if_so_declared(plain_client: storage.Client, zipped: Any) -> None:
    """With no-transform in its cache control, an object comes as it is stored."""
    zipped.cache_control = "no-transform"
    zipped.patch()
    blob = plain_client.bucket(zipped.bucket.name).blob(zipped.name)
    assert gzip.decompress(blob.download_as_bytes(raw_download=True)) == PLAIN


def test_size_of_gzip_is_what_is_stored(zipped: Any) -> None:
    """The declared size is that of the stored bytes, and the encoding is told."""
    zipped.reload()
    assert (zipped.size < len(PLAIN), zipped.content_encoding) == (True, "gzip")


def test_missing_object_is_not_found(bucket: Any, folder: str) -> None:
    """The error of a missing object names bucket and object."""
    with pytest.raises(exceptions.NotFound, match=f"No such object: {bucket.name}/{folder}none"):
        bucket.blob(folder + "none").download_as_bytes()


def test_old_generation_is_not_found_without_versioning(bucket: Any, written: Callable[..., Any]) -> None:
    """What was replaced in a bucket without versioning is gone."""
    first = written(data=b"first")
    written(data=b"second")
    with pytest.raises(exceptions.NotFound):
        bucket.blob(first.name, generation=first.generation).download_as_bytes()
