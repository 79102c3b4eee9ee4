"""Claims about subscriptions: how they are created, found, listed, changed, detached and removed."""

from typing import Any

import pytest
from google.api_core import exceptions

from tests.contract.pubsub import tools

pytestmark = pytest.mark.real_cloud


def get(bench: tools.Bench, subscription: str) -> Any:
    """Return a subscription as the service shows it."""
    return bench.subscriber.get_subscription(request={"subscription": subscription})


def update(bench: tools.Bench, subscription: str, *paths: str, **declared: Any) -> Any:
    """Change the fields of a subscription that `paths` name."""
    request = {"subscription": {"name": subscription, **declared}, "update_mask": {"paths": list(paths)}}
    return bench.subscriber.update_subscription(request=request)


def test_what_is_left_open_gets_the_defaults(bench: tools.Bench) -> None:
    """Ten seconds to acknowledge, seven days of retention, thirty-one days until an idle subscription expires."""
    topic = bench.topic()
    found = get(bench, bench.subscription(topic))
    assert (found.topic, found.ack_deadline_seconds, found.detached) == (topic, 10, False)
    assert (found.message_retention_duration.days, found.expiration_policy.ttl.days) == (7, 31)


def test_what_is_declared_is_shown(bench: tools.Bench) -> None:
    """Deadline, labels, ordering, filter and retry policy are read as they were declared."""
    subscription = bench.subscription(
        bench.topic(),
        ack_deadline_seconds=42,
        labels={"team": "press"},
        enable_message_ordering=True,
        filter='attributes.status = "fail"',
        retry_policy={"minimum_backoff": {"seconds": 1}},
    )
    found = get(bench, subscription)
    assert (found.ack_deadline_seconds, dict(found.labels), found.enable_message_ordering, found.filter) == (
        42,
        {"team": "press"},
        True,
        'attributes.status = "fail"',
    )
    retry = found.retry_policy
    assert (retry.minimum_backoff.total_seconds(), retry.maximum_backoff.total_seconds()) == (1, 600)


def test_a_subscription_is_created_once(bench: tools.Bench) -> None:
    """A second subscription of the same name is refused in Google's words."""
    topic = bench.topic()
    subscription = bench.subscription(topic)
    with pytest.raises(exceptions.AlreadyExists) as caught:
        bench.subscriber.create_subscription(request={"name": subscription, "topic": topic})
    assert f"Resource already exists in the project (resource={subscription.rpartition('/')[2]})." in str(caught.value)


def test_a_subscription_needs_its_topic(bench: tools.Bench) -> None:
    """A topic that is not there is named."""
    with pytest.raises(exceptions.NotFound, match="resource=not-there"):
        bench.subscription(bench.topic_path("not-there"))


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ({"ack_deadline_seconds": 9}, "Invalid ack deadline given"),
        ({"ack_deadline_seconds": 601}, "Invalid ack deadline given"),
        ({"filter": "attributes.a ="}, "filter"),
        ({"filter": 'attributes.a = "' + "b" * 256 + '"'}, "filter"),
        ({"push_config": {"push_endpoint": "ftp://host/path"}}, "endpoint"),
        ({"push_config": {"push_endpoint": "nonsense"}}, "endpoint"),
        ({"retry_policy": {"minimum_backoff": {"seconds": 601}, "maximum_backoff": {"seconds": 602}}}, "backoff"),
        ({"retry_policy": {"minimum_backoff": {"seconds": 9}, "maximum_backoff": {"seconds": 8}}}, "backoff"),
    ],
)
def test_a_wrong_declaration_is_refused(bench: tools.Bench, declared: dict[str, Any], words: str) -> None:
    """A value out of its range is an error that says which."""
    with pytest.raises(exceptions.InvalidArgument, match=words):
        bench.subscription(bench.topic(), **declared)


@pytest.mark.parametrize("attempts", [1, 4, 101])
def test_attempts_have_their_limits(bench: tools.Bench, attempts: int) -> None:
    """A dead-letter policy allows 5 to 100 attempts."""
    policy = {"dead_letter_topic": bench.topic(), "max_delivery_attempts": attempts}
    with pytest.raises(exceptions.InvalidArgument, match=r"(?i)max.delivery.attempts"):
        bench.subscription(bench.topic(), dead_letter_policy=policy)


def test_a_bad_name_is_refused(bench: tools.Bench) -> None:
    """A subscription's name is bound as a topic's is."""
    with pytest.raises(exceptions.InvalidArgument, match=r"Invalid \[subscriptions\] name"):
        bench.subscriber.create_subscription(
            request={"name": f"projects/{bench.project}/subscriptions/1", "topic": bench.topic()}
        )


@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("get_subscription", {}),
        ("delete_subscription", {}),
        ("pull", {"max_messages": 1}),
        ("acknowledge", {"ack_ids": ["x"]}),
        ("modify_ack_deadline", {"ack_ids": ["x"], "ack_deadline_seconds": 0}),
        ("modify_push_config", {"push_config": {}}),
    ],
)
def test_a_missing_subscription_is_not_found(bench: tools.Bench, method: str, more: dict[str, Any]) -> None:
    """Whatever is asked of a subscription that is not there is answered in Google's words."""
    with pytest.raises(exceptions.NotFound) as caught:
        getattr(bench.subscriber, method)(request={"subscription": bench.subscription_path("not-there"), **more})
    assert "Resource not found (resource=not-there)." in str(caught.value)


def test_subscriptions_are_listed_in_pages(bench: tools.Bench) -> None:
    """However small the pages, every subscription of the project comes once."""
    topic = bench.topic()
    mine = {bench.subscription(topic) for _ in range(5)}
    request = {"project": f"projects/{bench.project}", "page_size": 2}
    listed = [one.name for one in bench.subscriber.list_subscriptions(request=request)]
    assert len(listed) == len(set(listed))
    assert mine <= set(listed)


def test_a_deleted_subscription_is_gone_with_its_messages(bench: tools.Bench) -> None:
    """A subscription that is created again under the same name begins empty."""
    topic = bench.topic()
    subscription = bench.subscription(topic)
    bench.publish(topic, b"x")
    bench.subscriber.delete_subscription(request={"subscription": subscription})
    with pytest.raises(exceptions.NotFound):
        get(bench, subscription)
    bench.subscriber.create_subscription(request={"name": subscription, "topic": topic})
    assert bench.pull_now(subscription) == []


def test_only_the_masked_fields_change(bench: tools.Bench) -> None:
    """An update changes what its mask names and nothing else, whatever else it carries."""
    subscription = bench.subscription(bench.topic(), labels={"team": "press"})
    update(bench, subscription, "ack_deadline_seconds", ack_deadline_seconds=99, labels={"team": "desk"})
    found = get(bench, subscription)
    assert (found.ack_deadline_seconds, dict(found.labels)) == (99, {"team": "press"})


@pytest.mark.parametrize("path", ["filter", "topic", "enable_message_ordering", "nonsense", ""])
def test_some_fields_never_change(bench: tools.Bench, path: str) -> None:
    """Topic, filter and ordering are fixed for the life of a subscription; an empty mask changes nothing either."""
    subscription = bench.subscription(bench.topic(), filter="attributes:a")
    with pytest.raises(exceptions.InvalidArgument, match="update_mask"):
        update(bench, subscription, *filter(None, [path]), filter="attributes:b")
    assert get(bench, subscription).filter == "attributes:a"


def test_a_changed_value_is_checked(bench: tools.Bench) -> None:
    """A value out of its range is as wrong in an update as at the creation."""
    subscription = bench.subscription(bench.topic())
    with pytest.raises(exceptions.InvalidArgument, match="Invalid ack deadline given"):
        update(bench, subscription, "ack_deadline_seconds", ack_deadline_seconds=5)
    assert get(bench, subscription).ack_deadline_seconds == 10


def test_a_detached_subscription_is_an_empty_shell(bench: tools.Bench) -> None:
    """Its messages are dropped, it gets no more, pulling from it is refused, and the topic no longer lists it."""
    topic = bench.topic()
    subscription = bench.subscription(topic)
    bench.publish(topic, b"x")
    bench.publisher.detach_subscription(request={"subscription": subscription})
    bench.publish(topic, b"y")
    assert get(bench, subscription).detached
    assert list(bench.publisher.list_topic_subscriptions(request={"topic": topic})) == []
    with pytest.raises(exceptions.FailedPrecondition):
        bench.pull_now(subscription)
