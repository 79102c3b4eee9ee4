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

_HEADERS = {
    "cacheControl": "Cache-Control",
    "contentDisposition": "Content-Disposition",
    "contentEncoding": "Content-Encoding",
    "contentLanguage": "Content-Language",
}


def download(stored: store.Store, request: exchange.Request, bucket: str, name: str) -> exchange.Response:
    """Return the bytes of an object, to be read while they are sent; raise ApiError (304, 403, 404, 412, 416)."""
    with stored.lock:
        found = stored.bucket(bucket)
        access.need(found, "storage.objects.get")
        version = stored.find(found, name, preconditions.integer(request.query, "generation"))
        resource = version.resource
        preconditions.check_read(preconditions.parse(request.query, request.headers), resource)
        stream = content.opened(version.place)
    headers = _headers(resource)
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


def _headers(resource: dict[str, Any]) -> dict[str, str]:
    md5 = f",md5={resource['md5Hash']}" if "md5Hash" in resource else ""
    return {
        "Content-Type": resource["contentType"],
        "ETag": resource["etag"],
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
