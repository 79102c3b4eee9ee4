"""What a URL leads to: a service or function of ours, one that is gone, Google's own API, or another's host; pure.

Cloud Run answers under `name-hash-wl.a.run.app`, `name-NUMBER.REGION.run.app` and, for functions,
`REGION-PROJECT.cloudfunctions.net/name`. The hash and the number are those of the project, so they tell its own hosts.
"""

import dataclasses
import re
from collections.abc import Iterable, Sequence
from typing import Literal
from urllib import parse

from cloud_functions.daily_health_check import snapshots
from cloud_functions.daily_health_check.doctor import known as knowledge

Kind = Literal["run", "gen1", "gone", "foreign", "unasked", "google", "external", "none"]
FUNCTIONS = ".cloudfunctions.net"
_TAG = re.compile(r"^[a-z0-9-]+?---")
_REGION = re.compile(r"[a-z]+-[a-z]+\d+")
_NUMBERED = re.compile(r"(?P<name>[a-z0-9-]+)-(?P<owner>\d{6,15})\.(?P<region>[a-z]+-[a-z]+\d+)\.run\.app")
_HASHED = re.compile(r"(?P<name>[a-z0-9-]+)-(?P<owner>[a-z0-9]{10})-(?P<code>[a-z]{2,3})\.a\.run\.app")


@dataclasses.dataclass(frozen=True)
class Target:
    """Where a URL leads.

    kind: run (a service of ours), gen1 (a first-generation function of ours), gone (our host, nothing there), foreign
    (a host of Cloud Run or Functions that is not known as ours), unasked (either of these, but not everything was
    listed), google (an API), external, none (no URL). name, region: what the host says, None where it does not.
    function and service: what was found there.
    """

    kind: Kind
    host: str = ""
    path: str = ""
    query: str = ""
    name: str | None = None
    region: str | None = None
    function: snapshots.Function | None = None
    service: snapshots.Service | None = None

    @property
    def urls(self) -> tuple[str, ...]:
        """Every URL that it has, without a slash at the end: each is an audience that it takes."""
        own = (*(self.service.urls if self.service else ()), self.service.uri if self.service else None)
        more = (self.function.uri, self.function.url) if self.function else ()
        return tuple(dict.fromkeys(url.rstrip("/") for url in (*own, *more) if url))

    @property
    def timeout(self) -> float | None:
        """How many seconds a request to it may take."""
        found = [one.timeout for one in (self.function, self.service) if one and one.timeout]
        return max(found, default=None)


def of(uri: str | None, known: knowledge.Known) -> Target:
    """Return where a URL leads, given all that is known; what was there and could not be read is not gone."""
    found = resolve(
        uri, project=known.project, functions=known.functions, services=known.services, regions=known.regions
    )
    if found.kind == "gone" and known.unreadable(found.name or ""):
        return dataclasses.replace(found, kind="unasked")
    return found


def resolve(
    uri: str | None,
    *,
    project: str,
    functions: Sequence[snapshots.Function] | None,
    services: Sequence[snapshots.Service] | None,
    regions: Sequence[str] = (),
) -> Target:
    """Return where a URL leads, given what was listed in `regions`; None for what could not be listed."""
    bare = _split(uri)
    if bare.kind != "external":
        return bare
    found = _found(bare, project, functions=functions or (), services=services or ())
    if found.kind not in ("gone", "foreign"):
        return found
    asked = functions is not None and services is not None and (not regions or found.region in (None, *regions))
    return found if asked else dataclasses.replace(found, kind="unasked")


def split(url: str) -> parse.SplitResult:
    """Return a URL's parts; empty ones when it cannot be read."""
    try:
        return parse.urlsplit(url)
    except ValueError:
        return parse.urlsplit("")


def _split(uri: str | None) -> Target:
    """Return a URL's parts, as a target that is external unless its host alone says more."""
    if not uri:
        return Target("none")
    parts = split(uri)
    host = parts.hostname or ""
    google = host == "googleapis.com" or host.endswith(".googleapis.com")
    return Target("google" if google else "external", host, parts.path, parts.query)


def _found(
    bare: Target, project: str, *, functions: Sequence[snapshots.Function], services: Sequence[snapshots.Service]
) -> Target:
    if bare.host.endswith(FUNCTIONS):
        return _function_url(bare, project, functions=functions, services=services)
    # A tag's host is that of the service with the tag before it.
    host = _TAG.sub("", bare.host)
    for service in services:
        if host in service.hosts:
            return _service(bare, service, functions)
    for function in functions:
        if function.uri and _split(function.uri).host == host:
            return _function(bare, function, services)
    return _run_url(bare, host, functions=functions, services=services)


def _function_url(
    bare: Target, project: str, *, functions: Sequence[snapshots.Function], services: Sequence[snapshots.Service]
) -> Target:
    """Return the target of a host that all functions of a region share: the path tells which is meant."""
    region = bare.host.removesuffix(f"-{project}{FUNCTIONS}")
    name = bare.path.strip("/").partition("/")[0]
    named = dataclasses.replace(bare, name=name or None, region=region)
    if not _REGION.fullmatch(region):
        return dataclasses.replace(bare, kind="foreign", name=name or None)
    for function in functions:
        if (function.short, function.region) == (name, region):
            return _function(named, function, services)
    for service in services:
        if f"{bare.host}/{name}" in {url.partition("://")[2].rstrip("/") for url in service.urls}:
            return _service(named, service, functions)
    return dataclasses.replace(named, kind="gone")


def _run_url(
    bare: Target, host: str, *, functions: Sequence[snapshots.Function], services: Sequence[snapshots.Service]
) -> Target:
    """Return the target of a host of Cloud Run that nothing has among its URLs."""
    match = _NUMBERED.fullmatch(host) or _HASHED.fullmatch(host)
    if not match:
        return bare
    region = match["region"] if match.re is _NUMBERED else _regions(services, functions).get(match["code"])
    named = dataclasses.replace(bare, name=match["name"], region=region)
    owners = _owners(services, functions, match.re)
    # A service that lists only one of its URLs answers under the others too.
    if match["owner"] in owners or not owners:
        for service in services:
            if (service.short, service.region) == (match["name"], region):
                return _service(named, service, functions)
    return dataclasses.replace(named, kind="gone" if match["owner"] in owners else "foreign")


def _service(bare: Target, service: snapshots.Service, functions: Iterable[snapshots.Function]) -> Target:
    under = next((one for one in functions if one.service == service.name and one.environment != "GEN_1"), None)
    return dataclasses.replace(
        bare, kind="run", name=service.short, region=service.region, function=under, service=service
    )


def _function(bare: Target, function: snapshots.Function, services: Iterable[snapshots.Service]) -> Target:
    service = next((one for one in services if one.name == function.service), None)
    kind: Kind = "gen1" if function.environment == "GEN_1" else "run"
    return dataclasses.replace(
        bare, kind=kind, name=function.short, region=function.region, function=function, service=service
    )


def _hosts(services: Iterable[snapshots.Service], functions: Iterable[snapshots.Function]) -> list[tuple[str, str]]:
    """Return (host, region) for every host that is known to be ours."""
    found = [(host, one.region) for one in services for host in one.hosts]
    return found + [(_split(one.uri).host, one.region) for one in functions if one.uri]


def _owners(
    services: Iterable[snapshots.Service], functions: Iterable[snapshots.Function], form: re.Pattern[str]
) -> frozenset[str]:
    matches = (form.fullmatch(host) for host, _ in _hosts(services, functions))
    return frozenset(match["owner"] for match in matches if match)


def _regions(services: Iterable[snapshots.Service], functions: Iterable[snapshots.Function]) -> dict[str, str]:
    """Return which region a code of a hashed host stands for, as far as our own hosts tell."""
    matches = ((_HASHED.fullmatch(host), region) for host, region in _hosts(services, functions))
    return {match["code"]: region for match, region in matches if match}
