"""Claims about dead letters: when a message is given up, and what arrives where it goes."""

import pytest

from tests.contract.pubsub import tools


@pytest.fixture
def graveyard(bench: tools.Bench) -> str:
    """Return a topic for dead letters."""
    return str(bench.topic())


def test_attempts_are_counted_where_they_matter(bench: tools.Bench, graveyard: str) -> None:
    """With a dead-letter policy each delivery tells its number; without one, none does."""
    topic = bench.topic()
    counting = bench.subscription(topic, dead_letter_policy={"dead_letter_topic": graveyard})
    careless = bench.subscription(topic)
    bench.publish(topic, b"x")
    attempts = []
    for _ in range(3):
        (received,) = bench.pull(counting)
        attempts.append(received.delivery_attempt)
        bench.nack(counting, received)
    assert attempts == [1, 2, 3]
    assert [one.delivery_attempt for one in bench.pull(careless)] == [0]


def test_five_attempts_are_the_default(bench: tools.Bench, graveyard: str) -> None:
    """A policy that names no number allows five."""
    subscription = bench.subscription(bench.topic(), dead_letter_policy={"dead_letter_topic": graveyard})
    found = bench.subscriber.get_subscription(request={"subscription": subscription})
    assert found.dead_letter_policy.max_delivery_attempts == 5


def test_a_message_that_is_refused_too_often_moves(bench: tools.Bench, graveyard: str) -> None:
    """After the last attempt it is gone from the subscription and arrives, marked, at the dead-letter topic."""
    topic = bench.topic()
    mourner = bench.subscription(graveyard)
    policy = {"dead_letter_topic": graveyard, "max_delivery_attempts": 6}
    subscription = bench.subscription(topic, dead_letter_policy=policy)
    bench.publish(topic, b"x", attributes={"a": "b"}, ordering_key="k")
    for _ in range(6):
        bench.nack(subscription, *bench.pull(subscription))
    (dead,) = bench.pull(mourner)
    attributes = dict(dead.message.attributes)
    assert "T" in attributes.pop("CloudPubSubDeadLetterSourceTopicPublishTime")
    assert attributes == {
        "a": "b",
        "CloudPubSubDeadLetterSourceDeliveryCount": "6",
        "CloudPubSubDeadLetterSourceSubscription": subscription.rpartition("/")[2],
        "CloudPubSubDeadLetterSourceSubscriptionProject": bench.project,
    }
    assert (dead.message.data, dead.message.ordering_key) == (b"x", "k")
    assert bench.pull_now(subscription) == []


def test_a_lease_that_ran_out_counts(bench: tools.Bench, graveyard: str) -> None:
    """A message whose last lease ends by itself moves too, though nobody touches its subscription any more."""
    topic = bench.topic()
    mourner = bench.subscription(graveyard)
    subscription = bench.subscription(topic, dead_letter_policy={"dead_letter_topic": graveyard})
    bench.publish(topic, b"x")
    for _ in range(4):
        bench.nack(subscription, *bench.pull(subscription))
    bench.nack(subscription, *bench.pull(subscription), seconds=1)
    assert [one.message.data for one in bench.pull(mourner)] == [b"x"]


def test_without_its_topic_nothing_is_lost(bench: tools.Bench, graveyard: str) -> None:
    """While the dead-letter topic is gone, a dead message stays in its subscription."""
    topic = bench.topic()
    subscription = bench.subscription(topic, dead_letter_policy={"dead_letter_topic": graveyard})
    bench.publisher.delete_topic(request={"topic": graveyard})
    bench.publish(topic, b"x")
    attempts = []
    for _ in range(7):
        (received,) = bench.pull(subscription)
        attempts.append(received.delivery_attempt)
        bench.nack(subscription, received)
    assert attempts == [1, 2, 3, 4, 5, 6, 7]
