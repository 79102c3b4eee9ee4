"""The contract of listing: order, prefixes, delimiters, globs, offsets and pages."""

from collections.abc import Callable
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import storage

NAMES = ["a.txt", "b/", "b/1.csv", "b/2.csv", "b/c/3.csv", "d.csv", "e/f/4.csv", "z"]


@pytest.fixture
def tree(written: Callable[..., Any]) -> None:
    """Objects under every one of NAMES."""
    for name in NAMES:
        written(name)


@pytest.fixture
def listed(client: storage.Client, bucket: Any, folder: str, tree: None) -> Callable[..., Any]:  # noqa: ARG001  # fills
    """List under the test's prefix; return the names and the prefixes without it."""

    def call(prefix: str = "", **options: Any) -> tuple[list[str], list[str]]:
        for offset in ("start_offset", "end_offset", "match_glob"):
            if offset in options:
                options[offset] = folder + options[offset]
        found = client.list_blobs(bucket, prefix=folder + prefix, **options)
        names = [blob.name.removeprefix(folder) for blob in found]
        return names, sorted(each.removeprefix(folder) for each in found.prefixes)

    return call


@pytest.mark.real_cloud
@pytest.mark.parametrize(
    ("options", "names", "prefixes"),
    [
        ({}, NAMES, []),
        ({"prefix": "b"}, ["b/", "b/1.csv", "b/2.csv", "b/c/3.csv"], []),
        ({"prefix": "b/c/3.csv"}, ["b/c/3.csv"], []),
        ({"prefix": "none"}, [], []),
        ({"delimiter": "/"}, ["a.txt", "d.csv", "z"], ["b/", "e/"]),
        ({"delimiter": "/", "prefix": "b/"}, ["b/", "b/1.csv", "b/2.csv"], ["b/c/"]),
        ({"delimiter": "/", "include_trailing_delimiter": True}, ["a.txt", "b/", "d.csv", "z"], ["b/", "e/"]),
        ({"delimiter": ".csv"}, ["a.txt", "b/", "z"], ["b/1.csv", "b/2.csv", "b/c/3.csv", "d.csv", "e/f/4.csv"]),
        ({"start_offset": "b/2", "end_offset": "e"}, ["b/2.csv", "b/c/3.csv", "d.csv"], []),
        ({"start_offset": "b/2", "delimiter": "/"}, ["d.csv", "z"], ["b/", "e/"]),
        ({"match_glob": "*.csv"}, ["d.csv"], []),
        ({"match_glob": "**.csv"}, ["b/1.csv", "b/2.csv", "b/c/3.csv", "d.csv", "e/f/4.csv"], []),
        ({"match_glob": "**/[12].csv"}, ["b/1.csv", "b/2.csv"], []),
        ({"match_glob": "b/?.csv"}, ["b/1.csv", "b/2.csv"], []),
        ({"match_glob": "{a,d}.*"}, ["a.txt", "d.csv"], []),
    ],
    ids=str,
)
@pytest.mark.parametrize("page_size", [None, 1, 3])
def test_listing_has_exactly_these(
    listed: Callable[..., Any], page_size: int | None, options: dict[str, Any], names: list[str], prefixes: list[str]
) -> None:
    """A listing has what its options select, in order, each once, however small its pages are."""
    assert listed(page_size=page_size, **options) == (names, prefixes)


@pytest.mark.real_cloud
def test_page_holds_at_most_its_size(client: storage.Client, bucket: Any, folder: str, tree: None) -> None:  # noqa: ARG001  # fills the folder
    """Every page but the last is full, and none is larger than asked."""
    pages = client.list_blobs(bucket, prefix=folder, page_size=3).pages
    assert [page.num_items for page in pages] == [3, 3, 2]


@pytest.mark.real_cloud
def test_max_results_ends_the_listing(listed: Callable[..., Any]) -> None:
    """A listing may be cut after a number of objects."""
    assert listed(max_results=2)[0] == NAMES[:2]


@pytest.mark.real_cloud
def test_listing_can_be_continued_by_token(client: storage.Client, bucket: Any, folder: str, tree: None) -> None:  # noqa: ARG001  # fills the folder
    """The token of one page begins the next, in another client's hands too."""
    first = client.list_blobs(bucket, prefix=folder, page_size=5)
    names = [blob.name for blob in next(first.pages)]
    rest = client.list_blobs(bucket, prefix=folder, page_token=first.next_page_token)
    assert [name.removeprefix(folder) for name in names + [blob.name for blob in rest]] == NAMES


def test_pages_are_of_1000_at_most(client: storage.Client, bucket: Any, hook: Callable[..., Any]) -> None:
    """A listing without page size comes in pages of 1000, one request each."""
    for number in range(1001):
        bucket.blob(f"{number:04}").upload_from_string(b"")
    hook("DELETE", "/_requests")
    assert len(list(client.list_blobs(bucket, page_size=5000))) == 1001
    assert hook("GET", "/_requests") == {"total": 2, "by_call": {"GET objects.list": 2}}


@pytest.mark.real_cloud
def test_listing_follows_deletions(bucket: Any, folder: str, listed: Callable[..., Any]) -> None:
    """What was deleted is not listed, and a prefix without objects disappears."""
    bucket.blob(folder + "e/f/4.csv").delete()
    assert listed(delimiter="/") == (["a.txt", "d.csv", "z"], ["b/"])


@pytest.mark.real_cloud
def test_fields_not_asked_for_are_absent(client: storage.Client, bucket: Any, folder: str, tree: None) -> None:  # noqa: ARG001  # fills the folder
    """A partial response has the fields of its mask only, so that code cannot rely on others."""
    found = list(client.list_blobs(bucket, prefix=folder, fields="items(name,size),nextPageToken"))
    assert [(blob.name, blob.size, blob.generation) for blob in found[:1]] == [(folder + "a.txt", 10, None)]


@pytest.mark.real_cloud
def test_foreign_page_token_is_refused(client: storage.Client, bucket: Any) -> None:
    """A token that no listing gave is a bad request."""
    with pytest.raises(exceptions.BadRequest):
        list(client.list_blobs(bucket, page_token="no token"))  # noqa: S106  # no password


@pytest.mark.real_cloud
def test_listing_of_a_missing_bucket_is_not_found(client: storage.Client) -> None:
    """A bucket that does not exist is an error, not an empty listing."""
    with pytest.raises(exceptions.NotFound, match="The specified bucket does not exist"):
        list(client.list_blobs("pressbox-contract-no-such-bucket-4711"))
