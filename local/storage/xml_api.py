"""The part of the XML API that the official client uses: signed and public addresses, and uploads in parts.

A signature is not checked, only that the signed address has not expired. Listing over XML is left out (501).
"""

import datetime
import re
import uuid
from dataclasses import dataclass, field
from xml.sax import saxutils

from local.storage import changes, content, errors, exchange, media, preconditions, resources, store

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_PART = re.compile(r"<PartNumber>(\d+)</PartNumber>\s*<ETag>([^<]*)</ETag>")
_MOST_PARTS = 10_000


@dataclass
class Parts:
    """An upload in parts under way: its draft, and the bytes of each part by number."""

    draft: resources.Draft
    parts: dict[int, bytes] = field(default_factory=dict)


def get(stored: store.Store, request: exchange.Request, bucket: str, name: str) -> exchange.Response:
    """Return the bytes of an object."""
    _check_expiry(stored, request)
    return media.download(stored, request, bucket, name)


def put(stored: store.Store, request: exchange.Request, bucket: str, name: str) -> exchange.Response:
    """Return the response to an object, or a part of one, that was sent whole."""
    _check_expiry(stored, request)
    if "uploadId" in request.query:
        return _put_part(stored, request)
    asked = _asked(request)
    version = changes.insert(stored, _draft(request, bucket, name), request.body, asked=asked)
    return exchange.Response(200, _written(version))


def post(stored: store.Store, request: exchange.Request, bucket: str, name: str) -> exchange.Response:
    """Return the response that begins an upload in parts, or ends it with the object."""
    _check_expiry(stored, request)
    if "uploads" in request.query:
        changes.admit(stored, bucket, name, asked=preconditions.NONE)
        token = uuid.uuid4().hex
        with stored.lock:
            stored.uploads[token] = Parts(_draft(request, bucket, name))
        return _document("InitiateMultipartUploadResult", {"Bucket": bucket, "Key": name, "UploadId": token})
    if "uploadId" not in request.query:
        raise errors.left_out("uploads of HTML forms")
    upload = _upload(stored, request)
    listed = _PART.findall(request.body.decode().replace("&quot;", '"').replace(' xmlns=""', ""))
    data = b"".join(_checked(upload, int(number), tag) for number, tag in listed)
    version = changes.insert(stored, upload.draft, data, asked=_asked(request), composed_of=len(listed))
    with stored.lock:
        stored.uploads.pop(request.query["uploadId"], None)
    return _document("CompleteMultipartUploadResult", {"Bucket": bucket, "Key": name}, headers=_written(version))


def delete(stored: store.Store, request: exchange.Request, bucket: str, name: str) -> exchange.Response:
    """Delete an object, or give up an upload in parts."""
    _check_expiry(stored, request)
    if "uploadId" in request.query:
        _upload(stored, request)
        with stored.lock:
            stored.uploads.pop(request.query["uploadId"], None)
    else:
        changes.delete(stored, bucket, name, asked=_asked(request))
    return exchange.Response(204)


def _put_part(stored: store.Store, request: exchange.Request) -> exchange.Response:
    upload = _upload(stored, request)
    number = preconditions.integer(request.query, "partNumber") or 0
    if not 1 <= number <= _MOST_PARTS:
        raise errors.invalid(f"partNumber must be between 1 and {_MOST_PARTS}.")
    sums = content.sums(request.body)
    content.check(sums, content.given_in(request.headers))
    upload.parts[number] = request.body
    return exchange.Response(200, {"ETag": _tag(sums), "X-Goog-Hash": f"crc32c={sums.crc32c},md5={sums.md5}"})


def _checked(upload: Parts, number: int, tag: str) -> bytes:
    data = upload.parts.get(number)
    if data is None or _tag(content.sums(data)) != tag:
        raise errors.invalid(f"Part {number} was not uploaded, or is not the one that its ETag names.")
    return data


def _tag(sums: content.Sums) -> str:
    return f'"{sums.md5}"'


def _upload(stored: store.Store, request: exchange.Request) -> Parts:
    with stored.lock:
        upload = stored.uploads.get(request.query["uploadId"])
    if not isinstance(upload, Parts):
        raise errors.ApiError(404, "notFound", "The requested upload was not found.")
    return upload


def _draft(request: exchange.Request, bucket: str, name: str) -> resources.Draft:
    headers = request.headers
    metadata = {key[12:]: value for key, value in headers.items() if key.startswith("x-goog-meta-")}
    said = {
        "contentType": headers.get("content-type"),
        "cacheControl": headers.get("cache-control"),
        "contentEncoding": headers.get("content-encoding"),
        "contentDisposition": headers.get("content-disposition"),
        "contentLanguage": headers.get("content-language"),
        "storageClass": headers.get("x-goog-storage-class"),
        **({"metadata": metadata} if metadata else {}),
        **content.given_in(headers),
    }
    return resources.Draft(bucket, name, said)


def _asked(request: exchange.Request) -> preconditions.Preconditions:
    names = {
        "x-goog-if-generation-match": "ifGenerationMatch",
        "x-goog-if-metageneration-match": "ifMetagenerationMatch",
    }
    query = {names[key]: value for key, value in request.headers.items() if key in names}
    return preconditions.parse(query, request.headers)


def _check_expiry(stored: store.Store, request: exchange.Request) -> None:
    query = {key.lower(): value for key, value in request.query.items()}
    if "x-goog-date" not in query:
        return
    try:
        signed = datetime.datetime.strptime(query["x-goog-date"], "%Y%m%dT%H%M%S%z")
        expiry = signed + datetime.timedelta(seconds=int(query["x-goog-expires"]))
    except (KeyError, ValueError) as error:
        raise errors.invalid("The signed address has no valid X-Goog-Date and X-Goog-Expires.") from error
    if expiry < datetime.datetime.fromisoformat(stored.now()):
        raise errors.ApiError(400, "ExpiredToken", "The provided token has expired.")


def _written(version: store.Version) -> dict[str, str]:
    resource = version.resource
    return {
        "ETag": f'"{resource["etag"]}"',
        "X-Goog-Generation": resource["generation"],
        "X-Goog-Metageneration": resource["metageneration"],
        "X-Goog-Hash": f"crc32c={resource['crc32c']}",
    }


def _document(root: str, values: dict[str, str], *, headers: dict[str, str] | None = None) -> exchange.Response:
    inside = "".join(f"<{key}>{saxutils.escape(value)}</{key}>" for key, value in values.items())
    text = f"<?xml version='1.0' encoding='UTF-8'?><{root} xmlns=\"{_NAMESPACE}\">{inside}</{root}>"
    return exchange.Response(200, {"Content-Type": "application/xml; charset=UTF-8", **(headers or {})}, text.encode())
