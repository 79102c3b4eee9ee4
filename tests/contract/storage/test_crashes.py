"""Directory mode, killed before each step it takes on disk: after a restart an object is as it was or as it became."""

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from local.storage import changes, content, disk, preconditions, resources, store

OLD, NEW = b"old bytes", b"new bytes"
NONE = preconditions.NONE


class KilledError(BaseException):
    """What ends a process at once."""


class Dying(disk.Disk):
    """A directory whose process is killed before its step number `steps`, and takes no step after that."""

    def __init__(self, directory: Path, *, steps: int) -> None:
        super().__init__(directory)
        self.steps = steps

    def _step(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            raise KilledError

    def stage(self, data: bytes) -> content.Place:
        """Take a step."""
        self._step()
        return super().stage(data)

    def discard(self, place: content.Place) -> None:
        """Take a step."""
        self._step()
        super().discard(place)

    def commit(self, place: content.Place, record: Mapping[str, Any]) -> content.Place:
        """Take a step, and those of `record`."""
        self._step()
        return super().commit(place, record)

    def record(self, record: Mapping[str, Any]) -> None:
        """Take two steps: what is done after the record is not done before it."""
        self._step()
        super().record(record)
        self._step()

    def show(self, record: Mapping[str, Any]) -> None:
        """Take a step."""
        self._step()
        super().show(record)

    def hide(self, record: Mapping[str, Any]) -> None:
        """Take a step."""
        self._step()
        super().hide(record)

    def forget(self, record: Mapping[str, Any]) -> None:
        """Take a step."""
        self._step()
        super().forget(record)


def _insert(stored: store.Store, data: bytes) -> None:
    changes.insert(stored, resources.Draft("a-bucket", "a/x", {}), data)


def _describe(stored: store.Store) -> None:
    version = stored.find(stored.bucket("a-bucket"), "a/x")
    changes.describe(stored, version, {"metadata": {"a": "1"}}, whole=False)


CALLS: dict[str, Callable[[store.Store], None]] = {
    "replace": lambda stored: _insert(stored, NEW),
    "delete": lambda stored: changes.delete(stored, "a-bucket", "a/x", asked=NONE),
    "describe": _describe,
}


@pytest.mark.parametrize("versioned", [True, False], ids=["versioned", "not versioned"])
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("steps", range(10))
def test_object_is_whole_after_a_crash(
    tmp_path: Path,
    steps: int,
    call: str,
    versioned: bool,  # noqa: FBT001  # a test's parameter
) -> None:
    """Bytes, checksum, metadata and plain file agree, and are those before the call or those after it."""
    before = _prepared(tmp_path, versioned=versioned)
    after = _outcome(tmp_path / "undisturbed", call, versioned=versioned)
    _killed(tmp_path / "killed", call, steps=steps, versioned=versioned)
    found = _state(tmp_path / "killed")
    assert found in (before, after)
    assert list((tmp_path / "killed").glob(".storage/staged/*")) == []


@pytest.mark.parametrize("steps", range(7))
def test_new_object_is_there_or_not_after_a_crash(tmp_path: Path, steps: int) -> None:
    """An upload that was killed leaves a whole object or none, and no stray file."""
    _bucket(tmp_path, versioned=False)
    keeper = Dying(tmp_path, steps=steps)
    with contextlib.suppress(KilledError):
        _insert(store.Store(keeper), NEW)
    keeper.close()
    live, versions, plain = _state(tmp_path)
    assert (live, versions, plain) in ((None, [], {}), ((NEW, None), [NEW], {"a/x": NEW}))
    assert len(list(tmp_path.glob(".storage/buckets/a-bucket/*.data"))) == len(versions)


State = tuple[tuple[bytes, Any] | None, list[bytes], dict[str, bytes]]


def _state(place: Path) -> State:
    """Return what a stand-in started on `place` holds: the live object, the bytes of all versions, the plain files."""
    keeper = disk.Disk(place)
    stored = store.Store(keeper)
    bucket = stored.bucket("a-bucket")
    versions = bucket.objects.get("a/x", [])
    for version in versions:
        content.check(content.sums(content.read(version.place)), version.resource)
    live = bucket.live("a/x")
    plain = {str(path.relative_to(place / "a-bucket")): path for path in (place / "a-bucket").rglob("*")}
    files = {name: path.read_bytes() for name, path in plain.items() if path.is_file()}
    keeper.close()
    described = (content.read(live.place), live.resource.get("metadata")) if live else None
    return described, [content.read(version.place) for version in versions], files


def _prepared(root: Path, *, versioned: bool) -> State:
    for name in ("undisturbed", "killed"):
        _bucket(root / name, versioned=versioned)
        keeper = disk.Disk(root / name)
        _insert(store.Store(keeper), OLD)
        keeper.close()
    return _state(root / "killed")


def _outcome(place: Path, call: str, *, versioned: bool) -> State:
    _killed(place, call, steps=1000, versioned=versioned)
    return _state(place)


def _killed(place: Path, call: str, *, steps: int, versioned: bool) -> None:
    keeper = Dying(place, steps=steps)
    stored = store.Store(keeper)
    assert stored.bucket("a-bucket").is_versioned == versioned
    with contextlib.suppress(KilledError):
        CALLS[call](stored)
    keeper.close()


def _bucket(place: Path, *, versioned: bool) -> None:
    resource = {"name": "a-bucket", "storageClass": "STANDARD", "versioning": {"enabled": versioned}}
    keeper = disk.Disk(place)
    keeper.record_bucket("a-bucket", store.Bucket(resource, "a-project").record())
    keeper.close()
