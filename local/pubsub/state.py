"""All topics and subscriptions, and what happens to a message between them; knows nothing of gRPC, and reads no clock.

What a topic or subscription was declared to be is kept as it came (`resource`); this module acts on what was read out
of it. Safe to use from many threads: each function takes the lock, and whoever waits for news waits on `changed`.
"""

import dataclasses
import datetime
import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from local.pubsub import queue, refusals

DELETED_TOPIC = "_deleted-topic_"

_MARK = "CloudPubSubDeadLetterSource"


@dataclasses.dataclass(frozen=True)
class Draft:
    """A message that a publisher sends."""

    data: bytes
    attributes: Mapping[str, str]
    ordering_key: str = ""


@dataclasses.dataclass
class Subscription:
    """A subscription: its declaration, its topic, what it wants of it, and its messages."""

    resource: Any
    topic: str
    messages: queue.Queue
    matches: Callable[[Mapping[str, str]], bool]
    dead_letter_topic: str = ""
    endpoint: str = ""
    detached: bool = False


class State:
    """The topics and subscriptions of all projects, by their full names; messages are numbered from `first` on."""

    def __init__(self, *, first: int = 1) -> None:
        self.changed = threading.Condition()
        self.topics: dict[str, Any] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self._ids = itertools.count(first)

    def create_topic(self, name: str, resource: Any) -> None:
        """Add a topic; raise Refused when there is one of that name."""
        with self.changed:
            if name in self.topics:
                raise refusals.already_exists(name)
            self.topics[name] = resource

    def topic(self, name: str) -> Any:
        """Return a topic's declaration; raise Refused when there is none of that name."""
        with self.changed:
            if name not in self.topics:
                raise refusals.not_found(name)
            return self.topics[name]

    def delete_topic(self, name: str) -> None:
        """Remove a topic; its subscriptions keep their messages, and get no more."""
        with self.changed:
            self.topic(name)
            del self.topics[name]
            for subscription in self.subscriptions.values():
                if subscription.topic == name:
                    subscription.topic = DELETED_TOPIC

    def attached(self, topic: str) -> list[str]:
        """Return the names of the subscriptions that get the messages of a topic."""
        with self.changed:
            self.topic(topic)
            return sorted(n for n, s in self.subscriptions.items() if s.topic == topic and not s.detached)

    def publish(self, topic: str, drafts: Sequence[Draft], *, now: float) -> list[str]:
        """Hand messages to the subscriptions of a topic, and return the ids that they got."""
        with self.changed:
            self.topic(topic)
            published = [self._publish(topic, draft, now=now) for draft in drafts]
            self.changed.notify_all()
            return published

    def create_subscription(self, name: str, subscription: Subscription) -> None:
        """Add a subscription; raise Refused when there is one of that name, or its topic is not there."""
        with self.changed:
            if name in self.subscriptions:
                raise refusals.already_exists(name)
            self.topic(subscription.topic)
            self.subscriptions[name] = subscription
            self.changed.notify_all()

    def subscription(self, name: str) -> Subscription:
        """Return a subscription; raise Refused when there is none of that name."""
        with self.changed:
            if name not in self.subscriptions:
                raise refusals.not_found(name)
            return self.subscriptions[name]

    def delete_subscription(self, name: str) -> None:
        """Remove a subscription and its messages."""
        with self.changed:
            self.subscription(name)
            del self.subscriptions[name]
            self.changed.notify_all()

    def detach(self, name: str) -> None:
        """Cut a subscription off its topic for good, and drop its messages."""
        with self.changed:
            subscription = self.subscription(name)
            subscription.detached = True
            subscription.messages.clear()
            self.changed.notify_all()

    def take(self, name: str, limit: int, *, now: float, seconds: float | None = None) -> list[queue.Delivery]:
        """Return up to `limit` messages of a subscription, leased for `seconds` or as it declares."""
        with self.changed:
            self.settle(now)
            deliveries = self.subscription(name).messages.take(limit, now=now, seconds=seconds)
            if deliveries:
                # Whoever waits has to know when these leases end.
                self.changed.notify_all()
            return deliveries

    def acknowledge(self, name: str, ack_ids: Sequence[str]) -> None:
        """Forget messages that were dealt with."""
        with self.changed:
            self.subscription(name).messages.acknowledge(ack_ids)
            self.changed.notify_all()

    def modify(self, name: str, ack_ids: Sequence[str], seconds: float, *, now: float) -> None:
        """Let leases end in `seconds`; in 0 seconds, the messages come back at once."""
        with self.changed:
            self.subscription(name).messages.modify(ack_ids, seconds, now=now)
            self.settle(now)
            self.changed.notify_all()

    def settle(self, now: float) -> None:
        """Take back what was leased too long, and send what is dead to its dead-letter topic.

        If that topic is gone, dead messages stay in the subscription.
        """
        with self.changed:
            for name, subscription in self.subscriptions.items():
                subscription.messages.expire(now)
                dead = subscription.messages.dead()
                if not dead:
                    continue
                if subscription.dead_letter_topic not in self.topics:
                    subscription.messages.revive()
                    continue
                subscription.messages.bury()
                for message, attempts in dead:
                    self._publish(subscription.dead_letter_topic, _obituary(name, message, attempts), now=now)

    def pending(self) -> int:
        """Return how many messages of all subscriptions are not acknowledged."""
        with self.changed:
            return sum(len(one.messages) for one in self.subscriptions.values())

    def wait(self, *, now: float, until: float) -> None:
        """Wait for news, at most until `until` or until a lease or pause ends.

        The caller holds `changed`, and has settled at `now`: a lease that has ended would end every wait at once.
        """
        changes = (s.messages.next_change(now) for s in self.subscriptions.values())
        self.changed.wait(max(0.0, min([until, *(change for change in changes if change is not None)]) - now))

    def _publish(self, topic: str, draft: Draft, *, now: float) -> str:
        number = str(next(self._ids))
        message = queue.Message(number, draft.data, dict(draft.attributes), draft.ordering_key, now)
        for subscription in self.subscriptions.values():
            if subscription.topic == topic and not subscription.detached and subscription.matches(message.attributes):
                subscription.messages.add(message)
        return number


def _obituary(subscription: str, message: queue.Message, attempts: int) -> Draft:
    """Return the dead message with the attributes that tell where it died."""
    _, project, _, name = subscription.split("/")
    published = datetime.datetime.fromtimestamp(message.published, datetime.UTC)
    marks = {
        f"{_MARK}DeliveryCount": str(attempts),
        f"{_MARK}Subscription": name,
        f"{_MARK}SubscriptionProject": project,
        f"{_MARK}TopicPublishTime": published.isoformat(timespec="milliseconds"),
    }
    return Draft(message.data, {**message.attributes, **marks}, message.ordering_key)
