"""What the validation suites last said of the pipeline's phases and signals, told again and not asked again; pure."""

import dataclasses
import datetime
from collections.abc import Iterator, Mapping, Sequence

from cloud_functions.daily_health_check import declaration
from cloud_functions.daily_health_check.doctor import schedules
from shared import deployment, errors, gamedays, history, report
from shared.report import Finding
from shared.statuses import Status

KIND = "pipeline"
RUNNER = "validation_runner"


@dataclasses.dataclass(frozen=True)
class Told:
    """What the ledger tells of the suites on one game day, or why it cannot be read."""

    runs: Sequence[history.Run] | errors.CloudError
    said: Sequence[history.Said] | errors.CloudError
    day: datetime.date
    now: datetime.datetime
    grace: datetime.timedelta
    game_day: gamedays.GameDay


def wanted(
    runs: Sequence[history.Run], declared: Sequence[declaration.Told], day: datetime.date
) -> tuple[history.Run, ...]:
    """Return the latest run of each declared suite that judged a day, all of it, and came to its end."""
    suites = {one.suite for one in declared}
    whole = (run for run in runs if run.function == RUNNER and run.day == day and run.scope in suites)
    whole = (run for run in whole if run.error_code is None)
    return history.latest(run for run in whole if not run.narrowed)


def findings(
    declared: Sequence[declaration.Told], told: Told, functions: Mapping[str, deployment.Function]
) -> tuple[Finding, ...]:
    """Return a finding for every declared check as it was last answered for the day, or why it is not known."""
    return tuple(finding for one in declared for finding in _suite(one, told, functions))


def _suite(one: declaration.Told, told: Told, functions: Mapping[str, deployment.Function]) -> Iterator[Finding]:
    problem = next((each for each in (told.runs, told.said) if isinstance(each, errors.CloudError)), None)
    if problem is not None:
        fix = "see that OPS_DATASET stands and that the account may read it"
        yield Finding(one.suite, KIND, Status.ERROR, problem.code, f"the ledger cannot be read: {problem}", fix=fix)
        return
    assert not isinstance(told.runs, errors.CloudError) and not isinstance(told.said, errors.CloudError)  # noqa: S101, PT018 - for the type checker
    run = next((run for run in wanted(told.runs, [one], told.day)), None)
    if run is None:
        yield _unreported(one, told, functions)
        return
    own = [said for said in told.said if said.run_id == run.run_id]
    yield from (_again(said, run) for said in own if one.wants(said.subject))
    for pattern in one.checks:
        if not any(one.matches(said.subject, pattern) for said in own):
            message = f"{pattern!r} matches no check in the last report of {one.suite} for {told.day}"
            fix = "correct `pipeline` in health.yaml, or look why the suite lost the check"
            yield Finding(f"{one.suite}.{pattern}", KIND, Status.ERROR, "no_such_check", message, fix=fix)


def _again(said: history.Said, run: history.Run) -> Finding:
    good = said.status in (Status.PASS, Status.SKIP)
    severity = said.severity if said.severity in ("critical", "warning", "info") else "critical"
    return Finding(
        subject=said.subject,
        kind=KIND,
        status=said.status,
        reason=said.reason,
        message=said.message,
        severity=severity,  # type: ignore[arg-type]  # the ledger holds what a report said, checked above
        observed=said.observed_text,
        expected=said.expected_text,
        unit=said.unit,
        evidence={"run": said.run_id, "at": report.iso(run.started_at)},
        fix=said.fix,
        caused_by=None if good else said.id,
    )


def _unreported(one: declaration.Told, told: Told, functions: Mapping[str, deployment.Function]) -> Finding:
    facts = functions.get(RUNNER)
    own = [each for each in facts.schedules if each.body.get("suite") == one.suite] if facts else []
    begun = gamedays.start(told.day, told.game_day)
    if own and not any(_due(each, begun, told) for each in own):
        message = f"{one.suite} is still to run for {told.day}: {', '.join(each.cron for each in own)}"
        return Finding(one.suite, KIND, Status.SKIP, "not_due", message, severity="info")
    return Finding(
        one.suite,
        KIND,
        Status.UNKNOWN,
        "not_reported",
        f"{one.suite} has no report for {told.day}",
        evidence={"checks": list(one.checks)},
        fix=f'run it: POST {RUNNER} {{"suite": "{one.suite}", "day": "{told.day}"}}',
        caused_by=f"reporter:{RUNNER}/{own[0].name}" if own else None,
    )


def _due(schedule: deployment.Schedule, begun: datetime.datetime, told: Told) -> bool:
    try:
        return schedules.previous(schedule.cron, schedule.time_zone, told.now - told.grace) >= begun
    except errors.InvalidDeclaration:
        return True
