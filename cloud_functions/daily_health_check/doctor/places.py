"""Rules about where a job's call leads: to a Gen1 function, to nothing, or past every route; pure."""

from cloud_functions.daily_health_check.doctor import case as cases
from cloud_functions.daily_health_check.doctor import commands, targets
from cloud_functions.daily_health_check.doctor.case import Case
from cloud_functions.daily_health_check.doctor.known import Confidence, Diagnosis
from shared.statuses import Status

_OF_ITS_OWN = frozenset({"late", "busy", "unreachable"})
"""Endings that a first-generation function shares with every other target."""


def gen1_url(case: Case) -> Diagnosis | None:
    """Return that a job calls a first-generation function, which no build of ours deploys any more."""
    if case.target.kind != "gen1":
        return None
    likely: Confidence = "likely" if case.kind in _OF_ITS_OWN else "certain"
    return cases.diagnosis(
        case,
        "gen1_url",
        cause=f"the target is {case.target.name}, a Gen1 function" + (f"; {case.told}" if case.failing else ""),
        fix=commands.migration(case.job, case.target, case.known.project),
        confidence=likely,
        status=Status.FAIL if case.failing else Status.WARN,
        observed="GEN_1",
        expected="GEN_2",
    )


def target_gone(case: Case) -> Diagnosis | None:
    """Return that there is no function or service at a job's URL."""
    missing = case.kind == "not_found"
    if case.target.kind == "gone":
        confidence: Confidence = "certain" if missing else "likely"
        region = f" in {case.target.region}" if case.target.region else ""
        cause = f"there is no function or service {case.target.name or 'without a name'}{region}"
    elif missing and case.target.kind in ("foreign", "unasked"):
        confidence = "likely" if case.target.kind == "foreign" else "possible"
        cause = f"{case.target.host} is not known as a host of this project"
    else:
        return None
    return cases.diagnosis(
        case,
        "target_gone",
        cause=cause + (f"; {case.told}" if case.failing else ""),
        fix=_moved(case),
        confidence=confidence,
        evidence={"host": case.target.host},
    )


def _moved(case: Case) -> str:
    """Return the command that points a job at what has the same name now, where there is such a thing."""
    services = [one.uri for one in case.known.services or () if one.short == case.target.name]
    functions = [one.uri for one in case.known.functions or () if one.short == case.target.name]
    new = next((url for url in (*services, *functions) if url), "NEW_URL")
    return commands.update(case.job, uri=new, **commands.identity(case.job.oidc, new))


def topic_gone(case: Case) -> Diagnosis | None:
    """Return that the topic to which a job publishes does not exist."""
    if case.job.target != "pubsub" or case.kind != "not_found":
        return None
    topic = case.job.topic or "TOPIC"
    return cases.diagnosis(
        case,
        "topic_gone",
        cause=f"there is no topic {topic}; {case.told}",
        fix=commands.command("gcloud pubsub topics create", topic),
        evidence={"topic": topic},
    )


def route_missing(case: Case) -> Diagnosis | None:
    """Return that a target exists and does not know the path that a job calls."""
    if case.kind != "not_found" or case.target.kind not in ("run", "unasked", "google", "external"):
        return None
    confidence: Confidence = "possible" if case.target.kind == "unasked" else "likely"
    path = case.target.path or "/"
    where = case.target.name or case.target.host
    if case.target.kind == "google":
        cause = f"Google's API knows nothing at {path}"
    elif case.target.function:
        cause = f"the function {where} answers 404 itself: a Gen2 function has one entry point, and no route {path}"
    else:
        cause = f"{where} has no route {path}, or its ingress does not let the Scheduler in"
    return cases.diagnosis(
        case,
        "route_missing",
        cause=f"{cause}; {case.told}",
        fix=_route(case.target, case),
        confidence=confidence,
        evidence={"path": path},
    )


def _route(target: targets.Target, case: Case) -> str:
    base = next(iter(target.urls), f"https://{target.host}")
    call = f"call a path that there is: {commands.update(case.job, uri=f'{base}/PATH')}"
    return f"add the route to the code, or {call}" if target.kind == "run" else call
