"""From a run's findings to its outcome: the sentence that matters first, what a plan tells, what a list tells; pure."""

import collections
import datetime
from collections.abc import Mapping, Sequence

from shared import deployment, errors, history, statuses, wording
from shared.checks import fold, model, planning, sql, suites, verdicts
from shared.checks import run as asking
from shared.checks.planning import Asked, Refusal
from shared.report import Finding
from shared.statuses import Status

NAMED = 3
"""How many findings the summary names."""
QUIET = (Status.PASS, Status.SKIP)


def nights(past: Sequence[history.Past], day: datetime.date) -> dict[str, list[model.Night]]:
    """Return by subject what was observed on earlier days, newest first; the day itself is not among them."""
    found: dict[str, list[model.Night]] = collections.defaultdict(list)
    for one in sorted(past, key=lambda one: one.day, reverse=True):
        if one.day < day and one.observed is not None:
            found[one.id.partition(":")[2]].append(model.Night(one.day, one.observed))
    return dict(found)


def summary(asked: Asked, found: Sequence[Finding]) -> str:
    """Return the sentence that matters first: what is not good, and how much was judged."""
    counted = [one for one in found if one.status is not Status.SKIP]
    skipped = collections.Counter(one.reason for one in found if one.status is Status.SKIP)
    good = sum(one.status is Status.PASS for one in counted)
    head = f"{asked.name} for {asked.day}: "
    tail = (
        "; skipped: " + ", ".join(f"{count} {reason}" for reason, count in sorted(skipped.items())) if skipped else ""
    )
    if not counted:
        return f"{head}nothing was judged{tail}"
    if good == len(counted):
        return f"{head}all {good} pass{tail}"
    return f"{head}{_named(asked, counted)}; {good} of {len(counted)} pass{tail}"


def _named(asked: Asked, found: Sequence[Finding]) -> str:
    parts = []
    for status in statuses.ORDER:
        alike = [one for one in found if one.status is status and status not in QUIET]
        if alike:
            names = wording.listed((one.subject.removeprefix(f"{asked.name}.") for one in alike), NAMED)
            reasons = {one.reason for one in alike}
            why = f": {alike[0].message}" if len(alike) == 1 else f": {alike[0].reason}" if len(reasons) == 1 else ""
            parts.append(f"{len(alike)} {status.value} ({names}{why})")
    return ", ".join(parts)


def planned(
    asked: Asked,
    checks: Sequence[model.Bound],
    priced: Sequence[asking.Priced],
    refused: Mapping[str, model.Answer | Refusal],
) -> tuple[Finding, ...]:
    """Return one finding for every scan that would be run, and one for every check that could not be asked."""
    scans = (_planned(asked, *one) for one in priced)
    bad = ((check, refused[check.id]) for check in checks if check.id in refused)
    facts = (name for name in asked.suite.facts if planning.FACT + name in refused)
    return (
        *scans,
        *(verdicts.refused(asked, check, why) for check, why in bad if isinstance(why, Refusal)),
        *(_unmeasured(asked, name, refused[planning.FACT + name]) for name in facts),
    )


def _planned(asked: Asked, scan: fold.Scan, size: int) -> Finding:
    owners = [question.owner for question in scan.questions]
    subject = f"{asked.name}.{scan.table.ref.short}" + (f".{owners[0]}" if scan.questions[0].raw else "")
    return scan_finding(subject, scan.text, scan.parameters, size=size, answers=owners)


def scan_finding(
    subject: str, text: str, parameters: Sequence[sql.Parameter], *, size: int, answers: Sequence[str]
) -> Finding:
    """Return that a scan would be run: its SQL, its parameters, its bytes, and what it answers."""
    return Finding(
        subject=subject,
        kind="scan",
        status=Status.SKIP,
        reason="planned",
        message=f"would read {size / 2**20:,.1f} MiB for {wording.amount(len(answers), 'question')}",
        severity="info",
        observed=size,
        unit="bytes",
        evidence={
            "sql": text,
            "parameters": {name: f"{kind} {value}" for name, kind, value in parameters},
            "answers": list(answers),
        },
    )


def _unmeasured(asked: Asked, name: str, why: model.Answer | Refusal) -> Finding:
    told = (why.reason, why.message) if isinstance(why, Refusal) else ("internal", "")
    return Finding(f"{asked.name}.{planning.FACT}{name}", "fact", Status.ERROR, *told, fix=verdicts.FIXES.get(told[0]))


def planned_bytes(found: Sequence[Finding]) -> int:
    """Return the bytes that all planned scans would read, that of the calendar included."""
    return sum(int(one.observed or 0) for one in found if one.reason == "planned")


def plan_summary(asked: Asked, found: Sequence[Finding]) -> str:
    """Return what would be run."""
    scans = sum(one.reason == "planned" for one in found)
    broken = [one.subject for one in found if one.status is Status.ERROR]
    size = planned_bytes(found) / 2**20
    text = f"plan of {asked.name} for {asked.day}: {wording.amount(scans, 'scan')}, {size:,.1f} MiB"
    return text + (f"; {len(broken)} cannot be asked: {wording.listed(broken, NAMED)}" if broken else "")


def listed(name: str, suite: suites.Suite, schedules: Sequence[deployment.Schedule]) -> Finding:
    """Return what a list tells of a suite."""
    checks = planning.bound(suite)
    when = [f"{one.cron} {one.time_zone}" for one in schedules]
    return Finding(
        subject=name,
        kind="suite",
        status=Status.SKIP,
        reason="listed",
        message=suite.summary,
        severity="info",
        observed=len(checks),
        unit="checks",
        evidence={"schedules": when, "checks": {check.id: check.check.kind for check in checks}},
    )


def unreadable(name: str, error: errors.InvalidDeclaration) -> Finding:
    """Return that a suite cannot be read."""
    return Finding(name, "suite", Status.ERROR, error.code, str(error), fix="mend the file; `make validate` names all")


def listing(found: Sequence[Finding]) -> str:
    """Return how many suites there are."""
    broken = [one.subject for one in found if one.status is Status.ERROR]
    text = f"{wording.amount(len(found), 'suite')}: {', '.join(one.subject for one in found)}"
    return text + (f"; cannot be read: {', '.join(broken)}" if broken else "")
