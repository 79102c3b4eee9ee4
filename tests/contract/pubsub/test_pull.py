"""Claims about pulling: leases, acknowledgements, redelivery, and callers that leave."""

import concurrent.futures
from typing import Any

import pytest
from google.api_core import exceptions

from tests.contract.pubsub import tools

REDELIVERY_SECONDS = 1


def data(received: list[Any]) -> list[bytes]:
    """Return the data of messages."""
    return [one.message.data for one in received]


@pytest.mark.real_cloud
def test_an_acknowledged_message_is_gone(bench: tools.Bench) -> None:
    """What was acknowledged does not come again, even when its lease is said to end after that."""
    topic = bench.topic()
    subscription = bench.subscription(topic)
    bench.publish(topic, b"x")
    received = bench.pull(subscription)
    bench.acknowledge(subscription, *received)
    bench.nack(subscription, *received)
    assert bench.pull_now(subscription) == []


@pytest.mark.real_cloud
def test_a_leased_message_is_nobody_elses(bench: tools.Bench) -> None:
    """While a message is leased, no other pull gets it."""
    topic = bench.topic()
    subscription = bench.subscription(topic, ack_deadline_seconds=600)
    bench.publish(topic, b"x")
    assert data(bench.pull(subscription)) == [b"x"]
    assert bench.pull_now(subscription) == []


@pytest.mark.real_cloud
def test_a_refused_message_comes_again(bench: tools.Bench) -> None:
    """A deadline of zero brings the message back at once, under another id to acknowledge."""
    topic = bench.topic()
    subscription = bench.subscription(topic)
    bench.publish(topic, b"x")
    (first,) = bench.pull(subscription)
    bench.nack(subscription, first)
    (second,) = bench.pull(subscription)
    assert (second.message.message_id, second.message.data) == (first.message.message_id, b"x")
    assert second.ack_id != first.ack_id


@pytest.mark.real_cloud
def test_a_message_comes_again_after_its_deadline(bench: tools.Bench) -> None:
    """A message that nobody acknowledged in time is handed out again, to a pull that waited for it."""
    topic = bench.topic()
    subscription = bench.subscription(topic)
    bench.publish(topic, b"x")
    bench.nack(subscription, *bench.pull(subscription), seconds=REDELIVERY_SECONDS)
    assert data(bench.pull(subscription)) == [b"x"]


def test_a_longer_deadline_keeps_the_message(bench: tools.Bench) -> None:
    """A lease that was made longer holds beyond its first end."""
    topic = bench.topic()
    subscription = bench.subscription(topic)
    bench.publish(topic, b"kept", b"lost")
    kept, lost = bench.pull(subscription)
    bench.nack(subscription, kept, lost, seconds=REDELIVERY_SECONDS)
    bench.nack(subscription, kept, seconds=600)
    assert data(bench.pull(subscription)) == [b"lost"]
    assert bench.pull_now(subscription) == []


@pytest.mark.real_cloud
def test_a_pull_brings_no_more_than_asked_for(bench: tools.Bench) -> None:
    """The rest stays for the next pull."""
    topic = bench.topic()
    subscription = bench.subscription(topic)
    bench.publish(topic, b"a", b"b", b"c")
    assert len(bench.pull(subscription, 2)) <= 2


def test_large_messages_come_in_several_answers(bench: tools.Bench) -> None:
    """No answer is larger than what the official clients take, unless a single message is."""
    topic = bench.topic()
    subscription = bench.subscription(topic)
    for letter in b"abc":
        bench.publish(topic, bytes([letter]) * 2_000_000)
    assert [[one[:1] for one in data(bench.pull(subscription))] for _ in range(3)] == [[b"a"], [b"b"], [b"c"]]


def test_messages_come_in_the_order_of_publication(bench: tools.Bench) -> None:
    """The stand-in hands out the oldest first; the real service promises no order without a key."""
    topic = bench.topic()
    subscription = bench.subscription(topic)
    bench.publish(topic, b"a", b"b", b"c")
    assert data(bench.pull(subscription, 2) + bench.pull(subscription, 2)) == [b"a", b"b", b"c"]


def test_a_waiting_pull_is_woken(bench: tools.Bench) -> None:
    """A pull that found nothing gets what is published afterwards, at once."""
    topic = bench.topic()
    subscription = bench.subscription(topic)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(bench.pull, subscription)
        with pytest.raises(concurrent.futures.TimeoutError):
            waiting.result(timeout=0.2)
        bench.publish(topic, b"x")
        assert data(waiting.result(timeout=10)) == [b"x"]


def test_a_pull_whose_caller_left_leases_nothing(bench: tools.Bench) -> None:
    """A message that is published after a pull timed out goes to the next pull, not to nobody."""
    topic = bench.topic()
    subscription = bench.subscription(topic, ack_deadline_seconds=600)
    request = {"subscription": subscription, "max_messages": 1}
    with pytest.raises(exceptions.DeadlineExceeded):
        bench.subscriber.pull(request=request, timeout=0.2, retry=None)
    bench.publish(topic, b"x")
    assert data(bench.pull(subscription)) == [b"x"]


@pytest.mark.real_cloud
@pytest.mark.parametrize("most", [0, -1])
def test_a_pull_asks_for_something(bench: tools.Bench, most: int) -> None:
    """A pull of no messages is an error."""
    with pytest.raises(exceptions.InvalidArgument, match="max_messages"):
        bench.pull(bench.subscription(bench.topic()), most)


@pytest.mark.real_cloud
@pytest.mark.parametrize("seconds", [-1, 601])
def test_a_deadline_has_its_limits(bench: tools.Bench, seconds: int) -> None:
    """A lease is changed to 0 to 600 seconds, nothing else."""
    topic = bench.topic()
    subscription = bench.subscription(topic)
    bench.publish(topic, b"x")
    with pytest.raises(exceptions.InvalidArgument, match="must be between 0 and 600 seconds"):
        bench.nack(subscription, *bench.pull(subscription), seconds=seconds)


@pytest.mark.real_cloud
def test_a_retry_policy_makes_a_pause(bench: tools.Bench) -> None:
    """A refused message of a subscription with a retry policy is not there at once, but comes after the pause."""
    topic = bench.topic()
    subscription = bench.subscription(
        topic, retry_policy={"minimum_backoff": {"seconds": 3}, "maximum_backoff": {"seconds": 3}}
    )
    bench.publish(topic, b"x")
    bench.nack(subscription, *bench.pull(subscription))
    assert bench.pull_now(subscription) == []
    assert data(bench.pull(subscription)) == [b"x"]


@pytest.mark.real_cloud
def test_a_push_subscription_cannot_be_pulled_from(bench: tools.Bench) -> None:
    """Pulling from a subscription that pushes is refused."""
    subscription = bench.subscription(bench.topic(), push_config={"push_endpoint": "https://example.com/"})
    with pytest.raises(exceptions.FailedPrecondition, match="not supported for this subscription type"):
        bench.pull_now(subscription)
