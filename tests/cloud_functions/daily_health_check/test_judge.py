"""Everything that was answered becomes findings; a source without an answer costs no other subject its own."""

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any

import pytest

from cloud_functions.daily_health_check import declaration, gathered, judge
from cloud_functions.daily_health_check import platform as asked_of
from cloud_functions.daily_health_check.judges import summary
from local.world import platform
from shared import errors
from shared.report import Finding
from shared.statuses import Status
from tests.cloud_functions.daily_health_check import answers

Findings = tuple[Finding, ...]
BySubject = Mapping[str, Findings]
LISTS = ("jobs", "functions", "services")
EACH = ("contents", "policies", "records")
SOURCES = tuple(dict.fromkeys(source for sources in asked_of.NEEDED.values() for source in sources))
FAILING = {
    "firestore-state-cleanup": "app_error",
    "live-freshness-monitor": "gen1_url",
    "nba-grading-alerts-daily": "unavailable",
    "registry-health-check": "app_error",
    "same-day-phase3": "overloaded",
    "same-day-predictions-tomorrow": "route_missing",
    "self-heal-predictions": "deadline_short",
}


@pytest.fixture(scope="module")
def before(declared: declaration.Declared, known: gathered.Gathered) -> BySubject:
    """Return the findings of each subject when every source answers."""
    return each(declared, known)


def asked(declared: declaration.Declared, *only: str, **given: Any) -> judge.Asked:
    """Return what a run is about: some subjects, on the game day of the demo's morning."""
    request = declaration.Request(only=only)
    return judge.Asked(declared, request, platform.PROJECT, given.get("day", answers.TODAY), answers.NOW)


def each(declared: declaration.Declared, known: gathered.Gathered) -> BySubject:
    """Return the findings of each subject, asked for alone."""
    return {
        subject: tuple(one for one in judge.findings(asked(declared, subject), known) if one.kind != "subject")
        for subject in declaration.SUBJECTS
    }


def without(known: gathered.Gathered, source: str, error: errors.CloudError) -> gathered.Gathered:
    """Return the answers with an error in the place of one source's."""
    instead: Any = {source: error}
    if source in LISTS:
        instead = {source: gathered.Listed(failed={platform.REGION: error})}
    elif source in EACH:
        instead = {source: dict.fromkeys(getattr(known, source), error)}
    return dataclasses.replace(known, **instead)


def garbled(known: gathered.Gathered, source: str, name: str) -> gathered.Gathered:
    """Return the answers with one resource of a list that could not be read."""
    listed = getattr(known, source)
    rest = tuple(one for one in listed.found if one.short != name)
    assert len(rest) == len(listed.found) - 1
    bad = gathered.Garbled(source.removesuffix("s"), name, "what is this?")
    instead: Any = {source: gathered.Listed(rest, (bad,))}
    return dataclasses.replace(known, **instead)


def ids(found: Findings, *statuses: Status) -> set[str]:
    """Return the ids of the findings with one of some statuses."""
    return {one.id for one in found if one.status in statuses}


def test_the_demo_is_judged_as_it_is(before: BySubject) -> None:
    """The seven jobs of the seed fail, what fails with them is told, and all else is well."""
    bad = (Status.FAIL, Status.ERROR, Status.WARN, Status.UNKNOWN)

    assert {one.subject: one.reason for one in before["jobs"] if one.status in bad} == FAILING
    assert ids(before["services"], *bad) == {
        "service:nba-grading-alerts", "function:live-freshness-monitor", "function:news-fetcher",
    }  # fmt: skip
    for subject in ("reporters", "subscriptions", "invokers", "pipeline", "spend", "alerts"):
        assert ids(before[subject], *bad) == set(), subject
        assert ids(before[subject], Status.PASS), subject
    # In the morning nothing is published yet for the day.
    assert {(one.status, one.reason) for one in before["outputs"]} == {(Status.SKIP, "not_due")}


def test_what_is_asked_together_is_what_is_asked_apart(
    declared: declaration.Declared, known: gathered.Gathered, before: BySubject
) -> None:
    """In the order of the subjects; each finding stands once."""
    found = judge.findings(asked(declared), known)
    alone = [one.id for subject in declaration.SUBJECTS for one in before[subject]]

    assert [one.id for one in found] == alone
    assert len(set(alone)) == len(alone)


@pytest.mark.parametrize("subject", declaration.SUBJECTS)
def test_a_subject_that_is_not_asked_for_is_skipped(
    declared: declaration.Declared, known: gathered.Gathered, subject: str
) -> None:
    """It is in the report, and does not count."""
    found = judge.findings(asked(declared, subject), known)
    skipped = [one.subject for one in found if (one.kind, one.reason) == ("subject", "not_asked")]

    assert skipped == [name for name in declaration.SUBJECTS if name != subject]
    assert {one.status for one in found if one.kind == "subject"} == {Status.SKIP}


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_without_an_answer_costs_no_other_subject_anything(
    declared: declaration.Declared, known: gathered.Gathered, before: BySubject, source: str
) -> None:
    """Subjects that do not need it say what they said; those that do find nothing good or bad that was not there."""
    after = each(declared, without(known, source, errors.Unavailable("slow")))

    for subject, sources in asked_of.NEEDED.items():
        if source not in sources:
            assert after[subject] == before[subject], subject
        assert ids(after[subject], Status.PASS) <= ids(before[subject], Status.PASS), subject
        assert ids(after[subject], Status.FAIL) <= ids(before[subject], Status.FAIL), subject


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("error", [errors.AccessDenied("no right to look"), errors.Garbled("no right to look")])
def test_a_source_without_an_answer_is_told(
    declared: declaration.Declared, known: gathered.Gathered, source: str, error: errors.CloudError
) -> None:
    """Whoever is judged by it has an error in the source's words, so that no report without it is complete."""
    after = each(declared, without(known, source, error))

    for subject in answers.TOLD[source]:
        assert any(one.status is Status.ERROR and "no right to look" in one.message for one in after[subject]), subject


@pytest.mark.parametrize(
    ("source", "subject"), [("contents", "outputs"), ("policies", "invokers"), ("records", "services")]
)
def test_one_part_without_an_answer_is_one_error(
    declared: declaration.Declared, known: gathered.Gathered, before: BySubject, source: str, subject: str
) -> None:
    """Of each document, policy and record apart: the others are judged as before."""
    parts: dict[str, Any] = {**getattr(known, source)}
    parts[min(parts)] = errors.Unavailable("slow")
    instead: Any = {source: parts}
    after = each(declared, dataclasses.replace(known, **instead))

    assert [one.status for one in after[subject] if one not in before[subject]] == [Status.ERROR]
    assert {name: after[name] for name in after if name != subject} == {
        name: before[name] for name in before if name != subject
    }


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("jobs", "grading-daily"),
        ("jobs", "live-freshness-monitor"),
        ("services", "alert-relay"),
        ("services", "prediction-worker"),
        ("functions", "alert_relay"),
        ("functions", "news-fetcher"),
    ],
)
def test_a_resource_that_cannot_be_read_is_one_error(
    declared: declaration.Declared, known: gathered.Gathered, before: BySubject, source: str, name: str
) -> None:
    """By its name; nothing is missing or gone because of it, and nothing is well."""
    after = each(declared, garbled(known, source, name))
    subject = "services" if source == "functions" else source

    told = [one for one in after[subject] if one.reason == "garbled"]
    assert [(one.id, one.status) for one in told] == [(f"{source.removesuffix('s')}:{name}", Status.ERROR)]
    for each_subject in declaration.SUBJECTS:
        assert ids(after[each_subject], Status.PASS) <= ids(before[each_subject], Status.PASS), each_subject
        assert ids(after[each_subject], Status.FAIL) <= ids(before[each_subject], Status.FAIL), each_subject


@pytest.mark.parametrize("source", ["jobs", "services"])
def test_a_region_without_an_answer_is_told(
    declared: declaration.Declared, known: gathered.Gathered, before: BySubject, source: str
) -> None:
    """By its name, while what the other regions told is judged as far as it can be."""
    listed = dataclasses.replace(getattr(known, source), failed={"us-east1": errors.Unavailable("slow")})
    instead: Any = {source: listed}
    after = each(declared, dataclasses.replace(known, **instead))[source]

    assert (f"{source.removesuffix('s')}:all of us-east1", Status.ERROR) in {(one.id, one.status) for one in after}
    assert ids(after, Status.FAIL) <= ids(before[source], Status.FAIL)
    assert ids(after, Status.PASS) == ids(before[source], Status.PASS)


def test_the_doctor_is_told_what_is_not_known(declared: declaration.Declared, known: gathered.Gathered) -> None:
    """A source without an answer, or with a gap, is None and never empty."""
    slow = errors.Unavailable("slow")
    whole = judge.evidence(asked(declared), known)

    assert (whole.functions, whole.services) == (known.functions.found, known.services.found)
    assert (whole.attempts, whole.lines, whole.looks) == (known.attempts, known.lines, known.looks)
    assert (whole.bodies, whole.unlisted, whole.garbled) == (known.bodies, (), ())
    assert judge.evidence(asked(declared), garbled(known, "services", "alert-relay")).services is None
    assert judge.evidence(asked(declared), garbled(known, "functions", "alert_relay")).functions is None
    assert judge.evidence(asked(declared), without(known, "attempts", slow)).attempts is None
    assert judge.evidence(asked(declared), without(known, "lines", slow)).lines is None
    assert set(judge.evidence(asked(declared), without(known, "policies", slow)).policies.values()) == {None}
    assert judge.evidence(asked(declared), without(known, "jobs", slow)).unlisted == (platform.REGION,)
    assert judge.evidence(asked(declared), garbled(known, "jobs", "grading-daily")).garbled == (
        "grading-daily: what is this?",
    )


@pytest.mark.parametrize(("day", "in_season"), [("2026-02-12", True), ("2026-07-10", False), ("2026-11-30", True)])
def test_the_season_is_the_calendars(
    declared: declaration.Declared, known: gathered.Gathered, day: str, *, in_season: bool
) -> None:
    """It is over only when the calendar says so; a day that the schedule does not cover is no off-season."""
    given = asked(declared, day=datetime.date.fromisoformat(day))

    assert judge.evidence(given, known).in_season is in_season


def test_jobs_that_must_exist_are_those_of_our_functions_and_those_declared(declared: declaration.Declared) -> None:
    """Each with what its function.yaml says of it, or what health.yaml does."""
    found = {one.name: one for one in judge.expected(declared)}
    ours = {one.name for facts in declared.functions.values() for one in facts.schedules}

    assert set(found) == ours | {one.name for one in declared.health.jobs.declared}
    grading, phase3 = found["validation-grading"], found["same-day-phase3"]
    assert (grading.cron, grading.time_zone, grading.deadline, grading.timeout) == (
        "0 9 * * *", "America/New_York", 600, 540,
    )  # fmt: skip
    assert grading.source == "cloud_functions/validation_runner/function.yaml"
    assert (phase3.cron, phase3.timeout, phase3.seasonal, phase3.retries, phase3.source) == (
        None, 540, True, True, "health.yaml",
    )  # fmt: skip


def finding(kind: str, subject: str, status: Status) -> Finding:
    """Return a finding of which only this is told."""
    return Finding(subject, kind, status, "x", "x")


def test_the_summary_begins_with_the_worst() -> None:
    """By status, then as the subjects come; three are named, all are counted, and what is skipped is not."""
    found = [
        *(finding("job", name, Status.FAIL) for name in "abcd"),
        finding("job", "e", Status.PASS),
        finding("job", "f", Status.SKIP),
        finding("service", "s", Status.WARN),
        finding("function", "g", Status.ERROR),
        finding("pipeline", "p", Status.UNKNOWN),
        finding("spend", "bytes", Status.FAIL),
    ]

    assert summary.of(found, answers.TODAY) == (
        "health for 2026-02-12: fail: 4 of 5 jobs (a, b, c and 1 more); fail: 1 of 1 spending limits (bytes); "
        "error: 1 of 1 Gen1 functions (g); warn: 1 of 1 services (s); unknown: 1 of 1 pipeline checks (p); 1 of 9 pass"
    )


def test_a_summary_of_nothing_bad_says_how_much_is_good() -> None:
    """And one of nothing at all says that, not that all is well."""
    good, skipped = (finding("job", "x", status) for status in (Status.PASS, Status.SKIP))

    assert summary.of([good, skipped, good], answers.TODAY) == "health for 2026-02-12: all 2 pass"
    for found in ([skipped], []):
        assert summary.of(found, answers.TODAY) == "health for 2026-02-12: nothing was judged"
