"""What the relay remembers between two calls, as values and as the JSON of one object; pure.

Whatever cannot be read to the last field is no memory: it is set aside and told, and never taken for an empty one.
"""

import dataclasses
import datetime
import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from cloud_functions.alert_relay import declaration, news
from shared import shapes
from shared.statuses import Status

VERSION = 1
SEEN = 500
"""How many message ids are remembered, to know one that is delivered again."""
Change = Literal["new", "worse", "flapping", "resolved", "reminder", "gone"]
CHANGES: tuple[Change, ...] = ("new", "worse", "flapping", "resolved", "reminder", "gone")
"""What a message can tell of a finding, what matters most first."""


def _naive(value: Any) -> Iterator[tuple[str, str]]:
    for field in dataclasses.fields(value):
        one = getattr(value, field.name)
        if isinstance(one, datetime.datetime) and one.tzinfo is None:
            yield field.name, "needs its offset from UTC"


@dataclasses.dataclass(frozen=True)
class Told:
    """What was told last of a finding, and not taken back: the worst of it, when, and whether as flapping."""

    at: datetime.datetime
    status: Status
    severity: declaration.Severity
    flapping: bool = False

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake) for instants without an offset."""
        return _naive(self)


@dataclasses.dataclass(frozen=True)
class Entry:
    """One finding that is bad, or was lately.

    since: when it became what it is, good or bad. streak: reports in a row that say the same of good or bad. seen: the
    start of the latest run that spoke of it. flips: when it changed between good and bad, oldest first.
    """

    function: str
    scope: str | None
    id: str
    subject: str
    kind: str
    status: Status
    reason: str
    severity: declaration.Severity
    message: str
    fix: str | None
    caused_by: str | None
    since: datetime.datetime
    seen: datetime.datetime
    run_id: str
    flips: tuple[datetime.datetime, ...]
    streak: int = 1
    flapping: bool = False
    told: Told | None = None

    @property
    def bad(self) -> bool:
        """Whether it is bad now."""
        return self.status not in news.GOOD

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from all others."""
        return self.function, self.scope or "", self.id

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake) for instants without an offset."""
        yield from _naive(self)
        if any(one.tzinfo is None for one in self.flips):
            yield "flips", "needs offsets from UTC"
        if not self.flips:
            yield "flips", "are missing: what was always good is not remembered"


@dataclasses.dataclass(frozen=True)
class Under:
    """A finding that follows from another one, and is told under it."""

    function: str
    subject: str
    status: Status
    reason: str
    message: str


@dataclasses.dataclass(frozen=True)
class Item:
    """What a message tells of one finding."""

    change: Change
    function: str
    scope: str | None
    subject: str
    kind: str
    status: Status
    reason: str
    severity: declaration.Severity
    message: str
    fix: str | None
    since: datetime.datetime
    seen: datetime.datetime
    owner: str
    flips: int = 0
    under: tuple[Under, ...] = ()

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake) for instants without an offset."""
        return _naive(self)


@dataclasses.dataclass(frozen=True)
class Message:
    """One message to one channel, from the decision until it is delivered.

    id: stays the same however often it is decided or sent. tries: requests so far. next_try: before this instant no
    run sends it, since another one may be at it.
    """

    id: str
    channel: str
    owner: str
    title: str
    summary: str
    items: tuple[Item, ...]
    created: datetime.datetime
    next_try: datetime.datetime
    tries: int = 0

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake) for instants without an offset."""
        return _naive(self)


@dataclasses.dataclass(frozen=True)
class Latest:
    """The latest report of one function and scope."""

    started_at: datetime.datetime
    day: datetime.date | None
    run_id: str

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake) for instants without an offset."""
        return _naive(self)


@dataclasses.dataclass(frozen=True)
class State:
    """All that is remembered; latest: by function and scope; paced: by channel, when its last messages were made."""

    entries: tuple[Entry, ...] = ()
    outbox: tuple[Message, ...] = ()
    latest: Mapping[str, Latest] = dataclasses.field(default_factory=dict)
    seen: tuple[str, ...] = ()
    paced: Mapping[str, tuple[datetime.datetime, ...]] = dataclasses.field(default_factory=dict)
    version: int = dataclasses.field(default=VERSION, metadata={"minimum": VERSION, "maximum": VERSION})

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake) for instants without an offset."""
        if any(one.tzinfo is None for instants in self.paced.values() for one in instants):
            yield "paced", "needs offsets from UTC"


def encode(state: State) -> bytes:
    """Return the memory as UTF-8 JSON."""
    return json.dumps(
        dataclasses.asdict(state), ensure_ascii=False, separators=(",", ":"), default=lambda one: one.isoformat()
    ).encode()


def decode(content: bytes) -> State | str:
    """Return the memory in the content of its object, or why it cannot be read."""
    try:
        value = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        return "it is not JSON"
    built, problems = shapes.build(State, shapes.plain(value))
    if built is None:
        return "; ".join(f"{one.path or 'it'}: {one.message}" for one in problems[:3])[:500]
    return built


def is_newer(state: State, said: news.News) -> bool:
    """Return whether a report is newer than all that is known of its function and scope.

    A report on an earlier day than the latest one is not, however late it was made: it speaks of the past. One of a run
    that failed before its scope was known is measured against every scope of the function.
    """
    places = [said.place]
    if said.scope is None and said.error:
        places += [name for name in state.latest if name.startswith(f"{said.function}/")]
    return all(_is_older(state.latest[name], said) for name in places if name in state.latest)


def _is_older(known: Latest, said: news.News) -> bool:
    past = known.day is not None and said.day is not None and said.day < known.day
    return known.started_at < said.started_at and not past


def latest(state: State, said: news.News) -> Latest:
    """Return what is remembered of a report that is newer than all others.

    A day still to come counts as the day of the run, or else all reports up to that day would speak of the past.
    """
    known = state.latest.get(said.place)
    made = said.started_at.astimezone(datetime.UTC).date()
    day = min(said.day, made) if said.day else known.day if known else None
    return Latest(said.started_at, day, said.run_id)
