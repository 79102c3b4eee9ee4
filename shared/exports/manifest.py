"""The manifest of an export: what is published, since when, as of when, and what of it is degraded; pure.

It is written after everything that it names, so whoever reads it, and then the immutable objects that it names, sees
documents that belong together.
"""

import dataclasses
import datetime
import json
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from shared import report, shapes

SCHEMA_VERSION = 1


@dataclasses.dataclass(frozen=True)
class Content:
    """One content of a document.

    day: the game day that it is about. object: its immutable object, below the prefix. sha256: of its bytes before
    compression, in hex. bytes: before compression. counts: other numbers than rows, e.g. games, final. as_of: when its
    sources last confirmed it. updated_at: since when it is this content. run_id: of the run that wrote it.
    schema_sha256: of the JSON Schema that it was held to.
    """

    foreign: ClassVar[bool] = True

    day: datetime.date
    object: str
    sha256: str
    bytes: int
    rows: int
    counts: Mapping[str, int]
    as_of: datetime.datetime
    updated_at: datetime.datetime
    schema_version: str
    run_id: str
    schema_sha256: str = ""


@dataclasses.dataclass(frozen=True)
class Entry:
    """One declared document: where readers find it, and how it stands.

    status: ok, or degraded: the last good content stays, since something newer was refused or could not be made.
    reason, message, since: of what degraded it. forced: whether a person put it there over a refusal.
    """

    foreign: ClassVar[bool] = True

    status: Literal["ok", "degraded"]
    path: str
    latest: str | None
    max_age_seconds: int
    schema: str
    content: Content | None
    reason: str | None = None
    message: str | None = None
    since: datetime.datetime | None = None
    forced: bool = False


@dataclasses.dataclass(frozen=True)
class Manifest:
    """What is published for a game day. published_at: when this manifest was written, by which run."""

    foreign: ClassVar[bool] = True

    schema_version: int
    day: datetime.date
    published_at: datetime.datetime
    run_id: str
    documents: Mapping[str, Entry]


def encode(manifest: Manifest) -> bytes:
    """Return the manifest as canonical JSON: equal manifests are equal bytes."""
    return json.dumps(_plain(manifest), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, datetime.datetime):
        return report.iso(value)
    return value.isoformat() if isinstance(value, datetime.date) else value


def decode(content: bytes) -> Manifest | str:
    """Return the manifest that `content` holds, or why it holds none."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        return f"the manifest is no JSON: {error}"
    found, problems = shapes.build(Manifest, shapes.plain(value))
    if found is None:
        return "the manifest is none: " + "; ".join(f"{one.path}: {one.message}" for one in problems[:3])
    if found.schema_version != SCHEMA_VERSION:
        return f"the manifest has schema version {found.schema_version}, not {SCHEMA_VERSION}"
    return found
