"""What tests and curious people may ask of the stand-in beyond the API; these requests are never counted nor struck.

POST   /_buckets/<bucket>/deny           {"permissions": [...]}: the caller lacks these from now on, until the
                                         stand-in ends; an empty list gives all back
POST   /_objects/<bucket>/<object>/rot   {"offset": n}: flip the byte at n, but no metadata: a disk that lies;
                                         the object's name is percent-encoded, slashes too

What every stand-in is asked, its faults and its counts, is in local/hooks.py.
"""

import re
from urllib import parse

from local import faults, hooks
from local.storage import changes, errors, exchange, store

_DENY = re.compile(r"/_buckets/([^/]+)/deny")
_ROT = re.compile(r"/_objects/([^/]+)/([^/]+)/rot")


def run(
    stored: store.Store, request: exchange.Request, *, armed: faults.Faults, counted: hooks.Counter
) -> exchange.Response:
    """Return the response to a request on a path that begins with "/_"."""
    try:
        return _common(request, armed, counted) or _on_state(stored, request)
    except errors.ApiError as error:
        return exchange.json_response(exchange.error_document(error), status=error.status)


def _common(request: exchange.Request, armed: faults.Faults, counted: hooks.Counter) -> exchange.Response | None:
    def document() -> dict[str, object]:
        return exchange.document(request)

    try:
        return hooks.common(request, document, armed=armed, counted=counted, whose="Cloud Storage")
    except ValueError as error:
        raise errors.invalid(str(error)) from error


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
