"""From known facts to the bytes of a document that may be published; pure.

A document holds the instant since when its content is what it is. So that nothing is written while nothing changes, it
is made with the instant of what stands there first: if that gives the same bytes, it is the same content.
"""

import datetime
import functools
import hashlib
from collections.abc import Callable
from typing import Any

import orjson

from cloud_functions.live_export import contracts, declaration, encoding, facts, plan
from shared import calendars
from shared.exports import manifest

ROWS = "rows"
"""The shape of documents that are a query's rows as they are: they have no module of their own."""


@functools.cache
def schema_bytes(shape: str) -> bytes:
    """Return the published JSON Schema of a shape, as bytes; raise KeyError for an unknown one."""
    return canonical(contracts.schemas()[shape])


@functools.cache
def _checker(shape: str) -> Callable[[Any], list[str]]:
    return contracts.checker(contracts.schemas()[shape])


def canonical(value: Any) -> bytes:
    """Return a value as JSON that is the same for equal values: mappings sorted, NaN null, instants in UTC with a Z."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)


def digest(content: bytes) -> str:
    """Return the SHA-256 of some bytes, in hex."""
    return hashlib.sha256(content).hexdigest()


def decoded(content: bytes) -> dict[str, Any] | None:
    """Return the JSON object that some bytes hold, or None when they hold none."""
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def make(
    document: declaration.Document, known: facts.Facts, before: manifest.Entry | None
) -> plan.Candidate | plan.Trouble:
    """Return the document made of what is known, or why it is none."""
    if known.standing is calendars.Standing.UNKNOWN:
        message = f"the schedule does not cover {known.day}: whether there are games is not known"
        return plan.Trouble("no_schedule", message, "look why the schedule table does not reach that day", judged=False)
    module = contracts.shapes_of_documents()[document.shape]
    try:
        built, stamp = _stamped(module, known, before)
        packed = _packed(document, canonical(built))
    except orjson.JSONEncodeError as error:
        # Half a character in a name, or a number that is none of this world.
        return plan.Trouble("schema_invalid", f"it cannot be JSON: {error}", "mend the source that fills it")
    if isinstance(packed, plan.Trouble):
        return packed
    return plan.Candidate(
        gzipped=packed.gzipped,
        sha256=packed.sha256,
        size=packed.bytes,
        measures=module.measure(built),
        updated_at=stamp,
        version=module.VERSION,
        schema=schema_bytes(document.shape),
        schema_sha256=digest(schema_bytes(document.shape)),
        closed=known.night.over,
    )


def _packed(document: declaration.Document, content: bytes) -> encoding.Encoded | plan.Trouble:
    """Return a document's bytes, compressed, or why they may not be published."""
    mistakes = _checker(document.shape)(orjson.loads(content))
    if mistakes:
        fix = "mend the source that fills it, or the shape and its version"
        return plan.Trouble("schema_invalid", f"it fails its schema: {'; '.join(mistakes)[:300]}", fix)
    try:
        return encoding.document(content, most_bytes=document.most_bytes)
    except encoding.TooLarge as error:
        return too_large(document, error)


def too_large(document: declaration.Document, error: encoding.TooLarge) -> plan.Trouble:
    """Return why a document is too large to be published."""
    fix = f"look for rows that repeat themselves, or raise most_bytes of {document.id}"
    return plan.Trouble("too_large", f"it has {error}", fix, expected=document.most_bytes, unit="bytes")


def _stamped(module: Any, known: facts.Facts, before: manifest.Entry | None) -> tuple[Any, datetime.datetime]:
    """Return the document and its stamp: that of what stands there if it is the same content, else now."""
    standing = before.content if before else None
    if standing is not None and standing.day == known.day:
        same = module.build(known, standing.updated_at)
        if digest(canonical(same)) == standing.sha256:
            return same, standing.updated_at
    return module.build(known, known.now), known.now
