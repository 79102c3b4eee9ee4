"""Rules about when a job was attempted: never, not lately, in the future, or on an unreadable schedule; pure."""

import datetime

from cloud_functions.daily_health_check.doctor import case as cases
from cloud_functions.daily_health_check.doctor import commands, outcomes, schedules
from cloud_functions.daily_health_check.doctor.case import Case
from cloud_functions.daily_health_check.doctor.known import Diagnosis
from shared import errors
from shared.statuses import Status

SKEW = datetime.timedelta(minutes=5)
"""How far ahead of `now` an attempt may lie: the platform is asked a while after `now` was taken."""
_HOUR = datetime.timedelta(hours=1)


def bad_schedule(case: Case) -> Diagnosis | None:
    """Return that a job's schedule or time zone cannot be read, so that nobody can tell whether it is late."""
    try:
        schedules.previous(case.job.schedule, case.job.time_zone, case.known.now)
    except errors.InvalidDeclaration as error:
        return cases.diagnosis(
            case,
            "bad_schedule",
            cause=f"whether the job is late cannot be judged: {error}",
            fix=commands.update(case.job, schedule="SCHEDULE", time_zone="TIME_ZONE"),
            status=Status.UNKNOWN,
            observed=f"{case.job.schedule[:60]} {case.job.time_zone[:40]}",
            expected="five fields of cron and an IANA time zone",
        )
    return None


def never_ran(case: Case) -> Diagnosis | None:
    """Return that a job was never attempted although it was due; one that is not due yet is `not_due`."""
    first = _first_due(case)
    if first is None or first + case.known.grace > case.known.now:
        return None
    return cases.diagnosis(
        case,
        "never_ran",
        cause=f"the job has never been attempted; it was due at {cases.minute(first)}",
        fix=commands.scheduler(case.job, "run"),
        confidence="certain" if case.job.updated else "likely",
        expected=cases.moment(first),
        evidence={"due": cases.moment(first)},
    )


def not_due(case: Case) -> Diagnosis | None:
    """Return that a job was not attempted yet because its first tick is still to come."""
    first = _first_due(case)
    if first is None or first + case.known.grace <= case.known.now:
        return None
    return cases.diagnosis(
        case,
        "not_due",
        cause=f"the job is new or was just changed: it is due for the first time at {cases.minute(first)}",
        fix="nothing to do: wait for the first tick",
        status=Status.SKIP,
        evidence={"due": cases.moment(first)},
    )


def _first_due(case: Case) -> datetime.datetime | None:
    """Return when a job without any attempt was due; None for one with attempts, or whose schedule is unreadable."""
    if case.last or bad_schedule(case):
        return None
    when = (case.job.schedule, case.job.time_zone)
    if case.job.updated is None:
        return schedules.previous(*when, case.known.now - case.known.grace)
    return schedules.following(*when, case.job.updated)


def stale(case: Case) -> Diagnosis | None:
    """Return that a tick was missed, and the last attempt is older than the periods that are allowed.

    Both, because the ticks of one schedule may lie five minutes and fourteen hours apart: a short period alone would
    call a job of the evening late at noon. An update starts the wait anew, since the schedule may be another one.
    """
    if case.last is None or bad_schedule(case):
        return None
    when, now = (case.job.schedule, case.job.time_zone), case.known.now
    due = schedules.previous(*when, now - case.known.grace)
    period = schedules.period(*when, now - case.known.grace)
    age, limit = now - case.last, case.known.periods * period + case.known.grace
    if max(case.last, case.job.updated or case.last) >= due or age <= limit:
        return None
    return cases.diagnosis(
        case,
        "stale",
        cause=f"last attempted {_hours(age)} h ago, more than {_hours(limit)} h; it was due at {cases.minute(due)}",
        fix=commands.scheduler(case.job, "run"),
        observed=_hours(age),
        expected=f"<= {_hours(limit)}",
        unit="hours",
        evidence={"due": cases.moment(due)},
    )


def skewed(case: Case) -> Diagnosis | None:
    """Return that the last attempt lies in the future, so that one of the clocks is wrong."""
    if case.last is None or case.last <= case.known.now + SKEW:
        return None
    return cases.diagnosis(
        case,
        "skewed",
        cause=f"the attempt of {cases.minute(case.last)} lies {_hours(case.last - case.known.now)} h in the future",
        fix=commands.scheduler(case.job, "describe"),
        status=Status.UNKNOWN,
        observed=cases.moment(case.last),
        expected=f"<= {cases.moment(case.known.now)}",
    )


def no_result(case: Case) -> Diagnosis | None:
    """Return that an attempt began, and neither the job nor the log tells how it ended."""
    if case.job.last_attempt is None or case.outcome is not None:
        return None
    going = outcomes.running(case.job, case.known.now)
    state = "is still under way" if going else "has no result"
    return cases.diagnosis(
        case,
        "no_result",
        cause=f"the attempt of {cases.minute(case.job.last_attempt)} {state}, and no earlier one is known",
        fix=commands.scheduler(case.job, "describe"),
        confidence="certain" if going else "likely",
        status=Status.UNKNOWN,
        expected="OK",
    )


def _hours(span: datetime.timedelta) -> float:
    return round(span / _HOUR, 1)
