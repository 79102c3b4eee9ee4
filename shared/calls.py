"""What a caller asks, strictly parsed: method, path, and parameters from a JSON body or the query."""

import dataclasses
import json
import re
import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import flask

from shared import errors, shapes

T = TypeVar("T")
BODY_LIMIT = 64 * 1024
METHODS = ("GET", "POST")
# Half of a character beyond 16 bits: JSON can write it, and no report could quote it.
_SURROGATE = re.compile("[\ud800-\udfff]")
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def parse(cls: type[T], request: flask.Request, *, limit: int = BODY_LIMIT) -> T:
    """Return the parameters `cls` of a call, given the bytes its body may have; raise InvalidRequest, all named."""
    check_address(request)
    body = _body(request, limit)
    query = _query(cls, request)
    twice = sorted(body.keys() & query.keys())
    if twice:
        raise errors.InvalidRequest([f"{name}: given both in the body and in the query" for name in twice])
    built, problems = shapes.build(cls, shapes.plain(body | query))
    if built is None:
        raise errors.InvalidRequest(f"{problem.path or 'the body'}: {problem.message}" for problem in problems)
    return built


def check_address(request: flask.Request) -> None:
    """Raise InvalidRequest unless the call is a GET or POST of `/`."""
    if request.path != "/":
        raise errors.InvalidRequest([f"there is nothing at {request.path!r}; call /"], code="not_found")
    if request.method not in METHODS:
        raise errors.InvalidRequest([f"{request.method} does nothing; use GET or POST"], code="method_not_allowed")


def wants_page(request: flask.Request) -> bool:
    """Return whether a browser asks for the page: a GET of `/` without query and body that names text/html."""
    named = any(kind.lower() == "text/html" and quality > 0 for kind, quality in request.accept_mimetypes)
    asks = bool(request.args or request.content_length or "Transfer-Encoding" in request.headers)
    return named and request.method == "GET" and request.path == "/" and not asks


def is_probe(request: flask.Request) -> bool:
    """Return whether the call is a probe; raise InvalidRequest for a probe with another value or other parameters."""
    if "probe" not in request.args:
        return False
    check_address(request)
    if dict(request.args.lists()) != {"probe": ["1"]} or request.get_data():
        raise errors.InvalidRequest(["probe: say ?probe=1, alone and without a body"])
    return True


def _body(request: flask.Request, limit: int) -> dict[str, Any]:
    if (request.content_length or 0) > limit:
        raise errors.InvalidRequest([f"the body has more than {limit} bytes"], code="body_too_large")
    content = request.stream.read(limit + 1)
    if len(content) > limit:
        raise errors.InvalidRequest([f"the body has more than {limit} bytes"], code="body_too_large")
    if not content.strip():
        return {}
    try:
        value = json.loads(content.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise errors.InvalidRequest([f"the body is not JSON: {error}"]) from error
    if not isinstance(value, dict):
        raise errors.InvalidRequest([f"the body must be a JSON object, not {json.dumps(value)[:40]}"])
    if _SURROGATE.search(json.dumps(value, ensure_ascii=False)):
        raise errors.InvalidRequest(
            ["the body holds half of a character: an escape like \\ud83c without its other half"]
        )
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not a JSON value")


def _query(cls: Any, request: flask.Request) -> dict[str, Any]:
    hints = typing.get_type_hints(cls)
    known = {field.name for field in dataclasses.fields(cls)}
    return {name: _value(hints[name] if name in known else str, name, values) for name, values in request.args.lists()}


def _value(expected: Any, name: str, values: list[str]) -> Any:
    """Return the JSON value that query text stands for; text that does not fit stays text, for the parser to name."""
    if typing.get_origin(expected) is tuple:
        return [part for value in values for part in value.split(",")]
    if len(values) > 1:
        raise errors.InvalidRequest([f"{name}: given {len(values)} times"])
    if typing.get_origin(expected) is types.UnionType:
        expected = next(argument for argument in typing.get_args(expected) if argument is not type(None))
    if expected is bool:
        return BOOLEANS.get(values[0].lower(), values[0])
    if expected is int:
        return int(values[0]) if re.fullmatch(r"-?[0-9]{1,18}", values[0]) else values[0]
    return values[0]


def as_json(parameters: Any) -> Mapping[str, Any]:
    """Return parameters as JSON values, for the report."""
    return {
        name: list(value) if isinstance(value, tuple) else _plain(value)
        for name, value in dataclasses.asdict(parameters).items()
    }


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def header_texts(request: flask.Request, names: Iterable[str]) -> tuple[str, ...]:
    """Return the headers that are present among `names`, in that order."""
    return tuple(request.headers[name] for name in names if request.headers.get(name))
