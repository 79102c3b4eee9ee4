"""The report: what every function answers, as values and as JSON; pure. Its published form is `report.schema.json`.

Statuses are computed here and nowhere else: the report's from its findings and its error, `counts` and `complete`
likewise.
"""

import dataclasses
import datetime
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal

from shared import statuses
from shared.statuses import Status

SCHEMA_VERSION = 1
NO_EVIDENCE: Mapping[str, Any] = {}


@dataclasses.dataclass(frozen=True)
class Finding:
    """One statement about one subject: what was observed, what was expected, and what to do.

    reason: a word of the closed vocabulary of `kind`. severity: how bad "not met" is, as declared. unit: of observed
    and expected. since, streak, change, previous (the observed of the run before) and caused_by come from the ledger's
    history; None where there is none yet.
    """

    subject: str
    kind: str
    status: Status
    reason: str
    message: str
    severity: Literal["critical", "warning", "info"] = "critical"
    observed: float | int | str | None = None
    expected: float | int | str | None = None
    unit: str | None = None
    evidence: Mapping[str, Any] = dataclasses.field(default_factory=lambda: NO_EVIDENCE)
    fix: str | None = None
    since: str | None = None
    streak: int | None = None
    change: Literal["new", "ongoing", "resolved"] | None = None
    previous: float | int | str | None = None
    caused_by: str | None = None

    @property
    def id(self) -> str:
        """The name of the statement, the same in every run: kind and subject."""
        return f"{self.kind}:{self.subject}"


@dataclasses.dataclass(frozen=True)
class Cost:
    """What a run asked of the cloud; bytes are BigQuery's own, None where the run neither knows nor limits them.

    bytes_unfolded: what the checks would have cost one query each, modelled.
    """

    api_calls: int = 0
    scans: int = 0
    bytes_estimated: int | None = None
    bytes_billed: int | None = None
    bytes_limit: int | None = None
    bytes_unfolded: int | None = None


@dataclasses.dataclass(frozen=True)
class Delivery:
    """What became of the report itself: `delivered`, `not_configured`, `not_attempted`, or `failed: <why>`.

    `not_applicable`: it does not belong there; a probe, and a call that was refused, are no runs for the ledger or the
    topic, and what relays reports publishes none itself.
    """

    ledger: str = "not_attempted"
    object: str = "not_attempted"
    topic: str = "not_attempted"


@dataclasses.dataclass(frozen=True)
class Build:
    """Which code answers: the commit and content hash it was staged from, and the revision that serves it."""

    commit: str | None
    stage_hash: str | None
    revision: str | None


@dataclasses.dataclass(frozen=True)
class Failure:
    """Why a run as a whole could not do its work; `id` finds the traceback in the log."""

    code: str
    message: str
    id: str


@dataclasses.dataclass(frozen=True)
class Report:
    """One run of one function; scope: what was asked about, e.g. a suite's name; day: the game day that was judged."""

    function: str
    run_id: str
    summary: str
    started_at: datetime.datetime
    build: Build
    findings: tuple[Finding, ...] = ()
    request: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    as_of: datetime.datetime | None = None
    scope: str | None = None
    day: datetime.date | None = None
    duration_ms: int = 0
    cost: Cost = Cost()
    delivery: Delivery = Delivery()
    error: Failure | None = None

    @property
    def status(self) -> Status:
        """The worst status of the findings; at least `error` when the run itself failed."""
        own = (Status.ERROR,) if self.error else ()
        return statuses.worst((*own, *(finding.status for finding in self.findings)))

    @property
    def complete(self) -> bool:
        """Whether everything that was asked could be judged."""
        return self.error is None and all(finding.status is not Status.ERROR for finding in self.findings)


def counts(findings: tuple[Finding, ...]) -> dict[str, int]:
    """Return the number of findings per status, every status named."""
    return {status.value: sum(finding.status is status for finding in findings) for status in Status}


def fingerprint(function: str, finding: Finding) -> str:
    """Return 16 hex digits that stay the same while the same thing is wrong for the same reason."""
    text = f"{function}\x1f{finding.kind}\x1f{finding.subject}\x1f{finding.reason}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def to_json(report: Report) -> dict[str, Any]:
    """Return the report as JSON values, findings worst first and in their given order otherwise."""
    ordered = sorted(report.findings, key=lambda finding: statuses.ORDER.index(finding.status))
    return {
        "schema_version": SCHEMA_VERSION,
        "function": report.function,
        "run_id": report.run_id,
        "status": report.status.value,
        "complete": report.complete,
        "summary": report.summary,
        "as_of": iso(report.as_of or report.started_at),
        "scope": report.scope,
        "day": report.day.isoformat() if report.day else None,
        "started_at": iso(report.started_at),
        "duration_ms": report.duration_ms,
        "request": dict(report.request),
        "build": dataclasses.asdict(report.build),
        "counts": counts(report.findings),
        "findings": [_finding(report.function, finding) for finding in ordered],
        "cost": dataclasses.asdict(report.cost),
        "delivery": dataclasses.asdict(report.delivery),
        "error": dataclasses.asdict(report.error) if report.error else None,
    }


def encode(report: Report) -> bytes:
    """Return the report as UTF-8 JSON."""
    return json.dumps(to_json(report), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def printable(report: Report) -> Report:
    """Return the report without half characters, which JSON can bring in and UTF-8 cannot write: each becomes a `?`."""
    return dataclasses.replace(
        report, summary=_printable(report.summary), findings=tuple(_printable_finding(one) for one in report.findings)
    )


def _printable_finding(finding: Finding) -> Finding:
    return Finding(**{field.name: _printable(getattr(finding, field.name)) for field in dataclasses.fields(finding)})


def _printable(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, Status):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_printable(key): _printable(item) for key, item in value.items()}
    return [_printable(item) for item in value] if isinstance(value, list | tuple) else value


def iso(instant: datetime.datetime) -> str:
    """Return an instant as every report writes it: in UTC, with milliseconds and a Z."""
    return instant.astimezone(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _finding(function: str, finding: Finding) -> dict[str, Any]:
    fields = {field.name: getattr(finding, field.name) for field in dataclasses.fields(finding)}
    fields["evidence"] = dict(finding.evidence)
    fields["status"] = finding.status.value
    return {"id": finding.id, **fields, "fingerprint": fingerprint(function, finding)}
