"""Google's control planes over REST: Cloud Scheduler, Cloud Functions v2, Cloud Run v2 with IAM, Logging, Monitoring.

Reads only, with the account's own credentials through google.auth's session, so that no client library need be
imported. Resources come back as the JSON that they are; errors come out as `shared.errors`, and an answer that is no
JSON object, or whose page token leads nowhere new, is Garbled.
"""

import dataclasses
import datetime
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import requests
import requests.adapters
import urllib3
from google.auth import credentials as google_credentials
from google.auth.transport import requests as google_requests

from shared import errors, report
from shared.gcp import clients, renaming

Given = TypeVar("Given")
Found = TypeVar("Found")
PARALLEL = 16
TRIES = 3
PAUSE = 0.1
"""Seconds; the second repetition waits four times as long."""
PAUSES = 4 * PAUSE
ANSWER_SECONDS = 20.0
"""How long one request may take."""
MOST_PAGES = 200
MOST_PAGES_OF_LOG = 5
"""Of a thousand lines each; a log that goes on is not read, since a part could prove nothing."""
QUOTA_REASONS = renaming.QUOTA_REASONS | {"RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED"}
RETRIED = frozenset({408, 429, 500, 502, 503, 504})
_BY_STATUS: Mapping[int, type[errors.CloudError]] = {
    401: errors.AccessDenied,
    403: errors.AccessDenied,
    404: errors.NotFound,
    409: errors.AlreadyExists,
    412: errors.PreconditionFailed,
    429: errors.QuotaExceeded,
}


@dataclasses.dataclass(frozen=True)
class Plane:
    """The means to ask: a session that carries the credentials, where the hosts are, and until when to ask.

    endpoint: an address before the host's name for a stand-in; None for Google's own hosts. ends: by the monotonic
    clock; no request begins later, and none lasts longer.
    """

    session: requests.Session
    project: str
    calls: clients.Calls
    endpoint: str | None
    ends: float


def connect(used: clients.Clients, *, endpoint: str | None, seconds: float) -> Plane:
    """Return the means to ask the control planes for `seconds`, as the account that the other clients act as."""
    credentials = google_credentials.with_scopes_if_required(
        used.bigquery._credentials,  # noqa: SLF001 - no public name
        ["https://www.googleapis.com/auth/cloud-platform"],
    )
    session = google_requests.AuthorizedSession(credentials, refresh_timeout=ANSWER_SECONDS)
    again = urllib3.Retry(
        total=TRIES - 1,
        status_forcelist=RETRIED,
        allowed_methods=None,  # a POST of Logging only asks, too
        backoff_factor=2 * PAUSE,
        respect_retry_after_header=False,
        raise_on_status=False,
    )
    adapter = requests.adapters.HTTPAdapter(pool_connections=8, pool_maxsize=PARALLEL, max_retries=again)
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter)
    return Plane(session, used.project, used.calls, endpoint, time.monotonic() + seconds)


def jobs(plane: Plane, region: str) -> list[Any]:
    """Return the Scheduler jobs of a region; raise CloudError."""
    address = f"cloudscheduler.googleapis.com/v1/projects/{plane.project}/locations/{region}/jobs"
    return _pages(plane, "GET", address, items="jobs", size=500)


def functions(plane: Plane) -> list[Any]:
    """Return the functions of all regions, first generation included; raise CloudError."""
    address = f"cloudfunctions.googleapis.com/v2/projects/{plane.project}/locations/-/functions"
    return _pages(plane, "GET", address, items="functions", size=1000)


def services(plane: Plane, region: str) -> list[Any]:
    """Return the Cloud Run services of a region, which the API wants named; raise CloudError."""
    address = f"run.googleapis.com/v2/projects/{plane.project}/locations/{region}/services"
    return _pages(plane, "GET", address, items="services", size=1000)


def policy(plane: Plane, service: str) -> Any:
    """Return the IAM policy of a Cloud Run service, given its full name; raise CloudError."""
    return _ask(plane, "GET", f"run.googleapis.com/v2/{service}:getIamPolicy", {"options.requestedPolicyVersion": "3"})


def failed_attempts(plane: Plane, *, first: datetime.datetime, until: datetime.datetime) -> list[Any]:
    """Return the Scheduler's log of attempts that ended badly between two instants, latest first; raise CloudError."""
    finished = "type.googleapis.com/google.cloud.scheduler.logging.AttemptFinished"
    text = f'resource.type="cloud_scheduler_job" AND jsonPayload."@type"="{finished}" AND severity>=ERROR'
    return _entries(plane, text, first, until)


def lines(plane: Plane, services: Sequence[str], *, first: datetime.datetime, until: datetime.datetime) -> list[Any]:
    """Return the log of services, by their short names, between two instants, latest first; raise CloudError."""
    named = " OR ".join(f'"{_quotable(name)}"' for name in services)
    text = f'resource.type="cloud_run_revision" AND resource.labels.service_name=({named})'
    return _entries(plane, text, first, until)


def backlog_ages(plane: Plane, *, first: datetime.datetime, until: datetime.datetime) -> list[Any]:
    """Return a time series for each subscription: the age in seconds of its oldest message; raise CloudError."""
    metric = "pubsub.googleapis.com/subscription/oldest_unacked_message_age"
    query = {
        "filter": f'metric.type="{metric}"',
        "interval.startTime": report.iso(first),
        "interval.endTime": report.iso(until),
        "view": "FULL",
    }
    address = f"monitoring.googleapis.com/v3/projects/{plane.project}/timeSeries"
    return _pages(plane, "GET", address, items="timeSeries", size=10_000, query=query)


def _quotable(name: str) -> str:
    """Return a name that may stand in a filter; raise Rejected for one that would end its quotation."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise errors.Rejected(f"{name[:60]!r} cannot be the name of a service")
    return name


def _entries(plane: Plane, text: str, first: datetime.datetime, until: datetime.datetime) -> list[Any]:
    body = {
        "resourceNames": [f"projects/{plane.project}"],
        "filter": f'{text} AND timestamp>="{report.iso(first)}" AND timestamp<="{report.iso(until)}"',
        "orderBy": "timestamp desc",
    }
    address = "logging.googleapis.com/v2/entries:list"
    return _pages(plane, "POST", address, items="entries", size=1000, body=body, most=MOST_PAGES_OF_LOG)


def _pages(  # noqa: PLR0913 - what one list is, wherever its parameters stand
    plane: Plane,
    method: str,
    address: str,
    *,
    items: str,
    size: int,
    query: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
    most: int = MOST_PAGES,
) -> list[Any]:
    """Return the items of every page of a list; raise CloudError when one page is missing: a part is no list."""
    found: list[Any] = []
    token, seen = "", set[str]()
    while len(seen) < most:
        paging: dict[str, Any] = {"pageSize": size} | ({"pageToken": token} if token else {})
        asked = {**(query or {}), **{key: str(value) for key, value in paging.items()}} if body is None else {}
        answer = _ask(plane, method, address, asked, {**body, **paging} if body is not None else None)
        page, token = answer.get(items, []), answer.get("nextPageToken", "")
        missing = answer.get("unreachable") or answer.get("executionErrors")
        if missing:
            raise errors.Unavailable(f"listing {items} of {_host(address)}: a part is missing: {str(missing)[:200]}")
        if not isinstance(page, list) or not isinstance(token, str) or token in seen:
            raise errors.Garbled(f"listing {items} of {_host(address)}: a page is not what was promised")
        found += page
        if not token:
            return found
        seen.add(token)
    raise errors.Garbled(f"listing {items} of {_host(address)}: more than {most} pages")


def _ask(
    plane: Plane, method: str, address: str, query: Mapping[str, str], body: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the JSON object that a request is answered with; raise CloudError."""
    doing = f"asking {_host(address)}"
    left = plane.ends - time.monotonic()
    if left <= 0:
        raise errors.Unavailable(f"{doing}: the time for asking is used up")
    url = f"{plane.endpoint}/{address}" if plane.endpoint else f"https://{address}"
    plane.calls.count()
    with renaming.renamed(doing):
        # Each try may take its part of what is left, so that the last one ends in time.
        seconds = min(ANSWER_SECONDS, max(PAUSE, (left - PAUSES) / TRIES))
        answer = plane.session.request(method, url, params=query, json=body, timeout=seconds, allow_redirects=False)
    repeated = getattr(answer.raw, "retries", None)
    for _ in repeated.history if repeated else ():
        plane.calls.count()
    if answer.status_code != requests.codes.ok:
        raise _refusal(answer)(f"{doing}: {answer.status_code} {_words(answer)}")
    return _json(answer, doing)


def _json(answer: requests.Response, doing: str) -> dict[str, Any]:
    try:
        value = answer.json()
    except ValueError:
        raise errors.Garbled(f"{doing}: the answer is no JSON") from None
    if not isinstance(value, dict):
        raise errors.Garbled(f"{doing}: the answer is no JSON object")
    return value


def _refusal(answer: requests.Response) -> type[errors.CloudError]:
    status = answer.status_code
    if status == requests.codes.forbidden and _reasons(answer) & QUOTA_REASONS:
        return errors.QuotaExceeded
    known = _BY_STATUS.get(status)
    return known or (errors.Unavailable if status >= requests.codes.server_error else errors.Rejected)


def _reasons(answer: requests.Response) -> set[str]:
    """Return the reasons that Google's error names, in the old form and in the new."""
    try:
        error = answer.json()["error"]
        return {str(one.get("reason")) for one in (*error.get("errors", ()), *error.get("details", ()))}
    except (ValueError, KeyError, TypeError, AttributeError):
        return set()


def _words(answer: requests.Response) -> str:
    """Return the first line of Google's own words, where the answer has any."""
    try:
        return str(answer.json()["error"]["message"]).strip().split("\n")[0][:300]
    except (ValueError, KeyError, TypeError):
        return "without a message"


def _host(address: str) -> str:
    return address.partition("/")[0]
