"""Claims about topics and subscriptions together, on a clock that stands still until it is moved."""

import threading

from local.pubsub import queue, state

TOPIC, GRAVEYARD = "projects/p/topics/topic", "projects/p/topics/graveyard"
FIRST, SECOND = "projects/p/subscriptions/first", "projects/p/subscriptions/second"


def subscribed(topic: str, **rules: float) -> state.Subscription:
    """Return a subscription that wants everything of its topic."""
    messages = queue.Queue(queue.Rules(**rules))  # type: ignore[arg-type]  # the numbers of `Rules`
    return state.Subscription(None, topic, messages, lambda _attributes: True, dead_letter_topic=GRAVEYARD)


def known_with(**subscriptions: state.Subscription) -> state.State:
    """Return both topics with these subscriptions."""
    known = state.State()
    known.create_topic(TOPIC, None)
    known.create_topic(GRAVEYARD, None)
    for name, subscription in subscriptions.items():
        known.create_subscription(f"projects/p/subscriptions/{name}", subscription)
    return known


def test_a_detached_subscription_holds_no_messages() -> None:
    """What it had is dropped, and what is published later never reaches it."""
    known = known_with(first=subscribed(TOPIC))
    known.publish(TOPIC, [state.Draft(b"before", {})], now=0)
    known.detach(FIRST)
    known.publish(TOPIC, [state.Draft(b"after", {})], now=0)
    assert known.take(FIRST, 10, now=0) == []


def test_a_dead_message_moves_when_its_time_comes() -> None:
    """The end of the last lease of one subscription is seen by whoever takes from another."""
    known = known_with(first=subscribed(TOPIC, ack_deadline=10, attempts=1), second=subscribed(GRAVEYARD))
    known.publish(TOPIC, [state.Draft(b"x", {"a": "b"}, "k")], now=0)
    known.take(FIRST, 10, now=0)
    assert known.take(SECOND, 10, now=9) == []
    (delivery,) = known.take(SECOND, 10, now=10)
    assert delivery.message.data == b"x"
    assert delivery.message.attributes["CloudPubSubDeadLetterSourceTopicPublishTime"] == "1970-01-01T00:00:00.000+00:00"


def test_who_waits_learns_of_new_leases() -> None:
    """A wait that was begun before a lease was taken does not outlast the lease."""
    known = known_with(first=subscribed(TOPIC, ack_deadline=10))
    known.publish(TOPIC, [state.Draft(b"x", {})], now=0)
    waiting, woken = threading.Event(), threading.Event()

    def wait() -> None:
        with known.changed:
            waiting.set()
            known.wait(now=0, until=60)
        woken.set()

    threading.Thread(target=wait, daemon=True).start()
    assert waiting.wait(timeout=10)
    known.take(FIRST, 10, now=0)
    assert woken.wait(timeout=10)


def test_a_wait_ends_with_the_next_lease() -> None:
    """However far away the end of a wait, it is over when a lease of any subscription is."""
    known = known_with(first=subscribed(TOPIC, ack_deadline=0.05))
    known.publish(TOPIC, [state.Draft(b"x", {})], now=0)
    known.take(FIRST, 10, now=0)
    done = threading.Event()

    def wait() -> None:
        with known.changed:
            known.wait(now=0, until=600)
        done.set()

    threading.Thread(target=wait, daemon=True).start()
    assert done.wait(timeout=30)
