"""What protects an object from being deleted or replaced: holds, and retention of its bucket or its own; pure."""

import datetime
from collections.abc import Mapping
from typing import Any

from local.storage import errors

Resource = Mapping[str, Any]


def expiration(bucket: Resource, resource: Resource, *, released: str) -> str:
    """Return until when the object is retained, "" for not at all; `released` is when its event-based hold ended.

    The bucket's policy of today counts, also for objects older than it, as in the real service.
    """
    until = resource.get("retention", {}).get("retainUntilTime", "")
    policy = bucket.get("retentionPolicy")
    if policy and not resource.get("eventBasedHold"):
        start = datetime.datetime.fromisoformat(released or resource["timeCreated"])
        by_policy = start + datetime.timedelta(seconds=int(policy["retentionPeriod"]))
        moments = [by_policy, *([datetime.datetime.fromisoformat(until)] if until else [])]
        return max(moments).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(until)


def forbid_archiving(bucket: str, resource: Resource) -> None:
    """Return nothing given that no hold is on the object; raise ApiError (403) when one is."""
    if resource.get("temporaryHold"):
        raise errors.held(bucket, resource["name"], hold="Temporary")
    if resource.get("eventBasedHold"):
        raise errors.held(bucket, resource["name"], hold="Event-Based")


def forbid_removal(bucket: Resource, resource: Resource, *, released: str, now: str) -> None:
    """Return nothing given that the object's bytes may go; raise ApiError (403) while anything keeps them."""
    forbid_archiving(bucket["name"], resource)
    until = expiration(bucket, resource, released=released)
    if until and datetime.datetime.fromisoformat(until) > datetime.datetime.fromisoformat(now):
        raise errors.retained(bucket["name"], resource["name"], until=until)


def check_change(bucket: Resource, old: Resource, new: Resource, *, override: bool) -> None:
    """Return nothing given that an object's own retention may change so; raise ApiError (400, 403) when it may not."""
    before, after = old.get("retention"), new.get("retention")
    if before == after:
        return
    if bucket.get("objectRetention", {}).get("mode") != "Enabled":
        raise errors.invalid(f"Object retention is not enabled for bucket {bucket['name']}.")
    if after and (after.get("mode") not in ("Locked", "Unlocked") or not after.get("retainUntilTime")):
        raise errors.invalid("Object retention needs a mode, Locked or Unlocked, and a retainUntilTime.")
    if before and not _is_longer(before, after) and (before["mode"] == "Locked" or not override):
        raise errors.ApiError(403, "forbidden", f"The retention of '{old['bucket']}/{old['name']}' cannot be reduced.")


def _is_longer(before: Resource, after: Resource | None) -> bool:
    if not after or (before["mode"] == "Locked" and after["mode"] != "Locked"):
        return False
    old, new = (datetime.datetime.fromisoformat(each["retainUntilTime"]) for each in (before, after))
    return new >= old
