"""The bytes of an object: where they are, how many, and their checksums."""

import base64
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import google_crc32c

from local.storage import errors

Place = bytes | Path


@dataclass(frozen=True)
class Sums:
    """Size in bytes and base64 checksums of some bytes."""

    size: int
    crc32c: str
    md5: str


def sums(data: bytes) -> Sums:
    """Return size and checksums of `data`."""
    crc = google_crc32c.Checksum(data).digest()
    md5 = hashlib.md5(data, usedforsecurity=False).digest()
    return Sums(len(data), base64.b64encode(crc).decode(), base64.b64encode(md5).decode())


def check(found: Sums, given: Mapping[str, Any]) -> None:
    """Return nothing given that the checksums which the caller sent are those of the bytes; raise ApiError (400)."""
    crc32c, md5 = given.get("crc32c"), given.get("md5Hash")
    if crc32c and crc32c != found.crc32c:
        raise errors.checksum_mismatch("CRC32C", provided=crc32c, calculated=found.crc32c)
    if md5 and md5 != found.md5:
        raise errors.checksum_mismatch("MD5 hash", provided=md5, calculated=found.md5)


def given_in(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the checksums that request headers carry (x-goog-hash, Content-MD5), under their names in a resource."""
    pairs = (part.strip().partition("=") for part in headers.get("x-goog-hash", "").split(","))
    found = {kind: value for kind, _, value in pairs if value}
    found.setdefault("md5", headers.get("content-md5", ""))
    named = {"crc32c": found.get("crc32c", ""), "md5Hash": found["md5"]}
    return {kind: value for kind, value in named.items() if value}


def opened(place: Place) -> BinaryIO:
    """Return the bytes at `place` as a file to read; it stays readable when the object is deleted meanwhile."""
    return io.BytesIO(place) if isinstance(place, bytes) else place.open("rb")


def read(place: Place) -> bytes:
    """Return all bytes at `place`."""
    with opened(place) as stream:
        return stream.read()
