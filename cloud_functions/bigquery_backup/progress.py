"""How one table gets from its step to its result: which job comes next, and what a job's end means; pure."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

from cloud_functions.bigquery_backup import plan
from shared.statuses import Status

Stage = Literal["clone", "extract"]
ATTEMPTS = 3
"""How often a job that failed for a passing reason is made anew; a finished job cannot be run again."""


@dataclasses.dataclass(frozen=True)
class Unit:
    """A step on its way. `resource` describes the table that is extracted, once it is known."""

    step: plan.Step
    stage: Stage
    attempt: int = 1
    clone_job: str | None = None
    resource: Mapping[str, Any] | None = None


@dataclasses.dataclass(frozen=True)
class Broken:
    """A step that ended without a backup, and why; FAIL where it was judged bad, ERROR where it was hindered."""

    step: plan.Step
    reason: str
    message: str
    status: Status = Status.ERROR


def begin(step: plan.Step, mode: str) -> Unit:
    """Return the step at its first stage: there is nothing to clone in direct mode."""
    return Unit(step, "clone" if mode == "clone" else "extract")


def extracting(unit: Unit, job_id: str, resource: Mapping[str, Any]) -> Unit:
    """Return the unit at its extract, after the clone that `job_id` made and `resource` describes."""
    return Unit(unit.step, "extract", 1, job_id, resource)


def after_failure(unit: Unit, code: str, message: str, *, retryable: bool) -> Unit | Broken:
    """Return the unit's next attempt when the reason may pass and attempts are left, else how it ended."""
    if retryable and unit.attempt < ATTEMPTS:
        return dataclasses.replace(unit, attempt=unit.attempt + 1)
    return Broken(unit.step, code, f"{unit.stage} failed at attempt {unit.attempt}: {message}")
