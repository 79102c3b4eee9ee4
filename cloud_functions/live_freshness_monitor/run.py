"""One run from beginning to end: declare, ask, answer, judge; and where the site is bad, export and look again."""

import concurrent.futures
import dataclasses
import datetime
import time
from collections.abc import Mapping
from typing import Any

from cloud_functions.live_freshness_monitor import declaration, judge, retrying, schedule, seen, site
from shared import contract, declarations, errors, gamedays, pipeline, settings
from shared.contract import Outcome
from shared.gcp import invoking
from shared.report import Finding

Given = contract.Run[declaration.Declared, declaration.Request]
NAME = "live_freshness_monitor"
LEASE_SECONDS = 60.0
RESERVE = 60.0
"""Seconds of the function's time that no call of live_export may take: to look once more, and to deliver."""
SHORTEST = 1.0
"""Seconds below which no call is begun."""


@dataclasses.dataclass(frozen=True)
class _Clock:
    """The run's one `now`, carried on: what a call publishes is dated after the run began.

    monotonic: that instant by the monotonic clock. seconds: of the run, in which calls may be made.
    """

    start: datetime.datetime
    monotonic: float
    seconds: float

    def now(self) -> datetime.datetime:
        """Return the instant that it is by now."""
        return self.start + datetime.timedelta(seconds=time.monotonic() - self.monotonic)

    def left(self) -> float:
        """Return the seconds that are left for calls."""
        return self.monotonic + self.seconds - time.monotonic()


def declared(deployed: settings.Settings) -> declaration.Declared:
    """Return what is declared for this deployment; raise InvalidDeclaration with every mistake."""
    path = deployed.declaration(NAME, declaration.NAME)
    return declaration.Declared(
        declarations.load(declaration.Freshness, path, environment=deployed.environment),
        declarations.load(pipeline.Pipeline, deployed.pipeline(), environment=deployed.environment),
    )


def reach(agreed: declaration.Declared) -> contract.Reach:
    """Return the dataset of the calendar; the site is read as everybody reads it."""
    calendar = agreed.pipeline.calendar
    return contract.Reach((), (calendar.table.partition(".")[0],) if calendar else ())


def watch(given: Given) -> Outcome:
    """Return what a browser finds on the site, and what became of a call for a new export."""
    clock = _Clock(given.now, time.monotonic(), given.settings.timeout - RESERVE)
    today = gamedays.of(given.now, given.declared.pipeline.game_day)
    day = given.request.day or today
    wanted = tuple(one for one in given.declared.freshness.documents if given.request.wants(one.id))
    if not wanted:
        known = ", ".join(one.id for one in given.declared.freshness.documents)
        raise errors.InvalidRequest([f"only: matches no watched document; there are {known}"])
    asked, before = _first(given, wanted, clock, today=today)
    told, after = _retried(given, asked, before, clock)
    found = (*after, told)
    return Outcome(
        judge.summary(asked, found),
        found,
        as_of=given.now,
        scans=1 + bool(given.declared.freshness.grace),
        bytes_limit=schedule.BYTES,
        day=day,
        kept=not given.request.dry_run,
    )


def _first(
    given: Given, wanted: tuple[declaration.Document, ...], clock: _Clock, *, today: datetime.date
) -> tuple[seen.Asked, tuple[Finding, ...]]:
    """Return what is judged, and what a first look finds; calendar and site are read side by side."""
    day, unknown = given.request.day or today, errors.Unavailable("the calendar was not read yet")
    asked = seen.Asked(given.declared.freshness, wanted, day, day == today, given.now, unknown)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        coming = pool.submit(schedule.night, given, day)
        read = site.look(asked)
        asked = dataclasses.replace(asked, night=coming.result(), now=clock.now())
    return asked, judge.findings(asked, read)


def _retried(
    given: Given, asked: seen.Asked, before: tuple[Finding, ...], clock: _Clock
) -> tuple[Finding, tuple[Finding, ...]]:
    """Return what became of the retry, and what is found at the last look."""
    wanted = retrying.body(asked, before)
    if wanted is None:
        return retrying.unneeded(), before
    export = asked.declared.export
    if given.request.dry_run or export is None or not export.tries:
        return retrying.untried("dry_run" if given.request.dry_run else "not_declared", wanted), before
    tries: list[retrying.Try] = []
    after = before
    while wanted is not None and len(tries) < export.tries:
        seconds = min(export.seconds, clock.left())
        if seconds < SHORTEST or given.stop():
            break
        answer = _called(export.url, wanted, seconds=seconds)
        after = after if isinstance(answer, errors.CloudError) else _again(asked, clock)
        tries.append(retrying.Try(wanted, answer, after))
        wanted = retrying.body(asked, after)
    return (retrying.told(before, tries) if tries else retrying.untried("no_time", wanted or {"only": []})), after


def _called(url: str, wanted: Mapping[str, Any], *, seconds: float) -> dict[str, Any] | errors.CloudError:
    try:
        return invoking.call(url, wanted, seconds=seconds)
    except errors.CloudError as error:
        return error


def _again(asked: seen.Asked, clock: _Clock) -> tuple[Finding, ...]:
    """Return what is found once no cache can hold any more what was there before the call."""
    time.sleep(asked.declared.again_seconds)
    read = site.look(asked)
    return judge.findings(dataclasses.replace(asked, now=clock.now()), read)
