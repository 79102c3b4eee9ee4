"""What closes a backup: the shard of one table and the manifest of a run, as values and as JSON; pure.

The manifest is written last and only where none stands. It accounts for every table of the declared datasets: what was
discovered is verified, skipped with a reason, or failed with a reason.
"""

import dataclasses
import datetime
import json
from typing import Any, Literal, TypeVar

from shared import refs, shapes
from shared.backups import formats

VERSION = 1
T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class File:
    """One file: generation pins its bytes, crc32c is base64, size is bytes."""

    name: str
    size: int
    crc32c: str
    generation: int
    rows: int


@dataclasses.dataclass(frozen=True)
class Jobs:
    """The ids of the BigQuery jobs that made the files."""

    clone: str | None
    extract: str | None


@dataclasses.dataclass(frozen=True)
class Definition:
    """What it takes to make the table again: REST resources as BigQuery gave them, and its DDL.

    policies are the row access policies that were seen; None where the account may not read them.
    """

    schema: tuple[Any, ...]
    ddl: str | None
    partitioning: Any
    clustering: tuple[str, ...]
    options: Any
    policies: tuple[Any, ...] | None


@dataclasses.dataclass(frozen=True)
class Shard:
    """One table's part of a backup, verified. `streaming_rows` were still in the streaming buffer: not in the files."""

    version: int
    table: refs.Table
    t0: datetime.datetime
    mode: str
    unit: str
    attempt: int
    format: formats.Format
    compression: str
    files: tuple[File, ...]
    rows: int
    bytes: int
    level: int
    content_read: bool
    definition: Definition
    source_last_modified: datetime.datetime
    streaming_rows: int
    jobs: Jobs


@dataclasses.dataclass(frozen=True)
class Entry:
    """One subject in the manifest of a run: a table, or a declaration that found none.

    shard: the name of a verified table's shard, with the generation that pins it. ddl: what makes a skipped view again.
    """

    subject: str
    outcome: Literal["verified", "skipped", "failed"]
    reason: str
    message: str
    rows: int | None = None
    bytes: int | None = None
    files: int | None = None
    level: int | None = None
    shard: str | None = None
    shard_generation: int | None = None
    ddl: str | None = None


@dataclasses.dataclass(frozen=True)
class Manifest:
    """One run's backup. `complete` means that nothing failed; `commit` says which code wrote it."""

    version: int
    project: str
    day: datetime.date
    run: int
    t0: datetime.datetime
    closed_at: datetime.datetime
    scope: str
    mode: str
    complete: bool
    commit: str | None
    tables: tuple[Entry, ...]


class Unreadable(ValueError):
    """A manifest or shard that does not say what it should."""


def encode(value: Any) -> bytes:
    """Return a dataclass of this module, or a plan, as UTF-8 JSON, keys in their declared order."""
    return json.dumps(dataclasses.asdict(value), default=_text, ensure_ascii=False, indent=1, allow_nan=False).encode()


def decode(cls: type[T], content: bytes) -> T:
    """Return the `cls` that JSON bytes describe; raise Unreadable that names every mistake."""
    try:
        built, problems = shapes.build(cls, shapes.plain(json.loads(content)))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {error}") from error
    if built is None:
        raise Unreadable("; ".join(f"{problem.path}: {problem.message}" for problem in problems))
    return built


def _text(value: Any) -> str:
    if isinstance(value, datetime.date | datetime.datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not a JSON value")
