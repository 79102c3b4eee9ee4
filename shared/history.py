"""What the ledger remembers, as values, and what a history tells of a finding: since when, for how long; pure.

A finding's standing is good (pass) or bad (fail, error, warn, unknown); a skip has none, and neither breaks nor extends
a streak.
"""

import dataclasses
import datetime
import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from shared import report
from shared.report import Finding
from shared.statuses import Status


@dataclasses.dataclass(frozen=True)
class Run:
    """One row of `runs`: what one run of a function came to.

    request: the parameters as understood. counts: findings per status. stage_hash and revision: which code answered.
    """

    run_id: str
    function: str
    scope: str | None
    day: datetime.date
    started_at: datetime.datetime
    status: Status
    complete: bool
    summary: str
    request: Mapping[str, Any]
    counts: Mapping[str, int]
    duration_ms: int
    bytes_billed: int | None
    stage_hash: str | None
    revision: str | None
    error_code: str | None
    error_message: str | None

    @property
    def narrowed(self) -> bool:
        """Whether only a part was asked for, so that the rest stands as the last whole run left it."""
        return bool(self.request.get("only"))


@dataclasses.dataclass(frozen=True)
class Said:
    """One row of `findings`: what one run said in one finding, in the words of `report.Finding`."""

    run_id: str
    function: str
    scope: str | None
    day: datetime.date
    started_at: datetime.datetime
    id: str
    subject: str
    kind: str
    status: Status
    reason: str
    severity: str
    observed_text: str | None
    expected_text: str | None
    unit: str | None
    message: str
    fix: str | None
    since: str | None
    streak: int | None
    change: str | None
    caused_by: str | None


@dataclasses.dataclass(frozen=True)
class Past:
    """What an earlier run said in one finding; day: under which it is filed; since and streak: as it wrote them."""

    id: str
    day: datetime.date
    started_at: datetime.datetime
    status: Status
    reason: str
    observed: float | None
    since: str | None
    streak: int | None


def latest(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Return the latest run of each function and scope, by these."""
    found = {(run.function, run.scope or ""): run for run in sorted(runs, key=lambda run: (run.started_at, run.run_id))}
    return tuple(found[key] for key in sorted(found))


def compared(
    findings: tuple[Finding, ...], past: Sequence[Past], *, started_at: datetime.datetime
) -> tuple[Finding, ...]:
    """Return each finding with since, streak, change and previous, given what earlier runs said, in any order.

    A streak goes on from the one that the latest earlier run wrote, so that it outlives the window of `past`; where
    none is written, the runs in the window are counted.
    """
    told = sorted((one for one in past if one.status is not Status.SKIP), key=lambda one: (one.day, one.started_at))
    latest_first: dict[str, list[Past]] = {}
    for one in reversed(told):
        latest_first.setdefault(one.id, []).append(one)
    return tuple(_compared(finding, latest_first.get(finding.id, []), started_at) for finding in findings)


def _compared(finding: Finding, past: list[Past], started_at: datetime.datetime) -> Finding:
    previous = past[0].observed if past else None
    if finding.status is Status.SKIP:
        return dataclasses.replace(finding, since=None, streak=None, change=None, previous=previous)
    good = _good(finding.status)
    same = itertools.takewhile(lambda one: _good(one.status) == good, past)
    since, streak = _standing(same, report.iso(started_at))
    change = _change(good=good, before=_good(past[0].status) if past else None)
    return dataclasses.replace(finding, since=since, streak=streak, change=change, previous=previous)


def _good(status: Status) -> bool:
    return status is Status.PASS


def _standing(same: Iterable[Past], since: str) -> tuple[str, int]:
    """Return since when a standing lasts and for how many runs, given the earlier runs of it, latest first."""
    streak = 1
    for one in same:
        since = one.since or report.iso(one.started_at)
        if one.streak:
            return since, streak + one.streak
        streak += 1
    return since, streak


def _change(*, good: bool, before: bool | None) -> Literal["new", "ongoing", "resolved"] | None:
    """Return what changed, given whether it is good now and whether it was before; before is None without history."""
    if good:
        return "resolved" if before is False else None
    return "ongoing" if before is False else "new"
