"""The calls on buckets: made, listed, described, changed, locked, deleted, and who may do what.

Lifecycle rules are stored, never executed. Access control lists and notifications are left out (501).
"""

import base64
import re
import zlib
from typing import Any

from local.storage import access, errors, exchange, listing, names, preconditions, resources, store

_MULTI_REGIONS = ("US", "EU", "ASIA")
_DUAL_REGIONS = ("NAM4", "EUR4", "EUR5", "EUR7", "EUR8", "ASIA1")
_REGION = re.compile(r"[A-Z]+-[A-Z]+\d+")
_TREES = (
    *("autoclass", "billing", "customPlacementConfig", "encryption", "hierarchicalNamespace", "iamConfiguration"),
    *("labels", "lifecycle", "logging", "retentionPolicy", "softDeletePolicy", "versioning", "website", "ipFilter"),
)
_WRITABLE = (*_TREES, "cors", "defaultEventBasedHold", "rpo", "storageClass")


def insert(stored: store.Store, request: exchange.Request) -> exchange.Response:
    """Return the new bucket; raise ApiError: 400 for a bad name or value, 409 when it exists."""
    wanted = exchange.document(request)
    project = request.query.get("project")
    if not project:
        raise errors.required("project")
    name = names.check_bucket(wanted.get("name"))
    with stored.lock:
        if name in stored.buckets:
            raise errors.conflict("Your previous request to create the named bucket succeeded and you already own it.")
        bucket = store.Bucket(_new(stored, name, wanted, project=project), project)
        if exchange.flag(request, "enableObjectRetention"):
            bucket.resource["objectRetention"] = {"mode": "Enabled"}
        stored.keeper.record_bucket(name, bucket.record())
        stored.buckets[name] = bucket
    return _answer(bucket.resource, request)


def list_all(stored: store.Store, request: exchange.Request) -> exchange.Response:
    """Return one page of the buckets of a project, by name."""
    project, prefix = request.query.get("project"), request.query.get("prefix", "")
    if not project:
        raise errors.required("project")
    if exchange.flag(request, "softDeleted"):
        raise errors.left_out("soft delete")
    with stored.lock:
        mine = sorted(one.name for one in stored.buckets.values() if one.project == project)
        found = [((name, 0), stored.buckets[name].resource) for name in mine if name.startswith(prefix)]
    page, token = listing.page(found, request)
    items = {"items": [_shown(resource, request) for _, resource in page]} if page else {}
    return exchange.json_response({"kind": "storage#buckets", **items, **token})


def get(stored: store.Store, request: exchange.Request, bucket: str) -> exchange.Response:
    """Return the bucket."""
    with stored.lock:
        found = stored.bucket(bucket)
        access.need(found, "storage.buckets.get")
        preconditions.check_read(preconditions.parse(request.query, request.headers), found.resource)
        return _answer(found.resource, request)


def patch(stored: store.Store, request: exchange.Request, bucket: str) -> exchange.Response:
    """Return the bucket with what is given merged into it."""
    return _change(stored, request, bucket, whole=False)


def update(stored: store.Store, request: exchange.Request, bucket: str) -> exchange.Response:
    """Return the bucket with all that may be written replaced by what is given."""
    return _change(stored, request, bucket, whole=True)


def delete(stored: store.Store, request: exchange.Request, bucket: str) -> exchange.Response:
    """Delete an empty bucket; raise ApiError (409) while it holds any version of any object."""
    with stored.lock:
        found = stored.bucket(bucket)
        access.need(found, "storage.buckets.delete")
        preconditions.check(preconditions.parse(request.query, request.headers), found.resource)
        if found.objects:
            raise errors.conflict("The bucket you tried to delete is not empty.")
        stored.keeper.forget_bucket(bucket)
        del stored.buckets[bucket]
    return exchange.Response(204)


def lock(stored: store.Store, request: exchange.Request, bucket: str) -> exchange.Response:
    """Return the bucket with its retention policy locked for good; ifMetagenerationMatch is required."""
    if "ifMetagenerationMatch" not in request.query:
        raise errors.required("ifMetagenerationMatch")
    with stored.lock:
        found = stored.bucket(bucket)
        access.need(found, "storage.buckets.update")
        preconditions.check(preconditions.parse(request.query, request.headers), found.resource)
        if "retentionPolicy" not in found.resource:
            raise errors.invalid(f"Bucket '{bucket}' has no retention policy to lock.")
        locked = {**found.resource, "retentionPolicy": {**found.resource["retentionPolicy"], "isLocked": True}}
        return _answer(_save(stored, found, locked), request)


def get_policy(stored: store.Store, _request: exchange.Request, bucket: str) -> exchange.Response:
    """Return the bucket's IAM policy, which is stored and grants nothing."""
    with stored.lock:
        found = stored.bucket(bucket)
        access.need(found, "storage.buckets.getIamPolicy")
        policy = _policy(found)
    return exchange.json_response(policy, headers={"ETag": policy["etag"]})


def set_policy(stored: store.Store, request: exchange.Request, bucket: str) -> exchange.Response:
    """Return the bucket's new IAM policy; raise ApiError (412) when the etag given is not that of the old one."""
    wanted = exchange.document(request)
    with stored.lock:
        found = stored.bucket(bucket)
        access.need(found, "storage.buckets.setIamPolicy")
        old = _policy(found)
        if wanted.get("etag", old["etag"]) != old["etag"]:
            raise errors.condition_not_met()
        counter = int(base64.b64decode(old["etag"])) + 1
        found.policy = {**old, **wanted, "etag": base64.b64encode(str(counter).encode()).decode()}
        stored.keeper.record_bucket(bucket, found.record())
    return exchange.json_response(found.policy, headers={"ETag": found.policy["etag"]})


def test_permissions(stored: store.Store, request: exchange.Request, bucket: str) -> exchange.Response:
    """Return which of the permissions asked about (repeated `permissions`) the caller has."""
    asked = request.all_of("permissions")
    if not asked:
        raise errors.required("permissions")
    with stored.lock:
        held = access.held(stored.bucket(bucket), asked)
    found = {"permissions": held} if held else {}
    return exchange.json_response({"kind": "storage#testIamPermissionsResponse", **found})


def service_account(stored: store.Store, request: exchange.Request, project: str) -> exchange.Response:  # noqa: ARG001  # a route's shape
    """Return the service account with which Cloud Storage itself acts for the project."""
    address = f"service-{_project_number(project)}@gs-project-accounts.iam.gserviceaccount.com"
    return exchange.json_response({"kind": "storage#serviceAccount", "email_address": address})


def _change(stored: store.Store, request: exchange.Request, name: str, *, whole: bool) -> exchange.Response:
    wanted = {key: value for key, value in exchange.document(request).items() if key in _WRITABLE}
    with stored.lock:
        found = stored.bucket(name)
        access.need(found, "storage.buckets.update")
        preconditions.check(preconditions.parse(request.query, request.headers), found.resource)
        old = found.resource
        kept = {key: value for key, value in old.items() if key not in _WRITABLE or key == "storageClass"}
        new = resources.merged(kept if whole else old, wanted)
        _check(name, new)
        _check_retention(name, old.get("retentionPolicy"), new)
        if new.get("retentionPolicy", {}) != old.get("retentionPolicy", {}) and "retentionPolicy" in new:
            new["retentionPolicy"]["effectiveTime"] = stored.now()
        return _answer(_save(stored, found, new), request)


def _save(stored: store.Store, bucket: store.Bucket, new: dict[str, Any]) -> dict[str, Any]:
    metageneration = int(new["metageneration"]) + 1
    bucket.resource = {**new, "metageneration": str(metageneration), "etag": _etag(metageneration)}
    bucket.resource["updated"] = stored.now()
    stored.keeper.record_bucket(bucket.name, bucket.record())
    return bucket.resource


def _new(stored: store.Store, name: str, wanted: dict[str, Any], *, project: str) -> dict[str, Any]:
    now = stored.now()
    location = str(wanted.get("location") or "US").upper()
    resource: dict[str, Any] = {
        "kind": "storage#bucket",
        "id": name,
        "name": name,
        "projectNumber": _project_number(project),
        "generation": str(stored.next_generation()),
        "metageneration": "1",
        "location": location,
        "locationType": _location_type(location),
        "storageClass": "STANDARD",
        "etag": _etag(1),
        "timeCreated": now,
        "updated": now,
        "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": False}, "publicAccessPrevention": "inherited"},
        "softDeletePolicy": {"retentionDurationSeconds": "0"},
    }
    resource = resources.merged(resource, {key: value for key, value in wanted.items() if key in _WRITABLE})
    _check(name, resource)
    if "retentionPolicy" in resource:
        resource["retentionPolicy"] = {**resource["retentionPolicy"], "effectiveTime": now}
    return resource


def _check(name: str, resource: dict[str, Any]) -> None:
    if resource["storageClass"] not in resources.STORAGE_CLASSES:
        raise errors.invalid(f"Invalid storage class: '{resource['storageClass']}'")
    wrong = [key for key in _TREES if not isinstance(resource.get(key, {}), dict)]
    if wrong:
        raise errors.invalid(f"Invalid value for bucket '{name}': {', '.join(wrong)} must be objects")
    if not _is_cors(resource.get("cors", [])):
        raise errors.invalid(f"Invalid value for bucket '{name}': cors must be a list of objects with lists of texts")
    period = resource.get("retentionPolicy", {"retentionPeriod": 1}).get("retentionPeriod")
    if not re.fullmatch(r"[1-9]\d*", str(period)):
        raise errors.invalid(f"Invalid value for retentionPeriod of bucket '{name}': {period!r}")


def _is_cors(entries: Any) -> bool:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return False
    listed = [entry.get(key, []) for entry in entries for key in ("origin", "method", "responseHeader")]
    return all(isinstance(texts, list) and all(isinstance(text, str) for text in texts) for texts in listed)


def _check_retention(name: str, old: dict[str, Any] | None, new: dict[str, Any]) -> None:
    if not old or not old.get("isLocked"):
        return
    if "retentionPolicy" not in new:
        raise errors.ApiError(403, "forbidden", f"Cannot remove the locked Retention Policy of bucket '{name}'.")
    if int(new["retentionPolicy"]["retentionPeriod"]) < int(old["retentionPeriod"]):
        message = f"Cannot reduce retention duration of a locked Retention Policy for bucket '{name}'."
        raise errors.ApiError(403, "forbidden", message)
    new["retentionPolicy"]["isLocked"] = True


def _policy(bucket: store.Bucket) -> dict[str, Any]:
    empty: dict[str, Any] = {"kind": "storage#policy", "version": 1, "bindings": [], "etag": _etag(1)}
    return {**empty, **bucket.policy, "resourceId": f"projects/_/buckets/{bucket.name}"}


def _answer(resource: dict[str, Any], request: exchange.Request) -> exchange.Response:
    return exchange.json_response(_shown(resource, request), headers={"ETag": resource["etag"]})


def _shown(resource: dict[str, Any], request: exchange.Request) -> dict[str, Any]:
    return {**resource, "selfLink": f"{request.base}/storage/v1/b/{resource['name']}"}


def _location_type(location: str) -> str:
    if location in _MULTI_REGIONS:
        return "multi-region"
    if location in _DUAL_REGIONS:
        return "dual-region"
    if _REGION.fullmatch(location):
        return "region"
    raise errors.invalid("The specified location constraint is not valid.")


def _project_number(project: str) -> str:
    return str(100_000_000_000 + zlib.crc32(project.encode()))


def _etag(number: int) -> str:
    return base64.b64encode(str(number).encode()).decode()
