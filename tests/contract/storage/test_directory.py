"""Directory mode: objects as plain files, everything there again after a restart, and names that no file could have."""

import datetime
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import storage
from google.cloud.storage import exceptions as storage_exceptions

from local.storage import server
from tests.contract.storage import killing

ODD_NAMES = [
    "../escape",
    "a/../../../escape",
    "./x",
    "/leading",
    "trailing/",
    "//",
    "a//b",
    "nul\0byte",
    "tab\tand\x7f",
    "back\\slash",
    "50%",
    "%2F",
    ".storage/lock",
    "ü/日本.txt",
    "long" * 256,
    "long" * 255 + "/x",
    "é" * 300,
]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return the directory of the stand-in, with nothing else beside it."""
    return tmp_path / "outer" / "buckets"


class Local:
    """A stand-in on a directory, which a test starts again and stops."""

    def __init__(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._place = place
        self._monkeypatch = monkeypatch
        self._running: list[Any] = []

    def start(self) -> storage.Client:
        """Return a client of the stand-in, started anew."""
        self.stop()
        standin = server.serve(directory=self._place)
        self._monkeypatch.setenv("STORAGE_EMULATOR_HOST", standin.url)
        client = storage.Client(project="contract-project")
        self._running = [client, standin]
        return client

    def stop(self) -> None:
        """End client and stand-in, if they run."""
        for each in self._running:
            each.close()
        self._running = []


@pytest.fixture
def local(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Local]:
    """Return the stand-in on the test's directory, not yet started."""
    made = Local(place, monkeypatch)
    yield made
    made.stop()


def _plain_files(place: Path) -> dict[str, bytes]:
    folder = place / "a-bucket"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_object_stands_as_a_plain_file(local: Local, place: Path) -> None:
    """A person finds the bytes under bucket and name, and after a replacement the new ones."""
    bucket = local.start().create_bucket("a-bucket")
    for data in (b"old", b"new"):
        bucket.blob("daily/20260212/x.csv").upload_from_string(data)
        assert (place / "a-bucket/daily/20260212/x.csv").read_bytes() == data
    assert list(_plain_files(place)) == ["daily/20260212/x.csv"]


def test_deleted_object_leaves_no_file_and_no_folder(local: Local, place: Path) -> None:
    """A deletion takes the plain file away, and the folders that it leaves empty."""
    bucket = local.start().create_bucket("a-bucket")
    for name in ("a/b/c", "a/d"):
        bucket.blob(name).upload_from_string(b"x")
    bucket.blob("a/b/c").delete()
    assert [path.name for path in (place / "a-bucket/a").iterdir()] == ["d"]
    bucket.blob("a/d").delete()
    bucket.delete()
    assert [path.name for path in place.iterdir()] == [".storage"]


def test_everything_is_there_after_a_restart(local: Local) -> None:
    """Bytes, metadata, versions, holds, policies and the configuration of buckets survive."""
    bucket = local.start().create_bucket("a-bucket")
    bucket.versioning_enabled = True
    bucket.retention_period = 60
    bucket.patch()
    policy = bucket.get_iam_policy()
    policy["roles/storage.admin"] = {"user:a@example.com"}
    bucket.set_iam_policy(policy)
    for data in (b"old", b"new"):
        blob = bucket.blob("folder/ü")
        blob.metadata = {"a": "1"}
        blob.upload_from_string(data)
    blob.event_based_hold = True
    blob.patch()
    before = [(each.generation, each.metageneration, each.updated) for each in bucket.list_blobs(versions=True)]
    again = local.start().get_bucket("a-bucket")
    assert [(each.generation, each.metageneration, each.updated) for each in again.list_blobs(versions=True)] == before
    assert [again.blob("folder/ü", generation=generation).download_as_bytes() for generation, *_ in before] == [
        b"old",
        b"new",
    ]
    found = again.get_blob("folder/ü")
    assert (found.metadata, found.event_based_hold, again.retention_period) == ({"a": "1"}, True, 60)
    assert again.get_iam_policy()["roles/storage.admin"] == {"user:a@example.com"}


def test_generations_grow_over_restarts(local: Local) -> None:
    """A generation after a restart is greater than every one before."""
    generations = []
    local.start().create_bucket("a-bucket")
    for _ in range(4):
        blob = local.start().bucket("a-bucket").blob("x")
        blob.upload_from_string(b"x")
        generations.append(blob.generation)
    assert generations == sorted(set(generations))


def test_generations_grow_when_the_clock_is_set_back(place: Path) -> None:
    """A generation is greater than those of an earlier run, even if the clock of that run was ahead."""
    generations = []
    for year in (2030, 2020):
        standin = server.serve(directory=place, clock=lambda: datetime.datetime(year, 1, 1, tzinfo=datetime.UTC))  # noqa: B023  # used within its round
        client = killing.client_of(standin.url)
        if year == 2030:
            client.create_bucket("a-bucket")
        blob = client.bucket("a-bucket").blob("x")
        blob.upload_from_string(b"x")
        generations.append(blob.generation)
        client.close()
        standin.close()
    assert generations == sorted(set(generations))


def test_refused_upload_leaves_no_bytes(local: Local, place: Path) -> None:
    """What was uploaded in vain takes no place on disk."""
    bucket = local.start().create_bucket("a-bucket")
    bucket.blob("x").upload_from_string(b"x")
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob("x").upload_from_string(b"y", if_generation_match=0)
    assert list(place.glob(".storage/staged/*")) == []


@pytest.mark.parametrize("order", [1, -1], ids=["as listed", "reversed"])
def test_odd_names_are_kept_inside_the_directory(local: Local, place: Path, order: int) -> None:
    """Names that are no safe paths are stored, survive a restart, and touch nothing outside their bucket's folder."""
    bucket = local.start().create_bucket("a-bucket")
    for name in ODD_NAMES[::order]:
        bucket.blob(name).upload_from_string(name.encode())
    again = local.start().bucket("a-bucket")
    assert sorted(blob.name for blob in again.list_blobs()) == sorted(ODD_NAMES)
    assert [again.blob(name).download_as_bytes() for name in ODD_NAMES] == [name.encode() for name in ODD_NAMES]
    assert sorted(_plain_files(place).values()) == sorted(name.encode() for name in ODD_NAMES)
    assert sorted(path.name for path in place.parent.rglob("*") if path.parent in (place, place.parent)) == [
        ".storage",
        "a-bucket",
        "buckets",
    ]


@pytest.mark.parametrize("names", [["a", "a/b", "a/b/c"], ["a/b/c", "a/b", "a"]], ids=["file first", "folder first"])
def test_name_may_be_the_folder_of_another(local: Local, place: Path, names: list[str]) -> None:
    """A name that is a folder of another name is an object like any, in either order and after deletions."""
    bucket = local.start().create_bucket("a-bucket")
    for name in names:
        bucket.blob(name).upload_from_string(name.encode())
    again = local.start().bucket("a-bucket")
    assert [again.blob(name).download_as_text() for name in names] == names
    assert sorted(_plain_files(place).values()) == [b"a", b"a/b", b"a/b/c"]
    for name in names:
        again.blob(name).delete()
    assert _plain_files(place) == {}
    assert list((place / "a-bucket").iterdir()) == []


def test_file_changed_by_hand_is_bit_rot(local: Local, place: Path) -> None:
    """Who writes into a plain file damages the object: its checksum stays, and the client notices."""
    bucket = local.start().create_bucket("a-bucket")
    bucket.blob("x").upload_from_string(b"0123456789")
    with (place / "a-bucket/x").open("r+b") as plain:
        plain.write(b"?")
    with pytest.raises(storage_exceptions.DataCorruption):
        bucket.blob("x").download_as_bytes()


def test_copy_does_not_share_its_bytes(local: Local, place: Path) -> None:
    """Damage to an object leaves its copy sound."""
    bucket = local.start().create_bucket("a-bucket")
    bucket.blob("x").upload_from_string(b"0123456789")
    bucket.copy_blob(bucket.blob("x"), bucket, "copy")
    (place / "a-bucket/x").write_bytes(b"?")
    assert bucket.blob("copy").download_as_bytes() == b"0123456789"


def test_plain_file_that_was_removed_is_mended(local: Local, place: Path) -> None:
    """The plain files are a view: one that is missing is there again after a restart."""
    local.start().create_bucket("a-bucket").blob("a/x").upload_from_string(b"x")
    (place / "a-bucket/a/x").unlink()
    local.start()
    assert _plain_files(place) == {"a/x": b"x"}


def test_download_outlives_a_deletion(local: Local) -> None:
    """A reader who has begun gets all the bytes that were there when it began."""
    data = killing.noise(32 * 1024 * 1024)
    blob = local.start().create_bucket("a-bucket").blob("x")
    blob.upload_from_string(data)
    with urllib.request.urlopen(blob.media_link, timeout=30) as response:  # noqa: S310  # our own server
        first = response.read(10)
        blob.delete()
        assert first + response.read() == data


def test_directory_is_used_by_one_stand_in_only(local: Local, place: Path) -> None:
    """A second stand-in on the same directory refuses to start, and says why."""
    local.start()
    with pytest.raises(ValueError, match="another Cloud Storage stand-in is using the directory"):
        server.serve(directory=place)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: data.unlink(), "the bytes of recorded objects are gone"),
        (lambda data: data.with_suffix(".json").write_text("{"), "is not a record"),
    ],
    ids=["bytes gone", "record cut"],
)
def test_damage_that_no_crash_explains_is_told(
    local: Local, place: Path, damage: Callable[[Path], object], said: str
) -> None:
    """A stand-in does not start with objects that it cannot give, and names the file."""
    client = local.start()
    client.create_bucket("a-bucket").blob("x").upload_from_string(b"x")
    damage(next(place.glob(".storage/buckets/a-bucket/*.data")))
    with pytest.raises(ValueError, match=said):
        local.start()


@pytest.mark.parametrize("enough", [1, 20, 60])
def test_killed_stand_in_loses_nothing_that_it_acknowledged(local: Local, place: Path, enough: int) -> None:
    """After SIGKILL amid uploads, what was acknowledged is there, every object is whole, and nothing else is left."""
    local.start().create_bucket("a-bucket")
    local.stop()
    acknowledged = killing.upload_until_killed(place, enough)
    bucket = local.start().bucket("a-bucket")
    found = {blob.name: blob for blob in bucket.list_blobs()}
    assert acknowledged
    assert [name for name, generation in acknowledged.items() if found[name].generation < generation] == []
    assert _plain_files(place) == {name: blob.download_as_bytes() for name, blob in found.items()}
    assert list(place.glob(".storage/staged/*")) == []
    assert len(list(place.glob(".storage/buckets/a-bucket/*.data"))) == len(found)
