"""What the suites last said of the pipeline is told again with its cause, and what they did not say is not known."""

import datetime
from typing import Any

import pytest

from cloud_functions.daily_health_check import declaration
from cloud_functions.daily_health_check.judges import pipeline
from shared import deployment, errors, gamedays, history
from shared.report import Finding
from shared.statuses import Status
from tests.browser import newsroom

NOW = datetime.datetime(2026, 2, 12, 20, 0, tzinfo=datetime.UTC)
TODAY = datetime.date(2026, 2, 12)
DAY, HOUR = datetime.timedelta(days=1), datetime.timedelta(hours=1)
GRACE = datetime.timedelta(minutes=45)
GAME_DAY = gamedays.GameDay("America/New_York", 4)
"""Game day 12 February begins at 09:00 UTC."""
DECLARED = declaration.Told("pre_game", ("features.*", "signal.pre_game"))
SCHEDULE = deployment.Schedule("validation-pre-game", "0 13,18 * * *", "America/New_York", {"suite": "pre_game"})
"""Due at 18:00 and 23:00 UTC."""


def ran(at: datetime.datetime = NOW - HOUR, suite: str = "pre_game", **changes: Any) -> history.Run:
    """Return a run of a suite, of the whole suite and for the game day of 12 February unless told otherwise."""
    more: dict[str, Any] = {"day": TODAY, "request": {"suite": suite, "only": []}} | changes
    return newsroom.run("validation_runner", suite, started_at=at, run_id=f"{at:%d%H%M}-{suite}", **more)


def said(run: history.Run, check: str, status: Status = Status.PASS, **changes: Any) -> history.Said:
    """Return what a run said of one of its checks."""
    return newsroom.said(run, f"{run.scope}.{check}", status, **changes)


def every(run: history.Run, status: Status = Status.PASS) -> tuple[history.Said, ...]:
    """Return what a run said of the checks that are declared."""
    return said(run, "features.ready", status), said(run, "signal.pre_game", status)


def judged(
    runs: Any, told: Any, *, schedules: tuple[deployment.Schedule, ...] = (SCHEDULE,), **given: Any
) -> list[Finding]:
    """Return the findings on the declared checks, given the ledger's runs and what they said."""
    facts = deployment.Function("Checks.", "runner@demo.iam.gserviceaccount.com", schedules=schedules)
    asked: dict[str, Any] = {"day": TODAY, "now": NOW, "grace": GRACE, "game_day": GAME_DAY} | given
    return list(pipeline.findings([DECLARED], pipeline.Told(runs, told, **asked), {"validation_runner": facts}))


def brief(found: list[Finding]) -> list[tuple[str, Status, str]]:
    """Return subject, status and reason of each finding."""
    return [(x.subject, x.status, x.reason) for x in found]


@pytest.mark.parametrize("status", list(Status))
def test_an_answer_is_told_again_as_it_was_given(status: Status) -> None:
    """Status, reason, numbers, words and fix are the suite's own; the evidence says which run said so, and when."""
    run = ran()
    own: dict[str, Any] = {"observed_text": "87.4", "expected_text": ">= 90", "unit": "percent"}
    own |= {"reason": "below_warn", "message": "87.4 % are ready", "fix": "run phase 4", "severity": "warning"}
    found = judged([run], (said(run, "features.ready", status, **own), said(run, "signal.pre_game")))[0]

    assert (found.subject, found.kind, found.status) == ("pre_game.features.ready", "pipeline", status)
    assert (found.reason, found.message, found.fix, found.severity) == (
        "below_warn", "87.4 % are ready", "run phase 4", "warning",
    )  # fmt: skip
    assert (found.observed, found.expected, found.unit) == ("87.4", ">= 90", "percent")
    assert found.evidence == {"run": run.run_id, "at": "2026-02-12T19:00:00.000Z"}


@pytest.mark.parametrize("status", list(Status))
def test_what_is_not_good_names_the_original_finding(status: Status) -> None:
    """So that nobody is told twice of one cause."""
    run = ran()
    found = judged([run], every(run, status))

    good = status in (Status.PASS, Status.SKIP)
    assert [x.caused_by for x in found] == [
        None if good else f"percent:pre_game.{check}" for check in ("features.ready", "signal.pre_game")
    ]


def test_a_severity_that_nobody_knows_is_critical() -> None:
    """An older ledger may hold any text."""
    run = ran()
    found = judged([run], (said(run, "features.ready", severity="bad"), said(run, "signal.pre_game", severity="info")))

    assert [x.severity for x in found] == ["critical", "info"]


def test_groups_are_told_each() -> None:
    """A pattern fits the check whatever its group, and a check that was not asked for is not told."""
    run = ran()
    found = judged(
        [run],
        (
            said(run, "features.parity[cat_v9]", Status.FAIL),
            said(run, "features.parity[x.y]"),
            said(run, "signal.pre_game[a]"),
            said(run, "signal.pre_game_2"),
            said(run, "roster.ready"),
        ),
    )

    assert [(x.subject, x.status) for x in found] == [
        ("pre_game.features.parity[cat_v9]", Status.FAIL),
        ("pre_game.features.parity[x.y]", Status.PASS),
        ("pre_game.signal.pre_game[a]", Status.PASS),
    ]


@pytest.mark.parametrize("suffix", ["", "[cat_v9]"])
@pytest.mark.parametrize(
    ("suite", "check", "wanted"),
    [
        ("pre_game", "features.x", True),
        ("pre_game", "roster.x", False),
        ("grading", "features.x", False),
        ("pre_game", "signal.pre_game", True),
    ],
)
def test_a_pattern_means_a_check_of_its_suite(suite: str, check: str, suffix: str, *, wanted: bool) -> None:
    """The suite is compared whole, the check by the pattern."""
    assert DECLARED.wants(f"{suite}.{check}{suffix}") is wanted


def test_the_latest_whole_run_of_the_day_counts() -> None:
    """A later one of some checks only, of another day, of another suite or of another function does not."""
    early, last = ran(NOW - 3 * HOUR), ran(NOW - 2 * HOUR)
    others = (
        ran(NOW - HOUR / 2, request={"suite": "pre_game", "only": ["features.*"]}),
        ran(NOW - HOUR / 3, day=TODAY - DAY),
        ran(NOW - HOUR / 4, suite="grading"),
        newsroom.run("grader", "pre_game", started_at=NOW - HOUR / 5, day=TODAY),
    )
    told = (*every(last, Status.WARN), *(one for run in (early, *others) for one in every(run, Status.FAIL)))

    assert {x.status for x in judged([early, *others, last], told)} == {Status.WARN}
    assert pipeline.wanted([*others, last, early], [DECLARED], TODAY) == (last,)


def test_each_suite_is_told_by_its_own_run() -> None:
    """One run for each declared suite."""
    runs = [ran(), ran(suite="grading"), ran(suite="models")]
    declared = [DECLARED, declaration.Told("grading", ("*",))]

    assert {run.scope for run in pipeline.wanted(runs, declared, TODAY)} == {"pre_game", "grading"}


def test_a_pattern_without_a_check_is_an_error() -> None:
    """A check that the suite lost is not well; the other is told all the same."""
    run = ran()
    found = judged([run], (said(run, "signal.pre_game"), said(run, "features_2.ready")))

    assert brief(found) == [
        ("pre_game.signal.pre_game", Status.PASS, "ok"),
        ("pre_game.features.*", Status.ERROR, "no_such_check"),
    ]
    assert "'features.*' matches no check in the last report of pre_game for 2026-02-12" in found[1].message
    assert "health.yaml" in str(found[1].fix)


@pytest.mark.parametrize("source", ["runs", "said"])
@pytest.mark.parametrize(
    ("error", "reason"), [(errors.AccessDenied("no"), "access_denied"), (errors.Unavailable("slow"), "unavailable")]
)
def test_without_the_ledger_the_suite_is_an_error(source: str, error: errors.CloudError, reason: str) -> None:
    """Whichever of its two tables cannot be read; what the other says is not told as if it were all."""
    run = ran()
    found = judged(error if source == "runs" else [run], error if source == "said" else every(run))

    assert brief(found) == [("pre_game", Status.ERROR, reason)]
    assert found[0].observed is None


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        ("2026-02-12T09:00", "not_due"),
        ("2026-02-12T18:44", "not_due"),
        ("2026-02-12T18:45", "not_reported"),
        ("2026-02-13T05:00", "not_reported"),
    ],
)
def test_before_its_first_tick_of_the_day_a_suite_is_not_due(now: str, reason: str) -> None:
    """After that and its grace, what it would have said is not known, and no other day's answer stands in for it."""
    instant = datetime.datetime.fromisoformat(f"{now}:00+00:00")
    yesterdays = ran(NOW - DAY, day=TODAY - DAY)
    found = judged([yesterdays], every(yesterdays), now=instant)

    status = Status.SKIP if reason == "not_due" else Status.UNKNOWN
    assert brief(found) == [("pre_game", status, reason)]


def test_an_unreported_suite_says_what_to_do_and_what_caused_it() -> None:
    """Its checks are named, and the reporter that kept silent is the cause."""
    (found,) = judged([], ())

    assert found.caused_by == "reporter:validation_runner/validation-pre-game"
    assert found.evidence == {"checks": ["features.*", "signal.pre_game"]}
    assert found.fix == 'run it: POST validation_runner {"suite": "pre_game", "day": "2026-02-12"}'


@pytest.mark.parametrize(
    ("day", "reason"), [(TODAY - 3 * DAY, "not_reported"), (TODAY, "not_reported"), (TODAY + DAY, "not_due")]
)
def test_another_day_may_be_asked_about(day: datetime.date, reason: str) -> None:
    """One that is past is overdue, one that is to come is not due."""
    assert [x.reason for x in judged([ran(day=TODAY + 9 * DAY)], (), day=day)] == [reason]


@pytest.mark.parametrize(
    "schedules",
    [
        (),
        (deployment.Schedule("other", "0 23 * * *", "UTC", {"suite": "grading"}),),
        (deployment.Schedule("broken", "at noon", "UTC", {"suite": "pre_game"}),),
    ],
)
def test_a_suite_without_a_schedule_is_not_excused(schedules: tuple[deployment.Schedule, ...]) -> None:
    """When it is due nobody knows, so that no report is an unknown at any time."""
    found = judged([], (), schedules=schedules, now=NOW - 10 * HOUR)

    assert brief(found) == [("pre_game", Status.UNKNOWN, "not_reported")]


def test_without_the_runner_among_the_functions_a_suite_is_unknown() -> None:
    """A fork may deploy without it."""
    told = pipeline.Told([], (), TODAY, NOW, GRACE, GAME_DAY)

    assert brief(list(pipeline.findings([DECLARED], told, {}))) == [("pre_game", Status.UNKNOWN, "not_reported")]


def test_a_run_that_failed_as_a_whole_hides_no_earlier_one() -> None:
    """What the suite said before it is the last that is known of its checks."""
    good = ran(NOW - 2 * HOUR)
    bad = ran(NOW - HOUR, status=Status.ERROR, complete=False, error_code="unavailable", error_message="x")

    found = judged([good, bad], every(good))

    assert {one.status for one in found} == {Status.PASS}
    assert len(found) == 2
