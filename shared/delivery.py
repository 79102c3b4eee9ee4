"""Where a report goes besides the caller: the ledger, the operations bucket and one summary line in the log.

What became of each is in the report itself; a delivery that fails is an ERROR in the log, and nothing pretends
otherwise.
"""

import dataclasses

from shared import errors, logs, report, statuses
from shared.gcp import clients as gcp_clients
from shared.gcp import ledger as gcp_ledger
from shared.gcp import storage
from shared.statuses import Status


def to_ledger(
    finished: report.Report, *, project: str | None, dataset: str | None, seconds: float = gcp_ledger.SECONDS
) -> report.Report:
    """Return the report with what became of its rows in the ledger, given `seconds`, of which it takes no more than 60.

    A report that says already that it is no run, `not_applicable`, is not appended.
    """
    if finished.delivery.ledger == "not_applicable":
        return finished
    if not dataset:
        return _with_ledger(finished, "not_configured")
    try:
        gcp_ledger.append(gcp_clients.connect(project), dataset, finished, seconds=min(seconds, gcp_ledger.SECONDS))
    except errors.CloudError as error:
        return _with_ledger(finished, f"failed: {error}")
    return _with_ledger(finished, "delivered")


def _with_ledger(finished: report.Report, state: str) -> report.Report:
    return dataclasses.replace(finished, delivery=dataclasses.replace(finished.delivery, ledger=state))


def to_bucket(finished: report.Report, *, project: str | None, bucket: str | None) -> report.Report:
    """Return the report with what became of its object, `reports/<function>/<day>/<run id>.json`."""
    if not bucket:
        return _with_object(finished, "not_configured")
    name = f"reports/{finished.function}/{finished.started_at:%Y%m%d}/{finished.run_id}.json"
    delivered = _with_object(finished, "delivered")
    try:
        storage.create(gcp_clients.connect(project).storage, bucket, name, report.encode(delivered))
    except errors.CloudError as error:
        return _with_object(finished, f"failed: {error}")
    return delivered


def _with_object(finished: report.Report, state: str) -> report.Report:
    return dataclasses.replace(finished, delivery=dataclasses.replace(finished.delivery, object=state))


def to_log(finished: report.Report, *, trace: str | None) -> None:
    """Write the run's one summary line, as severe as its status, or ERROR when the report was not delivered."""
    bad = [finding for finding in finished.findings if finding.status not in (Status.PASS, Status.SKIP)]
    failed = [state for state in dataclasses.astuple(finished.delivery) if state.startswith("failed")]
    logs.emit(
        "ERROR" if failed else statuses.SEVERITY[finished.status],
        finished.summary,
        function=finished.function,
        run_id=finished.run_id,
        status=finished.status.value,
        complete=finished.complete,
        counts=report.counts(finished.findings),
        reasons=sorted({finding.reason for finding in bad}),
        fingerprints=sorted({report.fingerprint(finished.function, finding) for finding in bad})[:100],
        error=dataclasses.asdict(finished.error) if finished.error else None,
        delivery=dataclasses.asdict(finished.delivery),
        duration_ms=finished.duration_ms,
        **({"logging.googleapis.com/trace": trace} if trace else {}),
    )
