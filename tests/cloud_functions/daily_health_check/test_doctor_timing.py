"""To the minute: when a job counts as late, as never attempted, as of the future, as still at work."""

import dataclasses
import datetime
from typing import Any

import pytest

from cloud_functions.daily_health_check.doctor import rules
from tests.cloud_functions.daily_health_check import doctor_cases

KNOWN = doctor_cases.read("healthy-daily").known
JOB = KNOWN.jobs[0]
UPDATED = datetime.datetime(2026, 1, 20, tzinfo=datetime.UTC)


def at(text: str) -> datetime.datetime:
    """Return an instant of February 2026, given day and time in UTC."""
    return datetime.datetime.fromisoformat(f"2026-02-{text}+00:00")


def first(now: str, **changes: Any) -> str:
    """Return the rule that comes first for the daily job of 16:00 UTC at some instant, given changes of it."""
    job = dataclasses.replace(JOB, **{"updated": UPDATED, **changes})
    found = rules.diagnose(job, dataclasses.replace(KNOWN, now=at(now), jobs=(job,), attempts=()))
    return found[0].rule if found else "healthy"


@pytest.mark.parametrize(
    ("now", "rule"),
    [("11T16:29", "not_due"), ("11T16:30", "never_ran"), ("11T16:31", "never_ran"), ("10T18:00", "not_due")],
)
def test_a_new_job_has_its_grace(now: str, rule: str) -> None:
    """Created on the tenth after its tick, it is due on the eleventh at 16:00, and half an hour more is given."""
    assert first(now, last_attempt=None, code=None, updated=at("10T17:00")) == rule


def test_a_job_of_unknown_age_was_due_before_the_grace() -> None:
    """Ten minutes after a tick it is yesterday's that counts: it was missed for certain, if the job was there."""
    assert first("12T16:10", last_attempt=None, code=None, updated=None) == "never_ran"


@pytest.mark.parametrize(
    ("now", "rule"),
    [("12T04:29", "healthy"), ("12T04:30", "healthy"), ("12T04:31", "stale"), ("14T00:00", "stale")],
)
def test_a_job_is_stale_after_its_periods_and_the_grace(now: str, rule: str) -> None:
    """Attempted on the tenth at 16:00: one and a half days and half an hour later it is late, not before."""
    assert first(now, last_attempt=at("10T16:00")) == rule


@pytest.mark.parametrize(("now", "rule"), [("12T16:29", "healthy"), ("12T16:31", "stale")])
def test_a_tick_is_missed_only_after_the_grace(now: str, rule: str) -> None:
    """Unattempted since the first, but updated since yesterday's tick: today's must be missed first."""
    assert first(now, last_attempt=at("01T16:00"), updated=at("11T16:00")) == rule


@pytest.mark.parametrize(("now", "rule"), [("10T15:55", "healthy"), ("10T15:54", "skewed")])
def test_five_minutes_of_the_future_are_none(now: str, rule: str) -> None:
    """The platform is asked a while after the run began."""
    assert first(now, last_attempt=at("10T16:00")) == rule


@pytest.mark.parametrize(
    ("now", "says"), [("10T16:10", "still under way"), ("10T16:11", "no result"), ("10T18:00", "no result")]
)
def test_an_attempt_may_last_as_long_as_its_deadline(now: str, says: str) -> None:
    """The deadline is 540 s, and a minute more is given; then the result should be there."""
    job = dataclasses.replace(JOB, last_attempt=at("10T16:00"), code=None)
    found = rules.diagnose(job, dataclasses.replace(KNOWN, now=at(now), attempts=()))[0]

    assert found.rule == "no_result"
    assert says in found.cause


def test_an_empty_instant_is_none() -> None:
    """Some clients write the year 1 where they mean nothing."""
    year_one = datetime.datetime(1, 1, 1, tzinfo=datetime.UTC)

    assert first("12T18:00", last_attempt=year_one, code=-1) == "never_ran"
