"""The resources of objects as Cloud Storage shapes them: how one is made, changed and shown; pure."""

import base64
import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib import parse

from local.storage import content, errors

STORAGE_CLASSES = (
    "STANDARD",
    "NEARLINE",
    "COLDLINE",
    "ARCHIVE",
    "MULTI_REGIONAL",
    "REGIONAL",
    "DURABLE_REDUCED_AVAILABILITY",
)
_TEXTS = ("cacheControl", "contentDisposition", "contentEncoding", "contentLanguage", "contentType", "customTime")
_FLAGS = ("temporaryHold", "eventBasedHold")
_TREES = ("metadata", "retention", "contexts")
WRITABLE = (*_TEXTS, *_FLAGS, *_TREES)


@dataclass(frozen=True)
class Draft:
    """An object to be made: where, and what its maker says of it (checksums to hold it to among that)."""

    bucket: str
    name: str
    said: Mapping[str, Any]


def new(draft: Draft, sums: content.Sums, *, bucket: Mapping[str, Any], generation: int, now: str) -> dict[str, Any]:
    """Return the resource of a new object; raise ApiError (400) when what its maker says is malformed."""
    said = {key: draft.said[key] for key in WRITABLE if draft.said.get(key) is not None}
    check(said)
    storage_class = draft.said.get("storageClass") or bucket["storageClass"]
    if storage_class not in STORAGE_CLASSES:
        raise errors.invalid(f"Invalid storage class: '{storage_class}'")
    if bucket.get("defaultEventBasedHold"):
        said.setdefault("eventBasedHold", True)
    return {
        "kind": "storage#object",
        "id": f"{draft.bucket}/{draft.name}/{generation}",
        "name": draft.name,
        "bucket": draft.bucket,
        "generation": str(generation),
        "metageneration": "1",
        "contentType": "application/octet-stream",
        "storageClass": storage_class,
        "size": str(sums.size),
        **({"md5Hash": sums.md5} if sums.md5 else {}),
        "crc32c": sums.crc32c,
        "etag": _etag(str(generation), "1"),
        **dict.fromkeys(("timeCreated", "updated", "timeStorageClassUpdated", "timeFinalized"), now),
        **said,
    }


def patched(resource: Mapping[str, Any], wanted: Mapping[str, Any], *, now: str) -> dict[str, Any]:
    """Return `resource` after a PATCH: null removes, trees merge; raise ApiError (400) on malformed values."""
    chosen = {key: value for key, value in wanted.items() if key in WRITABLE}
    return _changed(resource, merged(resource, chosen), now=now)


def replaced(resource: Mapping[str, Any], wanted: Mapping[str, Any], *, now: str) -> dict[str, Any]:
    """Return `resource` after a PUT: what is not given is removed; raise ApiError (400) on malformed values."""
    kept = {key: value for key, value in resource.items() if key not in WRITABLE}
    return _changed(resource, kept | {key: wanted[key] for key in WRITABLE if wanted.get(key) is not None}, now=now)


def merged(old: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return `old` with `patch` merged into it at every level; null removes, lists are replaced."""
    result = dict(old)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            below = result.get(key)
            result[key] = merged(below if isinstance(below, dict) else {}, value)
        else:
            result[key] = value
    return result


def check(said: Mapping[str, Any]) -> None:
    """Return nothing given that what is said of an object has the right types; raise ApiError (400) when it has not."""
    for key, types in (
        *((key, str) for key in _TEXTS),
        *((key, bool) for key in _FLAGS),
        *((key, dict) for key in _TREES),
    ):
        if key in said and not isinstance(said[key], types):
            raise errors.invalid(f"Invalid value for: {said[key]!r} is not a valid value of {key}")
    if not all(isinstance(value, str) for value in said.get("metadata", {}).values()):
        raise errors.invalid("Invalid value for: the values of metadata must be strings")
    for text in (said.get("customTime"), said.get("retention", {}).get("retainUntilTime")):
        if text is not None:
            _moment(text)


def shown(resource: Mapping[str, Any], *, base: str, retained_until: str) -> dict[str, Any]:
    """Return the resource as it is answered under the address `base`."""
    path = f"/storage/v1/b/{resource['bucket']}/o/{parse.quote(resource['name'], safe='')}"
    link = f"{base}/download{path}?generation={resource['generation']}&alt=media"
    until = {"retentionExpirationTime": retained_until} if retained_until else {}
    return {**resource, "selfLink": base + path, "mediaLink": link, **until}


def _changed(old: Mapping[str, Any], new: dict[str, Any], *, now: str) -> dict[str, Any]:
    check(new)
    if "customTime" in old and ("customTime" not in new or _moment(new["customTime"]) < _moment(old["customTime"])):
        raise errors.invalid("Custom time cannot be removed or set to an earlier datetime.")
    metageneration = str(int(old["metageneration"]) + 1)
    return {
        **new,
        "metageneration": metageneration,
        "etag": _etag(new["generation"], metageneration),
        "updated": now,
    }


def _etag(generation: str, metageneration: str) -> str:
    return base64.b64encode(f"{generation}.{metageneration}".encode()).decode()


def _moment(text: Any) -> datetime.datetime:
    try:
        moment = datetime.datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise errors.invalid(f"Invalid value for: {text!r} is not a valid time") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
