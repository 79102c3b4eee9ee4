"""Requests that the official client never sends: each gets an error that names the problem, and stores nothing.

Sent with urllib for that reason, and not marked for the real service.
"""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from local.storage import server

Send = Callable[..., tuple[int, str]]
JSON = {"Content-Type": "application/json"}
UPLOAD = "/upload/storage/v1/b/{b}/o?uploadType="


@pytest.fixture
def send(standin: server.Server, bucket: Any) -> Send:
    """Send a request and return status and body; {b} in the path is the test's bucket."""

    def call(
        method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        url = path if path.startswith("http") else standin.url + path.replace("{b}", bucket.name)
        asked = urllib.request.Request(url, data=body, headers=headers or JSON, method=method)  # noqa: S310  # ours
        try:
            with urllib.request.urlopen(asked, timeout=30) as response:  # noqa: S310  # our own server
                return response.status, response.headers.get("Location") or response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers.get("Range") or error.read().decode()

    return call


MALFORMED: list[tuple[str, str, bytes | None, int, str]] = [
    ("POST", "/storage/v1/b?project=p", b"{", 400, "Parse Error"),
    ("POST", "/storage/v1/b?project=p", b"[]", 400, "Parse Error"),
    ("POST", "/storage/v1/b?project=p", b"{}", 400, "Required parameter: name"),
    ("POST", "/storage/v1/b?project=p", b'{"name": 5}', 400, "Required parameter: name"),
    ("POST", "/storage/v1/b", b'{"name": "a-bucket"}', 400, "Required parameter: project"),
    ("POST", "/storage/v1/b?project=p", b'{"name": "x-1", "labels": 5}', 400, "labels must be objects"),
    ("POST", "/storage/v1/b?project=p", b'{"name": "x-2", "storageClass": "X"}', 400, "storage class"),
    ("PATCH", "/storage/v1/b/{b}", b'{"retentionPolicy": {"retentionPeriod": "soon"}}', 400, "retentionPeriod"),
    ("GET", "/storage/v1/b/{b}/o?maxResults=many", None, 400, "Invalid long value"),
    ("GET", "/storage/v1/b/{b}/o?maxResults=0", None, 400, "maxResults"),
    ("GET", "/storage/v1/b/{b}/o?versions=perhaps", None, 400, "Invalid boolean value"),
    ("GET", "/storage/v1/b/{b}/o?fields=items(", None, 400, "Invalid field selection"),
    ("GET", "/storage/v1/b/{b}/o?matchGlob=%5Bz-a%5D", None, 400, "matchGlob"),
    ("GET", "/storage/v1/b/{b}/o/x?generation=new", None, 400, "Invalid long value"),
    ("GET", "/storage/v1/b/{b}/o/%FF", None, 400, "not valid UTF-8"),
    ("DELETE", "/storage/v1/b/{b}/o/x?ifGenerationMatch=x", None, 400, "Invalid long value"),
    ("POST", UPLOAD + "media", b"x", 400, "Required parameter: name"),
    ("POST", UPLOAD + "media&name=" + "x" * 1025, b"x", 400, "The maximum object length is 1024"),
    ("POST", UPLOAD + "media&name=a%0Ab", b"x", 400, "Disallowed unicode characters"),
    ("POST", UPLOAD + "media&name=..", b"x", 400, "Invalid object name"),
    ("POST", UPLOAD + "telepathy&name=x", b"x", 400, "Invalid uploadType"),
    ("POST", UPLOAD + "multipart&name=x", b"x", 400, "boundary"),
    ("POST", UPLOAD + "media&name=x&kmsKeyName=k", b"x", 501, "keys of the caller"),
    ("POST", UPLOAD + "resumable&name=x", b'{"metadata": {"a": 1}}', 400, "must be strings"),
    ("PUT", UPLOAD + "resumable&upload_id=none", b"x", 404, "upload does not exist"),
    ("POST", "/storage/v1/b/{b}/o/x/compose", b'{"sourceObjects": []}', 400, "between 1 and 32"),
    ("POST", "/storage/v1/b/{b}/o/x/compose", b'{"sourceObjects": [5]}', 400, "sourceObjects"),
    ("POST", "/batch/storage/v1", b"x", 400, "boundary"),
    ("POST", "/storage/v1/b/{b}/lockRetentionPolicy", b"", 400, "ifMetagenerationMatch"),
    ("GET", "/storage/v1/nothing", None, 404, "Not Found"),
    ("PATCH", "/storage/v1/b", None, 404, "Not Found"),
    ("GET", "/{b}", None, 501, "NotImplemented"),
    ("GET", "/{b}/none", None, 404, "NoSuchKey"),
]


@pytest.mark.parametrize("row", MALFORMED, ids=lambda row: f"{row[0]} {row[1]:.60}")
def test_malformed_request_is_told_why(send: Send, bucket: Any, row: tuple[str, str, bytes | None, int, str]) -> None:
    """The status is that of the real service, and the message names the problem."""
    method, path, body, status, said = row
    found_status, text = send(method, path, body)
    assert (found_status, said in text) == (status, True), text
    assert list(bucket.list_blobs()) == []


def test_error_is_googles_document(send: Send) -> None:
    """Every error of the JSON API has a code, a message and a list with domain and reason."""
    assert json.loads(send("GET", "/storage/v1/b/{b}/o/none")[1])["error"]["errors"][0]["reason"] == "notFound"
    status, text = send("DELETE", "/storage/v1/b/none-such")
    assert (status, json.loads(text)) == (
        404,
        {
            "error": {
                "code": 404,
                "message": "The specified bucket does not exist.",
                "errors": [
                    {"message": "The specified bucket does not exist.", "domain": "global", "reason": "notFound"}
                ],
            }
        },
    )


def test_batch_carries_no_bytes(send: Send, written: Callable[..., Any]) -> None:
    """A download in a batch is refused."""
    path = urllib.parse.urlsplit(written().media_link)
    call = f"--b\r\nContent-Type: application/http\r\n\r\nGET {path.path}?{path.query} HTTP/1.1\r\n\r\n\r\n--b--"
    status, text = send("POST", "/batch/storage/v1", call.encode(), {"Content-Type": "multipart/mixed; boundary=b"})
    assert (status, "only calls that move no bytes" in text) == (400, True)


@pytest.mark.parametrize("tag", ["&quot;AAAAAAAAAAAAAAAAAAAAAA==&quot;", ""])
def test_part_that_was_not_uploaded_makes_no_object(send: Send, bucket: Any, tag: str) -> None:
    """An upload in parts ends with the parts that its list names, or not at all."""
    upload = send("POST", "/{b}/parts?uploads")[1].partition("<UploadId>")[2].partition("<")[0]
    send("PUT", f"/{{b}}/parts?partNumber=1&uploadId={upload}", b"bytes")
    listed = (
        f"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{tag}</ETag></Part></CompleteMultipartUpload>"
    )
    status, text = send("POST", f"/{{b}}/parts?uploadId={upload}", listed.encode())
    assert (status, "Part 1 was not uploaded" in text) == (400, True)
    assert list(bucket.list_blobs()) == []


@pytest.fixture
def session(send: Send) -> str:
    """Return the address of a resumable upload that has begun."""
    return send("POST", UPLOAD + "resumable&name=slow", b"{}")[1]


CHUNK = b"x" * 256 * 1024


def test_upload_tells_how_far_it_is(send: Send, session: str) -> None:
    """A client that lost its place asks, and is told the last byte that is there."""
    assert send("PUT", session, CHUNK, {"Content-Range": "bytes 0-262143/*"}) == (308, "bytes=0-262143")
    assert send("PUT", session, b"", {"Content-Range": "bytes */*"}) == (308, "bytes=0-262143")


def test_chunk_sent_twice_counts_once(send: Send, session: str, bucket: Any) -> None:
    """Bytes that are there already are skipped, so that a repeated chunk does no harm."""
    for _ in range(2):
        send("PUT", session, CHUNK, {"Content-Range": "bytes 0-262143/*"})
    assert send("PUT", session, b"end", {"Content-Range": "bytes 262144-262146/262147"})[0] == 200
    assert bucket.blob("slow").download_as_bytes() == CHUNK + b"end"


def test_finished_upload_answers_its_object_again(send: Send, session: str) -> None:
    """A client whose last answer was lost gets it when it asks."""
    first = send("PUT", session, b"all", {"Content-Range": "bytes 0-2/3"})
    assert send("PUT", session, b"", {"Content-Range": "bytes */3"}) == first


@pytest.mark.parametrize(
    ("content_range", "body", "said"),
    [
        ("bytes 262144-262146/*", b"end", "exceeds already uploaded size of 0 byte"),
        ("bytes 0-2/*", b"end", "equal or greater than 262144"),
        ("bytes 0-2/2", b"end", "3 byte(s) came of an upload of 2 byte"),
        ("bytes half/*", b"end", "Invalid Content-Range"),
    ],
)
def test_wrong_chunk_is_told_why(send: Send, session: str, content_range: str, body: bytes, said: str) -> None:
    """A chunk that cannot be where it says is refused, and the upload goes on from where it was."""
    status, text = send("PUT", session, body, {"Content-Range": content_range})
    assert (status, said in text) == (400, True), text
    assert send("PUT", session, b"all", {"Content-Range": "bytes 0-2/3"})[0] == 200


def test_wrong_checksum_of_the_last_chunk_is_refused(send: Send, session: str, bucket: Any) -> None:
    """The checksum that comes with the last chunk is compared with all bytes."""
    headers = {"Content-Range": "bytes 0-2/3", "x-goog-hash": "crc32c=AAAAAA=="}
    status, text = send("PUT", session, b"all", headers)
    assert (status, "doesn't match calculated CRC32C" in text) == (400, True)
    assert not bucket.blob("slow").exists()


def test_cancelled_upload_is_gone(send: Send, session: str, bucket: Any) -> None:
    """An upload that was given up answers 499, and cannot be continued."""
    assert send("DELETE", session)[0] == 499
    assert send("PUT", session, b"all", {"Content-Range": "bytes 0-2/3"})[0] == 404
    assert not bucket.blob("slow").exists()


def test_upload_of_another_size_than_declared_is_refused(send: Send, bucket: Any) -> None:
    """The size declared when an upload began must be its size."""
    session = send("POST", UPLOAD + "resumable&name=x", b"{}", {**JSON, "X-Upload-Content-Length": "5"})[1]
    assert send("PUT", session, b"all", {"Content-Range": "bytes 0-2/3"})[0] == 400
    assert not bucket.blob("x").exists()
