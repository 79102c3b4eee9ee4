"""From a suite and a day to what is asked and what is skipped, and why."""

import datetime
from typing import Any

import pytest

from shared import calendars
from shared.calendars import Day
from shared.checks import model, planning
from shared.checks.planning import Refusal
from shared.statuses import Status
from tests.shared.checks import engine

ONE = datetime.timedelta(days=1)
ROWS = {"kind": "rows", "fail": "== 0"}


def date(text: str) -> datetime.date:
    """Return a day of the season 2025/26, given as month and day."""
    return datetime.date.fromisoformat(f"{2026 if text < '07' else 2025}-{text}")


def season() -> calendars.Calendar:
    """Return the calendar of the predecessor's season, with its break, its Christmas Eve and an off-season."""
    first = date("10-21")
    days = {first + ONE * number: Day(7, 7, 7) for number in range(174)}
    days |= {date("02-11"): Day(14, 14, 14), date("02-12"): Day(3, 3, 2)}
    days |= {date(f"02-{number}"): Day(2, 0, 0) for number in (13, 14, 15)}
    for gone in ("12-24", "02-16", "02-17", "02-18"):
        del days[date(gone)]
    return engine.calendar(days, off_seasons=(calendars.OffSeason(date("06-20"), date("06-30")),))


SEASON = season()


def check(**declared: Any) -> model.Bound:
    """Return one check where it stands."""
    (found,) = planning.bound(engine.checks({**ROWS, **declared}))
    return found


def asked(day: str, **changes: Any) -> planning.Asked:
    """Return what a run on a day judges, long afterwards."""
    late = datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC)
    given = {"calendar": SEASON, "as_of": late, "now": late, **changes}
    return engine.asked(engine.checks(ROWS), day=date(day), **given)


def why(day: str, only_if: str = "games > 0", **declared: Any) -> str | None:
    """Return the reason for which a check does not apply on a day."""
    found = planning.inapplicable(asked(day), check(only_if=only_if, **declared))
    return found.reason if found else None


REASONS = {
    "02-11": None,
    "02-12": None,
    "02-13": "break",
    "02-15": "break",
    "02-18": "break",
    "02-19": None,
    "12-24": "off_day",
    "12-25": None,
    "10-21": None,
    "10-20": "no_schedule",
    "04-12": None,
    "04-13": "no_schedule",
    "06-20": "off_season",
    "06-30": "off_season",
}


@pytest.mark.parametrize("day", REASONS)
def test_why_a_day_is_skipped(day: str) -> None:
    """Off-days, breaks and off-seasons are skipped by name; a day that no schedule covers is an error."""
    found = planning.inapplicable(asked(day), check(only_if="games > 0"))

    assert (found.reason if found else None) == REASONS[day]
    assert found is None or found.skip is (found.reason != "no_schedule")
    assert found is None or day in found.message


@pytest.mark.parametrize(
    ("day", "only_if", "reason"),
    [
        ("02-12", "games >= 5", "condition"),
        ("02-12", "games < 5", None),
        ("12-24", "games < 5", None),
        ("12-24", "games == 0", None),
        ("02-12", "final > 2", "condition"),
        ("02-12", "final > 1", None),
        ("12-24", "final > 0", "off_day"),
        ("10-20", "games < 5", "no_schedule"),
        ("10-20", "always", None),
        ("12-24", "always", None),
    ],
)
def test_conditions_on_the_calendar(day: str, only_if: str, reason: str | None) -> None:
    """A condition that does not hold on a day with games is itself the reason."""
    assert why(day, only_if) == reason


def test_without_a_calendar_there_is_no_off_day() -> None:
    """A condition on games without a declared calendar, or with one that could not be read, is an error."""
    none = planning.inapplicable(asked("02-12", calendar=None), check(only_if="games > 0"))
    broken = engine.calendar({})
    unread = planning.inapplicable(
        asked("02-12", calendar=broken, schedule_problem="access denied"), check(only_if="games > 0")
    )

    assert none is not None
    assert unread is not None
    assert (none.reason, none.skip, unread.reason, unread.skip) == ("no_schedule", False, "no_schedule", False)
    assert "access denied" in unread.message


@pytest.mark.parametrize(
    ("window", "day", "reason"),
    [
        ("day - 1", "02-13", None),
        ("day - 1", "02-14", "break"),
        ("day + 1", "02-18", None),
        ("7 days until day", "02-18", None),
        ("3 days until day", "02-18", "break"),
        ("3 days until day", "12-25", None),
        ("7 days until day", "10-25", "no_schedule"),
        ("null", "12-24", "off_day"),
    ],
)
def test_the_days_of_the_window_count(window: str, day: str, reason: str | None) -> None:
    """Games on any of its days are games; one day that is not covered makes the sum unknown."""
    assert why(day, at={"day": window}) == reason


@pytest.mark.parametrize(
    ("day", "due", "last_too_early"),
    [
        ("02-12", "06:00", "2026-02-12T10:59:59"),
        ("02-12", "+1 06:00", "2026-02-13T10:59:59"),
        ("02-12", "-1 18:30", "2026-02-11T23:29:59"),
        ("03-08", "02:30", "2026-03-08T07:29:59"),  # jumped over: 03:30 is shown instead
        ("03-07", "+1 04:00", "2026-03-08T07:59:59"),
        ("11-01", "01:30", "2025-11-01T05:29:59"),
        ("11-02", "01:30", "2025-11-02T05:29:59"),  # there twice: the first time
        ("11-02", "06:00", "2025-11-02T10:59:59"),
    ],
)
def test_nothing_is_judged_before_it_is_due(day: str, due: str, last_too_early: str) -> None:
    """The wall clock of the game day decides, to the second, also on the days on which it is changed."""
    early = datetime.datetime.fromisoformat(f"{last_too_early}+00:00")
    bound = check(due=due, only_if="games > 0")
    before, then = (
        planning.inapplicable(asked(day, as_of=early + datetime.timedelta(seconds=shift)), bound) for shift in (0, 1)
    )

    assert before is not None
    assert (before.reason, before.skip) == ("not_due", True)
    assert then is None


def test_an_off_day_is_not_waited_for() -> None:
    """A check that does not apply says so at once, and not that it is not due."""
    early = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)
    found = planning.inapplicable(asked("12-24", as_of=early), check(due="06:00", only_if="games > 0"))
    assert found is not None
    assert found.reason == "off_day"


def test_due_follows_the_last_day_of_the_window() -> None:
    """Seven days until yesterday are due by yesterday's clock."""
    noon = datetime.datetime(2026, 2, 11, 12, 0, tzinfo=datetime.UTC)
    given = asked("02-12", as_of=noon)
    assert planning.not_due(given, check(due="06:00", at={"day": "7 days until day - 1"})) is None
    assert planning.not_due(given, check(due="06:00")) is not None


def test_facts_of_the_calendar() -> None:
    """`games` and `final` are those of the window's days, and by day where the groups are days."""
    found = planning.calendar_facts(asked("02-12"), {"day": "2 days until day"}, "day")
    plain = planning.calendar_facts(asked("02-12"), {"day": "2 days until day"}, "s")

    assert found == {
        "games": model.Fact(17, {("2026-02-11",): 14, ("2026-02-12",): 3}),
        "final": model.Fact(16, {("2026-02-11",): 14, ("2026-02-12",): 2}),
    }
    assert plain == {"games": model.Fact(17), "final": model.Fact(16)}
    assert planning.calendar_facts(asked("02-12", calendar=None), {"day": "day"}, None) == {}
    unknown = planning.calendar_facts(asked("10-20"), {"day": "day"}, None)
    assert all(fact.value is None and "2025-10-20" in str(fact.problem) for fact in unknown.values())


@pytest.mark.parametrize(("day", "rows", "status"), [("02-12", 3, "pass"), ("02-12", 2, "fail"), ("02-11", 13, "warn")])
def test_small_slates_do_not_alarm(day: str, rows: int, status: str) -> None:
    """Three of three games are complete as fourteen of fourteen are; what counts is the share."""
    suite = engine.checks({"kind": "completeness", "of": "games", "warn": "< 100", "fail": "< 90"})
    given = engine.asked(suite, day=date(day), calendar=SEASON)
    outcome = model.Answer({"rows": {(): rows}, "tally": {(): rows}})
    found = engine.judged(given, {"d.t": engine.table()}, lambda _: engine.result({"t.c0": outcome}))

    assert [one.status for one in found["t.c0"]] == [Status(status)]


@pytest.mark.parametrize(
    ("value", "problem", "reason"), [(5, None, None), (0, None, "condition"), (None, "it broke", "no_fact")]
)
def test_conditions_on_a_measured_fact(value: int | None, problem: str | None, reason: str | None) -> None:
    """A fact that could not be measured is an error, one that does not fulfil the condition a reason to skip."""
    found = planning.unmet(check(only_if="games >= 0"), {}) or planning.unmet(
        model.Bound(**{**vars(check()), "only_if": "lines > 0"}), {"lines": model.Fact(value, problem=problem)}
    )

    assert (found.reason if found else None) == reason
    assert found is None or found.skip is (reason == "condition")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_fact_is_a_finite_number(value: float) -> None:
    """NaN and infinity are no numbers to divide by."""
    suite = engine.suite(
        facts={"sum": {"table": "d.t", "whole_table": True, "sum": "f"}},
        tables={"t": {"table": "d.t", "whole_table": True, "checks": [{"id": "c", **ROWS, "per": "sum"}]}},
    )
    found = planning.measured(suite, "sum", model.Answer({"fact": {(): value}}))
    assert found.value is None
    assert str(value) in str(found.problem)
    assert planning.measured(suite, "sum", model.Answer({"fact": {(): None}})) == model.Fact(0)
    assert planning.measured(suite, "sum", Refusal("over_budget", "too dear")).problem == "too dear"
