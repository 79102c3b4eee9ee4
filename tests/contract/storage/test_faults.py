"""The faults that the stand-in commits on demand, and what the official client makes of them."""

import concurrent.futures
import urllib.error
from collections.abc import Callable
from typing import Any

import pytest
import requests
from google.api_core import exceptions
from google.cloud import storage
from google.cloud.storage import exceptions as storage_exceptions

from local.storage import server

Hook = Callable[..., Any]


def test_refused_call_has_no_effect(bucket: Any, hook: Hook) -> None:
    """A refusal answers the status and message that were asked for, and executes nothing."""
    hook("POST", "/_faults", {"match": "POST /upload/", "action": "refuse", "status": 429, "message": "too fast"})
    with pytest.raises(exceptions.TooManyRequests, match="too fast"):
        bucket.blob("x").upload_from_string(b"x", retry=None)
    assert not bucket.blob("x").exists()


def test_client_survives_a_short_outage(bucket: Any, hook: Hook) -> None:
    """Refusals that end are retried by the client, and the call happens once."""
    hook("POST", "/_faults", {"match": "POST /upload/", "action": "refuse", "times": 2})
    bucket.blob("x").upload_from_string(b"x", if_generation_match=0)
    assert bucket.blob("x").download_as_bytes() == b"x"


def test_dropped_answer_hides_a_success(bucket: Any, hook: Hook) -> None:
    """A call whose answer is lost has happened, although the client sees a broken connection."""
    hook("POST", "/_faults", {"match": "POST /upload/", "action": "drop_answer"})
    with pytest.raises(requests.ConnectionError):
        bucket.blob("x").upload_from_string(b"x", retry=None)
    assert bucket.blob("x").download_as_bytes() == b"x"


def test_retried_create_only_upload_meets_itself(bucket: Any, hook: Hook) -> None:
    """A create-only upload whose answer is lost is retried, and then refused by its own first attempt."""
    hook("POST", "/_faults", {"match": "POST /upload/", "action": "drop_answer"})
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob("x").upload_from_string(b"x", if_generation_match=0)
    assert bucket.blob("x").download_as_bytes() == b"x"


@pytest.mark.parametrize(("action", "happened"), [("hold", False), ("hold_answer", True)])
def test_held_call_waits_for_its_release(
    standin: server.Server,
    bucket: Any,
    hook: Hook,
    action: str,
    happened: bool,  # noqa: FBT001  # a test's parameter
) -> None:
    """A held call ends in a cut connection once the faults are disarmed; whether it was executed is its kind."""
    hook("POST", "/_faults", {"match": "POST /upload/", "action": action})
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        upload = pool.submit(bucket.blob("x").upload_from_string, b"x", retry=None)
        while not standin.faults.state()["committed"]:
            concurrent.futures.wait([upload], timeout=0.01)
        assert not upload.done()
        hook("DELETE", "/_faults")
        assert isinstance(upload.exception(timeout=30), requests.ConnectionError)
    assert bucket.blob("x").exists() is happened


def test_fault_may_choose_its_call(bucket: Any, hook: Hook) -> None:
    """A fault strikes the calls that it matches, after those it lets pass."""
    hook("POST", "/_faults", {"match": r"uploadType=multipart\n[\s\S]*target", "action": "refuse", "after": 1})
    for name in ("other", "target-1"):
        bucket.blob(name).upload_from_string(b"x", retry=None)
    with pytest.raises(exceptions.ServiceUnavailable):
        bucket.blob("target-2").upload_from_string(b"x", retry=None)
    assert hook("GET", "/_faults") == {"armed": [], "committed": 1}


def test_refused_download_is_told_in_text(bucket: Any, written: Hook, hook: Hook) -> None:
    """A download is refused with the message that was asked for."""
    blob = written()
    hook("POST", "/_faults", {"match": "alt=media", "action": "refuse", "status": 403, "message": "not today"})
    with pytest.raises(exceptions.Forbidden, match="not today"):
        bucket.blob(blob.name).download_as_bytes()


def test_faults_strike_no_hook(hook: Hook) -> None:
    """The stand-in's own paths work while every call of the API is refused."""
    hook("POST", "/_faults", {"match": ".", "action": "refuse", "times": 1000})
    assert len(hook("GET", "/_faults")["armed"]) == 1


@pytest.mark.parametrize(
    "body",
    [{}, {"match": "x"}, {"match": "(", "action": "refuse"}, {"match": "x", "action": "fail_job"}, [], "text"],
    ids=str,
)
def test_malformed_fault_is_refused(hook: Hook, body: Any) -> None:
    """What describes no fault of Cloud Storage is a bad request, and arms nothing."""
    with pytest.raises(urllib.error.HTTPError, match="400"):
        hook("POST", "/_faults", body)
    assert hook("GET", "/_faults")["armed"] == []


def test_requests_are_counted_by_call(client: storage.Client, bucket: Any, hook: Hook) -> None:
    """Every request counts once under its call, the hooks' own do not."""
    hook("DELETE", "/_requests")
    blob = bucket.blob("x")
    blob.upload_from_string(b"x")
    blob.download_as_bytes()
    list(client.list_blobs(bucket))
    blob.delete()
    assert hook("GET", "/_requests") == {
        "total": 4,
        "by_call": {
            "DELETE objects.delete": 1,
            "GET objects.download": 1,
            "GET objects.list": 1,
            "POST objects.insert": 1,
        },
    }


def test_rotten_byte_is_noticed_by_the_client(bucket: Any, written: Hook, hook: Hook) -> None:
    """A disk that lies: the bytes differ, size and checksum do not, and a download fails the client's own check."""
    blob = written("folder/rotten", b"0123456789")
    hook("POST", f"/_objects/{bucket.name}/{blob.name.replace('/', '%2F')}/rot", {"offset": 3})
    after = bucket.get_blob(blob.name)
    assert (after.generation, after.crc32c, after.size) == (blob.generation, blob.crc32c, 10)
    assert after.download_as_bytes(checksum=None) == b"012\xcc456789"
    with pytest.raises(storage_exceptions.DataCorruption):
        after.download_as_bytes()


@pytest.mark.parametrize("path", ["/_objects/none/x/rot", "/_buckets/none/deny", "/_nothing"])
def test_hook_on_what_is_not_there_is_not_found(hook: Hook, path: str) -> None:
    """A hook that finds no bucket, or is none, says so."""
    with pytest.raises(urllib.error.HTTPError, match="404"):
        hook("POST", path, {"offset": 0, "permissions": []})


@pytest.mark.parametrize("offset", [-1, 10, "1", None, True])
def test_rot_outside_the_object_is_refused(bucket: Any, written: Hook, hook: Hook, offset: Any) -> None:
    """A byte that is not there cannot rot."""
    blob = written("x", b"0123456789")
    with pytest.raises(urllib.error.HTTPError, match="400"):
        hook("POST", f"/_objects/{bucket.name}/{blob.name.replace('/', '%2F')}/rot", {"offset": offset})
    assert blob.download_as_bytes() == b"0123456789"
