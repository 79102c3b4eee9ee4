"""What is said where a part of the answers is missing: never more than is known."""

import dataclasses
import datetime

import pytest

from cloud_functions.daily_health_check import declaration, gathered, judge
from shared import errors, history
from shared.statuses import Status
from tests.cloud_functions.daily_health_check import answers, test_judge


@pytest.mark.parametrize("subject", ["invokers", "services"])
def test_a_region_of_jobs_that_is_missing_is_told_by_who_needs_it(
    declared: declaration.Declared, known: gathered.Gathered, subject: str
) -> None:
    """Callers of that region are not judged, and the report is not complete."""
    jobs = dataclasses.replace(known.jobs, failed={"us-east1": errors.Unavailable("slow")})

    found = judge.findings(test_judge.asked(declared, subject), dataclasses.replace(known, jobs=jobs))

    assert [one.subject for one in found if one.status is Status.ERROR] == ["jobs of us-east1"]


def test_without_the_callers_a_leftover_is_not_called_unused(
    declared: declaration.Declared, known: gathered.Gathered
) -> None:
    """Who calls a first-generation function is open when the jobs could not be listed."""
    gone = test_judge.without(known, "jobs", errors.Unavailable("slow"))

    found = {one.id: one for one in judge.findings(test_judge.asked(declared, "services"), gone)}

    assert "could not be asked" in found["function:live-freshness-monitor"].message
    assert found["function:live-freshness-monitor"].status is Status.WARN


def test_without_the_jobs_no_reporter_is_called_worse(declared: declaration.Declared, known: gathered.Gathered) -> None:
    """A schedule that was just changed is not due; when that cannot be known, it is not a failure."""
    change = answers.NOW - datetime.timedelta(minutes=5)
    runs = tuple(one for one in answers_runs(known) if one.function != "validation_runner")
    changed = gathered.Listed(tuple(dataclasses.replace(one, updated=change) for one in known.jobs.found))
    told = dataclasses.replace(known, runs=runs, jobs=changed)
    gone = test_judge.without(told, "jobs", errors.Unavailable("slow"))
    asked = test_judge.asked(declared, "reporters")

    assert Status.FAIL not in {one.status for one in judge.findings(asked, told)}
    assert Status.FAIL not in {one.status for one in judge.findings(asked, gone)}


def answers_runs(known: gathered.Gathered) -> tuple[history.Run, ...]:
    """Return the ledger's runs, which the demo's answers have."""
    assert not isinstance(known.runs, errors.CloudError)
    return known.runs
