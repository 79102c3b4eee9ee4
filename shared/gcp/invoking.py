"""Calls another function of ours, as the account that this one runs as; errors come out as `shared.errors`.

The identity token comes from the platform's metadata server. Its audience is the address of the service itself, which
must therefore be declared as the platform knows it.
"""

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib import parse

import google.auth.transport.requests
import requests
import urllib3
from google.oauth2 import id_token

from shared import addresses, errors, web
from shared.gcp import renaming

MOST_BYTES = 8 * 1024 * 1024
"""What a report may hold."""
PIECE = 64 * 1024
REPORT = ("function", "run_id", "status", "summary")
"""What every report says; an answer without these is none."""
_BY_STATUS: Mapping[int, type[errors.CloudError]] = {
    401: errors.AccessDenied,
    403: errors.AccessDenied,
    404: errors.NotFound,
    429: errors.QuotaExceeded,
}


def call(url: str, body: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
    """Return the report that a function answers a POST of `body` with, after `seconds` at most; raise CloudError.

    Raise Rejected for an address that must not be called, and Garbled for an answer that is no report.
    """
    mistake = addresses.mistake(url)
    if mistake:
        raise errors.Rejected(f"calling a function: its address {mistake}")
    ends = time.monotonic() + seconds
    doing = f"calling {parse.urlsplit(url).hostname}"
    with renaming.renamed(f"{doing}: getting an identity token"):
        token = id_token.fetch_id_token(google.auth.transport.requests.Request(), audience(url))
    with renaming.renamed(doing), web.session() as session:
        return _report(_content(session, url, token, body, ends), doing)


def audience(url: str) -> str:
    """Return the audience of a token for a service, given its address: that without query and closing slash."""
    split = parse.urlsplit(url)
    return f"{split.scheme}://{split.netloc}{split.path.rstrip('/')}"


def _content(session: requests.Session, url: str, token: str, body: Mapping[str, Any], ends: float) -> bytes:
    left = max(web.SHORTEST, ends - time.monotonic())
    timeout = (min(web.CONNECT_SECONDS, left), left)
    # A compressed answer could not be read piece by piece as it comes.
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
    with session.post(url, json=body, headers=headers, timeout=timeout, allow_redirects=False, stream=True) as answer:
        status = answer.status_code
        if status != requests.codes.ok:
            host = parse.urlsplit(url).hostname
            raise _refusal(status)(f"calling {host}: it is answered with status {status}")
        return _body(answer, ends)


def _body(answer: requests.Response, ends: float) -> bytes:
    """Return the body; raise Garbled for one that goes on, and Unavailable for one that does not end in time."""
    content = bytearray()
    try:
        while piece := answer.raw.read1(PIECE, decode_content=False):
            content += piece
            if len(content) > MOST_BYTES:
                raise errors.Garbled(f"the answer has more than {MOST_BYTES:,} bytes")
            if time.monotonic() > ends:
                raise errors.Unavailable(f"the answer did not end in time: {len(content):,} bytes came")
    except urllib3.exceptions.HTTPError as error:
        raise errors.Unavailable(f"the answer broke off: {type(error).__name__}") from error
    return bytes(content)


def _refusal(status: int) -> type[errors.CloudError]:
    return _BY_STATUS.get(status) or (
        errors.Unavailable if status >= requests.codes.internal_server_error else errors.Rejected
    )


def _report(content: bytes, doing: str) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        raise errors.Garbled(f"{doing}: the answer is no JSON") from None
    if not isinstance(value, dict) or not all(isinstance(value.get(name), str) for name in REPORT):
        raise errors.Garbled(f"{doing}: the answer is no report")
    return value
