"""Which names buckets and objects may have, as the real service decides; pure.

Not checked: whether the caller owns the domain of a bucket name with dots, and whether another project has the name.
"""

import ipaddress
import re

from local.storage import errors

LONGEST_OBJECT_NAME = 1024
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]*[a-z0-9]")
_SHORTEST_BUCKET, _LONGEST_BUCKET, _LONGEST_DOTTED = 3, 63, 222
_RESERVED = re.compile(r"^goog|google|g00gle")


def check_bucket(name: object) -> str:
    """Return `name` given that a bucket may have it; raise ApiError (400) when it may not."""
    if not isinstance(name, str) or not name:
        raise errors.required("name")
    if not _BUCKET.fullmatch(name) or _RESERVED.search(name) or not _has_allowed_length(name) or _is_address(name):
        raise errors.invalid(f"Invalid bucket name: '{name}'")
    return name


def check_object(name: object) -> str:
    """Return `name` given that an object may have it; raise ApiError (400) when it may not."""
    if not isinstance(name, str) or not name:
        raise errors.required("name")
    try:
        length = len(name.encode())
    except UnicodeEncodeError as error:
        raise errors.invalid("Object names must be valid UTF-8.") from error
    if length > LONGEST_OBJECT_NAME:
        raise errors.invalid(
            f"The maximum object length is {LONGEST_OBJECT_NAME} characters, "
            f"but got a name with {length} characters: ''{name[:80]}...''"
        )
    if "\r" in name or "\n" in name:
        raise errors.invalid(f"Disallowed unicode characters present in object name '{name}'")
    if name in (".", "..") or name.startswith(".well-known/acme-challenge/"):
        raise errors.invalid(f"Invalid object name: '{name}'")
    return name


def _has_allowed_length(name: str) -> bool:
    longest = _LONGEST_DOTTED if "." in name else _LONGEST_BUCKET
    components = name.split(".")
    return _SHORTEST_BUCKET <= len(name) <= longest and all(0 < len(part) <= _LONGEST_BUCKET for part in components)


def _is_address(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True
