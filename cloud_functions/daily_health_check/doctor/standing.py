"""Rules about a job's own state: paused, disabled, not what an update made of it, or deleted; pure."""

from cloud_functions.daily_health_check.doctor import case as cases
from cloud_functions.daily_health_check.doctor import commands
from cloud_functions.daily_health_check.doctor.case import Case
from cloud_functions.daily_health_check.doctor.known import Diagnosis, Expected, Known
from shared.statuses import Status

STATES = frozenset({"ENABLED", "PAUSED", "DISABLED", "UPDATE_FAILED"})


def paused(case: Case) -> Diagnosis | None:
    """Return that a job is paused; meant to be, it is skipped."""
    if case.job.state != "PAUSED":
        return None
    status, cause = _pause(case.expected, in_season=case.known.in_season)
    return cases.diagnosis(
        case,
        "paused",
        cause=cause,
        fix=commands.scheduler(case.job, "resume"),
        status=status,
        observed="PAUSED",
        expected="PAUSED" if status is Status.SKIP else "ENABLED",
    )


def _pause(expected: Expected | None, *, in_season: bool | None) -> tuple[Status, str]:
    """Return how bad a pause is, and why."""
    if expected is None:
        return Status.WARN, "the job is paused, and nobody declared it"
    if expected.paused:
        return Status.SKIP, "the job is paused, as declared"
    if not expected.seasonal:
        return Status.FAIL, "the job is paused, and must run"
    if in_season is None:
        return Status.UNKNOWN, "the job is paused, and whether it is the season could not be asked"
    if in_season:
        return Status.FAIL, "the job is paused, and it is the season"
    return Status.SKIP, "the job is paused out of season, as declared"


def disabled(case: Case) -> Diagnosis | None:
    """Return that the Scheduler itself has turned a job off."""
    if case.job.state != "DISABLED":
        return None
    why = f"; {case.told}" if case.failing else ""
    return _broken(case, "disabled", f"the Scheduler has disabled the job because of an error{why}")


def update_failed(case: Case) -> Diagnosis | None:
    """Return that the last update of a job was not carried out."""
    if case.job.state != "UPDATE_FAILED":
        return None
    return _broken(case, "update_failed", "the last update of the job failed, so that it is in no valid state")


def _broken(case: Case, rule: str, cause: str) -> Diagnosis:
    """Return that a job needs its update repeated: only a paused one can be resumed."""
    again = commands.update(case.job, schedule=case.job.schedule, time_zone=case.job.time_zone)
    return cases.diagnosis(case, rule, cause=cause, fix=again, observed=case.job.state, expected="ENABLED")


def state_unknown(case: Case) -> Diagnosis | None:
    """Return that a job is in a state that the doctor does not know."""
    if case.job.state in STATES:
        return None
    return cases.diagnosis(
        case,
        "state_unknown",
        cause=f"the job's state is {case.job.state[:40]}",
        fix=commands.scheduler(case.job, "describe"),
        status=Status.UNKNOWN,
        observed=case.job.state[:40],
        expected="ENABLED",
    )


def not_paused(case: Case) -> Diagnosis | None:
    """Return that a job runs although it is declared to be paused."""
    if case.job.state != "ENABLED" or not (case.expected and case.expected.paused):
        return None
    return cases.diagnosis(
        case,
        "not_paused",
        cause=f"the job is enabled, and {case.expected.source or 'its declaration'} says that it is paused",
        fix=commands.scheduler(case.job, "pause"),
        status=Status.WARN,
        observed="ENABLED",
        expected="PAUSED",
    )


def deleted(expected: Expected, known: Known) -> Diagnosis:
    """Return that a job which must exist does not; an error when a region could not be listed."""
    source = expected.source or "health.yaml"
    if known.unlisted:
        return _not_listed(source, known)
    flags = {
        "schedule": expected.cron or "SCHEDULE",
        "time_zone": expected.time_zone or "TIME_ZONE",
        "uri": "URI",
        **({"attempt_deadline": f"{expected.deadline:g}s"} if expected.deadline else {}),
        "location": known.regions[0] if known.regions else "REGION",
        "project": known.project,
    }
    again = commands.command("gcloud scheduler jobs create http", expected.name, **flags)
    return Diagnosis(
        "deleted",
        f"{source} declares the job, and there is none of that name",
        {},
        f"with the body and the account that it had: {again}",
        observed="absent",
        expected="PAUSED" if expected.paused else "ENABLED",
    )


def _not_listed(source: str, known: Known) -> Diagnosis:
    listed = ", ".join(known.unlisted)
    return Diagnosis(
        "not_listed",
        f"{source} declares the job; it is in no region that could be listed, and {listed} could not",
        {"unlisted": list(known.unlisted)},
        commands.command("gcloud scheduler jobs list", None, location=known.unlisted[0], project=known.project),
        "possible",
        Status.ERROR,
        expected="ENABLED",
    )
