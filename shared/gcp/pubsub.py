"""Pub/Sub: publishing one message, and listing what there is; errors come out as `shared.errors`."""

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from google.cloud import pubsub

from shared import errors
from shared.gcp import clients, renaming

PUBLISH_SECONDS = 10.0
"""How long publishing is tried before it counts as failed."""
LIST_SECONDS = 60.0
MOST_BYTES = 9_500_000
"""What a message may hold: Pub/Sub takes ten million, attributes included."""


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
    if len(data) > MOST_BYTES:
        raise errors.Rejected(f"publishing to {topic}: {len(data):,} bytes are more than a message may hold")
    name = f"projects/{used.project}/topics/{topic}"
    with renaming.renamed(f"publishing to {topic}"):
        used.calls.count()
        return str(_publisher().publish(name, data, timeout=seconds, **attributes).result(timeout=seconds))


def subscriptions(used: clients.Clients, *, seconds: float = LIST_SECONDS) -> list[dict[str, Any]]:
    """Return the subscriptions of the project as REST resources; raise CloudError."""
    with renaming.renamed("listing subscriptions"):
        listed = _subscriber().list_subscriptions(project=f"projects/{used.project}", timeout=seconds)
        return [
            type(one).to_dict(one, preserving_proto_field_name=False, use_integers_for_enums=False)
            for page in _counted(used, listed)
            for one in page.subscriptions
        ]


def topics(used: clients.Clients, *, seconds: float = LIST_SECONDS) -> list[str]:
    """Return the full names of the project's topics; raise CloudError."""
    with renaming.renamed("listing topics"):
        listed = _publisher().list_topics(project=f"projects/{used.project}", timeout=seconds)
        return [str(one.name) for page in _counted(used, listed) for one in page.topics]


def _counted(used: clients.Clients, listed: Any) -> Iterator[Any]:
    """Yield the pages of a list, each counted as the request that it is."""
    for page in listed.pages:
        used.calls.count()
        yield page
