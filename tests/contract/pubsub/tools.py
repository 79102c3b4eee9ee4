"""What the tests of Pub/Sub work with: the official clients with names of their own, and a web server's posts."""

import dataclasses
import queue
import uuid
import warnings
from collections.abc import Callable
from typing import Any

from google import pubsub


@dataclasses.dataclass
class Bench:
    """The official clients, and topics and subscriptions that no other test uses."""

    publisher: Any
    subscriber: Any
    project: str
    made: list[Callable[[], Any]] = dataclasses.field(default_factory=list)

    def topic_path(self, name: str = "") -> str:
        """Return the name of a topic that does not exist yet."""
        return str(self.publisher.topic_path(self.project, name or f"topic-{uuid.uuid4().hex}"))

    def subscription_path(self, name: str = "") -> str:
        """Return the name of a subscription that does not exist yet."""
        return str(self.subscriber.subscription_path(self.project, name or f"subscription-{uuid.uuid4().hex}"))

    def topic(self, **declared: Any) -> str:
        """Create a topic and return its name."""
        path = self.topic_path()
        self.publisher.create_topic(request={"name": path, **declared})
        self.made.append(lambda: self.publisher.delete_topic(request={"topic": path}))
        return path

    def subscription(self, topic: str, **declared: Any) -> str:
        """Create a subscription and return its name."""
        path = self.subscription_path()
        self.subscriber.create_subscription(request={"name": path, "topic": topic, **declared})
        self.made.append(lambda: self.subscriber.delete_subscription(request={"subscription": path}))
        return path

    def publish(self, topic: str, *data: bytes, **more: Any) -> list[str]:
        """Publish messages in one request, one for each datum, and return their ids."""
        messages = [{"data": datum, **more} for datum in data]
        # The batching client hides the generated one's `publish`, which takes a whole request.
        generated = pubsub.PublisherClient.publish
        return list(generated(self.publisher, request={"topic": topic, "messages": messages}).message_ids)

    def pull(self, subscription: str, most: int = 100, **more: Any) -> list[Any]:
        """Return what one pull brings."""
        request = {"subscription": subscription, "max_messages": most, **more}
        return list(self.subscriber.pull(request=request, timeout=30).received_messages)

    def pull_now(self, subscription: str) -> list[Any]:
        """Return what there is at this moment, without waiting."""
        with warnings.catch_warnings():
            # The flag is deprecated, but an empty subscription is told from a slow one by nothing else.
            warnings.simplefilter("ignore", DeprecationWarning)
            return self.pull(subscription, return_immediately=True)

    def nack(self, subscription: str, *received: Any, seconds: int = 0) -> None:
        """Let the leases of these messages end."""
        ack_ids = [one.ack_id for one in received]
        request = {"subscription": subscription, "ack_ids": ack_ids, "ack_deadline_seconds": seconds}
        self.subscriber.modify_ack_deadline(request=request)

    def acknowledge(self, subscription: str, *received: Any) -> None:
        """Acknowledge these messages."""
        self.subscriber.acknowledge(request={"subscription": subscription, "ack_ids": [one.ack_id for one in received]})


@dataclasses.dataclass
class Endpoint:
    """A web server that push subscriptions post to: what came, and how it answers, in turn."""

    url: str
    posts: queue.Queue[tuple[dict[str, str], Any]]
    statuses: list[int]

    def post(self) -> tuple[dict[str, str], Any]:
        """Return headers and JSON body of the next post, waiting for it."""
        return self.posts.get(timeout=30)
