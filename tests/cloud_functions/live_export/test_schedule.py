"""The schedule's rows: how far a game is, when it begins on both sides of a clock change, and whether it may have."""

import datetime
from typing import Any

import pytest

from cloud_functions.live_export import schedule
from tests.cloud_functions.live_export import stories
from tests.cloud_functions.live_export.stories import DAY, GAME_DAY, NOW

EARLY = datetime.timedelta(minutes=15)


def read(day: datetime.date = DAY, **changes: Any) -> schedule.Scheduled:
    """Return the game of one row, by default at half past seven in the evening in New York."""
    row: dict[str, Any] = {"game_id": "0022500801", "home_team": "OKC", "away_team": "MIL", "game_status": 1}
    row |= {"game_status_text": "7:30 pm ET", "home_score": None, "away_score": None}
    (game,) = schedule.read([row | changes], day, GAME_DAY)
    return game


def test_every_value_of_a_row_is_where_it_belongs() -> None:
    """The visitors come first in the id, as in every document."""
    found = read(game_status=3, game_status_text="Final", home_score=110, away_score=104)
    assert found == schedule.Scheduled("20260212_MIL_OKC", "0022500801", "OKC", "MIL", "final", None, 110, 104)


def test_games_stay_in_the_order_of_the_rows() -> None:
    """One game for each row, none for none."""
    rows = [
        {"game_id": name, "home_team": "OKC", "away_team": "MIL", "game_status": 1, "game_status_text": "",
         "home_score": None, "away_score": None}
        for name in ("b", "a")
    ]  # fmt: skip
    assert [game.nba_game_id for game in schedule.read(rows, DAY, GAME_DAY)] == ["b", "a"]
    assert schedule.read([], DAY, GAME_DAY) == ()


@pytest.mark.parametrize(
    ("status", "text", "state"),
    [
        (1, "7:30 pm ET", "scheduled"),
        (2, "Q2 5:32", "in_progress"),
        (3, "Final", "final"),
        (1, "PPD", "postponed"),
        (1, "Postponed", "postponed"),
        (1, "Game cancelled", "postponed"),
        (1, "CANCELED", "postponed"),
        (1, "ppdx", "scheduled"),
        (3, "PPD", "final"),
        (2, "postponed", "in_progress"),
        (4, "PPD", "postponed"),
        (4, "", "scheduled"),
        (None, None, "scheduled"),
    ],
)
def test_state_from_number_and_text(status: int | None, text: str | None, state: str) -> None:
    """The number decides; only a game that has not begun can be put off, and an unknown number is not begun."""
    assert read(game_status=status, game_status_text=text).state == state


@pytest.mark.parametrize(
    ("day", "text", "tip"),
    [
        ("2026-02-12", "7:30 pm ET", "2026-02-13T00:30:00+00:00"),
        ("2026-03-07", "7:30 pm ET", "2026-03-08T00:30:00+00:00"),
        ("2026-03-08", "7:30 pm ET", "2026-03-08T23:30:00+00:00"),
        ("2026-10-31", "7:30 pm ET", "2026-10-31T23:30:00+00:00"),
        ("2026-11-01", "7:30 pm ET", "2026-11-02T00:30:00+00:00"),
        ("2026-02-12", "12:00 pm ET", "2026-02-12T17:00:00+00:00"),
        ("2026-02-12", "12:30 am ET", "2026-02-12T05:30:00+00:00"),
        ("2026-02-12", "1:00 PM ET", "2026-02-12T18:00:00+00:00"),
        ("2026-02-12", " 10:00 p.m. ET ", "2026-02-13T03:00:00+00:00"),
        ("2026-02-12", "11:59am ET", "2026-02-12T16:59:00+00:00"),
    ],
)
def test_tip_off_of_a_text(day: str, text: str, tip: str) -> None:
    """Eastern time on the day itself, before and after clocks change, noon and midnight included."""
    found = read(datetime.date.fromisoformat(day), game_status_text=text).tip
    assert found == datetime.datetime.fromisoformat(tip)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "TBD",
        "13:00 pm ET",
        "0:30 pm ET",
        "7:60 pm ET",
        "7:30 pm",
        "7:30 pm CT",
        "at 7:30 pm ET",
        "7:30 pm ET or later",
        "7 pm ET",
    ],
)
def test_text_without_a_tip_off(text: str) -> None:
    """What is not wholly a time of the East tells none."""
    assert (read(game_status_text=text).tip, read(game_status_text=text).state) == (None, "scheduled")


@pytest.mark.parametrize("status", [2, 3])
def test_a_game_that_has_begun_tells_no_tip_off(status: int) -> None:
    """Its text is a clock by then."""
    assert read(game_status=status, game_status_text="7:30 pm ET").tip is None


def test_a_postponed_game_tells_no_tip_off() -> None:
    """Whoever waits for it would wait in vain."""
    assert read(game_status_text="7:30 pm ET PPD").tip is None


@pytest.mark.parametrize(
    ("state", "minutes", "begun"),
    [
        ("scheduled", 0, True),
        ("scheduled", 15, True),
        ("scheduled", 15.02, False),
        ("scheduled", 60, False),
        ("scheduled", -60, True),
        ("scheduled", None, True),
        ("in_progress", 60, True),
        ("final", None, True),
        ("postponed", -60, False),
        ("postponed", None, False),
    ],
)
def test_whether_it_may_have_begun(state: str, minutes: float | None, begun: bool) -> None:  # noqa: FBT001 - a value of the table
    """From a quarter of an hour before tip-off on; a postponed game never, and one without a known hour always."""
    tip = None if minutes is None else NOW + datetime.timedelta(minutes=minutes)
    assert stories.scheduled(state=state, tip=tip).begun(NOW, early=EARLY) is begun
