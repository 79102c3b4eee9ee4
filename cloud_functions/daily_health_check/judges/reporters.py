"""Whether each reporter spoke when its schedule said so, and whether what it said can be believed; pure.

Silence is a failure: a function that answers every call with 200 looks well to the platform when it is dead.
"""

import dataclasses
import datetime
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from cloud_functions.daily_health_check.doctor import schedules
from shared import deployment, errors, history, report
from shared.report import Finding
from shared.statuses import Status

KIND = "reporter"
EARLY = datetime.timedelta(minutes=2)
"""How far before its tick a run may begin and still be the tick's; and how far ahead a clock may be."""
MOST_TICKS = 1000
WATCHED = "while it does not run at all, the alert policy of deploy/monitoring/dead_man.json tells"
"""Who watches the watcher."""


@dataclasses.dataclass(frozen=True)
class Heard:
    """What the ledger tells: the runs since some time ago, or why it cannot be read; own: the name of who asks.

    updated: when a job, by its short name, was last changed by a person: its earlier ticks were not its own; None when
    jobs could not be listed. days: the game days that a run may have been asked for by name and count all the same.
    """

    runs: Sequence[history.Run] | errors.CloudError
    now: datetime.datetime
    grace: datetime.timedelta
    region: str
    own: str
    updated: Mapping[str, datetime.datetime] | None
    days: frozenset[str] = frozenset()


def findings(functions: Mapping[str, deployment.Function], heard: Heard) -> tuple[Finding, ...]:
    """Return one finding for every declared schedule of every function, and one for each clock that is ahead."""
    found = [
        _judged(name, schedule, heard) for name, facts in sorted(functions.items()) for schedule in facts.schedules
    ]
    return (*found, *_ahead(heard))


def _judged(name: str, schedule: deployment.Schedule, heard: Heard) -> Finding:
    subject = f"{name}/{schedule.name}"
    if isinstance(heard.runs, errors.CloudError):
        fix = "see that OPS_DATASET stands and that the account may read it; until then nobody knows who reported"
        return Finding(
            subject, KIND, Status.ERROR, heard.runs.code, f"the ledger cannot be read: {heard.runs}", fix=fix
        )
    try:
        tick = schedules.previous(schedule.cron, schedule.time_zone, heard.now - heard.grace)
    except errors.InvalidDeclaration as error:
        fix = f"mend the cron of {schedule.name} in {name}'s function.yaml"
        return Finding(subject, KIND, Status.ERROR, "bad_schedule", str(error), fix=fix)
    known = [run for run in heard.runs if run.started_at <= heard.now + EARLY]
    own = [run for run in known if run.function == name and covers(run.request, schedule.body, heard.days)]
    latest = max(own, key=lambda run: run.started_at, default=None)
    if latest is not None and latest.started_at >= tick - EARLY:
        return _spoken(subject, latest)
    changed = (heard.updated or {}).get(schedule.name)
    if changed and changed > tick:
        said = f"its job was changed at {report.iso(changed)}; its first tick is still to come"
        return Finding(subject, KIND, Status.SKIP, "not_due", said, severity="info")
    return _silent(subject, schedule, heard, latest) if latest else _never(subject, name, schedule, heard, tick)


def covers(request: Mapping[str, Any], body: Mapping[str, Any], days: Collection[str] = ()) -> bool:
    """Return whether a run with these parameters did what a schedule with that body asks for, and nothing else.

    Whatever else was given makes another call of it: a part, another instant, a message. Only a day among `days` does
    not.
    """
    more = {name: value for name, value in request.items() if name not in body and value}
    asked = all(request.get(name) == value for name, value in body.items())
    return asked and (not more or (set(more) == {"day"} and more["day"] in days))


def _never(subject: str, name: str, schedule: deployment.Schedule, heard: Heard, tick: datetime.datetime) -> Finding:
    if name == heard.own:
        return Finding(subject, KIND, Status.SKIP, "first_run", "this is the first run that is kept", severity="info")
    open_ = "" if heard.updated is not None else "; whether its job is new could not be asked"
    return Finding(
        subject,
        KIND,
        Status.UNKNOWN if open_ else Status.FAIL,
        "never_reported",
        f"no report was ever kept; the last one was due at {report.iso(tick)}{open_}",
        evidence={"cron": f"{schedule.cron} {schedule.time_zone}"},
        fix=_fix(schedule, heard),
    )


def _silent(subject: str, schedule: deployment.Schedule, heard: Heard, latest: history.Run) -> Finding:
    missed = _missed(schedule, latest.started_at, heard.now - heard.grace)
    hours = (heard.now - latest.started_at).total_seconds() / 3600
    return Finding(
        subject,
        KIND,
        Status.FAIL,
        "silent",
        f"the last report is {hours:,.1f} h old; {missed} tick(s) of {schedule.cron!r} went by without one",
        observed=missed,
        expected=0,
        unit="ticks",
        evidence={"last_run": latest.run_id, "cron": f"{schedule.cron} {schedule.time_zone}"},
        fix=_fix(schedule, heard) + (f"; {WATCHED}" if latest.function == heard.own else ""),
    )


def _missed(schedule: deployment.Schedule, since: datetime.datetime, until: datetime.datetime) -> int:
    """Return how many ticks lie between two instants, counted back from the later one."""
    missed, tick = 0, schedules.previous(schedule.cron, schedule.time_zone, until)
    while tick > since + EARLY and missed < MOST_TICKS:
        missed += 1
        tick = schedules.previous(schedule.cron, schedule.time_zone, tick - datetime.timedelta(seconds=1))
    return missed


def _spoken(subject: str, latest: history.Run) -> Finding:
    evidence = {"run": latest.run_id, "at": report.iso(latest.started_at)}
    if contradicts(latest):
        message = f"it says {latest.status.value} with complete={latest.complete}, and counts that say otherwise"
        fix = f"do not believe the report {latest.run_id}; read its object, and mend the function"
        return Finding(subject, KIND, Status.FAIL, "contradictory", message, evidence=evidence, fix=fix)
    if latest.error_code:
        message = f"it reported, but could not do its work: {latest.error_code}: {latest.error_message}"
        fix = f"look up {latest.run_id} in its log"
        return Finding(subject, KIND, Status.FAIL, "run_failed", message, evidence=evidence, fix=fix)
    if not latest.complete:
        count = latest.counts.get(Status.ERROR.value, 0)
        message = f"it reported, but could not judge {count} thing(s): {latest.summary}"
        fix = f"read the findings with status error of {latest.run_id}"
        return Finding(subject, KIND, Status.WARN, "incomplete", message, evidence=evidence, fix=fix)
    return Finding(subject, KIND, Status.PASS, "heard", f"reported at {evidence['at']}: {latest.status.value}")


def contradicts(run: history.Run) -> bool:
    """Return whether a run's own words exclude each other: good without having judged all, or against its counts."""
    bad = [status for status in (Status.FAIL, Status.ERROR) if run.counts.get(status.value)]
    if run.status in (Status.PASS, Status.SKIP):
        return not run.complete or bool(bad) or bool(run.error_code)
    return run.status is not Status.FAIL and Status.FAIL in bad


def _ahead(heard: Heard) -> Iterator[Finding]:
    """Yield that a function's reports lie in the future: they count as nothing heard."""
    if isinstance(heard.runs, errors.CloudError):
        return
    ahead = [run for run in heard.runs if run.started_at > heard.now + EARLY]
    for name in sorted({run.function for run in ahead}):
        latest = max(run.started_at for run in ahead if run.function == name)
        seconds = round((latest - heard.now).total_seconds())
        yield Finding(
            f"{name}/clock",
            KIND,
            Status.FAIL,
            "clock_skew",
            f"a report is dated {seconds} s ahead of now; it does not count as heard",
            observed=seconds,
            expected=0,
            unit="s",
            fix="find out which of the two clocks is wrong: that of the ledger's writer, or that of this function",
        )


def _fix(schedule: deployment.Schedule, heard: Heard) -> str:
    place = f"{shlex.quote(schedule.name)} --location={shlex.quote(heard.region)}"
    return f"gcloud scheduler jobs describe {place} (state, last attempt); then gcloud scheduler jobs run {place}"
