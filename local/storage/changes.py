"""Every change to an object, each one step under the store's lock: made, described anew, deleted, or left to rot.

The checks of a change stand in one order: bucket, name, rights, preconditions, protection; then it happens.
"""

from collections.abc import Mapping
from typing import Any

from local.storage import access, content, errors, names, preconditions, resources, retention, store


def insert(
    stored: store.Store,
    draft: resources.Draft,
    data: bytes,
    *,
    asked: preconditions.Preconditions = preconditions.NONE,
    composed_of: int = 0,
) -> store.Version:
    """Return the new live version with the bytes `data`; raise ApiError, nothing changed, when a rule forbids it."""
    sums = content.sums(data)
    content.check(sums, draft.said)
    names.check_object(draft.name)
    staged = stored.keeper.stage(data)
    try:
        with stored.lock:
            bucket = stored.bucket(draft.bucket)
            old = admit(stored, draft.bucket, draft.name, asked=asked)
            if composed_of:
                sums = content.Sums(sums.size, sums.crc32c, md5="")
            resource = resources.new(
                draft, sums, bucket=bucket.resource, generation=stored.next_generation(), now=stored.now()
            )
            if composed_of:
                resource["componentCount"] = composed_of
            retention.check_change(bucket.resource, {}, resource, override=False)
            return _replace(stored, bucket, old, resource, staged)
    finally:
        stored.keeper.discard(staged)


def admit(
    stored: store.Store, bucket_name: str, name: str, *, asked: preconditions.Preconditions
) -> store.Version | None:
    """Return the live version that a new object would replace, if any; raise ApiError when it may not be made."""
    with stored.lock:
        bucket = stored.bucket(bucket_name)
        names.check_object(name)
        access.need(bucket, "storage.objects.create")
        old = bucket.live(name)
        preconditions.check(asked, old.resource if old else None)
        if old:
            access.need(bucket, "storage.objects.delete")
            _forbid_retiring(stored, bucket, old)
        return old


def delete(
    stored: store.Store,
    bucket_name: str,
    name: str,
    *,
    generation: int | None = None,
    asked: preconditions.Preconditions,
) -> None:
    """Delete the live version, archiving it in a versioned bucket, or that `generation` for good; raise ApiError."""
    with stored.lock:
        bucket = stored.bucket(bucket_name)
        access.need(bucket, "storage.objects.delete")
        version = stored.find(bucket, name, generation)
        preconditions.check(asked, version.resource)
        if generation is None:
            _forbid_retiring(stored, bucket, version)
            stored.keeper.hide(version.record())
            store.retire(stored, bucket, version, at=stored.now())
        else:
            _forbid_removal(stored, bucket, version)
            if version.is_live:
                stored.keeper.hide(version.record())
            bucket.drop(version)
            stored.keeper.forget(version.record())


def move(
    stored: store.Store,
    bucket_name: str,
    name: str,
    *,
    to: str,
    asked: preconditions.Preconditions,
    of_source: preconditions.Preconditions,
) -> store.Version:
    """Return the object under its new name; raise ApiError when a rule forbids either half, with nothing changed."""
    with stored.lock:
        bucket = stored.bucket(bucket_name)
        access.need(bucket, "storage.objects.get", "storage.objects.delete")
        source = stored.find(bucket, name)
        preconditions.check(of_source, source.resource)
        if to == name:
            raise errors.invalid("The source and destination of a move are the same object.")
        _forbid_retiring(stored, bucket, source)
        moved = insert(
            stored, resources.Draft(bucket_name, to, source.resource), content.read(source.place), asked=asked
        )
        delete(stored, bucket_name, name, asked=preconditions.NONE)
        return moved


def describe(
    stored: store.Store,
    version: store.Version,
    wanted: Mapping[str, Any],
    *,
    whole: bool,
    override: bool = False,
) -> store.Version:
    """Return `version` with its metadata changed (`whole`: replaced); raise ApiError when that is not allowed."""
    with stored.lock:
        old = version.resource
        bucket = stored.bucket(old["bucket"])
        change = resources.replaced if whole else resources.patched
        new = change(old, wanted, now=stored.now())
        retention.check_change(bucket.resource, old, new, override=override)
        if old.get("eventBasedHold") and not new.get("eventBasedHold"):
            version.released = new["updated"]
        version.resource = new
        stored.keeper.record(version.record())
        return version


def rot(stored: store.Store, bucket_name: str, name: str, *, offset: int) -> None:
    """Flip the byte at `offset` of the live version, and no metadata: a disk that lies; raise ApiError (400, 404)."""
    with stored.lock:
        bucket = stored.bucket(bucket_name)
        version = stored.find(bucket, name)
        data = bytearray(content.read(version.place))
        if not 0 <= offset < len(data):
            raise errors.invalid(f"offset {offset} is outside the {len(data)} bytes of {bucket_name}/{name}")
        data[offset] ^= 0xFF
        version.place = stored.keeper.commit(stored.keeper.stage(bytes(data)), version.record())
        stored.keeper.show(version.record())


def _replace(
    stored: store.Store,
    bucket: store.Bucket,
    old: store.Version | None,
    resource: dict[str, Any],
    staged: content.Place,
) -> store.Version:
    name = resource["name"]
    new = store.Version(resource, staged, file=old.file if old else stored.keeper.place_for(bucket.name, name))
    new.place = stored.keeper.commit(staged, new.record())
    if old:
        store.retire(stored, bucket, old, at=resource["timeCreated"])
    bucket.add(new)
    stored.keeper.show(new.record())
    return new


def _forbid_retiring(stored: store.Store, bucket: store.Bucket, version: store.Version) -> None:
    if bucket.is_versioned:
        retention.forbid_archiving(bucket.name, version.resource)
    else:
        _forbid_removal(stored, bucket, version)


def _forbid_removal(stored: store.Store, bucket: store.Bucket, version: store.Version) -> None:
    retention.forbid_removal(bucket.resource, version.resource, released=version.released, now=stored.now())
