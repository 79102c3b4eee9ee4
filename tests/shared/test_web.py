"""Reading from a foreign host: every answer is one, within a time and a size, and nothing of the address is told."""

import datetime
import email.utils
import gzip
from collections.abc import Iterator
from typing import Any

import pytest

from shared import web
from tests.shared import pages_server
from tests.shared.pages_server import Host, Said


@pytest.fixture
def host() -> Iterator[Host]:
    """Yield a host that says {} to everything."""
    with pages_server.running() as made:
        yield made


def get(host: Host, **options: Any) -> web.Answer:
    """Return what the host answers."""
    with web.session() as session:
        return web.get(session, host.url, **({"seconds": 5.0, "most_bytes": 1000} | options))


@pytest.mark.parametrize(
    ("status", "passing"),
    [(200, False), (204, False), (401, False), (403, False), (404, False), (408, True), (429, True), (500, True)],
)
def test_any_status_is_an_answer(host: Host, status: int, passing: bool) -> None:  # noqa: FBT001 - a claim
    """What it means is for the caller to say; whether it may pass by itself is known."""
    host.said = Said(status, (("X-Own", "1"),), b"" if status == 204 else b"body")
    answer = get(host)

    assert (answer.status, answer.headers["x-own"], answer.passing) == (status, "1", passing)


def test_query_and_headers_are_sent(host: Host) -> None:
    """As they are given."""
    get(host, query={"page": "2", "day": "2026-02-12"}, headers={"Authorization": "k3y"})
    ((method, path, headers, _),) = host.requests

    assert (method, path, headers["Authorization"]) == ("GET", "/path?page=2&day=2026-02-12", "k3y")


def test_a_redirect_is_not_followed(host: Host) -> None:
    """It may lead to where no address may: it is an answer like any other."""
    host.said = Said(302, (("Location", host.url),))

    assert get(host).status == 302
    assert len(host.requests) == 1


def test_nothing_of_this_machine_is_sent(host: Host, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a password from .netrc nor the way through a proxy."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password s3cr3t\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")

    assert get(host).status == 200
    assert "Authorization" not in host.requests[0][2]


def test_gzip_is_decompressed_up_to_the_limit(host: Host) -> None:
    """The limit is for what comes out, so that a small body cannot fill the memory."""
    for size, good in ((1000, True), (1001, False)):
        host.said = Said(headers=(("Content-Encoding", "gzip"),), body=gzip.compress(b"x" * size))
        if good:
            assert get(host).body == b"x" * size
        else:
            with pytest.raises(web.NoAnswer, match="more than 1,000 bytes"):
                get(host)


@pytest.mark.parametrize(
    "said",
    [
        Said(silent=True),
        Said(body=b"half", promised=8),
        Said(headers=(("Content-Encoding", "gzip"),), body=b"no gzip"),
        Said(body=b"x" * 1001),
        Said(body=b"x" * 100, drip=0.01),
    ],
    ids=["silent", "cut", "no gzip", "too long", "drips"],
)
def test_what_does_not_end_well_is_no_answer(host: Host, said: Said) -> None:
    """And the address, which may hold a key, is not told."""
    host.said = said
    with pytest.raises(web.NoAnswer) as refused:
        get(host, seconds=0.5, query={"key": "s3cr3t"})

    assert "s3cr3t" not in str(refused.value)
    assert "127.0.0.1" not in str(refused.value)


def test_a_host_that_drips_is_left_in_time(host: Host) -> None:
    """The budget is for everything: most of the body never leaves the host."""
    host.said = Said(body=b"x" * 200, drip=0.02)
    with pytest.raises(web.NoAnswer):
        get(host, seconds=1.0)

    assert host.sent < 190


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/s3cr3t", "http://s3cr3t.invalid/", "s3cr3t"])
def test_no_host_is_no_answer(url: str) -> None:
    """Nobody listens, no such name, no name at all."""
    with web.session() as session, pytest.raises(web.NoAnswer) as refused:
        web.get(session, url, seconds=2.0, most_bytes=10)

    assert "s3cr3t" not in str(refused.value)


def test_a_host_that_no_name_may_have_is_no_answer() -> None:
    """An empty part between two dots."""
    with web.session() as session, pytest.raises(web.NoAnswer):
        web.get(session, "http://site..example/", seconds=2.0, most_bytes=10)


@pytest.mark.parametrize(
    ("text", "seconds"), [("7", 7.0), (" 120 ", 120.0), ("", 0.0), ("soon", 0.0), ("-1", 0.0), ("9999999", 0.0)]
)
def test_seconds_that_a_host_asks_for(text: str, seconds: float) -> None:
    """A number is taken, what is none is not."""
    assert web.retry_after({"Retry-After": text}) == seconds
    assert web.retry_after({}) == 0.0


def test_an_instant_that_a_host_asks_for() -> None:
    """A date to come is so many seconds away, one that is past is none; one without a zone says nothing."""
    now = datetime.datetime.now(datetime.UTC)
    later, earlier = (
        email.utils.format_datetime(now + datetime.timedelta(hours=hours), usegmt=True) for hours in (1, -1)
    )

    assert 3000 < web.retry_after({"Retry-After": later}) <= 3600
    assert web.retry_after({"Retry-After": earlier}) == 0.0
    assert web.retry_after({"Retry-After": "Thu, 12 Feb 2099 10:00:00 -0000"}) == 0.0
