"""MIME messages of several parts, as uploads and batches send them; pure, and exact to the byte."""

import email.parser
import re
from dataclasses import dataclass

from local.storage import errors


@dataclass(frozen=True)
class Part:
    """One part: its headers by lower-case name, and its bytes."""

    headers: dict[str, str]
    body: bytes


def split(content_type: str, body: bytes) -> list[Part]:
    """Return the parts of `body`; raise ApiError (400) when it is not a closed multipart message."""
    match = re.search(r'boundary=(?:"([^"]+)"|([^\s;]+))', content_type)
    if not match:
        raise errors.invalid("The Content-Type of a multipart request must name its boundary.")
    mark = b"--" + (match[1] or match[2]).encode()
    parts = []
    start = body.find(mark)
    while start >= 0 and body[start + len(mark) : start + len(mark) + 2] != b"--":
        begin = body.find(b"\n", start) + 1
        # The line break before a boundary belongs to the boundary, not to the part.
        start = body.find(b"\n" + mark, begin - 1) + 1 or -1
        if start < 0:
            break
        end = start - 2 if body[start - 2 : start] == b"\r\n" else start - 1
        parts.append(_part(body, begin, max(begin, end)))
    if start < 0:
        raise errors.invalid("The multipart body is not closed by its boundary.")
    return parts


def headers_of(text: bytes) -> dict[str, str]:
    """Return the headers that `text` spells, by lower-case name."""
    parsed = email.parser.BytesHeaderParser().parsebytes(text)
    return {name.lower(): str(value) for name, value in parsed.items()}


def _part(body: bytes, begin: int, end: int) -> Part:
    for gap in (b"\r\n\r\n", b"\n\n"):
        middle = body.find(gap, begin, min(end, begin + 65536))
        if middle >= 0:
            return Part(headers_of(body[begin:middle]), body[middle + len(gap) : end])
    raise errors.invalid("A part of the multipart body has no headers.")
