"""Which findings follow from which: what is told under its cause is not told alone; pure."""

import collections
from collections.abc import Iterable, Mapping

from cloud_functions.alert_relay.state import Entry, Under

Key = tuple[str, str, str]


def roots(known: Iterable[Entry]) -> dict[Key, Entry]:
    """Return by key the last bad cause of each finding that has one; none for those that go round in a circle."""
    entries = list(known)
    bad: dict[str, list[Entry]] = collections.defaultdict(list)
    for entry in entries:
        if entry.bad:
            bad[entry.id].append(entry)
    found = {entry.key: _root(entry, bad) for entry in entries if entry.caused_by and (entry.bad or entry.flapping)}
    return {key: root for key, root in found.items() if root is not None}


def _root(entry: Entry, bad: Mapping[str, list[Entry]]) -> Entry | None:
    passed, at = {entry.key}, entry
    while (cause := _cause(at, bad)) is not None:
        if cause.key in passed:
            return None
        passed.add(cause.key)
        at = cause
    return None if at is entry else at


def _cause(entry: Entry, bad: Mapping[str, list[Entry]]) -> Entry | None:
    """Return the bad finding that an entry names as its cause: of the same report first, then of any function."""
    named = bad.get(entry.caused_by or "", [])
    near = [one for one in named if (one.function, one.scope) == (entry.function, entry.scope)]
    return min(near or named, key=lambda one: one.key, default=None)


def under(known: Iterable[Entry]) -> dict[Key, tuple[Under, ...]]:
    """Return by the key of a cause what follows from it."""
    entries = list(known)
    causes = roots(entries)
    found: dict[Key, list[Under]] = collections.defaultdict(list)
    for entry in entries:
        if entry.key in causes and entry.bad:
            told = Under(entry.function, entry.subject, entry.status, entry.reason, entry.message)
            found[causes[entry.key].key].append(told)
    return {key: tuple(effects) for key, effects in found.items()}
