"""The demo platform: what the seed counts is there, and what is meant to be healthy is healthy in every respect."""

import base64
import dataclasses
import datetime
import json
from collections.abc import Iterator
from urllib import parse

import pytest
from google.cloud import pubsub_v1

from cloud_functions.daily_health_check import resources, snapshots
from local import catalogue
from local.control import scheduler
from local.pubsub import server as pubsub_server
from local.world import platform, platform_demo
from shared import deployment
from tests.local.control import asking

GEN1 = {"live-freshness-monitor", "news-fetcher"}
FAILING = {
    "firestore-state-cleanup": (13, 500),
    "live-freshness-monitor": (13, 500),
    "nba-grading-alerts-daily": (14, 503),
    "registry-health-check": (13, 500),
    "same-day-phase3": (8, 429),
    "same-day-predictions-tomorrow": (5, 404),
    "self-heal-predictions": (4, None),
}


def test_seven_of_110_jobs_fail(ask: asking.Asker) -> None:
    """The jobs are those of the seed: 103 ended well, and exactly its seven did not."""
    jobs = ask.jobs()
    assert len(jobs) == 110
    assert {name: job.code for name, job in jobs.items() if job.code} == {k: code for k, (code, _) in FAILING.items()}
    assert {jobs[name].retries for name in FAILING} == {0}
    assert all(job.last_attempt and job.code in (None, 0) for name, job in jobs.items() if name not in FAILING)


def test_each_failure_is_in_the_log(ask: asking.Asker) -> None:
    """Each failing job, and no other, has failed attempts in the Scheduler's log, with the status of its code."""
    seen = {one.job.rsplit("/", 1)[-1]: one.http for one in ask.attempts()}
    assert seen == {name: http for name, (_, http) in FAILING.items()}


def test_two_functions_are_left_of_the_first_generation(ask: asking.Asker) -> None:
    """One of them is still called by a job, the other by none."""
    left = {name: one for name, one in ask.functions().items() if one.environment == "GEN_1"}
    assert set(left) == GEN1
    called = {job.uri for job in ask.jobs().values()}
    assert [name for name, one in left.items() if one.url in called] == ["live-freshness-monitor"]


def test_a_gen2_function_and_its_service_agree(ask: asking.Asker) -> None:
    """A function's service has its name with hyphens, its address and its revision."""
    services = ask.services()
    for function in ask.functions().values():
        if function.environment == "GEN_2":
            service = services[function.short.replace("_", "-")]
            assert (function.service, function.uri, function.revision, function.timeout) == (
                service.name,
                service.uri,
                service.ready_revision,
                service.timeout,
            )


def test_all_services_but_one_serve_what_was_deployed(ask: asking.Asker) -> None:
    """All requests go to the newest revision, whose image, build and name are those that were recorded."""
    records = {name: json.loads(content) for name, content in platform_demo.records().items()}
    services = ask.services()
    assert set(records) == set(services)
    for name, service in services.items():
        record = records[name]
        assert service.traffic == (snapshots.Share(record["revision"], 100, latest=True),)
        assert service.image == record["image"]
        assert service.environment["BUILD_COMMIT"] == service.template_labels["commit-sha"] == record["build"]
        assert datetime.datetime.fromisoformat(record["deployed_at"]) < asking.NOW
    unready = {name: one.problem for name, one in services.items() if one.state != "CONDITION_SUCCEEDED"}
    assert list(unready) == ["nba-grading-alerts"]
    assert "failed to start" in str(unready["nba-grading-alerts"])


def test_a_good_job_is_good_in_every_respect(ask: asking.Asker) -> None:
    """It calls a service that is there, as an account that may, for the bare address, with time enough; and alone."""
    by_host = {host: one for one in ask.services().values() for host in one.hosts}
    good = [job for name, job in ask.jobs().items() if name not in FAILING]
    for job in good:
        service = by_host[str(parse.urlsplit(job.uri).hostname)]
        assert job.state == "ENABLED"
        assert job.audience in service.urls
        assert service.timeout is not None
        assert service.timeout <= job.deadline <= 1800
        assert f"serviceAccount:{job.oidc}" in ask.policy(service.short)[0].members
    bodies = [(one["httpTarget"]["uri"], one["httpTarget"]["body"]) for one in ask.get(asking.JOBS)["jobs"]]
    assert len(set(bodies)) == len(bodies)


def test_our_jobs_are_as_declared(ask: asking.Asker) -> None:
    """Every schedule of every function.yaml is a job with its cron, time zone, deadline, body and two retries.

    Not so of a function whose name one of the first generation still has: it cannot be deployed.
    """
    jobs = ask.jobs()
    raw = {one["name"].rsplit("/", 1)[-1]: one for one in ask.get(asking.JOBS)["jobs"]}
    deployed = {name: one for name, one in catalogue.functions().items() if name.replace("_", "-") not in GEN1}
    assert set(catalogue.functions()) - set(deployed) == {"live_freshness_monitor"}
    schedules = [(name, one) for name, facts in deployed.items() for one in facts.schedules]
    assert schedules
    for name, declared in schedules:
        job = jobs[declared.name]
        assert (job.schedule, job.time_zone, job.deadline) == (declared.cron, declared.time_zone, declared.deadline)
        assert (job.retries, job.oidc) == (2, "pressbox-scheduler@nba-props-platform.iam.gserviceaccount.com")
        assert job.uri == job.audience == ask.services()[name.replace("_", "-")].uri
        assert json.loads(base64.b64decode(raw[declared.name]["httpTarget"]["body"])) == dict(declared.body)


@pytest.mark.parametrize("number", [0, 1, 30])
def test_the_number_of_jobs_does_not_depend_on_ours(number: int) -> None:
    """With none of our functions, or with a hundred schedules, the platform has 110 jobs, and all of ours."""
    facts = deployment.Function(
        summary="One.",
        account="one@example.com",
        schedules=tuple(deployment.Schedule(f"one-{each}", "0 6 * * *", "UTC") for each in range(3)),
    )
    world = platform_demo.build({f"one_{each}": _renamed(facts, each) for each in range(number)})
    names = {job.name for job in world.jobs}
    assert len(world.jobs) == len(names) == 110
    assert sum(name.startswith("one-") for name in names) == 3 * number
    assert sum(job.trouble is not None for job in world.jobs) == 7


def _renamed(facts: deployment.Function, number: int) -> deployment.Function:
    schedules = tuple(dataclasses.replace(one, name=f"{one.name}-of-{number}") for one in facts.schedules)
    return dataclasses.replace(facts, schedules=schedules)


def test_a_service_that_becomes_ours_loses_the_pipelines_jobs() -> None:
    """When live_export is a function here, its service is called by our schedules only."""
    facts = deployment.Function(
        summary="One.",
        account="a@example.com",
        schedules=(deployment.Schedule("live-export-ours", "0 6 * * *", "UTC"),),
    )
    world = platform_demo.build({"live_export": facts})
    assert [job.name for job in world.jobs if job.service == "live-export"] == ["live-export-ours"]
    assert [one.account for one in world.services if one.name == "live-export"] == ["a@example.com"]


def test_every_job_is_freshly_attempted_at_any_instant() -> None:
    """Whenever one looks, also when clocks change, the last attempt is past, and the next run after it is due soon."""
    world = platform_demo.build()
    for hours in range(0, 24 * 40, 7):
        now = datetime.datetime(2026, 2, 20, 0, 3, tzinfo=datetime.UTC) + datetime.timedelta(hours=hours)
        for job in world.jobs:
            said = resources.job(scheduler.resource(job, now))
            assert said.last_attempt
            assert said.next_run
            assert now - datetime.timedelta(days=7, hours=2) < said.last_attempt < now
            assert said.last_attempt < said.next_run
            assert said.next_run > now - datetime.timedelta(minutes=5, seconds=60)


def test_the_platform_is_the_same_each_time(ask: asking.Asker) -> None:
    """For a fixed instant the answers are the same, byte by byte."""
    paths = (asking.JOBS, asking.FUNCTIONS, asking.SERVICES)
    first = [ask.session.get(ask.url + path, timeout=10).content for path in paths]
    assert first == [ask.session.get(ask.url + path, timeout=10).content for path in paths]
    assert platform_demo.build() == platform_demo.build()
    assert platform_demo.records() == platform_demo.records()


def test_17_services_are_pushed_to(ask: asking.Asker) -> None:
    """Each has one push subscription, and grants the invoker's role to the very account that pushes."""
    services = ask.services()
    targets = {one.service for one in platform_demo.SUBSCRIPTIONS}
    assert len(targets) == len(platform_demo.SUBSCRIPTIONS) == 17
    for one in platform_demo.SUBSCRIPTIONS:
        assert one.audience == services[one.service].uri
        assert one.endpoint.startswith(f"{one.audience}/")
        (binding,) = ask.policy(one.service)
        assert binding.role == "roles/run.invoker"
        assert f"serviceAccount:{one.account}" in binding.members


@pytest.fixture
def address() -> Iterator[str]:
    """Serve an empty Pub/Sub stand-in."""
    running = pubsub_server.serve()
    yield running.address
    running.close()


def test_the_subscriptions_are_made_by_the_official_clients(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Afterwards Pub/Sub lists the 17, each with its topic, endpoint, account and audience."""
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", address)
    publisher, subscriber = pubsub_v1.PublisherClient(), pubsub_v1.SubscriberClient()
    try:
        platform_demo.make_subscriptions(publisher, subscriber, platform.PROJECT)
        found = list(subscriber.list_subscriptions(request={"project": asking.PROJECT}))
    finally:
        subscriber.close()
        publisher.stop()
        publisher.transport.close()
    seen = {
        (one.name, one.topic, one.push_config.push_endpoint, one.push_config.oidc_token.service_account_email)
        for one in found
    }
    assert len(found) == 17
    assert seen == {
        (
            f"{asking.PROJECT}/subscriptions/{one.name}",
            f"{asking.PROJECT}/topics/{one.topic}",
            one.endpoint,
            one.account,
        )
        for one in platform_demo.SUBSCRIPTIONS
    }
    assert {one.push_config.oidc_token.audience for one in found} == {
        one.audience for one in platform_demo.SUBSCRIPTIONS
    }
