"""The state of the stand-in: buckets, the versions of their objects, and the one lock that guards both.

Resources are replaced, never changed in place, so that whoever has read one may use it without the lock.
Nothing here knows HTTP; the rules for changes are in `changes` and `buckets`.
"""

import bisect
import datetime
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from local.storage import content, disk, errors, memory

CALLER = "pressbox@nba-props-platform.iam.example"
Clock = Callable[[], datetime.datetime]


@dataclass
class Version:
    """One generation of an object; `released` is when its event-based hold ended, `file` its plain file, if any."""

    resource: dict[str, Any]
    place: content.Place
    file: str = ""
    released: str = ""

    @property
    def is_live(self) -> bool:
        """Return whether this generation is the current one."""
        return "timeDeleted" not in self.resource

    def record(self) -> dict[str, Any]:
        """Return what a keeper writes down of this version."""
        return {"object": self.resource, "file": self.file, "released": self.released}


@dataclass
class Bucket:
    """A bucket, its objects by name (oldest version first), and what its caller may not do."""

    resource: dict[str, Any]
    project: str
    policy: dict[str, Any] = field(default_factory=dict)
    objects: dict[str, list[Version]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    denied: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Return the bucket's name."""
        return str(self.resource["name"])

    @property
    def is_versioned(self) -> bool:
        """Return whether replaced and deleted objects are kept as noncurrent versions."""
        return bool(self.resource.get("versioning", {}).get("enabled"))

    def record(self) -> dict[str, Any]:
        """Return what a keeper writes down of this bucket."""
        return {"bucket": self.resource, "project": self.project, "policy": self.policy}

    def live(self, name: str) -> Version | None:
        """Return the live version of an object, None if there is none."""
        versions = self.objects.get(name)
        return versions[-1] if versions and versions[-1].is_live else None

    def add(self, version: Version) -> None:
        """Make `version` the newest of its object."""
        name = version.resource["name"]
        if name not in self.objects:
            bisect.insort(self.names, name)
        self.objects.setdefault(name, []).append(version)

    def drop(self, version: Version) -> None:
        """Take `version` out."""
        name = version.resource["name"]
        self.objects[name].remove(version)
        if not self.objects[name]:
            del self.objects[name]
            del self.names[bisect.bisect_left(self.names, name)]


class Store:
    """Everything that one stand-in holds; take `lock` around every use of `buckets`."""

    def __init__(self, keeper: "disk.Disk | memory.Memory", *, clock: Clock | None = None) -> None:
        self.keeper = keeper
        self.lock = threading.RLock()
        self.buckets: dict[str, Bucket] = {}
        self.uploads: dict[str, Any] = {}
        self._clock = clock or (lambda: datetime.datetime.now(datetime.UTC))
        self._generation = 0
        for record, objects in keeper.load():
            self._restore(record, objects)

    def now(self) -> str:
        """Return the present time as Cloud Storage writes it, in UTC to the millisecond."""
        return written(self._clock())

    def next_generation(self) -> int:
        """Return a generation greater than every one before: microseconds of the clock, as the real service gives."""
        self._generation = max(self._generation + 1, int(self._clock().timestamp() * 1_000_000))
        return self._generation

    def bucket(self, name: str) -> Bucket:
        """Return the bucket `name`; raise ApiError (404) when there is none."""
        try:
            return self.buckets[name]
        except KeyError:
            raise errors.no_bucket() from None

    def find(self, bucket: Bucket, name: str, generation: int | None = None) -> Version:
        """Return the live version of an object, or that `generation`; raise ApiError (404) when there is none."""
        versions: Iterator[Version] = iter(bucket.objects.get(name, []))
        wanted = None if generation is None else str(generation)
        found = next((one for one in versions if _is_wanted(one, wanted)), None)
        if found is None:
            raise errors.no_object(bucket.name, name)
        return found

    def _restore(self, record: dict[str, Any], objects: list[tuple[dict[str, Any], content.Place]]) -> None:
        bucket = Bucket(record["bucket"], record["project"], record["policy"])
        self.buckets[bucket.name] = bucket
        for found, place in sorted(objects, key=lambda item: int(item[0]["object"]["generation"])):
            version = Version(found["object"], place, found["file"], found["released"])
            self._supersede(bucket, version)
            bucket.add(version)
            self._generation = max(self._generation, int(version.resource["generation"]))
        for name in bucket.names:
            live = bucket.live(name)
            if live:
                self.keeper.mend(live.record())

    def _supersede(self, bucket: Bucket, version: Version) -> None:
        """Finish the replacement that a crash cut off after the newer version was recorded."""
        old = bucket.live(version.resource["name"])
        if old:
            retire(self, bucket, old, at=version.resource["timeCreated"])


def retire(store: Store, bucket: Bucket, version: Version, *, at: str) -> None:
    """Make a live version noncurrent in a versioned bucket, or remove it from another; its plain file is left alone."""
    if bucket.is_versioned:
        version.resource = {**version.resource, "timeDeleted": at}
        store.keeper.record(version.record())
    else:
        bucket.drop(version)
        store.keeper.forget(version.record())


def written(moment: datetime.datetime) -> str:
    """Return `moment` as Cloud Storage writes times: UTC, milliseconds, Z."""
    return moment.astimezone(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_wanted(version: Version, generation: str | None) -> bool:
    return version.is_live if generation is None else version.resource["generation"] == generation
