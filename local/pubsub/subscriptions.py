"""What a declared subscription means: its checks, its rules, and how it is shown.

Kept as declared, but without effect: labels, retention, expiration, attributes of push. Left out, and refused as
UNIMPLEMENTED: writing to BigQuery, Cloud Storage or Bigtable, exactly-once delivery, message transforms, push without
the JSON wrapper.
"""

from typing import Any
from urllib import parse

from google.pubsub_v1 import types

from local.pubsub import filters, queue, refusals, resources, state

CHANGEABLE = (
    "ack_deadline_seconds",
    "dead_letter_policy",
    "enable_exactly_once_delivery",
    "expiration_policy",
    "labels",
    "message_retention_duration",
    "push_config",
    "retain_acked_messages",
    "retry_policy",
)

_UNCOVERED = {
    "bigquery_config": "subscriptions that write to BigQuery",
    "bigtable_config": "subscriptions that write to Bigtable",
    "cloud_storage_config": "subscriptions that write to Cloud Storage",
    "enable_exactly_once_delivery": "exactly-once delivery",
    "message_transforms": "message transforms",
}
_WEEK = 7 * 24 * 3600
_MONTH = 31 * 24 * 3600


def completed(resource: Any) -> Any:
    """Return the declaration with the service's defaults for what it leaves open; raise Refused when it is wrong."""
    resources.check_name("subscriptions", resource.name)
    result = resources.Subscription()
    result.CopyFrom(resource)
    result.state = types.Subscription.State.ACTIVE
    result.detached = False
    result.ack_deadline_seconds = result.ack_deadline_seconds or 10
    if not result.HasField("message_retention_duration"):
        result.message_retention_duration.FromSeconds(_WEEK)
    if not result.HasField("expiration_policy"):
        result.expiration_policy.ttl.FromSeconds(_MONTH)
    if result.HasField("dead_letter_policy") and not result.dead_letter_policy.max_delivery_attempts:
        result.dead_letter_policy.max_delivery_attempts = 5
    if result.HasField("retry_policy"):
        if not result.retry_policy.HasField("minimum_backoff"):
            result.retry_policy.minimum_backoff.FromSeconds(10)
        if not result.retry_policy.HasField("maximum_backoff"):
            result.retry_policy.maximum_backoff.FromSeconds(600)
    _check(result)
    return result


def made(resource: Any) -> state.Subscription:
    """Return a new subscription that is declared by `resource`, which is complete."""
    return state.Subscription(
        resource=resource,
        topic=resource.topic,
        messages=queue.Queue(rules(resource)),
        matches=filters.compiled(resource.filter),
        dead_letter_topic=resource.dead_letter_policy.dead_letter_topic,
        endpoint=resource.push_config.push_endpoint,
    )


def redeclare(subscription: state.Subscription, resource: Any) -> None:
    """Let a subscription go by another declaration, which is complete; its messages stay."""
    subscription.resource = resource
    subscription.messages.rules = rules(resource)
    subscription.dead_letter_topic = resource.dead_letter_policy.dead_letter_topic
    subscription.endpoint = resource.push_config.push_endpoint


def rules(resource: Any) -> queue.Rules:
    """Return how a subscription hands out messages, as declared; without a retry policy push pauses, pull does not."""
    pauses = (0.0, 0.0)
    if resource.HasField("retry_policy"):
        retry = resource.retry_policy
        pauses = (_seconds(retry.minimum_backoff), _seconds(retry.maximum_backoff))
    elif resource.push_config.push_endpoint:
        pauses = (0.1, 60.0)
    return queue.Rules(
        ack_deadline=resource.ack_deadline_seconds,
        ordered=resource.enable_message_ordering,
        attempts=resource.dead_letter_policy.max_delivery_attempts,
        backoff=pauses[0],
        longest_backoff=pauses[1],
    )


def shown(subscription: state.Subscription) -> Any:
    """Return the declaration of a subscription, with what became of it."""
    result = resources.Subscription()
    result.CopyFrom(subscription.resource)
    result.topic = subscription.topic
    result.detached = subscription.detached
    return result


def check_deadline(seconds: int, *, least: int) -> None:
    """Do nothing if a lease may last so long, else raise Refused."""
    if not least <= seconds <= 600:  # noqa: PLR2004 - the service's limit, as its message says
        raise refusals.invalid(
            f"Invalid ack deadline given (ack_deadline={seconds}). "
            f"The ack deadline must be between {least} and 600 seconds."
        )


def _check(resource: Any) -> None:
    resources.refuse_uncovered(resource, _UNCOVERED)
    check_deadline(resource.ack_deadline_seconds, least=10)
    _check_push(resource.push_config)
    filters.compiled(resource.filter)
    if resource.HasField("dead_letter_policy"):
        policy = resource.dead_letter_policy
        resources.check_name("topics", policy.dead_letter_topic)
        if not 5 <= policy.max_delivery_attempts <= 100:  # noqa: PLR2004 - the service's limits, as its message says
            raise refusals.invalid(
                f"Invalid max delivery attempts given (max_delivery_attempts={policy.max_delivery_attempts}). "
                "The value must be between 5 and 100."
            )
    if resource.HasField("retry_policy"):
        low, high = (_seconds(getattr(resource.retry_policy, f"{end}imum_backoff")) for end in ("min", "max"))
        if not 0 <= low <= high <= 600:  # noqa: PLR2004 - the service's limit, as its message says
            raise refusals.invalid(
                f"Invalid retry policy given (minimum_backoff={low:g}s, maximum_backoff={high:g}s). "
                "The backoffs must be between 0 and 600 seconds, the minimum not above the maximum."
            )


def _check_push(push: Any) -> None:
    if push.HasField("no_wrapper"):
        raise refusals.uncovered("push without the JSON wrapper")
    endpoint = push.push_endpoint
    try:
        split = parse.urlsplit(endpoint)
        valid = split.scheme in ("http", "https") and bool(split.hostname) and (split.port is None or split.port > 0)
    except ValueError:
        valid = False
    if endpoint and not (valid and endpoint.isascii() and endpoint.isprintable() and " " not in endpoint):
        raise refusals.invalid(f"Invalid push endpoint given (endpoint={endpoint}).")


def _seconds(duration: Any) -> float:
    return float(duration.ToNanoseconds()) / 1e9
