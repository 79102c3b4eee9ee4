"""Cloud Storage, as one who publishes uses it: gzip with its metadata, read back whole, and what a bucket shows whom.

Objects that nobody but us reads are in `shared.gcp.storage`.
"""

import contextlib
import dataclasses
import datetime
import gzip
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from google.cloud import exceptions, storage
from google.cloud.storage import exceptions as storage_exceptions

from shared import errors
from shared.gcp import renaming
from shared.gcp import storage as objects

GZIP = "gzip"
EVERYBODY = frozenset({"allUsers", "allAuthenticatedUsers"})
TRIES = 5
"""How often a read begins anew because somebody overwrote the object between its two requests."""


@dataclasses.dataclass(frozen=True)
class Meta:
    """What Storage says of one generation of an object; size in bytes as stored, "" for what is not set."""

    generation: int
    metageneration: int
    content_type: str
    content_encoding: str
    cache_control: str
    metadata: Mapping[str, str]
    updated: datetime.datetime
    size: int


@dataclasses.dataclass(frozen=True)
class Cors:
    """One CORS entry of a bucket, as declared there."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    response_headers: tuple[str, ...]
    max_age_seconds: int | None


@dataclasses.dataclass(frozen=True)
class BucketFacts:
    """What decides who may read a bucket from where.

    public_access_prevention: "enforced" or "inherited". uniform: whether the bucket's policy alone decides; without
    it, lists of single objects may let people in too.
    """

    public_access_prevention: str
    uniform: bool
    cors: tuple[Cors, ...]
    location: str


def stat(client: storage.Client, bucket: str, name: str) -> Meta:
    """Return what Storage says of an object; raise NotFound, or another CloudError."""
    with _renamed(f"describing gs://{bucket}/{name}"):
        blob = client.bucket(bucket).blob(name)
        blob.reload(timeout=objects.TIMEOUT)
        return _meta(blob)


def publish(  # noqa: PLR0913 - an object's bytes, all that is said of them, and what they may replace
    client: storage.Client,
    bucket: str,
    name: str,
    gzipped: bytes,
    *,
    content_type: str,
    cache_control: str,
    metadata: Mapping[str, str],
    generation: int,
) -> int:
    """Return the new generation of an object made of `gzipped` bytes, written only over `generation` (0: over none).

    Bytes, encoding, type, cache control and metadata become visible at once. Raise PreconditionFailed when another
    generation stands there, or another CloudError. A retry that finds its own first try already written, in all of
    these, is no conflict.
    """
    said = {"content_type": content_type, "cache_control": cache_control, "metadata": dict(metadata)}
    try:
        with _renamed(f"publishing gs://{bucket}/{name}"):
            return _upload(client.bucket(bucket).blob(name), gzipped, said=said, generation=generation)
    except errors.PreconditionFailed:
        ours = _ours(client, (bucket, name), gzipped, said=said)
        if ours is None:
            raise
        return ours


def read_published(client: storage.Client, bucket: str, name: str) -> tuple[bytes, Meta]:
    """Return the content of an object, decompressed, and what Storage says of the very generation that was read.

    Raise NotFound, Garbled when the bytes are not those that Storage describes or no gzip where they should be,
    Unavailable when the object is overwritten again and again meanwhile, or another CloudError.
    """
    stored, meta = _read_stored(client, bucket, name)
    if meta.content_encoding != GZIP:
        return stored, meta
    try:
        return gzip.decompress(stored), meta
    except (EOFError, OSError, zlib.error) as error:
        raise errors.Garbled(f"reading gs://{bucket}/{name}: its bytes are no gzip: {error}") from error


def bucket_facts(client: storage.Client, bucket: str) -> BucketFacts:
    """Return what decides who may read a bucket from where; raise NotFound, AccessDenied or another CloudError."""
    with _renamed(f"describing gs://{bucket}"):
        found = client.get_bucket(bucket, timeout=objects.TIMEOUT)
        access = found.iam_configuration
        return BucketFacts(
            public_access_prevention=str(access.public_access_prevention),
            uniform=bool(access.uniform_bucket_level_access_enabled),
            cors=tuple(_cors(entry) for entry in found.cors),
            location=str(found.location),
        )


def is_public(client: storage.Client, bucket: str) -> bool:
    """Return whether the bucket's policy gives everybody, or everybody with an account, any role.

    Lists of single objects are not looked at: `bucket_facts` tells whether there can be any. Raise NotFound,
    AccessDenied or another CloudError.
    """
    with _renamed(f"reading the policy of gs://{bucket}"):
        policy = client.bucket(bucket).get_iam_policy(requested_policy_version=3, timeout=objects.TIMEOUT)
        return any(EVERYBODY & set(binding["members"]) for binding in policy.bindings)


@contextlib.contextmanager
def _renamed(doing: str) -> Iterator[None]:
    """Raise every error of Google's libraries inside as a CloudError, broken bytes too."""
    try:
        with renaming.renamed(doing):
            yield
    except storage_exceptions.DataCorruption as error:
        raise errors.Garbled(f"{doing}: the bytes do not have the checksum that was told") from error


def _upload(blob: Any, gzipped: bytes, *, said: Mapping[str, Any], generation: int) -> int:
    blob.content_encoding, blob.cache_control, blob.metadata = GZIP, said["cache_control"], said["metadata"]
    blob.upload_from_string(
        gzipped,
        content_type=said["content_type"],
        if_generation_match=generation,
        checksum="crc32c",
        timeout=objects.TIMEOUT,
    )
    return int(blob.generation)


def _read_stored(client: storage.Client, bucket: str, name: str) -> tuple[bytes, Meta]:
    """Return the bytes as they are stored and what Storage says of their generation."""
    for _ in range(TRIES):
        meta = stat(client, bucket, name)
        with _renamed(f"reading gs://{bucket}/{name}"):
            blob = client.bucket(bucket).blob(name, generation=meta.generation)
            # A generation that was overwritten is not found any more: the next try sees its successor, or nothing.
            with contextlib.suppress(exceptions.NotFound):
                return blob.download_as_bytes(raw_download=True, timeout=objects.TIMEOUT), meta
    raise errors.Unavailable(f"reading gs://{bucket}/{name}: overwritten {TRIES} times while it was read")


def _ours(client: storage.Client, place: tuple[str, str], gzipped: bytes, *, said: Mapping[str, Any]) -> int | None:
    """Return the generation of an object that already is to the byte what we wanted to publish, else None."""
    try:
        stored, meta = _read_stored(client, *place)
    except errors.NotFound:
        return None
    wanted = {**said, "content_encoding": GZIP}
    same = stored == gzipped and all(getattr(meta, name) == value for name, value in wanted.items())
    return meta.generation if same else None


def _meta(blob: Any) -> Meta:
    return Meta(
        generation=int(blob.generation),
        metageneration=int(blob.metageneration),
        content_type=blob.content_type or "",
        content_encoding=blob.content_encoding or "",
        cache_control=blob.cache_control or "",
        metadata=dict(blob.metadata or {}),
        updated=blob.updated,
        size=int(blob.size),
    )


def _cors(entry: Mapping[str, Any]) -> Cors:
    seconds = entry.get("maxAgeSeconds")
    return Cors(
        origins=tuple(entry.get("origin", ())),
        methods=tuple(entry.get("method", ())),
        response_headers=tuple(entry.get("responseHeader", ())),
        max_age_seconds=None if seconds is None else int(seconds),
    )
