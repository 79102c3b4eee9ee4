"""One HTTP request and its response as values, so that routing and rules know no socket."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from urllib import parse
from xml.sax import saxutils

from local.storage import errors

_JSON_PATHS = ("/storage/", "/download/", "/upload/", "/resumable/", "/batch/")
_XML_CODES = {
    "notFound": "NoSuchKey",
    "conditionNotMet": "PreconditionFailed",
    "forbidden": "AccessDenied",
    "objectUnderActiveHold": "ObjectUnderActiveHold",
    "retentionPolicyNotMet": "RetentionPolicyNotMet",
    "requestedRangeNotSatisfiable": "InvalidRange",
    "notImplemented": "NotImplemented",
}


@dataclass(frozen=True)
class Request:
    """A request as it came: `target` is path and query, still percent-encoded; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @functools.cached_property
    def path(self) -> str:
        """Return the path, still percent-encoded."""
        return self.target.partition("?")[0]

    @functools.cached_property
    def query(self) -> dict[str, str]:
        """Return the query parameters, the last of each name."""
        return dict(self._pairs())

    @property
    def base(self) -> str:
        """Return the address under which the caller knows this server."""
        return f"http://{self.headers.get('host', '127.0.0.1')}"

    def all_of(self, name: str) -> list[str]:
        """Return every value of the query parameter `name`."""
        return [value for key, value in self._pairs() if key == name]

    def _pairs(self) -> list[tuple[str, str]]:
        return parse.parse_qsl(self.target.partition("?")[2], keep_blank_values=True)


@dataclass(frozen=True)
class Response:
    """A response; with `stream`, the body is the next `length` bytes of it and the sender closes it."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    stream: BinaryIO | None = None
    length: int = 0


def is_json(request: Request) -> bool:
    """Return whether a request is one of the JSON API; else it is of the XML API, or of nothing."""
    return request.path.startswith(_JSON_PATHS)


def document(request: Request) -> dict[str, Any]:
    """Return the JSON object in the body, {} for none; raise ApiError (400) when it is anything else."""
    if not request.body:
        return {}
    return parse_document(request.body)


def parse_document(body: bytes) -> dict[str, Any]:
    """Return the JSON object that `body` spells; raise ApiError (400) when it is anything else."""
    try:
        value = json.loads(body)
    except ValueError as error:
        raise errors.ApiError(400, "parseError", f"Parse Error: {error}") from error
    if not isinstance(value, dict):
        raise errors.ApiError(400, "parseError", "Parse Error: the body is not a JSON object")
    return value


def flag(request: Request, name: str) -> bool:
    """Return the boolean query parameter `name`, False when absent; raise ApiError (400) when it is no boolean."""
    text = request.query.get(name, "false").lower()
    if text not in ("true", "false"):
        raise errors.invalid(f'Invalid boolean value: "{request.query[name]}" for parameter {name}.')
    return text == "true"


def json_response(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return `value` as a JSON response."""
    content_type = {"Content-Type": "application/json; charset=UTF-8"}
    return Response(status, {**content_type, **(headers or {})}, json.dumps(value).encode())


def error_response(error: errors.ApiError, request: Request) -> Response:
    """Return `error` in the form that the called API uses: JSON, plain text for media, XML for the XML API."""
    if error.status == 304:  # noqa: PLR2004  # a 304 has no body in any form
        return Response(304)
    if request.path.startswith("/download/") or request.query.get("alt") == "media":
        text = {"Content-Type": "text/html; charset=UTF-8"}
        ranged = {"Content-Range": error.content_range} if error.content_range else {}
        return Response(error.status, text | ranged, error.message.encode())
    if request.path.startswith(("/storage/", "/upload/", "/batch/")):
        return json_response(error_document(error), status=error.status)
    return Response(error.status, {"Content-Type": "application/xml; charset=UTF-8"}, _xml(error))


def error_document(error: errors.ApiError) -> dict[str, Any]:
    """Return `error` as the JSON that every Google API answers."""
    item = {"message": error.message, "domain": "global", "reason": error.reason}
    if error.reason == "conditionNotMet":
        item |= {"locationType": "header", "location": "If-Match"}
    return {"error": {"code": error.status, "message": error.message, "errors": [item]}}


def _xml(error: errors.ApiError) -> bytes:
    code = "NoSuchBucket" if error.message == errors.no_bucket().message else _XML_CODES.get(error.reason)
    code = code or ("Conflict" if error.status == 409 else "InvalidArgument")  # noqa: PLR2004  # one of two statuses
    message = saxutils.escape(error.message)
    return (
        f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
    )
