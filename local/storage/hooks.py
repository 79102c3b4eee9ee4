"""What tests and curious people may ask of the stand-in beyond the API; these requests are never counted nor struck.

POST   /_faults                          arm a fault (see local/faults.py); GET shows, DELETE disarms them
GET    /_requests                        how many requests came, in total and by call; DELETE starts from nought
POST   /_buckets/<bucket>/deny           {"permissions": [...]}: the caller lacks these from now on, until the
                                         stand-in ends; an empty list gives all back
POST   /_objects/<bucket>/<object>/rot   {"offset": n}: flip the byte at n, but no metadata: a disk that lies;
                                         the object's name is percent-encoded, slashes too
"""

import collections
import re
import threading
from urllib import parse

from local import faults
from local.storage import changes, errors, exchange, store

_DENY = re.compile(r"/_buckets/([^/]+)/deny")
_ROT = re.compile(r"/_objects/([^/]+)/([^/]+)/rot")


class Counter:
    """How many requests came, by call; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_call: collections.Counter[str] = collections.Counter()

    def add(self, call: str) -> None:
        """Count one request."""
        with self._lock:
            self._by_call[call] += 1

    def clear(self) -> None:
        """Start from nought."""
        with self._lock:
            self._by_call.clear()

    def state(self) -> dict[str, object]:
        """Return the counts as JSON values."""
        with self._lock:
            return {"total": self._by_call.total(), "by_call": dict(sorted(self._by_call.items()))}


def run(stored: store.Store, request: exchange.Request, *, armed: faults.Faults, counted: Counter) -> exchange.Response:
    """Return the response to a request on a path that begins with "/_"."""
    try:
        if request.path == "/_faults":
            return _faults(request, armed)
        if request.path == "/_requests":
            return _requests(request, counted)
        return _on_state(stored, request)
    except errors.ApiError as error:
        return exchange.json_response(exchange.error_document(error), status=error.status)


def _faults(request: exchange.Request, armed: faults.Faults) -> exchange.Response:
    if request.method == "GET":
        return exchange.json_response(armed.state())
    if request.method == "DELETE":
        armed.clear()
    elif request.method == "POST":
        _arm(exchange.document(request), armed)
    else:
        raise errors.no_route(request.method, request.path)
    return exchange.Response(204)


def _arm(declared: dict[str, object], armed: faults.Faults) -> None:
    try:
        armed.arm(declared, whose="Cloud Storage")
    except ValueError as error:
        raise errors.invalid(str(error)) from error


def _requests(request: exchange.Request, counted: Counter) -> exchange.Response:
    if request.method == "DELETE":
        counted.clear()
        return exchange.Response(204)
    return exchange.json_response(counted.state())


def _on_state(stored: store.Store, request: exchange.Request) -> exchange.Response:
    deny, rot = _DENY.fullmatch(request.path), _ROT.fullmatch(request.path)
    if request.method != "POST" or not (deny or rot):
        raise errors.no_route(request.method, request.path)
    wanted = exchange.document(request)
    if deny:
        permissions = wanted.get("permissions")
        if not isinstance(permissions, list) or not all(isinstance(one, str) for one in permissions):
            raise errors.invalid('The body must be {"permissions": ["storage.objects.create", ...]}.')
        with stored.lock:
            stored.bucket(parse.unquote(deny[1])).denied = frozenset(permissions)
    elif rot:
        if type(wanted.get("offset")) is not int:
            raise errors.invalid('The body must be {"offset": <number of the byte>}.')
        changes.rot(stored, parse.unquote(rot[1]), parse.unquote(rot[2]), offset=wanted["offset"])
    return exchange.Response(204)
