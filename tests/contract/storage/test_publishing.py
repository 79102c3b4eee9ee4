"""The contract of `shared.gcp.publishing`: one visible step, read back whole, and what a bucket shows whom."""

import concurrent.futures
import contextlib
import gzip
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from google.cloud import storage

from local.storage import content
from shared import errors
from shared.gcp import publishing

Hook = Callable[..., Any]
PLAIN = b'{"games":[1,2,3]}' * 200
ZIPPED = gzip.compress(PLAIN, mtime=0)
LIVE = "public, max-age=15"
METADATA = {"sha256": "ab" * 32, "as-of": "2026-02-12T10:00:00+00:00"}
UPLOAD = r"POST /upload/"
MEDIA = "GET /download/.*alt=media"


def publish(bucket: Any, name: str, gzipped: bytes = ZIPPED, *, generation: int = 0, **other: Any) -> int:
    """Publish as the tests do, with `other` said of it."""
    said = {"content_type": "application/json", "cache_control": LIVE, "metadata": METADATA, **other}
    return publishing.publish(bucket.client, bucket.name, name, gzipped, generation=generation, **said)


@pytest.mark.real_cloud
def test_published_object_is_what_was_said(client: storage.Client, bucket: Any, folder: str) -> None:
    """Encoding, type, cache control, metadata, size and generation are there with the first look."""
    generation = publish(bucket, folder + "x.json")
    meta = publishing.stat(client, bucket.name, folder + "x.json")
    assert (meta.generation, meta.metageneration, meta.size) == (generation, 1, len(ZIPPED))
    assert (meta.content_type, meta.content_encoding) == ("application/json", "gzip")
    assert (meta.cache_control, meta.metadata) == (LIVE, METADATA)
    assert meta.updated.tzinfo is not None


@pytest.mark.parametrize("size", [100, 9 * 1024 * 1024], ids=["in one request", "in a resumable upload"])
def test_nothing_is_changed_afterwards(bucket: Any, hook: Hook, size: int) -> None:
    """No second call adds what a reader would have missed: the object is made once, and never patched."""
    hook("DELETE", "/_requests")
    publish(bucket, "x.json", bytes(size))
    calls = hook("GET", "/_requests")["by_call"]
    assert set(calls) <= {"POST objects.insert", "PUT objects.resume"}
    assert calls["POST objects.insert"] == 1
    assert publishing.stat(bucket.client, bucket.name, "x.json").metageneration == 1


@pytest.mark.real_cloud
def test_only_the_named_generation_is_replaced(client: storage.Client, bucket: Any, folder: str) -> None:
    """0 stands for no object; another generation than the present one is refused, and what stands there stays."""
    name = folder + "x.json"
    with pytest.raises(errors.PreconditionFailed):
        publish(bucket, name, generation=1)
    first = publish(bucket, name)
    second = publish(bucket, name, gzip.compress(b"2"), generation=first)
    for stale in (0, first):
        with pytest.raises(errors.PreconditionFailed):
            publish(bucket, name, gzip.compress(b"3"), generation=stale)
    found, meta = publishing.read_published(client, bucket.name, name)
    assert (found, meta.generation) == (b"2", second)


def test_lost_answer_is_no_conflict(bucket: Any, hook: Hook) -> None:
    """A retry that is refused by its own first try has published."""
    hook("POST", "/_faults", {"match": UPLOAD, "action": "drop_answer"})
    generation = publish(bucket, "x.json")
    assert hook("GET", "/_faults")["committed"] > 0
    assert publishing.stat(bucket.client, bucket.name, "x.json").generation == generation


@pytest.mark.parametrize(
    ("gzipped", "said"),
    [
        (gzip.compress(PLAIN, 1, mtime=0), {}),
        (ZIPPED, {"cache_control": "public, max-age=86400"}),
        (ZIPPED, {"content_type": "text/plain"}),
        (ZIPPED, {"metadata": {**METADATA, "as-of": "2026-02-12T09:00:00+00:00"}}),
    ],
    ids=["bytes", "cache control", "type", "metadata"],
)
def test_what_another_published_is_a_conflict(bucket: Any, gzipped: bytes, said: dict[str, Any]) -> None:
    """The same content compressed otherwise, or the same bytes with something else said of them, are not ours."""
    publish(bucket, "x.json", gzipped, **said)
    with pytest.raises(errors.PreconditionFailed):
        publish(bucket, "x.json")


def test_checksum_goes_with_the_bytes(bucket: Any, hook: Hook) -> None:
    """The upload names the CRC32C of what was meant, so that the service refuses what was damaged on the way."""
    meant = re.escape(content.sums(ZIPPED).crc32c)
    hook("POST", "/_faults", {"match": UPLOAD + rf'[\s\S]*"crc32c": "{meant}"', "action": "refuse", "status": 400})
    with pytest.raises(errors.Rejected):
        publish(bucket, "x.json")


@pytest.mark.real_cloud
def test_content_comes_with_its_own_meta(client: storage.Client, bucket: Any, folder: str) -> None:
    """The content is decompressed, and described as `stat` does."""
    publish(bucket, folder + "x.json")
    found, meta = publishing.read_published(client, bucket.name, folder + "x.json")
    assert found == PLAIN
    assert meta == publishing.stat(client, bucket.name, folder + "x.json")


@pytest.mark.real_cloud
def test_uncompressed_object_is_read_as_it_is(client: storage.Client, bucket: Any, folder: str, written: Hook) -> None:
    """Whether to decompress is told by the object, not guessed: gzip without that encoding stays gzip."""
    blob = written("raw", ZIPPED)
    found, meta = publishing.read_published(client, bucket.name, folder + "raw")
    assert (found, meta.content_encoding, meta.cache_control) == (ZIPPED, "", "")
    assert (meta.metadata, meta.generation) == ({}, blob.generation)


@pytest.mark.real_cloud
@pytest.mark.parametrize("ask", [publishing.stat, publishing.read_published])
def test_missing_object_is_not_found(client: storage.Client, bucket: Any, folder: str, ask: Hook) -> None:
    """What was never published is told apart from what cannot be read."""
    with pytest.raises(errors.NotFound, match="none"):
        ask(client, bucket.name, folder + "none.json")


def test_overwritten_while_read_is_one_generation(standin: Any, bucket: Any, hook: Hook) -> None:
    """A reader caught between its two requests sees the old or the new, with the meta of what it sees."""
    first = publish(bucket, "x.json", metadata={"n": "1"})
    hook("POST", "/_faults", {"match": MEDIA, "action": "hold"})
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        reading = pool.submit(publishing.read_published, bucket.client, bucket.name, "x.json")
        while not standin.faults.state()["committed"]:
            concurrent.futures.wait([reading], timeout=0.01)
        second = publish(bucket, "x.json", gzip.compress(b"2"), generation=first, metadata={"n": "2"})
        hook("DELETE", "/_faults")
        found, meta = reading.result(timeout=60)
    assert (found, meta.generation, meta.metadata) == (b"2", second, {"n": "2"})


def test_every_read_is_whole_while_somebody_writes(bucket: Any) -> None:
    """Number in the content, number in the metadata, generation: a hundred reads against a busy writer, no mix."""
    stop = threading.Event()
    written = {publish(bucket, "x.json", gzip.compress(b"0"), metadata={"n": "0"}): b"0"}

    def overwrite() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            text = str(number)
            zipped = gzip.compress(text.encode())
            written[publish(bucket, "x.json", zipped, generation=max(written), metadata={"n": text})] = text.encode()

    reads: list[tuple[bytes, publishing.Meta]] = []
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        writing = pool.submit(overwrite)
        try:
            while len(reads) < 100:
                with contextlib.suppress(errors.Unavailable):
                    reads.append(publishing.read_published(bucket.client, bucket.name, "x.json"))
        finally:
            stop.set()
        writing.result(timeout=60)
    assert len({meta.generation for _, meta in reads}) > 1
    assert [meta.metadata["n"].encode() for _, meta in reads] == [found for found, _ in reads]
    assert [written[meta.generation] for _, meta in reads] == [found for found, _ in reads]


def test_reader_gives_up_when_it_is_always_too_late(bucket: Any, hook: Hook) -> None:
    """An object that is never there when its generation is asked for is unavailable for now, not missing."""
    publish(bucket, "x.json")
    fault = {"match": MEDIA, "action": "refuse", "status": 404, "reason": "notFound", "times": 100}
    hook("POST", "/_faults", fault)
    with pytest.raises(errors.Unavailable, match="overwritten 5 times"):
        publishing.read_published(bucket.client, bucket.name, "x.json")


@pytest.mark.real_cloud
def test_bytes_that_are_no_gzip_are_garbled(client: storage.Client, bucket: Any, folder: str) -> None:
    """An object that says gzip and holds something else is an error of its own."""
    publish(bucket, folder + "x.json", b"plain")
    with pytest.raises(errors.Garbled, match="no gzip"):
        publishing.read_published(client, bucket.name, folder + "x.json")


def test_rotten_bytes_are_garbled(bucket: Any, hook: Hook) -> None:
    """Bytes that no longer have the checksum that Storage tells are never taken for content."""
    publish(bucket, "x.json")
    hook("POST", f"/_objects/{bucket.name}/x.json/rot", {"offset": 20})
    with pytest.raises(errors.Garbled, match="checksum"):
        publishing.read_published(bucket.client, bucket.name, "x.json")


@pytest.mark.real_cloud
def test_bucket_tells_its_facts(client: storage.Client, new_bucket: Hook) -> None:
    """What is declared of a bucket is read back, entry by entry; what is not declared is empty."""
    entry = {"origin": ["https://a.example"], "method": ["GET"], "responseHeader": ["ETag"], "maxAgeSeconds": 60}
    made = new_bucket(cors=[entry, {"origin": ["*"], "method": ["HEAD"]}])
    facts = publishing.bucket_facts(client, made.name)
    assert facts.cors == (
        publishing.Cors(("https://a.example",), ("GET",), ("ETag",), 60),
        publishing.Cors(("*",), ("HEAD",), (), None),
    )
    assert (facts.location, facts.public_access_prevention) == ("US-CENTRAL1", "inherited")
    assert publishing.bucket_facts(client, new_bucket().name).cors == ()


@pytest.mark.real_cloud
def test_protected_bucket_tells_so(client: storage.Client, new_bucket: Hook) -> None:
    """Uniform access and the prevention of public access are told."""
    made = new_bucket()
    made.iam_configuration.uniform_bucket_level_access_enabled = True
    made.iam_configuration.public_access_prevention = "enforced"
    made.patch()
    facts = publishing.bucket_facts(client, made.name)
    assert (facts.uniform, facts.public_access_prevention) == (True, "enforced")


@pytest.mark.parametrize(
    ("members", "public"),
    [
        ([], False),
        (["user:ann@example.com", "domain:example.com"], False),
        (["user:ann@example.com", "allUsers"], True),
        (["allAuthenticatedUsers"], True),
    ],
)
def test_bucket_is_public_by_its_policy(
    client: storage.Client, new_bucket: Hook, members: list[str], *, public: bool
) -> None:
    """Everybody, or everybody with an account, in any binding, a conditional one too; a known person is not public."""
    made = new_bucket()
    policy = made.get_iam_policy(requested_policy_version=3)
    policy.version = 3
    condition = {"title": "always", "expression": "true"}
    policy.bindings = [
        {"role": "roles/storage.admin", "members": {"user:bo@example.com"}},
        {"role": "roles/storage.objectViewer", "members": set(members), "condition": condition},
    ]
    made.set_iam_policy(policy)
    assert publishing.is_public(client, made.name) is public


@pytest.mark.parametrize(
    ("right", "ask"),
    [("storage.buckets.get", publishing.bucket_facts), ("storage.buckets.getIamPolicy", publishing.is_public)],
)
def test_bucket_that_cannot_be_judged_is_an_error(bucket: Any, hook: Hook, right: str, ask: Hook) -> None:
    """Without the right to look, nothing is said of the bucket."""
    hook("POST", f"/_buckets/{bucket.name}/deny", {"permissions": [right]})
    with pytest.raises(errors.AccessDenied, match=right):
        ask(bucket.client, bucket.name)


@pytest.mark.real_cloud
@pytest.mark.parametrize("ask", [publishing.bucket_facts, publishing.is_public])
def test_missing_bucket_is_not_found(client: storage.Client, ask: Hook) -> None:
    """A bucket that is not there is neither public nor closed."""
    with pytest.raises(errors.NotFound):
        ask(client, "pressbox-contract-no-such-bucket-4711")
