"""The status page: the last reports of all functions as one HTML document that loads nothing and runs nothing; pure."""

import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence
from urllib import parse

from cloud_functions.daily_health_check.page import (
    charts,
    phrases,
    standings,
    style,
    tables,
    troubles,
)
from shared import history, statuses
from shared.statuses import Status

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
SILENCE = datetime.timedelta(hours=26)
"""Some reporter runs every day: after so long without any, what the ledger says is old."""
HEADLINES = {
    Status.FAIL: "Failing",
    Status.ERROR: "Not everything could be judged",
    Status.WARN: "Worth a look",
    Status.UNKNOWN: "Too little evidence",
    Status.PASS: "All good",
    Status.SKIP: "Nothing was judged",
}


@dataclasses.dataclass(frozen=True)
class Told:
    """What the page is made of.

    runs: of the last 14 days, in any order. said: all findings of the runs that `shown` names. expected: when each
    function is due, in words. problem: why the ledger could not be read. day: the game day.
    """

    runs: tuple[history.Run, ...]
    said: tuple[history.Said, ...]
    expected: Mapping[str, str]
    problem: str | None
    project: str
    day: datetime.date


@dataclasses.dataclass(frozen=True)
class _Verdict:
    """The one line: a status, what it comes to, and what to know about how far it can be trusted."""

    status: Status
    headline: str
    newest: datetime.datetime | None
    caution: str | None


def render(told: Told, now: datetime.datetime) -> str:
    """Return the page as one HTML document, given what is known and the instant to which its times relate."""
    known = standings.known(told.runs, told.said, expected=told.expected, project=told.project, now=now)
    found = standings.unread(known) if told.problem else known
    verdict = _verdict(told, found, now)
    body = (
        f"{phrases.glyphs()}{_header(told, found, verdict, now)}"
        f"<main>{_wrong(told, found, verdict, now)}{_reporters(found, now)}{_good(found)}</main>{_footer(told, now)}"
    )
    title = phrases.escape(f"{verdict.headline} · {told.project}")
    head = _head(title, verdict.status)
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body class="{verdict.status}">{body}</body></html>\n'


def shown(runs: Iterable[history.Run]) -> tuple[history.Run, ...]:
    """Return the runs whose findings the page shows, one of each function and scope, given those of 14 days."""
    return standings.shown(runs)


def _head(title: str, status: Status) -> str:
    dot = f"<circle cx='8' cy='8' r='7' fill='{style.ACCENTS[status]}'/>"
    icon = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>{dot}</svg>"
    return (
        '<meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex"><meta name="color-scheme" content="light dark">'
        f'<title>{title}</title><link rel="icon" href="data:image/svg+xml,{parse.quote(icon)}">'
        f"<style>{style.CSS}</style>"
    )


def _verdict(told: Told, found: Sequence[standings.Reporter], now: datetime.datetime) -> _Verdict:
    newest = max((run.started_at for run in told.runs), default=None)
    worst = statuses.worst(one.status for one in found)
    if told.problem:
        return _Verdict(Status.ERROR, "The ledger could not be read", newest, told.problem)
    if not told.runs and not told.said:
        return _Verdict(Status.UNKNOWN, "Nothing has been reported", None, None)
    counts = troubles.counted(said for one in found for said in one.wrong)
    if newest is None or now - newest <= SILENCE:
        return _Verdict(worst, _headline(worst, counts, found), newest, None)
    worst = statuses.worst((worst, Status.UNKNOWN))
    caution = f"No reporter has reported for {phrases.ago(newest, now).removesuffix(' ago')}: what follows is old."
    return _Verdict(worst, _headline(worst, counts, found), newest, caution)


def _headline(worst: Status, counts: str, found: Sequence[standings.Reporter]) -> str:
    passed = sum(said.status is Status.PASS for one in found for said in one.good)
    tail = counts or (f"{passed:,} pass" if worst is Status.PASS else "")
    return f"{HEADLINES[worst]}: {tail}" if tail else HEADLINES[worst]


def _header(told: Told, found: Sequence[standings.Reporter], verdict: _Verdict, now: datetime.datetime) -> str:
    word, _, rest = verdict.headline.partition(": ")
    counts = ", ".join(f"<span>{phrases.escape(count)}</span>" for count in rest.split(", ") if count)
    heading = f"<b>{phrases.escape(word)}</b>" + (f": {counts}" if counts else "")
    caution = f'<p class="caution">{phrases.escape(verdict.caution)}</p>' if verdict.caution else ""
    wrong = sum(len(one.wrong) for one in found)
    good = sum(len(one.good) for one in found)
    links = (("wrong", _title(told), wrong), ("reporters", "Reporters", len(found)), ("good", "Good", good))
    jumps = "".join(
        f'<a href="#{key}">{name} <span>{count:,}</span></a>' for key, name, count in links if count or key != "good"
    )
    place = f"Pressbox <span>{phrases.escape(told.project)}</span> <span>game day {told.day}</span>"
    return (
        f'<header><p class="place">{place}</p>'
        f"<h1>{phrases.mark(verdict.status)}<span>{heading}</span></h1>"
        f'{caution}<p class="as-of">{_as_of(verdict, now)}</p>'
        f'<nav aria-label="On this page">{jumps}</nav></header>'
    )


def _as_of(verdict: _Verdict, now: datetime.datetime) -> str:
    if verdict.newest is None:
        return f"As of {phrases.instant(now)}"
    return f"As of {phrases.when(verdict.newest, now)}, {phrases.instant(verdict.newest)}"


def _wrong(told: Told, found: Sequence[standings.Reporter], verdict: _Verdict, now: datetime.datetime) -> str:
    groups = troubles.section(found, now)
    return _section("wrong", _title(told), groups or f'<p class="calm">{_calm(told, verdict)}</p>')


def _title(told: Told) -> str:
    return "Wrong when last known" if told.problem else "Wrong now"


def _calm(told: Told, verdict: _Verdict) -> str:
    """Return the sentence that stands where nothing is known to be wrong; it is only good news when all is well."""
    if told.problem:
        return "Not known: the ledger could not be read."
    if verdict.status is Status.PASS:
        return f"{phrases.mark(Status.PASS)} Nothing. Everything that was judged is good."
    return "Nothing is known to be wrong, and too little is known to call it good."


def _reporters(found: Sequence[standings.Reporter], now: datetime.datetime) -> str:
    inner = (
        tables.reporters(found, now) + _legend() if found else '<p class="calm">No function is expected to report.</p>'
    )
    return _section("reporters", "Reporters", inner)


def _legend() -> str:
    keys = "".join(f"<li>{charts.sample(status)}{status.value}</li>" for status in Status)
    return f'<div class="legend"><p>One bar for each run, by day (UTC), today at the right:</p><ul>{keys}</ul></div>'


def _good(found: Sequence[standings.Reporter]) -> str:
    inner = tables.good(found)
    return _section("good", "Good", inner) if inner else ""


def _section(key: str, title: str, inner: str) -> str:
    return f'<section id="{key}" class="part" aria-labelledby="h-{key}"><h2 id="h-{key}">{title}</h2>{inner}</section>'


def _footer(told: Told, now: datetime.datetime) -> str:
    utc = now.astimezone(datetime.UTC)
    made = f'<time datetime="{utc:%Y-%m-%dT%H:%M:%SZ}">{utc:%Y-%m-%d %H:%M:%S} UTC</time>'
    return (
        f"<footer><p>Made {made} from the ledger of {phrases.escape(told.project)}. Relative times count from then; "
        "load the page again for newer ones.</p></footer>"
    )
