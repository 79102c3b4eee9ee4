"""What Google's service does and the stand-in does not: refused by name, or an expected failure with its reason."""

from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google import pubsub
from google.api_core import exceptions
from google.pubsub_v1.services.schema_service import transports

from tests.contract.pubsub import tools


def seek(bench: tools.Bench) -> Any:
    """Seek a subscription to a time."""
    request = {"subscription": bench.subscription(bench.topic()), "time": {"seconds": 1}}
    return bench.subscriber.seek(request=request)


def snapshot(bench: tools.Bench) -> Any:
    """Take a snapshot of a subscription."""
    name = f"projects/{bench.project}/snapshots/some-snapshot"
    request = {"name": name, "subscription": bench.subscription(bench.topic())}
    return bench.subscriber.create_snapshot(request=request)


def snapshots_of_a_topic(bench: tools.Bench) -> Any:
    """List the snapshots of a topic."""
    return list(bench.publisher.list_topic_snapshots(request={"topic": bench.topic()}))


def schema_of_a_topic(bench: tools.Bench) -> Any:
    """Create a topic with a schema."""
    return bench.topic(schema_settings={"schema": f"projects/{bench.project}/schemas/some-schema"})


def transform(bench: tools.Bench) -> Any:
    """Create a topic that transforms its messages."""
    return bench.topic(message_transforms=[{"javascript_udf": {"function_name": "f", "code": "c"}}])


def subscribed(**declared: Any) -> Callable[[Any], Any]:
    """Return the creation of a subscription that is declared so."""
    return lambda bench: bench.subscription(bench.topic(), **declared)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        pytest.param(seek, "seeking", id="seek"),
        pytest.param(snapshot, "snapshots", id="snapshot"),
        pytest.param(snapshots_of_a_topic, "snapshots", id="snapshots of a topic"),
        pytest.param(schema_of_a_topic, "schemas", id="schema of a topic"),
        pytest.param(transform, "message transforms", id="transform"),
        pytest.param(subscribed(enable_exactly_once_delivery=True), "exactly-once", id="exactly once"),
        pytest.param(subscribed(bigquery_config={"table": "a.b.c"}), "BigQuery", id="to BigQuery"),
        pytest.param(subscribed(cloud_storage_config={"bucket": "b"}), "Cloud Storage", id="to Cloud Storage"),
        pytest.param(
            subscribed(push_config={"push_endpoint": "http://localhost/", "no_wrapper": {"write_metadata": True}}),
            "JSON wrapper",
            id="unwrapped push",
        ),
    ],
)
def test_what_is_not_covered_says_so(bench: tools.Bench, act: Callable[[Any], Any], words: str) -> None:
    """A feature that the stand-in lacks is refused by name; it is never accepted and then ignored."""
    with pytest.raises(exceptions.MethodNotImplemented, match=f"does not cover .*{words}"):
        act(bench)


def test_schemas_are_not_covered(bench: tools.Bench, address: str) -> None:
    """The whole service of schemas is refused by name."""
    with grpc.insecure_channel(address) as channel:
        client = pubsub.SchemaServiceClient(transport=transports.SchemaServiceGrpcTransport(channel=channel))
        with pytest.raises(exceptions.MethodNotImplemented, match="does not cover schemas"):
            list(client.list_schemas(request={"parent": f"projects/{bench.project}"}))


@pytest.mark.real_cloud
@pytest.mark.xfail(strict=True, raises=exceptions.MethodNotImplemented, reason="the stand-in knows no access policies")
def test_rights_can_be_asked_for(bench: tools.Bench) -> None:
    """A caller can ask which rights it has on a topic."""
    request = {"resource": bench.topic(), "permissions": ["pubsub.topics.publish"]}
    assert list(bench.publisher.test_iam_permissions(request=request).permissions) == ["pubsub.topics.publish"]


@pytest.mark.real_cloud
@pytest.mark.xfail(strict=True, reason="the stand-in does not bring back messages that were acknowledged out of order")
def test_a_later_message_comes_again_though_acknowledged(bench: tools.Bench) -> None:
    """With ordering, the redelivery of a message brings all the later ones of its key again."""
    topic = bench.topic()
    subscription = bench.subscription(topic, enable_message_ordering=True)
    bench.publish(topic, b"a", b"b", ordering_key="k")
    first, second = bench.pull(subscription)
    bench.acknowledge(subscription, second)
    bench.nack(subscription, first)
    assert [one.message.data for one in bench.pull(subscription)] == [b"a", b"b"]
