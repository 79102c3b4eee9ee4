"""A message as a value: what it tells of each finding, and what its title says first; pure."""

import collections
import datetime
import hashlib
import json
from collections.abc import Iterable, Sequence

from cloud_functions.alert_relay import declaration
from cloud_functions.alert_relay.state import CHANGES, Change, Entry, Item, Message, Under
from shared import report, statuses

WORDS: dict[Change, str] = {
    "new": "new",
    "worse": "worse",
    "flapping": "flapping",
    "resolved": "resolved",
    "reminder": "still bad",
    "gone": "no longer reported",
}


def item(entry: Entry, change: Change, *, owner: str, under: tuple[Under, ...]) -> Item:
    """Return what a message tells of a finding."""
    return Item(
        change=change,
        function=entry.function,
        scope=entry.scope,
        subject=entry.subject,
        kind=entry.kind,
        status=entry.status,
        reason=entry.reason,
        severity=entry.severity,
        message=entry.message,
        fix=entry.fix if change not in ("resolved", "gone") else None,
        since=entry.since,
        seen=entry.seen,
        owner=owner,
        flips=len(entry.flips) if entry.flapping else 0,
        under=under if change not in ("resolved", "gone") else (),
    )


def message(channel: str, items: Sequence[Item], *, told: Iterable[Entry], now: datetime.datetime) -> Message:
    """Return one message of all items, what matters most first; told: the entries of these as they were before."""
    ordered = sorted(items, key=_order)
    owners = ", ".join(sorted({one.owner for one in ordered}))
    return Message(
        id=_id(channel, items, told),
        channel=channel,
        owner=owners,
        title=title(ordered),
        summary=summary(ordered),
        items=tuple(ordered),
        created=now,
        next_try=now,
    )


def _order(one: Item) -> tuple[int, int, int, str, str]:
    severity = declaration.SEVERITIES.index(one.severity)
    return CHANGES.index(one.change), severity, statuses.ORDER.index(one.status), one.function, one.subject


def _id(channel: str, items: Iterable[Item], told: Iterable[Entry]) -> str:
    """Return a name made of what is told and of what was told before, and not of the moment."""
    facts = [
        [one.change, *entry.key, report.iso(entry.flips[-1]), report.iso(entry.told.at) if entry.told else None]
        for one, entry in zip(items, told, strict=True)
    ]
    return hashlib.sha256(json.dumps([channel, sorted(facts, key=str)]).encode()).hexdigest()[:16]


def title(items: Sequence[Item]) -> str:
    """Return how much of what the message tells, and of what first; at most 150 characters."""
    parts = [_counted(change, [one for one in items if one.change == change]) for change in CHANGES]
    head = ", ".join(part for part in parts if part)
    more = f" and {len(items) - 1} more" if len(items) > 1 else ""
    text = f"{head}: {items[0].subject}"
    return cut(text, 150 - len(more)) + more


def _counted(change: Change, items: Sequence[Item]) -> str:
    if not items:
        return ""
    counts = collections.Counter(one.status for one in items)
    kinds = ", ".join(f"{counts[status]} {status.value}" for status in statuses.ORDER if counts[status])
    told = f" ({kinds})" if change in ("new", "worse", "reminder") else ""
    return f"{len(items)} {WORDS[change]}{told}"


def summary(items: Sequence[Item]) -> str:
    """Return the sentence of the first finding, and which functions the message is about."""
    about = ", ".join(sorted({one.function for one in items}))
    return f"{about}: {items[0].message}"


def cut(text: str, length: int) -> str:
    """Return a text of at most `length` characters, with an ellipsis where something was cut off."""
    return text if len(text) <= length else text[: max(0, length - 1)] + "…"
