"""Carries out what was decided of documents: schema, immutable object, the names that readers know, the manifest last.

Every write has a precondition, and every name moves forward only: whoever is late, or was killed between two steps,
leaves what is newer as it is, and what is half done is completed by the next run.
"""

import contextlib
import dataclasses
import datetime
from typing import Any, Literal, NamedTuple

from cloud_functions.live_export import building, contracts, declaration, encoding, plan
from shared import errors, report
from shared.exports import layout, manifest
from shared.gcp import publishing

JSON = "application/json"
TYPESCRIPT = "text/plain; charset=utf-8"
FOR_EVER = "public, max-age=31536000, immutable"
SHORTLY = "public, max-age=15"
"""Cache-Control of manifests, and of the schemas and types, which may change with a deployment."""
ATTEMPTS = 8
"""How often a write begins anew because another run wrote first."""
SHA256, AS_OF, DAY = "sha256", "as-of", "day"
"""What stands in the metadata of each object, beside its content."""
AHEAD = datetime.timedelta(minutes=10)
"""How much later another run can have begun that was faster; what is dated further ahead tells of a wrong clock."""
Written = Literal["written", "same", "newer", "ahead"]


class Place(NamedTuple):
    """Where is published: a Cloud Storage client, a bucket, and the prefix of the version."""

    client: Any
    bucket: str
    prefix: str

    def name(self, path: str) -> str:
        """Return the full name of a path below the prefix."""
        return f"{self.prefix}/{path}"


@dataclasses.dataclass(frozen=True)
class Bytes:
    """What is written under a name: compressed bytes, the SHA-256 of what they hold, and what is said of them."""

    gzipped: bytes = dataclasses.field(repr=False)
    sha256: str
    day: datetime.date
    as_of: datetime.datetime
    cache: str
    content_type: str = JSON

    @property
    def metadata(self) -> dict[str, str]:
        """What stands beside the content, for the next run."""
        return {SHA256: self.sha256, AS_OF: report.iso(self.as_of), DAY: self.day.isoformat()}


def publish(place: Place, decision: plan.Decision, run: plan.Run, cache: str, *, leads: bool) -> Written:
    """Return what became of the document's own name, after its immutable object was written; raise CloudError.

    leads: whether the name for the latest day moves too, unless a later day stands there.
    """
    content, made = plan.entry(decision, run, confirmed=True).content, decision.made
    if content is None or made is None:
        raise ValueError(f"{decision.document.id} was decided to be published, and there is nothing of it")
    whole = Bytes(made.gzipped, made.sha256, run.day.date, run.now, cache)
    _immutable(place, content.object, whole)
    forced = decision.document.id in run.forced
    path = layout.dated(decision.document.path, run.day.date)
    written = _forward(place, path, whole, forced=forced)
    if leads and decision.document.latest and written in ("written", "same"):
        _forward(place, decision.document.latest, whole, forced=forced)
    return written


def _immutable(place: Place, path: str, whole: Bytes) -> None:
    """Write an object that never changes; one that stands there already holds the same, by its name."""
    with contextlib.suppress(errors.PreconditionFailed):
        _write(place, path, dataclasses.replace(whole, cache=FOR_EVER), generation=0)


def _forward(place: Place, path: str, whole: Bytes, *, forced: bool) -> Written:
    """Return what became of a name that readers know: it holds what we have, or something newer; raise CloudError."""
    for _ in range(ATTEMPTS):
        present = _stat(place, path)
        same = present and present.metadata.get(SHA256) == whole.sha256 and present.cache_control == whole.cache
        if same and not forced:
            return "same"
        if present and _newer(present, whole) and not (forced and present.metadata.get(DAY) == whole.metadata[DAY]):
            return "ahead" if _ahead(present, whole) else "newer"
        with contextlib.suppress(errors.PreconditionFailed):
            _write(place, path, whole, generation=present.generation if present else 0)
            return "written"
    raise errors.Unavailable(f"gs://{place.bucket}/{place.name(path)} was overwritten {ATTEMPTS} times meanwhile")


def _stat(place: Place, path: str) -> publishing.Meta | None:
    try:
        return publishing.stat(place.client, place.bucket, place.name(path))
    except errors.NotFound:
        return None


def _newer(present: publishing.Meta, whole: Bytes) -> bool:
    """Return whether what stands there is about a later day, or about a later instant of the day."""
    told = (present.metadata.get(DAY, ""), present.metadata.get(AS_OF, ""))
    return told > (whole.metadata[DAY], whole.metadata[AS_OF])


def _ahead(present: publishing.Meta, whole: Bytes) -> bool:
    """Return whether what stands there, about the same day, is dated further ahead than another run can be."""
    try:
        as_of = datetime.datetime.fromisoformat(present.metadata.get(AS_OF, ""))
    except ValueError:
        return False
    return present.metadata.get(DAY) == whole.day.isoformat() and as_of - whole.as_of > AHEAD


def _write(place: Place, path: str, whole: Bytes, *, generation: int) -> None:
    publishing.publish(
        place.client,
        place.bucket,
        place.name(path),
        whole.gzipped,
        content_type=whole.content_type,
        cache_control=whole.cache,
        metadata=whole.metadata,
        generation=generation,
    )


def hold_to_schema(place: Place, document: declaration.Document, schema: bytes, run: plan.Run) -> plan.Trouble | None:
    """Return why readers of the published schema would break, or None once the document's own schema is published.

    Raise CloudError. A document that is forced replaces the schema in any case.
    """
    path = plan.schema_path(document)
    try:
        content, meta = publishing.read_published(place.client, place.bucket, place.name(path))
    except errors.NotFound:
        content, meta = b"", None
    if content == schema:
        return None
    old = building.decoded(content)
    broken = contracts.breaks(old, building.decoded(schema) or {}) if old else ()
    if broken and document.id not in run.forced:
        told = f"its schema is not what readers of {path} rely on: {'; '.join(broken[:3])}"
        fix = "add to the schema only, or publish under a new prefix; force replaces the schema for all readers"
        return plan.Trouble("schema_break", told, fix)
    # The schema last: while it differs, the next run comes here again, also after this one was killed in between.
    _companions(place, run)
    _put(place, path, schema, run, JSON, generation=meta.generation if meta else 0)
    return None


def _companions(place: Place, run: plan.Run) -> None:
    """Write the TypeScript types and the manifest's schema, where they are not what this code says."""
    types = contracts.typescript(contracts.schemas()).encode()
    of_manifest = (layout.schema(contracts.MANIFEST), building.schema_bytes(contracts.MANIFEST), JSON)
    for path, content, content_type in ((layout.TYPES, types, TYPESCRIPT), of_manifest):
        present = _stat(place, path)
        if present is None or present.metadata.get(SHA256) != building.digest(content):
            _put(place, path, content, run, content_type, generation=present.generation if present else 0)


def _put(place: Place, path: str, content: bytes, run: plan.Run, content_type: str, *, generation: int) -> None:
    """Write what every run of this code would write too; another run that was faster did."""
    packed = encoding.document(content, most_bytes=len(content))
    whole = Bytes(packed.gzipped, packed.sha256, run.day.date, run.now, SHORTLY, content_type)
    with contextlib.suppress(errors.PreconditionFailed):
        _write(place, path, whole, generation=generation)


class Standing(NamedTuple):
    """A manifest as it was read, and the generation that the next write replaces; None and 0 where there is none."""

    manifest: manifest.Manifest | None
    generation: int


def standing(place: Place, path: str) -> Standing:
    """Return a manifest; raise Garbled for one that cannot be read: without it, worse could replace good."""
    try:
        content, meta = publishing.read_published(place.client, place.bucket, place.name(path))
    except errors.NotFound:
        return Standing(None, 0)
    found = manifest.decode(content)
    if isinstance(found, str):
        where = f"gs://{place.bucket}/{place.name(path)}"
        raise errors.Garbled(f"{where}: {found}; restore an older version of it, or delete it to begin anew")
    return Standing(found, meta.generation)


def commit(place: Place, path: str, ours: manifest.Manifest, read: Standing) -> manifest.Manifest:
    """Return the manifest that stands at a path in the end: ours, with what others published later; raise CloudError.

    A manifest of a later day stays.
    """
    for _ in range(ATTEMPTS):
        theirs = read.manifest
        if theirs is not None and theirs.day > ours.day:
            return theirs
        wanted = plan.merged(ours, theirs) if theirs is not None and theirs.day == ours.day else ours
        if theirs is not None and theirs.documents == wanted.documents and theirs.day == wanted.day:
            return theirs
        content = manifest.encode(wanted)
        packed = encoding.document(content, most_bytes=len(content))
        whole = Bytes(packed.gzipped, packed.sha256, wanted.day, wanted.published_at, SHORTLY)
        with contextlib.suppress(errors.PreconditionFailed):
            _write(place, path, whole, generation=read.generation)
            return wanted
        read = standing(place, path)
    raise errors.Unavailable(f"gs://{place.bucket}/{place.name(path)} was overwritten {ATTEMPTS} times meanwhile")
