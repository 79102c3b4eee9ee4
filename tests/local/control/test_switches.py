"""The switches of `POST /_world`: what each changes, that it changes nothing else, and that all can be taken back."""

import datetime
import json
import pathlib
import re
from typing import Any

import pytest

from cloud_functions.daily_health_check import snapshots
from local.control import switches
from local.world import platform_demo
from tests.local.control import asking

JOB = "same-day-predictions"
SERVICE = "prediction-worker"


def _changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def test_a_pinned_service_serves_an_older_revision(ask: asking.Asker) -> None:
    """All requests go to a revision by name, and it is not the newest; the function's newest is not it either."""
    before = ask.services()
    ask.throw(pinned=["validation-runner"])
    after = ask.services()
    assert _changed(before, after) == {"validation-runner"}
    (share,) = after["validation-runner"].traffic
    assert (share.percent, share.latest) == (100, False)
    assert share.revision != after["validation-runner"].ready_revision == ask.functions()["validation_runner"].revision


def test_a_drifted_service_serves_another_build_than_recorded(ask: asking.Asker) -> None:
    """Image, build and revision differ from the record, while its latest revision gets all requests."""
    before = ask.services()
    ask.throw(drift=[SERVICE])
    after = ask.services()
    assert _changed(before, after) == {SERVICE}
    record, service = json.loads(platform_demo.records()[SERVICE]), after[SERVICE]
    assert service.traffic == (snapshots.Share(str(service.ready_revision), 100, latest=True),)
    assert service.ready_revision != record["revision"]
    assert service.image != record["image"]
    assert service.environment["BUILD_COMMIT"] != record["build"]


def test_a_service_without_invokers_has_no_bindings(ask: asking.Asker) -> None:
    """Its policy is there, and empty."""
    assert ask.policy(SERVICE)
    ask.throw(no_invoker=[SERVICE])
    assert ask.policy(SERVICE) == ()
    assert ask.policy("prediction-coordinator")


def test_a_service_that_is_gone_is_not_listed(ask: asking.Asker) -> None:
    """Nor is the function over it, while the job that calls it stays."""
    services, functions = ask.services(), ask.functions()
    ask.throw(gone_services=["transition-monitor"])
    assert _changed(services, ask.services()) == {"transition-monitor"}
    assert _changed(functions, ask.functions()) == {"transition-monitor"}
    assert "firestore-state-cleanup" in ask.jobs()
    assert ask.refused(f"{asking.SERVICES}/transition-monitor:getIamPolicy")[0] == 404
    assert ask.lines("transition-monitor") == []


@pytest.mark.parametrize(("switch", "state"), [("paused", "PAUSED"), ("disabled", "DISABLED")])
def test_a_job_that_does_not_run_says_so(ask: asking.Asker, switch: str, state: str) -> None:
    """Its state is another, and nothing else."""
    before = ask.jobs()
    ask.throw(**{switch: [JOB]})
    after = ask.jobs()
    assert _changed(before, after) == {JOB}
    assert (before[JOB].state, after[JOB].state) == ("ENABLED", state)


def test_a_job_that_never_ran_has_neither_attempt_nor_status(ask: asking.Asker) -> None:
    """Also one that used to fail, whose failures are gone from the log."""
    ask.throw(never_ran=[JOB, "self-heal-predictions"])
    for name in (JOB, "self-heal-predictions"):
        assert (ask.job(name).last_attempt, ask.job(name).code) == (None, None)
        assert ask.job(name).next_run is not None
    assert not [one for one in ask.attempts() if one.job.endswith("/self-heal-predictions")]


def test_a_stale_job_ran_weeks_ago(ask: asking.Asker) -> None:
    """At a tick of its schedule; its next run is due as if nothing had happened."""
    before = ask.job(JOB)
    ask.throw(stale=[JOB])
    after = ask.job(JOB)
    assert before.last_attempt is not None
    assert after.last_attempt == before.last_attempt - datetime.timedelta(days=21)
    assert (after.next_run, after.state) == (before.next_run, "ENABLED")


def test_a_skewed_job_ran_in_the_future(ask: asking.Asker) -> None:
    """Two hours from now."""
    ask.throw(skewed=[JOB])
    assert ask.job(JOB).last_attempt == asking.NOW + datetime.timedelta(hours=2)


def test_a_deleted_job_is_not_there(ask: asking.Asker) -> None:
    """Neither in the list nor by its name, and its failures cannot be told any more."""
    before = ask.jobs()
    ask.throw(deleted_jobs=[JOB, "same-day-phase3"])
    assert _changed(before, ask.jobs()) == {JOB, "same-day-phase3"}
    assert ask.refused(f"{asking.JOBS}/{JOB}")[0] == 404
    assert len({one.job for one in ask.attempts()}) == 6


def test_a_broken_job_fails_with_its_code(ask: asking.Asker) -> None:
    """In its status as in the log, with the name and the HTTP status that belong to the code."""
    before = ask.jobs()
    ask.throw(broken={JOB: 7})
    after = ask.jobs()
    assert _changed(before, after) == {JOB}
    assert (before[JOB].code, after[JOB].code) == (0, 7)
    (seen,) = [one for one in ask.attempts() if one.job.endswith(f"/{JOB}")]
    assert (seen.status, seen.http) == ("PERMISSION_DENIED", 403)


def test_all_seven_can_be_healed(ask: asking.Asker) -> None:
    """Then no job fails and every service is ready; what caused the failures is put right, not hidden."""
    failing = [name for name, job in ask.jobs().items() if job.code]
    ask.throw(healed=failing)
    jobs = ask.jobs()
    assert len(failing) == 7
    assert not [name for name, job in jobs.items() if job.code]
    assert ask.attempts() == []
    assert {one.state for one in ask.services().values()} == {"CONDITION_SUCCEEDED"}
    assert jobs["self-heal-predictions"].deadline == ask.services()["self-heal-predictions"].timeout
    assert str(jobs["same-day-predictions-tomorrow"].uri).endswith("/start")
    monitor = ask.functions()["live-freshness-monitor"]
    assert (monitor.environment, monitor.uri) == ("GEN_2", jobs["live-freshness-monitor"].audience)
    assert [name for name, one in ask.functions().items() if one.environment == "GEN_1"] == ["news-fetcher"]


def test_a_duplicate_calls_the_same_target(ask: asking.Asker) -> None:
    """There is one more job, with the same address and body, in another time zone."""
    before = ask.jobs()
    ask.throw(duplicate_targets=[JOB])
    after = ask.jobs()
    (name,) = _changed(before, after)
    assert after[name].uri == after[JOB].uri
    assert after[name].time_zone != after[JOB].time_zone
    bodies = [ask.get(f"{asking.JOBS}/{one}")["httpTarget"]["body"] for one in (name, JOB)]
    assert bodies[0] == bodies[1]


def test_switches_add_up_and_are_taken_back(ask: asking.Asker) -> None:
    """Objects are merged key by key, lists are replaced, null takes one back, DELETE takes all back."""
    before = ask.jobs()
    ask.throw(broken={JOB: 7}, paused=[JOB])
    ask.throw(broken={"overnight-phase3": 13}, paused=["overnight-phase4"])
    assert ask.get("/_world") == {"broken": {JOB: 7, "overnight-phase3": 13}, "paused": ["overnight-phase4"]}
    ask.throw(broken={JOB: None}, paused=None)
    assert ask.get("/_world") == {"broken": {"overnight-phase3": 13}}
    assert _changed(before, ask.jobs()) == {"overnight-phase3"}
    ask.session.delete(f"{ask.url}/_world", timeout=10)
    assert ask.get("/_world") == {}
    assert ask.jobs() == before


@pytest.mark.parametrize(
    ("thrown", "named"),
    [
        ({"no_such_switch": ["a"]}, "no_such_switch"),
        ({"paused": "same-day-phase3"}, "paused"),
        ({"paused": [3]}, "paused"),
        ({"extra_jobs": -1}, "extra_jobs"),
        ({"extra_jobs": True}, "extra_jobs"),
        ({"broken": {JOB: "7"}}, "broken"),
        ({"broken": {JOB: 99}}, "99"),
        ({"broken": {"no-such-job": 7}}, "no-such-job"),
        ({"paused": [JOB, "no-such-job"]}, "no-such-job"),
        ({"duplicate_targets": ["no-such-job"]}, "no-such-job"),
        ({"deleted_jobs": ["no-such-job"]}, "no-such-job"),
        ({"healed": [JOB]}, JOB),
        ({"ran": {JOB: "today"}}, "today"),
        ({"pinned": ["no-such-service"]}, "no-such-service"),
        ({"gone_services": ["no-such-service"]}, "no-such-service"),
        ({"backlog": {"no-such-subscription": 3}}, "no-such-subscription"),
        ({"garbage": {"bigquery": "html"}}, "bigquery"),
        ({"garbage": {"run": "xml"}}, "xml"),
    ],
)
def test_a_wrong_switch_is_refused_and_changes_nothing(ask: asking.Asker, thrown: dict[str, Any], named: str) -> None:
    """The mistake is named; the switches that came with it are not thrown either."""
    ask.throw(stale=[JOB])
    code, status, message = ask.refused("/_world", method="POST", json={"disabled": [JOB]} | thrown)
    assert (code, status) == (400, "INVALID_ARGUMENT")
    assert named in message
    assert ask.get("/_world") == {"stale": [JOB]}
    assert ask.job(JOB).state == "ENABLED"


@pytest.mark.parametrize("path", [asking.JOBS, asking.FUNCTIONS, asking.SERVICES])
def test_pages_may_be_shorter_than_asked_for(ask: asking.Asker, path: str) -> None:
    """As the services may do, whatever size is asked for; the pages together are the whole list."""
    name = path.rsplit("/", 1)[-1]
    whole = ask.get(path, pageSize="500")[name]
    ask.throw(page=7)
    found: list[Any] = []
    token = ""
    while token is not None:
        told = ask.get(path, pageSize="500", pageToken=token)
        assert len(told[name]) <= 7
        found += told[name]
        token = told.get("nextPageToken")

    assert [one["name"] for one in found] == [one["name"] for one in whole]


def test_every_switch_of_the_table_is_thrown_in_some_test() -> None:
    """By name, in a test of this folder."""
    texts = "".join(path.read_text("utf-8") for path in pathlib.Path(__file__).parent.glob("test_*.py"))
    thrown = set(re.findall(r"\bthrow\((\w+)=", texts))
    # These two share a test, by parameter.
    assert set(switches.TABLE) - thrown - {"paused", "disabled"} == set()
