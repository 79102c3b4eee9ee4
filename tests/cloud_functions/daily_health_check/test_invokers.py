"""Whoever calls a service is discovered, and must have the right to in one binding of that service's own policy."""

import dataclasses
import shlex
from typing import Any

import pytest

from cloud_functions.daily_health_check import snapshots
from cloud_functions.daily_health_check.judges import invokers
from shared import errors
from shared.report import Finding
from shared.statuses import Status
from tests.cloud_functions.daily_health_check import platforms

MEMBER = f"serviceAccount:{platforms.ACCOUNT}"
OTHER = "serviceAccount:other@demo.iam.gserviceaccount.com"
SERVICE = platforms.service()
GRANT = (
    "gcloud run services add-iam-policy-binding grader --region=us-west2 --project=demo"
    f" --member={MEMBER} --role=roles/run.invoker"
)
HASHED = platforms.service("other", urls=("https://other-abcdefghij-wl.a.run.app",))


def binding(*members: str, role: str = "roles/run.invoker", condition: str | None = None) -> snapshots.Binding:
    """Return who has a role."""
    return snapshots.Binding(role, members, condition)


def judged(*jobs: snapshots.Job, policy: Any = (), **given: Any) -> list[Finding]:
    """Return the findings on jobs that call the service `grader`, given its policy."""
    asked: dict[str, Any] = {"services": (SERVICE,), "functions": (), "project": platforms.PROJECT}
    asked["policies"] = {SERVICE.name: policy}
    subscriptions, listed = given.pop("subscriptions", ()), given.pop("jobs", jobs)
    return list(invokers.findings(subscriptions, listed, **(asked | given)))


def one(*bindings: snapshots.Binding, **changes: Any) -> Finding:
    """Return the finding on a job that was refused, or as changed, given the bindings of the service's policy."""
    (found,) = judged(platforms.job(**({"code": 7} | changes)), policy=bindings)
    return found


@pytest.mark.parametrize("role", ["roles/run.invoker", "roles/run.servicesInvoker", "roles/run.admin"])
def test_account_that_may_call(role: str) -> None:
    """Every predefined role that holds the right will do, whatever else stands beside it."""
    found = one(binding(OTHER), binding(OTHER, MEMBER, role=role))

    assert (found.subject, found.status, found.reason) == (f"grader/{platforms.ACCOUNT}", Status.PASS, "healthy")
    assert found.evidence == {"callers": ["grade-daily"], "number": 1, "account": platforms.ACCOUNT}


@pytest.mark.parametrize(
    "bindings",
    [
        (),
        (binding(),),
        (binding(OTHER),),
        (binding(OTHER), binding(MEMBER, role="roles/run.viewer")),
        (binding(MEMBER, role="roles/run.developer"),),
        (binding(f"deleted:{MEMBER}?uid=1"),),
        (binding(f"{MEMBER}x"),),
        (binding(f"user:{platforms.ACCOUNT}"),),
    ],
)
def test_account_that_may_not_call(bindings: tuple[snapshots.Binding, ...]) -> None:
    """The role in one binding and the member in another are no right; neither is one of a deleted account."""
    found = one(*bindings)

    assert (found.status, found.reason, found.expected) == (Status.FAIL, "no_invoker", "roles/run.invoker")
    assert found.fix == GRANT


def test_refusal_says_which_roles_there_are() -> None:
    """What the account has on the service is observed."""
    assert one(binding(MEMBER, role="roles/run.viewer")).observed == "roles/run.viewer"
    assert one().observed == "no role on the service"


def test_fix_is_quoted_for_a_shell() -> None:
    """What came from outside stays one word."""
    found = one(oidc="a b;c@demo")

    assert "--member=serviceAccount:a b;c@demo" in shlex.split(str(found.fix))


@pytest.mark.parametrize(
    ("codes", "status"),
    [((None,), Status.WARN), ((0, None), Status.WARN), ((None, 13), Status.FAIL), ((7,), Status.FAIL)],
)
def test_calls_that_succeed_have_a_right_from_elsewhere(codes: tuple[int | None, ...], status: Status) -> None:
    """When all callers succeed it is a warning; one failure leaves the doubt where it was."""
    jobs = [platforms.job(f"job-{number}", code=code) for number, code in enumerate(codes)]
    (found,) = judged(*jobs)

    assert (found.status, found.reason, found.evidence["number"]) == (status, "no_invoker", len(codes))
    assert ("comes from the project" in found.message) == (status is Status.WARN)


def test_who_never_called_proves_nothing() -> None:
    """A job without an attempt, and a push, whose outcome is not told, do not soften a missing right."""
    (found,) = judged(platforms.job(last_attempt=None), subscriptions=(platforms.subscription(),))

    assert (found.status, found.evidence["callers"]) == (Status.FAIL, ["grader-push", "grade-daily"])


@pytest.mark.parametrize("who", ["allUsers", "allAuthenticatedUsers"])
def test_public_service_is_a_warning(who: str) -> None:
    """Everybody may call it; the fix grants the account first, then takes the right from the rest."""
    found = one(binding(who, MEMBER))

    assert (found.status, found.reason, found.observed) == (Status.WARN, "public", who)
    grant, remove = str(found.fix).split("; ")
    assert grant == GRANT
    assert remove == GRANT.replace("add-iam", "remove-iam").replace(MEMBER, who)
    assert one(binding(who, role="roles/run.viewer"), binding(MEMBER)).reason == "healthy"


def test_right_under_a_condition_is_not_known() -> None:
    """The condition is told; a second binding without one settles it."""
    found = one(binding(MEMBER, condition="request.time < x"))

    assert (found.status, found.reason, found.observed) == (Status.UNKNOWN, "conditional", "request.time < x")
    assert one(binding(MEMBER, condition="x"), binding(MEMBER)).reason == "healthy"
    assert one(binding("allUsers", condition="x"), binding(OTHER, condition="x")).reason == "no_invoker"


@pytest.mark.parametrize(
    "given",
    [
        binding("group:callers@example.com"),
        binding("principalSet://iam.googleapis.com/x"),
        binding("projectEditor:demo"),
        binding(MEMBER, role="projects/demo/roles/caller"),
    ],
)
def test_right_that_the_policy_does_not_spell_out_is_not_known(given: snapshots.Binding) -> None:
    """Who is in a group, and what a custom role holds, stands elsewhere: neither well nor bad."""
    found = one(given)

    assert (found.status, found.reason, found.observed) == (Status.UNKNOWN, "unverifiable", None)
    assert found.fix == GRANT


def test_groups_of_other_roles_do_not_matter() -> None:
    """Only who may call is of interest."""
    assert one(binding("group:viewers@example.com", role="roles/run.viewer")).reason == "no_invoker"


def test_pairs_are_discovered_once() -> None:
    """Jobs and pushes of one account to one service are one finding, whatever their paths; another account is not."""
    jobs = [platforms.job(f"job-{number}") for number in range(6)]
    found = judged(
        *jobs,
        platforms.job("as-other", oidc=OTHER.removeprefix("serviceAccount:")),
        platforms.job("as-nobody", oidc=None),
        platforms.job("to-a-topic", uri=None),
        subscriptions=(
            platforms.subscription(),
            platforms.subscription("pull", endpoint=None),
            platforms.subscription("nobody", account=None),
        ),
        policy=(binding(MEMBER),),
    )

    assert [(x.subject, x.status) for x in found] == [
        (f"grader/{platforms.ACCOUNT}", Status.PASS),
        ("grader/other@demo.iam.gserviceaccount.com", Status.WARN),
    ]
    assert found[0].evidence["number"] == 7
    assert found[0].evidence["callers"] == ["grader-push", "job-0", "job-1", "job-2", "job-3"]


@pytest.mark.parametrize(
    ("uri", "subject", "status", "reason"),
    [
        ("https://us-west2-demo.cloudfunctions.net/old", "us-west2-demo.cloudfunctions.net/old", Status.SKIP, "gen1"),
        (
            "https://us-west2-demo.cloudfunctions.net/gone",
            "us-west2-demo.cloudfunctions.net/gone",
            Status.FAIL,
            "target_gone",
        ),
        (
            "https://gone-123456789012.us-west2.run.app/x",
            "gone-123456789012.us-west2.run.app",
            Status.FAIL,
            "target_gone",
        ),
        (
            "https://grader-987654321098.us-west2.run.app",
            "grader-987654321098.us-west2.run.app",
            Status.SKIP,
            "external",
        ),
        ("https://run.googleapis.com/v2/jobs", "run.googleapis.com", Status.SKIP, "google"),
        ("https://example.com/", "example.com", Status.SKIP, "external"),
    ],
)
def test_calls_that_lead_to_no_service(uri: str, subject: str, status: Status, reason: str) -> None:
    """A leftover, Google's own, and another's host are not judged here; our own host without a service is gone."""
    (found,) = judged(platforms.job(uri=uri, code=5), functions=(platforms.gen1("old"),))

    assert (found.subject, found.status, found.reason) == (f"{subject}/{platforms.ACCOUNT}", status, reason)


def test_function_is_called_by_its_own_address() -> None:
    """The right that counts is that on the service under it; without this service the target is gone."""
    url = platforms.function().url
    job, functions = platforms.job(uri=url, code=7), (platforms.function(),)

    (found,) = judged(job, functions=functions, policy=(binding(MEMBER),))
    assert (found.subject, found.reason) == (f"grader/{platforms.ACCOUNT}", "healthy")
    (found,) = judged(job, functions=functions, services=())
    assert (found.status, found.reason) == (Status.FAIL, "target_gone")


def test_target_that_answers_is_not_gone() -> None:
    """It stands where nobody looked, or could: in a region that is not declared, or did not answer."""
    job = platforms.job(uri="https://gone-123456789012.us-west2.run.app", code=None)

    assert [(x.status, x.reason) for x in judged(job)] == [(Status.UNKNOWN, "unverifiable")]
    refused = dataclasses.replace(job, code=5)
    assert [x.reason for x in judged(refused)] == ["target_gone"]
    assert [x.reason for x in judged(refused, whole=False)] == ["unverifiable"]
    far = dataclasses.replace(job, uri="https://gone-123456789012.us-east1.run.app", code=5)
    assert [x.reason for x in judged(far, regions=("us-west2",))] == ["unverifiable"]


@pytest.mark.parametrize(
    ("error", "reason"), [(errors.AccessDenied("no"), "api_denied"), (errors.Unavailable("slow"), "api_timeout")]
)
@pytest.mark.parametrize(
    ("source", "rest"),
    [
        ("subscriptions", {"grader": "healthy", "us-west2-demo.cloudfunctions.net/x": "target_gone"}),
        ("jobs", {"grader": "healthy"}),
        (
            "services",
            {
                "grader-123456789012.us-west2.run.app": "unverifiable",
                "us-west2-demo.cloudfunctions.net/x": "unverifiable",
            },
        ),
        ("functions", {"grader": "healthy", "us-west2-demo.cloudfunctions.net/x": "unverifiable"}),
    ],
)
def test_source_that_does_not_answer_is_one_error(
    source: str, rest: dict[str, str], error: errors.CloudError, reason: str
) -> None:
    """The rest is judged; what could not be looked for is neither there nor gone."""
    jobs = (platforms.job(), platforms.job("x", uri="https://us-west2-demo.cloudfunctions.net/x", code=5))
    given: dict[str, Any] = {"jobs": jobs, "subscriptions": (platforms.subscription(),)}
    found = judged(policy=(binding(MEMBER),), **(given | {source: error}))

    assert (found[0].subject, found[0].status, found[0].reason) == (source, Status.ERROR, reason)
    assert {x.subject.removesuffix(f"/{platforms.ACCOUNT}"): x.reason for x in found[1:]} == rest


def test_policy_that_cannot_be_read_is_one_error() -> None:
    """However many accounts call the service; other services are judged, and an unread policy is not known."""
    other = platforms.service("other")
    jobs = (
        platforms.job(),
        platforms.job("b", oidc="b@demo"),
        platforms.job("c", uri=other.uri),
        platforms.job("d", uri=platforms.service("unread").uri),
    )
    policies = {SERVICE.name: errors.AccessDenied("no"), other.name: (binding(MEMBER),)}
    found = judged(*jobs, services=(SERVICE, other, platforms.service("unread")), policies=policies)

    assert [(x.subject, x.status, x.reason) for x in found] == [
        ("grader", Status.ERROR, "api_denied"),
        (f"other/{platforms.ACCOUNT}", Status.PASS, "healthy"),
        (f"unread/{platforms.ACCOUNT}", Status.UNKNOWN, "unverifiable"),
    ]
