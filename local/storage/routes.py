"""Which call a request is, and its execution: from a request to a response, every error included.

An object's name is one percent-encoded segment of the path in the JSON API, and the rest of the path in the XML API.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib import parse

from local.storage import batch, buckets, cors, errors, exchange, fields, listing, objects, store, uploads, xml_api

_B = r"/storage/v1/b/([^/]+)"
_O = _B + r"/o/([^/]+)"
_UPLOAD = r"(?:/resumable)?/upload/storage/v1/b/([^/]+)/o"
_XML = r"/([^/]+)/(.+)"
_LEFT_OUT = (
    r"/storage/v1/b/[^/]+/(?:o/[^/]+/)?"
    r"(?:acl|defaultObjectAcl|notificationConfigs|restore|anywhereCaches|managedFolders|folders|storageLayout"
    r"|relocate|bulkRestore)(?:/.*)?|/storage/v1/projects/[^/]+/hmacKeys.*|/storage/v1/b/[^/]+/o/[^/]+/iam.*"
)


@dataclass(frozen=True)
class Route:
    """One call of the API: which requests are it, its name (for counting), and what runs it."""

    method: str
    pattern: re.Pattern[str]
    name: str
    run: Callable[..., exchange.Response]


def _no_such_feature(_stored: store.Store, request: exchange.Request, *_names: str) -> exchange.Response:
    raise errors.left_out(f"this call ({request.method} {request.path})")


def _health(_stored: store.Store, _request: exchange.Request) -> exchange.Response:
    return exchange.json_response({"status": "ok"})


_TABLE = (
    ("OPTIONS", r"/.*", "preflight", cors.preflight),
    ("GET", r"/", "health", _health),
    ("GET", r"/storage/v1/b", "buckets.list", buckets.list_all),
    ("POST", r"/storage/v1/b", "buckets.insert", buckets.insert),
    ("GET", _B, "buckets.get", buckets.get),
    ("PATCH", _B, "buckets.patch", buckets.patch),
    ("PUT", _B, "buckets.update", buckets.update),
    ("DELETE", _B, "buckets.delete", buckets.delete),
    ("POST", _B + "/lockRetentionPolicy", "buckets.lockRetentionPolicy", buckets.lock),
    ("GET", _B + "/iam", "buckets.getIamPolicy", buckets.get_policy),
    ("PUT", _B + "/iam", "buckets.setIamPolicy", buckets.set_policy),
    ("GET", _B + "/iam/testPermissions", "buckets.testIamPermissions", buckets.test_permissions),
    ("GET", r"/storage/v1/projects/([^/]+)/serviceAccount", "projects.serviceAccount.get", buckets.service_account),
    ("GET", _B + "/o", "objects.list", listing.answer),
    ("GET", _O, "objects.get", objects.get),
    ("GET", "/download" + _O, "objects.download", objects.get),
    ("PATCH", _O, "objects.patch", objects.patch),
    ("PUT", _O, "objects.update", objects.update),
    ("DELETE", _O, "objects.delete", objects.delete),
    ("POST", _O + "/compose", "objects.compose", objects.compose),
    ("POST", _O + r"/copyTo/b/([^/]+)/o/([^/]+)", "objects.copy", objects.copy),
    ("POST", _O + r"/rewriteTo/b/([^/]+)/o/([^/]+)", "objects.rewrite", objects.rewrite),
    ("POST", _O + r"/moveTo/o/([^/]+)", "objects.move", objects.move),
    ("POST", _UPLOAD, "objects.insert", uploads.insert),
    ("PUT", _UPLOAD, "objects.resume", uploads.resume),
    ("DELETE", _UPLOAD, "objects.cancel", uploads.cancel),
    ("POST", r"/batch/storage/v1", "batch", lambda stored, request: batch.answer(request, run=_runner(stored))),
    (r"\w+", _LEFT_OUT, "left_out", _no_such_feature),
    ("GET|HEAD", r"/([^/]+)/?", "xml.list", _no_such_feature),
    ("GET|HEAD", _XML, "xml.get", xml_api.get),
    ("PUT", _XML, "xml.put", xml_api.put),
    ("POST", _XML, "xml.post", xml_api.post),
    ("DELETE", _XML, "xml.delete", xml_api.delete),
)
_ROUTES = tuple(Route(method, re.compile(pattern), name, run) for method, pattern, name, run in _TABLE)


def find(request: exchange.Request) -> tuple[Route, list[str]] | None:
    """Return the route of a request with the names in its path, None when Cloud Storage has no such call."""
    is_json = exchange.is_json(request)
    for route in _ROUTES:
        match = route.pattern.fullmatch(request.path) if re.fullmatch(route.method, request.method) else None
        if match and not (is_json and route.name.startswith("xml.")):
            return route, list(match.groups())
    return None


def name_of(request: exchange.Request) -> str:
    """Return the name under which a request is counted, such as "GET objects.list"."""
    found = find(request)
    return f"{request.method} {found[0].name if found else 'unknown'}"


def run(stored: store.Store, request: exchange.Request) -> exchange.Response:
    """Return the response to a request; an ApiError becomes the error document of the API that was called."""
    return cors.told(stored, request, _answer(stored, request))


def _answer(stored: store.Store, request: exchange.Request) -> exchange.Response:
    try:
        found = find(request)
        if not found:
            raise errors.no_route(request.method, request.path)
        if any(name.startswith("x-goog-encryption-") for name in request.headers):
            raise errors.left_out("encryption with keys of the caller")
        route, names = found
        return _reduced(route.run(stored, request, *(_decoded(name) for name in names)), request)
    except errors.ApiError as error:
        return exchange.error_response(error, request)


def _runner(stored: store.Store) -> Callable[[exchange.Request], exchange.Response]:
    return lambda request: run(stored, request)


def _decoded(name: str) -> str:
    try:
        return parse.unquote(name, errors="strict")
    except UnicodeDecodeError as error:
        raise errors.invalid(f"The name {name} is not valid UTF-8.") from error


def _reduced(response: exchange.Response, request: exchange.Request) -> exchange.Response:
    mask = request.query.get("fields")
    if not mask or not response.headers.get("Content-Type", "").startswith("application/json") or response.stream:
        return response
    chosen: Any = fields.apply(fields.parse(mask), exchange.parse_document(response.body))
    return exchange.json_response(chosen, status=response.status, headers=response.headers)
