"""Keeps objects in memory only: what `disk` does for a directory, done for a stand-in that ends with its process."""

from collections.abc import Mapping
from typing import Any

from local.storage import content


class Memory:
    """A keeper that keeps nothing beyond the process; the store itself holds what it hands out."""

    def stage(self, data: bytes) -> content.Place:
        """Return where `data` waits until it becomes an object."""
        return data

    def discard(self, place: content.Place) -> None:
        """Drop staged bytes that became no object."""

    def place_for(self, bucket: str, name: str) -> str:  # noqa: ARG002  # the signature of Disk
        """Return the plain file that will show the object: none."""
        return ""

    def commit(self, place: content.Place, record: Mapping[str, Any]) -> content.Place:  # noqa: ARG002  # as Disk
        """Return where the staged bytes stand from now on as the bytes of the recorded object."""
        return place

    def record(self, record: Mapping[str, Any]) -> None:
        """Write down an object's changed metadata."""

    def show(self, record: Mapping[str, Any]) -> None:
        """Let the object's plain file show its bytes."""

    def mend(self, record: Mapping[str, Any]) -> None:
        """Let the object's plain file show its bytes if it does not."""

    def hide(self, record: Mapping[str, Any]) -> None:
        """Take the object's plain file away."""

    def forget(self, record: Mapping[str, Any]) -> None:
        """Drop an object's bytes and metadata."""

    def record_bucket(self, name: str, record: Mapping[str, Any]) -> None:
        """Write down a bucket."""

    def forget_bucket(self, name: str) -> None:
        """Drop a bucket, which is empty."""

    def load(self) -> list[tuple[dict[str, Any], list[tuple[dict[str, Any], content.Place]]]]:
        """Return the buckets and objects of an earlier process: none."""
        return []

    def close(self) -> None:
        """Let go of what is held open."""
