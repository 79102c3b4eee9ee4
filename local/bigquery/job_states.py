"""What a job is, from the catalog's model to the API's resource, and how it fails; no job is run here."""

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any

from bqemulator.catalog import etag, models

KINDS = ("load", "extract", "copy", "query")
DEFAULT_LOCATION = "US"
STATUS_CODES = {
    "invalid": 400,
    "invalidQuery": 400,
    "accessDenied": 403,
    "quotaExceeded": 403,
    "rateLimitExceeded": 403,
    "notFound": 404,
    "duplicate": 409,
    "notImplemented": 501,
    "backendError": 503,
}
CANCELLED = "Job execution was cancelled: User requested cancellation"
LOST = "The service stopped while the job was running. Retry the job under another id."

# Where a query was asked to run: the catalog's model has no place for it, and other jobs run where their tables are.
_query_locations: dict[tuple[str, str], str] = {}


class Failure(Exception):
    """A job, or its submission, failed: BigQuery's reason, its message, and what it concerns."""

    def __init__(self, reason: str, message: str, location: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.location = location

    @property
    def status(self) -> int:
        """Return the HTTP status of a submission that is refused with this reason."""
        return STATUS_CODES.get(self.reason, 400)

    def proto(self) -> dict[str, str]:
        """Return the API's ErrorProto."""
        found = {"reason": self.reason, "location": self.location, "message": self.message}
        return {key: value for key, value in found.items() if value}

    def answer(self) -> dict[str, Any]:
        """Return the body of an answer that refuses the request."""
        entry = {"domain": "global"} | self.proto()
        return {"error": {"code": self.status, "message": self.message, "errors": [entry], "status": self.reason}}


@dataclasses.dataclass(frozen=True)
class Reference:
    """A table in full: project, dataset, and the id with its decorators."""

    project: str
    dataset: str
    table: str

    def __str__(self) -> str:
        return f"{self.project}:{self.dataset}.{self.table}"


def reference(project: str, raw: Mapping[str, Any] | None) -> Reference:
    """Return the table that the API's reference names; raise Failure when it names none."""
    raw = raw or {}
    if not raw.get("datasetId") or not raw.get("tableId"):
        raise Failure("invalid", "Required parameter is missing: a table reference needs datasetId and tableId")
    return Reference(raw.get("projectId") or project, raw["datasetId"], raw["tableId"])


def kind(configuration: Mapping[str, Any]) -> str:
    """Return the kind of a job, given its configuration; raise Failure when it is none or several."""
    found = [name for name in KINDS if name in configuration]
    if len(found) != 1:
        raise Failure("invalid", "Required parameter is missing: configuration must contain exactly one job type")
    return found[0]


def tables(project: str, configuration: Mapping[str, Any]) -> list[Reference]:
    """Return every table that a load, extract or copy job names, the one that decides its location first."""
    name = kind(configuration)
    body = configuration[name]
    raw = {
        "load": [body.get("destinationTable")],
        "extract": [body.get("sourceTable")],
        "copy": [body.get("destinationTable"), *(body.get("sourceTables") or [body.get("sourceTable")])],
    }[name]
    return [reference(project, entry) for entry in raw]


def new(project: str, job_id: str, configuration: dict[str, Any], now: datetime.datetime) -> models.JobMeta:
    """Return a job that waits for a worker."""
    name = kind(configuration)
    return models.JobMeta(
        project_id=project,
        job_id=job_id,
        job_type=name.upper(),
        state="PENDING",
        configuration=configuration,
        statistics={},
        creation_time=now,
        etag=etag.generate_etag(project, job_id, str(now)),
    )


def ended(job: models.JobMeta, now: datetime.datetime, *, result: Mapping[str, Any] | Failure) -> models.JobMeta:
    """Return the job as it is when it is over: with its statistics, or with what it failed of."""
    started = job.start_time or now
    update: dict[str, Any] = {"state": "DONE", "start_time": started, "end_time": max(now, started)}
    if isinstance(result, Failure):
        update["error_result"] = result.proto()
    else:
        update["statistics"] = dict(result)
    return job.model_copy(update=update)


def remember_location(project: str, job_id: str, location: str) -> None:
    """Keep the location that a query job was asked to run in."""
    _query_locations[project, job_id] = location


def location(job: models.JobMeta, catalog: Any) -> str:
    """Return where a job runs: the location of its table's dataset, or for a query the one it was asked for."""
    if job.job_type == "QUERY":
        return _query_locations.get((job.project_id, job.job_id), DEFAULT_LOCATION)
    first = tables(job.project_id, job.configuration)[0]
    dataset = catalog.get_dataset(first.project, first.dataset)
    return dataset.location if dataset is not None else DEFAULT_LOCATION


def resource(job: models.JobMeta, catalog: Any) -> dict[str, Any]:
    """Return the API's resource of a job."""
    where = location(job, catalog)
    status: dict[str, Any] = {"state": job.state}
    if job.error_result:
        status |= {"errorResult": job.error_result, "errors": [job.error_result]}
    return {
        "kind": "bigquery#job",
        "etag": job.etag,
        "id": f"{job.project_id}:{where}.{job.job_id}",
        "jobReference": {"projectId": job.project_id, "jobId": job.job_id, "location": where},
        "configuration": {"jobType": job.job_type} | job.configuration,
        "status": status,
        "statistics": _statistics(job),
    }


def _statistics(job: models.JobMeta) -> dict[str, Any]:
    times = {"creationTime": job.creation_time, "startTime": job.start_time, "endTime": job.end_time}
    known = {name: str(int(when.timestamp() * 1000)) for name, when in times.items() if when is not None}
    return dict(job.statistics) | known
