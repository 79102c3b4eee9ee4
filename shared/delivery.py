"""Where a report goes besides the caller: the ledger, the topic, the operations bucket, and one line in the log.

What became of each is in the report itself; a delivery that fails is an ERROR in the log, and nothing pretends
otherwise. The history that a report's findings are compared with is read here too, from where they will go.
"""

import dataclasses
import datetime
import time

from shared import errors, history, logs, report, settings, statuses
from shared.gcp import clients as gcp_clients
from shared.gcp import history as gcp_history
from shared.gcp import ledger as gcp_ledger
from shared.gcp import pubsub, storage
from shared.statuses import Status

HISTORY_SECONDS = 10.0
"""How long the ledger is asked for the history of a run's findings before the run does without."""
LEAST_SECONDS = 3.0
"""What the topic gets even where no time is left: the margin after it is longer."""


def past(
    deployed: settings.Settings, *, function: str, scope: str | None, day: datetime.date, run_id: str
) -> tuple[history.Past, ...] | None:
    """Return what earlier runs said, or None when that cannot be known; then the log says why."""
    if not deployed.ops_dataset:
        return None
    try:
        return gcp_history.past(
            gcp_clients.connect(deployed.project),
            deployed.ops_dataset,
            function=function,
            scope=scope,
            until=day,
            seconds=HISTORY_SECONDS,
        )
    except errors.CloudError as error:
        logs.emit("ERROR", "the history could not be read", run_id=run_id, error=str(error))
        return None


def deliver(finished: report.Report, deployed: settings.Settings, *, seconds: float) -> report.Report:
    """Return the report with what became of it everywhere but in the log; ledger and topic may take `seconds`."""
    ends = time.monotonic() + seconds
    finished = to_ledger(finished, project=deployed.project, dataset=deployed.ops_dataset, seconds=seconds)
    left = max(LEAST_SECONDS, ends - time.monotonic())
    finished = to_topic(finished, project=deployed.project, topic=deployed.reports_topic, seconds=left)
    return to_bucket(finished, project=deployed.project, bucket=deployed.ops_bucket)


def to_ledger(
    finished: report.Report, *, project: str | None, dataset: str | None, seconds: float = gcp_ledger.SECONDS
) -> report.Report:
    """Return the report with what became of its rows in the ledger, given `seconds`, of which it takes no more than 60.

    A report that says already that it is no run, `not_applicable`, is not appended.
    """
    if finished.delivery.ledger == "not_applicable":
        return finished
    if not dataset:
        return _with(finished, ledger="not_configured")
    try:
        gcp_ledger.append(gcp_clients.connect(project), dataset, finished, seconds=min(seconds, gcp_ledger.SECONDS))
    except errors.CloudError as error:
        return _with(finished, ledger=f"failed: {error}")
    return _with(finished, ledger="delivered")


def to_topic(
    finished: report.Report, *, project: str | None, topic: str | None, seconds: float = pubsub.PUBLISH_SECONDS
) -> report.Report:
    """Return the report with what became of its message, given `seconds`, of which it takes no more than 10.

    Attributes tell function, status and change. The message holds the report as it then stands: its object is written
    afterwards.
    """
    if finished.delivery.topic == "not_applicable":
        return finished
    if not topic:
        return _with(finished, topic="not_configured")
    delivered = _with(finished, topic="delivered")
    try:
        data, most = report.encode(delivered), min(seconds, pubsub.PUBLISH_SECONDS)
        pubsub.publish(gcp_clients.connect(project), topic, data, attributes(finished), seconds=most)
    except errors.CloudError as error:
        return _with(finished, topic=f"failed: {error}")
    return delivered


def attributes(finished: report.Report) -> dict[str, str]:
    """Return what a subscriber may filter by; `change` is the most urgent of the findings': new, resolved, ongoing."""
    changes = {finding.change for finding in finished.findings}
    change = next((one for one in ("new", "resolved", "ongoing") if one in changes), "none")
    return {
        "function": finished.function,
        "status": finished.status.value,
        "change": change,
        "complete": str(finished.complete).lower(),
        "run_id": finished.run_id,
    }


def to_bucket(finished: report.Report, *, project: str | None, bucket: str | None) -> report.Report:
    """Return the report with what became of its object, `reports/<function>/<day>/<run id>.json`."""
    if not bucket:
        return _with(finished, object="not_configured")
    name = f"reports/{finished.function}/{finished.started_at:%Y%m%d}/{finished.run_id}.json"
    delivered = _with(finished, object="delivered")
    try:
        storage.create(gcp_clients.connect(project).storage, bucket, name, report.encode(delivered))
    except errors.CloudError as error:
        return _with(finished, object=f"failed: {error}")
    return delivered


def _with(finished: report.Report, **states: str) -> report.Report:
    return dataclasses.replace(finished, delivery=dataclasses.replace(finished.delivery, **states))


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
