"""What the first answers lead to: the policies of what is called, the logs of what fails, the runs that are told."""

import datetime
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies

from cloud_functions.daily_health_check import declaration, gathered, leads, snapshots
from cloud_functions.daily_health_check.doctor import known as knowledge
from shared import errors, history
from tests.browser import newsroom
from tests.cloud_functions.daily_health_check import platforms

NOW = platforms.NOW
MINUTE, DAY = datetime.timedelta(minutes=1), datetime.timedelta(days=1)
FAILED_AT = NOW - 60 * MINUTE


def known(**given: Any) -> gathered.Gathered:
    """Return what was answered first, given lists of jobs, services and functions, and other answers as they are."""
    lists = {name: gathered.Listed(tuple(given.pop(name, ()))) for name in ("jobs", "services", "functions")}
    return gathered.Gathered(**{"subscriptions": (), "attempts": (), **lists, **given})


def called(answers: gathered.Gathered) -> list[str]:
    """Return the short names of the services whose policies are to be read."""
    return [name.rsplit("/", 1)[-1] for name in leads.targets_of(answers, platforms.PROJECT, (platforms.REGION,))]


def looked(answers: gathered.Gathered, now: datetime.datetime = NOW) -> tuple[knowledge.Look, ...]:
    """Return where to look."""
    return leads.looks(answers, platforms.PROJECT, (platforms.REGION,), now)


def failing(name: str = "grader", at: datetime.datetime = FAILED_AT, **changes: Any) -> snapshots.Job:
    """Return a job that calls the service of its name and whose last attempt, at an instant, ended badly."""
    told: dict[str, Any] = {"uri": f"{platforms.service(name).uri}/run", "code": 13, "last_attempt": at} | changes
    return platforms.job(f"{name}-job", **told)


def attempt(job: snapshots.Job) -> snapshots.Attempt:
    """Return that the Scheduler's log tells of a failed attempt of a job."""
    return snapshots.Attempt(job.name, FAILED_AT, "INTERNAL", 500, "", job.uri)


def test_policies_are_read_for_exactly_what_is_called() -> None:
    """Of jobs and of push endpoints, each service once, and of no service that nobody calls."""
    names = ("grader", "worker", "idle")
    jobs = (platforms.job("a"), platforms.job("b"), platforms.job("c", uri=None))
    pushed = (
        platforms.subscription("a", endpoint=f"{platforms.service('worker').uri}/push"),
        platforms.subscription("b"),
        platforms.subscription("c", endpoint=None),
    )
    answers = known(jobs=jobs, services=map(platforms.service, names), subscriptions=pushed)

    full = [platforms.service(name).name for name in ("grader", "worker")]
    assert list(leads.targets_of(answers, platforms.PROJECT, (platforms.REGION,))) == full


@pytest.mark.parametrize(
    "uri",
    [
        "https://example.com/",
        "https://bigquery.googleapis.com/x",
        f"https://gone-{platforms.NUMBER}.us-west2.run.app",
        "https://us-west2-demo.cloudfunctions.net/old",
        "https://[half",
    ],
)
def test_what_is_no_service_of_ours_has_no_policy(uri: str) -> None:
    """Another's host, an API, a service that is gone, a first-generation function, an address that is none."""
    answers = known(jobs=[platforms.job(uri=uri)], services=[platforms.service()], functions=[platforms.gen1("old")])

    assert called(answers) == []


def test_a_functions_own_address_leads_to_its_service() -> None:
    """A Gen2 function is called under its service's name or its own."""
    uri = "https://us-west2-demo.cloudfunctions.net/grader"
    answers = known(
        jobs=[platforms.job(uri=uri)], services=[platforms.service()], functions=[platforms.function("grader")]
    )

    assert called(answers) == ["grader"]


def test_without_subscriptions_the_jobs_targets_are_read() -> None:
    """One source that does not answer costs only what it would have led to; without any there is nothing to read."""
    silent = errors.Unavailable("slow")

    assert called(known(jobs=[platforms.job()], services=[platforms.service()], subscriptions=silent)) == ["grader"]
    assert called(known(subscriptions=silent)) == []


def test_logs_are_read_around_the_attempt_that_failed() -> None:
    """From two minutes before it until two minutes after its deadline, as far as that is past."""
    answers = known(jobs=[failing(deadline=300.0)], services=[platforms.service()])

    assert looked(answers) == (knowledge.Look(("grader",), FAILED_AT - 2 * MINUTE, FAILED_AT + 7 * MINUTE),)
    assert looked(answers, FAILED_AT + MINUTE)[0].until == FAILED_AT + MINUTE


@pytest.mark.parametrize(
    "job",
    [
        failing(code=None),
        failing(code=0),
        failing(last_attempt=None),
        failing(at=NOW - 27 * 60 * MINUTE),
        failing(uri=None),
        failing(uri="https://example.com/"),
    ],
)
def test_nothing_else_is_looked_at(job: snapshots.Job) -> None:
    """No job that is well, was never tried, failed longer ago than a day, or calls no service of ours."""
    assert looked(known(jobs=[job], services=[platforms.service()])) == ()


def test_the_schedulers_log_may_tell_of_the_failure() -> None:
    """Where the job itself says nothing yet; also when that log could not be read, the job's own word counts."""
    job = failing(code=None)
    services = [platforms.service()]

    assert len(looked(known(jobs=[job], services=services, attempts=(attempt(job),)))) == 1
    assert looked(known(jobs=[job], services=services, attempts=(attempt(failing("other")),))) == ()
    assert len(looked(known(jobs=[failing()], services=services, attempts=errors.AccessDenied("no")))) == 1


def test_one_service_is_looked_at_once() -> None:
    """Between the first of its failures and the end of the last."""
    jobs = (failing(at=FAILED_AT - 30 * MINUTE), failing(at=FAILED_AT), failing(at=FAILED_AT - 10 * MINUTE))

    assert looked(known(jobs=jobs, services=[platforms.service()])) == (
        knowledge.Look(("grader",), FAILED_AT - 32 * MINUTE, FAILED_AT + 7 * MINUTE),
    )


AGES = strategies.lists(strategies.tuples(strategies.integers(0, 24 * 60), strategies.integers(15, 1800)), max_size=45)


@hypothesis.settings(deadline=None, max_examples=60)
@hypothesis.given(AGES)
def test_looks_are_few_and_leave_no_failure_out(failures: list[tuple[int, int]]) -> None:
    """However many services fail: at most ten looks, each service in one of them, its whole attempt inside."""
    names = [f"s{number}" for number in range(len(failures))]
    jobs = [
        failing(name, at=NOW - age * MINUTE, deadline=float(deadline))
        for name, (age, deadline) in zip(names, failures, strict=True)
    ]
    found = looked(known(jobs=jobs, services=map(platforms.service, names)))

    assert len(found) <= leads.MOST_LOOKS
    assert sorted(name for look in found for name in look.services) == sorted(names)
    for job, name in zip(jobs, names, strict=True):
        (look,) = (one for one in found if name in one.services)
        begun = job.last_attempt or NOW
        assert look.first <= begun - leads.AROUND
        assert look.until >= min(NOW, begun + datetime.timedelta(seconds=job.deadline) + leads.AROUND)
        assert look.until <= NOW


def test_ten_services_have_a_look_each() -> None:
    """Windows are joined only where there are too many, and then those that lie near each other in time."""
    jobs = [failing(f"s{number}", at=NOW - (number + 1) * 60 * MINUTE) for number in range(20)]
    services = [platforms.service(f"s{number}") for number in range(20)]

    assert [look.services for look in looked(known(jobs=jobs[:10], services=services))] == [
        (f"s{number}",) for number in reversed(range(10))
    ]
    assert [look.services for look in looked(known(jobs=jobs, services=services))] == [
        (f"s{number + 1}", f"s{number}") for number in reversed(range(0, 20, 2))
    ]


def test_runs_that_are_told_again_are_read() -> None:
    """The day's latest whole run of each declared suite and the relay's last, and no other's findings."""
    today = NOW.date()
    suite: dict[str, Any] = {"scope": "pre_game", "day": today}
    wanted = newsroom.run("validation_runner", started_at=NOW, run_id="wanted", **suite)
    relayed = newsroom.run("alert_relay", started_at=NOW, run_id="relayed")
    others = (
        newsroom.run("validation_runner", started_at=NOW - MINUTE, run_id="earlier", **suite),
        newsroom.run("validation_runner", started_at=NOW, run_id="part", request={"only": ["x"]}, **suite),
        newsroom.run("validation_runner", "grading", started_at=NOW, run_id="another", day=today),
        newsroom.run("alert_relay", started_at=NOW - DAY, run_id="before"),
        newsroom.run("bigquery_backup", started_at=NOW, run_id="backup"),
    )
    declared = [declaration.Told("pre_game", ("*",))]

    def read(runs: Any) -> tuple[history.Run, ...]:
        return leads.runs(known(runs=runs), declared, today)

    assert read((*others, wanted, relayed)) == (wanted, relayed)
    assert read((wanted,)) == (wanted,)
    assert read(()) == ()
    assert read(errors.Unavailable("slow")) == ()
