"""Calling another function of ours: with a token for it alone, and each way in which that can fail."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from shared import errors
from shared.gcp import invoking
from tests.shared import pages_server
from tests.shared.pages_server import Host, Said

REPORT = {"function": "live_export", "run_id": "r1", "status": "fail", "summary": "s", "findings": []}


@pytest.fixture
def host() -> Iterator[Host]:
    """Yield a function that answers with a report."""
    with pages_server.running() as made:
        made.said = Said(body=json.dumps(REPORT).encode())
        yield made


def test_a_function_answers_with_its_report(host: Host) -> None:
    """The body is what was given, and the token is for the service's own address."""
    assert invoking.call(f"{host.url}/?x=1", {"day": "2026-02-12"}, seconds=5.0) == REPORT
    ((method, path, headers, body),) = host.requests
    claims = headers["Authorization"].removeprefix("Bearer ").split(".")[1]

    assert (method, path, json.loads(body)) == ("POST", "/path/?x=1", {"day": "2026-02-12"})
    assert json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["aud"] == host.url


@pytest.mark.parametrize(
    ("url", "audience"),
    [
        ("https://live-export-1.us-west2.run.app", "https://live-export-1.us-west2.run.app"),
        ("https://live-export-1.us-west2.run.app/", "https://live-export-1.us-west2.run.app"),
        ("https://x.cloudfunctions.net/live_export?probe=1", "https://x.cloudfunctions.net/live_export"),
    ],
)
def test_the_audience_is_the_bare_address(url: str, audience: str) -> None:
    """Without closing slash and query; the path of a function's own address belongs to it."""
    assert invoking.audience(url) == audience


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (Said(401), errors.AccessDenied),
        (Said(403), errors.AccessDenied),
        (Said(404), errors.NotFound),
        (Said(429), errors.QuotaExceeded),
        (Said(400), errors.Rejected),
        (Said(302, (("Location", "/"),)), errors.Rejected),
        (Said(500), errors.Unavailable),
        (Said(silent=True), errors.Unavailable),
        (Said(body=b"{", promised=9), errors.Unavailable),
        (Said(body=b"<html>"), errors.Garbled),
        (Said(body=b"[]"), errors.Garbled),
        (Said(body=b'{"status": "pass"}'), errors.Garbled),
        (Said(body=json.dumps(REPORT | {"status": 1}).encode()), errors.Garbled),
        (Said(body=b" " * (invoking.MOST_BYTES + 1)), errors.Garbled),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else str(value.body[:20]) + str(value.status),
)
def test_each_way_to_fail_has_its_error(host: Host, said: Said, error: type[errors.CloudError]) -> None:
    """Rights, absence, quotas, silence, half an answer, and an answer that is no report."""
    host.said = said
    with pytest.raises(error) as refused:
        invoking.call(host.url, {}, seconds=1.0)

    assert type(refused.value) is error
    assert len(host.requests) == 1


def test_a_function_that_drips_is_left_in_time(host: Host) -> None:
    """The budget is for everything: most of the answer never leaves the host."""
    host.said = Said(body=b" " * 200, drip=0.02)
    with pytest.raises(errors.Unavailable, match="did not end in time"):
        invoking.call(host.url, {}, seconds=0.4)

    assert host.sent < 190


@pytest.mark.parametrize(
    "url", ["http://site.example/", "https://metadata.google.internal/", "https://u:p@site.example/"]
)
def test_an_address_that_must_not_be_called_gets_no_token(url: str) -> None:
    """A token in the wrong hands is worse than no call; the address is not quoted."""
    with pytest.raises(errors.Rejected) as refused:
        invoking.call(url, {}, seconds=1.0)

    assert "example" not in str(refused.value)


def test_without_a_metadata_server_there_is_no_call(host: Host, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Credentials that are no file of credentials: the error says so, and nobody is called."""
    wrong = tmp_path / "credentials.json"
    wrong.write_text("no JSON")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(wrong))
    with pytest.raises(errors.CloudError, match="identity token"):
        invoking.call(host.url, {}, seconds=1.0)

    assert host.requests == []
