"""Keeps objects in a directory, so that everything is there again after a restart, also after SIGKILL.

    <directory>/<bucket>/<object name>          the live objects as plain files, for a person to look at
    <directory>/.storage/buckets/<bucket>/      bucket.json; for each generation <generation>.data and .json
    <directory>/.storage/staged/                bytes that are no object yet; emptied at start

The .json, renamed into place after its .data, is what makes an object exist; the plain file is a hard link to the
.data and is mended at start. So a process that dies at any point leaves the object as it was or as it became, never
half of it. Not covered: loss of power (nothing is flushed to the platters), resumable uploads under way (the client
begins them anew), and file systems that ignore case, where two names may share one plain file (both objects are right).
"""

import fcntl
import json
import os
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from local.storage import content, views

Loaded = tuple[dict[str, Any], list[tuple[dict[str, Any], content.Place]]]


class Disk:
    """The directory of one stand-in, held by one process at a time."""

    def __init__(self, directory: Path) -> None:
        self._root = directory.resolve()
        self._hidden = self._root / ".storage"
        self._staged = self._hidden / "staged"
        self._hidden.mkdir(parents=True, exist_ok=True)
        self._lock = _held(self._hidden / "lock", directory)
        shutil.rmtree(self._staged, ignore_errors=True)
        self._staged.mkdir()

    def stage(self, data: bytes) -> content.Place:
        """Return where `data` waits until it becomes an object."""
        path = self._staged / uuid.uuid4().hex
        path.write_bytes(data)
        return path

    def discard(self, place: content.Place) -> None:
        """Drop staged bytes that became no object; nothing happens when they did."""
        _path(place).unlink(missing_ok=True)

    def place_for(self, bucket: str, name: str) -> str:
        """Return the relative path of the plain file that will show the object."""
        root = self._root / bucket
        return views.path_of(
            name, is_file=lambda path: (root / path).is_file(), is_folder=lambda path: (root / path).is_dir()
        )

    def commit(self, place: content.Place, record: Mapping[str, Any]) -> content.Place:
        """Return where the staged bytes stand from now on as the bytes of the recorded object; it exists on return."""
        data = self._data(record)
        _path(place).replace(data)
        self.record(record)
        return data

    def record(self, record: Mapping[str, Any]) -> None:
        """Write down an object's metadata in one step."""
        self._write(self._data(record).with_suffix(".json"), record)

    def show(self, record: Mapping[str, Any]) -> None:
        """Let the object's plain file show its bytes, in one step."""
        plain = self._plain(record)
        plain.parent.mkdir(parents=True, exist_ok=True)
        beside = self._staged / uuid.uuid4().hex
        try:
            os.link(self._data(record), beside)
        except OSError:
            shutil.copyfile(self._data(record), beside)  # a file system without hard links: the view costs its bytes
        beside.replace(plain)

    def hide(self, record: Mapping[str, Any]) -> None:
        """Take the object's plain file away, and the folders that it leaves empty."""
        plain = self._plain(record)
        plain.unlink(missing_ok=True)
        bucket = self._root / record["object"]["bucket"]
        for folder in plain.parents:
            if folder == bucket or not folder.is_relative_to(bucket) or not _removed(folder):
                break

    def forget(self, record: Mapping[str, Any]) -> None:
        """Drop an object's metadata, and then its bytes."""
        data = self._data(record)
        data.with_suffix(".json").unlink(missing_ok=True)
        data.unlink(missing_ok=True)

    def record_bucket(self, name: str, record: Mapping[str, Any]) -> None:
        """Write down a bucket in one step."""
        (self._hidden / "buckets" / name).mkdir(parents=True, exist_ok=True)
        (self._root / name).mkdir(exist_ok=True)
        self._write(self._hidden / "buckets" / name / "bucket.json", record)

    def forget_bucket(self, name: str) -> None:
        """Drop a bucket, which is empty; what a person put into its folder stays there."""
        folder = self._hidden / "buckets" / name
        (folder / "bucket.json").unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        _removed(self._root / name)

    def load(self) -> list[Loaded]:
        """Return every recorded bucket with its objects; raise ValueError on a directory that no crash explains."""
        folders = sorted((self._hidden / "buckets").glob("*"))
        for folder in folders:
            if not (folder / "bucket.json").exists():
                shutil.rmtree(folder)
        return [self._load_bucket(folder) for folder in folders if folder.exists()]

    def close(self) -> None:
        """Let another process have the directory."""
        self._lock.close()

    def mend(self, record: Mapping[str, Any]) -> None:
        """Let the object's plain file show its bytes if it does not."""
        plain = self._plain(record)
        if not plain.exists() or not plain.samefile(self._data(record)):
            self.show(record)

    def _load_bucket(self, folder: Path) -> Loaded:
        records = [_parsed(path) for path in folder.glob("*.json") if path.stem != "bucket"]
        places = {self._data(record): record for record in records}
        for data in folder.glob("*.data"):
            if data not in places:
                data.unlink()
        missing = [str(data) for data in places if not data.exists()]
        if missing:
            raise ValueError(f"the bytes of recorded objects are gone: {', '.join(missing)}")
        return _parsed(folder / "bucket.json"), [(record, data) for data, record in places.items()]

    def _data(self, record: Mapping[str, Any]) -> Path:
        resource = record["object"]
        return self._hidden / "buckets" / resource["bucket"] / f"{resource['generation']}.data"

    def _plain(self, record: Mapping[str, Any]) -> Path:
        return self._root / record["object"]["bucket"] / record["file"]

    def _write(self, path: Path, record: Mapping[str, Any]) -> None:
        beside = self._staged / uuid.uuid4().hex
        beside.write_text(json.dumps(record, indent=1), encoding="utf-8")
        beside.replace(path)


def _held(path: Path, directory: Path) -> TextIO:
    file = path.open("w", encoding="utf-8")
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise ValueError(f"another Cloud Storage stand-in is using the directory {directory}") from error
    return file


def _path(place: content.Place) -> Path:
    if isinstance(place, bytes):
        raise TypeError("bytes in memory have no path")
    return place


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise ValueError(f"{path} is not a record of the Cloud Storage stand-in: {error}") from error


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:
        return False
    return True
