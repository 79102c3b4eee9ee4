"""Rules about what a target answered: too late, too busy, broken in its code or before it, or nothing; pure."""

import re
from collections.abc import Sequence

from cloud_functions.daily_health_check import snapshots
from cloud_functions.daily_health_check.doctor import case as cases
from cloud_functions.daily_health_check.doctor import commands
from cloud_functions.daily_health_check.doctor.case import Case
from cloud_functions.daily_health_check.doctor.known import Confidence, Diagnosis

READY = "CONDITION_SUCCEEDED"
INSTANCE, MEMORY = "no instance was free", "an instance ran out of memory"
START, BROKEN = "the container did not start", "an instance ended while it worked"
_PLATFORM: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"no available instance", re.IGNORECASE), INSTANCE),
    (re.compile(r"memory limit of|too much memory|out of memory", re.IGNORECASE), MEMORY),
    (
        re.compile(r"failed to start|probe failed|failed the configured|failed to boot|called exit", re.IGNORECASE),
        START,
    ),
    (re.compile(r"response was malformed|uncaught signal|terminated on signal", re.IGNORECASE), BROKEN),
)
"""What the platform's own log lines mean."""


def overloaded(case: Case) -> Diagnosis | None:
    """Return that a target refused a call because it was busy."""
    if case.kind != "busy":
        return None
    retries = commands.update(case.job, **commands.RETRIES)
    if case.target.kind in ("google", "external"):
        cause, fix = f"{case.target.host} refuses more calls", f"stagger the schedule and retry: {retries}"
    else:
        more = commands.service(case.target, "update", case.known.project, max_instances="N")
        cause = f"{case.target.name or 'the target'} is overloaded: all of its instances are busy"
        fix = f"stagger the schedule, limit the rate of callers, or raise the limit: {more}; and retry: {retries}"
    retried = f"retries: {case.job.retries}"
    return cases.diagnosis(case, "overloaded", cause=f"{cause}; {case.told}; {retried}", fix=fix, confidence="likely")


def _logs(case: Case) -> str:
    since, until = (case.outcome.since, case.outcome.until) if case.outcome else (None, None)
    return commands.logs(case.target, case.known.project, since=since, until=until)


def app_error(case: Case) -> Diagnosis | None:
    """Return that the target's own code failed: it logged an error, or ran and answered 5xx on purpose."""
    own = case.lines(own=True) or []
    wrong = [line for line in own if cases.is_error(line)]
    if case.kind not in ("server", "unavailable") or not own:
        return None
    if not wrong and (case.kind == "unavailable" or platform_reason(case.lines(own=False) or ())):
        return None
    thrown = [line for line in wrong if cases.is_traceback(line)]
    said = cases.quote((thrown or wrong or own)[-1])
    if said.endswith("call last):"):
        # The log may hold a traceback line by line: what was thrown stands in the last.
        said = cases.quote(max(own, key=lambda line: line.at))
    confidence: Confidence = "certain" if thrown else "likely"
    saying = f"logged {said!r}" if wrong else "answered 5xx without logging an error"
    advice = "" if wrong else "; where it only found bad data, let it answer 200 and report that"
    return cases.diagnosis(
        case,
        "app_error",
        cause=f"the code of {case.target.name} {saying}; {case.told}",
        fix=_logs(case) + advice,
        confidence=confidence,
        evidence={"line": said, "lines": len(own)},
    )


def platform_error(case: Case) -> Diagnosis | None:
    """Return that the platform failed before or under the target's code: its lines say how, or none of the code's."""
    own, told = case.lines(own=True), case.lines(own=False)
    if case.kind != "server" or own is None:
        return None
    reason = platform_reason(told or ())
    if reason is None and own:
        return None
    line = next((one for one in told or () if platform_reason([one])), None)
    cause = reason or "the code wrote no line: no instance was free, or it crashed before it could"
    return cases.diagnosis(
        case,
        "platform_error",
        cause=f"{case.target.name}: {cause}; {case.told}",
        fix=_platform_fix(case, reason, line),
        confidence="certain" if reason else "likely",
        evidence={"line": cases.quote(line) if line else None},
    )


def platform_reason(lines: Sequence[snapshots.Line]) -> str | None:
    """Return what the platform's log lines say of why a request failed; None when they say nothing known."""
    for pattern, reason in _PLATFORM:
        if any(pattern.search(line.text) for line in lines):
            return reason
    return None


def _platform_fix(case: Case, reason: str | None, line: snapshots.Line | None) -> str:
    if reason == INSTANCE:
        more = commands.service(case.target, "update", case.known.project, max_instances="N")
        return f"{commands.update(case.job, **commands.RETRIES)}; if it recurs: {more}"
    if reason == MEMORY and line:
        return commands.service(case.target, "update", case.known.project, memory=_twice(line.text))
    return _logs(case)


def _twice(text: str) -> str:
    limit = re.search(r"limit of (\d+) ?(M|G)", text)
    return f"{int(limit[1]) * 2}{limit[2]}i" if limit else "MEMORY"


def unavailable(case: Case) -> Diagnosis | None:
    """Return that a target was not there for the call: not ready, crashing, or shedding load."""
    if case.kind != "unavailable":
        return None
    service = case.target.service
    broken = service is not None and service.state != READY
    problem = (service.problem or service.state) if service and broken else None
    reason = platform_reason(case.lines(own=False) or ())
    why = f": {problem[:200]}" if problem else f": {reason}" if reason else ""
    name = case.target.name or case.target.host or "the target"
    ours = case.target.kind in ("run", "gen1", "unasked", "gone")
    again = commands.scheduler(case.job, "run")
    return cases.diagnosis(
        case,
        "unavailable",
        cause=f"{name} was not available{why}; {case.told}",
        fix=_logs(case) if ours else f"ask its owner, then {again}",
        confidence="certain" if broken or reason else "likely",
        evidence={"condition": problem},
    )


def unreachable(case: Case) -> Diagnosis | None:
    """Return that no connection to a target's host came about."""
    if case.kind != "unreachable":
        return None
    return cases.diagnosis(
        case,
        "unreachable",
        cause=f"{case.target.host} gave no answer: its name, its certificate or its network; {case.told}",
        fix=f"mend the host or the URL: {commands.command('curl -sv -o /dev/null', f'https://{case.target.host}/')}",
        confidence="likely",
    )


def server_error(case: Case) -> Diagnosis | None:
    """Return that a target answered 5xx, where its log is not ours or could not be asked."""
    if case.kind != "server" or case.lines(own=True) is not None:
        return None
    ours = case.target.kind in ("run", "gen1", "unasked", "gone")
    name = case.target.name or case.target.host or "the target"
    return cases.diagnosis(
        case,
        "server_error",
        cause=f"{name} failed; whether in its code or before it, its log would tell; {case.told}",
        fix=_logs(case) if ours else commands.scheduler(case.job, "run"),
        confidence="possible",
    )


def failed(case: Case) -> Diagnosis | None:
    """Return that the last attempt failed, for want of anything more exact."""
    if not case.failing:
        return None
    look = _logs(case) if case.target.kind in ("run", "gen1") else commands.scheduler(case.job, "describe")
    return cases.diagnosis(case, "failed", cause=case.told, fix=look, confidence="possible")
