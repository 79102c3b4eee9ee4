"""Claims about publishing: what arrives is what was sent, and what breaks a rule is refused whole."""

import datetime

import pytest
from google import pubsub
from google.api_core import exceptions

from tests.contract.pubsub import tools

pytestmark = pytest.mark.real_cloud


def test_a_message_arrives_whole(bench: tools.Bench) -> None:
    """Data, attributes and ordering key arrive as they were sent, with the id that publishing returned."""
    topic = bench.topic()
    subscription = bench.subscription(topic)
    data = bytes(range(256))
    (published,) = bench.publish(topic, data, attributes={"key": "välue", "empty": ""}, ordering_key="game 1")
    (received,) = bench.pull(subscription)
    message = received.message
    assert (message.data, dict(message.attributes), message.ordering_key, message.message_id) == (
        data,
        {"key": "välue", "empty": ""},
        "game 1",
        published,
    )


def test_a_message_knows_when_it_was_published(bench: tools.Bench) -> None:
    """The time is that of publication, as an instant."""
    topic = bench.topic()
    subscription = bench.subscription(topic)
    bench.publish(topic, b"x")
    (received,) = bench.pull(subscription)
    age = datetime.datetime.now(datetime.UTC) - received.message.publish_time
    assert abs(age) < datetime.timedelta(minutes=5)


def test_every_subscription_gets_every_message(bench: tools.Bench) -> None:
    """Each subscription of the topic has its own copy; one that comes later has none of what was before."""
    topic = bench.topic()
    early = [bench.subscription(topic) for _ in range(2)]
    bench.publish(topic, b"x")
    late = bench.subscription(topic)
    assert [[one.message.data for one in bench.pull(name)] for name in early] == [[b"x"], [b"x"]]
    assert bench.pull_now(late) == []


def test_the_batching_publisher_returns_ids(bench: tools.Bench) -> None:
    """The futures of the batching client end in different ids, and all the messages arrive."""
    topic = bench.topic()
    subscription = bench.subscription(topic)
    futures = [bench.publisher.publish(topic, str(i).encode(), n=str(i)) for i in range(50)]
    assert len({future.result(timeout=30) for future in futures}) == 50
    assert {one.message.data for one in bench.pull(subscription)} == {str(i).encode() for i in range(50)}


def test_attributes_alone_are_a_message(bench: tools.Bench) -> None:
    """A message needs no data if it has an attribute."""
    topic = bench.topic()
    subscription = bench.subscription(topic)
    bench.publish(topic, b"", attributes={"a": "b"})
    assert dict(bench.pull(subscription)[0].message.attributes) == {"a": "b"}


def test_an_empty_message_is_refused_with_its_batch(bench: tools.Bench) -> None:
    """One message with neither data nor attributes keeps its whole batch from being published."""
    topic = bench.topic()
    subscription = bench.subscription(topic)
    with pytest.raises(exceptions.InvalidArgument, match="non-empty data, or at least one attribute"):
        bench.publish(topic, b"good", b"")
    assert bench.pull_now(subscription) == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"attributes": {f"k{i}": "v" for i in range(101)}}, "too large"),
        ({"attributes": {"k" * 257: "v"}}, "too large"),
        ({"attributes": {"k": "v" * 1025}}, "too large"),
        ({"attributes": {"": "v"}}, "key"),
        ({"attributes": {"googclient": "v"}}, "key"),
        ({"ordering_key": "k" * 1025}, "too large"),
    ],
)
def test_a_message_beyond_the_limits_is_refused(bench: tools.Bench, more: dict[str, object], words: str) -> None:
    """Attributes and ordering key have their limits."""
    with pytest.raises(exceptions.InvalidArgument, match=words):
        bench.publish(bench.topic(), b"x", **more)


@pytest.mark.parametrize(("count", "words"), [(0, "too small. You passed 0"), (1001, "too large. You passed 1001")])
def test_a_batch_has_its_limits(bench: tools.Bench, count: int, words: str) -> None:
    """A batch has at least one message, and at most a thousand."""
    with pytest.raises(exceptions.InvalidArgument, match=words):
        bench.publish(bench.topic(), *[b"x"] * count)


def test_a_request_of_ten_megabytes_is_the_largest(bench: tools.Bench) -> None:
    """A request just below the limit is published, though it is above what gRPC allows by default; one above is not."""
    topic = bench.topic()
    assert len(bench.publish(topic, bytes(9_900_000))) == 1
    with pytest.raises(exceptions.InvalidArgument, match="too large"):
        bench.publish(topic, bytes(10_000_001))


def test_publishing_to_a_missing_topic(bench: tools.Bench) -> None:
    """A topic that is not there is named."""
    with pytest.raises(exceptions.NotFound, match="resource=not-there"):
        pubsub.PublisherClient.publish(
            bench.publisher, request={"topic": bench.topic_path("not-there"), "messages": [{"data": b"x"}]}
        )
