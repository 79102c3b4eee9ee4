"""Calls are parsed strictly, from a body or a query, into the same parameters."""

import dataclasses
import io
from collections.abc import Callable
from typing import Any

import flask
import pytest

from shared import calls, errors


@dataclasses.dataclass(frozen=True)
class Asked:
    """Parameters of every sort."""

    names: tuple[str, ...] = ()
    dry: bool = False
    days: int | None = None
    word: str = ""


def parse(*, limit: int = calls.BODY_LIMIT, **options: Any) -> Asked:
    """Return the parameters of a call made with these options of a test request."""
    with flask.Flask("test").test_request_context(**options):
        return calls.parse(Asked, flask.request, limit=limit)


def whole(size: int) -> dict[str, Any]:
    """Return the options of a call whose body has so many bytes, and says so."""
    return {"method": "POST", "data": b'{"word": "long"}'.ljust(size)}


def chunked(size: int) -> dict[str, Any]:
    """Return the options of a call whose body has so many bytes, and does not say how many."""
    stream = io.BytesIO(b'{"word": "long"}'.ljust(size))
    sent = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    return {"method": "POST", "input_stream": stream, "environ_overrides": sent}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, Asked()),
        ({"method": "POST", "data": b""}, Asked()),
        ({"method": "POST", "data": b"  \n"}, Asked()),
        (
            {"method": "POST", "json": {"names": ["a", "b"], "dry": True, "days": 3}},
            Asked(("a", "b"), dry=True, days=3),
        ),
        ({"query_string": "names=a,b&dry=1&days=3"}, Asked(("a", "b"), dry=True, days=3)),
        ({"query_string": "names=a&names=b&dry=false"}, Asked(("a", "b"))),
        ({"query_string": "days=-3&word=3"}, Asked(days=-3, word="3")),
        ({"method": "POST", "json": {"dry": True}, "query_string": "days=1"}, Asked(dry=True, days=1)),
        ({"method": "POST", "data": b'{"dry": true}', "content_type": "application/octet-stream"}, Asked(dry=True)),
    ],
)
def test_body_and_query_say_the_same(options: dict[str, Any], expected: Asked) -> None:
    """A parameter means the same wherever it stands; the Scheduler's content type does not matter."""
    assert parse(**options) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"query_string": "nmes=a"}, "nmes: is not known here; known: names, dry, days, word"),
        ({"query_string": "dry=maybe"}, "dry: must be true or false, not 'maybe'"),
        ({"query_string": "days=3.5"}, "days: must be a whole number, not '3.5'"),
        ({"query_string": "days=99999999999999999999"}, "days: must be a whole number"),
        ({"query_string": "word=a&word=b"}, "word: given 2 times"),
        (
            {"method": "POST", "json": {"days": 1}, "query_string": "days=1"},
            "days: given both in the body and in the query",
        ),
        ({"method": "POST", "json": {"days": "1"}}, "days: must be a whole number, not '1'"),
        ({"method": "POST", "json": {"nmes": 1, "dry": 1}}, "nmes: is not known here; .*; dry: must be true or false"),
    ],
)
def test_mistake_is_named(options: dict[str, Any], message: str) -> None:
    """An unknown or mistyped parameter never becomes a default run."""
    with pytest.raises(errors.InvalidRequest, match=message):
        parse(**options)


def test_parameters_are_reported_as_json() -> None:
    """The report repeats what was understood."""
    assert calls.as_json(Asked(("a",), days=3)) == {"names": ["a"], "dry": False, "days": 3, "word": ""}


@pytest.mark.parametrize("body", [b'{"word": "\\ud83c"}', b'{"\\udfc0": 1}', b'{"names": ["a\\ud83c"]}'])
def test_half_of_a_character_is_refused(body: bytes) -> None:
    """JSON can write it, and no report could quote it; the two halves together are one."""
    with pytest.raises(errors.InvalidRequest, match="half of a character"):
        parse(method="POST", data=body)

    assert parse(method="POST", data=b'{"word": "\\ud83c\\udfc0"}').word == "🏀"


@pytest.mark.parametrize("sent", [whole, chunked])
@pytest.mark.parametrize("limit", [64 * 1024, 1024 * 1024])
def test_body_may_have_as_many_bytes_as_are_given(sent: Callable[[int], dict[str, Any]], limit: int) -> None:
    """The last byte within the limit is read; one more is refused by a name of its own, however it is sent."""
    assert parse(limit=limit, **sent(limit)) == Asked(word="long")
    with pytest.raises(errors.InvalidRequest, match=f"the body has more than {limit} bytes") as caught:
        parse(limit=limit, **sent(limit + 1))
    assert caught.value.code == "body_too_large"


def test_body_is_not_read_far_beyond_its_limit() -> None:
    """Of a body that says nothing of its size, no more is taken in than shows that it is too large."""
    options = chunked(1024 * 1024)
    with pytest.raises(errors.InvalidRequest, match="more than 100 bytes"):
        parse(limit=100, **options)
    assert options["input_stream"].tell() == 101


def test_limit_is_64_kib_by_default() -> None:
    """A function that says nothing of it takes no more."""
    assert calls.BODY_LIMIT == 65536


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"headers": {"Accept": "text/html"}}, True),
        ({"headers": {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}}, True),
        ({"headers": {"Accept": "application/json, text/html;q=0.5"}}, True),
        ({"headers": {"Accept": "*/*"}}, False),
        ({"headers": {"Accept": "text/*"}}, False),
        ({}, False),
        ({"headers": {"Accept": "text/html"}, "method": "POST"}, False),
        ({"headers": {"Accept": "text/html"}, "query_string": "dry=1"}, False),
        ({"headers": {"Accept": "text/html"}, "query_string": "dry="}, False),
        ({"headers": {"Accept": "text/html"}, "path": "/page"}, False),
    ],
)
def test_page_is_asked_for_by_name(options: dict[str, Any], expected: bool) -> None:  # noqa: FBT001 - the case's verdict
    """A GET of / that names text/html and has no parameters asks for the page; nothing else does."""
    with flask.Flask("test").test_request_context(**options):
        assert calls.wants_page(flask.request) is expected
