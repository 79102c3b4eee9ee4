"""What a look at the site found, as values, and what they say by themselves, before anything is expected; pure."""

import dataclasses
import datetime
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from cloud_functions.live_freshness_monitor import declaration
from shared import calendars, errors
from shared.exports import layout
from shared.exports.manifest import Content, Entry, Manifest

OK = 200
NOT_FOUND = 404


@dataclasses.dataclass(frozen=True)
class Page:
    """What an address answered; cache: its Cache-Control. body: None when it could not be decompressed."""

    status: int
    cache: str | None
    body: bytes | None

    @property
    def sha256(self) -> str | None:
        """The hash of its bytes before compression."""
        return None if self.body is None else hashlib.sha256(self.body).hexdigest()


@dataclasses.dataclass(frozen=True)
class Silence:
    """That an address did not answer, or not to the end, and how."""

    message: str


Got = Page | Silence


@dataclasses.dataclass(frozen=True)
class Site:
    """One look: the manifest, as answered and as read, or why it is none; and pages by their paths below the base."""

    answered: Got
    manifest: Manifest | str
    pages: Mapping[str, Got] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Night:
    """What the schedule says of the day.

    now: at this moment. settled: what it said already when the grace began, None when that is not known.
    """

    standing: calendars.Standing
    now: calendars.Day
    settled: calendars.Day | None


@dataclasses.dataclass(frozen=True)
class Asked:
    """What is judged: which documents, for which day, today's or another, when; night: or why it cannot be read."""

    declared: declaration.Freshness
    documents: tuple[declaration.Document, ...]
    day: datetime.date
    today: bool
    now: datetime.datetime
    night: Night | errors.CloudError

    @property
    def manifest_path(self) -> str:
        """The path of the manifest that tells of the day."""
        return layout.MANIFEST if self.today else layout.of_day(self.day)


def paths(asked: Asked, manifest: Manifest | str) -> tuple[str, ...]:
    """Return the paths that a look reads besides the manifest's."""
    if isinstance(manifest, str):
        return ()
    entries = (manifest.documents.get(one.id) for one in asked.documents)
    return tuple(dict.fromkeys(path for entry in entries if entry for path in promised(asked, entry)))


def promised(asked: Asked, entry: Entry) -> tuple[str, ...]:
    """Return the paths that hold a document's content, the one that readers know first; none before its first."""
    if entry.content is None:
        return ()
    latest = entry.latest if asked.today else None
    return tuple(path for path in (entry.path, latest, entry.content.object) if path)


def doubtful(asked: Asked, site: Site) -> bool:
    """Return whether a page holds other bytes than the manifest says: perhaps something was published meanwhile."""
    return any(page.sha256 != content.sha256 for page, content in _promises(asked, site))


def _promises(asked: Asked, site: Site) -> Iterator[tuple[Page, Content]]:
    if isinstance(site.manifest, str):
        return
    for one in asked.documents:
        entry = site.manifest.documents.get(one.id)
        for path in promised(asked, entry) if entry else ():
            page = site.pages.get(path)
            if isinstance(page, Page) and page.status == OK and entry and entry.content:
                yield page, entry.content


def document(page: Page) -> Any:
    """Return the JSON object that a page holds, or None."""
    try:
        value = json.loads(page.body or b"")
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def at(value: Any, path: str) -> Any:
    """Return what stands at a dotted path of a document, or None."""
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def count(value: Any) -> int | None:
    """Return the number that a value is, or the number of its items; None for what is neither."""
    if isinstance(value, list | dict):
        return len(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
