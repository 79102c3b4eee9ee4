"""From a plan and its results to entries of the manifest, findings and the sentence that matters first; pure."""

from collections.abc import Sequence
from typing import Literal

from cloud_functions.bigquery_backup import plan, progress
from shared.backups import manifest
from shared.report import Finding
from shared.statuses import Status

KIND = "backup"
NAMED = 5
"""How many bad tables the summary names."""
FIXES = {
    "already_exists": "another run writes the same backup: see that only one is scheduled, then run again",
    "over_budget": "raise query_bytes_limit in the declaration, or declare fewer datasets",
    "precondition_failed": "another run writes the same backup: see that only one is scheduled, then run again",
    "access_denied": "give the function's account the right that the message names, then run again",
    "changed_during_extract": "set mode: clone, so that the table stands still while it is read",
    "checksum_differs": "run again: the file was damaged after it was written; look who writes to the bucket",
    "file_replaced": "find out who else writes under this prefix, then run again",
    "file_unreadable": "run again; if it stays, try the other format",
    "files_missing": "find out who deletes under this prefix, then run again",
    "files_unexpected": "find out who else writes under this prefix, then run again",
    "garbled": "run again; if it stays, the service answers something that this version cannot read",
    "not_found": "the table went away during the run: take it out of the declaration, or run again",
    "not_reached": "call again: the run goes on where it stopped",
    "quota_exceeded": "run again when the quota is free, or ask for more",
    "rejected": "read the message; the call that BigQuery refused is the function's or the table's",
    "rows_differ": "grant the account a row access policy with filter TRUE, or look who changed the files",
    "unavailable": "run again; Google did not answer",
}
PASSING = {"streaming_buffer": Status.WARN}


def entries(made: plan.Plan, results: Sequence[manifest.Entry | progress.Broken]) -> tuple[manifest.Entry, ...]:
    """Return an entry for every subject of the plan, by name."""
    found = [result if isinstance(result, manifest.Entry) else _failed(result) for result in results]
    found += [_left_out(item) for item in made.left_out]
    return tuple(sorted(found, key=lambda entry: entry.subject))


def _failed(broken: progress.Broken) -> manifest.Entry:
    return manifest.Entry(broken.step.table.short, "failed", broken.reason, broken.message)


def _left_out(item: plan.LeftOut) -> manifest.Entry:
    outcome: Literal["skipped", "failed"] = "skipped" if item.status is Status.SKIP else "failed"
    return manifest.Entry(item.subject, outcome, item.reason, item.message, ddl=item.ddl)


def findings(made: plan.Plan, results: Sequence[manifest.Entry | progress.Broken]) -> tuple[Finding, ...]:
    """Return one finding per table, and one per subject that was left out."""
    found = [_good(entry, made) if isinstance(entry, manifest.Entry) else _bad(entry) for entry in results]
    found.sort(key=lambda finding: finding.subject)
    return (*found, *(_omitted(item) for item in made.left_out))


def planned(made: plan.Plan) -> tuple[Finding, ...]:
    """Return what a run would do: nothing was done, so nothing passes."""
    return (*(_planned(step, made) for step in made.steps), *(_omitted(item) for item in made.left_out))


def summary(made: plan.Plan, found: Sequence[Finding], *, where: str) -> str:
    """Return one sentence: what is not backed up, what is, and `where` to look."""
    good = [finding for finding in found if finding.status in (Status.PASS, Status.WARN)]
    bad = [finding for finding in found if finding.status in (Status.FAIL, Status.ERROR, Status.UNKNOWN)]
    total = len(good) + len(bad)
    parts = []
    if bad:
        named = ", ".join(f"{finding.subject} ({finding.reason})" for finding in bad[:NAMED])
        more = f" and {len(bad) - NAMED} more" if len(bad) > NAMED else ""
        parts.append(f"{len(bad)} of {total} NOT backed up: {named}{more}")
    if good or not bad:
        rows = sum(int(finding.observed or 0) for finding in good)
        size = mebibytes(sum(int(finding.evidence["bytes"]) for finding in good))
        parts.append(
            f"{len(good)} of {total} tables backed up and verified at {made.t0:%H:%M:%S}Z: {rows:,} rows, {size}"
        )
    parts.append(f"{len(found) - total} skipped")
    return "; ".join((*parts, where))


def mebibytes(size: int) -> str:
    """Return a size in bytes as mebibytes for a person."""
    return f"{size / 2**20:,.1f} MiB"


def _good(entry: manifest.Entry, made: plan.Plan) -> Finding:
    return Finding(
        subject=entry.subject,
        kind=KIND,
        status=PASSING.get(entry.reason, Status.PASS),
        reason=entry.reason,
        message=entry.message,
        observed=entry.rows,
        expected=entry.rows,
        unit="rows",
        evidence={
            "level": entry.level,
            "files": entry.files,
            "bytes": entry.bytes,
            "shard": f"gs://{made.bucket}/{entry.shard}",
        },
    )


def _bad(broken: progress.Broken) -> Finding:
    step = broken.step
    return Finding(
        subject=step.table.short,
        kind=KIND,
        status=broken.status,
        reason=broken.reason,
        message=broken.message,
        expected=step.rows,
        unit="rows",
        fix=FIXES.get(broken.reason),
    )


def _omitted(item: plan.LeftOut) -> Finding:
    severity: Literal["info", "critical"] = "info" if item.status is Status.SKIP else "critical"
    return Finding(item.subject, KIND, item.status, item.reason, item.message, severity=severity, fix=item.fix)


def _planned(step: plan.Step, made: plan.Plan) -> Finding:
    rows = "an unknown number of" if step.rows is None else f"{step.rows:,}"
    how = f"clone at {made.t0:%H:%M:%S.%f}Z, then extract" if made.mode == "clone" else "extract"
    folder = made.run.folder(step.table, attempt=1)
    return Finding(
        subject=step.table.short,
        kind=KIND,
        status=Status.SKIP,
        reason="dry_run",
        message=f"would {how} {rows} rows ({mebibytes(step.bytes or 0)} in BigQuery) as {step.format}",
        severity="info",
        expected=step.rows,
        unit="rows",
        evidence={"folder": f"gs://{made.bucket}/{folder}", "bytes": step.bytes, "format": step.format},
    )
