"""The contract of rights: what the caller may not do is refused in Google's words, and changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import storage

Hook = Callable[..., Any]
CALLER = "pressbox@nba-props-platform.iam.example"


def _message(permission: str, kind: str) -> str:
    return (
        f"{CALLER} does not have {permission} access to the Google Cloud Storage {kind}. "
        f"Permission '{permission}' denied on resource \\(or it may not exist\\)."
    )


def _calls(client: storage.Client, blob: Any) -> dict[str, Callable[[], Any]]:
    bucket = blob.bucket
    new = bucket.blob("new")
    return {
        "upload": lambda: new.upload_from_string(b"x"),
        "overwrite": lambda: bucket.blob(blob.name).upload_from_string(b"x"),
        "copy": lambda: bucket.copy_blob(blob, bucket, "new"),
        "compose": lambda: new.compose([blob]),
        "download": blob.download_as_bytes,
        "describe": blob.reload,
        "change": blob.patch,
        "delete": blob.delete,
        "list": lambda: list(client.list_blobs(bucket)),
        "describe bucket": bucket.reload,
        "change bucket": bucket.patch,
        "delete bucket": bucket.delete,
        "read policy": bucket.get_iam_policy,
    }


@pytest.mark.parametrize(
    "row",
    [
        ("upload", "storage.objects.create", "object"),
        ("overwrite", "storage.objects.create", "object"),
        ("overwrite", "storage.objects.delete", "object"),
        ("copy", "storage.objects.create", "object"),
        ("copy", "storage.objects.get", "object"),
        ("compose", "storage.objects.create", "object"),
        ("download", "storage.objects.get", "object"),
        ("describe", "storage.objects.get", "object"),
        ("change", "storage.objects.update", "object"),
        ("delete", "storage.objects.delete", "object"),
        ("list", "storage.objects.list", "bucket"),
        ("describe bucket", "storage.buckets.get", "bucket"),
        ("change bucket", "storage.buckets.update", "bucket"),
        ("delete bucket", "storage.buckets.delete", "bucket"),
        ("read policy", "storage.buckets.getIamPolicy", "bucket"),
    ],
    ids=lambda row: f"{row[0]} without {row[1]}",
)
def test_call_without_its_permission_is_forbidden(
    client: storage.Client, bucket: Any, written: Hook, hook: Hook, row: tuple[str, str, str]
) -> None:
    """Each call needs its permission, and the error names caller and permission."""
    call, permission, kind = row
    blob = written(data=b"kept")
    hook("POST", f"/_buckets/{bucket.name}/deny", {"permissions": [permission]})
    with pytest.raises(exceptions.Forbidden, match=_message(permission, kind)):
        _calls(client, blob)[call]()
    hook("POST", f"/_buckets/{bucket.name}/deny", {"permissions": []})
    assert [found.download_as_bytes() for found in client.list_blobs(bucket)] == [b"kept"]


def test_new_object_needs_no_right_to_delete(bucket: Any, hook: Hook) -> None:
    """Who may create but not delete can write what is not there."""
    hook("POST", f"/_buckets/{bucket.name}/deny", {"permissions": ["storage.objects.delete"]})
    bucket.blob("new").upload_from_string(b"x")
    assert bucket.blob("new").download_as_bytes() == b"x"


def test_permissions_can_be_asked_about(bucket: Any, hook: Hook) -> None:
    """A caller learns which of some permissions it has, before it tries."""
    asked = ["storage.objects.create", "storage.objects.get"]
    assert bucket.test_iam_permissions(asked) == asked
    hook("POST", f"/_buckets/{bucket.name}/deny", {"permissions": ["storage.objects.create"]})
    assert bucket.test_iam_permissions(asked) == ["storage.objects.get"]


@pytest.mark.real_cloud
def test_permissions_on_a_missing_bucket_are_not_found(client: storage.Client) -> None:
    """Asking about permissions on what is not there is an error, not an empty answer."""
    with pytest.raises(exceptions.NotFound):
        client.bucket("pressbox-contract-no-such-bucket-4711").test_iam_permissions(["storage.objects.get"])
