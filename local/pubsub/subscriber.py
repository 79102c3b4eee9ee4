"""Google's Subscriber service: subscriptions, and pulling from them.

Left out: snapshots and seeking (refused as UNIMPLEMENTED by the server), and the byte limit of a stream's flow control.
"""

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import grpc
from google.protobuf import empty_pb2
from google.pubsub_v1 import types

from local.pubsub import publisher, queue, refusals, resources, state, subscriptions

SERVICE = "google.pubsub.v1.Subscriber"

# The service answers a pull that finds nothing "after a bounded time"; a client's own deadline is mostly shorter.
PULL_SECONDS = 30.0
BATCH = 100

_WAIT_SECONDS = 10.0

_Listed = types.ListSubscriptionsResponse.pb(None)
_Pulled = types.PullResponse.pb(None)
_Streamed = types.StreamingPullResponse.pb(None)
_Properties = types.StreamingPullResponse.SubscriptionProperties.pb(None)
_Received = types.ReceivedMessage.pb(None)


def create_subscription(known: state.State, resource: Any) -> Any:
    """Return the subscription created; raise Refused when there is one of that name, or no such topic."""
    subscription = subscriptions.made(subscriptions.completed(resource))
    known.create_subscription(resource.name, subscription)
    return subscriptions.shown(subscription)


def get_subscription(known: state.State, request: Any) -> Any:
    """Return a subscription."""
    with known.changed:
        return subscriptions.shown(known.subscription(request.subscription))


def update_subscription(known: state.State, request: Any) -> Any:
    """Return the subscription as changed by the fields of the request's mask."""
    with known.changed:
        subscription = known.subscription(request.subscription.name)
        return _redeclare(
            known,
            subscription,
            resources.updated(
                subscription.resource,
                request.subscription,
                request.update_mask,
                changeable=subscriptions.CHANGEABLE,
            ),
        )


def modify_push_config(known: state.State, request: Any) -> Any:
    """Let a subscription push elsewhere, or, with an empty configuration, be pulled from."""
    with known.changed:
        subscription = known.subscription(request.subscription)
        resource = resources.Subscription()
        resource.CopyFrom(subscription.resource)
        resource.push_config.CopyFrom(request.push_config)
        _redeclare(known, subscription, resource)
        return empty_pb2.Empty()


def delete_subscription(known: state.State, request: Any) -> Any:
    """Remove a subscription and its messages."""
    known.delete_subscription(request.subscription)
    return empty_pb2.Empty()


def detach_subscription(known: state.State, request: Any) -> Any:
    """Cut a subscription off its topic for good; Google counts this method to its Publisher service."""
    known.detach(request.subscription)
    return types.DetachSubscriptionResponse.pb(None)()


def list_subscriptions(known: state.State, request: Any) -> Any:
    """Return one page of a project's subscriptions."""
    with known.changed:
        mine = resources.of_project(known.subscriptions, request.project)
        page, token = resources.page(mine, request.page_size, request.page_token)
        return _Listed(subscriptions=[subscriptions.shown(one) for one in page], next_page_token=token)


def acknowledge(known: state.State, request: Any) -> Any:
    """Forget messages that were dealt with; ids that mean nothing, or nothing any more, are passed over."""
    known.acknowledge(request.subscription, request.ack_ids)
    return empty_pb2.Empty()


def modify_ack_deadline(known: state.State, request: Any) -> Any:
    """Let leases end later, or at once."""
    subscriptions.check_deadline(request.ack_deadline_seconds, least=0)
    known.modify(request.subscription, request.ack_ids, request.ack_deadline_seconds, now=time.time())
    return empty_pb2.Empty()


def pull(known: state.State, request: Any, *, active: Callable[[], bool]) -> Any:
    """Return messages, waiting for the first; lease none once the caller is no longer there (`active`)."""
    publisher.check_within("max_messages", request.max_messages, low=1, high=(1 << 31) - 1)
    end = time.time() + (0.0 if request.return_immediately else PULL_SECONDS)
    with known.changed:
        while active():
            now = time.time()
            subscription = _pullable(known, request.subscription)
            deliveries = known.take(request.subscription, request.max_messages, now=now)
            if deliveries or now >= end:
                return _Pulled(received_messages=[_received(subscription, one) for one in deliveries])
            known.wait(now=now, until=end)
    return _Pulled()


@dataclasses.dataclass
class _Stream:
    """What the reader of a stream's requests tells its writer: how long to lease, and what went wrong."""

    name: str
    seconds: float
    wrong: refusals.Refused | None = None


def streaming_pull(known: state.State, requests: Iterator[Any], *, active: Callable[[], bool]) -> Iterator[Any]:
    """Yield messages as they come, until the caller leaves or the subscription goes."""
    first = next(requests, None)
    if first is None:
        return
    _check_stream_deadline(first.stream_ack_deadline_seconds)
    _pullable(known, first.subscription)
    stream = _Stream(first.subscription, first.stream_ack_deadline_seconds)
    _obey(known, stream, first)
    threading.Thread(target=_read, args=(known, stream, requests), name="streaming-pull", daemon=True).start()
    most = first.max_outstanding_messages if first.max_outstanding_messages > 0 else 1 << 31
    held: set[str] = set()
    while active():
        with known.changed:
            now = time.time()
            known.settle(now)
            if stream.wrong:
                raise stream.wrong
            subscription = _pullable(known, stream.name)
            held = subscription.messages.leased(held)
            room = min(most - len(held), BATCH)
            deliveries = known.take(stream.name, room, now=now, seconds=stream.seconds) if room > 0 else []
            if not deliveries:
                known.wait(now=now, until=now + _WAIT_SECONDS)
        if deliveries:
            held |= {delivery.ack_id for delivery in deliveries}
            yield _Streamed(
                received_messages=[_received(subscription, one) for one in deliveries],
                subscription_properties=_Properties(message_ordering_enabled=subscription.messages.rules.ordered),
            )


def _read(known: state.State, stream: _Stream, requests: Iterator[Any]) -> None:
    try:
        for request in requests:
            _obey(known, stream, request)
    except refusals.Refused as refused:
        with known.changed:
            stream.wrong = refused
            known.changed.notify_all()
    except grpc.RpcError:
        return  # The caller left; the writer notices by itself.


def _obey(known: state.State, stream: _Stream, request: Any) -> None:
    """Do what a request on a stream asks for: acknowledge, change leases, or both."""
    if request.stream_ack_deadline_seconds:
        _check_stream_deadline(request.stream_ack_deadline_seconds)
        stream.seconds = request.stream_ack_deadline_seconds
    if len(request.modify_deadline_ack_ids) != len(request.modify_deadline_seconds):
        raise refusals.invalid("modify_deadline_ack_ids and modify_deadline_seconds must have the same length.")
    for seconds in request.modify_deadline_seconds:
        subscriptions.check_deadline(seconds, least=0)
    if request.ack_ids:
        known.acknowledge(stream.name, request.ack_ids)
    for ack_id, seconds in zip(request.modify_deadline_ack_ids, request.modify_deadline_seconds, strict=True):
        known.modify(stream.name, [ack_id], seconds, now=time.time())


def _check_stream_deadline(seconds: int) -> None:
    if not 10 <= seconds <= 600:  # noqa: PLR2004 - the service's limits, as its message says
        raise refusals.invalid("stream_ack_deadline_seconds must be between 10 and 600 seconds")


def _pullable(known: state.State, name: str) -> state.Subscription:
    subscription = known.subscription(name)
    if subscription.detached:
        raise refusals.precondition("The subscription is detached from its topic.")
    if subscription.endpoint:
        raise refusals.precondition("This method is not supported for this subscription type.")
    return subscription


def _redeclare(known: state.State, subscription: state.Subscription, resource: Any) -> Any:
    subscriptions.redeclare(subscription, subscriptions.completed(resource))
    known.changed.notify_all()
    return subscriptions.shown(subscription)


def _received(subscription: state.Subscription, delivery: queue.Delivery) -> Any:
    """Return a delivery in the words of the wire; the attempts are told only where a dead-letter policy counts them."""
    received = _Received(ack_id=delivery.ack_id)
    message = delivery.message
    received.message.data = message.data
    received.message.attributes.update(message.attributes)
    received.message.message_id = message.id
    received.message.ordering_key = message.ordering_key
    received.message.publish_time.FromNanoseconds(int(message.published * 1_000_000) * 1000)
    if subscription.dead_letter_topic:
        received.delivery_attempt = delivery.attempt
    return received


METHODS = {
    "CreateSubscription": (create_subscription, types.Subscription),
    "GetSubscription": (get_subscription, types.GetSubscriptionRequest),
    "UpdateSubscription": (update_subscription, types.UpdateSubscriptionRequest),
    "DeleteSubscription": (delete_subscription, types.DeleteSubscriptionRequest),
    "ListSubscriptions": (list_subscriptions, types.ListSubscriptionsRequest),
    "ModifyPushConfig": (modify_push_config, types.ModifyPushConfigRequest),
    "Acknowledge": (acknowledge, types.AcknowledgeRequest),
    "ModifyAckDeadline": (modify_ack_deadline, types.ModifyAckDeadlineRequest),
}
