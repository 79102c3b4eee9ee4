"""Batch requests: many calls of the JSON API in one, each answered on its own; bytes cannot travel in them."""

import http
import uuid
from collections.abc import Callable
from urllib import parse

from local.storage import errors, exchange, multipart

_MOST = 1000
_Run = Callable[[exchange.Request], exchange.Response]


def answer(request: exchange.Request, *, run: _Run) -> exchange.Response:
    """Return the responses to all calls in the batch, in their order; raise ApiError (400) when it is no batch."""
    parts = multipart.split(request.headers.get("content-type", ""), request.body)
    if not 1 <= len(parts) <= _MOST:
        raise errors.invalid(f"A batch has between 1 and {_MOST} calls: got {len(parts)}.")
    boundary = f"batch_{uuid.uuid4().hex}"
    answers = [_part(part, run(_call(part, request)), boundary) for part in parts]
    headers = {"Content-Type": f"multipart/mixed; boundary={boundary}"}
    return exchange.Response(200, headers, b"".join(answers) + f"--{boundary}--\r\n".encode())


def _call(part: multipart.Part, outer: exchange.Request) -> exchange.Request:
    head, _, body = part.body.replace(b"\r\n", b"\n").partition(b"\n\n")
    line, _, headers = head.partition(b"\n")
    words = line.decode("utf-8", "replace").split(" ")
    if len(words) < 2:  # noqa: PLR2004  # a method and an address
        raise errors.invalid("A part of the batch is no HTTP request.")
    address = parse.urlsplit(words[1])
    target = f"{address.path}?{address.query}" if address.query else address.path
    call = exchange.Request(words[0], target, {**multipart.headers_of(headers), "host": outer.headers["host"]}, body)
    if not call.path.startswith("/storage/v1/") or call.query.get("alt") == "media":
        raise errors.invalid(f"A batch cannot carry {words[0]} {address.path}: only calls that move no bytes.")
    return call


def _part(part: multipart.Part, response: exchange.Response, boundary: str) -> bytes:
    identity = part.headers.get("content-id", "<0>").strip("<>")
    lines = [
        f"--{boundary}",
        "Content-Type: application/http",
        f"Content-ID: <response-{identity}>",
        "",
        f"HTTP/1.1 {response.status} {_phrase(response.status)}",
        *(f"{name}: {value}" for name, value in response.headers.items()),
        f"Content-Length: {len(response.body)}",
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + response.body + b"\r\n"


def _phrase(status: int) -> str:
    return http.HTTPStatus(status).phrase
