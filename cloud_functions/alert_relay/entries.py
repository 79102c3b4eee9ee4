"""What a report makes of what is remembered of each finding: since when it is bad, how often it changed; pure."""

import dataclasses
import datetime
from collections.abc import Iterable

from cloud_functions.alert_relay import declaration, news
from cloud_functions.alert_relay.state import Entry, State, latest
from shared.statuses import Status

KEPT_DAYS = 14
"""After how many days without a report of it a finding is forgotten, and told as no longer reported."""
FLIPS = 9
"""How many changes between good and bad are remembered, at least as many as make a finding flapping."""
LATEST_DAYS = 60
"""For how long the latest report of a function and scope is remembered."""


def taken(state: State, said: news.News, rules: declaration.Flapping) -> State:
    """Return the memory after a report that is newer than all that is known of its function and scope."""
    known = {entry.key: entry for entry in state.entries}
    for one in said.said:
        for scope in _scopes(one, said):
            key = (said.function, scope or "", one.id)
            about = dataclasses.replace(one, subject=news.place(said.function, scope)) if _of_run(one) else one
            made = _entry(known.get(key), about, dataclasses.replace(said, scope=scope), rules)
            if made:
                known[key] = made
    return dataclasses.replace(
        state, entries=tuple(known.values()), latest={**state.latest, said.place: latest(state, said)}
    )


def _scopes(one: news.Said, said: news.News) -> Iterable[str | None]:
    """Return the scopes that a finding speaks of; a run that came to its end clears one that failed without a scope."""
    cleared = _of_run(one) and one.status in news.GOOD
    return dict.fromkeys((said.scope, None)) if cleared else (said.scope,)


def _of_run(one: news.Said) -> bool:
    return one.id == news.RUN_FAILED


def _entry(known: Entry | None, one: news.Said, said: news.News, rules: declaration.Flapping) -> Entry | None:
    """Return what is remembered of a finding, given what was before; None for one that is good, as it always was."""
    bad, was_bad = one.status not in news.GOOD, known is not None and known.bad
    if one.status is Status.SKIP or (known is None and not bad) or (known and said.started_at <= known.seen):
        return known
    same = known if bad == was_bad else None
    flips = _flips(known, None if same else said.started_at, rules)
    return Entry(
        function=said.function,
        scope=said.scope,
        id=one.id,
        subject=one.subject,
        kind=one.kind,
        status=one.status,
        reason=one.reason,
        severity=one.severity,
        message=one.message,
        fix=one.fix,
        caused_by=one.caused_by,
        since=same.since if same else _since(one, said.started_at),
        seen=said.started_at,
        run_id=said.run_id,
        streak=same.streak + 1 if same else 1,
        flips=flips,
        flapping=(known is not None and known.flapping) or (same is None and len(flips) >= rules.flips),
        told=known.told if known else None,
    )


def _flips(
    known: Entry | None, flipped: datetime.datetime | None, rules: declaration.Flapping
) -> tuple[datetime.datetime, ...]:
    """Return when a finding changed between good and bad, the latest change included; flipped: None without one."""
    before = known.flips if known else ()
    if flipped is None:
        return before
    earliest = flipped - datetime.timedelta(hours=rules.within_hours)
    recent = (*(flip for flip in before if flip > earliest), flipped)
    return recent[-max(rules.flips, FLIPS) :]


def _since(one: news.Said, started_at: datetime.datetime) -> datetime.datetime:
    """Return when a state began: as the reporter knows it from its history, where that is an instant of the past."""
    try:
        found = datetime.datetime.fromisoformat(one.since or "")
    except ValueError:
        return started_at
    return found if found.tzinfo and found <= started_at else started_at


def calmed(entry: Entry, rules: declaration.Flapping, now: datetime.datetime) -> Entry:
    """Return the entry, no longer flapping once it stood still for long enough."""
    if not entry.flapping or now - entry.flips[-1] < datetime.timedelta(hours=rules.calm_hours):
        return entry
    told = dataclasses.replace(entry.told, flapping=False) if entry.told else None
    return dataclasses.replace(entry, flapping=False, told=told)


def is_gone(entry: Entry, now: datetime.datetime) -> bool:
    """Return whether no report spoke of the finding for so long that it is forgotten."""
    return now - entry.seen >= datetime.timedelta(days=KEPT_DAYS)


def kept(state: State, rules: declaration.Flapping, now: datetime.datetime) -> State:
    """Return the memory without what need not be remembered: findings that are good and told so, and old reports."""
    recent = now - datetime.timedelta(hours=rules.within_hours)
    entries = tuple(
        entry
        for entry in state.entries
        if entry.told or (not is_gone(entry, now) and (entry.bad or (entry.flips and entry.flips[-1] > recent)))
    )
    oldest = now - datetime.timedelta(days=LATEST_DAYS)
    runs = {name: run for name, run in state.latest.items() if run.started_at > oldest}
    return dataclasses.replace(state, entries=entries, latest=runs)
