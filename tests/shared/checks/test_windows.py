"""Windows: every form that is declared, and the constants that it becomes beside the bare column."""

import datetime
import itertools
from collections.abc import Mapping

import pytest

from shared import gamedays
from shared.checks import model, sql, windows
from tests.shared.checks import engine

ONE = datetime.timedelta(days=1)
WINDOWS: Mapping[str, tuple[windows.Window, str]] = {
    "day": (windows.Days(0, 0), "2026-02-12..2026-02-12"),
    " day ": (windows.Days(0, 0), "2026-02-12..2026-02-12"),
    "day - 1": (windows.Days(-1, -1), "2026-02-11..2026-02-11"),
    "day-1": (windows.Days(-1, -1), "2026-02-11..2026-02-11"),
    "day + 2": (windows.Days(2, 2), "2026-02-14..2026-02-14"),
    "7 days until day": (windows.Days(-6, 0), "2026-02-06..2026-02-12"),
    "7 days until day - 1": (windows.Days(-7, -1), "2026-02-05..2026-02-11"),
    "1 days until day": (windows.Days(0, 0), "2026-02-12..2026-02-12"),
    "400 days until day": (windows.Days(-399, 0), "2025-01-09..2026-02-12"),
    "100..199": (windows.Range(100, 199), ""),
    "-5..-5": (windows.Range(-5, -5), ""),
    "null": (windows.Null(), ""),
}


@pytest.mark.parametrize("text", WINDOWS)
def test_every_form_of_window(text: str) -> None:
    """Days, spans of days, ranges of numbers, and NULL."""
    window, span = WINDOWS[text]
    found = windows.days(window, engine.DAY)

    assert windows.parse(text) == window
    assert (f"{found[0]}..{found[-1]}" if found else "") == span
    assert all(later - earlier == ONE for earlier, later in itertools.pairwise(found))


@pytest.mark.parametrize(
    "text",
    [
        "", "today", "Day", "DAY - 1", "day - ", "day - x", "day - 12345", "day * 2", "days", "0 days until day",
        "401 days until day", "-1 days until day", "7 days", "7 days until today", "7 days until day - 1 x", "5..1",
        "1..", "..5", "1.5..2", "1...2", "1234567890123456789..2", "NULL", "not null", "2026-02-12", "day;",
        "day\n- 1;", "day OR TRUE", "٣..٤",
    ],
)  # fmt: skip
def test_every_other_text_is_no_window(text: str) -> None:
    """Each mistake names the text."""
    with pytest.raises(windows.InvalidWindow) as caught:
        windows.parse(text)
    assert repr(text.strip()) in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "window", "text"),
    [
        ("DATE", "day", "`at` = DATE '2026-02-12'"),
        ("DATE", "2 days until day", "`at` BETWEEN DATE '2026-02-11' AND DATE '2026-02-12'"),
        ("DATE", "null", "`at` IS NULL"),
        ("INT64", "-1..2", "`at` BETWEEN -1 AND 2"),
        ("DATETIME", "day", "(`at` >= DATETIME '2026-02-12 04:00:00' AND `at` < DATETIME '2026-02-13 04:00:00')"),
        (
            "TIMESTAMP",
            "day",
            "(`at` >= TIMESTAMP '2026-02-12 09:00:00+00:00' AND `at` < TIMESTAMP '2026-02-13 09:00:00+00:00')",
        ),
    ],
)
def test_the_condition_of_a_window(kind: str, window: str, text: str) -> None:
    """Each type of column by constants of its own type, beside the bare column."""
    known = engine.table(at=kind, by="at")
    found = windows.predicate(known, "at", windows.parse(window), day=engine.DAY, game_day=engine.NEW_YORK)

    assert sql.shown(found) == text
    assert found.columns == {("at",)}


@pytest.mark.parametrize(
    ("column", "kind", "window", "reason"),
    [
        ("absent", "DATE", "day", "no_such_column"),
        ("at", "STRING", "day", "wrong_type"),
        ("at", "INT64", "day", "wrong_type"),
        ("at", "DATE", "1..2", "wrong_type"),
        ("at", "ARRAY<DATE>", "day", "wrong_type"),
    ],
)
def test_a_window_that_does_not_fit(column: str, kind: str, window: str, reason: str) -> None:
    """A column that is not there, or not of the window's sort, cannot be asked."""
    with pytest.raises(model.Unanswerable) as caught:
        windows.predicate(
            engine.table(at=kind), column, windows.parse(window), day=engine.DAY, game_day=engine.NEW_YORK
        )
    assert caught.value.reason == reason


@pytest.mark.parametrize(("zone", "low"), [("America/New_York", 5), ("America/Los_Angeles", 8)])
@pytest.mark.parametrize(("day", "hours"), [("2026-02-12", 24), ("2026-03-08", 23), ("2026-11-01", 25)])
def test_the_length_of_a_day(zone: str, low: int, day: str, hours: int) -> None:
    """Midnight to midnight of a TIMESTAMP is as long as the day is, and begins at that zone's hour of UTC."""
    asked_for = datetime.date.fromisoformat(day)
    game_day = gamedays.GameDay(zone, 0)
    known = engine.table(at="TIMESTAMP", by="at")
    found = windows.predicate(known, "at", windows.Days(0, 0), day=asked_for, game_day=game_day)
    first, last = (part.value for part in found.parts if isinstance(part, sql.Value))

    assert isinstance(first, datetime.datetime)
    assert isinstance(last, datetime.datetime)
    assert last - first == datetime.timedelta(hours=hours)
    assert first.hour == (low - 1 if hours == 25 else low)
