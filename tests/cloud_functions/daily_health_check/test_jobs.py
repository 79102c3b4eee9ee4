"""Every job, every declared job and every garbled resource comes to one finding."""

import dataclasses
import json
from typing import Any

import pytest

from cloud_functions.daily_health_check.doctor import known as knowledge
from cloud_functions.daily_health_check.doctor.known import Known
from cloud_functions.daily_health_check.judges import jobs
from shared.report import Finding
from shared.statuses import Status
from tests.cloud_functions.daily_health_check import doctor_cases


def told(name: str) -> Finding:
    """Return the finding on the job of a case."""
    case = doctor_cases.read(name)
    return next(found for found in jobs.findings(case.known) if found.subject == case.subject)


def changed(name: str, **changes: Any) -> Known:
    """Return what is known in a case, with changes."""
    return dataclasses.replace(doctor_cases.read(name).known, **changes)


@pytest.mark.parametrize("name", doctor_cases.NAMES)
def test_a_finding_says_what_its_label_says(name: str) -> None:
    """Reason and status are the label's; the reason is of the vocabulary, and the finding can be written as JSON."""
    case, found = doctor_cases.read(name), told(name)

    assert (found.reason, found.status.value) == (case.rule, case.status)
    assert found.reason in jobs.REASONS
    assert found.id == f"job:{case.subject}"
    assert json.loads(json.dumps(found.evidence)) == found.evidence


def test_one_finding_for_each_job_and_each_missing_one() -> None:
    """Nothing is left out, and nothing is told twice."""
    for name in doctor_cases.NAMES:
        known = doctor_cases.read(name).known
        there = {job.short for job in known.jobs}
        wanted = sorted(
            [job.short for job in known.jobs] + [one.name for one in known.expected if one.name not in there]
        )

        assert sorted(found.subject for found in jobs.findings(known)) == wanted


def test_a_healthy_job_is_told_in_short() -> None:
    """It says when it was attempted last, and nothing else."""
    found = told("healthy-daily")

    assert found.evidence == {"last_attempt": "2026-02-12T16:00:40.000Z"}
    assert (found.status, found.message, found.fix) == (
        Status.PASS,
        "the attempt of 2026-02-12 16:00 UTC was good",
        None,
    )


def test_a_failing_job_is_told_with_its_evidence() -> None:
    """Schedule, target, code, HTTP, debug text, last attempt, what else may be, and how sure."""
    found = told("seed-self-heal-predictions")

    assert found.message == (
        "the attempt deadline is 180 s, and the target may take 540 s; "
        "the attempt of 2026-02-12 17:48 UTC ended with DEADLINE_EXCEEDED"
    )
    assert (found.observed, found.expected, found.unit) == (180, ">= 540", "seconds")
    assert found.evidence == {
        "schedule": "45 12 * * * America/New_York",
        "target": "https://self-heal-predictions-f7p3g7f6ya-wl.a.run.app",
        "code": 4,
        "http": None,
        "debug": "URL_TIMEOUT-TIMEOUT_WEB",
        "last_attempt": "2026-02-12T17:48:00.400Z",
        "also": [],
        "confidence": "certain",
    }


def test_a_skipped_job_needs_no_fix() -> None:
    """A job that is paused as declared must not be resumed; one that failed has its fix."""
    assert told("paused-as-declared").fix is None
    assert told("healthy-not-due-yet").fix is None
    assert (told("paused-in-season").fix or "").startswith("gcloud scheduler jobs resume")


def test_evidence_of_a_rule_stands_beside_the_rest() -> None:
    """What is null is left out."""
    assert told("code-raises").evidence["line"] == "KeyError: 'game_id'"
    assert "line" not in told("silence").evidence


def test_what_else_may_be_wrong_is_named() -> None:
    """The other rules stand in the evidence, most probable first."""
    assert told("invoker-and-audience-query").evidence["also"] == ["audience_query"]


def test_nothing_observed_is_null() -> None:
    """A job that never ran has no status to observe."""
    assert told("never-ran").observed is None


def test_values_of_a_query_are_not_told() -> None:
    """They may be secrets; the names stay."""
    found = told("audience-query-by-default")

    assert found.evidence["target"].endswith("?type=…")
    assert "daily&" not in json.dumps(found.evidence)
    assert "type=daily" not in f"{found.message} {found.fix} {json.dumps(found.evidence)}"


def test_jobs_of_one_name_in_two_regions_are_told_apart() -> None:
    """The region stands before the name of those two only."""
    known = changed("healthy-a-failing-neighbour")
    twin = dataclasses.replace(known.jobs[0], name=known.jobs[0].name.replace("us-west2", "us-east1"))
    found = jobs.findings(dataclasses.replace(known, jobs=(*known.jobs, twin)))

    assert [one.subject for one in found] == ["us-west2/daily-export", "other", "us-east1/daily-export"]


def test_a_garbled_resource_is_an_error() -> None:
    """It could not be judged; and it is not missing, because it is there."""
    expected = (knowledge.Expected("weekly-retrain-trigger", source="health.yaml"),)
    garbled = (
        "projects/p/locations/r/jobs/weekly-retrain-trigger: attemptDeadline must be seconds",
        "number 2: no name",
    )
    found = jobs.findings(changed("healthy-daily", expected=expected, garbled=garbled))[1:]

    assert [(one.status, one.reason) for one in found] == [(Status.ERROR, "garbled")] * 2
    assert [one.subject for one in found] == ["weekly-retrain-trigger", "number 2"]
    assert found[0].message == "the platform's answer could not be read: attemptDeadline must be seconds"


def test_a_declared_job_is_missed_once() -> None:
    """Whether one document declares it, or two."""
    expected = tuple(knowledge.Expected("nightly", source=source) for source in ("a/function.yaml", "health.yaml"))
    found = jobs.findings(changed("healthy-daily", expected=expected))[1:]

    assert [(one.subject, one.reason, one.observed) for one in found] == [("nightly", "deleted", "absent")]
    assert found[0].message.startswith("a/function.yaml declares")


def test_no_jobs_at_all_are_no_findings() -> None:
    """Nothing declared and nothing there: nothing to say."""
    assert jobs.findings(changed("healthy-daily", jobs=())) == ()
