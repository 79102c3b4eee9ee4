"""How a job's last attempt ended, from the job's own status and the Scheduler's log; pure.

Both tell of attempts, and the newer one is believed. The log tells more: the HTTP status and why it was no answer.
"""

import dataclasses
import datetime
import re
from collections.abc import Iterable
from typing import Literal

from cloud_functions.daily_health_check import snapshots

Kind = Literal[
    "ok",
    "unauthenticated",
    "forbidden",
    "not_found",
    "busy",
    "unavailable",
    "late",
    "server",
    "unreachable",
    "other",
]
NAMES = (
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
)
"""The names of google.rpc's codes, by code."""
NO_CODE = (None, -1)
"""What stands where no attempt has ended yet."""
VAGUE = 2
"""UNKNOWN: seen where the log said UNAUTHENTICATED."""
SLACK = datetime.timedelta(minutes=1)
"""How far a log line may lie outside the attempt that it belongs to."""
_SAME = datetime.timedelta(seconds=1)
"""By how much the job's clock and the log's may differ on one attempt."""
_BY_STATUS: dict[str, Kind] = {
    "OK": "ok",
    "UNAUTHENTICATED": "unauthenticated",
    "PERMISSION_DENIED": "forbidden",
    "NOT_FOUND": "not_found",
    "RESOURCE_EXHAUSTED": "busy",
    "UNAVAILABLE": "unavailable",
    "DEADLINE_EXCEEDED": "late",
    "INTERNAL": "server",
    "UNKNOWN": "server",
}
_BY_HTTP: dict[int, Kind] = {
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    410: "not_found",
    429: "busy",
    501: "other",
    502: "unavailable",
    503: "unavailable",
    504: "late",
}
_BY_DEBUG: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (re.compile("URL_TIMEOUT"), "late"),
    (re.compile("ERROR_AUTHENTICATION"), "unauthenticated"),
    (re.compile("ERROR_NOT_FOUND"), "not_found"),
    (
        re.compile(r"NO_RESPONSE|\b(?:DNS|SSL|TLS)\b|_(?:DNS|SSL|TLS|CONNECT\w*)\b|CERTIFICATE", re.IGNORECASE),
        "unreachable",
    ),
)
_HTTP_IN_DEBUG = re.compile(r"response code number = (\d{3})")
_GOOD = range(200, 300)
_BAD = range(400, 600)
_FAULTS = range(500, 600)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How an attempt ended: the name of its google.rpc status, its HTTP status and debug text as far as told.

    at: when the platform said so. since and until: between which its log lines lie.
    """

    status: str
    http: int | None
    debug: str
    at: datetime.datetime
    since: datetime.datetime
    until: datetime.datetime

    @property
    def kind(self) -> Kind:
        """What sort of ending it is; an HTTP status tells more than a google.rpc name."""
        if self.http in _BAD:
            return _BY_HTTP.get(self.http or 0, "server" if self.http in _FAULTS else "other")
        if self.status == "OK":
            return "ok"
        debug = next((kind for pattern, kind in _BY_DEBUG if pattern.search(self.debug)), None)
        return debug or _BY_STATUS.get(self.status, "other")

    @property
    def told(self) -> str:
        """The status in words, such as `PERMISSION_DENIED (HTTP 403)`."""
        return f"{self.status} (HTTP {self.http})" if self.http else self.status


def of(job: snapshots.Job, attempts: Iterable[snapshots.Attempt], now: datetime.datetime) -> Outcome | None:
    """Return how a job's last attempt ended, given the log's entries of that job; None when nothing tells.

    While an attempt is under way, the one before it counts.
    """
    own = [one for one in attempts if _status(one, job)]
    last = max(own, key=lambda one: one.at, default=None)
    if last and (job.last_attempt is None or last.at >= job.last_attempt - _SAME):
        return _logged(last, job)
    if job.last_attempt is None:
        return None
    if job.code in NO_CODE:
        return _logged(last, job) if last and running(job, now) else None
    if job.code == VAGUE and last and _status(last, job) != "OK":
        return _logged(last, job)
    end = job.last_attempt + _patience(job) + SLACK
    return Outcome(name(job.code or 0), None, job.message or "", job.last_attempt, job.last_attempt - SLACK, end)


def running(job: snapshots.Job, now: datetime.datetime) -> bool:
    """Return whether an attempt without a result may still be under way."""
    return job.last_attempt is not None and now - job.last_attempt <= _patience(job) + SLACK


def name(code: int) -> str:
    """Return the name of a google.rpc code."""
    return NAMES[code] if 0 <= code < len(NAMES) else f"CODE_{code}"


def _patience(job: snapshots.Job) -> datetime.timedelta:
    """Return how long an attempt may last, at most the day that App Engine may take."""
    return datetime.timedelta(seconds=min(max(job.deadline, 0.0), 86_400.0))


def _logged(last: snapshots.Attempt, job: snapshots.Job) -> Outcome:
    started = job.last_attempt
    if started is None or started > last.at:
        started = last.at - _patience(job)
    return Outcome(_status(last, job) or "", _http(last), last.debug, last.at, started - SLACK, last.at + SLACK)


def _status(attempt: snapshots.Attempt, job: snapshots.Job) -> str | None:
    """Return the status of an entry, where a good one has none; None when it tells nothing of an HTTP target."""
    if attempt.status:
        return attempt.status
    http = _http(attempt)
    if http in _GOOD or (http is None and (job.target != "http" or attempt.debug.startswith("URL_CRAWLED"))):
        return "OK"
    return None if http is None else "UNKNOWN"


def _http(attempt: snapshots.Attempt) -> int | None:
    told = _HTTP_IN_DEBUG.search(attempt.debug)
    return attempt.http or (int(told[1]) if told else None)
