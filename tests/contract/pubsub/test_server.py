"""Claims about the stand-in as a program: its port, its end, and many callers at once."""

import concurrent.futures
import time

import grpc
import pytest
from google import pubsub
from google.api_core import exceptions
from google.pubsub_v1.services.publisher import transports as publisher_transports
from google.pubsub_v1.services.subscriber import transports as subscriber_transports

from local.pubsub import server

TOPIC, SUBSCRIPTION = "projects/p/topics/topic", "projects/p/subscriptions/subscription"


def publisher(channel: grpc.Channel) -> pubsub.PublisherClient:
    """Return a publisher client on a channel of the test's own."""
    return pubsub.PublisherClient(transport=publisher_transports.PublisherGrpcTransport(channel=channel))


def subscriber(channel: grpc.Channel) -> pubsub.SubscriberClient:
    """Return a subscriber client on a channel of the test's own."""
    return pubsub.SubscriberClient(transport=subscriber_transports.SubscriberGrpcTransport(channel=channel))


def test_a_taken_port_is_an_error() -> None:
    """Two servers never share a port."""
    first = server.serve()
    try:
        with pytest.raises(OSError, match="is taken"):
            server.serve(port=int(first.address.rpartition(":")[2]))
    finally:
        first.close()


def test_a_closed_server_frees_its_port_and_forgets() -> None:
    """After `close` another server may have the port at once; it begins empty."""
    first = server.serve()
    with grpc.insecure_channel(first.address) as channel:
        publisher(channel).create_topic(request={"name": TOPIC})
    first.close()
    second = server.serve(port=int(first.address.rpartition(":")[2]))
    try:
        with grpc.insecure_channel(second.address) as channel:
            assert list(publisher(channel).list_topics(request={"project": "projects/p"})) == []
    finally:
        second.close()


def test_closing_cuts_waiting_callers() -> None:
    """A pull that waits and a stream that is open end when the server does."""
    running = server.serve()
    with grpc.insecure_channel(running.address) as channel, concurrent.futures.ThreadPoolExecutor(2) as pool:
        publisher(channel).create_topic(request={"name": TOPIC})
        client = subscriber(channel)
        client.create_subscription(request={"name": SUBSCRIPTION, "topic": TOPIC})
        waiting = pool.submit(client.pull, subscription=SUBSCRIPTION, max_messages=1, retry=None, timeout=60)
        first = pubsub.StreamingPullRequest(subscription=SUBSCRIPTION, stream_ack_deadline_seconds=10)
        stream = pool.submit(next, iter(client.streaming_pull(requests=iter([first]), retry=None)))
        with pytest.raises(concurrent.futures.TimeoutError):
            waiting.result(timeout=0.3)
        running.close()
        for caller in (waiting, stream):
            assert isinstance(caller.exception(timeout=30), exceptions.GoogleAPICallError)


def test_every_message_is_handed_out_once_among_many_pullers() -> None:
    """Eight callers that pull at the same time share the messages without loss or repetition."""
    running = server.serve()
    try:
        with grpc.insecure_channel(running.address) as channel, concurrent.futures.ThreadPoolExecutor(9) as pool:
            publisher(channel).create_topic(request={"name": TOPIC})
            client = subscriber(channel)
            client.create_subscription(request={"name": SUBSCRIPTION, "topic": TOPIC, "ack_deadline_seconds": 600})
            got: list[bytes] = []

            def pull() -> None:
                until = time.monotonic() + 60
                while len(got) < 400 and time.monotonic() < until:
                    # Not yet enough, but the rest may be with the others: so none of them waits long.
                    try:
                        answer = client.pull(subscription=SUBSCRIPTION, max_messages=7, retry=None, timeout=1)
                    except exceptions.DeadlineExceeded:
                        continue
                    got.extend(one.message.data for one in answer.received_messages)

            pullers = [pool.submit(pull) for _ in range(8)]
            for batch in range(40):
                messages = [{"data": str(batch * 10 + i).encode()} for i in range(10)]
                publisher(channel).publish(request={"topic": TOPIC, "messages": messages})
            for puller in pullers:
                puller.result(timeout=90)
            assert sorted(map(int, got)) == list(range(400))
    finally:
        running.close()
