"""Carries out the plan of a backup: all jobs submitted before any is awaited, one shared poll, each table by itself.

Shell: it loops over values, calls the cloud, and decides nothing but whether that worked. Everything it does may be
done again after a kill: job ids are made from the deed, and objects are created only where there are none.
"""

import concurrent.futures
import contextlib
import dataclasses
import datetime
import time
from collections.abc import Iterable, Mapping
from typing import Any

from cloud_functions.bigquery_backup import plan, progress, verify
from cloud_functions.bigquery_backup.work import Work
from shared import errors, refs
from shared.backups import formats, layout, manifest
from shared.gcp import bigquery, renaming, storage

POLL_FIRST, POLL_LONGEST, POLL_GROWTH = 0.1, 5.0, 1.4
LOST_AFTER = 5
"""Polls after which a job that the list does not know is asked for by its id."""
CLOCK_SKEW = datetime.timedelta(minutes=1)

Result = manifest.Entry | progress.Broken
Started = tuple[str, progress.Unit]


def tables(work: Work, steps: Iterable[plan.Step]) -> list[Result]:
    """Return what became of every step, in no order: its entry in the manifest, or how it broke."""
    steps = tuple(steps)
    results = _without_scratch(work, steps)
    broken = {result.step for result in results}
    running: dict[str, progress.Unit] = {}
    settled: list[Result] = list(results)
    poll = _Poll(work)
    with concurrent.futures.ThreadPoolExecutor(bigquery.PARALLEL) as pool:
        units = [progress.begin(step, work.plan.mode) for step in steps if step not in broken]
        moves: list[concurrent.futures.Future[Started | progress.Unit | Result]]
        moves = [pool.submit(_submit, work, unit) for unit in units]
        while (running or moves) and not work.stop():
            moves, ended = [move for move in moves if not move.done()], [move for move in moves if move.done()]
            for move in ended:
                outcome = move.result()
                if isinstance(outcome, tuple):
                    running[outcome[0]] = outcome[1]
                elif isinstance(outcome, progress.Unit):
                    moves.append(pool.submit(_submit, work, outcome))
                else:
                    settled.append(outcome)
            moves += [pool.submit(_ended, work, running.pop(job.id), job) for job in poll.ended(running)]
    return settled


def unreached(steps: Iterable[plan.Step], results: Iterable[Result], reason: str) -> list[progress.Broken]:
    """Return a broken step for each one without a result: the run stopped before it was done."""
    known = {result.subject if isinstance(result, manifest.Entry) else result.step.table.short for result in results}
    message = f"not done when the run stopped: {reason}"
    return [progress.Broken(step, "not_reached", message) for step in steps if step.table.short not in known]


def _without_scratch(work: Work, steps: tuple[plan.Step, ...]) -> list[progress.Broken]:
    """Return the steps whose scratch dataset cannot be had; make the others' sure to exist."""
    if work.plan.mode != "clone":
        return []
    homes = {(work.plan.scratch(step).dataset, step.location) for step in steps}
    trouble: dict[str, errors.CloudError] = {}
    for dataset, location in sorted(homes):
        try:
            project = work.plan.project
            bigquery.ensure_scratch(work.used.bigquery, project, dataset, location=location, hours=work.scratch_hours)
        except errors.CloudError as error:
            trouble[dataset] = error
    placed = ((step, trouble.get(work.plan.scratch(step).dataset)) for step in steps)
    return [progress.Broken(step, error.code, str(error)) for step, error in placed if error]


@dataclasses.dataclass
class _Poll:
    """The one poll for all running jobs; its pauses grow while jobs take long."""

    work: Work
    pause: float = POLL_FIRST
    unseen: dict[str, int] = dataclasses.field(default_factory=dict)

    def ended(self, running: Mapping[str, progress.Unit]) -> list[bigquery.Job]:
        """Return the running jobs that are done, after a pause."""
        time.sleep(self.pause if running else POLL_FIRST / 5)
        if not running:
            return []
        self.pause = min(self.pause * POLL_GROWTH, POLL_LONGEST)
        try:
            since = self.work.plan.t0 - CLOCK_SKEW
            known = bigquery.jobs(self.work.used.bigquery, running.keys(), since=since)
        except errors.CloudError:
            known = {}  # the list may be denied or down: each job is then asked for by itself
        for job_id in running.keys() - known.keys():
            self.unseen[job_id] = self.unseen.get(job_id, 0) + 1
            if self.unseen[job_id] % LOST_AFTER == 0:
                known |= self._asked(job_id, running[job_id])
        done = [job for job in known.values() if job.done]
        self.pause = POLL_FIRST if done else self.pause
        return done

    def _asked(self, job_id: str, unit: progress.Unit) -> dict[str, bigquery.Job]:
        try:
            return {job_id: bigquery.job(self.work.used.bigquery, job_id, location=unit.step.location)}
        except errors.NotFound as error:
            gone = {"reason": "notFound", "message": f"the job is gone: {error}"}
            return {job_id: bigquery.Job(job_id, "DONE", gone, None, None, {})}
        except errors.CloudError:
            return {}


def _submit(work: Work, unit: progress.Unit) -> Started | progress.Unit | Result:
    """Start the unit's job; return its id with the unit, or a result where there is nothing to start."""
    try:
        if unit.stage == "clone":
            return _cloned(work, unit)
        resource = unit.resource or bigquery.table(work.used.bigquery, unit.step.table)
        unit = dataclasses.replace(unit, resource=resource)
        if int(resource["numRows"]) == 0:
            return verify.empty(work, unit)
        return _extracted(work, unit)
    except errors.CloudError as error:
        return progress.Broken(unit.step, error.code, str(error))


def _cloned(work: Work, unit: progress.Unit) -> Started:
    job_id = work.plan.job_id(unit.step, "clone", unit.attempt)
    bigquery.clone(
        work.used.bigquery,
        job_id,
        source=unit.step.table,
        at=work.plan.t0,
        target=work.plan.scratch(unit.step),
        location=unit.step.location,
    )
    return job_id, unit


def _extracted(work: Work, unit: progress.Unit) -> Started:
    step, choice = unit.step, formats.CHOICES[unit.step.format]
    job_id = work.plan.job_id(step, "extract", unit.attempt)
    folder = work.plan.run.folder(step.table, attempt=unit.attempt)
    bigquery.extract(
        work.used.bigquery,
        job_id,
        source=_origin(work, step),
        uri=f"gs://{work.plan.bucket}/{folder}*.{choice.extension}",
        options=choice.options,
        location=step.location,
    )
    return job_id, unit


def _origin(work: Work, step: plan.Step) -> refs.Table:
    return work.plan.scratch(step) if work.plan.mode == "clone" else step.table


def _ended(work: Work, unit: progress.Unit, job: bigquery.Job) -> Started | progress.Unit | Result:
    """Return what follows from a job's end: the next job, another attempt, or the table's result."""
    if job.error:
        kind = renaming.of_job(job.error)
        return progress.after_failure(unit, kind.code, _words(job.error), retryable=kind is errors.Unavailable)
    try:
        if unit.stage == "clone":
            resource = bigquery.table(work.used.bigquery, work.plan.scratch(unit.step))
            return _submit(work, progress.extracting(unit, job.id, resource))
        return verify.table(work, unit, job)
    except errors.CloudError as error:
        return progress.Broken(unit.step, error.code, str(error))


def _words(error: Mapping[str, Any]) -> str:
    return str(error.get("message") or error.get("reason") or "no reason given")


def begin(made: plan.Plan, client: Any) -> plan.Plan:
    """Return the plan as written, under the first number that is free; raise CloudError."""
    while True:
        try:
            storage.create(client, made.bucket, made.run.plan, manifest.encode(made))
        except errors.PreconditionFailed:
            made = dataclasses.replace(made, number=made.number + 1)
        else:
            return made


def tidy(work: Work, results: Iterable[Result]) -> None:
    """Delete the clones of the steps that broke in a run that is closed; the others' are gone already."""
    for result in results:
        if isinstance(result, progress.Broken) and work.plan.mode == "clone":
            with contextlib.suppress(errors.CloudError):  # a clone that stays expires by itself
                bigquery.delete_table(work.used.bigquery, work.plan.scratch(result.step))


def close(work: Work, entries: tuple[manifest.Entry, ...], *, commit: str | None) -> layout.Run:
    """Write the manifest of the run, last and only where none stands; return the run; raise CloudError."""
    made = work.plan
    closed = manifest.Manifest(
        version=manifest.VERSION,
        project=made.project,
        day=made.day,
        run=made.number,
        t0=made.t0,
        closed_at=datetime.datetime.now(datetime.UTC),
        scope=made.scope,
        mode=made.mode,
        complete=all(entry.outcome != "failed" for entry in entries),
        commit=commit,
        tables=entries,
    )
    storage.create(work.used.storage, made.bucket, made.run.manifest, manifest.encode(closed))
    return made.run
