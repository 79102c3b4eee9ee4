"""Which call a request is, and its execution: from a request to a response, every error included.

The host of the API is the first segment of the path. As on the platform a call needs a token, and a foreign project is
one whose rights are lacking. An API whose switch `garbage` is thrown answers nonsense with status 200.
"""

import dataclasses
import re
from collections.abc import Callable
from typing import Any
from urllib import parse

from local.control import errors, functions, logs, monitoring, run, scheduler
from local.control.world import World
from local.storage import errors as storage_errors
from local.storage import exchange, fields
from local.world import platform

Answer = Callable[..., dict[str, Any]]
_PLACE = r"/projects/(?P<project>[^/]+)/locations/([^/]+)"
_PAGED = ("pageSize", "pageToken")
_SERIES = ("filter", "interval.startTime", "interval.endTime", "view")
# Parameters that every API of Google takes.
_COMMON = ("fields", "alt", "prettyPrint", "$alt", "quotaUser")
_LISTS = {
    "cloudscheduler": ("jobs",),
    "cloudfunctions": ("functions",),
    "run": ("services", "bindings"),
    "logging": ("entries",),
    "monitoring": ("timeSeries",),
}


@dataclasses.dataclass(frozen=True)
class Route:
    """One call: which requests are it, its name for counting, the right that it takes, its parameters, what runs it."""

    method: str
    api: str
    pattern: "re.Pattern[str]"
    name: str
    permission: str
    parameters: tuple[str, ...]
    run: Answer


def _route(method: str, path: str, name: str, permission: str, parameters: tuple[str, ...], run: Answer) -> Route:
    api = path.partition("/")[0]
    pattern = re.compile(f"/{api}\\.googleapis\\.com{path.removeprefix(api)}")
    return Route(method, api, pattern, f"{api}.{name}", permission, parameters, run)


_JOB = "cloudscheduler/v1" + _PLACE + "/jobs"
_SERVICE = "run/v2" + _PLACE + "/services"
_ROUTES = (
    _route("GET", _JOB, "jobs.list", "cloudscheduler.jobs.list", _PAGED, scheduler.listed),
    _route("GET", _JOB + "/([^/:]+)", "jobs.get", "cloudscheduler.jobs.get", (), scheduler.got),
    _route("POST", _JOB + "/([^/:]+):pause", "jobs.pause", "cloudscheduler.jobs.pause", (), scheduler.paused),
    _route("POST", _JOB + "/([^/:]+):resume", "jobs.resume", "cloudscheduler.jobs.enable", (), scheduler.resumed),
    _route("POST", _JOB + "/([^/:]+):run", "jobs.run", "cloudscheduler.jobs.run", (), scheduler.ran),
    _route(
        "GET",
        "cloudfunctions/v2" + _PLACE + "/functions",
        "functions.list",
        "cloudfunctions.functions.list",
        _PAGED,
        functions.listed,
    ),
    _route("GET", _SERVICE, "services.list", "run.services.list", _PAGED, run.listed),
    _route("GET", _SERVICE + "/([^/:]+)", "services.get", "run.services.get", (), run.got),
    _route(
        "GET",
        _SERVICE + "/([^/:]+):getIamPolicy",
        "services.getIamPolicy",
        "run.services.getIamPolicy",
        ("options.requestedPolicyVersion",),
        run.policy,
    ),
    _route("POST", "logging/v2/entries:list", "entries.list", "logging.logEntries.list", (), logs.listed),
    _route(
        "GET",
        "monitoring/v3/projects/(?P<project>[^/]+)/timeSeries",
        "timeSeries.list",
        "monitoring.timeSeries.list",
        (*_PAGED, *_SERIES),
        monitoring.listed,
    ),
)


def name_of(request: exchange.Request) -> str:
    """Return the name under which a request is counted, such as "cloudscheduler.jobs.list"."""
    found = _find(request)
    return found[0].name if found else "unknown"


def answer(world: World, request: exchange.Request) -> exchange.Response:
    """Return the response to a request; a refusal becomes Google's error document."""
    try:
        found = _find(request)
        if not found:
            raise errors.not_found(f"Method not found: {request.method} {request.path}")
        route, match = found
        _authorise(request, route, match)
        names = [parse.unquote(text) for text in _positional(match)]
        said = _reduced(route.run(world, request, *names), request)
        return _garbled(world.platform().garbled.get(route.api, ""), route.api, exchange.json_response(said))
    except errors.Refused as refused:
        return refused.response()


def _find(request: exchange.Request) -> "tuple[Route, re.Match[str]] | None":
    path = request.path.replace("%3A", ":").replace("%3a", ":")
    for route in _ROUTES:
        match = route.pattern.fullmatch(path) if route.method == request.method else None
        if match:
            return route, match
    return None


def _positional(match: "re.Match[str]") -> list[str]:
    named = set(match.re.groupindex.values())
    return [text for number, text in enumerate(match.groups(), start=1) if number not in named]


def _authorise(request: exchange.Request, route: Route, match: "re.Match[str]") -> None:
    if not re.fullmatch(r"Bearer \S+", request.headers.get("authorization", "")):
        raise errors.Refused(
            401, "Request is missing required authentication credential.", reason="CREDENTIALS_MISSING"
        )
    project = match.groupdict().get("project", platform.PROJECT)
    if project not in (platform.PROJECT, platform.NUMBER):
        raise errors.denied(route.permission, f"projects/{project}")
    if unknown := sorted(set(request.query) - {*route.parameters, *_COMMON}):
        raise errors.invalid(
            f'Invalid JSON payload received. Unknown name "{unknown[0]}": Cannot bind query parameter.'
        )


def _reduced(said: dict[str, Any], request: exchange.Request) -> dict[str, Any]:
    mask = request.query.get("fields")
    if not mask:
        return said
    try:
        chosen: dict[str, Any] = fields.apply(fields.parse(mask), said)
    except storage_errors.ApiError as error:
        raise errors.invalid(error.message) from error
    return chosen


def _garbled(kind: str, api: str, response: exchange.Response) -> exchange.Response:
    if kind == "html":
        page = b"<!doctype html><html><head><title>Sign in</title></head><body>Sign in to continue.</body></html>"
        return exchange.Response(200, {"Content-Type": "text/html; charset=utf-8"}, page)
    if kind == "shape":
        return exchange.json_response(dict.fromkeys(_LISTS[api], 7))
    if kind == "truncated":
        return dataclasses.replace(response, body=response.body[: len(response.body) // 2])
    return response
