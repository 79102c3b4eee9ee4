"""What is wrong now, worst first: each finding, since when, what to do, and below it what follows from it; pure."""

import dataclasses
import datetime
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence

from cloud_functions.daily_health_check.page import phrases, standings
from shared import history, statuses

OPEN = 20
"""How many findings of a group, or of one cause, are seen without opening anything."""
ROOM = 700
"""How many more the page has room for, in all groups together; what exceeds a group's share is only counted."""
MESSAGE_LIMIT = 1000
SEVERITIES = ("critical", "warning", "info")
_COMMAND = re.compile(
    r"""(?:^|(?<=:[ ])|(?<=then[ ])|(?<=\d\.[ ]))  # where prose may hand over
    ((?:gcloud|gsutil|bq|curl|git|make)[ ]
    (?:'[^']*'|"[^"]*"|(?!;[ ]|,[ ]|[ ]and[ ]).)*)  # and goes on: never within quotes
    """,
    re.MULTILINE | re.VERBOSE,
)
"""A command in a fix, whose other words are prose."""


@dataclasses.dataclass(frozen=True)
class Entry:
    """One finding and where it is: its reporter's name, its number in the page, and the number of its first cause."""

    said: history.Said
    reporter: str
    number: int
    root: int


@dataclasses.dataclass(frozen=True)
class Group:
    """What one reporter says is wrong: its first causes, what stands below the cause of another, and the rest."""

    reporter: standings.Reporter
    roots: tuple[Entry, ...]
    elsewhere: tuple[Entry, ...]
    uncounted: int


@dataclasses.dataclass(frozen=True)
class _Shown:
    """What an item needs to be told: every entry by number, what follows from each, and the instant of the page."""

    entries: Sequence[Entry]
    follows: Mapping[int, Sequence[Entry]]
    now: datetime.datetime


def rank(said: history.Said) -> tuple[int, int, str]:
    """Return where a finding stands: the worst status first, then the worst severity, then by subject."""
    severity = SEVERITIES.index(said.severity) if said.severity in SEVERITIES else len(SEVERITIES)
    return statuses.ORDER.index(said.status), severity, said.subject


def section(reporters: Sequence[standings.Reporter], now: datetime.datetime) -> str:
    """Return the groups as HTML, the one with the worst finding first; nothing when nothing is wrong."""
    groups, shown = _arranged(reporters, now)
    return "".join(_group(group, shown) for group in groups)


def _arranged(reporters: Sequence[standings.Reporter], now: datetime.datetime) -> tuple[list[Group], _Shown]:
    loud = [one for one in reporters if one.wrong]
    share = OPEN + ROOM // max(1, len(loud))
    kept = {one.name: sorted(one.wrong, key=rank)[:share] for one in loud}
    flat = sorted(((said, name) for name, found in kept.items() for said in found), key=lambda pair: rank(pair[0]))
    roots = _roots([said for said, _ in flat])
    entries = [Entry(said, name, number, roots[number]) for number, (said, name) in enumerate(flat)]
    follows: dict[int, list[Entry]] = {}
    for entry in entries:
        if entry.root != entry.number:
            follows.setdefault(entry.root, []).append(entry)
    shown = _Shown(entries, follows, now)
    groups = [_grouped(one, shown, uncounted=len(one.wrong) - len(kept[one.name])) for one in loud]
    return sorted(groups, key=lambda group: _weight(group, shown)), shown


def _grouped(reporter: standings.Reporter, shown: _Shown, *, uncounted: int) -> Group:
    own = [entry for entry in shown.entries if entry.reporter == reporter.name]
    roots = sorted((entry for entry in own if entry.root == entry.number), key=lambda entry: _worst(entry, shown))
    away = tuple(entry for entry in own if shown.entries[entry.root].reporter != reporter.name)
    return Group(reporter, tuple(roots), away, uncounted)


def _worst(entry: Entry, shown: _Shown) -> int:
    """Return where a cause stands: where the worst of itself and of what follows from it stands."""
    return min(one.number for one in (entry, *shown.follows.get(entry.number, ())))


def _weight(group: Group, shown: _Shown) -> tuple[int, str]:
    last = len(shown.entries)
    return min((_worst(entry, shown) for entry in group.roots), default=last), group.reporter.name


def _roots(found: Sequence[history.Said]) -> list[int]:
    """Return for each finding, worst first, the number of its first cause: its own number when it has none here.

    Of findings that cause each other in a circle, the worst is taken for the first cause.
    """
    named: dict[str, list[int]] = {}
    for number, said in enumerate(found):
        named.setdefault(said.id, []).append(number)
    causes = [_cause(found, number, named) for number in range(len(found))]
    roots: dict[int, int] = {}
    for number in range(len(found)):
        path: dict[int, None] = {}
        step = number
        while step not in roots and step not in path and causes[step] != step:
            path[step] = None
            step = causes[step]
        walked = list(path)
        circle = walked[walked.index(step) :] if step in path else [step]
        root = roots.get(step, min(circle))
        roots.update(dict.fromkeys((*path, step), root))
    return [roots[number] for number in range(len(found))]


def _cause(found: Sequence[history.Said], number: int, named: Mapping[str, Sequence[int]]) -> int:
    """Return the number of a finding's cause, in its own report rather than in another's; its own without one."""
    said = found[number]
    others = [one for one in named.get(said.caused_by or "", ()) if one != number]
    return min(others, key=lambda one: (*_distance(said, found[one]), one), default=number)


def _distance(said: history.Said, other: history.Said) -> tuple[bool, bool]:
    return said.function != other.function, said.scope != other.scope


def _group(group: Group, shown: _Shown) -> str:
    reporter = group.reporter
    scope = f' <span class="scope">{phrases.escape(reporter.scope)}</span>' if reporter.scope else ""
    items = [_item(entry, shown) for entry in group.roots]
    return (
        f'<section class="group"><div class="whose"><h3>{phrases.escape(reporter.function)}{scope}</h3>'
        f"<p>{counted(reporter.wrong)}{_reported(reporter, shown.now)}</p></div>"
        f'<div class="items">{_folded(items)}{_elsewhere(group, shown)}{_uncounted(group)}</div></section>'
    )


def counted(found: Iterable[history.Said]) -> str:
    """Return how many findings there are of each status, the worst first, in words."""
    ordered = sorted((one.status for one in found), key=statuses.ORDER.index)
    return ", ".join(f"{len(list(alike)):,} {status.value}" for status, alike in itertools.groupby(ordered))


def _reported(reporter: standings.Reporter, now: datetime.datetime) -> str:
    return f"<br>judged {phrases.when(reporter.judged.started_at, now)}" if reporter.judged else ""


def _folded(items: Sequence[str]) -> str:
    """Return a list of items, those after the first 20 folded away."""
    if not items:
        return ""
    first, rest = items[:OPEN], items[OPEN:]
    more = (
        f'<details class="rest"><summary>{len(rest):,} more</summary><ul>{"".join(rest)}</ul></details>' if rest else ""
    )
    return f"<ul>{''.join(first)}</ul>{more}"


def _elsewhere(group: Group, shown: _Shown) -> str:
    if not group.elsewhere:
        return ""
    roots = sorted({entry.root for entry in group.elsewhere})[:OPEN]
    links = ", ".join(f'<a href="#w{root}">{phrases.escape(shown.entries[root].said.subject)}</a>' for root in roots)
    count = phrases.amount(len(group.elsewhere), "finding")
    return f'<p class="aside">{count} shown below the cause: {links}</p>'


def _uncounted(group: Group) -> str:
    if not group.uncounted:
        return ""
    return (
        f'<p class="aside">{group.uncounted:,} more are only counted here; the report in the bucket has them all.</p>'
    )


def _item(entry: Entry, shown: _Shown) -> str:
    """Return a finding, and below it what follows from it, one level deep however long the chain is."""
    below = shown.follows.get(entry.number, ())
    if not below:
        return f"<li{_id(entry)}>{_one(entry, shown, within=None)}</li>"
    lead = f'<p class="lead">{phrases.amount(len(below), "finding")} below this cause</p>'
    inner = [f"<li{_id(one)}>{_one(one, shown, within=entry)}</li>" for one in below]
    nested = f'<div class="follows">{lead}{_folded(inner)}</div>'
    return f"<li{_id(entry)}>{_one(entry, shown, within=None)}{nested}</li>"


def _id(entry: Entry) -> str:
    return f' id="w{entry.number}" class="item {entry.said.status}"'


def _one(entry: Entry, shown: _Shown, *, within: Entry | None) -> str:
    """Return what is told of one finding; within: the cause that it stands below."""
    said = entry.said
    away = within is not None and within.reporter != entry.reporter
    origin = f'<span class="origin">{phrases.escape(entry.reporter)}</span>' if away else ""
    change = '<span class="new">new</span>' if said.change == "new" else ""
    subject = f"<strong>{phrases.escape(said.subject)}</strong>"
    return (
        f'<p class="what">{phrases.badge(said.status)}{subject}{change}{origin}</p>'
        f'<p class="message">{phrases.escape(phrases.cut(said.message, MESSAGE_LIMIT))}</p>'
        f"{_fix(said.fix)}"
        f"{_since(said, shown.now)}"
        f'<p class="facts">{_facts(entry, within)}</p>'
    )


def _since(said: history.Said, now: datetime.datetime) -> str:
    """Return since when a finding is not good and for how many runs, as far as its report knows."""
    streak = f", {phrases.amount(said.streak, 'run')} in a row" if said.streak else ""
    began = phrases.read(said.since or "")
    if began is None:
        text = phrases.escape(said.since or "when is not known")
    else:
        text = f"{phrases.instant(began)}, {phrases.when(began, now)}"
    # What the page itself has to say is about one run, and has no past.
    return "" if said.kind == standings.KIND and not said.since else f'<p class="since">Since {text}{streak}</p>'


def _facts(entry: Entry, within: Entry | None) -> str:
    said = entry.said
    unit = f" {said.unit}" if said.unit else ""
    parts = [
        said.reason,
        said.kind,
        f"severity {said.severity}",
        f"observed {said.observed_text}{unit}" if said.observed_text is not None else "",
        f"expected {said.expected_text}" if said.expected_text is not None else "",
        _unnested(said, within),
    ]
    told = [f"<span>{phrases.escape(phrases.cut(part, MESSAGE_LIMIT // 4))}</span>" for part in parts if part]
    return " ".join(told)


def _unnested(said: history.Said, within: Entry | None) -> str:
    """Return what a finding follows from, where its place on the page does not say so."""
    if not said.caused_by or (within and within.said.id == said.caused_by):
        return ""
    return f"follows from {said.caused_by}"


def _fix(fix: str | None) -> str:
    """Return what to do: its commands as code that one click selects, one by one, and prose around them."""
    if not fix:
        return ""
    pieces = [piece.strip("\n ;,") for piece in _COMMAND.split(fix)]
    told = "".join(_code(piece) if number % 2 else _prose(piece) for number, piece in enumerate(pieces) if piece)
    lead = '<span class="do"><i aria-hidden="true">→</i><span class="unseen">What to do:</span></span>'
    return f'<div class="fix">{lead}<div>{told}</div></div>'


def _code(command: str) -> str:
    # A word is a piece of its own, so that no option is torn apart at its hyphens.
    words = " ".join(f"<span>{phrases.escape(word)}</span>" for word in command.split(" "))
    return f"<pre><code>{words}</code></pre>"


def _prose(text: str) -> str:
    pieces = phrases.escape(text).split("`")
    if len(pieces) % 2 == 0:
        return f"<p>{'`'.join(pieces)}</p>"
    return f"<p>{''.join(f'<code>{piece}</code>' if number % 2 else piece for number, piece in enumerate(pieces))}</p>"
