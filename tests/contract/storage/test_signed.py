"""Signed addresses: the stand-in serves them without the client, until they expire. It cannot check the signature."""

import datetime
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from google.auth import credentials
from google.cloud import storage

from local.storage import server


class Signer(credentials.AnonymousCredentials, credentials.Signing):
    """Credentials that sign everything with the same word."""

    signer_email = "signer@contract-project.iam.gserviceaccount.com"
    signer = None

    def sign_bytes(self, message: bytes) -> bytes:  # noqa: ARG002  # the signature of the base
        """Return a word for a signature."""
        return b"signature"


@pytest.fixture
def now() -> list[datetime.datetime]:
    """Return the time on the stand-in, in a list that a test may change."""
    return [datetime.datetime.now(datetime.UTC)]


@pytest.fixture
def blob(now: list[datetime.datetime], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a stored object whose name needs quoting."""
    running = server.serve(clock=lambda: now[0])
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", running.url)
    client = storage.Client(project="contract-project", credentials=Signer())
    stored = client.create_bucket("signed-bucket").blob("a folder/ü.txt")
    stored.upload_from_string(b"bytes")
    yield stored
    client.close()
    running.close()


def _signed(blob: Any, method: str) -> urllib.request.Request:
    url = blob.generate_signed_url(
        version="v4",
        method=method,
        expiration=datetime.timedelta(minutes=15),
        credentials=Signer(),
        api_access_endpoint=blob.client.api_endpoint,
    )
    return urllib.request.Request(url, method=method, data=b"new bytes" if method == "PUT" else None)  # noqa: S310  # ours


def _answer(request: urllib.request.Request) -> tuple[int, bytes]:
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310  # our own server
        return response.status, response.read()


def test_signed_address_gives_the_bytes(blob: Any) -> None:
    """Whoever has the address reads the object; HEAD gives its headers only."""
    assert _answer(_signed(blob, "GET")) == (200, b"bytes")
    assert _answer(_signed(blob, "HEAD")) == (200, b"")


def test_signed_address_takes_bytes(blob: Any) -> None:
    """Whoever has an address for PUT replaces the object, and one for DELETE deletes it."""
    assert _answer(_signed(blob, "PUT"))[0] == 200
    assert blob.bucket.blob(blob.name).download_as_bytes() == b"new bytes"
    assert _answer(_signed(blob, "DELETE"))[0] == 204
    assert not blob.exists()


def test_signed_address_expires(blob: Any, now: list[datetime.datetime]) -> None:
    """After its time an address gives an error in XML."""
    request = _signed(blob, "GET")
    now[0] += datetime.timedelta(minutes=16)
    with pytest.raises(urllib.error.HTTPError, match="400") as refused:
        _answer(request)
    assert b"<Message>The provided token has expired.</Message>" in refused.value.read()


@pytest.mark.xfail(strict=True, reason="the stand-in knows no keys: it cannot tell a forged signature")
def test_forged_signature_is_refused(blob: Any) -> None:
    """An address with a signature that no key made is forbidden."""
    with pytest.raises(urllib.error.HTTPError, match="403"):
        _answer(_signed(blob, "GET"))
