"""From runs and findings to what the page knows of each reporter, a function and one of its scopes; pure.

A run's own status is believed only as far as everything else agrees: where its findings, its counts or its error say
worse, where they are missing, and where nothing was reported, the page makes a finding of its own, of kind `report`.
"""

import collections
import dataclasses
import datetime
import itertools
import json
import shlex
from collections.abc import Iterable, Mapping, Sequence

from cloud_functions.daily_health_check.page import charts, phrases
from shared import history, report, statuses
from shared.statuses import Status

BAD = (Status.FAIL, Status.ERROR, Status.WARN, Status.UNKNOWN)
KIND = "report"
REASONS = frozenset({"contradictory", "findings_missing", "never_reported", "run_missing"})
"""The reasons of the page's own findings, beside the error code of a run that failed."""
Key = tuple[str, str | None]


@dataclasses.dataclass(frozen=True)
class _Frame:
    """What every reporter is told in: the project whose log is read, and the instant of the page."""

    project: str
    now: datetime.datetime


@dataclasses.dataclass(frozen=True)
class Reporter:
    """A function and a scope, its runs from the oldest to the newest, and what its findings say.

    judged: the latest run that judged something, else the latest one: a run that skips everything takes nothing back.
    said: what `judged` said. status: never better than the evidence. word: instead of the status, where that is told
    otherwise. own: what the page itself has to say of it.
    """

    function: str
    scope: str | None
    runs: tuple[history.Run, ...]
    judged: history.Run | None
    said: tuple[history.Said, ...]
    status: Status
    word: str | None = None
    own: tuple[history.Said, ...] = ()

    @property
    def name(self) -> str:
        """The function, and the scope if there is one."""
        return f"{self.function} · {self.scope}" if self.scope else self.function

    @property
    def good(self) -> tuple[history.Said, ...]:
        """What may be told as good: nothing of a report that is not believed."""
        return () if self.word else tuple(one for one in self.said if one.status in (Status.PASS, Status.SKIP))

    @property
    def wrong(self) -> tuple[history.Said, ...]:
        """What is not good: what the page says of the report, then what the report says."""
        return self.own + tuple(one for one in self.said if one.status in BAD)


def known(
    runs: Iterable[history.Run],
    said: Iterable[history.Said],
    *,
    expected: Mapping[str, str],
    project: str,
    now: datetime.datetime,
) -> tuple[Reporter, ...]:
    """Return every reporter that has run, or was expected to, by name.

    expected: when a function is due, in words. project: where its log is.
    """
    frame = _Frame(project, now)
    by_run: dict[Key, list[history.Run]] = collections.defaultdict(list)
    by_said: dict[Key, list[history.Said]] = collections.defaultdict(list)
    for run in sorted(runs, key=lambda run: (run.started_at, run.run_id)):
        by_run[run.function, run.scope].append(run)
    for one in said:
        by_said[one.function, one.scope].append(one)
    keys = {*by_run, *by_said}
    found = [_reporter(key, by_run.get(key, []), by_said.get(key, []), frame) for key in keys]
    silent = [_never(name, due, frame) for name, due in expected.items() if all(name != key[0] for key in keys)]
    return tuple(sorted([*found, *silent], key=lambda one: (one.function, one.scope or "")))


def unread(found: Iterable[Reporter]) -> tuple[Reporter, ...]:
    """Return the reporters as they stand when the ledger could not be read: nothing is good, and nothing is missing."""
    return tuple(
        dataclasses.replace(one, runs=(), own=(), status=Status.UNKNOWN, word="not known")
        if one.status not in BAD or not one.judged
        else dataclasses.replace(one, runs=(), own=(), word="not current")
        for one in found
    )


def points(reporter: Reporter) -> list[charts.Point]:
    """Return when each run began and its status, never better than the run's own evidence."""
    return [(run.started_at, reporter.status if run is reporter.judged else _evident(run, ())) for run in reporter.runs]


def _evident(run: history.Run, said: Iterable[history.Said]) -> Status:
    counted = (status for status in Status if run.counts.get(status.value, 0))
    own = () if run.complete and not run.error_code else (Status.ERROR,)
    return statuses.worst((run.status, *own, *counted, *(one.status for one in said)))


def shown(runs: Iterable[history.Run]) -> tuple[history.Run, ...]:
    """Return of each function and scope the latest run that judged something whole, else the latest one.

    A run that skips everything, on a day without games, takes nothing back; nor does one that was asked for a part.
    """
    latest: dict[Key, history.Run] = {}
    for run in sorted(runs, key=_telling):
        latest[run.function, run.scope] = run
    return tuple(latest.values())


def _telling(run: history.Run) -> tuple[bool, bool, datetime.datetime, str]:
    """Return how much a run tells of how things stand, to sort by: whole before narrowed, judged before skipped."""
    return not run.narrowed, _evident(run, ()) is not Status.SKIP, run.started_at, run.run_id


def _reporter(key: Key, runs: Sequence[history.Run], said: Sequence[history.Said], frame: _Frame) -> Reporter:
    if not runs:
        message = "The ledger has findings of it, and no run that they are of."
        gone = _own(key, "run_missing", message, frame, fix=_log(key[0], frame))
        return Reporter(*key, (), None, tuple(said), _worst(said, (gone,)), "contradictory", (gone,))
    (judged,) = shown(runs)
    its = tuple(one for one in said if one.run_id == judged.run_id)
    own = tuple(_doubts(judged, runs, its, frame))
    evident = _evident(judged, its)
    word = "contradictory" if evident is not judged.status else "not known" if own and evident not in BAD else None
    return Reporter(*key, tuple(runs), judged, its, statuses.worst((evident, _worst(own))), word, own)


def _worst(*said: Iterable[history.Said]) -> Status:
    return statuses.worst(one.status for one in itertools.chain(*said))


def _doubts(
    judged: history.Run, runs: Sequence[history.Run], its: Sequence[history.Said], frame: _Frame
) -> Iterable[history.Said]:
    """Yield what stands against a run: it says better than it shows, it failed, its findings are gone."""
    key, fix = (judged.function, judged.scope), _log(judged.run_id, frame)
    evident, counted = _evident(judged, its), sum(judged.counts.values())
    if evident is not judged.status:
        but = "is not complete" if not judged.complete else f"shows {evident.value}"
        message = f"The report says {judged.status.value}, but {but}: it is not believed."
        yield _own(key, "contradictory", message, frame, fix=fix)
    if judged.error_code:
        failing = list(itertools.takewhile(lambda run: run.error_code, reversed(runs[: runs.index(judged) + 1])))
        message = judged.error_message or "The run as a whole could not do its work."
        whole = _own(key, judged.error_code, message, frame, fix=fix)
        yield dataclasses.replace(whole, since=report.iso(failing[-1].started_at), streak=len(failing))
    if counted > len(its):
        message = f"The run counted {phrases.amount(counted, 'finding')}; the ledger shows {len(its):,} of them."
        yield _own(key, "findings_missing", message, frame, fix=fix)


def _never(name: str, due: str, frame: _Frame) -> Reporter:
    message = f"The ledger holds no run of it in the last {charts.DAYS} days; it is due {due}."
    own = _own((name, None), "never_reported", message, frame, fix=_log(name, frame))
    own = dataclasses.replace(own, status=Status.UNKNOWN)
    return Reporter(name, None, (), None, (), Status.UNKNOWN, "never reported", (own,))


def _own(key: Key, reason: str, message: str, frame: _Frame, *, fix: str) -> history.Said:
    """Return a finding of the page itself, an error, since what it is about cannot be judged."""
    subject = "/".join(part for part in key if part)
    return history.Said(
        run_id="",
        function=key[0],
        scope=key[1],
        day=frame.now.date(),
        started_at=frame.now,
        id=f"{KIND}:{subject}",
        subject=subject,
        kind=KIND,
        status=Status.ERROR,
        reason=reason,
        severity="critical",
        observed_text=None,
        expected_text=None,
        unit=None,
        message=message,
        fix=fix,
        since=None,
        streak=None,
        change=None,
        caused_by=None,
    )


def _log(word: str, frame: _Frame) -> str:
    """Return the command that shows the log entries which hold a word: a run's id, or a function's name."""
    window = f"--freshness={charts.DAYS}d --limit=20"
    return f"gcloud logging read {shlex.quote(json.dumps(word))} --project={frame.project} {window}"
