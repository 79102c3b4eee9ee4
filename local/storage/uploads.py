"""Uploads through the JSON API: media (bytes only), multipart (metadata and bytes), and resumable (in chunks).

A resumable upload lives in memory until it is finished: a restart of the stand-in ends it (404), and the client
begins anew; the real service keeps it for a week. `predefinedAcl` is ignored: access control lists are left out.
"""

import re
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib import parse

from local.storage import changes, content, errors, exchange, multipart, names, objects, preconditions, resources, store

CHUNK = 256 * 1024
_RANGE = re.compile(r"bytes (?:(?P<first>\d+)-(?P<last>\d+)|\*)/(?P<total>\d+|\*)")


@dataclass
class Session:
    """A resumable upload under way; `done` is the object once it is made."""

    draft: resources.Draft
    asked: preconditions.Preconditions
    declared: int | None
    data: bytearray = field(default_factory=bytearray)
    done: store.Version | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


def insert(stored: store.Store, request: exchange.Request, bucket: str) -> exchange.Response:
    """Return the new object, or for a resumable upload the address to send its bytes to."""
    kinds = {"media": _media, "multipart": _multipart, "resumable": _begin}
    kind = kinds.get(request.query.get("uploadType", ""))
    if "kmsKeyName" in request.query:
        raise errors.left_out("encryption with keys of the caller")
    if not kind:
        raise errors.invalid(f"Invalid uploadType: one of {', '.join(kinds)} is required.")
    return kind(stored, request, bucket)


def resume(stored: store.Store, request: exchange.Request, bucket: str) -> exchange.Response:  # noqa: ARG001  # a route's shape
    """Return the object when its last bytes came, else 308 and how many bytes are there."""
    session = _session(stored, request)
    with session.lock:
        if session.done:
            return objects.answer(stored, session.done, request)
        match = _RANGE.fullmatch(request.headers.get("content-range", f"bytes */{len(request.body)}"))
        if not match:
            raise errors.invalid(f"Invalid Content-Range: {request.headers['content-range']}")
        total = None if match["total"] == "*" else int(match["total"])
        if request.body:
            _take(session, request.body, offset=int(match["first"] or 0), total=total)
        if total is None or len(session.data) < total:
            there = {"Range": f"bytes=0-{len(session.data) - 1}"} if session.data else {}
            return exchange.Response(308, there)
        return _finish(stored, request, session)


def cancel(stored: store.Store, request: exchange.Request, bucket: str) -> exchange.Response:  # noqa: ARG001  # a route's shape
    """Return 499, as the real service does, after giving up a resumable upload."""
    _session(stored, request)
    with stored.lock:
        del stored.uploads[request.query["upload_id"]]
    return exchange.Response(499)


def _media(stored: store.Store, request: exchange.Request, bucket: str) -> exchange.Response:
    query, headers = request.query, request.headers
    said = {"contentType": headers.get("content-type"), "contentEncoding": query.get("contentEncoding")}
    draft = resources.Draft(bucket, names.check_object(query.get("name")), {**said, **content.given_in(headers)})
    return _insert(stored, request, draft, request.body)


def _multipart(stored: store.Store, request: exchange.Request, bucket: str) -> exchange.Response:
    parts = multipart.split(request.headers.get("content-type", ""), request.body)
    if len(parts) != 2:  # noqa: PLR2004  # metadata and bytes
        raise errors.invalid(f"A multipart upload has two parts, metadata and bytes: got {len(parts)}.")
    said = exchange.parse_document(parts[0].body)
    said.setdefault("contentType", parts[1].headers.get("content-type"))
    return _insert(stored, request, _draft(request, bucket, said), parts[1].body)


def _begin(stored: store.Store, request: exchange.Request, bucket: str) -> exchange.Response:
    said = exchange.document(request)
    said.setdefault("contentType", request.headers.get("x-upload-content-type"))
    session = Session(
        _draft(request, bucket, said),
        preconditions.parse(request.query, request.headers),
        preconditions.integer(request.headers, "x-upload-content-length"),
    )
    resources.check({key: value for key, value in said.items() if value is not None})
    changes.admit(stored, bucket, session.draft.name, asked=session.asked)
    token = uuid.uuid4().hex
    with stored.lock:
        stored.uploads[token] = session
    query = parse.urlencode({"uploadType": "resumable", "name": session.draft.name, "upload_id": token})
    location = f"{request.base}/upload/storage/v1/b/{parse.quote(bucket)}/o?{query}"
    return exchange.Response(200, {"Location": location, "X-GUploader-UploadID": token})


def _take(session: Session, body: bytes, *, offset: int, total: int | None) -> None:
    """Keep what is new in a chunk: all of the last one, multiples of 256 KiB of any other; raise ApiError (400)."""
    there = len(session.data)
    if offset > there:
        raise errors.invalid(
            f"Invalid request.  According to the Content-Range header, the upload offset is {offset} byte(s), "
            f"which exceeds already uploaded size of {there} byte(s)."
        )
    is_last = total is not None and offset + len(body) >= total
    if total is not None and offset + len(body) > total:
        raise errors.invalid(f"Invalid request.  {offset + len(body)} byte(s) came of an upload of {total} byte(s).")
    if not is_last and len(body) < CHUNK:
        raise errors.invalid(
            f"Invalid request.  The number of bytes uploaded is required to be equal or greater than {CHUNK}, "
            "except for the final request (it's recommended to be the exact multiple of "
            f"{CHUNK}).  The received request contained {len(body)} bytes, which does not meet this requirement."
        )
    kept = len(body) if is_last else len(body) - (offset + len(body)) % CHUNK
    session.data += memoryview(body)[there - offset : kept]


def _finish(stored: store.Store, request: exchange.Request, session: Session) -> exchange.Response:
    if session.declared not in (None, len(session.data)):
        raise errors.invalid(f"X-Upload-Content-Length was {session.declared}, but {len(session.data)} byte(s) came.")
    draft = session.draft
    draft = resources.Draft(draft.bucket, draft.name, {**draft.said, **content.given_in(request.headers)})
    session.done = changes.insert(stored, draft, bytes(session.data), asked=session.asked)
    session.data = bytearray()
    return objects.answer(stored, session.done, request)


def _session(stored: store.Store, request: exchange.Request) -> Session:
    with stored.lock:
        session = stored.uploads.get(request.query.get("upload_id", ""))
    if not isinstance(session, Session):
        raise errors.ApiError(404, "notFound", "The resumable upload does not exist, or not any more.")
    return session


def _draft(request: exchange.Request, bucket: str, said: Mapping[str, Any]) -> resources.Draft:
    name = names.check_object(request.query.get("name") or said.get("name"))
    return resources.Draft(bucket, name, {**said, **content.given_in(request.headers)})


def _insert(stored: store.Store, request: exchange.Request, draft: resources.Draft, data: bytes) -> exchange.Response:
    asked = preconditions.parse(request.query, request.headers)
    return objects.answer(stored, changes.insert(stored, draft, data, asked=asked), request)
