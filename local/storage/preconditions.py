"""The preconditions a caller may attach to a call, and whether they hold; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.storage import errors


@dataclass(frozen=True)
class Preconditions:
    """What must be (or, `not_…`, must not be) true of an object or bucket; None where nothing is asked."""

    generation: int | None = None
    not_generation: int | None = None
    metageneration: int | None = None
    not_metageneration: int | None = None
    etag: str | None = None
    not_etag: str | None = None


NONE = Preconditions()


def parse(query: Mapping[str, str], headers: Mapping[str, str], *, prefix: str = "if") -> Preconditions:
    """Return the preconditions in a call, of its source for prefix "ifSource"; raise ApiError (400) on non-numbers."""
    tags = headers if prefix == "if" else {}
    return Preconditions(
        generation=integer(query, f"{prefix}GenerationMatch"),
        not_generation=integer(query, f"{prefix}GenerationNotMatch"),
        metageneration=integer(query, f"{prefix}MetagenerationMatch"),
        not_metageneration=integer(query, f"{prefix}MetagenerationNotMatch"),
        etag=tags.get("if-match"),
        # Here tags compare weakly: a cache may send as weak what it got as strong.
        not_etag=tags["if-none-match"].replace('W/"', '"') if "if-none-match" in tags else None,
    )


def integer(query: Mapping[str, str], name: str) -> int | None:
    """Return the query parameter `name` as a number, None when absent; raise ApiError (400) when it is no number."""
    text = query.get(name)
    if text is None:
        return None
    try:
        return int(text)
    except ValueError as error:
        raise errors.invalid(f'Invalid long value: "{text}" for parameter {name}.') from error


def check(asked: Preconditions, resource: Mapping[str, Any] | None) -> None:
    """Return nothing given that all hold of the `resource` to be changed (None: no such); raise ApiError (412)."""
    if _mismatch(asked, resource) or _match_of_excluded(asked, resource):
        raise errors.condition_not_met()


def check_read(asked: Preconditions, resource: Mapping[str, Any]) -> None:
    """Return nothing given that all hold of the `resource` to be read; raise ApiError: 412, or 304 for the `not_…`."""
    if _mismatch(asked, resource):
        raise errors.condition_not_met()
    if _match_of_excluded(asked, resource):
        raise errors.not_modified()


def _mismatch(asked: Preconditions, resource: Mapping[str, Any] | None) -> bool:
    generation, metageneration, etag = _versions(resource)
    return (
        (asked.generation is not None and asked.generation != generation)
        or (asked.metageneration is not None and asked.metageneration != metageneration)
        or (asked.etag is not None and etag not in _tags(asked.etag) and not (asked.etag == "*" and resource))
    )


def _match_of_excluded(asked: Preconditions, resource: Mapping[str, Any] | None) -> bool:
    generation, metageneration, etag = _versions(resource)
    return (
        (asked.not_generation is not None and asked.not_generation == generation)
        or (asked.not_metageneration is not None and asked.not_metageneration == metageneration)
        or (
            asked.not_etag is not None and (etag in _tags(asked.not_etag) or (asked.not_etag == "*" and bool(resource)))
        )
    )


def _versions(resource: Mapping[str, Any] | None) -> tuple[int, int | None, str | None]:
    if resource is None:
        return 0, None, None
    return int(resource.get("generation", 0)), int(resource["metageneration"]), resource["etag"]


def _tags(text: str) -> list[str]:
    return [tag.strip().strip('"') for tag in text.split(",")]
