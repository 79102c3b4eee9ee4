"""Claims about push subscriptions: what is posted, when it is posted again, and when no more."""

import base64
import json
import re
import socket
from typing import Any

import pytest
from google.api_core import exceptions

from tests.contract.pubsub import tools


def pushing(bench: tools.Bench, endpoint: tools.Endpoint, topic: str, **more: Any) -> str:
    """Create a subscription that pushes to the endpoint."""
    return str(bench.subscription(topic, push_config={"push_endpoint": endpoint.url}, **more))


def test_a_message_is_posted_wrapped(bench: tools.Bench, endpoint: tools.Endpoint) -> None:
    """The body has the fields of Google's, in both spellings where Google has both."""
    topic = bench.topic()
    subscription = pushing(bench, endpoint, topic)
    (published,) = bench.publish(topic, b"\x00\xff", attributes={"a": "b"}, ordering_key="k")
    headers, body = endpoint.post()
    instant = body["message"]["publishTime"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", instant)
    assert body == {
        "message": {
            "attributes": {"a": "b"},
            "data": base64.b64encode(b"\x00\xff").decode(),
            "messageId": published,
            "message_id": published,
            "orderingKey": "k",
            "publishTime": instant,
            "publish_time": instant,
        },
        "subscription": subscription,
    }
    assert (headers["path"], headers["Content-Type"]) == ("/push?token=t", "application/json")


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_an_accepted_message_is_posted_once(bench: tools.Bench, endpoint: tools.Endpoint, status: int) -> None:
    """After an answer that accepts, the next post is the next message."""
    topic = bench.topic()
    pushing(bench, endpoint, topic)
    endpoint.statuses += [status, 204]
    ids = [bench.publish(topic, b"x")[0]]
    seen = [endpoint.post()[1]["message"]["messageId"]]
    ids += bench.publish(topic, b"y")
    seen += [endpoint.post()[1]["message"]["messageId"]]
    assert seen == ids


def test_accepted_messages_make_room(bench: tools.Bench, endpoint: tools.Endpoint) -> None:
    """More messages than may be under way at once are all posted, each of them once."""
    topic = bench.topic()
    pushing(bench, endpoint, topic)
    ids = bench.publish(topic, *[b"x"] * 25)
    assert sorted(endpoint.post()[1]["message"]["messageId"] for _ in ids) == sorted(ids)


@pytest.mark.parametrize("status", [302, 400, 404, 429, 500, 503])
def test_a_refused_message_is_posted_again(bench: tools.Bench, endpoint: tools.Endpoint, status: int) -> None:
    """Any other answer, a redirect too, brings the same message again, as often as it takes."""
    topic = bench.topic()
    pushing(bench, endpoint, topic)
    endpoint.statuses += [status, status, 204]
    bench.publish(topic, b"x")
    posts = [endpoint.post()[1]["message"]["messageId"] for _ in range(3)]
    assert len(set(posts)) == 1


def test_a_message_waits_for_its_endpoint(bench: tools.Bench, endpoint: tools.Endpoint) -> None:
    """While nobody listens the message is kept, and is posted where the subscription points later."""
    topic = bench.topic()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nowhere = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    subscription = bench.subscription(topic, push_config={"push_endpoint": nowhere})
    bench.publish(topic, b"x")
    bench.subscriber.modify_push_config(
        request={"subscription": subscription, "push_config": {"push_endpoint": endpoint.url}}
    )
    assert base64.b64decode(endpoint.post()[1]["message"]["data"]) == b"x"


def test_an_empty_configuration_ends_pushing(bench: tools.Bench, endpoint: tools.Endpoint) -> None:
    """A subscription whose push configuration was cleared is pulled from again."""
    topic = bench.topic()
    subscription = pushing(bench, endpoint, topic)
    bench.subscriber.modify_push_config(request={"subscription": subscription, "push_config": {}})
    bench.publish(topic, b"x")
    assert [one.message.data for one in bench.pull(subscription)] == [b"x"]
    assert endpoint.posts.empty()


def test_attempts_are_told_where_they_count(bench: tools.Bench, endpoint: tools.Endpoint) -> None:
    """With a dead-letter policy, each post says which attempt it is."""
    topic = bench.topic()
    pushing(bench, endpoint, topic, dead_letter_policy={"dead_letter_topic": bench.topic()})
    endpoint.statuses += [500, 204]
    bench.publish(topic, b"x")
    assert [endpoint.post()[1]["deliveryAttempt"] for _ in range(2)] == [1, 2]


def test_a_message_that_is_never_accepted_dies(bench: tools.Bench, endpoint: tools.Endpoint) -> None:
    """After the last attempt the message goes to the dead-letter topic."""
    topic, graveyard = bench.topic(), bench.topic()
    mourner = bench.subscription(graveyard)
    endpoint.statuses += [500] * 5
    pushing(bench, endpoint, topic, dead_letter_policy={"dead_letter_topic": graveyard, "max_delivery_attempts": 5})
    bench.publish(topic, b"x")
    assert [one.message.data for one in bench.pull(mourner)] == [b"x"]
    assert [endpoint.post()[1]["deliveryAttempt"] for _ in range(5)] == [1, 2, 3, 4, 5]


def test_a_declared_token_is_sent(bench: tools.Bench, endpoint: tools.Endpoint) -> None:
    """The token names the account and the audience: the endpoint's own address when none is declared."""
    topic = bench.topic()
    account = "pusher@some-project.iam.gserviceaccount.com"
    push = {"push_endpoint": endpoint.url, "oidc_token": {"service_account_email": account}}
    bench.subscription(topic, push_config=push)
    bench.publish(topic, b"x")
    kind, token = endpoint.post()[0]["Authorization"].split()
    claims = token.split(".")[1]
    found = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    assert (kind, found["aud"], found["email"]) == ("Bearer", endpoint.url, account)


def test_posts_of_one_subscription_run_side_by_side(bench: tools.Bench, endpoint: tools.Endpoint) -> None:
    """A message that is refused again and again does not keep the others back."""
    topic = bench.topic()
    endpoint.statuses += [500]
    pushing(bench, endpoint, topic, retry_policy={"minimum_backoff": {"seconds": 600}})
    bench.publish(topic, b"refused")
    endpoint.post()
    bench.publish(topic, b"next")
    assert base64.b64decode(endpoint.post()[1]["message"]["data"]) == b"next"


def test_a_detached_subscription_pushes_no_more(bench: tools.Bench, endpoint: tools.Endpoint) -> None:
    """What is published after the detachment reaches the other subscription only."""
    topic = bench.topic()
    detached, other = pushing(bench, endpoint, topic), pushing(bench, endpoint, topic)
    bench.publisher.detach_subscription(request={"subscription": detached})
    bench.publish(topic, b"x", b"y", b"z")
    assert {endpoint.post()[1]["subscription"] for _ in range(3)} == {other}
    with pytest.raises(exceptions.FailedPrecondition):
        bench.pull_now(detached)
