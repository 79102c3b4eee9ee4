"""Pub/Sub: publishing one message, and listing what there is; errors come out as `shared.errors`."""

import functools
from collections.abc import Mapping
from typing import Any

from google.cloud import pubsub

from shared.gcp import clients, renaming

PUBLISH_SECONDS = 20.0
"""How long publishing is tried before it counts as failed."""
LIST_SECONDS = 60.0


@functools.cache
def _publisher() -> Any:
    return pubsub.PublisherClient()


@functools.cache
def _subscriber() -> Any:
    return pubsub.SubscriberClient()


def publish(
    used: clients.Clients,
    topic: str,
    data: bytes,
    attributes: Mapping[str, str],
    *,
    seconds: float = PUBLISH_SECONDS,
) -> str:
    """Return the id of one message, once Pub/Sub has it; raise CloudError, also when it has not after `seconds`."""
    name = f"projects/{used.project}/topics/{topic}"
    with renaming.renamed(f"publishing to {topic}"):
        used.calls.count()
        return str(_publisher().publish(name, data, timeout=seconds, **attributes).result(timeout=seconds))


def subscriptions(used: clients.Clients, *, seconds: float = LIST_SECONDS) -> list[dict[str, Any]]:
    """Return the subscriptions of the project as REST resources; raise CloudError."""
    with renaming.renamed("listing subscriptions"):
        pages = _subscriber().list_subscriptions(project=f"projects/{used.project}", timeout=seconds)
        used.calls.count()
        return [type(one).to_dict(one, preserving_proto_field_name=False) for one in pages]


def topics(used: clients.Clients, *, seconds: float = LIST_SECONDS) -> list[str]:
    """Return the full names of the project's topics; raise CloudError."""
    with renaming.renamed("listing topics"):
        pages = _publisher().list_topics(project=f"projects/{used.project}", timeout=seconds)
        used.calls.count()
        return [str(one.name) for one in pages]
