"""Fixtures of the Cloud Storage contract: the official client, on the stand-in or (PRESSBOX_REAL_PROJECT) on Google's.

For the real service, PRESSBOX_REAL_BUCKET names a bucket without retention, default holds or versioning; tests write
under a prefix of their own and delete it. Tests without the mark `real_cloud` are skipped there.
"""

import json
import os
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from google.cloud import exceptions, storage

from local.storage import server

REAL_PROJECT = os.environ.get("PRESSBOX_REAL_PROJECT", "")
Blobs = Callable[..., Any]


@pytest.fixture(autouse=True)
def _only_on_the_right_service(request: pytest.FixtureRequest) -> None:
    if REAL_PROJECT and not request.node.get_closest_marker("real_cloud"):
        pytest.skip("this test needs the stand-in")


@pytest.fixture(scope="module")
def standin() -> Iterator[server.Server | None]:
    """Serve a stand-in for the tests of one file; None when they run on the real service."""
    if REAL_PROJECT:
        yield None
        return
    running = server.serve()
    yield running
    running.close()


@pytest.fixture
def client(standin: server.Server | None, monkeypatch: pytest.MonkeyPatch) -> Iterator[storage.Client]:
    """Return the official client, made as a user makes it."""
    if standin:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", standin.url)
    made = storage.Client(project=REAL_PROJECT or "contract-project")
    yield made
    made.close()


@pytest.fixture
def new_bucket(client: storage.Client) -> Iterator[Callable[..., Any]]:
    """Make a bucket of the test's own, with these properties set before it is created."""
    made = []

    def make(**properties: Any) -> Any:
        fresh = client.bucket(f"pressbox-contract-{uuid.uuid4().hex}")
        for name, value in properties.items():
            setattr(fresh, name, value)
        made.append(client.create_bucket(fresh, location="us-central1"))
        return made[-1]

    yield make
    if REAL_PROJECT:
        for one in made:
            _emptied(client, one, prefix="")
            one.delete()


@pytest.fixture
def bucket(client: storage.Client, new_bucket: Callable[..., Any]) -> Any:
    """Return a plain bucket to write into."""
    return client.bucket(os.environ["PRESSBOX_REAL_BUCKET"]) if REAL_PROJECT else new_bucket()


@pytest.fixture
def folder(client: storage.Client, bucket: Any) -> Iterator[str]:
    """Return a prefix that no other test uses."""
    prefix = f"contract/{uuid.uuid4().hex}/"
    yield prefix
    if REAL_PROJECT:
        _emptied(client, bucket, prefix=prefix)


@pytest.fixture
def written(bucket: Any, folder: str) -> Blobs:
    """Upload text or bytes under the test's prefix and return the blob."""

    def write(name: str = "object.txt", data: str | bytes = b"0123456789", **properties: Any) -> Any:
        blob = bucket.blob(folder + name)
        for key, value in properties.items():
            setattr(blob, key, value)
        blob.upload_from_string(data, content_type=properties.get("content_type", "text/plain"))
        return blob

    return write


@pytest.fixture
def hook(standin: server.Server) -> Iterator[Callable[..., Any]]:
    """Call one of the stand-in's own paths, such as /_faults; return its JSON, None for an empty answer."""

    def call(method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(standin.url + path, data=data, method=method)  # noqa: S310  # our own server
        with urllib.request.urlopen(asked, timeout=30) as response:  # noqa: S310  # our own server
            text = response.read()
        return json.loads(text) if text else None

    yield call
    standin.faults.clear()


def _emptied(client: storage.Client, bucket: Any, *, prefix: str) -> None:
    bucket.reload()
    for blob in client.list_blobs(bucket, prefix=prefix, versions=True):
        if blob.temporary_hold or blob.event_based_hold:
            blob.temporary_hold = blob.event_based_hold = False
            blob.patch()
        try:
            blob.delete()
        except exceptions.Forbidden:
            blob.bucket.retention_period = None
            blob.bucket.patch()
            blob.delete()
