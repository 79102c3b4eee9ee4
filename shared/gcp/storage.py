"""Cloud Storage: small functions over the official client; errors come out as `shared.errors`."""

import base64
import dataclasses
import datetime
from collections.abc import Iterator
from typing import Any

import google_crc32c
from google.cloud import storage

from shared import errors
from shared.gcp import renaming

TIMEOUT = 60.0
CHUNK = 8 * 1024 * 1024
JSON = "application/json"
WRITE_RIGHTS = ("storage.objects.create", "storage.objects.delete", "storage.objects.get", "storage.objects.list")


@dataclasses.dataclass(frozen=True)
class Object:
    """One object as Storage describes it; size in bytes, crc32c in base64, generation pins these very bytes."""

    bucket: str
    name: str
    size: int
    crc32c: str
    generation: int
    updated: datetime.datetime

    @property
    def uri(self) -> str:
        """The address of the object."""
        return f"gs://{self.bucket}/{self.name}"


def list_objects(client: storage.Client, bucket: str, prefix: str) -> list[Object]:
    """Return the objects under `prefix`, by name; raise CloudError."""
    with renaming.renamed(f"listing gs://{bucket}/{prefix}"):
        return [_object(blob) for blob in client.list_blobs(bucket, prefix=prefix, timeout=TIMEOUT)]


def list_folders(client: storage.Client, bucket: str, prefix: str) -> list[str]:
    """Return the names of the folders directly under `prefix`, which ends with a slash; raise CloudError."""
    with renaming.renamed(f"listing gs://{bucket}/{prefix}"):
        pages = client.list_blobs(bucket, prefix=prefix, delimiter="/", timeout=TIMEOUT)
        list(pages)  # the folders are known once every page was read
        return sorted(folder.removeprefix(prefix).rstrip("/") for folder in pages.prefixes)


def read(client: storage.Client, bucket: str, name: str, *, generation: int | None = None) -> tuple[bytes, int]:
    """Return the content and generation of an object; raise NotFound, or another CloudError."""
    with renaming.renamed(f"reading gs://{bucket}/{name}"):
        blob = client.bucket(bucket).blob(name, generation=generation)
        content = blob.download_as_bytes(timeout=TIMEOUT)
        return content, int(blob.generation or 0)


def read_range(client: storage.Client, found: Object, offset: int, length: int) -> bytes:
    """Return `length` bytes from `offset` of the very generation of `found`; raise CloudError."""
    with renaming.renamed(f"reading {found.uri}"):
        blob = client.bucket(found.bucket).blob(found.name, generation=found.generation)
        last = offset + length - 1
        return bytes(blob.download_as_bytes(start=offset, end=last, raw_download=True, checksum=None, timeout=TIMEOUT))


def content_crc32c(client: storage.Client, found: Object) -> tuple[str, int]:
    """Return the CRC32C, in base64, and the size of the bytes that Storage hands out for `found`; raise CloudError."""
    checksum, size = google_crc32c.Checksum(), 0
    for chunk in _chunks(client, found):
        checksum.update(chunk)
        size += len(chunk)
    return base64.b64encode(checksum.digest()).decode(), size


def _chunks(client: storage.Client, found: Object) -> Iterator[bytes]:
    for offset in range(0, found.size, CHUNK):
        yield read_range(client, found, offset, min(CHUNK, found.size - offset))


def create(client: storage.Client, bucket: str, name: str, content: bytes) -> int:
    """Return the generation of a new JSON object; raise PreconditionFailed when it exists, or another CloudError."""
    return write(client, bucket, name, content, generation=0)


def write(client: storage.Client, bucket: str, name: str, content: bytes, *, generation: int) -> int:
    """Return the new generation of a JSON object, written only over `generation` (0: only where there is none).

    Raise PreconditionFailed when another generation stands there, or another CloudError. A retry that finds its own
    first try already written is no conflict.
    """
    try:
        with renaming.renamed(f"writing gs://{bucket}/{name}"):
            blob = client.bucket(bucket).blob(name)
            blob.upload_from_string(
                content, content_type=JSON, if_generation_match=generation, checksum="crc32c", timeout=TIMEOUT
            )
            return int(blob.generation)
    except errors.PreconditionFailed:
        ours = _ours(client, bucket, name, content)
        if ours is None:
            raise
        return ours


def _ours(client: storage.Client, bucket: str, name: str, content: bytes) -> int | None:
    """Return the generation of an object that already holds `content` to the byte, else None."""
    try:
        present, generation = read(client, bucket, name)
    except errors.NotFound:
        return None
    return generation if present == content else None


def delete(client: storage.Client, bucket: str, name: str, *, generation: int) -> None:
    """Delete this generation of an object; raise NotFound or PreconditionFailed when it is not there any more."""
    with renaming.renamed(f"deleting gs://{bucket}/{name}"):
        client.bucket(bucket).blob(name).delete(if_generation_match=generation, timeout=TIMEOUT)


def missing_rights(client: storage.Client, bucket: str, rights: tuple[str, ...] = WRITE_RIGHTS) -> list[str]:
    """Return those of `rights` that the account lacks on `bucket`; raise NotFound when there is no such bucket."""
    with renaming.renamed(f"asking for rights on gs://{bucket}"):
        granted = client.bucket(bucket).test_iam_permissions(list(rights), timeout=TIMEOUT)
        return [right for right in rights if right not in granted]


def _object(blob: Any) -> Object:
    return Object(blob.bucket.name, blob.name, int(blob.size), blob.crc32c, int(blob.generation), blob.updated)
