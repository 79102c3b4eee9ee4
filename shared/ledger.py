"""The ledger: two BigQuery tables of what every run said, as schemas and rows; pure. `history` reads them again.

`runs` has one row a run, `findings` one row a finding.
"""

import dataclasses
import datetime
import json
import math
from collections.abc import Mapping
from typing import Any, Literal

from shared import report
from shared.report import Finding

MESSAGE_LIMIT = 2000
"""Characters of a finding's message that the ledger keeps; the whole one stands in the report's object."""
JSON_LIMIT = 4000
"""Characters of JSON that a cell holds; longer JSON is replaced whole, since half of it could not be parsed."""
TRUNCATED = '{"truncated": true}'


@dataclasses.dataclass(frozen=True)
class Column:
    """One column of a table, in BigQuery's words."""

    name: str
    type: str
    mode: Literal["REQUIRED", "NULLABLE"]
    description: str


@dataclasses.dataclass(frozen=True)
class Table:
    """One table of the ledger: partitioned by day on one column, clustered by others."""

    name: str
    columns: tuple[Column, ...]
    partitioned_by: str
    clustered_by: tuple[str, ...]


def _required(name: str, kind: str, description: str) -> Column:
    return Column(name, kind, "REQUIRED", description)


def _nullable(name: str, kind: str, description: str) -> Column:
    return Column(name, kind, "NULLABLE", description)


_RUN = (
    _required("run_id", "STRING", "Names the run in logs, objects and both tables."),
    _required("function", "STRING", "Which function reports."),
    _nullable("scope", "STRING", "What was asked about, e.g. a suite's name; null for the whole."),
    _required("day", "DATE", "The game day that was judged; else the UTC date of started_at."),
    _required("started_at", "TIMESTAMP", "When the run began."),
)
RUNS = Table(
    "runs",
    (
        *_RUN,
        _required("status", "STRING", "The worst status of the findings; at least error when the run failed."),
        _required("complete", "BOOL", "Whether everything that was asked could be judged."),
        _required("summary", "STRING", "What matters first, with numbers."),
        _required("request", "STRING", "JSON: the parameters as understood."),
        _required("counts", "STRING", "JSON: findings per status."),
        _required("duration_ms", "INT64", "How long the run took until it was filed, in milliseconds."),
        _required("api_calls", "INT64", "Requests to Google's APIs."),
        _required("scans", "INT64", "Queries that read table data."),
        _nullable("bytes_estimated", "INT64", "From dry runs."),
        _nullable("bytes_billed", "INT64", "As BigQuery says."),
        _nullable("bytes_limit", "INT64", "The cap that was set."),
        _nullable("bytes_unfolded", "INT64", "What the checks would have cost one query each, modelled."),
        _nullable("build_commit", "STRING", "The commit that answered."),
        _nullable("build_stage_hash", "STRING", "The content hash of what was deployed."),
        _nullable("build_revision", "STRING", "The revision that served."),
        _nullable("error_code", "STRING", "Why the run as a whole could not do its work: a stable word."),
        _nullable("error_message", "STRING", "The same in one sentence."),
    ),
    partitioned_by="day",
    clustered_by=("function", "scope"),
)
FINDINGS = Table(
    "findings",
    (
        *_RUN,
        _required("id", "STRING", "kind:subject, the same in every run."),
        _required("subject", "STRING", "What the finding is about."),
        _required("kind", "STRING", "What sort of statement it is."),
        _required("status", "STRING", "fail, error, warn, unknown, pass or skip."),
        _required("reason", "STRING", "A word of the closed vocabulary of the kind."),
        _required("severity", "STRING", "How bad it is if not met, as declared."),
        _nullable("observed", "FLOAT64", "What was observed, where it is a finite number."),
        _nullable("observed_text", "STRING", "What was observed, as text, whatever it is."),
        _nullable("expected_text", "STRING", "What was expected, as text."),
        _nullable("unit", "STRING", "Of observed and expected."),
        _required("message", "STRING", f"One sentence for a person, cut at {MESSAGE_LIMIT} characters."),
        _required("evidence", "STRING", f"JSON: the facts behind it; {TRUNCATED} above {JSON_LIMIT}."),
        _nullable("fix", "STRING", "What to do."),
        _required("fingerprint", "STRING", "Stays the same while the same thing is wrong for the same reason."),
        _nullable("since", "STRING", "Since when it has been good, or not: an ISO instant in UTC."),
        _nullable("streak", "INT64", "For how many runs it has been good, or not."),
        _nullable("change", "STRING", "Against the previous run: new, ongoing or resolved."),
        _nullable("caused_by", "STRING", "The id of the finding that this one follows from."),
    ),
    partitioned_by="day",
    clustered_by=("function", "scope", "id"),
)


def run_row(finished: report.Report) -> dict[str, Any]:
    """Return the row of `runs`, as JSON values, given a report."""
    cost = dataclasses.asdict(finished.cost)
    error = finished.error
    return {
        **_run(finished),
        "status": finished.status.value,
        "complete": finished.complete,
        "summary": finished.summary,
        "request": _json(finished.request),
        "counts": _json(report.counts(finished.findings)),
        "duration_ms": finished.duration_ms,
        **cost,
        **{f"build_{name}": value for name, value in dataclasses.asdict(finished.build).items()},
        "error_code": error.code if error else None,
        "error_message": error.message if error else None,
    }


def finding_rows(finished: report.Report) -> list[dict[str, Any]]:
    """Return the rows of `findings`, as JSON values, given a report."""
    run = _run(finished)
    return [{**run, **_finding(finished.function, finding)} for finding in finished.findings]


def _run(finished: report.Report) -> dict[str, Any]:
    day = finished.day or finished.started_at.astimezone(datetime.UTC).date()
    return {
        "run_id": finished.run_id,
        "function": finished.function,
        "scope": finished.scope,
        "day": day.isoformat(),
        "started_at": report.iso(finished.started_at),
    }


def _finding(function: str, finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "subject": finding.subject,
        "kind": finding.kind,
        "status": finding.status.value,
        "reason": finding.reason,
        "severity": finding.severity,
        "observed": _number(finding.observed),
        "observed_text": _text(finding.observed),
        "expected_text": _text(finding.expected),
        "unit": finding.unit,
        "message": _cut(finding.message),
        "evidence": _json(finding.evidence),
        "fix": finding.fix,
        "fingerprint": report.fingerprint(function, finding),
        "since": finding.since,
        "streak": finding.streak,
        "change": finding.change,
        "caused_by": finding.caused_by,
    }


def _number(value: float | str | None) -> float | None:
    if value is None or isinstance(value, str):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _text(value: float | str | None) -> str | None:
    return None if value is None else str(value)


def _cut(text: str) -> str:
    if len(text) <= MESSAGE_LIMIT:
        return text
    said = f"… (cut from {len(text)} characters)"
    return text[: MESSAGE_LIMIT - len(said)] + said


def _json(value: Mapping[str, Any]) -> str:
    text = json.dumps(dict(value), ensure_ascii=False, allow_nan=False)
    return text if len(text) <= JSON_LIMIT else TRUNCATED
