"""Functions are told as their services, first-generation functions as leftovers with the steps that end them."""

import dataclasses
import re
from typing import Any

import pytest

from cloud_functions.daily_health_check import declaration, snapshots
from cloud_functions.daily_health_check.judges import generations, services
from shared import errors
from shared.report import Finding
from shared.statuses import Status
from tests.cloud_functions.daily_health_check import platforms

DEPLOYED = services.Record("grader", "grader-00002-new", None, None, platforms.NOW)


def judged(*functions: snapshots.Function, listed: Any = (), **given: Any) -> list[tuple[str, str, Status, str]]:
    """Return (kind, subject, status, reason) of the findings on services and functions."""
    asked: dict[str, Any] = {"records": {"grader": DEPLOYED}, "declared": declaration.Services(), "gen1": {}}
    found = services.findings(listed, functions, **(asked | given))
    return [(one.kind, one.subject, one.status, one.reason) for one in found]


def leftover(function: snapshots.Function, **given: Any) -> Finding:
    """Return the only finding on a first-generation function."""
    asked: dict[str, Any] = {"gen1": {}, "used": frozenset()}
    (found,) = generations.leftovers([function], **(asked | given))
    return found


@pytest.mark.parametrize(
    ("state", "status", "reason"),
    [
        ("ACTIVE", Status.PASS, "healthy"),
        ("FAILED", Status.FAIL, "function_failed"),
        ("UNKNOWN", Status.FAIL, "function_failed"),
        ("DEPLOYING", Status.WARN, "not_ready"),
        ("STATE_UNSPECIFIED", Status.UNKNOWN, "function_failed"),
    ],
)
@pytest.mark.parametrize("number", [platforms.PROJECT, platforms.NUMBER])
def test_state_of_a_function_is_its_services(state: str, status: Status, reason: str, number: str) -> None:
    """One finding tells both, whether the service's name has the project's id or its number."""
    under = f"projects/{number}/locations/us-west2/services/grader"
    found = judged(platforms.function(state=state, service=under), listed=[platforms.service()])

    assert found == [("service", "grader", status, reason)]


@pytest.mark.parametrize(
    ("revision", "reason"),
    [
        ("grader-00003-newer", "function_behind"),
        ("projects/p/locations/l/services/grader/revisions/grader-00002-new", "healthy"),
        (None, "healthy"),
    ],
)
def test_function_knows_another_revision_than_serves(revision: str | None, reason: str) -> None:
    """What the function's deployment made must serve, where the function tells it."""
    found = judged(platforms.function(revision=revision), listed=[platforms.service()])

    assert [each[3] for each in found] == [reason]


def test_function_without_its_service() -> None:
    """It is missing; a failed one is failed, and one whose generation is not told is not known."""
    found = judged(
        platforms.function("a"),
        platforms.function("b", state="FAILED", service=None),
        platforms.function("c", environment="ENVIRONMENT_UNSPECIFIED", service=None),
    )

    assert found == [
        ("service", "a", Status.FAIL, "missing"),
        ("service", "b", Status.FAIL, "function_failed"),
        ("service", "c", Status.UNKNOWN, "revision_unverifiable"),
    ]


def test_function_without_its_service_may_be_ignored() -> None:
    """The same patterns hold for it."""
    declared = declaration.Services(ignored={"a*": "a playground"})

    assert judged(platforms.function("a"), declared=declared) == [("service", "a", Status.SKIP, "ignored")]


def test_no_service_is_missed_when_none_could_be_listed() -> None:
    """A function's own state is known all the same."""
    found = judged(
        platforms.function("a"), platforms.function("b", state="FAILED"), listed=errors.Unavailable("no answer")
    )

    assert found == [
        ("service", "services", Status.ERROR, "api_timeout"),
        ("service", "b", Status.FAIL, "function_failed"),
    ]


@pytest.mark.parametrize(("used", "status"), [(frozenset(), Status.WARN), (frozenset({"news-fetcher"}), Status.FAIL)])
def test_first_generation_is_a_leftover(used: frozenset[str], status: Status) -> None:
    """It fails while something calls it; what was declared of it is told."""
    found = leftover(platforms.gen1("news-fetcher"), gen1={"news-fetcher": "likely unused"}, used=used)

    assert (found.kind, found.subject, found.status, found.reason) == ("function", "news-fetcher", status, "gen1")
    assert "likely unused" in found.message
    assert ("no job and no push endpoint calls it" in found.message) == (status is Status.WARN)


def test_leftover_of_which_nothing_was_declared_says_so() -> None:
    """It is found by looking, not by the declaration."""
    assert leftover(platforms.gen1("x")).message.endswith("declared: nothing")


def test_declared_leftover_that_is_gone_passes() -> None:
    """Also when it came back as the second generation; it may leave the declaration."""
    found = judged(
        platforms.function(), listed=[platforms.service()], gen1={"grader": "migrate it", "news-fetcher": "delete it"}
    )

    assert found[1:] == [
        ("function", "grader", Status.PASS, "healthy"), ("function", "news-fetcher", Status.PASS, "healthy"),
    ]  # fmt: skip


def test_nothing_is_gone_when_functions_could_not_be_listed() -> None:
    """A declared leftover of which nobody could tell does not pass."""
    found = services.findings(
        (), errors.AccessDenied("no"), records={}, declared=declaration.Services(), gen1={"news-fetcher": "delete it"}
    )

    assert [(one.kind, one.subject, one.status) for one in found] == [("function", "functions", Status.ERROR)]


def test_migration_deletes_last() -> None:
    """A copy is deployed, probed, granted, called and watched before the old one goes; names are quoted for a shell."""
    steps = generations.migration(platforms.gen1("live monitor"), called=True)
    marks = ["deploy 'live monitor-v2' --gen2", "?probe=1", "roles/run.invoker", "--oidc-token-audience", "jobs run"]
    order = [steps.index(mark) for mark in marks]

    assert order == sorted(order)
    assert re.search(r"only then gcloud functions delete 'live monitor' --region=us-west2 \(", steps)
    assert steps.count(" delete ") == 1
    assert generations.migration(platforms.gen1("x"), called=False).startswith("if its log shows no caller")


def test_a_function_of_another_region_is_told_and_not_called_missing() -> None:
    """Functions are listed everywhere at once, services where they are declared: what is elsewhere is not gone."""
    elsewhere = "projects/p/locations/us-east1"
    away = dataclasses.replace(
        platforms.function(), name=f"{elsewhere}/functions/away", service=f"{elsewhere}/services/away"
    )
    old = platforms.gen1("old")

    inside = judged(away, old, regions=["us-east1", "us-west2"])
    outside = judged(away, old, regions=["us-west2"])

    assert ("service", "away", Status.FAIL, "missing") in inside
    assert outside == [
        ("service", "us-east1/away", Status.SKIP, "other_region"),
        ("function", "old", Status.WARN, "gen1"),
    ]
