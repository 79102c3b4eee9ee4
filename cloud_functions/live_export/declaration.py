"""What is published, from what, for whom, as declared in `exports.yaml`; and what a caller may ask for; pure.

The provider's key is a secret: no mistake quotes it, nor the provider's address.
"""

import dataclasses
import datetime
import fnmatch
import re
from collections.abc import Iterator, Mapping
from typing import Literal
from urllib import parse

from cloud_functions.live_export import grading
from shared import addresses, pipeline
from shared.exports import layout

NAME = "exports.yaml"
QUERIES = "queries"
PROVIDER = "provider"
"""What a document names among its sources for the score provider; the other names are those of queries."""
TODAY = "today"
RESERVED = ("manifest.json", "manifests/", "objects/", "schemas/")
_ID = "[a-z][a-z0-9-]{0,62}"
_PATH = r"[A-Za-z0-9_{}-]+(/[A-Za-z0-9_.{}-]+)*\.json"


def _field(description: str, **limits: object) -> dict[str, object]:
    return {"description": description, **limits}


@dataclasses.dataclass(frozen=True)
class Cors:
    """Which sites' pages may read what is published; declared here, and compared with the bucket's own."""

    origins: tuple[str, ...] = dataclasses.field(metadata=_field("Like https://example.com.", min_items=1))
    max_age_seconds: int = dataclasses.field(
        default=3600, metadata=_field("How long a browser remembers it.", minimum=0)
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake) for everybody, and for what is no origin."""
        for origin in self.origins:
            split = parse.urlsplit(origin)
            if "*" in origin:
                yield "origins", f"{origin!r} is everybody: name the sites that may read it"
            elif (
                split.scheme not in ("http", "https")
                or not split.netloc
                or origin != f"{split.scheme}://{split.netloc}"
            ):
                yield "origins", f"{origin!r} is no origin, like https://example.com"


@dataclasses.dataclass(frozen=True)
class Provider:
    """The HTTP API of live box scores."""

    url: str = dataclasses.field(repr=False, metadata=_field("Its address, up to the version; https."))
    key: str = dataclasses.field(repr=False, metadata=_field("The key that is sent, a secret."))
    seconds: float = dataclasses.field(
        default=20.0, metadata=_field("For all pages and tries of a run.", minimum=1, maximum=120)
    )
    tries: int = dataclasses.field(default=3, metadata=_field("Requests for one page.", minimum=1, maximum=10))
    page_size: int = dataclasses.field(default=25, metadata=_field("Games a page.", minimum=1, maximum=100))
    most_pages: int = dataclasses.field(default=10, metadata=_field("Pages that are read.", minimum=1))

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake) for an address that must not be called, and for a key that cannot be sent."""
        mistake = addresses.mistake(self.url)
        if mistake:
            yield "url", mistake
        if not self.key.strip() or self.key != self.key.strip() or not self.key.isascii():
            yield "key", "is empty, or holds white space: a secret often ends with a line break"


@dataclasses.dataclass(frozen=True)
class Source:
    """One query: a file of queries/, its time and its price."""

    sql: str = dataclasses.field(metadata=_field("A file in queries/.", pattern="[a-z][a-z0-9_]*[.]sql"))
    bytes_limit: int = dataclasses.field(
        default=200 * 1024**2, metadata=_field("The most that it may bill.", minimum=10 * 1024**2)
    )
    seconds: float = dataclasses.field(default=30.0, metadata=_field("How long it may take.", minimum=1))
    parameters: Mapping[str, str] = dataclasses.field(
        default_factory=dict, metadata=_field("Texts for @names in the query, besides @day.")
    )


@dataclasses.dataclass(frozen=True)
class Floor:
    """Below what a document is refused."""

    per_game: float = dataclasses.field(
        default=0.0, metadata=_field("Rows for each game that the calendar lists.", minimum=0)
    )
    shrink: float = dataclasses.field(
        default=0.5,
        metadata=_field("The share of rows, and of each count, that may be gone since.", minimum=0, maximum=1),
    )
    filled: tuple[str, ...] = dataclasses.field(
        default=(), metadata=_field("Columns of the main rows that may not be null in every row.")
    )


@dataclasses.dataclass(frozen=True)
class Document:
    """One published document."""

    id: str = dataclasses.field(metadata=_field("Its name in reports and in the manifest.", pattern=_ID))
    shape: str = dataclasses.field(
        metadata=_field("A file of documents/, or rows: a query's rows as they are.", pattern="[a-z][a-z0-9_]*")
    )
    path: str = dataclasses.field(metadata=_field("Below the prefix; {day} is the game day.", pattern=_PATH))
    sources: tuple[str, ...] = dataclasses.field(metadata=_field("Queries, or provider."))
    cache: str = dataclasses.field(metadata=_field("One of the declared cache classes.", pattern=_ID))
    max_age_seconds: int = dataclasses.field(
        metadata=_field("How old its data may be while games are played.", minimum=30)
    )
    latest: str | None = dataclasses.field(
        default=None, metadata=_field("The path of the same for the latest game day.", pattern=_PATH)
    )
    cache_final: str | None = dataclasses.field(
        default=None, metadata=_field("The cache class once every game of the day is final.", pattern=_ID)
    )
    floor: Floor = Floor()
    severity: Literal["critical", "warning", "info"] = "critical"
    most_bytes: int = dataclasses.field(
        default=8 * 1024**2, metadata=_field("Its largest size before compression.", minimum=1024)
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake) for a path with anything but the day in braces."""
        for name in ("path", "latest"):
            text = (getattr(self, name) or "").replace(layout.DAY, "")
            if "{" in text or "}" in text or ".." in text:
                yield name, f"holds braces around something else than {layout.DAY}, or two dots"
            if text.startswith(RESERVED):
                yield name, f"stands where the export keeps its own: {', '.join(RESERVED)}"
        if self.latest and (layout.DAY in self.latest or layout.DAY not in self.path):
            yield "latest", f"needs a path with {layout.DAY}, and none itself"

    @property
    def dated(self) -> bool:
        """Whether each game day has its own."""
        return layout.DAY in self.path


@dataclasses.dataclass(frozen=True)
class PostGame:
    """Who is asked, once a day, when the last game is final."""

    topic: str = dataclasses.field(metadata=_field("A Pub/Sub topic.", pattern="[A-Za-z][A-Za-z0-9._~+%-]{2,254}"))
    export_types: tuple[str, ...] = dataclasses.field(metadata=_field("What is asked for.", min_items=1))


@dataclasses.dataclass(frozen=True)
class Exports:
    """Which documents are published, where, from what, and below what they are refused; the first comes first."""

    bucket: str = dataclasses.field(metadata=_field("The bucket, without gs://.", pattern="[a-z0-9][a-z0-9._-]{1,220}"))
    documents: tuple[Document, ...] = dataclasses.field(metadata=_field("The most urgent first.", min_items=1))
    caches: Mapping[str, str] = dataclasses.field(metadata=_field("Cache-Control by class.", min_items=1))
    sources: Mapping[str, Source] = dataclasses.field(default_factory=dict)
    provider: Provider | None = None
    prefix: str = dataclasses.field(
        default="v1", metadata=_field("The folder of the version.", pattern="[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")
    )
    public: bool = dataclasses.field(default=False, metadata=_field("Whether everybody may read the bucket."))
    cors: Cors | None = None
    grade: grading.GradeRule = grading.DEFAULT
    post_game: PostGame | None = None
    lease_seconds: float = dataclasses.field(
        default=60.0, metadata=_field("How long a killed run keeps the next one waiting.", minimum=1)
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake) for parts that do not fit together."""
        for twice in _twice(one.id for one in self.documents):
            yield "documents", f"{twice} stands here twice"
        for twice in _twice(path for one in self.documents for path in (one.path, one.latest) if path):
            yield "documents", f"two documents are published as {twice}"
        for one in self.documents:
            for name in ("cache", "cache_final"):
                cache = getattr(one, name)
                if cache and cache not in self.caches:
                    yield f"documents.{one.id}.{name}", f"there is no cache class {cache!r}"
            for source in one.sources:
                if source not in self.sources and not (source == PROVIDER and self.provider):
                    yield f"documents.{one.id}.sources", f"there is no source {source!r}"
        if PROVIDER in self.sources:
            yield "sources", f"{PROVIDER} is the score provider, and no query"

    def of(self, name: str) -> Document:
        """Return the document with an id; raise StopIteration without it."""
        return next(one for one in self.documents if one.id == name)


def _twice(names: Iterator[str]) -> list[str]:
    listed = list(names)
    return sorted({name for name in listed if listed.count(name) > 1})


@dataclasses.dataclass(frozen=True)
class Declared:
    """Both declarations together, and the text of each query by its source's name."""

    exports: Exports
    pipeline: pipeline.Pipeline
    texts: Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class Request:
    """What a caller may ask: a day, some documents, some of them over a refusal, and the plan without the deed."""

    day: str | None = dataclasses.field(
        default=None, metadata=_field("today, which is also meant without it, or a game day like 2026-02-12.")
    )
    only: tuple[str, ...] = dataclasses.field(
        default=(), metadata=_field("Ids of documents, or patterns of them; by default all.")
    )
    force: tuple[str, ...] = dataclasses.field(
        default=(), metadata=_field("Ids of documents that are published even if they are worse; recorded.")
    )
    dry_run: bool = dataclasses.field(default=False, metadata=_field("Report what would be published, write nothing."))

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake) for what is no day, and for forcing what is not asked for."""
        if self.day not in (None, TODAY):
            try:
                datetime.date.fromisoformat(self.day)
            except ValueError:
                yield "day", f"must be today or a date, like 2026-02-12, not {self.day!r}"
            else:
                if not re.fullmatch(r"\d{4}-\d\d-\d\d", self.day):
                    yield "day", f"must be today or a date, like 2026-02-12, not {self.day!r}"
        for name in self.force:
            if any(letter in name for letter in "*?["):
                yield "force", f"{name!r} is a pattern: name each document"
            elif not self.wants(name):
                yield "force", f"{name!r} is not among those asked for"

    def wants(self, document: str) -> bool:
        """Return whether a document is asked for."""
        return not self.only or any(fnmatch.fnmatchcase(document, pattern) for pattern in self.only)

    def on(self, today: datetime.date) -> datetime.date:
        """Return the day that is asked about, given the game day that it is now."""
        return today if self.day in (None, TODAY) else datetime.date.fromisoformat(str(self.day))
