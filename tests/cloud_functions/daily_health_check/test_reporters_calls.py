"""Which runs count as a schedule's own, and what is said of a schedule whose job was just changed."""

import pytest

from cloud_functions.daily_health_check.judges import reporters
from shared.statuses import Status
from tests.cloud_functions.daily_health_check.test_reporters import DAY, MINUTE, TICK, one, ran


@pytest.mark.parametrize(
    "request_",
    [
        {"day": "2026-01-01", "only": []},
        {"as_of": "2026-02-12T10:00:00+00:00"},
        {"only": ["a.*"]},
        {"dry_run": True},
        {"message": "message 7", "subscription": "s"},
    ],
)
def test_another_call_does_not_stand_for_the_schedules(request_: dict[str, object]) -> None:
    """One for another day, another instant, a part, a plan or a message is no word of the tick."""
    assert one(ran(TICK, request=request_)).status is Status.FAIL


def test_what_was_left_at_its_default_makes_no_other_call() -> None:
    """Parameters that say nothing are those of the schedule's own call."""
    assert one(ran(TICK, request={"day": None, "only": [], "plan": False, "text": ""})).status is Status.PASS


def test_a_named_day_counts_where_it_is_the_one_that_is_asked_about() -> None:
    """Who asks about a past day by name means the runs of that day."""
    run = ran(TICK, request={"day": "2026-02-12"})

    assert one(run, days=frozenset({"2026-02-12"})).status is Status.PASS
    assert one(run, days=frozenset({"2026-02-11"})).status is Status.FAIL
    assert not reporters.covers({"day": "2026-02-12", "only": ["a"]}, {}, {"2026-02-12"})


def test_a_schedule_that_was_changed_after_its_tick_is_not_due() -> None:
    """Whether it reported before or never: the tick that went by was not its own."""
    updated = {"grade-daily": TICK + MINUTE}

    for runs in ((), (ran(TICK - DAY),)):
        found = one(*runs, updated=updated)
        assert (found.status, found.reason) == (Status.SKIP, "not_due")


def test_without_the_jobs_nobody_knows_whether_a_schedule_is_new() -> None:
    """A reporter that was never heard is unknown then, and says why; one that fell silent is a failure all the same."""
    never = one(updated=None)

    assert (never.status, never.reason) == (Status.UNKNOWN, "never_reported")
    assert "could not be asked" in never.message
    assert one(ran(TICK - DAY), updated=None).status is Status.FAIL
