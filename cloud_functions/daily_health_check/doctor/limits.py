"""Rules about time limits, and about what a job is and what its declaration says; pure."""

from cloud_functions.daily_health_check import snapshots
from cloud_functions.daily_health_check.doctor import case as cases
from cloud_functions.daily_health_check.doctor import commands
from cloud_functions.daily_health_check.doctor import known as knowledge
from cloud_functions.daily_health_check.doctor.case import Case
from cloud_functions.daily_health_check.doctor.known import Diagnosis
from shared.statuses import Status

LONGEST = 1800.0
"""Seconds that the Scheduler waits for an HTTP target at most."""
_ZONES = {"Etc/UTC": "UTC", "Etc/GMT": "UTC", "GMT": "UTC"}


def _needed(case: Case) -> float | None:
    """Return how many seconds the target may take, by its declaration first; None when nobody says."""
    return (case.expected.timeout if case.expected else None) or case.target.timeout


def deadline_short(case: Case) -> Diagnosis | None:
    """Return that the Scheduler gives up before the target has to be done; a warning until it happens."""
    needed, deadline = _needed(case), case.job.deadline
    below = needed is not None and deadline < min(needed, LONGEST)
    if case.job.target != "http" or not (below or case.kind == "late"):
        return None
    if case.kind == "late" and _ends_first(case):
        return None
    wanted = int(min(max(needed or 0, 2 * deadline if not below else 0), LONGEST))
    takes = f", and the target may take {needed:g} s" if needed else ""
    return cases.diagnosis(
        case,
        "deadline_short",
        cause=f"the attempt deadline is {deadline:g} s{takes}" + (f"; {case.told}" if case.kind == "late" else ""),
        fix=_longer(case, wanted),
        confidence="certain" if below else "likely",
        status=Status.FAIL if case.kind == "late" else Status.WARN,
        observed=deadline,
        expected=f">= {wanted}",
        unit="seconds",
    )


def _longer(case: Case, wanted: int) -> str:
    if case.job.deadline >= LONGEST:
        return (
            "let the target answer first and work on: start jobs, answer 200 with their ids, collect at the next tick"
        )
    return commands.update(case.job, attempt_deadline=f"{wanted}s")


def _ends_first(case: Case) -> bool:
    """Return whether a service of ours gives up on a request before the Scheduler does."""
    timeout = case.target.timeout
    return case.target.kind == "run" and timeout is not None and timeout < case.job.deadline


def timeout_short(case: Case) -> Diagnosis | None:
    """Return that the service's own timeout ended the request, so that a longer deadline would not help."""
    timeout, deadline = case.target.timeout, case.job.deadline
    if case.kind != "late" or timeout is None or not _ends_first(case):
        return None
    return cases.diagnosis(
        case,
        "timeout_short",
        cause=f"{case.target.name} ends a request after {timeout:g} s, before the job's {deadline:g} s; {case.told}",
        fix=commands.service(case.target, "update", case.known.project, timeout=f"{int(deadline)}s"),
        confidence="certain" if case.outcome and case.outcome.http else "likely",
        observed=timeout,
        expected=f">= {deadline:g}",
        unit="seconds",
    )


def deadline_over_limit(case: Case) -> Diagnosis | None:
    """Return that a deadline lies above what the Scheduler waits for an HTTP target."""
    declared = (case.expected.deadline if case.expected else None) or 0
    longest = max(declared, case.job.deadline)
    if case.job.target != "http" or longest <= LONGEST:
        return None
    whose = "declared" if declared > LONGEST else "set"
    return cases.diagnosis(
        case,
        "deadline_over_limit",
        cause=f"a deadline of {longest:g} s is {whose}, and the Scheduler waits {LONGEST:g} s at most",
        fix=commands.update(case.job, attempt_deadline=f"{int(LONGEST)}s"),
        status=Status.WARN,
        observed=longest,
        expected=f"<= {LONGEST:g}",
        unit="seconds",
    )


def schedule_differs(case: Case) -> Diagnosis | None:
    """Return that a job has another schedule or time zone than its declaration."""
    expected = case.expected
    if expected is None:
        return None
    cron, zone = expected.cron or case.job.schedule, expected.time_zone or case.job.time_zone
    if _same(case.job.schedule, cron) and _zone(case.job.time_zone) == _zone(zone):
        return None
    return cases.diagnosis(
        case,
        "schedule_differs",
        cause=f"the schedule is not the one that {expected.source or 'health.yaml'} declares",
        fix=commands.update(case.job, schedule=cron, time_zone=zone),
        status=Status.WARN,
        observed=f"{case.job.schedule} {case.job.time_zone}",
        expected=f"{cron} {zone}",
    )


def deadline_differs(case: Case) -> Diagnosis | None:
    """Return that a job has another deadline than its declaration; one that cannot be is `deadline_over_limit`."""
    declared = case.expected.deadline if case.expected else None
    if declared is None or declared > LONGEST or declared == case.job.deadline or case.job.target != "http":
        return None
    source = (case.expected.source if case.expected else "") or "health.yaml"
    return cases.diagnosis(
        case,
        "deadline_differs",
        cause=f"the attempt deadline is {case.job.deadline:g} s, and {source} declares {declared:g} s",
        fix=commands.update(case.job, attempt_deadline=f"{declared:g}s"),
        status=Status.WARN,
        observed=case.job.deadline,
        expected=declared,
        unit="seconds",
    )


def retries_off(case: Case) -> Diagnosis | None:
    """Return that a job whose lost run hurts is not retried."""
    if case.job.retries or not (case.expected and case.expected.retries):
        return None
    return cases.diagnosis(
        case,
        "retries_off",
        cause="a lost run hurts, and a failed attempt is not repeated: retryCount is 0",
        fix=commands.update(case.job, **commands.RETRIES),
        status=Status.WARN,
        observed=0,
        expected=">= 1",
        unit="retries",
    )


def duplicate_target(case: Case) -> Diagnosis | None:
    """Return that another enabled job makes the same call, at the same time or in a time zone that drifts apart.

    Two jobs of one time zone with different schedules are two times of a day, and no duplicates; nor are two jobs
    that are both declared.
    """
    if case.known.bodies is None:
        return None
    others = twins(case)
    zone = _zone(case.job.time_zone)
    again = [one for one in others if _zone(one.time_zone) != zone or _same(one.schedule, case.job.schedule)]
    bad = [one for one in again if not (case.expected and case.known.declared(one))]
    if not bad:
        return None
    drifts = any(_zone(one.time_zone) != zone for one in bad)
    keep = min((case.job, *bad), key=lambda one: (case.known.declared(one) is None, one.name))
    extra = bad[0] if keep.name == case.job.name else case.job
    return cases.diagnosis(
        case,
        "duplicate_target",
        cause=f"{', '.join(one.short for one in bad)} makes the same call"
        + (", in another time zone, so that the two drift apart" if drifts else " at the same time"),
        fix=commands.scheduler(extra, "pause"),
        confidence="likely" if drifts else "certain",
        status=Status.WARN,
        observed=1 + len(bad),
        expected=1,
        unit="jobs",
        evidence={"others": [one.short for one in bad]},
    )


def twins(case: Case) -> list[snapshots.Job]:
    """Return the other enabled jobs that make the same call; where no body is known, the same but for it."""
    job = case.job
    if job.state != knowledge.ENABLED or job.target != "http":
        return []
    return [one for one in case.known.callers.get(case.known.call(job), ()) if one.name != job.name]


def _same(one: str, other: str) -> bool:
    return one.split() == other.split()


def _zone(name: str) -> str:
    return _ZONES.get(name, name)
