"""What a caller may ask: a day, documents by pattern, and what is forced by name."""

import datetime
from typing import Any

import pytest

from cloud_functions.live_export import declaration
from shared import shapes


def request(**body: Any) -> tuple[declaration.Request | None, list[str]]:
    """Return the request in a body, and its mistakes."""
    made, problems = shapes.build(declaration.Request, shapes.plain(body))
    return made, [f"{one.path}: {one.message}" for one in problems]


def test_a_call_without_a_body_asks_for_all_of_today() -> None:
    """Nothing is forced, and it is no plan only."""
    made, problems = request()
    assert made is not None
    assert (made.on(datetime.date(2026, 2, 12)), problems) == (datetime.date(2026, 2, 12), [])
    assert (made.only, made.force, made.dry_run) == ((), (), False)
    assert all(made.wants(name) for name in ("live", "status", "anything"))


@pytest.mark.parametrize("day", ["2026-02-12", "2024-02-29", "today"])
def test_a_day_is_taken(day: str) -> None:
    """Today's game day is the caller's of the function; a date is itself."""
    made, problems = request(day=day)
    assert made is not None
    today = datetime.date(2026, 1, 1)
    assert (made.on(today), problems) == (today if day == "today" else datetime.date.fromisoformat(day), [])


@pytest.mark.parametrize(
    "day", ["", "Today", "tomorrow", "20260212", "2026-W07-4", "2026-02-30", "2026-2-12", "12.02.2026"]
)
def test_a_day_is_refused(day: str) -> None:
    """Also what Python would read as a date."""
    assert request(day=day) == (None, [f"day: must be today or a date, like 2026-02-12, not {day!r}"])


def test_patterns_choose_documents() -> None:
    """Each by its whole id, upper and lower case apart."""
    made = declaration.Request(only=("live", "tonight*"))
    assert [name for name in ("live", "live-grading", "tonight", "tonight-day", "Live") if made.wants(name)] == [
        "live", "tonight", "tonight-day",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        ({"force": ["live"]}, []),
        ({"force": ["live"], "only": ["li*"]}, []),
        ({"force": ["live*"]}, ["force: 'live*' is a pattern: name each document"]),
        ({"force": ["l?ve"]}, ["force: 'l?ve' is a pattern: name each document"]),
        ({"force": ["[l]ive"]}, ["force: '[l]ive' is a pattern: name each document"]),
        ({"force": ["live", "status"], "only": ["live"]}, ["force: 'status' is not among those asked for"]),
        ({"force": "live"}, ["force: must be a list, not 'live'"]),
        ({"dry_run": "yes"}, ["dry_run: must be true or false, not 'yes'"]),
        ({"dayz": "today"}, ["dayz: is not known here; known: day, only, force, dry_run"]),
    ],
)
def test_what_is_forced_is_named_and_asked_for(body: dict[str, Any], problems: list[str]) -> None:
    """Nobody forces by a pattern what he did not think of."""
    assert request(**body)[1] == problems
