"""Publishing one message and listing what there is, with the official clients; errors come out renamed."""

import threading
import uuid
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.auth import credentials
from google.cloud import bigquery

from shared import errors
from shared.gcp import clients, pubsub
from tests.contract.pubsub import tools
from tests.shared import reporting

PAGE = 1000
"""How many resources the service tells of at a time."""


@pytest.fixture
def used(emulated: Any) -> clients.Clients:
    """Return the clients for a project that no other test uses."""
    project = f"project-{uuid.uuid4().hex[:12]}"
    client = bigquery.Client(project=project, credentials=credentials.AnonymousCredentials())
    return clients.Clients(client, emulated.storage_client(), clients.Calls())


@pytest.fixture
def own(bench: tools.Bench, used: clients.Clients) -> tools.Bench:
    """Return a bench for that project."""
    return tools.Bench(bench.publisher, bench.subscriber, used.project)


def test_message_arrives_as_it_was_sent(used: clients.Clients, own: tools.Bench) -> None:
    """Bytes, attributes and the id that was returned; and it is one call."""
    path = own.topic()
    subscription = own.subscription(path)

    sent = pubsub.publish(used, path.rpartition("/")[2], b"\x00data", {"status": "fail", "change": "new"})

    (received,) = own.pull_now(subscription)
    message = received.message
    assert (message.data, dict(message.attributes)) == (b"\x00data", {"status": "fail", "change": "new"})
    assert (message.message_id, used.calls.total) == (sent, 1)


def test_missing_topic_is_not_found(used: clients.Clients) -> None:
    """The error says what was being done, in Google's words."""
    with pytest.raises(errors.NotFound, match=r"publishing to nowhere: Resource not found \(resource=nowhere\)"):
        pubsub.publish(used, "nowhere", b"data", {})


def test_message_that_is_wrong_is_rejected(used: clients.Clients, own: tools.Bench) -> None:
    """An attribute that is too long is a mistake of the call itself, which no retry mends."""
    name = own.topic().rpartition("/")[2]

    with pytest.raises(errors.Rejected, match="attribute_value"):
        pubsub.publish(used, name, b"data", {"run_id": "x" * 1025})


def test_publishing_ends_in_time(used: clients.Clients, fresh_pubsub: Callable[[str], None]) -> None:
    """A service that does not answer has not got the message, after as many seconds as were given."""
    leave = threading.Event()

    def wait(_request: bytes, _context: grpc.ServicerContext) -> bytes:
        leave.wait(30)
        return b""

    with reporting.answering(wait) as address:
        fresh_pubsub(address)
        with pytest.raises(errors.Unavailable, match="publishing to a-topic"):
            pubsub.publish(used, "a-topic", b"data", {}, seconds=0.5)
        leave.set()


ASKING: list[Callable[[clients.Clients], Any]] = [
    lambda used: pubsub.publish(used, "a-topic", b"data", {}),
    pubsub.topics,
    pubsub.subscriptions,
]


@pytest.mark.parametrize("ask", ASKING, ids=["publish", "topics", "subscriptions"])
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (grpc.StatusCode.PERMISSION_DENIED, errors.AccessDenied),
        (grpc.StatusCode.UNAUTHENTICATED, errors.AccessDenied),
        (grpc.StatusCode.NOT_FOUND, errors.NotFound),
        (grpc.StatusCode.INVALID_ARGUMENT, errors.Rejected),
        (grpc.StatusCode.UNIMPLEMENTED, errors.Unavailable),
    ],
)
def test_errors_are_renamed(
    used: clients.Clients,
    fresh_pubsub: Callable[[str], None],
    ask: Callable[[clients.Clients], Any],
    code: grpc.StatusCode,
    expected: type[errors.CloudError],
) -> None:
    """Whatever is asked, a refusal is an error of ours that quotes Google."""
    with reporting.answering(reporting.refusing(code, "in Google's words")) as address:
        fresh_pubsub(address)
        with pytest.raises(
            errors.CloudError, match=r"(publishing to a-topic|listing \w+): in Google's words"
        ) as caught:
            ask(used)

    assert type(caught.value) is expected


def test_nothing_is_listed_of_an_empty_project(used: clients.Clients) -> None:
    """A project without Pub/Sub is no error."""
    assert (pubsub.topics(used), pubsub.subscriptions(used)) == ([], [])


def test_subscriptions_are_resources_as_rest_tells_them(used: clients.Clients, own: tools.Bench) -> None:
    """Names as in Google's documentation of REST: camel case, durations as text."""
    path, graveyard = own.topic(), own.topic()
    push = {"push_endpoint": "https://relay.example/", "oidc_token": {"service_account_email": "a@b.example"}}
    name = own.subscription(
        path,
        filter='attributes.change = "new"',
        push_config=push,
        dead_letter_policy={"dead_letter_topic": graveyard, "max_delivery_attempts": 6},
    )

    (found,) = pubsub.subscriptions(used)

    assert (found["name"], found["topic"], found["filter"]) == (name, path, 'attributes.change = "new"')
    assert found["pushConfig"]["pushEndpoint"] == "https://relay.example/"
    assert found["pushConfig"]["oidcToken"]["serviceAccountEmail"] == "a@b.example"
    assert found["deadLetterPolicy"] == {"deadLetterTopic": graveyard, "maxDeliveryAttempts": 6}
    assert (found["messageRetentionDuration"], found["detached"]) == ("604800s", False)


def test_states_of_subscriptions_are_words(used: clients.Clients, own: tools.Bench) -> None:
    """REST writes them so."""
    own.subscription(own.topic())

    assert pubsub.subscriptions(used)[0]["state"] == "ACTIVE"


def test_all_pages_are_listed(used: clients.Clients, own: tools.Bench) -> None:
    """However many there are, each comes once, and none of another project."""
    topics = {own.topic() for _ in range(PAGE + 1)}
    subscriptions = {own.subscription(min(topics)) for _ in range(PAGE + 1)}

    listed, told = pubsub.topics(used), [one["name"] for one in pubsub.subscriptions(used)]

    assert (len(listed), set(listed)) == (PAGE + 1, topics)
    assert (len(told), set(told)) == (PAGE + 1, subscriptions)


def test_each_page_is_a_call(used: clients.Clients, own: tools.Bench) -> None:
    """The report tells how often Google was asked."""
    for _ in range(PAGE + 1):
        own.topic()

    pubsub.topics(used)

    assert used.calls.total == 2
