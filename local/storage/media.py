"""Downloads: whole, by byte range, and unzipped on the way for callers who do not take gzip."""

import datetime
import gzip
import io
import re
import zlib
from email import utils
from typing import Any
from urllib import parse

from local.storage import access, content, errors, exchange, preconditions, store

_KEPT_UNCHANGED = ("Cache-Control", "ETag", "Last-Modified", "X-Goog-Generation", "X-Goog-Metageneration")
_HEADERS = {
    "cacheControl": "Cache-Control",
    "contentDisposition": "Content-Disposition",
    "contentEncoding": "Content-Encoding",
    "contentLanguage": "Content-Language",
}


def download(stored: store.Store, request: exchange.Request, bucket: str, name: str) -> exchange.Response:
    """Return the bytes of an object, to be read while they are sent, or 304; raise ApiError (403, 404, 412, 416)."""
    with stored.lock:
        found = stored.bucket(bucket)
        access.need(found, "storage.objects.get")
        version = stored.find(found, name, preconditions.integer(request.query, "generation"))
        resource, headers = version.resource, _headers(version.resource, request)
        try:
            preconditions.check_read(preconditions.parse(request.query, request.headers), resource)
        except errors.ApiError as error:
            return _unchanged(error, headers)
        stream = content.opened(version.place)
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    try:
        if _must_unzip(resource, request):
            with stream:
                return exchange.Response(200, _unzipped_headers(headers), _unzipped(stream.read(), resource))
        start, length = _range(request.headers.get("range", ""), size)
    except errors.ApiError:
        stream.close()
        raise
    if length is None:
        return exchange.Response(200, headers, stream=stream, length=size)
    stream.seek(start)
    ranged = {**headers, "Content-Range": f"bytes {start}-{start + length - 1}/{size}"}
    return exchange.Response(206, ranged, stream=stream, length=length)


def _unchanged(error: errors.ApiError, headers: dict[str, str]) -> exchange.Response:
    """Return the 304 by which a browser goes on using what it has; raise any other error."""
    if error.status != 304:  # noqa: PLR2004  # the only one that is no refusal
        raise error
    return exchange.Response(304, {name: headers[name] for name in _KEPT_UNCHANGED if name in headers})


def _range(text: str, size: int) -> tuple[int, int | None]:
    """Return first byte and length of the asked range, length None for the whole; raise ApiError (416) outside."""
    match = re.fullmatch(r"\s*bytes=(\d*)-(\d*)\s*", text)
    if not match or match.groups() == ("", ""):
        return 0, None
    first, last = match.groups()
    if not first:
        length = min(int(last), size)
        if not length:
            raise errors.out_of_range(size)
        return size - length, length
    start, end = int(first), min(int(last), size - 1) if last else size - 1
    if last and int(last) < start:
        return 0, None
    if start >= size:
        raise errors.out_of_range(size)
    return start, end - start + 1


def _headers(resource: dict[str, Any], request: exchange.Request) -> dict[str, str]:
    tag = resource["etag"] if exchange.is_json(request) else f'"{resource["etag"]}"'
    md5 = f",md5={resource['md5Hash']}" if "md5Hash" in resource else ""
    return {
        "Content-Type": resource["contentType"],
        "ETag": tag,
        "Last-Modified": utils.format_datetime(datetime.datetime.fromisoformat(resource["updated"]), usegmt=True),
        "Accept-Ranges": "bytes",
        "X-Goog-Generation": resource["generation"],
        "X-Goog-Metageneration": resource["metageneration"],
        "X-Goog-Storage-Class": resource["storageClass"],
        "X-Goog-Hash": f"crc32c={resource['crc32c']}{md5}",
        "X-Goog-Stored-Content-Encoding": resource.get("contentEncoding") or "identity",
        "X-Goog-Stored-Content-Length": resource["size"],
        **{header: resource[key] for key, header in _HEADERS.items() if resource.get(key)},
        **{f"X-Goog-Meta-{parse.quote(key)}": value for key, value in resource.get("metadata", {}).items()},
    }


def _must_unzip(resource: dict[str, Any], request: exchange.Request) -> bool:
    return (
        resource.get("contentEncoding") == "gzip"
        and "gzip" not in request.headers.get("accept-encoding", "")
        and "no-transform" not in resource.get("cacheControl", "")
    )


def _unzipped_headers(headers: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in headers.items() if name not in ("Content-Encoding", "Accept-Ranges")}
    return {
        **kept,
        "Warning": "214 UploadServer gunzipped",
        "X-Guploader-Response-Body-Transformations": "gunzipped",
    }


def _unzipped(data: bytes, resource: dict[str, Any]) -> bytes:
    try:
        return gzip.decompress(data)
    except (EOFError, OSError, zlib.error) as error:
        message = f"{resource['bucket']}/{resource['name']} has contentEncoding gzip, but its bytes are not gzip."
        raise errors.invalid(message) from error
