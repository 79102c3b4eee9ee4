"""The provider's page is read strictly: all of it, or why not; texts become states, minutes and the pipeline's keys."""

import copy
from typing import Any

import pytest

from cloud_functions.live_export import boxscores
from tests.cloud_functions.live_export import stories

NUMBERS = ("pts", "reb", "ast", "stl", "blk", "turnover", "fgm", "fga", "fg3m", "fg3a", "ftm", "fta")
PLAYER = {"player": {"first_name": "Ann", "last_name": "One"}, "min": "24:30"} | {
    name: number for number, name in enumerate(NUMBERS, start=1)
}
PAGE: dict[str, Any] = {
    "data": [
        {
            "id": 18,
            "date": "2026-02-12",
            "status": "2nd Qtr",
            "period": 2,
            "time": " Q2 5:32 ",
            "home_team_score": 61,
            "visitor_team_score": 55,
            "home_team": {"abbreviation": "OKC", "players": []},
            "visitor_team": {"abbreviation": "MIL", "players": [PLAYER]},
        }
    ],
    "meta": {"per_page": 25},
}
GAME = ("data", 0)
LINE = (*GAME, "visitor_team", "players", 0)


def changed(*path: Any, to: Any) -> Any:
    """Return the good page with the value at `path` replaced; taken away, for `...`."""
    page = copy.deepcopy(PAGE)
    *parents, last = path
    place: Any = page
    for step in parents:
        place = place[step]
    if to is ...:
        del place[last]
    else:
        place[last] = to
    return page


def read(page: Any) -> boxscores.Page:
    """Return a page that is good."""
    found = boxscores.read(page)
    assert isinstance(found, boxscores.Page), found
    return found


def only(page: Any) -> boxscores.Game:
    """Return the one game of a good page."""
    (game,) = read(page).games
    return game


def test_every_value_of_a_good_page_is_where_it_belongs() -> None:
    """Each number is another one, so that none can stand in for its neighbour; home and away are not mixed up."""
    line = boxscores.Line("Ann One", "MIL", 1, 2, 3, 4, 5, 6, 24.5, 7, 8, 9, 10, 11, 12)
    game = boxscores.Game("18", "2026-02-12", "OKC", "MIL", "in_progress", 2, "Q2 5:32", 61, 55, (line,))
    assert boxscores.read(PAGE) == boxscores.Page((game,), None)


def test_players_of_both_teams_have_their_own_team() -> None:
    """The home team's come first."""
    page = changed(*GAME, "home_team", "players", to=[PLAYER | {"player": {"first_name": "Bob", "last_name": "Two"}}])
    assert [(line.name, line.team) for line in only(page).lines] == [("Bob Two", "OKC"), ("Ann One", "MIL")]


@pytest.mark.parametrize(
    ("page", "mistake"),
    [
        ([], "the answer: must be a mapping"),
        (None, "the answer: must be a mapping"),
        ({"meta": {}}, "data: is missing"),
        ({"data": {}}, "data: must be a list"),
        ({"data": None}, "data: must be a list"),
        ({"data": [None]}, r"data[0]: must be a mapping"),
        (changed("meta", to=None), "meta: must be a mapping"),
        *((changed(*GAME, name, to=...), f"data[0].{name}: is missing") for name in ("date", "status", "home_team")),
        (changed(*GAME, "visitor_team", to=...), "data[0].visitor_team: is missing"),
        (changed(*GAME, "status", to=None), "data[0].status: must be a text, not nothing"),
        (changed(*GAME, "date", to=20260212), "data[0].date: must be a text"),
        (changed(*GAME, "period", to="2"), "data[0].period: must be a whole number"),
        (changed(*GAME, "period", to=2.5), "data[0].period: must be a whole number"),
        (changed(*GAME, "time", to=532), "data[0].time: must be a text"),
        (changed(*GAME, "home_team_score", to="61"), "data[0].home_team_score: must be a whole number"),
        (changed(*GAME, "visitor_team_score", to=True), "data[0].visitor_team_score: must be a whole number"),
        (changed(*GAME, "home_team", "abbreviation", to=...), "data[0].home_team.abbreviation: is missing"),
        (changed(*GAME, "home_team", "players", to=None), "data[0].home_team.players: must be a list"),
        (changed(*LINE, "player", to=...), "data[0].visitor_team.players[0].player: is missing"),
        (changed(*LINE, "player", "last_name", to=None), "players[0].player.last_name: must be a text"),
        (changed(*LINE, "min", to=24), "players[0].min: must be a text"),
        *((changed(*LINE, name, to="7"), f"players[0].{name}: must be a whole number") for name in NUMBERS),
        (changed(*LINE, "pts", to=7.5), "players[0].pts: must be a whole number"),
    ],
)
def test_one_mistake_makes_the_whole_page_none(page: Any, mistake: str) -> None:
    """What is needed and missing, or of another type: no game of the page is used, and the place is told."""
    found = boxscores.read(page)
    assert isinstance(found, str)
    assert mistake in found


def test_at_most_three_mistakes_are_told_and_none_is_long() -> None:
    """A page that is wrong throughout, or in a very long value, still makes a short message."""
    page = changed("data", to=[{"status": "x" * 5000, "date": ["y" * 5000]}] * 9)
    found = boxscores.read(page)
    assert isinstance(found, str)
    assert found.count("; ") == 2
    assert len(found) < 3 * 200 + 10


def test_keys_that_are_not_known_do_not_matter() -> None:
    """The provider adds what it likes, at every level."""
    page = copy.deepcopy(PAGE) | {"note": 1}
    for path in (GAME, (*GAME, "home_team"), LINE, (*LINE, "player")):
        place: Any = page
        for step in path:
            place = place[step]
        place["novelty"] = {"a": [1]}
    assert boxscores.read(page) == boxscores.read(PAGE)


@pytest.mark.parametrize(
    ("meta", "cursor"),
    [({}, None), ({"next_cursor": None}, None), ({"next_cursor": 1801}, "1801"), ({"next_cursor": "abc"}, "abc")],
)
def test_cursor_of_the_next_page(meta: Any, cursor: str | None) -> None:
    """A number or a text; without one it is the last page."""
    assert read(changed("meta", to=meta)).cursor == cursor


def test_a_page_without_games_and_without_meta() -> None:
    """It is a page, and the last one."""
    assert boxscores.read({"data": []}) == boxscores.Page((), None)


def test_what_may_be_null_is_nothing_or_zero() -> None:
    """Before tip-off there is no score, no clock and no player; the provider writes nulls."""
    page = changed(*LINE, "pts", to=None)
    page["data"][0] |= {"period": None, "time": None, "home_team_score": None, "visitor_team_score": None, "id": None}
    game = only(page)
    assert (game.provider_id, game.period, game.clock) == (None, 0, None)
    assert (game.home_score, game.away_score, game.lines[0].points) == (None, None, 0)


def test_an_id_of_either_kind() -> None:
    """The provider's own, as a text."""
    assert [only(changed(*GAME, "id", to=value)).provider_id for value in (18, "a-1", ...)] == ["18", "a-1", None]


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_that_is_missing_is_zero(name: str) -> None:
    """Of one number only: the others are as they were."""
    before, after = only(PAGE).lines[0], only(changed(*LINE, name, to=...)).lines[0]
    names = [key for key in stories.NUMBERS + stories.SHOTS if getattr(after, key) != getattr(before, key)]
    assert [getattr(after, key) for key in names] == [0]


@pytest.mark.parametrize(
    ("status", "period", "state"),
    [
        ("Final", 4, "final"),
        (" final/OT", 5, "final"),
        ("FINAL", 0, "final"),
        ("1st Qtr", 1, "in_progress"),
        ("Halftime", 2, "in_progress"),
        ("OT1", 5, "in_progress"),
        ("In Play", 1, "in_progress"),
        ("2026-02-13T00:30:00Z", 0, "scheduled"),
        ("2026-02-13T00:30:00Z", None, "scheduled"),
        ("Semifinal", 0, "scheduled"),
        ("", 3, "in_progress"),
    ],
)
def test_state_from_status_and_period(status: str, period: int | None, state: str) -> None:
    """What begins with "final" is over; otherwise the period tells."""
    page = changed(*GAME, "status", to=status)
    page["data"][0]["period"] = period
    assert only(page).state == state


@pytest.mark.parametrize(("text", "clock"), [("", None), ("  ", None), (" Half ", "Half"), ("Q2 5:32", "Q2 5:32")])
def test_clock_without_white_space(text: str, clock: str | None) -> None:
    """And none rather than an empty one."""
    assert only(changed(*GAME, "time", to=text)).clock == clock


@pytest.mark.parametrize(("date", "day"), [("2026-02-12", "2026-02-12"), ("2026-02-12T00:30:00Z", "2026-02-12")])
def test_date_is_the_providers_own(date: str, day: str) -> None:
    """With or without an hour; it is not moved to another time zone."""
    assert only(changed(*GAME, "date", to=date)).date == day


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("24:30", 24.5),
        ("24", 24.0),
        (" 24 ", 24.0),
        ("9:05", 9.1),
        ("48:00", 48.0),
        ("24:", 24.0),
        ("00", 0.0),
        ("0:00", 0.0),
        ("0:30", 0.5),
        ("0:02", 0.1),
        ("", None),
        (None, None),
        ("-", None),
        ("DNP", None),
        ("²", None),
    ],
)
def test_minutes_of_a_text(text: str | None, minutes: float | None) -> None:
    """Minutes and seconds, or minutes; none when there is no number."""
    assert only(changed(*LINE, "min", to=text)).lines[0].minutes == minutes


@pytest.mark.parametrize(
    ("first", "last", "lookup"),
    [
        ("Ann", "One", "annone"),
        ("Luka", "Dončić", "lukadoncic"),
        ("Alperen", "Şengün", "alperensengun"),
        ("De'Aaron", "Fox", "deaaronfox"),
        ("D\N{RIGHT SINGLE QUOTATION MARK}Angelo", "Russell", "dangelorussell"),
        ("Tim", "Hardaway Jr.", "timhardawayjr"),
        ("Jimmy", "Butler III", "jimmybutleriii"),
        ("Karl-Anthony", "Towns", "karlanthonytowns"),
        ("P.J.", "Washington", "pjwashington"),
        ("Søren", "Đ. One", "sorendone"),
        ("Nene", "", "nene"),
        ("3", "Man", "3man"),
    ],
)
def test_lookup_of_a_name(first: str, last: str, lookup: str) -> None:
    """Letters and digits of ASCII, accents taken off, in lower case; others are left out, and "Jr." stays."""
    line = only(changed(*LINE, "player", to={"first_name": first, "last_name": last})).lines[0]
    assert (line.lookup, line.name) == (lookup, f"{first} {last}".strip())


@pytest.mark.parametrize("text", ["PT24M30S", "12:²", "1234", "24 min", ":30", "24:xx"])
def test_minutes_in_another_form_are_no_answer(text: str) -> None:
    """Read as none, they would void every prediction of a finished game."""
    found = boxscores.read(changed(*LINE, "min", to=text))

    assert isinstance(found, str)
    assert "min: must match" in found
