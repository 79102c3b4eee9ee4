"""Calls are parsed strictly, from a body or a query, into the same parameters."""

import dataclasses
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


def parse(**options: Any) -> Asked:
    """Return the parameters of a call made with these options of a test request."""
    with flask.Flask("test").test_request_context(**options):
        return calls.parse(Asked, flask.request)


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
