"""The gateway serves the page of tonight, under a policy that fits its file, and adds the address of the files."""

import base64
import contextlib
import hashlib
import http.client
import pathlib
from collections.abc import Iterator
from http import HTTPStatus

import pytest

from local import functions, gateway, pages, processes
from local.pages import tonight

FILE = pathlib.Path(pages.__file__).with_name("tonight.html")
PUBLISHED = "http://127.0.0.1:9/bucket/v1"


@pytest.fixture
def front() -> Iterator[gateway.Server]:
    """Yield a gateway that knows where the published files are."""
    server = gateway.serve([], published=PUBLISHED)
    yield server
    server.close()


def _call(port: int, method: str, target: str) -> tuple[int, dict[str, str], bytes]:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request(method, target)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()


def test_the_page_is_its_file_and_is_not_kept(front: gateway.Server) -> None:
    """Byte for byte, with a length, and never from a cache."""
    code, headers, body = _call(front.port, "GET", f"/tonight?base={PUBLISHED}")

    assert (code, body) == (HTTPStatus.OK, FILE.read_bytes())
    assert (headers["Content-Type"], headers["Cache-Control"]) == ("text/html; charset=utf-8", "no-store")


def test_a_head_tells_the_same_and_sends_nothing(front: gateway.Server) -> None:
    """HEAD has the headers of GET."""
    asked = [_call(front.port, method, f"/tonight?base={PUBLISHED}") for method in ("GET", "HEAD")]

    assert (asked[1][0], asked[1][1], asked[1][2]) == (HTTPStatus.OK, asked[0][1], b"")
    assert int(asked[1][1]["Content-Length"]) == FILE.stat().st_size


def test_the_policy_names_exactly_what_the_file_holds(front: gateway.Server) -> None:
    """The one script and the one style by hash, this machine to ask, and nothing else."""
    written = FILE.read_text()
    hashes = {}
    for tag in ("script", "style"):
        content = written.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
        hashes[tag] = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    policy = _call(front.port, "GET", f"/tonight?base={PUBLISHED}")[1]["Content-Security-Policy"].split("; ")

    assert policy[:5] == [
        "default-src 'none'",
        f"script-src 'sha256-{hashes['script']}'",
        f"style-src 'sha256-{hashes['style']}'",
        "img-src data:",
        "connect-src 'self' http://127.0.0.1:*",
    ]
    assert not any("unsafe" in one or "*" in one for one in policy if not one.startswith("connect-src"))


def test_a_changed_script_has_another_policy() -> None:
    """One letter more is one that the browser would refuse under the old policy."""
    first, second = (tonight.policy(b"<script>%b</script><style>a{}</style>" % text) for text in (b"1", b"2"))

    assert first.partition("style-src")[2] == second.partition("style-src")[2]
    assert first != second


@pytest.mark.parametrize(
    ("asked", "location"),
    [
        ("/tonight", "/tonight?base=http%3A%2F%2F127.0.0.1%3A9%2Fbucket%2Fv1"),
        ("/tonight?", "/tonight?base=http%3A%2F%2F127.0.0.1%3A9%2Fbucket%2Fv1"),
        ("/tonight?base=", "/tonight?base=http%3A%2F%2F127.0.0.1%3A9%2Fbucket%2Fv1"),
        ("/tonight?every=5", "/tonight?every=5&base=http%3A%2F%2F127.0.0.1%3A9%2Fbucket%2Fv1"),
        ("/tonight?x=%0d%0aA:b", "/tonight?x=%0D%0AA%3Ab&base=http%3A%2F%2F127.0.0.1%3A9%2Fbucket%2Fv1"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_address_without_a_base_gets_one(front: gateway.Server, method: str, asked: str, location: str) -> None:
    """The rest of the query stays, and nothing in it becomes a header."""
    code, headers, body = _call(front.port, method, asked)

    assert (code, headers["Location"], body) == (HTTPStatus.FOUND, location, b"")
    assert "A" not in headers


def test_where_nothing_is_published_the_page_stands_as_it_is() -> None:
    """It then reads below /v1 of its own server."""
    server = gateway.serve([])
    assert _call(server.port, "GET", "/tonight")[0] == HTTPStatus.OK
    server.close()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_page_takes_no_orders(front: gateway.Server, method: str) -> None:
    """It is only looked at."""
    assert _call(front.port, method, "/tonight")[0] == HTTPStatus.METHOD_NOT_ALLOWED


@pytest.mark.parametrize("target", ["/tonight/", "/tonight/x", "/tonight.html", "/Tonight"])
def test_nothing_else_is_the_page(front: gateway.Server, target: str) -> None:
    """No path below it, no other spelling."""
    assert _call(front.port, "GET", target)[0] == HTTPStatus.NOT_FOUND


def test_a_function_of_that_name_comes_first(tmp_path: pathlib.Path) -> None:
    """The name of a function is always its own."""
    named = functions.Function("tonight", "Its own.", processes.free_port(), tmp_path / "log", tmp_path)
    server = gateway.serve([named])
    assert _call(server.port, "GET", "/tonight")[0] == HTTPStatus.BAD_GATEWAY
    server.close()
