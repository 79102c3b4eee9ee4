"""Pages of a list: how many items are asked for, and the opaque token that leads to the next ones; pure."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from local.control import errors

T = TypeVar("T")
_BEGIN = b"from:"


def page(items: Sequence[T], asked: Mapping[str, Any], *, default: int, most: int) -> tuple[Sequence[T], str]:
    """Return the items of the page that is asked for, and the token of the next, empty for none; raise Refused (400).

    asked: pageSize and pageToken, as text or as JSON values. A size over `most` is cut to it, as the services do.
    """
    size = _size(asked.get("pageSize", 0)) or default
    begin = _offset(str(asked.get("pageToken", "")))
    if begin > len(items):
        raise errors.invalid("Invalid page token.")
    end = begin + min(size, most)
    return items[begin:end], _token(end) if end < len(items) else ""


def answer(name: str, items: Sequence[T], *, token: str, say: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
    """Return the page as a list response, given the name of its list; what is empty is left out."""
    said: dict[str, Any] = {name: [say(one) for one in items]} if items else {}
    return said | ({"nextPageToken": token} if token else {})


def _size(value: Any) -> int:
    text = str(value)
    if not text.isdecimal():
        raise errors.invalid(f"page_size must be a whole number that is not negative, not {text}.")
    return int(text)


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(_BEGIN + str(offset).encode()).decode()


def _offset(token: str) -> int:
    if not token:
        return 0
    try:
        text = base64.urlsafe_b64decode(token)
    except (binascii.Error, ValueError):
        text = b""
    if not text.startswith(_BEGIN) or not text.removeprefix(_BEGIN).isdigit():
        raise errors.invalid("Invalid page token.")
    return int(text.removeprefix(_BEGIN))
