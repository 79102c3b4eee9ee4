"""The contract of buckets: made, found, listed, changed and deleted, and their names."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import storage

Make = Callable[..., Any]


@pytest.mark.real_cloud
def test_new_bucket_has_what_was_asked(client: storage.Client, new_bucket: Make) -> None:
    """Properties set before a bucket is made are there when it is read."""
    made = new_bucket(
        storage_class="NEARLINE",
        labels={"owner": "contract"},
        lifecycle_rules=[{"action": {"type": "Delete"}, "condition": {"age": 30}}],
        versioning_enabled=True,
        retention_period=None,
    )
    found = client.get_bucket(made.name)
    assert (found.storage_class, found.labels, found.versioning_enabled, found.location, found.location_type) == (
        "NEARLINE",
        {"owner": "contract"},
        True,
        "US-CENTRAL1",
        "region",
    )
    assert list(found.lifecycle_rules) == [{"action": {"type": "Delete"}, "condition": {"age": 30}}]
    assert found.project_number is not None


@pytest.mark.real_cloud
def test_change_of_a_bucket_keeps_the_rest(client: storage.Client, new_bucket: Make) -> None:
    """A patch merges labels, sets and clears properties, and counts the metageneration."""
    made = new_bucket(labels={"a": "1", "b": "2"})
    made.labels = {"a": "1", "c": "3"}
    made.versioning_enabled = True
    made.patch()
    found = client.get_bucket(made.name)
    assert (found.labels, found.versioning_enabled) == ({"a": "1", "c": "3"}, True)
    assert found.metageneration > 1


@pytest.mark.real_cloud
def test_bucket_is_not_made_twice(client: storage.Client, new_bucket: Make) -> None:
    """A name that exists is a conflict."""
    with pytest.raises(exceptions.Conflict):
        client.create_bucket(new_bucket().name)


@pytest.mark.real_cloud
@pytest.mark.parametrize(
    "name",
    [
        "ab",
        "x" * 64,
        "UpperCase",
        "under_score_",
        "-dash",
        "two..dots",
        "192.168.5.4",
        "goog-x",
        "my-google-x",
        "a b c",
    ],
)
def test_bad_bucket_name_is_refused(client: storage.Client, name: str) -> None:
    """Names that the service does not allow are bad requests."""
    with pytest.raises((exceptions.BadRequest, ValueError)):
        client.create_bucket(name)


@pytest.mark.real_cloud
@pytest.mark.parametrize("call", ["get", "delete", "patch", "list"])
def test_missing_bucket_is_not_found(client: storage.Client, call: str) -> None:
    """Every call on a bucket that does not exist says so."""
    bucket = client.bucket(f"pressbox-contract-{uuid.uuid4().hex}")
    bucket.versioning_enabled = True
    calls = {
        "get": bucket.reload,
        "delete": bucket.delete,
        "patch": bucket.patch,
        "list": lambda: list(bucket.list_blobs()),
    }
    with pytest.raises(exceptions.NotFound, match="The specified bucket does not exist"):
        calls[call]()
    assert not bucket.exists()


@pytest.mark.real_cloud
def test_bucket_with_objects_is_not_deleted(bucket: Any, written: Make) -> None:
    """A bucket must be empty to be deleted."""
    written()
    with pytest.raises(exceptions.Conflict, match="The bucket you tried to delete is not empty"):
        bucket.delete()


def test_empty_bucket_is_deleted(client: storage.Client, new_bucket: Make) -> None:
    """A deleted bucket is gone, and its name is free."""
    made = new_bucket()
    made.delete()
    assert client.lookup_bucket(made.name) is None
    client.create_bucket(made.name)


def test_buckets_are_listed_by_name_in_pages(client: storage.Client, new_bucket: Make) -> None:
    """A listing of buckets has all of its project in order, however small its pages are."""
    made = sorted(new_bucket().name for _ in range(5))
    found = client.list_buckets(prefix="pressbox-contract-", page_size=2)
    assert [bucket.name for bucket in found if bucket.name in made] == made


def test_buckets_of_another_project_are_not_listed(client: storage.Client, new_bucket: Make) -> None:
    """A listing of buckets is of one project."""
    new_bucket()
    assert list(client.list_buckets(project="another-project")) == []


@pytest.mark.real_cloud
def test_bad_location_is_refused(client: storage.Client) -> None:
    """A bucket cannot be where no region is."""
    with pytest.raises(exceptions.BadRequest, match="location"):
        client.create_bucket(f"pressbox-contract-{uuid.uuid4().hex}", location="the moon")


@pytest.mark.real_cloud
def test_bucket_conditions_are_judged(client: storage.Client, new_bucket: Make) -> None:
    """A change of a bucket that another has changed meanwhile is refused."""
    made = new_bucket()
    other = client.get_bucket(made.name)
    other.labels = {"a": "1"}
    other.patch()
    made.labels = {"a": "2"}
    with pytest.raises(exceptions.PreconditionFailed):
        made.patch(if_metageneration_match=made.metageneration)
    assert client.get_bucket(made.name).labels == {"a": "1"}


@pytest.mark.real_cloud
def test_policy_is_kept_and_guarded_by_its_etag(new_bucket: Make) -> None:
    """An IAM policy reads back as set, and an outdated one cannot be set."""
    bucket = new_bucket()
    policy, outdated = bucket.get_iam_policy(), bucket.get_iam_policy()
    policy["roles/storage.objectViewer"] = {"projectViewer:contract-project"}
    bucket.set_iam_policy(policy)
    assert "roles/storage.objectViewer" in bucket.get_iam_policy()
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.set_iam_policy(outdated)


@pytest.mark.real_cloud
def test_service_account_of_the_project_is_told(client: storage.Client) -> None:
    """Cloud Storage acts under an account of its own, which grants may name."""
    assert client.get_service_account_email().endswith("@gs-project-accounts.iam.gserviceaccount.com")
