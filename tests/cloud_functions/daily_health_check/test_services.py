"""What serves is compared with what was deployed; what cannot be compared is never well, and never bad."""

import dataclasses
import json
from typing import Any

import pytest

from cloud_functions.daily_health_check import declaration, snapshots
from cloud_functions.daily_health_check.judges import services
from shared import errors
from shared.report import Finding
from shared.statuses import Status
from tests.cloud_functions.daily_health_check import platforms

OLD, NEW = "grader-00001-old", "grader-00002-new"
DENIED = errors.AccessDenied("listing: denied")


def record(**changes: Any) -> services.Record:
    """Return the record of the deployment that serves."""
    image = platforms.service().image
    base = services.Record("grader", NEW, "0123456789abcdef", image, platforms.NOW)
    return dataclasses.replace(base, **changes)


def judged(*listed: snapshots.Service, **given: Any) -> list[Finding]:
    """Return the findings on services, with the record of each that is called grader."""
    asked: dict[str, Any] = {"records": {"grader": record()}, "declared": declaration.Services(), "gen1": {}}
    functions = given.pop("functions", ())
    return list(services.findings(given.pop("services", listed), functions, **(asked | given)))


def one(service: snapshots.Service, **given: Any) -> Finding:
    """Return the only finding on a service."""
    (found,) = judged(service, **given)
    return found


def shares(*given: tuple[str, int, bool]) -> tuple[snapshots.Share, ...]:
    """Return how traffic is shared out."""
    return tuple(snapshots.Share(revision, percent, latest=latest) for revision, percent, latest in given)


def test_what_was_deployed_serves() -> None:
    """The image that was deployed is the one that serves, and the finding says by what it was compared."""
    found = one(platforms.service())

    assert (found.subject, found.status, found.reason, found.unit) == ("grader", Status.PASS, "healthy", "image")
    assert found.observed == found.expected == platforms.DIGEST
    assert found.fix is None


@pytest.mark.parametrize(
    ("service", "written", "status", "unit"),
    [
        ({}, {"image": "x@sha256:bbb"}, Status.FAIL, "image"),
        ({}, {"image": None, "build": "fedcba9876543210"}, Status.FAIL, "build"),
        ({}, {"image": "repository:latest"}, Status.PASS, "build"),
        ({"image": "repository:latest"}, {"build": "0123456"}, Status.PASS, "build"),
        ({}, {"image": None, "build": "012345"}, Status.FAIL, "build"),
        ({}, {"image": None, "build": None}, Status.PASS, "revision"),
        ({}, {"image": None, "build": None, "revision": OLD}, Status.FAIL, "revision"),
        ({"environment": {}}, {"image": None, "revision": OLD}, Status.FAIL, "revision"),
        ({}, {"image": None, "build": None, "revision": "grader-00002"}, Status.FAIL, "revision"),
        ({"environment": {}, "template_labels": {"commit-sha": "0123456"}}, {"image": None}, Status.PASS, "build"),
        ({"template_labels": {"commit-sha": "fedcba9"}}, {"image": None}, Status.PASS, "build"),
        ({}, {"revision": OLD, "build": "fedcba9876543210"}, Status.PASS, "image"),
    ],
)
def test_the_strongest_that_both_tell_decides(
    service: dict[str, Any], written: dict[str, Any], status: Status, unit: str
) -> None:
    """A digest before a build before a revision's name; a variable before a label; short commits from 7 letters on."""
    found = one(platforms.service(**service), records={"grader": record(**written)})

    assert (found.status, found.unit) == (status, unit)
    assert found.reason == ("healthy" if status is Status.PASS else "revision_differs")


def test_drift_says_both_sides_and_when() -> None:
    """What serves, what was deployed, and when, stand in the finding."""
    found = one(platforms.service(), records={"grader": record(image=None, build="fedcba9876543210")})

    assert (found.observed, found.expected) == ("0123456789abcdef", "fedcba9876543210")
    assert found.evidence == {"revision": NEW, "deployed_at": "2026-02-12T13:00:00.000Z"}
    assert found.fix


@pytest.mark.parametrize(
    "records",
    [
        {},
        {"grader": errors.NotFound("no object")},
        {"grader": record(service="other")},
        {"grader": record(image=None, build=None, revision=None)},
    ],
)
def test_nothing_to_compare_is_never_well(records: services.Records) -> None:
    """Without a record, or with one that says nothing of this service, it is not known what should serve."""
    found = one(platforms.service(), records=records)

    assert (found.status, found.reason, found.observed) == (Status.UNKNOWN, "revision_unverifiable", None)
    assert "deployments/grader.json" in str(found.fix)


def test_image_of_another_revision_is_not_compared() -> None:
    """Image and build are told of the newest revision: when another serves, only its name is compared."""
    pinned = platforms.service(traffic=shares((OLD, 100, False)), ready_revision=OLD, state="CONDITION_RECONCILING")

    found = judged(pinned, records={"grader": record(revision=NEW)})

    assert [(x.status, x.reason, x.unit) for x in found] == [(Status.FAIL, "revision_differs", "revision")]


@pytest.mark.parametrize(
    ("traffic", "status", "observed"),
    [
        (shares((OLD, 100, False)), Status.FAIL, f"100 % {OLD}"),
        (shares((OLD, 90, False), (NEW, 10, True)), Status.FAIL, f"90 % {OLD}, 10 % {NEW}"),
        (shares((NEW, 100, False)), Status.WARN, f"100 % {NEW}"),
        (shares((NEW, 60, False), (NEW, 40, True)), Status.WARN, f"100 % {NEW}"),
    ],
)
def test_pinned_traffic_is_found(traffic: tuple[snapshots.Share, ...], status: Status, observed: str) -> None:
    """The latest revision must get everything, and get it as the latest, or the next one will get nothing."""
    found = one(platforms.service(traffic=traffic))

    assert (found.reason, found.status, found.observed) == ("traffic_pinned", status, observed)
    assert found.fix == "gcloud run services update-traffic grader --to-latest --region=us-west2"


def test_tags_without_traffic_are_no_pin() -> None:
    """A revision that only has a tag gets no requests."""
    tagged = platforms.service(traffic=shares((NEW, 100, True), (OLD, 0, False)))

    assert one(tagged).status is Status.PASS
    pinned = platforms.service(traffic=shares((OLD, 100, False), (NEW, 0, False)))
    assert one(pinned).observed == f"100 % {OLD}"


@pytest.mark.parametrize(
    "changes",
    [{"traffic": ()}, {"traffic": shares((NEW, 0, True))}, {"ready_revision": None, "created_revision": None}],
)
def test_untold_traffic_is_not_well(changes: dict[str, Any]) -> None:
    """A service that does not tell what serves cannot be judged."""
    found = one(platforms.service(**changes))

    assert (found.status, found.reason) == (Status.UNKNOWN, "revision_unverifiable")


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("CONDITION_FAILED", Status.FAIL),
        ("CONDITION_RECONCILING", Status.WARN),
        ("CONDITION_PENDING", Status.WARN),
        ("STATE_UNSPECIFIED", Status.UNKNOWN),
    ],
)
def test_service_that_is_not_ready(state: str, status: Status) -> None:
    """Its own words are told; one that is being changed is not yet bad."""
    found = one(platforms.service(state=state, problem="container crashed"))

    assert (found.status, found.reason, found.observed) == (status, "not_ready", state)
    assert "container crashed" in found.message


def test_newest_revision_that_never_became_ready() -> None:
    """The old one serves on, and the newest is named with the platform's words; before that it only changes."""
    stuck = platforms.service(
        ready_revision=OLD, traffic=shares((OLD, 100, True)), state="CONDITION_FAILED", problem="oom"
    )
    found = one(stuck)

    assert (found.status, found.reason, found.observed, found.expected) == (Status.FAIL, "revision_behind", OLD, NEW)
    assert found.message.endswith(": oom")
    changing = dataclasses.replace(stuck, state="CONDITION_RECONCILING")
    assert one(changing, records={"grader": record(revision=OLD)}).reason == "not_ready"


def test_expected_service_that_is_not_there() -> None:
    """It fails, unless nobody could tell what is there."""
    declared = declaration.Services(expected=("grader", "gone"))
    found = judged(platforms.service(), declared=declared)

    assert [(x.subject, x.status, x.reason) for x in found[1:]] == [("gone", Status.FAIL, "missing")]
    unasked = judged(services=DENIED, declared=declared)
    assert [(x.subject, x.status, x.reason) for x in unasked] == [("services", Status.ERROR, "api_denied")]


def test_nothing_is_missing_where_not_all_could_be_listed() -> None:
    """A region without an answer may have an expected service, or one under a function; what is there is judged."""
    declared = declaration.Services(expected=("elsewhere",))
    functions = (platforms.function("far"), platforms.function("broken", state="FAILED"))
    found = judged(platforms.service(), functions=functions, declared=declared, whole=False)

    assert [(x.subject, x.reason) for x in found] == [("grader", "healthy"), ("broken", "function_failed")]


def test_ignored_service_says_why() -> None:
    """It is in the report, and does not count, also when it is expected and not there."""
    declared = declaration.Services(expected=("sandbox-b",), ignored={"sandbox-*": "a playground"})
    found = judged(platforms.service("sandbox-a", state="CONDITION_FAILED"), declared=declared)

    assert [(x.subject, x.status, x.reason, x.message) for x in found] == [
        ("sandbox-a", Status.SKIP, "ignored", "a playground"),
        ("sandbox-b", Status.SKIP, "ignored", "a playground"),
    ]


def test_same_name_in_two_regions_is_two_subjects() -> None:
    """Their histories must not be mixed."""
    found = judged(platforms.service(), platforms.service(region="us-east1"))

    assert [x.subject for x in found] == ["us-west2/grader", "us-east1/grader"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DENIED, "api_denied"),
        (errors.Unavailable("slow"), "api_timeout"),
        (errors.QuotaExceeded("much"), "quota_exceeded"),
        (errors.Garbled("nonsense"), "garbled"),
    ],
)
@pytest.mark.parametrize("source", ["services", "functions", "records"])
def test_source_that_does_not_answer_is_one_error(source: str, error: errors.CloudError, reason: str) -> None:
    """It is named, and the rest is judged; nothing is well by default."""
    given: dict[str, Any] = {"functions": (platforms.gen1("old"),)}
    found = judged(platforms.service(), **(given | {source: error}))

    assert [(x.subject, x.reason) for x in found if x.status is Status.ERROR] == [(source, reason)]
    rest = {
        "services": {"old": Status.WARN},
        "functions": {"grader": Status.PASS},
        "records": {"grader": Status.UNKNOWN, "old": Status.WARN},
    }
    assert {x.subject: x.status for x in found if x.status is not Status.ERROR} == rest[source]


def test_record_that_cannot_be_read_is_an_error_of_its_service() -> None:
    """The others are judged; a service that is known to be bad stays bad."""
    records = {"grader": errors.AccessDenied("denied"), "other": record(service="other", revision="other-00002-new")}
    found = judged(platforms.service(), platforms.service("other"), records=records)

    assert [(x.subject, x.status, x.reason) for x in found] == [
        ("grader", Status.ERROR, "api_denied"), ("other", Status.PASS, "healthy"),
    ]  # fmt: skip
    assert one(platforms.service(traffic=shares((OLD, 100, False))), records=records).reason == "traffic_pinned"


def test_record_is_read_as_it_is_written() -> None:
    """Every field comes back."""
    text = {
        "service": "grader",
        "revision": NEW,
        "build": None,
        "image": None,
        "deployed_at": "2026-02-12T13:00:00+00:00",
    }

    assert services.record(json.dumps(text).encode()) == services.Record("grader", NEW, None, None, platforms.NOW)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "must be a mapping"),
        (b"{}", "service: is missing; revision: is missing"),
        (
            b'{"service": 1, "revision": null, "build": null, "image": null, "deployed_at": "x", "y": 1}',
            "y: is not known",
        ),
        (
            b'{"service": "s", "revision": null, "build": null, "image": null, "deployed_at": "2026-02-12T13:00:00"}',
            "deployed_at: must have an offset",
        ),
    ],
)
def test_record_that_is_none_is_garbled(content: bytes, told: str) -> None:
    """Every mistake is named, and none is taken for an empty record."""
    with pytest.raises(errors.Garbled, match=told):
        services.record(content)
