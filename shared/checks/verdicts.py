"""From answers to findings: judges every declared check, says why others were not, and names causes; pure."""

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping, Sequence

from shared import statuses
from shared.checks import catalogue, expressions, model, planning, sql
from shared.checks.model import Verdict
from shared.checks.planning import Asked, Refusal
from shared.report import Finding
from shared.statuses import Status

COMMON = frozenset(
    {"off_day", "break", "off_season", "no_schedule", "condition", "not_due", "not_asked", "no_such_column"}
    | {"no_such_table", "wrong_type", "not_partitioned", "over_budget", "broken_query", "not_reached", "no_fact"}
    | {"access_denied", "not_found", "quota_exceeded", "unavailable", "rejected", "too_many_groups", "no_groups"}
    | {"not_a_number"}
)
"""The reasons that a check of any kind may have for not being judged."""
FIXES = {
    "access_denied": "grant the function's account roles/bigquery.dataViewer on the dataset",
    "broken_query": "mend the expressions of the check; `make validate` finds such mistakes before a deploy",
    "no_such_column": "correct the column's name in the suite, or find out who dropped it",
    "no_such_table": "correct the table's name in the suite, or find out who dropped it",
    "not_partitioned": "name the partition column in `at`, or say whole_table: true",
    "not_reached": "call again; if it stays, raise the function's timeout or split the suite",
    "no_schedule": "load the schedule, or declare an off-season in pipeline.yaml",
    "over_budget": "narrow the window, or raise the limit in the suite",
    "wrong_type": "compare the column's type with what the check needs",
}
LONGEST_GROUP = 100
"""Letters of a group's name that a subject shows."""
Outcome = model.Answer | Refusal
History = Mapping[str, Sequence[model.Night]]


@dataclasses.dataclass(frozen=True)
class Known:
    """What judging needs: by check, its answer or refusal; by table, its metadata; facts; history by subject.

    history is None when the ledger could not be read.
    """

    outcomes: Mapping[str, Outcome]
    tables: Mapping[str, model.Table]
    facts: Mapping[str, model.Fact]
    history: History | None = None


def findings(asked: Asked, checks: Sequence[model.Bound], known: Known) -> tuple[Finding, ...]:
    """Return at least one finding for every check, in the order of the declaration."""
    found = {check.id: _findings(asked, check, known) for check in checks}
    return tuple(one for check in checks for one in _caused(check, found))


def _findings(asked: Asked, check: model.Bound, known: Known) -> list[Finding]:
    outcome = planning.unmet(check, known.facts) or known.outcomes[check.id]
    if isinstance(outcome, Refusal):
        return [refused(asked, check, outcome)]
    try:
        verdicts = _judged(asked, check, outcome, known)
    except model.Unanswerable as error:
        return [refused(asked, check, Refusal(error.reason, str(error)))]
    if not verdicts:
        message = f"no value of {check.check.each} has any row to judge by"
        verdicts = (Verdict(Status.UNKNOWN, "no_groups", message),)
    find = _find(asked, check, known)
    return [_finding(asked, check, verdict, find) for verdict in verdicts]


def _judged(asked: Asked, check: model.Bound, answer: model.Answer, known: Known) -> tuple[Verdict, ...]:
    dates = planning.days(check.at, asked.day)
    games = {day: asked.calendar.games(day) for day in dates} if asked.calendar else {}
    context = model.Context(
        day=asked.day,
        days=tuple(day for day in dates if not games or games[day]),
        as_of=asked.as_of,
        now=asked.now,
        facts=_facts(asked, check, known),
        table=known.tables[check.table],
        games_by_day=games,
        history=None if known.history is None else _nights(asked, check, answer, known.history),
    )
    verdicts: tuple[Verdict, ...] = catalogue.modules()[check.check.kind].judge(check.check, answer, context)
    return verdicts


def _facts(asked: Asked, check: model.Bound, known: Known) -> dict[str, model.Fact]:
    """Return the facts as the check sees them: by group only where both have the same groups."""
    each, found = check.check.each, {}
    for name, fact in known.facts.items():
        same = each is not None and asked.suite.facts[name].each == each
        found[name] = fact if same else dataclasses.replace(fact, by=None)
    return found | planning.calendar_facts(asked, check.at, each)


def _nights(
    asked: Asked, check: model.Bound, answer: model.Answer, history: History
) -> dict[model.Group, Sequence[model.Night]]:
    """Return the earlier nights of every group, by the subject of its findings; also of one that is there no more."""
    groups = {group for counts in answer.values.values() for group in counts}
    groups |= {model.WHOLE, *((name,) for name in check.check.expected)}
    named = {subject(asked, check, Verdict(Status.PASS, "", "", group=group)): group for group in groups}
    start = subject(asked, check, Verdict(Status.PASS, "", ""))
    found: dict[model.Group, Sequence[model.Night]] = {}
    for name, nights in history.items():
        if name in named:
            found[named[name]] = nights
        elif name.startswith(f"{start}[") and name.endswith("]"):
            found[(name[len(start) + 1 : -1],)] = nights
    return found


def subject(asked: Asked, check: model.Bound, verdict: Verdict) -> str:
    """Return what a finding is about: `<suite>.<table>.<check>`, its group in brackets, and the part of a verdict."""
    group = f"[{_shortened('/'.join(verdict.group))}]" if verdict.group else ""
    return f"{asked.name}.{check.id}{group}" + (f".{verdict.part}" if verdict.part else "")


def _shortened(group: str) -> str:
    """Return a group's name as it is, or its beginning and a digest when it is long."""
    if len(group) <= LONGEST_GROUP:
        return group
    return f"{group[:LONGEST_GROUP]}…{hashlib.sha256(group.encode()).hexdigest()[:8]}"


def _finding(asked: Asked, check: model.Bound, verdict: Verdict, find: Mapping[str, str]) -> Finding:
    bad = verdict.status in (Status.FAIL, Status.WARN)
    return Finding(
        subject=subject(asked, check, verdict),
        kind=check.check.kind,
        status=verdict.status,
        reason=verdict.reason,
        message=verdict.message,
        severity=check.check.severity,
        observed=verdict.observed,
        expected=verdict.expected,
        unit=verdict.unit,
        evidence={**verdict.evidence, **find} if bad else verdict.evidence,
        fix=None if verdict.status in (Status.PASS, Status.SKIP) else check.check.fix,
    )


def refused(asked: Asked, check: model.Bound, refusal: Refusal) -> Finding:
    """Return the finding that a check was not judged, and why."""
    status = Status.SKIP if refusal.skip else Status.ERROR
    return Finding(
        subject=subject(asked, check, Verdict(status, refusal.reason, "")),
        kind=check.check.kind,
        status=status,
        reason=refusal.reason,
        message=refusal.message,
        severity="info" if refusal.skip else check.check.severity,
        fix=None if refusal.skip else FIXES.get(refusal.reason),
    )


def _find(asked: Asked, check: model.Bound, known: Known) -> dict[str, str]:
    """Return the query that finds every row that a sample is of."""
    table = known.tables.get(check.table)
    made = planning.attempt(lambda: planning.question(asked, check, table)) if table else None
    if not isinstance(made, model.Question):
        return {}
    sampled = next((measure for measure in made.measures if measure.function in ("samples", "top")), None)
    if sampled is None:
        return {}
    ref = made.table.ref
    where = sql.every((made.window, sampled.where)) or sql.of("TRUE")
    rows = f"FROM `{ref.project}.{ref.dataset}.{ref.table}` WHERE {sql.shown(where)}"
    if sampled.function == "samples":
        keys = ", ".join(expressions.quoted(expressions.path(name)) for name in check.key)
        return {"find": f"SELECT {keys} {rows}"}
    return {"find": f"SELECT {sql.shown(sampled.of or where)} AS k, COUNT(*) AS n {rows} GROUP BY k HAVING n > 1"}


def _caused(check: model.Bound, found: Mapping[str, list[Finding]]) -> list[Finding]:
    """Return a check's findings; those that are not good carry the id of what is worst in a table before it."""
    own = found[check.id]
    cause = _worst(one for name, listed in found.items() if name.partition(".")[0] in check.after for one in listed)
    if cause is None:
        return own
    return [
        dataclasses.replace(one, caused_by=cause.id)
        if one.status in (Status.FAIL, Status.WARN, Status.UNKNOWN)
        else one
        for one in own
    ]


def _worst(listed: Iterable[Finding]) -> Finding | None:
    bad = [one for one in listed if one.status in (Status.FAIL, Status.ERROR)]
    return min(bad, key=lambda one: statuses.ORDER.index(one.status), default=None)
