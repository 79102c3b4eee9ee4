"""From the jobs of Cloud Scheduler to findings: one for each that there is, and for each that there must be; pure."""

import collections
from collections.abc import Mapping
from typing import Any
from urllib import parse

from cloud_functions.daily_health_check import snapshots
from cloud_functions.daily_health_check.doctor import case as cases
from cloud_functions.daily_health_check.doctor import commands, rules
from cloud_functions.daily_health_check.doctor import known as knowledge
from shared.report import Finding
from shared.statuses import Status

KIND = "job"
REASONS = frozenset({*rules.RULES, *rules.OF_MISSING, "healthy", "garbled"})
"""The reasons of findings about jobs."""
LONGEST = 200
"""Letters of a debug text that evidence shows."""


def findings(known: knowledge.Known) -> tuple[Finding, ...]:
    """Return one finding for each job, each declared job that is missing, and each resource that is garbled."""
    counted = collections.Counter(job.short for job in known.jobs)
    live = (_job(job, known, alone=counted[job.short] == 1) for job in known.jobs)
    missing = (_missing(expected, found) for expected, found in rules.missing(known))
    garbled = (_garbled(text) for text in known.garbled)
    return (*live, *missing, *garbled)


def _job(job: snapshots.Job, known: knowledge.Known, *, alone: bool) -> Finding:
    case = cases.of(job, known)
    found = rules.judge(case)
    subject = job.short if alone else f"{job.region}/{job.short}"
    if found:
        return _finding(subject, found[0], {**_evidence(case), **_said(found)})
    last = cases.moment(case.last)
    when = cases.minute(case.last) if case.last else "an unknown time"
    return Finding(
        subject=subject,
        kind=KIND,
        status=Status.PASS,
        reason="healthy",
        message=f"the attempt of {when} was good",
        observed="OK",
        expected="OK",
        evidence={"last_attempt": last},
    )


def _missing(expected: knowledge.Expected, found: knowledge.Diagnosis) -> Finding:
    return _finding(expected.name, found, _said((found,)))


def _finding(
    subject: str,
    found: knowledge.Diagnosis,
    evidence: Mapping[str, Any],
) -> Finding:
    return Finding(
        subject=subject,
        kind=KIND,
        status=found.status,
        reason=found.rule,
        message=found.cause,
        observed=found.observed,
        expected=found.expected,
        unit=found.unit,
        evidence=evidence,
        fix=None if found.status is Status.SKIP else found.fix,
    )


def _garbled(text: str) -> Finding:
    """Return that a resource could not be read, given its name and why."""
    name, _, why = text.partition(": ")
    short = name.rsplit("/", 1)[-1]
    return Finding(
        subject=short,
        kind=KIND,
        status=Status.ERROR,
        reason="garbled",
        message=f"the platform's answer could not be read: {(why or text)[:LONGEST]}",
        expected="a resource of Cloud Scheduler v1",
        fix=f"look at it, and mend what reads it: {commands.command('gcloud scheduler jobs describe', short)}",
    )


def _evidence(case: cases.Case) -> dict[str, Any]:
    outcome = case.outcome
    return {
        "schedule": f"{case.job.schedule} {case.job.time_zone}",
        "target": _shown(case.job.uri) or case.job.topic,
        "code": case.job.code,
        "http": outcome.http if outcome else None,
        "debug": outcome.debug[:LONGEST] if outcome and outcome.debug else None,
        "last_attempt": cases.moment(case.last),
    }


def _said(found: tuple[knowledge.Diagnosis, ...]) -> dict[str, Any]:
    return {
        **{name: value for name, value in found[0].evidence.items() if value is not None},
        "also": [one.rule for one in found[1:]],
        "confidence": found[0].confidence,
    }


def _shown(uri: str | None) -> str | None:
    """Return a URL without the values of its query, which may be secrets."""
    if not uri:
        return None
    base, _, query = uri.partition("?")
    names = [name for name, _ in parse.parse_qsl(query, keep_blank_values=True)]
    return base + ("?" + "&".join(f"{name}=…" for name in names) if names else "")
