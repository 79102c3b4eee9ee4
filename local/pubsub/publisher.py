"""Google's Publisher service: topics, and publishing to them.

Kept as declared, but without effect: labels, storage policy, encryption keys, retention. Left out, and refused as
UNIMPLEMENTED: schemas, ingestion, message transforms, and (by gRPC itself) access policies.
"""

import time
from typing import Any

from google.protobuf import empty_pb2
from google.pubsub_v1 import types

from local.pubsub import refusals, resources, state

SERVICE = "google.pubsub.v1.Publisher"

MOST_MESSAGES = 1000
MOST_BYTES = 10_000_000
MOST_ATTRIBUTES = 100
LONGEST_KEY = 256
LONGEST_VALUE = 1024

_UNCOVERED = {
    "schema_settings": "schemas",
    "ingestion_data_source_settings": "ingestion",
    "message_transforms": "message transforms",
}
_CHANGEABLE = ("labels", "message_storage_policy", "kms_key_name", "message_retention_duration", "schema_settings")

_Paths = types.ListTopicSubscriptionsResponse.pb(None)
_Topics = types.ListTopicsResponse.pb(None)
_Published = types.PublishResponse.pb(None)


def create_topic(known: state.State, topic: Any) -> Any:
    """Return the topic created; raise Refused when there is one of that name."""
    resources.check_name("topics", topic.name)
    resources.refuse_uncovered(topic, _UNCOVERED)
    topic.state = types.Topic.State.ACTIVE
    known.create_topic(topic.name, topic)
    return topic


def get_topic(known: state.State, request: Any) -> Any:
    """Return a topic."""
    return known.topic(request.topic)


def update_topic(known: state.State, request: Any) -> Any:
    """Return the topic as changed by the fields of the request's mask."""
    with known.changed:
        old = known.topic(request.topic.name)
        new = resources.updated(old, request.topic, request.update_mask, changeable=_CHANGEABLE)
        resources.refuse_uncovered(new, _UNCOVERED)
        known.topics[new.name] = new
        return new


def delete_topic(known: state.State, request: Any) -> Any:
    """Remove a topic."""
    known.delete_topic(request.topic)
    return empty_pb2.Empty()


def list_topics(known: state.State, request: Any) -> Any:
    """Return one page of a project's topics."""
    with known.changed:
        mine = resources.of_project(known.topics, request.project)
        topics, token = resources.page(mine, request.page_size, request.page_token)
        return _Topics(topics=topics, next_page_token=token)


def list_topic_subscriptions(known: state.State, request: Any) -> Any:
    """Return one page of the names of the subscriptions attached to a topic."""
    names = {name: name for name in known.attached(request.topic)}
    page, token = resources.page(names, request.page_size, request.page_token)
    return _Paths(subscriptions=page, next_page_token=token)


def publish(known: state.State, request: Any) -> Any:
    """Return the ids of the messages published; if one of them breaks a rule, none is."""
    known.topic(request.topic)
    check_within("message_count", len(request.messages), low=1, high=MOST_MESSAGES)
    check_within("request_size", request.ByteSize(), low=1, high=MOST_BYTES)
    drafts = [_draft(message) for message in request.messages]
    return _Published(message_ids=known.publish(request.topic, drafts, now=time.time()))


def _draft(message: Any) -> state.Draft:
    if not message.data and not message.attributes:
        raise refusals.invalid(
            "One or more messages in the publish request is empty. "
            "Each message must contain either non-empty data, or at least one attribute."
        )
    check_within("attribute_count", len(message.attributes), low=0, high=MOST_ATTRIBUTES)
    check_within("ordering_key", len(message.ordering_key.encode()), low=0, high=LONGEST_VALUE)
    for key, value in message.attributes.items():
        if not key or key.startswith("goog"):
            raise refusals.invalid(f"Invalid attribute key given (key={key}).")
        check_within("attribute_key", len(key.encode()), low=1, high=LONGEST_KEY)
        check_within("attribute_value", len(value.encode()), low=0, high=LONGEST_VALUE)
    return state.Draft(message.data, dict(message.attributes), message.ordering_key)


def check_within(what: str, value: int, *, low: int, high: int) -> None:
    """Do nothing if a number of the request is within the service's limits, else raise Refused."""
    passed = f"You passed {value} in the request, but"
    if value < low:
        raise refusals.invalid(f"The value for {what} is too small. {passed} the minimum value is {low}.")
    if value > high:
        raise refusals.invalid(f"The value for {what} is too large. {passed} the maximum value is {high}.")


METHODS = {
    "CreateTopic": (create_topic, types.Topic),
    "GetTopic": (get_topic, types.GetTopicRequest),
    "UpdateTopic": (update_topic, types.UpdateTopicRequest),
    "DeleteTopic": (delete_topic, types.DeleteTopicRequest),
    "ListTopics": (list_topics, types.ListTopicsRequest),
    "ListTopicSubscriptions": (list_topic_subscriptions, types.ListTopicSubscriptionsRequest),
    "Publish": (publish, types.PublishRequest),
}
