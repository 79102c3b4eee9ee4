"""Claims about streaming pull, on which the official client's `subscribe` stands."""

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import pubsub_v1

from tests.contract.pubsub import tools


class Requests:
    """The requests of one hand-made stream, sent one by one; the stream stays open until `close`."""

    def __init__(self, *first: dict[str, Any]) -> None:
        self._waiting: queue.Queue[dict[str, Any] | None] = queue.Queue()
        for request in first:
            self._waiting.put(request)

    def send(self, **request: Any) -> None:
        """Send one more request."""
        self._waiting.put(request)

    def close(self) -> None:
        """Send no more."""
        self._waiting.put(None)

    def __iter__(self) -> Iterator[Any]:
        while (request := self._waiting.get(timeout=60)) is not None:
            yield pubsub_v1.types.StreamingPullRequest(request)


@pytest.fixture
def opened(bench: tools.Bench) -> Iterator[Any]:
    """Open streams by hand, and cut them afterwards."""
    streams = []

    def open_stream(subscription: str, **more: Any) -> tuple[Requests, Any]:
        requests = Requests({"subscription": subscription, "stream_ack_deadline_seconds": 10, **more})
        stream = bench.subscriber.streaming_pull(requests=iter(requests))
        streams.append((requests, stream))
        return requests, stream

    yield open_stream
    for requests, stream in streams:
        stream.cancel()
        requests.close()


@contextlib.contextmanager
def subscribed(bench: tools.Bench, subscription: str, take: Callable[[Any], None]) -> Iterator[None]:
    """Hand messages to `take` inside the block; at its end, all that was begun is finished."""
    future = bench.subscriber.subscribe(subscription, callback=take, await_callbacks_on_shutdown=True)
    try:
        yield
    finally:
        future.cancel()
        future.result(timeout=60)


def data(response: Any) -> list[bytes]:
    """Return the data of a response's messages."""
    return [one.message.data for one in response.received_messages]


@pytest.mark.real_cloud
def test_every_message_reaches_the_callback(bench: tools.Bench) -> None:
    """Two hundred messages, published before and after the subscriber came, all arrive and are acknowledged."""
    topic = bench.topic()
    subscription = bench.subscription(topic)
    wanted = {str(i).encode() for i in range(200)}
    bench.publish(topic, *sorted(wanted)[:100])
    got: set[bytes] = set()
    complete = threading.Event()
    lock = threading.Lock()

    def take(message: Any) -> None:
        message.ack()
        with lock:
            got.add(message.data)
            if got == wanted:
                complete.set()

    with subscribed(bench, subscription, take):
        bench.publish(topic, *sorted(wanted)[100:])
        assert complete.wait(timeout=60), wanted - got
    assert bench.pull_now(subscription) == []


@pytest.mark.real_cloud
def test_a_refused_message_comes_again(bench: tools.Bench) -> None:
    """A callback that says no gets the message once more."""
    topic = bench.topic()
    subscription = bench.subscription(topic)
    bench.publish(topic, b"x")
    seen: queue.Queue[str] = queue.Queue()
    answers = iter(["nack", "ack"])

    def take(message: Any) -> None:
        seen.put(message.message_id)
        getattr(message, next(answers))()

    with subscribed(bench, subscription, take):
        assert seen.get(timeout=60) == seen.get(timeout=60)


@pytest.mark.real_cloud
def test_keyed_messages_reach_the_callback_in_order(bench: tools.Bench) -> None:
    """With ordering, the messages of each key are called back in the order of publication."""
    topic = bench.topic()
    subscription = bench.subscription(topic, enable_message_ordering=True)
    got: dict[str, list[int]] = {"a": [], "b": []}
    complete = threading.Event()
    for number in range(30):
        for key in got:
            bench.publish(topic, str(number).encode(), ordering_key=key)

    def take(message: Any) -> None:
        got[message.ordering_key].append(int(message.data))
        message.ack()
        if sum(map(len, got.values())) >= 60:
            complete.set()

    with subscribed(bench, subscription, take):
        assert complete.wait(timeout=60), got
    assert got == {"a": list(range(30)), "b": list(range(30))}


def test_flow_control_is_kept(bench: tools.Bench, opened: Any) -> None:
    """No more messages are outstanding on a stream than it allows; an acknowledgement makes room."""
    topic = bench.topic()
    subscription = bench.subscription(topic)
    bench.publish(topic, b"a", b"b", b"c")
    requests, stream = opened(subscription, max_outstanding_messages=2)
    answers = iter(stream)
    first = next(answers)
    assert data(first) == [b"a", b"b"]
    requests.send(ack_ids=[first.received_messages[0].ack_id])
    assert data(next(answers)) == [b"c"]


def test_a_stream_changes_leases(bench: tools.Bench, opened: Any) -> None:
    """A deadline of zero on the stream brings the message back on it."""
    topic = bench.topic()
    subscription = bench.subscription(topic)
    bench.publish(topic, b"x")
    requests, stream = opened(subscription)
    answers = iter(stream)
    (received,) = next(answers).received_messages
    requests.send(modify_deadline_ack_ids=[received.ack_id], modify_deadline_seconds=[0])
    assert data(next(answers)) == [b"x"]


def test_a_stream_tells_whether_messages_are_ordered(bench: tools.Bench, opened: Any) -> None:
    """The client learns from the stream how it has to schedule its callbacks."""
    topic = bench.topic()
    bench_subscription = bench.subscription(topic, enable_message_ordering=True)
    bench.publish(topic, b"x")
    _, stream = opened(bench_subscription)
    assert next(iter(stream)).subscription_properties.message_ordering_enabled


@pytest.mark.parametrize(
    "wrong",
    [
        {"modify_deadline_ack_ids": ["x"], "modify_deadline_seconds": []},
        {"modify_deadline_ack_ids": ["x"], "modify_deadline_seconds": [601]},
        {"stream_ack_deadline_seconds": 9},
    ],
)
def test_a_wrong_request_ends_the_stream(bench: tools.Bench, opened: Any, wrong: dict[str, Any]) -> None:
    """What breaks a rule later on is an error of the stream, not a silence."""
    requests, stream = opened(bench.subscription(bench.topic()))
    requests.send(**wrong)
    with pytest.raises(exceptions.InvalidArgument):
        next(iter(stream))


def test_a_stream_deadline_has_its_limits(bench: tools.Bench, opened: Any) -> None:
    """A stream that would lease for less than ten seconds does not open."""
    with pytest.raises(exceptions.InvalidArgument, match="stream_ack_deadline_seconds"):
        next(iter(opened(bench.subscription(bench.topic()), stream_ack_deadline_seconds=0)[1]))


def test_a_stream_needs_its_subscription(bench: tools.Bench, opened: Any) -> None:
    """A subscription that is not there is named."""
    with pytest.raises(exceptions.NotFound, match="resource=not-there"):
        next(iter(opened(bench.subscription_path("not-there"))[1]))


def test_a_stream_ends_with_its_subscription(bench: tools.Bench, opened: Any) -> None:
    """Deleting the subscription ends the streams that are open on it."""
    subscription = bench.subscription(bench.topic())
    _, stream = opened(subscription)
    bench.subscriber.delete_subscription(request={"subscription": subscription})
    with pytest.raises(exceptions.NotFound):
        next(iter(stream))


def test_a_cut_stream_leases_nothing(bench: tools.Bench, opened: Any) -> None:
    """What is published after a stream was cut goes to the next who asks."""
    topic = bench.topic()
    subscription = bench.subscription(topic)
    bench.publish(topic, b"a")
    _, stream = opened(subscription, stream_ack_deadline_seconds=600)
    assert data(next(iter(stream))) == [b"a"]
    stream.cancel()
    bench.publish(topic, b"b")
    assert [one.message.data for one in bench.pull(subscription)] == [b"b"]
