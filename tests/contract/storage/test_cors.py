"""What a page of another origin may read: by the bucket's own CORS entries, and what a browser is sent besides."""

import gzip
import http.client
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib import parse

import pytest

from local.storage import server

Hook = Callable[..., Any]
SITE, OTHER = "https://site.example", "https://other.example"
HEADERS = ["ETag", "X-Goog-Generation"]
ENTRY = {"origin": [SITE], "method": ["GET", "HEAD"], "responseHeader": HEADERS, "maxAgeSeconds": 60}
PLAIN = b'{"a":1}' * 100
ALLOWED = {
    "access-control-allow-origin": SITE,
    "access-control-expose-headers": "ETag,X-Goog-Generation",
    "vary": "Origin",
}
PREFLIGHTED = {
    "access-control-allow-origin": SITE,
    "access-control-allow-methods": "GET,HEAD",
    "access-control-allow-headers": "ETag,X-Goog-Generation",
    "access-control-max-age": "60",
    "vary": "Origin",
}


class Answer:
    """Status, headers in small letters, and body, as they came over the wire."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def told(self) -> dict[str, str]:
        """The headers that concern pages of other origins."""
        return {name: value for name, value in self.headers.items() if name.startswith("access-") or name == "vary"}


Ask = Callable[..., Answer]


@pytest.fixture
def ask(standin: server.Server) -> Ask:
    """Return what sends a request as a browser does: nothing added, nothing unzipped."""

    def send(method: str, path: str, headers: Mapping[str, str] | None = None, *, body: str = "") -> Answer:
        connection = http.client.HTTPConnection(parse.urlsplit(standin.url).netloc, timeout=30)
        try:
            connection.request(method, path, body or None, dict(headers or {}))
            return Answer(connection.getresponse())
        finally:
            connection.close()

    return send


@pytest.fixture
def place(new_bucket: Hook) -> str:
    """Return the path of a published object in a bucket that lets the pages of one site in."""
    bucket = new_bucket(cors=[ENTRY])
    blob = bucket.blob("v1/x.json")
    blob.content_encoding, blob.cache_control = "gzip", "public, max-age=15"
    blob.upload_from_string(gzip.compress(PLAIN), content_type="application/json")
    return f"/{bucket.name}/{blob.name}"


@pytest.mark.parametrize(
    ("method", "origin", "told"),
    [
        ("GET", SITE, ALLOWED),
        ("HEAD", SITE, ALLOWED),
        ("GET", OTHER, {}),
        ("GET", "http://site.example", {}),
        ("GET", "https://site.example.evil.example", {}),
        ("GET", "null", {}),
        ("DELETE", SITE, {}),
    ],
)
def test_page_is_let_in_by_origin_and_method(
    ask: Ask, place: str, method: str, origin: str, told: dict[str, str]
) -> None:
    """A declared origin in full, and a declared method; everybody is sent the answer itself, for a browser to hide."""
    answer = ask(method, place, {"Origin": origin})
    assert (answer.told, answer.status) == (told, 204 if method == "DELETE" else 200)


def test_request_without_origin_is_told_nothing(ask: Ask, place: str) -> None:
    """Whoever is no page of another origin gets the object as ever."""
    answer = ask("GET", place)
    assert (answer.told, answer.body) == ({}, PLAIN)


@pytest.mark.parametrize(
    ("origin", "method", "told"),
    [(SITE, "GET", PREFLIGHTED), (SITE, "PUT", {}), (OTHER, "GET", {})],
)
def test_preflight_is_answered_by_the_entry(
    ask: Ask, place: str, origin: str, method: str, told: dict[str, str]
) -> None:
    """Always 200; what may be done is told only to whom it is declared for, also before there is an object."""
    for path in (place, place + ".none"):
        headers = {"Origin": origin, "Access-Control-Request-Method": method}
        answer = ask("OPTIONS", path, headers)
        assert (answer.status, answer.told, answer.body) == (200, told, b"")


@pytest.mark.parametrize("left_out", ["Origin", "Access-Control-Request-Method"])
def test_options_that_are_no_preflight_tell_nothing(ask: Ask, place: str, left_out: str) -> None:
    """Without an origin, or without the method that shall follow, there is nothing to allow."""
    headers = {"Origin": SITE, "Access-Control-Request-Method": "GET"}
    answer = ask("OPTIONS", place, {name: value for name, value in headers.items() if name != left_out})
    assert (answer.status, answer.told) == (200, {})


def test_preflight_needs_no_right(ask: Ask, place: str, hook: Hook) -> None:
    """A browser asks before it shows who asks."""
    hook("POST", f"/_buckets/{place.split('/')[1]}/deny", {"permissions": ["storage.objects.get"]})
    answer = ask("OPTIONS", place, {"Origin": SITE, "Access-Control-Request-Method": "GET"})
    assert answer.told == PREFLIGHTED


def test_error_is_told_to_the_page_too(ask: Ask, place: str) -> None:
    """A page learns that an object is missing, and not only that something failed."""
    answer = ask("GET", place + ".none", {"Origin": SITE})
    assert (answer.status, answer.told) == (404, ALLOWED)


def test_star_stands_for_every_origin_and_method(ask: Ask, new_bucket: Hook) -> None:
    """Every origin is told that every origin may; what is not declared is not told."""
    bucket = new_bucket(cors=[{"origin": ["*"], "method": ["*"]}])
    answer = ask("GET", f"/{bucket.name}/x", {"Origin": OTHER})
    assert answer.told == {"access-control-allow-origin": "*", "vary": "Origin"}
    answer = ask("OPTIONS", f"/{bucket.name}/x", {"Origin": OTHER, "Access-Control-Request-Method": "PUT"})
    expected = {"access-control-allow-origin": "*", "access-control-allow-methods": "*", "vary": "Origin"}
    assert answer.told == expected


def test_first_entry_that_matches_decides(ask: Ask, new_bucket: Hook) -> None:
    """Origin and method must be in one entry; later entries that match too add nothing."""
    entries = [
        {"origin": [OTHER], "method": ["GET"]},
        {"origin": [SITE], "method": ["PUT"]},
        {"origin": [SITE], "method": ["GET"], "responseHeader": ["First"]},
        {"origin": ["*"], "method": ["GET"], "responseHeader": ["Second"]},
    ]
    bucket = new_bucket(cors=entries)
    answer = ask("GET", f"/{bucket.name}/x", {"Origin": SITE})
    assert answer.told["access-control-expose-headers"] == "First"


@pytest.mark.parametrize("cors", [None, []])
def test_bucket_without_entries_lets_no_page_in(ask: Ask, new_bucket: Hook, cors: list[Any] | None) -> None:
    """Nor does a bucket that is not there."""
    bucket = new_bucket(**({} if cors is None else {"cors": cors}))
    for path in (f"/{bucket.name}/x", "/no-such-bucket-4711/x"):
        assert ask("GET", path, {"Origin": SITE}).told == {}
        assert ask("OPTIONS", path, {"Origin": SITE, "Access-Control-Request-Method": "GET"}).told == {}


def test_changed_entries_count_at_once(ask: Ask, place: str, client: Any) -> None:
    """The bucket is asked anew for each request."""
    bucket = client.get_bucket(place.split("/")[1])
    bucket.cors = [{**ENTRY, "origin": [OTHER]}]
    bucket.patch()
    assert [ask("GET", place, {"Origin": one}).told != {} for one in (SITE, OTHER)] == [False, True]


def test_json_api_lets_every_page_in(ask: Ask, place: str) -> None:
    """As the real one does: entries guard the addresses of the XML API only, which are those that sites use."""
    _, bucket, name = place.split("/", 2)
    path = f"/storage/v1/b/{bucket}/o/{parse.quote(name, safe='')}?alt=media"
    assert ask("GET", path, {"Origin": OTHER}).told == {"access-control-allow-origin": OTHER, "vary": "Origin"}
    headers = {"Origin": OTHER, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-y"}
    told = ask("OPTIONS", path, headers).told
    assert (told["access-control-allow-origin"], told["access-control-allow-headers"]) == (OTHER, "x-y")
    assert "GET" in told["access-control-allow-methods"].split(",")


@pytest.mark.parametrize("cors", ["*", [1], [{"origin": "*"}], [{"method": [1]}], {"origin": ["*"]}])
def test_malformed_entries_are_refused(ask: Ask, cors: Any) -> None:
    """A bucket never holds entries by which no request could be judged."""
    answer = ask("POST", "/storage/v1/b?project=p", body=json.dumps({"name": "malformed-cors", "cors": cors}))
    assert (answer.status, b"cors must be a list" in answer.body) == (400, True)


def test_browser_is_sent_gzip_and_how_long_to_keep_it(ask: Ask, place: str) -> None:
    """Who takes gzip gets the stored bytes with all that a cache needs."""
    answer = ask("GET", place, {"Origin": SITE, "Accept-Encoding": "gzip, deflate, br"})
    assert (answer.headers["content-encoding"], gzip.decompress(answer.body)) == ("gzip", PLAIN)
    assert answer.headers["cache-control"] == "public, max-age=15"
    assert answer.headers["content-type"] == "application/json"
    assert re.fullmatch(r'"[^"]+"', answer.headers["etag"])


@pytest.mark.parametrize("weak", ["", "W/"])
def test_unchanged_object_is_not_sent_again(ask: Ask, place: str, weak: str) -> None:
    """A browser that has these very bytes gets 304 without them, and may keep them for another while."""
    first = ask("GET", place, {"Accept-Encoding": "gzip"})
    headers = {"Origin": SITE, "Accept-Encoding": "gzip", "If-None-Match": weak + first.headers["etag"]}
    answer = ask("GET", place, headers)
    assert (answer.status, answer.body, answer.told) == (304, b"", ALLOWED)
    assert [answer.headers[name] for name in ("etag", "cache-control")] == [
        first.headers[name] for name in ("etag", "cache-control")
    ]


def test_changed_object_is_sent(ask: Ask, place: str, client: Any) -> None:
    """The tag of what was there before does not match."""
    before = ask("GET", place).headers["etag"]
    _, bucket, name = place.split("/", 2)
    client.bucket(bucket).blob(name).upload_from_string(b"new")
    answer = ask("GET", place, {"If-None-Match": before})
    assert (answer.status, answer.body) == (200, b"new")
