"""What is declared for the monitor (`freshness.yaml`), and what a caller may ask; pure."""

import dataclasses
import datetime
import fnmatch
from collections.abc import Iterator
from typing import Literal

from shared import addresses, pipeline

NAME = "freshness.yaml"
_PATH = "[A-Za-z0-9_-]+([.][A-Za-z0-9_-]+)*"


def _field(description: str, **limits: object) -> dict[str, object]:
    return {"description": description, **limits}


@dataclasses.dataclass(frozen=True)
class Document:
    """One watched document of the manifest; what a path that is left out would lead to is not judged."""

    id: str = dataclasses.field(metadata=_field("Its id in the manifest.", pattern="[a-z][a-z0-9-]{0,62}"))
    day: str | None = dataclasses.field(
        default=None, metadata=_field("The path to the game day that it is about.", pattern=_PATH)
    )
    games: str | None = dataclasses.field(
        default=None, metadata=_field("The path to the number, or the list, of the day's games.", pattern=_PATH)
    )
    in_progress: str | None = dataclasses.field(
        default=None, metadata=_field("The path to the number of games that are being played.", pattern=_PATH)
    )
    finals: str | None = dataclasses.field(
        default=None, metadata=_field("The path to the number of games that are over.", pattern=_PATH)
    )
    rows: str | None = dataclasses.field(
        default=None, metadata=_field("The path to the number, or the list, of its main rows.", pattern=_PATH)
    )
    severity: Literal["critical", "warning", "info"] = "critical"

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake) for games that begin and never end: what has begun is the sum of both."""
        if self.in_progress and not self.finals:
            yield "in_progress", "needs finals: a game that is over is not missing among those being played"


@dataclasses.dataclass(frozen=True)
class Export:
    """Who is asked for a new export when the site is bad, how often a run, and for how long."""

    url: str = dataclasses.field(metadata=_field("The address of the service live_export."))
    tries: int = dataclasses.field(default=1, metadata=_field("Calls a run; 0 for none.", minimum=0, maximum=3))
    seconds: float = dataclasses.field(default=90.0, metadata=_field("For one call.", minimum=1, maximum=300))
    only: tuple[str, ...] = dataclasses.field(
        default=(), metadata=_field("The documents that are asked for; by default those that are bad.")
    )

    def problems(self) -> list[tuple[str, str]]:
        """Return (field, mistake) for an address that must not be called."""
        mistake = addresses.mistake(self.url)
        return [("url", mistake)] if mistake else []


@dataclasses.dataclass(frozen=True)
class Freshness:
    """Which documents of which site are watched, and how."""

    url: str = dataclasses.field(metadata=_field("Where a browser finds manifest.json: its address up to there."))
    documents: tuple[Document, ...] = dataclasses.field(metadata=_field("What is watched.", min_items=1))
    export: Export | None = None
    seconds: float = dataclasses.field(
        default=10.0, metadata=_field("For all reads of one look at the site.", minimum=0.5, maximum=60)
    )
    parallel: int = dataclasses.field(default=6, metadata=_field("Reads at a time.", minimum=1, maximum=32))
    grace_minutes: float = dataclasses.field(
        default=10.0, metadata=_field("How long the site may take to show what the schedule says.", minimum=0)
    )
    ahead_minutes: float = dataclasses.field(
        default=2.0, metadata=_field("How far a publisher's clock may be ahead.", minimum=0)
    )
    again_seconds: float = dataclasses.field(
        default=20.0,
        metadata=_field("The pause before a second look, while caches may hold older bytes.", minimum=0, maximum=60),
    )
    most_bytes: int = dataclasses.field(
        default=16 * 1024**2, metadata=_field("The largest document that is read, decompressed.", minimum=1024)
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake) for an address that must not be read, and for what stands there twice."""
        mistake = addresses.mistake(self.url)
        if mistake:
            yield "url", mistake
        elif any(mark in self.url for mark in "?#"):
            yield "url", "must end before any ? or #"
        ids = [one.id for one in self.documents]
        for twice in sorted({name for name in ids if ids.count(name) > 1}):
            yield "documents", f"{twice} stands here twice"

    @property
    def grace(self) -> datetime.timedelta:
        """How long the site may take to show what the schedule says."""
        return datetime.timedelta(minutes=self.grace_minutes)

    @property
    def ahead(self) -> datetime.timedelta:
        """How far a publisher's clock may be ahead."""
        return datetime.timedelta(minutes=self.ahead_minutes)


@dataclasses.dataclass(frozen=True)
class Declared:
    """Both declarations together."""

    freshness: Freshness
    pipeline: pipeline.Pipeline


@dataclasses.dataclass(frozen=True)
class Request:
    """What a caller may ask: a day, some documents, and the judgement without the deed."""

    day: datetime.date | None = dataclasses.field(
        default=None, metadata=_field("The game day; by default the one that it is now.")
    )
    only: tuple[str, ...] = dataclasses.field(
        default=(), metadata=_field("Patterns of document ids; by default every watched document.")
    )
    dry_run: bool = dataclasses.field(default=False, metadata=_field("Judge, and call nobody."))

    def wants(self, document: str) -> bool:
        """Return whether a document is asked for."""
        return not self.only or any(fnmatch.fnmatchcase(document, pattern) for pattern in self.only)
