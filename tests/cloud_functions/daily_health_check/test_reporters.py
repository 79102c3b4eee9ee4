"""Each reporter speaks after each tick, and what it says can be believed, or its finding says why not."""

import dataclasses
import datetime
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies

from cloud_functions.daily_health_check.judges import reporters
from shared import deployment, errors, history
from shared.report import Finding
from shared.statuses import Status
from tests.browser import newsroom

NOW = datetime.datetime(2026, 2, 12, 14, 0, tzinfo=datetime.UTC)
TICK = datetime.datetime(2026, 2, 12, 13, 0, tzinfo=datetime.UTC)
GRACE = datetime.timedelta(minutes=45)
MINUTE, DAY = datetime.timedelta(minutes=1), datetime.timedelta(days=1)
DAILY = deployment.Schedule("grade-daily", "0 8 * * *", "America/New_York")
"""Due at 13:00 UTC in winter: 45 minutes of grace before 14:00 are over at 13:45."""


def ran(at: datetime.datetime, function: str = "grader", **changes: Any) -> history.Run:
    """Return a run that began at an instant; it passed, unless told otherwise."""
    return newsroom.run(function, started_at=at, run_id=f"{at:%Y%m%dT%H%M%S}", **changes)


def function(*schedules: deployment.Schedule) -> deployment.Function:
    """Return the deploy facts of a function with these schedules."""
    return deployment.Function("Grades.", "grader@demo.iam.gserviceaccount.com", schedules=schedules)


def judged(*runs: history.Run, schedule: deployment.Schedule = DAILY, **given: Any) -> list[Finding]:
    """Return the findings on the reporter `grader` with one schedule, given the ledger's runs."""
    told: dict[str, Any] = {"runs": runs, "now": NOW, "grace": GRACE, "region": "us-west2", "own": "health"}
    heard = reporters.Heard(**(told | {"updated": {}} | given))
    return list(reporters.findings({"grader": function(schedule)}, heard))


def one(*runs: history.Run, **given: Any) -> Finding:
    """Return the only finding."""
    (found,) = judged(*runs, **given)
    return found


@pytest.mark.parametrize("after", [-2, 0, 44, 59])
def test_reporter_that_spoke_after_its_tick_is_heard(after: int) -> None:
    """From two minutes before the tick on, since clocks differ; the last report counts, in whatever order they come."""
    found = one(ran(TICK - 7 * DAY, status=Status.FAIL), ran(TICK + after * MINUTE), ran(TICK - DAY))

    assert (found.subject, found.kind, found.status, found.reason) == (
        "grader/grade-daily", "reporter", Status.PASS, "heard",
    )  # fmt: skip
    assert found.fix is None


def test_a_reporter_that_tells_of_failures_is_heard() -> None:
    """What it found is its own finding; here it counts that it spoke."""
    found = one(ran(TICK, status=Status.FAIL, counts={"fail": 3, "pass": 1}))

    assert (found.status, found.reason) == (Status.PASS, "heard")
    assert found.message == "reported at 2026-02-12T13:00:00.000Z: fail"


@pytest.mark.parametrize(("minutes", "reason"), [(44, "heard"), (45, "silent"), (46, "silent")])
def test_silence_begins_when_the_grace_ends(minutes: int, reason: str) -> None:
    """With yesterday's report only, or one from before the tick: within the grace all is well, and then it is not."""
    for last in (ran(TICK - DAY), ran(TICK - 3 * MINUTE)):
        assert one(last, now=TICK + minutes * MINUTE).reason == reason


def test_silence_tells_how_much_and_what_to_do() -> None:
    """It names age, ticks and the commands, the job's name quoted for a shell."""
    found = one(ran(TICK - 3 * DAY), schedule=dataclasses.replace(DAILY, name="grade daily"))

    assert (found.status, found.reason, found.severity) == (Status.FAIL, "silent", "critical")
    assert (found.observed, found.expected, found.unit) == (3, 0, "ticks")
    assert found.message == "the last report is 73.0 h old; 3 tick(s) of '0 8 * * *' went by without one"
    assert found.evidence == {"last_run": "20260209T130000", "cron": "0 8 * * * America/New_York"}
    assert "gcloud scheduler jobs run 'grade daily' --location=us-west2" in str(found.fix)


@pytest.mark.parametrize(("hours", "missed"), [(1, 1), (2, 2), (24, 24), (2000, 1000)])
def test_every_tick_that_went_by_is_counted(hours: int, missed: int) -> None:
    """Up to a thousand: more would say nothing more."""
    hourly = dataclasses.replace(DAILY, cron="0 * * * *")
    assert one(ran(TICK - hours * 60 * MINUTE), schedule=hourly).observed == missed


def test_a_reporter_that_never_spoke_fails() -> None:
    """It tells when the last report was due, whoever else spoke; nothing was observed."""
    found = one(ran(TICK, "health"))

    assert (found.status, found.reason, found.observed) == (Status.FAIL, "never_reported", None)
    assert "2026-02-12T13:00:00.000Z" in found.message
    assert str(found.fix).startswith("gcloud scheduler jobs describe grade-daily --location=us-west2")


@pytest.mark.parametrize(
    ("changed", "status", "reason"),
    [
        (TICK + MINUTE, Status.SKIP, "not_due"),
        (TICK, Status.FAIL, "never_reported"),
        (TICK - DAY, Status.FAIL, "never_reported"),
    ],
)
def test_a_job_that_was_changed_after_its_tick_is_not_due(
    changed: datetime.datetime, status: Status, reason: str
) -> None:
    """Ticks before the change were not its own; one after it is, and another job's change excuses nothing."""
    found = one(updated={"grade-daily": changed})

    assert (found.status, found.reason) == (status, reason)
    assert one(updated={"grade-weekly": changed}).reason == "never_reported"


def test_who_asks_first_need_not_have_spoken_before() -> None:
    """The health check's own first run is not in the ledger yet; its later silence is found like any other."""
    first = one(own="grader")

    assert (first.status, first.reason) == (Status.SKIP, "first_run")
    assert one(ran(TICK - DAY), own="grader").reason == "silent"


@pytest.mark.parametrize(
    ("body", "asked", "heard"),
    [
        ({"suite": "pre_game"}, {"suite": "pre_game", "day": None, "only": []}, True),
        ({"suite": "pre_game"}, {"suite": "grading", "day": None, "only": []}, False),
        ({"suite": "pre_game"}, {}, False),
        ({"suite": "pre_game"}, {"suite": "pre_game", "only": ["features.*"]}, False),
        ({}, {"only": ["jobs"]}, False),
        ({}, {"only": [], "dry_run": False}, True),
        ({"only": ["jobs"]}, {"only": ["jobs"]}, True),
        ({"only": ["jobs"]}, {"only": []}, False),
    ],
)
def test_only_a_run_that_did_all_of_it_counts(body: dict[str, Any], asked: dict[str, Any], *, heard: bool) -> None:
    """Another body's run says nothing of this one's schedule, nor does one that was narrowed."""
    found = one(ran(TICK, request=asked), schedule=dataclasses.replace(DAILY, body=body))

    assert (found.status is Status.PASS) is heard
    assert reporters.covers(asked, body) is heard


def test_two_schedules_of_one_function_are_told_apart() -> None:
    """Each by its own body."""
    facts = function(*(deployment.Schedule(name, "0 8 * * *", "UTC", {"suite": name}) for name in ("a", "b")))
    heard = reporters.Heard([ran(TICK, request={"suite": "b"})], NOW, GRACE, "us-west2", "health", {})

    assert [(x.subject, x.reason) for x in reporters.findings({"grader": facts}, heard)] == [
        ("grader/a", "never_reported"), ("grader/b", "heard"),
    ]  # fmt: skip


@pytest.mark.parametrize(("minutes", "skewed"), [(2, False), (3, True), (600, True)])
def test_a_run_of_the_future_is_not_heard(minutes: int, *, skewed: bool) -> None:
    """It is told as a clock that is wrong, and beyond that nobody spoke."""
    found = {x.subject: x for x in judged(ran(NOW + minutes * MINUTE), ran(TICK - DAY))}

    assert found["grader/grade-daily"].reason == ("silent" if skewed else "heard")
    clock = found.get("grader/clock")
    assert (clock and (clock.status, clock.reason, clock.observed, clock.unit)) == (
        (Status.FAIL, "clock_skew", minutes * 60, "s") if skewed else None
    )


def test_a_run_of_the_future_is_never_the_first() -> None:
    """With nothing else there was no report."""
    assert [x.reason for x in judged(ran(NOW + DAY))] == ["never_reported", "clock_skew"]


@pytest.mark.parametrize(
    "changes",
    [
        {"complete": False},
        {"counts": {"fail": 1}},
        {"counts": {"error": 2}},
        {"error_code": "internal"},
        {"status": Status.SKIP, "counts": {"fail": 1}},
        {"status": Status.SKIP, "complete": False},
        {"status": Status.WARN, "counts": {"fail": 1}},
        {"status": Status.UNKNOWN, "counts": {"fail": 1}},
        {"status": Status.ERROR, "complete": False, "counts": {"fail": 1, "error": 1}},
    ],
)
def test_a_report_that_contradicts_itself_is_not_believed(changes: dict[str, Any]) -> None:
    """Good without having judged all, or better than its own counts: whatever else it says."""
    found = one(ran(TICK, **changes))

    assert (found.status, found.reason) == (Status.FAIL, "contradictory")
    assert "20260212T130000" in str(found.fix)


@pytest.mark.parametrize("status", [Status.PASS, Status.SKIP, Status.FAIL, Status.WARN, Status.UNKNOWN])
def test_a_report_that_agrees_with_itself_is_believed(status: Status) -> None:
    """Whatever its status is."""
    assert one(ran(TICK, status=status, counts={"pass": 4, "fail": 0, "error": 0} | {status: 1})).reason == "heard"


def test_a_run_that_could_not_do_its_work_fails() -> None:
    """It spoke, and said that it failed as a whole."""
    bad = ran(TICK, status=Status.ERROR, complete=False, error_code="access_denied", error_message="no right to x")
    found = one(bad)

    assert (found.status, found.reason) == (Status.FAIL, "run_failed")
    assert found.message.endswith("access_denied: no right to x")


@pytest.mark.parametrize(("status", "counts"), [(Status.ERROR, {"error": 2}), (Status.FAIL, {"fail": 1, "error": 2})])
def test_a_run_that_could_not_judge_all_warns(status: Status, counts: dict[str, int]) -> None:
    """It tells how many things it could not judge."""
    found = one(ran(TICK, status=status, complete=False, counts=counts))

    assert (found.status, found.reason) == (Status.WARN, "incomplete")
    assert "could not judge 2 thing(s)" in found.message


def test_without_the_ledger_no_schedule_is_judged() -> None:
    """Each is an error of its own, and none of them silent or heard."""
    facts = {name: function(DAILY, dataclasses.replace(DAILY, name=f"{name}-b")) for name in ("b", "a")}
    heard = reporters.Heard(errors.Unavailable("slow"), NOW, GRACE, "us-west2", "a", {})

    assert [(x.subject, x.status, x.reason, x.observed) for x in reporters.findings(facts, heard)] == [
        (subject, Status.ERROR, "unavailable", None) for subject in ("a/grade-daily", "a/a-b", "b/grade-daily", "b/b-b")
    ]


@pytest.mark.parametrize(
    "changes", [{"cron": "0 8 * *"}, {"cron": "61 8 * * *"}, {"cron": "0 8 31 2 *"}, {"time_zone": "Mars/Phobos"}]
)
def test_a_schedule_that_is_none_is_an_error(changes: dict[str, Any]) -> None:
    """It names the declaration to mend; when it is due nobody knows."""
    found = one(ran(TICK), schedule=dataclasses.replace(DAILY, **changes))

    assert (found.status, found.reason) == (Status.ERROR, "bad_schedule")
    assert found.fix == "mend the cron of grade-daily in grader's function.yaml"


@pytest.mark.parametrize(
    ("cron", "before", "at"),
    [
        ("0 8 * * *", "2026-03-07T13:00", "2026-03-08T12:00"),
        ("0 8 * * *", "2026-10-31T12:00", "2026-11-01T13:00"),
        ("30 2 * * *", "2026-03-07T07:30", "2026-03-08T07:00"),
        ("30 1 * * *", "2026-10-31T05:30", "2026-11-01T05:30"),
    ],
)
def test_a_tick_moves_with_the_clock(cron: str, before: str, at: str) -> None:
    """Where clocks are put forward or back, the grace is that of the tick that there is: at its end silence begins."""
    tick, last = (datetime.datetime.fromisoformat(f"{text}:00+00:00") for text in (at, before))
    schedule = dataclasses.replace(DAILY, cron=cron)

    assert one(ran(last), schedule=schedule, now=tick + GRACE - MINUTE).reason == "heard"
    late = one(ran(last), schedule=schedule, now=tick + GRACE + MINUTE)
    assert (late.reason, late.observed) == ("silent", 1)
    assert one(ran(tick), schedule=schedule, now=tick + GRACE + MINUTE).reason == "heard"


INSTANTS = strategies.integers(0, 525_600).map(lambda minutes: NOW + minutes * MINUTE)
CRONS = strategies.sampled_from(
    ["0 8 * * *", "*/15 * * * *", "30 1 * * *", "0 2,8,14,20 * * *", "0 5 * * 1", "0 0 1 * *"]
)


@hypothesis.settings(deadline=None, max_examples=60)
@hypothesis.given(
    now=INSTANTS, cron=CRONS, ages=strategies.lists(strategies.integers(0, 50_000), min_size=2, max_size=5)
)
def test_more_runs_never_make_a_reporter_silent(now: datetime.datetime, cron: str, ages: list[int]) -> None:
    """Whoever is heard by some reports is heard by more; and by the latest alone as by all of them."""
    runs = [ran(now - age * MINUTE) for age in ages]
    schedule = dataclasses.replace(DAILY, cron=cron)
    fewer, more = (one(*those, now=now, schedule=schedule) for those in (runs[1:], runs))

    assert (fewer.reason, more.reason) in (("heard", "heard"), ("silent", "heard"), ("silent", "silent"))
    assert more == one(max(runs, key=lambda run: run.started_at), now=now, schedule=schedule)


@hypothesis.settings(deadline=None, max_examples=60)
@hypothesis.given(
    now=INSTANTS,
    cron=CRONS,
    changed=strategies.lists(INSTANTS, max_size=1),
    own=strategies.sampled_from(["grader", "x"]),
)
def test_who_never_spoke_never_passes(now: datetime.datetime, cron: str, changed: Any, own: str) -> None:
    """Whenever it is asked: no report is no good report."""
    updated = dict(zip(["grade-daily"], changed, strict=False))
    found = one(now=now, schedule=dataclasses.replace(DAILY, cron=cron), own=own, updated=updated)

    assert found.status in (Status.FAIL, Status.SKIP)
