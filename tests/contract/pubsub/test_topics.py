"""Claims about topics: how they are created, found, listed, changed and removed."""

import pytest
from google.api_core import exceptions
from google.protobuf import duration_pb2

from tests.contract.pubsub import tools

pytestmark = pytest.mark.real_cloud


def test_a_created_topic_is_found(bench: tools.Bench) -> None:
    """What was declared is what is read."""
    topic = bench.topic(labels={"team": "press"})
    found = bench.publisher.get_topic(request={"topic": topic})
    assert (found.name, dict(found.labels)) == (topic, {"team": "press"})


def test_a_topic_is_created_once(bench: tools.Bench) -> None:
    """A second topic of the same name is refused in Google's words."""
    topic = bench.topic()
    with pytest.raises(exceptions.AlreadyExists) as caught:
        bench.publisher.create_topic(request={"name": topic})
    assert f"Resource already exists in the project (resource={topic.rpartition('/')[2]})." in str(caught.value)


@pytest.mark.parametrize("name", ["ab", "1abc", "googles-own", "with space", "a" * 256, "sla/sh", "ümlaut"])
def test_a_bad_name_is_refused(bench: tools.Bench, name: str) -> None:
    """A topic's name begins with a letter, has 3 to 255 characters of a few kinds, and does not begin with goog."""
    with pytest.raises(exceptions.InvalidArgument, match=r"Invalid \[topics\] name"):
        bench.publisher.create_topic(request={"name": f"projects/{bench.project}/topics/{name}"})


@pytest.mark.parametrize("method", ["get_topic", "delete_topic", "list_topic_subscriptions"])
def test_a_missing_topic_is_not_found(bench: tools.Bench, method: str) -> None:
    """Whatever is asked of a topic that is not there is answered in Google's words."""
    with pytest.raises(exceptions.NotFound) as caught:
        list(getattr(bench.publisher, method)(request={"topic": bench.topic_path("not-there")}) or [])
    assert "Resource not found (resource=not-there)." in str(caught.value)


def test_topics_are_listed_in_pages(bench: tools.Bench) -> None:
    """However small the pages, every topic of the project comes once, and none of another project."""
    topics = {bench.topic() for _ in range(5)}
    listed = [t.name for t in bench.publisher.list_topics(request={"project": _project(bench), "page_size": 2})]
    assert len(listed) == len(set(listed))
    assert topics <= set(listed)
    assert all(name.startswith(f"{_project(bench)}/") for name in listed)


def test_a_page_holds_what_was_asked_for(bench: tools.Bench) -> None:
    """A page is no larger than its size, and says where the next one begins."""
    for _ in range(3):
        bench.topic()
    page = next(bench.publisher.list_topics(request={"project": _project(bench), "page_size": 2}).pages)
    assert len(page.topics) == 2
    assert page.next_page_token


def test_subscriptions_of_a_topic_are_listed_in_pages(bench: tools.Bench) -> None:
    """All the subscriptions of the topic come, and no others."""
    topic, other = bench.topic(), bench.topic()
    bench.subscription(other)
    mine = {bench.subscription(topic) for _ in range(3)}
    assert set(bench.publisher.list_topic_subscriptions(request={"topic": topic, "page_size": 2})) == mine


def test_only_the_masked_fields_change(bench: tools.Bench) -> None:
    """An update changes what its mask names and nothing else, whatever else it carries."""
    topic = bench.topic(labels={"team": "press"}, message_retention_duration=duration_pb2.Duration(seconds=3600))
    changed = bench.publisher.update_topic(
        request={"topic": {"name": topic, "labels": {"team": "desk"}}, "update_mask": {"paths": ["labels"]}}
    )
    assert dict(changed.labels) == {"team": "desk"}
    found = bench.publisher.get_topic(request={"topic": topic})
    assert (dict(found.labels), found.message_retention_duration.total_seconds()) == ({"team": "desk"}, 3600)


@pytest.mark.parametrize("paths", [[], ["nonsense"], ["name"], ["labels.a.b.c"]])
def test_a_bad_mask_is_refused(bench: tools.Bench, paths: list[str]) -> None:
    """A mask that is empty, or names no field or a fixed one, is an error and changes nothing."""
    topic = bench.topic(labels={"team": "press"})
    request = {"topic": {"name": topic, "labels": {"team": "desk"}}, "update_mask": {"paths": paths}}
    with pytest.raises(exceptions.InvalidArgument, match="update_mask"):
        bench.publisher.update_topic(request=request)
    assert dict(bench.publisher.get_topic(request={"topic": topic}).labels) == {"team": "press"}


def test_a_deleted_topic_leaves_its_subscriptions(bench: tools.Bench) -> None:
    """A subscription outlives its topic, says that it is gone, and still hands out its messages."""
    topic = bench.topic()
    subscription = bench.subscription(topic)
    bench.publish(topic, b"before")
    bench.publisher.delete_topic(request={"topic": topic})
    with pytest.raises(exceptions.NotFound):
        bench.publisher.get_topic(request={"topic": topic})
    found = bench.subscriber.get_subscription(request={"subscription": subscription})
    assert found.topic == "_deleted-topic_"
    assert [one.message.data for one in bench.pull(subscription)] == [b"before"]


def test_a_topic_of_the_same_name_is_another_topic(bench: tools.Bench) -> None:
    """A subscription whose topic was deleted gets nothing from a new topic of the old name."""
    topic = bench.topic()
    old = bench.subscription(topic)
    bench.publisher.delete_topic(request={"topic": topic})
    bench.publisher.create_topic(request={"name": topic})
    new = bench.subscription(topic)
    bench.publish(topic, b"after")
    assert [one.message.data for one in bench.pull(new)] == [b"after"]
    assert bench.pull_now(old) == []


def _project(bench: tools.Bench) -> str:
    return f"projects/{bench.project}"
