"""What a browser is told about pages of other origins, by the bucket's own `cors` entries.

In the XML API (`/<bucket>/<object>`) the first entry that has both the request's origin and its method decides, for
errors too. The JSON API lets the pages of every origin in, whatever a bucket declares: so does the real one. Names of
headers are told as they are declared; a browser itself judges whether they are all that it needs.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any
from urllib import parse

from local.storage import exchange, store

_ANY = "*"
_JSON_METHODS = "DELETE,GET,HEAD,PATCH,POST,PUT"
_JSON_SECONDS = "3600"


def preflight(stored: store.Store, request: exchange.Request, *_names: str) -> exchange.Response:
    """Return the answer to OPTIONS: what the request that is announced may do, or nothing about it."""
    headers = request.headers
    origin, method = headers.get("origin"), headers.get("access-control-request-method")
    if not origin or not method:
        return exchange.Response(200)
    if exchange.is_json(request):
        wanted = headers.get("access-control-request-headers", "")
        return exchange.Response(200, _preflighted(origin, _JSON_METHODS, wanted, _JSON_SECONDS))
    entry = _entry(stored, request, origin, method=method)
    if not entry:
        return exchange.Response(200)
    methods, names = ",".join(entry.get("method", ())), ",".join(entry.get("responseHeader", ()))
    seconds = str(entry.get("maxAgeSeconds", ""))
    return exchange.Response(200, _preflighted(_shown(entry, origin), methods, names, seconds))


def told(stored: store.Store, request: exchange.Request, response: exchange.Response) -> exchange.Response:
    """Return the response to a request other than OPTIONS with what a page of another origin may see of it."""
    origin = request.headers.get("origin")
    if not origin or request.method == "OPTIONS":
        return response
    if exchange.is_json(request):
        return _with(response, {"Access-Control-Allow-Origin": origin, "Vary": "Origin"})
    entry = _entry(stored, request, origin, method=request.method)
    if not entry:
        return response
    names = ",".join(entry.get("responseHeader", ()))
    exposed = {"Access-Control-Expose-Headers": names} if names else {}
    return _with(response, {"Access-Control-Allow-Origin": _shown(entry, origin), **exposed, "Vary": "Origin"})


def _entry(stored: store.Store, request: exchange.Request, origin: str, *, method: str) -> Mapping[str, Any] | None:
    """Return the first entry of the bucket in the path for this origin and method; None without one, or a bucket."""
    name = parse.unquote(request.path.lstrip("/").partition("/")[0])
    with stored.lock:
        bucket = stored.buckets.get(name)
        declared = bucket.resource.get("cors", ()) if bucket else ()
    for entry in declared:
        if {origin, _ANY} & set(entry.get("origin", ())) and {method, _ANY} & set(entry.get("method", ())):
            found: Mapping[str, Any] = entry
            return found
    return None


def _shown(entry: Mapping[str, Any], origin: str) -> str:
    return _ANY if _ANY in entry["origin"] else origin


def _preflighted(origin: str, methods: str, names: str, seconds: str) -> dict[str, str]:
    told = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": names,
        "Access-Control-Max-Age": seconds,
        "Vary": "Origin",
    }
    return {name: value for name, value in told.items() if value}


def _with(response: exchange.Response, headers: Mapping[str, str]) -> exchange.Response:
    return dataclasses.replace(response, headers={**response.headers, **headers})
