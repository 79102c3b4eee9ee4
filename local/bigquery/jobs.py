"""Load, extract and copy jobs: accepted at once, run in threads, seen PENDING, RUNNING and DONE, cancelled."""

import concurrent.futures
import contextvars
import dataclasses
import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from bqemulator.catalog import models
from bqemulator.domain.errors import DomainError

from local import faults
from local.bigquery import job_states, storage_io

WORKERS = 16
_log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Job:
    """One running job: what was asked, by whom, with which fault, and everything it works on."""

    project: str
    id: str
    configuration: dict[str, Any]
    context: Any
    caller: Any
    storage: storage_io.Storage
    shard_bytes: int
    fault: faults.Fault | None = None
    upload: str | None = None
    cancelled: threading.Event = dataclasses.field(default_factory=threading.Event)
    released: threading.Event = dataclasses.field(default_factory=threading.Event)

    @property
    def body(self) -> dict[str, Any]:
        """Return the part of the configuration that belongs to the job's kind."""
        return dict(self.configuration[job_states.kind(self.configuration)])

    def check_cancelled(self) -> None:
        """Raise job_states.Failure when someone asked the job to stop."""
        if self.cancelled.is_set():
            raise job_states.Failure("stopped", job_states.CANCELLED)

    def after_first_write(self) -> None:
        """Raise job_states.Failure when the job was made to fail half-way, or was cancelled."""
        if self.fault is not None and self.fault.action == "fail_job":
            raise job_states.Failure(self.fault.reason, self.fault.message)
        self.check_cancelled()


@dataclasses.dataclass(frozen=True)
class Committed:
    """A fault that strikes one job, and the faults it was taken from, which may release it."""

    fault: faults.Fault
    armed: faults.Faults


Run = Callable[[Job], Mapping[str, Any]]
# The fault that strikes the job which the request at hand submits.
striking: contextvars.ContextVar[Committed | None] = contextvars.ContextVar("striking", default=None)


class Runner:
    """The workers of one server, and the jobs that they have not finished."""

    def __init__(self, context: Any, runs: Mapping[str, Run], storage: storage_io.Storage, *, shard_bytes: int) -> None:
        self.context = context
        self._runs = runs
        self._storage = storage
        self._shard_bytes = shard_bytes
        self._pool = concurrent.futures.ThreadPoolExecutor(WORKERS, thread_name_prefix="job")
        self._lock = threading.Lock()
        self._running: dict[tuple[str, str], Job] = {}

    def submit(
        self, project: str, submitted: Mapping[str, Any], *, caller: Any, upload: str | None = None
    ) -> models.JobMeta:
        """Return the accepted job, waiting or running; raise job_states.Failure when it is refused."""
        configuration = dict(submitted.get("configuration") or {})
        reference = submitted.get("jobReference") or {}
        job_id = reference.get("jobId") or f"job_{uuid.uuid4().hex}"
        check_new(self.context, project, job_id)
        _check_tables(self.context, project, configuration, reference.get("location"))
        meta = job_states.new(project, job_id, configuration, self.context.clock.now())
        committed = striking.get()
        fault = committed.fault if committed else None
        work = (self.context, caller, self._storage, self._shard_bytes)
        job = Job(project, job_id, configuration, *work, fault=fault, upload=upload)
        with self._lock:
            if len(self._running) < WORKERS:
                meta = meta.model_copy(update={"state": "RUNNING", "start_time": meta.creation_time})
            self._running[project, job_id] = job
        self.context.catalog.upsert_job(meta)
        if committed is not None and committed.fault.action == "slow_job":
            threading.Thread(target=_release, args=(committed, job), daemon=True).start()
        self._pool.submit(self._work, job, meta)
        return meta

    def cancel(self, project: str, job_id: str) -> None:
        """Ask a job to stop; one that is over stays as it is."""
        with self._lock:
            job = self._running.get((project, job_id))
        if job is not None:
            job.cancelled.set()
            job.released.set()

    def _work(self, job: Job, meta: models.JobMeta) -> None:
        if meta.state == "PENDING":
            meta = meta.model_copy(update={"state": "RUNNING", "start_time": self.context.clock.now()})
            self.context.catalog.upsert_job(meta)
        result = self._result(job)
        self.context.catalog.upsert_job(job_states.ended(meta, self.context.clock.now(), result=result))
        with self._lock:
            self._running.pop((job.project, job.id), None)

    def _result(self, job: Job) -> Mapping[str, Any] | job_states.Failure:
        try:
            if job.fault is not None and job.fault.action == "slow_job":
                job.released.wait(job.fault.seconds)
            job.check_cancelled()
            return self._runs[job_states.kind(job.configuration)](job)
        except job_states.Failure as failure:
            return failure
        except DomainError as refused:
            return job_states.Failure(refused.bq_reason, refused.message)
        except Exception as crash:  # noqa: BLE001 -- a job that never ends is waited for by clients for minutes
            _log.exception("job %s crashed", job.id)
            return job_states.Failure("internalError", f"An internal error occurred: {type(crash).__name__}: {crash}")


def check_new(context: Any, project: str, job_id: str) -> None:
    """Raise job_states.Failure when the id is taken or malformed."""
    if not job_id.replace("-", "").replace("_", "").isalnum() or not job_id.isascii() or len(job_id) > 1024:  # noqa: PLR2004 -- documented
        raise job_states.Failure("invalid", f'Invalid job ID "{job_id}".')
    known = context.catalog.get_job(project, job_id)
    if known is not None:
        where = job_states.location(known, context.catalog)
        raise job_states.Failure("duplicate", f"Already Exists: Job {project}:{where}.{job_id}")


def found(context: Any, project: str, job_id: str, location: str | None) -> models.JobMeta:
    """Return a job of the catalog; raise job_states.Failure when there is none in that location."""
    job = context.catalog.get_job(project, job_id)
    where = location or job_states.DEFAULT_LOCATION
    if job is None or (location and job_states.location(job, context.catalog).lower() != location.lower()):
        raise job_states.Failure("notFound", f"Not found: Job {project}:{where}.{job_id}")
    return job


def close_lost(context: Any) -> None:
    """End the jobs that an earlier process left running, so that nobody waits for them."""
    for project in {project for project, _ in _known_jobs(context.catalog)}:
        for job in context.catalog.list_jobs(project, max_results=10**9):
            if job.state != "DONE":
                failure = job_states.Failure("backendError", job_states.LOST)
                context.catalog.upsert_job(job_states.ended(job, context.clock.now(), result=failure))


def _check_tables(context: Any, project: str, configuration: Mapping[str, Any], location: str | None) -> None:
    if configuration.get("dryRun"):
        raise job_states.Failure("invalid", "Only query jobs can be run dry")
    for table in job_states.tables(project, configuration):
        dataset = context.catalog.get_dataset(table.project, table.dataset)
        if dataset is None:
            raise job_states.Failure("notFound", f"Not found: Dataset {table.project}:{table.dataset}")
        if location and dataset.location.lower() != location.lower():
            message = f"Not found: Dataset {table.project}:{table.dataset} was not found in location {location}"
            raise job_states.Failure("notFound", message)


def _known_jobs(catalog: Any) -> list[tuple[str, str]]:
    memory = getattr(catalog, "_cache", catalog)
    return list(memory._jobs)  # noqa: SLF001 -- the catalog lists jobs of one project only


def _release(committed: Committed, job: Job) -> None:
    committed.armed.wait_released(committed.fault)
    job.released.set()
