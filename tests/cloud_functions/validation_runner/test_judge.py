"""Nights to compare with, and the sentence that matters first."""

import datetime

import pytest

from cloud_functions.validation_runner import judge
from shared import gamedays, history
from shared.checks import model, planning, suites
from shared.report import Finding
from shared.statuses import Status

DAY = datetime.date(2026, 2, 12)
NOW = datetime.datetime(2026, 2, 12, 18, tzinfo=datetime.UTC)
ASKED = planning.Asked("nightly", suites.Suite("of a test", {}), DAY, NOW, NOW, gamedays.GameDay("UTC", 0))


def past(day: int, observed: float | None, name: str = "rows:nightly.t.c") -> history.Past:
    """Return what a run said of a day of February."""
    when = datetime.date(2026, 2, day)
    return history.Past(name, when, NOW, Status.PASS, "within", observed, None, None)


def found(status: Status, name: str = "c", reason: str = "r") -> Finding:
    """Return a finding of the suite."""
    return Finding(f"nightly.t.{name}", "rows", status, reason, f"what {name} saw")


def test_tonight_and_later_are_not_among_the_nights() -> None:
    """Newest first, whatever order they come in; a night without a number is none."""
    told = judge.nights([past(10, 1.0), past(12, 9.0), past(13, 9.0), past(11, 2.0), past(9, None)], DAY)

    assert told == {
        "nightly.t.c": [model.Night(datetime.date(2026, 2, 11), 2.0), model.Night(datetime.date(2026, 2, 10), 1.0)]
    }


def test_nights_are_told_apart_by_subject() -> None:
    """The kind stands before the first colon only: a group may have one too."""
    told = judge.nights([past(11, 1.0), past(11, 2.0, "rows:nightly.t.c[a:b]")], DAY)

    assert set(told) == {"nightly.t.c", "nightly.t.c[a:b]"}


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        ([found(Status.PASS)], "nightly for 2026-02-12: all 1 pass"),
        ([found(Status.SKIP, reason="break")], "nightly for 2026-02-12: nothing was judged; skipped: 1 break"),
        (
            [found(Status.PASS), found(Status.WARN, "w"), found(Status.FAIL, "f")],
            "nightly for 2026-02-12: 1 fail (t.f: what f saw), 1 warn (t.w: what w saw); 1 of 3 pass",
        ),
        (
            [found(Status.ERROR, str(number), "no_schedule") for number in range(5)],
            "nightly for 2026-02-12: 5 error (t.0, t.1, t.2 and 2 more: no_schedule); 0 of 5 pass",
        ),
        (
            [found(Status.FAIL, "a", "x"), found(Status.FAIL, "b", "y"), found(Status.SKIP, "s", "not_due")],
            "nightly for 2026-02-12: 2 fail (t.a, t.b); 0 of 2 pass; skipped: 1 not_due",
        ),
    ],
)
def test_the_summary_says_first_what_is_worst(findings: list[Finding], said: str) -> None:
    """Worst first, each by name; a lone one with what it saw, several alike with their reason."""
    assert judge.summary(ASKED, findings) == said
