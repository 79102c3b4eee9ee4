"""What topics and subscriptions share on the wire: their names, their pages, and how a field mask changes them."""

import base64
import binascii
import re
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from google.protobuf import field_mask_pb2
from google.pubsub_v1 import types

from local.pubsub import refusals

# Protobuf's own classes, without the wrapping of proto-plus, which costs more than all the rest of a call.
Topic = types.Topic.pb(None)
Subscription = types.Subscription.pb(None)

LARGEST_PAGE = 1000

_PROJECT = re.compile(r"projects/[^/]+")
_SHORT = re.compile(r"[A-Za-z][A-Za-z0-9._~+%-]{2,254}")

_Resource = TypeVar("_Resource")


def check_name(kind: str, name: str) -> None:
    """Do nothing if `name` may name a resource of this kind ("topics", "subscriptions"), else raise Refused."""
    project, _, rest = name.partition(f"/{kind}/")
    if not _PROJECT.fullmatch(project) or not _SHORT.fullmatch(rest) or rest.startswith("goog"):
        raise refusals.invalid(f"Invalid [{kind}] name: (name={name})")


def page(known: Mapping[str, _Resource], size: int, token: str) -> tuple[list[_Resource], str]:
    """Return up to `size` resources (0: as many as a page holds) after `token`, by name, and the next page's token."""
    if size < 0:
        raise refusals.invalid(f"Invalid page size given (page_size={size}).")
    try:
        last = base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise refusals.invalid(f"Invalid page token given (page_token={token}).") from None
    names = sorted(name for name in known if name > last)
    chosen = names[: min(size or LARGEST_PAGE, LARGEST_PAGE)]
    following = base64.urlsafe_b64encode(chosen[-1].encode()).decode() if len(chosen) < len(names) else ""
    return [known[name] for name in chosen], following


def of_project(known: Mapping[str, _Resource], project: str) -> dict[str, _Resource]:
    """Return the resources of one project, given as "projects/ID"; raise Refused when it is none."""
    if not _PROJECT.fullmatch(project):
        raise refusals.invalid(f"Invalid [projects] name: (name={project})")
    return {name: resource for name, resource in known.items() if name.startswith(f"{project}/")}


def updated(old: Any, new: Any, mask: Any, *, changeable: Collection[str]) -> Any:
    """Return `old` with the fields that `mask` names taken from `new`; raise Refused when one of them is fixed."""
    if not mask.paths:
        raise refusals.invalid("The update_mask must be set, and must contain a non-empty paths list.")
    for path in mask.paths:
        if not field_mask_pb2.FieldMask(paths=[path]).IsValidForDescriptor(old.DESCRIPTOR):
            raise refusals.invalid(f"Invalid update_mask provided in the request: there is no field {path}.")
        if path.partition(".")[0] not in changeable:
            raise refusals.invalid(f"Invalid update_mask provided in the request: {path} is not mutable.")
    result = type(old)()
    result.CopyFrom(old)
    mask.MergeMessage(new, result, True, True)  # noqa: FBT003 - replace messages, replace lists
    return result


def refuse_uncovered(resource: Any, fields: Mapping[str, str]) -> None:
    """Do nothing if none of these fields is set, else raise Refused with what the field's value says."""
    for field, what in fields.items():
        descriptor = resource.DESCRIPTOR.fields_by_name[field]
        by_presence = descriptor.has_presence
        if resource.HasField(field) if by_presence else getattr(resource, field):
            raise refusals.uncovered(what)
