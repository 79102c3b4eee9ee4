"""A subscription delivers each message once, as somebody, to somewhere, and in time, or its finding says what not."""

from typing import Any

import pytest

from cloud_functions.daily_health_check import declaration, snapshots
from cloud_functions.daily_health_check.judges import subscriptions
from shared import errors
from shared.report import Finding
from shared.statuses import Status
from tests.cloud_functions.daily_health_check import platforms

TOPICS = frozenset({platforms.topic("picks"), platforms.topic("dead")})


def judged(*listed: snapshots.Subscription, **given: Any) -> list[Finding]:
    """Return the findings on subscriptions without traffic, by default."""
    asked: dict[str, Any] = {"ages": {}, "declared": declaration.Subscriptions()}
    topics = given.pop("topics", TOPICS)
    return list(subscriptions.findings(given.pop("subscriptions", listed), topics, **(asked | given)))


def one(subscription: snapshots.Subscription, **given: Any) -> Finding:
    """Return the only finding on a subscription."""
    (found,) = judged(subscription, **given)
    return found


@pytest.mark.parametrize("ages", [{}, {"grader-push": None}])
def test_subscription_without_traffic_is_well(ages: subscriptions.Ages) -> None:
    """The metric has no point where there is no message; the evidence says that this is why."""
    found = one(platforms.subscription(), ages=ages)

    assert (found.subject, found.status, found.reason, found.observed) == (
        "grader-push", Status.PASS, "healthy", None,
    )  # fmt: skip
    assert "no point" in found.evidence["backlog"]


@pytest.mark.parametrize(
    ("minutes", "status", "reason"),
    [
        (0, Status.PASS, "healthy"),
        (14.9, Status.PASS, "healthy"),
        (15, Status.WARN, "backlog_old"),
        (119.9, Status.WARN, "backlog_old"),
        (120, Status.FAIL, "backlog_old"),
    ],
)
@pytest.mark.parametrize("endpoint", [platforms.subscription().endpoint, None])
def test_old_backlog_is_found(minutes: float, status: Status, reason: str, endpoint: str | None) -> None:
    """From the declared ages on it warns and fails, of push and pull alike."""
    found = one(platforms.subscription(endpoint=endpoint), ages={"grader-push": minutes * 60})

    assert (found.status, found.reason, found.observed, found.expected) == (status, reason, minutes * 60, "below 900")
    assert (found.fix is None) == (status is Status.PASS)


def test_duplicates_are_found_on_each_of_them() -> None:
    """All name the same one to keep, the one that calls as somebody, so that following every fix deletes no more."""
    found = judged(
        platforms.subscription("a", account=None),
        platforms.subscription("b"),
        platforms.subscription("c", endpoint=f"{platforms.subscription().endpoint}/"),
    )

    assert [(x.status, x.reason, x.observed, x.expected) for x in found] == [(Status.FAIL, "duplicate", 3, 1)] * 3
    assert {x.fix for x in found} == {
        "keep b: gcloud pubsub subscriptions delete c; gcloud pubsub subscriptions delete a"
    }
    assert "also by b, c" in found[0].message


@pytest.mark.parametrize(
    "changes",
    [
        {"topic": platforms.topic("dead")},
        {"endpoint": f"{platforms.service().uri}/other"},
        {"endpoint": None},
        {"filter": 'attributes.kind = "final"'},
    ],
)
def test_what_differs_is_no_duplicate(changes: dict[str, Any]) -> None:
    """Another topic, endpoint or filter is another purpose; who pulls gets a copy of his own on purpose."""
    found = judged(platforms.subscription("a", **changes), platforms.subscription("b"))

    assert {x.status for x in found} == {Status.PASS}
    pulls = judged(platforms.subscription("a", endpoint=None), platforms.subscription("b", endpoint=None))
    assert {x.status for x in pulls} == {Status.PASS}


@pytest.mark.parametrize(("number", "reason"), [(2, "healthy"), (3, "duplicate")])
def test_as_many_as_declared_are_no_duplicates(number: int, reason: str) -> None:
    """A known pair is declared by its topic; a third is one too many."""
    declared = declaration.Subscriptions(allowed={"picks": 2})
    found = judged(*(platforms.subscription(name) for name in "abc"[:number]), declared=declared)

    assert {x.reason for x in found} == {reason}
    assert {x.fix for x in found} == {"keep a, b: gcloud pubsub subscriptions delete c" if number == 3 else None}


def test_what_gets_nothing_is_no_duplicate() -> None:
    """A detached one, and two whose topics are gone, send nothing twice."""
    found = judged(
        platforms.subscription("a", detached=True),
        platforms.subscription("b"),
        platforms.subscription("c", topic="_deleted-topic_"),
        platforms.subscription("d", topic="_deleted-topic_"),
    )

    assert [(x.subject, x.status, x.reason) for x in found] == [
        ("a", Status.FAIL, "detached"),
        ("b", Status.PASS, "healthy"),
        ("c", Status.FAIL, "topic_gone"),
        ("d", Status.FAIL, "topic_gone"),
    ]


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("_deleted-topic_", "topic_gone"),
        (platforms.topic("absent"), "topic_gone"),
        ("projects/another/topics/absent", "healthy"),
    ],
)
def test_topic_that_is_gone(topic: str, reason: str) -> None:
    """A topic of our own project must be there; of another project's topics nothing is known."""
    assert one(platforms.subscription(topic=topic)).reason == reason


@pytest.mark.parametrize(
    ("endpoint", "reason"),
    [
        ("https://grader-123456789012.us-west2.run.app/push", "no_auth"),
        ("https://grader-abcdefghij-wl.a.run.app/", "no_auth"),
        ("https://us-west2-demo.cloudfunctions.net/grader", "no_auth"),
        ("https://us-west2-other.cloudfunctions.net/grader", "no_auth"),
        ("https://example.com/push", "healthy"),
        ("https://pubsub.googleapis.com/x", "healthy"),
        (None, "healthy"),
    ],
)
def test_push_as_nobody(endpoint: str | None, reason: str) -> None:
    """A service or function is told who calls; elsewhere, and where nothing is pushed, no account is needed."""
    found = one(platforms.subscription(endpoint=endpoint, account=None))

    assert found.reason == reason
    if reason == "no_auth":
        assert f"modify-push-config grader-push --push-endpoint={endpoint} " in str(found.fix)


@pytest.mark.parametrize(
    ("topic", "status", "reason"),
    [
        (platforms.topic("dead"), Status.PASS, "healthy"),
        (platforms.topic("absent"), Status.WARN, "dead_letter_gone"),
        ("_deleted-topic_", Status.WARN, "dead_letter_gone"),
        ("projects/another/topics/absent", Status.PASS, "healthy"),
    ],
)
def test_dead_letters_go_somewhere(topic: str, status: Status, reason: str) -> None:
    """A topic for dead letters that is gone makes what fails come again and again."""
    found = one(platforms.subscription(dead_letter=topic))

    assert (found.status, found.reason) == (status, reason)


def test_the_worst_is_told() -> None:
    """Of a gone topic, an old backlog, no account and a gone dead letter topic, the one that explains the rest."""
    bad: dict[str, Any] = {"topic": "_deleted-topic_", "account": None, "dead_letter": "_deleted-topic_"}
    ages = {"grader-push": 99_999.0}

    assert one(platforms.subscription(**bad), ages=ages).reason == "topic_gone"
    assert one(platforms.subscription(**{**bad, "topic": platforms.topic("picks")}), ages=ages).reason == "no_auth"
    assert one(platforms.subscription(dead_letter="_deleted-topic_"), ages=ages).reason == "backlog_old"


@pytest.mark.parametrize(
    ("error", "reason"), [(errors.AccessDenied("no"), "api_denied"), (errors.Unavailable("slow"), "api_timeout")]
)
@pytest.mark.parametrize(
    ("source", "name", "rest"),
    [
        ("subscriptions", "subscriptions", []),
        ("topics", "topics", [("a", Status.UNKNOWN), ("b", Status.PASS), ("c", Status.FAIL)]),
        ("ages", "backlogs", [("a", Status.UNKNOWN), ("b", Status.UNKNOWN), ("c", Status.FAIL)]),
    ],
)
def test_source_that_does_not_answer_is_one_error(
    source: str, name: str, rest: list[tuple[str, Status]], error: errors.CloudError, reason: str
) -> None:
    """What needs it is not known, what is known to be bad stays bad, and what does not need it is judged."""
    found = judged(
        platforms.subscription("a", dead_letter=platforms.topic("dead")),
        platforms.subscription("b", endpoint=None),
        platforms.subscription("c", topic="_deleted-topic_"),
        **{source: error},
    )

    assert (found[0].subject, found[0].status, found[0].reason) == (name, Status.ERROR, reason)
    assert ("grant the function's account roles/" in str(found[0].fix)) == (reason == "api_denied")
    assert [(x.subject, x.status) for x in found[1:]] == rest
