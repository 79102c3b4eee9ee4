"""Reading from foreign hosts within a time and a size: the one way in which functions ask anyone but Google.

An answer of any status is an answer; what it means is for the caller to say.
"""

import dataclasses
import datetime
import email.utils
import re
import time
import zlib
from collections.abc import Mapping
from typing import Any

import requests
import urllib3

CONNECT_SECONDS = 5.0
SHORTEST = 0.1
PIECE = 64 * 1024
_GZIP = 16 + zlib.MAX_WBITS
PASSING = (408, 425, 429)
"""Statuses below 500 whose reason may pass."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a host answered: status, headers with any spelling of their names, and the body as it was sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def passing(self) -> bool:
        """Whether the reason why the host refused may pass by itself."""
        return self.status in PASSING or self.status >= requests.codes.internal_server_error


class NoAnswer(Exception):
    """The host did not answer in time, or not to the end; the message does not quote the address."""


class Undecodable(NoAnswer):
    """The host answered to the end, and its bytes are not compressed as it says."""


def session() -> requests.Session:
    """Return a session that takes nothing of this machine: no proxy, no .netrc."""
    made = requests.Session()
    made.trust_env = False
    return made


def get(
    used: requests.Session,
    url: str,
    *,
    seconds: float,
    most_bytes: int,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Return what a GET is answered with, redirects not followed; raise NoAnswer.

    seconds: for everything, from connecting to the last byte, so that a host that drips bytes ends in time too.
    most_bytes: of the decompressed body; one that goes on is no answer.
    """
    ends = time.monotonic() + seconds
    timeout = (max(SHORTEST, min(CONNECT_SECONDS, seconds)), max(SHORTEST, seconds))
    asked = {"Accept-Encoding": "gzip", **(headers or {})}
    try:
        with used.get(
            url, params=query, headers=asked, timeout=timeout, allow_redirects=False, stream=True
        ) as response:
            return Answer(response.status_code, response.headers, _body(response, ends, most_bytes))
    except (requests.RequestException, urllib3.exceptions.HTTPError, UnicodeError) as error:
        # Errors of `requests` quote the address.
        raise NoAnswer(f"no answer: {type(error).__name__}") from None


def _body(response: requests.Response, ends: float, most_bytes: int) -> bytes:
    """Return the whole body, decompressed as it comes, however slowly, so that time and size are kept."""
    gzipped = response.headers.get("Content-Encoding", "").lower() == "gzip"
    unpack = zlib.decompressobj(_GZIP) if gzipped else None
    body = bytearray()
    while piece := response.raw.read1(PIECE, decode_content=False):
        body += _unpacked(unpack, piece, most_bytes + 1 - len(body)) if unpack else piece
        if len(body) > most_bytes:
            raise NoAnswer(f"the answer has more than {most_bytes:,} bytes")
        if time.monotonic() > ends:
            raise NoAnswer(f"the answer did not end in time: {len(body):,} bytes came")
    if unpack and not unpack.eof:
        raise Undecodable("the answer is no whole gzip")
    return bytes(body)


def _unpacked(unpack: Any, piece: bytes, most: int) -> bytes:
    try:
        return bytes(unpack.decompress(piece, most))
    except zlib.error:
        raise Undecodable("the answer is no gzip") from None


def retry_after(headers: Mapping[str, str]) -> float:
    """Return the seconds that a host asks for in Retry-After, as a number or as a date; 0 when it does not."""
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,6}", text):
        return float(text)
    try:
        until = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    if until.tzinfo is None:
        return 0.0
    return max(0.0, (until - datetime.datetime.now(datetime.UTC)).total_seconds())
