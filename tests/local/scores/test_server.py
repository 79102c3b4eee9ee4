"""Claims about the score provider's stand-in, each over HTTP as a client meets it: key, pages, and which games when."""

import pytest
import requests

from local.scores import server
from tests.local.scores import asking, nights

MIDNIGHT = 270
"""The minute of the night at which a new day begins in New York."""


@pytest.mark.parametrize(
    "header", [None, "", "wrong", "Bearer ", "Bearer wrong", "Basic " + asking.KEY, asking.KEY + "x"]
)
def test_without_the_key_nothing_is_told(provider: server.Server, header: str | None) -> None:
    """A missing, empty or wrong key is 401, and the answer holds no game."""
    headers = {} if header is None else {"Authorization": header}
    answer = requests.get(provider.url + server.PATH, headers=headers, timeout=10)
    assert (answer.status_code, answer.json()) == (401, {"error": "Unauthorized"})


@pytest.mark.parametrize("header", [asking.KEY, "Bearer " + asking.KEY])
def test_with_the_key_games_are_told(provider: server.Server, header: str) -> None:
    """The key stands there as it is, or as a bearer."""
    provider.at(60)
    answer = requests.get(provider.url + server.PATH, headers={"Authorization": header}, timeout=10)
    assert asking.pairs(answer.json()["data"]) == list(nights.PAIRS[:2])
    assert answer.json()["meta"] == {"per_page": 25}


@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_hold_every_game_once(provider: server.Server, size: int) -> None:
    """Whoever follows the cursors meets each game exactly once, and the last page has no cursor."""
    provider.throw(lingers=300)
    provider.at(200)
    found, query, pages = [], f"?per_page={size}", 0
    while query and pages <= 3:
        answer = asking.get(provider, query).json()
        assert len(answer["data"]) <= size
        assert answer["meta"]["per_page"] == size
        found += answer["data"]
        cursor, pages = answer["meta"].get("next_cursor"), pages + 1
        query = f"?per_page={size}&cursor={cursor}" if cursor else ""
    assert asking.pairs(found) == list(nights.PAIRS)
    assert pages == -(-3 // size)


@pytest.mark.parametrize(
    "query", ["?cursor=x", "?cursor=-1", "?cursor=", "?cursor=1.5", "?per_page=0", "?per_page=101", "?per_page=ten"]
)
def test_a_bad_page_is_refused(provider: server.Server, query: str) -> None:
    """A cursor that is no number, and a page of a size that there is not, are 400 and named."""
    answer = asking.get(provider, query)
    assert answer.status_code == 400
    assert query[1:].partition("=")[0] in answer.json()["error"]


def test_a_game_is_told_as_the_provider_tells_it(provider: server.Server) -> None:
    """Status, period and clock agree; each player's points are among the team's, and who has not played has nothing."""
    provider.at(45)
    first, second = asking.games(provider)
    assert (first["status"], first["period"], first["time"]) == ("2nd Qtr", 2, "Q2 6:00")
    assert (second["status"], second["period"], second["date"]) == ("1st Qtr", 1, "2026-02-12")
    assert (first["season"], first["postseason"]) == (2025, False)
    assert first["home_team"]["full_name"] == "Oklahoma City Thunder"
    for side in ("home_team", "visitor_team"):
        players = first[side]["players"]
        assert sum(player["pts"] for player in players) == first[f"{side}_score"] > 0
        assert all(player["reb"] == player["oreb"] + player["dreb"] for player in players)
        idle = [player for player in players if player["min"] == "00"]
        assert 0 < len(idle) < len(players)
        assert {value for player in idle for name, value in player.items() if name not in ("min", "player")} == {0}
        assert {len(players), len({player["player"]["id"] for player in players})} == {17}
    assert first["home_team"]["players"][0]["player"]["first_name"] == "Ann"
    assert first["home_team"]["players"][0]["player"]["last_name"] == "OKC0"


@pytest.mark.parametrize(
    ("minute", "number", "status", "period", "time"),
    [
        (-5, 0, "2026-02-13T00:30:00Z", 0, ""),
        (10, 1, "2026-02-13T01:00:00Z", 0, ""),
        (65, 0, "Halftime", 2, "Half"),
        (100, 0, "3rd Qtr", 3, "Q3 0:52"),
        (120, 0, "4th Qtr", 4, "Q4 6:33"),
        (175, 0, "OT1", 5, "OT1 3:20"),
        (188, 0, "Final", 5, "Final"),
    ],
)
def test_a_status_is_told(
    provider: server.Server, minute: float, number: int, status: str, period: int, time: str
) -> None:
    """An instant before tip-off, then the quarter, half-time, overtime, and the end."""
    provider.at(minute)
    game = asking.games(provider)[number]
    assert (game["status"], game["period"], game["time"]) == (status, period, time)


def test_a_game_is_listed_from_before_tip_off_until_after_its_end(provider: server.Server) -> None:
    """It appears half an hour before, is final for twenty minutes, and is gone while the others go on."""
    seen = []
    for minute in (-31, -30, 139, 140, 159, 160):
        provider.at(minute)
        seen.append([game["status"] for game in asking.games(provider) if asking.pairs([game]) == [nights.PAIRS[0]]])
    assert seen == [[], ["2026-02-13T00:30:00Z"], ["4th Qtr"], ["Final"], ["Final"], []]
    assert asking.pairs(asking.games(provider)) == list(nights.PAIRS[1:])


def test_the_late_game_is_listed_after_midnight(provider: server.Server) -> None:
    """On the next date it still belongs to the evening before; then nothing is left, and that is no error."""
    provider.at(MIDNIGHT + 5)
    (late,) = asking.games(provider)
    assert (late["date"], late["status"]) == ("2026-02-12", "4th Qtr")
    provider.at(MIDNIGHT + 30)
    assert [(game["date"], game["status"]) for game in asking.games(provider)] == [("2026-02-12", "Final")]
    provider.at(MIDNIGHT + 60)
    assert asking.get(provider).json() == {"data": [], "meta": {"per_page": 25}}


def test_the_minute_is_moved_over_http(provider: server.Server) -> None:
    """As by whoever stands outside the process."""
    answer = requests.post(f"{provider.url}/_minute", json={"minute": 60}, timeout=10)
    assert answer.status_code == 204
    assert requests.get(f"{provider.url}/_minute", timeout=10).json() == {"minute": 60}
    assert len(asking.games(provider)) == 2


@pytest.mark.parametrize("body", ["{}", '{"minute": "1"}', '{"minute": true}', '{"minute": 1, "x": 1}', "[]", "{"])
def test_what_is_no_minute_is_refused(provider: server.Server, body: str) -> None:
    """And the minute stays."""
    assert requests.post(f"{provider.url}/_minute", data=body, timeout=10).status_code == 400
    assert requests.get(f"{provider.url}/_minute", timeout=10).json() == {"minute": -60}
