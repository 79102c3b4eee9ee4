"""The relay's decision: given what is remembered, what was reported and what is declared, what is told now; pure.

What is to be told is a debt of the remembered state, not of a moment: a message that is held back or killed is
still owed at the next call, and news that took itself back meanwhile is not.
"""

import collections
import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from cloud_functions.alert_relay import causes, declaration, entries, messages, news
from cloud_functions.alert_relay.state import Change, Entry, Message, State, Told, is_newer
from shared import statuses

Held = Literal["silenced", "quiet", "paced"]


@dataclasses.dataclass(frozen=True)
class Debt:
    """One finding of which something is to be told: what, and where to."""

    entry: Entry
    change: Change
    route: declaration.Route
    held: Held | None = None


@dataclasses.dataclass(frozen=True)
class Decision:
    """What is remembered from now on, with the new messages in its outbox; these messages; what is held back, and why.

    outdated: the reports that changed nothing, since something newer is known.
    """

    state: State
    messages: tuple[Message, ...]
    held: Mapping[Held, int]
    outdated: tuple[news.News, ...] = ()


def decide(
    state: State, reports: Sequence[news.News], declared: declaration.Alerts, now: datetime.datetime
) -> Decision:
    """Return what is told at `now`, given what is remembered and the reports that came in since, in any order."""
    outdated = []
    for said in sorted(reports, key=lambda one: one.started_at):
        if is_newer(state, said):
            state = entries.taken(state, said, declared.flapping)
        else:
            outdated.append(said)
    calm = tuple(entries.calmed(entry, declared.flapping, now) for entry in state.entries)
    debts = _debts(calm, declared, now)
    paced = _paced(state, debts, declared.burst, now)
    debts = [
        dataclasses.replace(debt, held="paced") if debt.held is None and debt.route.channel in paced else debt
        for debt in debts
    ]
    owed = [debt for debt in debts if debt.held is None]
    made = tuple(_messages(owed, calm, now))
    told = {debt.entry.key: _told(debt, now) for debt in owed}
    state = dataclasses.replace(
        state,
        entries=tuple(told.get(entry.key, entry) for entry in calm),
        outbox=(*state.outbox, *made),
        paced=_pace(state, made, declared.burst, now),
    )
    held = collections.Counter(debt.held for debt in debts if debt.held)
    return Decision(entries.kept(state, declared.flapping, now), made, dict(held), tuple(outdated))


def _debts(known: Sequence[Entry], declared: declaration.Alerts, now: datetime.datetime) -> list[Debt]:
    """Return what is owed, each with why it is held back; what follows from something told of is told under that."""
    found = [
        Debt(entry, change, route(entry, declared), _held(entry, declared, now))
        for entry in known
        if (change := due(entry, declared, now)) is not None
    ]
    roots = causes.roots(known)
    heard = {entry.key for entry in known if entry.told} | {debt.entry.key for debt in found if debt.held is None}
    alone = [debt for debt in found if debt.entry.key not in roots or roots[debt.entry.key].key not in heard]
    return [*alone, *_gathered(alone, known, declared, now)]


def due(entry: Entry, declared: declaration.Alerts, now: datetime.datetime) -> Change | None:
    """Return what is to be told of a finding, or None when everything is told."""
    if entries.is_gone(entry, now):
        return "gone" if entry.told else None
    old = entry.told is not None and now - entry.told.at >= _remind(declared)
    if entry.flapping:
        fresh = entry.told is None or not entry.told.flapping
        return "flapping" if fresh else "reminder" if old else None
    if not entry.bad:
        return "resolved" if entry.told else None
    if entry.told is None:
        return "new" if _confirmed(entry, declared, now) else None
    return "worse" if _worsened(entry, entry.told) else "reminder" if old else None


def _remind(declared: declaration.Alerts) -> datetime.timedelta:
    return datetime.timedelta(hours=declared.remind_hours)


def _confirmed(entry: Entry, declared: declaration.Alerts, now: datetime.datetime) -> bool:
    wanted: int = getattr(declared.confirm, entry.severity)
    return entry.streak >= wanted or now - entry.since >= _remind(declared)


def _worsened(entry: Entry, told: Told) -> bool:
    order = declaration.SEVERITIES
    worse = statuses.ORDER.index(entry.status) < statuses.ORDER.index(told.status)
    return worse or order.index(entry.severity) < order.index(told.severity)


def route(entry: Entry, declared: declaration.Alerts) -> declaration.Route:
    """Return the first route that takes a finding; the last one takes everything."""
    return next(one for one in declared.routes if _meant(entry, one.match))


def _meant(entry: Entry, match: declaration.Match) -> bool:
    return match.takes(function=entry.function, kind=entry.kind, subject=entry.subject, severity=entry.severity)


def _held(entry: Entry, declared: declaration.Alerts, now: datetime.datetime) -> Held | None:
    if any(silence.until > now and _meant(entry, silence.match) for silence in declared.silences):
        return "silenced"
    quiet = declared.quiet
    return "quiet" if quiet and entry.severity in quiet.severities and quiet.holds(now) else None


def _gathered(
    alone: Iterable[Debt], known: Iterable[Entry], declared: declaration.Alerts, now: datetime.datetime
) -> list[Debt]:
    """Return the reminders that are half due where one of the channel is due, so that they come together from then."""
    owed = {debt.entry.key for debt in alone}
    reminding = {debt.route.channel for debt in alone if debt.change == "reminder" and debt.held is None}
    roots = causes.roots(known)
    half = [
        Debt(entry, "reminder", route(entry, declared))
        for entry in known
        if entry.key not in owed
        and entry.key not in roots
        and (entry.bad or entry.flapping)
        and entry.told
        and now - entry.told.at >= _remind(declared) / 2
        and _held(entry, declared, now) is None
    ]
    return [debt for debt in half if debt.route.channel in reminding]


def _paced(state: State, debts: Iterable[Debt], burst: declaration.Burst, now: datetime.datetime) -> set[str]:
    """Return the channels that had their share of messages, and have to wait for the next one."""
    urgent = {
        debt.route.channel
        for debt in debts
        if debt.held is None and debt.entry.severity == "critical" and debt.change in ("new", "worse")
    }
    waiting = set()
    for channel, made in state.paced.items():
        recent = [one for one in made if now - one < datetime.timedelta(minutes=burst.minutes)]
        soon = channel in urgent and now - made[-1] >= datetime.timedelta(minutes=burst.critical_minutes)
        if len(recent) >= burst.messages and not soon:
            waiting.add(channel)
    return waiting


def _pace(
    state: State, made: Iterable[Message], burst: declaration.Burst, now: datetime.datetime
) -> dict[str, tuple[datetime.datetime, ...]]:
    recent = now - datetime.timedelta(minutes=burst.minutes)
    found = {name: tuple(one for one in instants if one > recent) for name, instants in state.paced.items()}
    for message in made:
        found[message.channel] = (*found.get(message.channel, ()), now)
    return {name: instants for name, instants in found.items() if instants}


def _messages(owed: Sequence[Debt], known: Sequence[Entry], now: datetime.datetime) -> Iterable[Message]:
    under = causes.under(known)
    by_channel: dict[str, list[Debt]] = collections.defaultdict(list)
    for debt in owed:
        by_channel[debt.route.channel].append(debt)
    for channel, debts in by_channel.items():
        items = [
            messages.item(debt.entry, debt.change, owner=debt.route.owner, under=under.get(debt.entry.key, ()))
            for debt in debts
        ]
        yield messages.message(channel, items, told=[debt.entry for debt in debts], now=now)


def _told(debt: Debt, now: datetime.datetime) -> Entry:
    """Return the entry after it was told of."""
    entry = debt.entry
    if debt.change in ("resolved", "gone"):
        return dataclasses.replace(entry, told=None)
    before = [entry.told.status] if entry.told else []
    told = Told(now, statuses.worst((entry.status, *before)), entry.severity, flapping=entry.flapping)
    return dataclasses.replace(entry, told=told)
