"""The calls on objects that move no bytes to or from the caller: described, changed, deleted, copied, composed, moved.

A rewrite is always done in one call, however large; the real service may ask the caller to go on with a token.
Customer-supplied encryption keys and object access control lists are left out (501).
"""

from typing import Any

from local.storage import access, changes, content, errors, exchange, media, preconditions, resources, retention, store

_MOST_SOURCES = 32


def shown(bucket: store.Bucket, version: store.Version, request: exchange.Request) -> dict[str, Any]:
    """Return the object's resource as it is answered."""
    until = retention.expiration(bucket.resource, version.resource, released=version.released)
    return resources.shown(version.resource, base=request.base, retained_until=until)


def answer(stored: store.Store, version: store.Version, request: exchange.Request) -> exchange.Response:
    """Return the response that describes an object."""
    with stored.lock:
        resource = shown(stored.bucket(version.resource["bucket"]), version, request)
    return exchange.json_response(resource, headers={"ETag": resource["etag"]})


def get(stored: store.Store, request: exchange.Request, bucket: str, name: str) -> exchange.Response:
    """Return the object's resource, or with alt=media its bytes."""
    if request.query.get("alt") == "media":
        return media.download(stored, request, bucket, name)
    if exchange.flag(request, "softDeleted"):
        raise errors.left_out("soft delete")
    with stored.lock:
        found = stored.bucket(bucket)
        access.need(found, "storage.objects.get")
        version = stored.find(found, name, preconditions.integer(request.query, "generation"))
        preconditions.check_read(preconditions.parse(request.query, request.headers), version.resource)
        return answer(stored, version, request)


def patch(stored: store.Store, request: exchange.Request, bucket: str, name: str) -> exchange.Response:
    """Return the object with what is given merged into its metadata."""
    return _describe(stored, request, (bucket, name), whole=False)


def update(stored: store.Store, request: exchange.Request, bucket: str, name: str) -> exchange.Response:
    """Return the object with its metadata replaced by what is given."""
    return _describe(stored, request, (bucket, name), whole=True)


def delete(stored: store.Store, request: exchange.Request, bucket: str, name: str) -> exchange.Response:
    """Delete the object, or one generation of it."""
    asked = preconditions.parse(request.query, request.headers)
    generation = preconditions.integer(request.query, "generation")
    changes.delete(stored, bucket, name, generation=generation, asked=asked)
    return exchange.Response(204)


def copy(stored: store.Store, request: exchange.Request, bucket: str, name: str, *to: str) -> exchange.Response:
    """Return the object `to` (bucket, name), a copy with its source's metadata except what the body says."""
    return answer(stored, _copied(stored, request, (bucket, name), to), request)


def rewrite(stored: store.Store, request: exchange.Request, bucket: str, name: str, *to: str) -> exchange.Response:
    """Return the finished rewrite of an object into the object `to` (bucket, name)."""
    if "destinationKmsKeyName" in request.query:
        raise errors.left_out("encryption with keys of the caller")
    version = _copied(stored, request, (bucket, name), to)
    with stored.lock:
        resource = shown(stored.bucket(version.resource["bucket"]), version, request)
    size = resource["size"]
    done = {"kind": "storage#rewriteResponse", "done": True, "totalBytesRewritten": size, "objectSize": size}
    return exchange.json_response({**done, "resource": resource})


def compose(stored: store.Store, request: exchange.Request, bucket: str, name: str) -> exchange.Response:
    """Return the object made of 1 to 32 others of its bucket, one after another."""
    wanted = exchange.document(request)
    sources = wanted.get("sourceObjects") or []
    if not 1 <= len(sources) <= _MOST_SOURCES:
        message = f"The number of source components provided ({len(sources)}) must be between 1 and {_MOST_SOURCES}."
        raise errors.invalid(message)
    with stored.lock:
        found = stored.bucket(bucket)
        access.need(found, "storage.objects.get")
        versions = [_component(stored, found, source) for source in sources]
        files = [content.opened(version.place) for version in versions]
    data = b"".join(_drained(file) for file in files)
    said = {"contentType": versions[0].resource["contentType"], **(wanted.get("destination") or {})}
    components = sum(version.resource.get("componentCount", 1) for version in versions)
    asked = preconditions.parse(request.query, request.headers)
    draft = resources.Draft(bucket, name, _without(said, "crc32c", "md5Hash"))
    composed = changes.insert(stored, draft, data, asked=asked, composed_of=components)
    if wanted.get("deleteSourceObjects"):
        for version in versions:
            _delete_source(stored, version)
    return answer(stored, composed, request)


def move(stored: store.Store, request: exchange.Request, bucket: str, name: str, to: str) -> exchange.Response:
    """Return the object under its new name in the same bucket; its old name is gone in the same step."""
    of_source = preconditions.parse(request.query, request.headers, prefix="ifSource")
    asked = preconditions.parse(request.query, request.headers)
    return answer(stored, changes.move(stored, bucket, name, to=to, asked=asked, of_source=of_source), request)


def _describe(stored: store.Store, request: exchange.Request, of: tuple[str, str], *, whole: bool) -> exchange.Response:
    wanted = exchange.document(request)
    override = exchange.flag(request, "overrideUnlockedRetention")
    with stored.lock:
        bucket = stored.bucket(of[0])
        access.need(bucket, "storage.objects.update")
        version = stored.find(bucket, of[1], preconditions.integer(request.query, "generation"))
        preconditions.check(preconditions.parse(request.query, request.headers), version.resource)
        return answer(stored, changes.describe(stored, version, wanted, whole=whole, override=override), request)


def _copied(stored: store.Store, request: exchange.Request, of: tuple[str, str], to: tuple[str, ...]) -> store.Version:
    said = exchange.document(request)
    with stored.lock:
        source_bucket = stored.bucket(of[0])
        access.need(source_bucket, "storage.objects.get")
        source = stored.find(source_bucket, of[1], preconditions.integer(request.query, "sourceGeneration"))
        of_source = preconditions.parse(request.query, request.headers, prefix="ifSource")
        preconditions.check(of_source, source.resource)
        file = content.opened(source.place)
    kept = {key: value for key, value in source.resource.items() if key in resources.WRITABLE}
    protection = ("temporaryHold", "eventBasedHold", "retention")
    draft = resources.Draft(to[0], to[1], {**_without(kept, *protection), **_without(said, "crc32c", "md5Hash")})
    asked = preconditions.parse(request.query, request.headers)
    components = source.resource.get("componentCount", 0)
    return changes.insert(stored, draft, _drained(file), asked=asked, composed_of=components)


def _component(stored: store.Store, bucket: store.Bucket, source: dict[str, Any]) -> store.Version:
    if not isinstance(source, dict) or not source.get("name"):
        raise errors.required("sourceObjects[].name")
    generation = preconditions.integer(source, "generation") if source.get("generation") else None
    version = stored.find(bucket, source["name"], generation)
    preconditions.check(preconditions.parse(source.get("objectPreconditions") or {}, {}), version.resource)
    return version


def _delete_source(stored: store.Store, version: store.Version) -> None:
    resource = version.resource
    asked = preconditions.Preconditions(generation=int(resource["generation"]))
    changes.delete(stored, resource["bucket"], resource["name"], asked=asked)


def _drained(file: Any) -> bytes:
    with file:
        return bytes(file.read())


def _without(said: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in said.items() if key not in keys}
