"""The manifest: what is written is read back, and what is none is said to be none."""

import dataclasses
import datetime
import json
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies

from shared.exports import manifest

AT = datetime.datetime(2026, 2, 13, 1, 30, tzinfo=datetime.UTC)
CONTENT = manifest.Content(
    day=datetime.date(2026, 2, 12),
    object="objects/live/2026-02-12.0123456789ab.json",
    sha256="0" * 64,
    bytes=1234,
    rows=3,
    counts={"final": 1, "players": 60},
    as_of=AT,
    updated_at=AT - datetime.timedelta(minutes=2),
    schema_version="1.0",
    run_id="20260213T013000Z-aaaaaaaaaaaa",
)
ENTRY = manifest.Entry("ok", "live/2026-02-12.json", "live/latest.json", 600, "schemas/live.schema.json", CONTENT)
DEGRADED = manifest.Entry(
    "degraded",
    "status.json",
    None,
    1200,
    "schemas/status.schema.json",
    None,
    "access_denied",
    "401: nö",
    AT,
    forced=True,
)
MANIFEST = manifest.Manifest(1, CONTENT.day, AT, CONTENT.run_id, {"live": ENTRY, "status": DEGRADED})


def plain() -> dict[str, Any]:
    """Return the manifest as JSON."""
    value: dict[str, Any] = json.loads(manifest.encode(MANIFEST))
    return value


def decoded(value: Any) -> manifest.Manifest | str:
    """Return what is read from a JSON value."""
    return manifest.decode(json.dumps(value).encode())


def test_what_is_written_is_read_back() -> None:
    """Every field, a document without content, a reason beyond ASCII."""
    assert manifest.decode(manifest.encode(MANIFEST)) == MANIFEST


@hypothesis.given(
    strategies.datetimes(timezones=strategies.just(datetime.UTC)), strategies.integers(0, 2**53), strategies.text()
)
def test_any_values_are_read_back(at: datetime.datetime, number: int, text: str) -> None:
    """Instants to the millisecond, large numbers, any text that UTF-8 can write."""
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    content = dataclasses.replace(CONTENT, as_of=at, rows=number, counts={"x": number})
    entry = dataclasses.replace(ENTRY, content=content, message=text)
    made = dataclasses.replace(MANIFEST, published_at=at, documents={"live": entry})

    assert manifest.decode(manifest.encode(made)) == made


def test_equal_manifests_are_equal_bytes() -> None:
    """Whatever the order of their documents and counts."""
    content = dataclasses.replace(CONTENT, counts=dict(reversed(list(CONTENT.counts.items()))))
    other = {"status": DEGRADED, "live": dataclasses.replace(ENTRY, content=content)}

    assert manifest.encode(dataclasses.replace(MANIFEST, documents=other)) == manifest.encode(MANIFEST)
    assert b"\n" not in manifest.encode(MANIFEST)
    assert "nö".encode() in manifest.encode(MANIFEST)


@pytest.mark.parametrize("content", [b"", b"{", b"<html>", b"\xff\xfe", b"[" * 100_000, b'{"a": }'])
def test_no_json_is_no_manifest(content: bytes) -> None:
    """An empty object, half a one, a page of an error, bytes of another encoding, what is nested without end."""
    said = manifest.decode(content)
    assert isinstance(said, str)
    assert said.startswith("the manifest is no JSON")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"day": "12.2.2026"}, "day"),
        ({"day": None}, "day"),
        ({"documents": []}, "documents"),
        ({"documents": {"live": None}}, "documents.live"),
        ({"documents": {"live": {}}}, "documents.live.status: is missing"),
        ({"published_at": 1}, "published_at"),
        ({"schema_version": "1"}, "schema_version"),
    ],
)
def test_another_shape_is_no_manifest(change: dict[str, Any], said: str) -> None:
    """The first mistakes are named."""
    found = decoded(plain() | change)
    assert isinstance(found, str)
    assert found.startswith("the manifest is none: ")
    assert said in found


@pytest.mark.parametrize("value", [None, [], 1, "manifest", {}])
def test_other_json_is_no_manifest(value: Any) -> None:
    """JSON alone proves nothing."""
    assert str(decoded(value)).startswith("the manifest is none: ")


def test_an_unknown_status_is_not_taken_for_good() -> None:
    """A reader that does not know a word must not guess."""
    value = plain()
    value["documents"]["live"]["status"] = "fine"
    assert isinstance(decoded(value), str)


@pytest.mark.parametrize("version", [0, 2])
def test_another_version_is_refused(version: int) -> None:
    """Its fields may mean something else."""
    assert decoded(plain() | {"schema_version": version}) == f"the manifest has schema version {version}, not 1"


def test_more_keys_than_known_are_left_out() -> None:
    """A publisher may tell more than its older readers know, at each level."""
    value = plain() | {"novelty": 1}
    value["documents"]["live"] |= {"novelty": [1]}
    value["documents"]["live"]["content"] |= {"novelty": None}

    assert decoded(value) == MANIFEST
