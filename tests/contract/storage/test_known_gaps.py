"""What the real service can do and the stand-in cannot: each refuses with 501, and none pretends.

On the real service these pass; here they are expected to fail, strictly, so that a closed gap is noticed.
Not to be shown in a test: lifecycle rules are never executed, file systems that ignore case, and loss of power.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import storage

pytestmark = pytest.mark.real_cloud
REAL_PROJECT = bool(os.environ.get("PRESSBOX_REAL_PROJECT"))
Write = Callable[..., Any]


def _gap(reason: str) -> Any:
    return pytest.mark.xfail(not REAL_PROJECT, raises=exceptions.MethodNotImplemented, strict=True, reason=reason)


@_gap("soft delete is left out: nothing deleted can be restored")
def test_deleted_object_is_listed_as_soft_deleted(
    client: storage.Client, bucket: Any, folder: str, written: Write
) -> None:
    """A bucket keeps deleted objects for seven days by default."""
    written().delete()
    assert len(list(client.list_blobs(bucket, prefix=folder, soft_deleted=True))) == 1


@_gap("access control lists are left out")
def test_object_has_an_access_control_list(written: Write) -> None:
    """An object of a bucket without uniform access has a list of who may read it."""
    blob = written()
    blob.acl.reload()
    assert list(blob.acl)


@_gap("keys of the caller are left out")
def test_object_is_encrypted_with_a_key_of_the_caller(bucket: Any, folder: str) -> None:
    """An object written with a key is read with it."""
    blob = bucket.blob(folder + "secret", encryption_key=b"k" * 32)
    blob.upload_from_string(b"secret")
    assert blob.download_as_bytes() == b"secret"


@_gap("notifications are left out: nothing is published to Pub/Sub")
def test_bucket_lists_its_notifications(bucket: Any) -> None:
    """A bucket tells which topics learn of its changes."""
    assert list(bucket.list_notifications()) == []


@_gap("filters on object contexts are left out")
def test_listing_is_filtered_by_contexts(client: storage.Client, bucket: Any, folder: str, written: Write) -> None:
    """A listing may be limited to objects with a context."""
    written()
    assert list(client.list_blobs(bucket, prefix=folder, filter_='contexts."kind":*')) == []


@_gap("keys for the XML API (HMAC) are left out")
def test_hmac_keys_are_listed(client: storage.Client) -> None:
    """A project tells its HMAC keys."""
    assert isinstance(list(client.list_hmac_keys()), list)
