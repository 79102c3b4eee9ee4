"""From a Pub/Sub message to the report in it, as far as the relay needs it; pure.

A report may grow: what is not known here is passed over. What is needed and missing makes it unreadable.
"""

import base64
import binascii
import dataclasses
import datetime
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from cloud_functions.alert_relay import declaration
from shared import report, shapes
from shared.statuses import Status

GOOD = (Status.PASS,)
RUN_FAILED = "run:failed"
"""The id under which it is remembered that a run as a whole failed."""
_SAFE_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


@dataclasses.dataclass(frozen=True)
class Said:
    """One finding of a report; since: when its state began, as the reporter knows it from the ledger."""

    id: str
    subject: str
    kind: str
    status: Status
    reason: str
    severity: declaration.Severity
    message: str
    fix: str | None = None
    caused_by: str | None = None
    since: str | None = None


@dataclasses.dataclass(frozen=True)
class Failure:
    """Why a run as a whole failed."""

    code: str
    message: str


@dataclasses.dataclass(frozen=True)
class Delivery:
    """What became of the report in the ledger; `not_applicable` says that it is of no run: a plan, a probe, a list."""

    ledger: str


@dataclasses.dataclass(frozen=True)
class News:
    """One report."""

    function: str
    run_id: str
    started_at: datetime.datetime
    delivery: Delivery
    findings: tuple[Said, ...] = ()
    scope: str | None = None
    day: datetime.date | None = None
    error: Failure | None = None

    def problems(self) -> list[tuple[str, str]]:
        """Return (field, mistake) for an instant without an offset."""
        return [] if self.started_at.tzinfo else [("started_at", "needs its offset from UTC")]

    @property
    def is_run(self) -> bool:
        """Whether something was run, and not only planned, listed, probed or refused."""
        return self.delivery.ledger != "not_applicable"

    @property
    def place(self) -> str:
        """Function and scope, as one text."""
        return place(self.function, self.scope)

    @property
    def said(self) -> tuple[Said, ...]:
        """The findings, and that the run as a whole failed, or did not, as one more."""
        status = Status.ERROR if self.error else Status.PASS
        reason = self.error.code if self.error else "ran"
        message = self.error.message if self.error else "the run came to its end"
        subject = self.place
        return (*self.findings, Said(RUN_FAILED, subject, "run", status, reason, "critical", message))


@dataclasses.dataclass(frozen=True)
class Unreadable:
    """A message that holds no report of ours, and why."""

    message_id: str
    why: str


def place(function: str, scope: str | None) -> str:
    """Return function and scope as one text."""
    return f"{function}/{scope}" if scope else function


def message_id(posted: Mapping[str, Any]) -> str:
    """Return the message's id, fit for the name of an object; one made of its content where it has none."""
    given = posted.get("messageId") or posted.get("message_id")
    if isinstance(given, str) and _SAFE_ID.fullmatch(given):
        return given
    return "unnamed-" + hashlib.sha256(encode(posted)).hexdigest()[:32]


def encode(posted: Mapping[str, Any]) -> bytes:
    """Return a message as JSON, to be kept aside as it came."""
    return json.dumps(dict(posted), ensure_ascii=False, sort_keys=True).encode()


def read(posted: Mapping[str, Any]) -> News | Unreadable:
    """Return the report in a Pub/Sub message, or why there is none that can be read."""
    name = message_id(posted)
    data = posted.get("data")
    if not isinstance(data, str) or not data:
        return Unreadable(name, "it carries no data")
    try:
        value = json.loads(base64.b64decode(data, validate=True).decode("utf-8"))
    except (binascii.Error, ValueError, RecursionError):
        return Unreadable(name, "its data is not JSON in base64")
    if not isinstance(value, dict) or value.get("schema_version") != report.SCHEMA_VERSION:
        return Unreadable(name, f"its data is no report of schema_version {report.SCHEMA_VERSION}")
    built, problems = shapes.build(News, shapes.plain(_known(News, value)))
    if built is None:
        return Unreadable(name, "; ".join(f"{one.path}: {one.message}" for one in problems[:3])[:500])
    return built


def _known(cls: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    """Return of a report what is known here."""
    inner = {"findings": Said, "delivery": Delivery, "error": Failure}
    known = {field.name: value[field.name] for field in dataclasses.fields(cls) if field.name in value}
    return {name: _trimmed(inner[name], item) if name in inner else item for name, item in known.items()}


def _trimmed(cls: Any, item: Any) -> Any:
    if isinstance(item, list):
        return [_trimmed(cls, one) for one in item]
    return _known(cls, item) if isinstance(item, dict) else item
