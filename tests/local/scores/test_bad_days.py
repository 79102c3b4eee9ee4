"""Claims about the score provider's bad days: its own bad habits, faults of the network, counting, and its end."""

import json
import threading
import time
from typing import Any

import pytest
import requests

from local.scores import refusals, server
from tests.local.scores import asking, nights


def test_half_a_page_is_no_json(provider: server.Server) -> None:
    """Status and length are right, and the text ends in the middle."""
    provider.at(60)
    whole = asking.get(provider)
    provider.throw(half_page=True)
    half = asking.get(provider)
    assert half.status_code == 200
    assert whole.text.startswith(half.text)
    assert len(half.content) == int(half.headers["Content-Length"]) == len(whole.content) // 2
    with pytest.raises(json.JSONDecodeError):
        json.loads(half.text)


def test_a_connection_is_cut_in_the_middle(provider: server.Server) -> None:
    """The length that was promised does not come."""
    provider.throw(cut=True)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        asking.get(provider)


def test_the_date_is_wrong(provider: server.Server) -> None:
    """Every game belongs to the day before, and all else is the same."""
    provider.at(60)
    right = asking.games(provider)
    provider.throw(wrong_date=True)
    wrong = asking.games(provider)
    assert {game["date"] for game in wrong} == {"2026-02-11"}
    assert [game | {"date": "2026-02-12"} for game in wrong] == right


def test_an_answer_is_stale(provider: server.Server) -> None:
    """It is the answer of so many minutes ago, with the games that were listed then."""
    provider.at(40)
    earlier = asking.games(provider)
    provider.at(165)
    now = asking.games(provider)
    provider.throw(stale=125)
    assert asking.games(provider) == earlier != now


def test_a_game_vanishes(provider: server.Server) -> None:
    """Though it is being played; the others stay."""
    provider.at(60)
    provider.throw(vanished=[nights.CODES[0]])
    assert asking.pairs(asking.games(provider)) == [nights.PAIRS[1]]


def test_an_answer_is_empty(provider: server.Server) -> None:
    """Good JSON and status 200, while games are being played."""
    provider.at(60)
    provider.throw(empty=True)
    assert asking.get(provider).json() == {"data": [], "meta": {"per_page": 25}}


def test_an_answer_is_a_page_of_html(provider: server.Server) -> None:
    """With status 200."""
    provider.throw(garbage=True)
    answer = asking.get(provider)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.text.startswith("<!doctype html>")


def test_pages_are_shorter_than_asked_for(provider: server.Server) -> None:
    """So that three games take more than one page."""
    provider.at(60)
    provider.throw(page=1)
    answer = asking.get(provider, "?per_page=100").json()
    assert (asking.pairs(answer["data"]), answer["meta"]["per_page"]) == ([nights.PAIRS[0]], 1)
    assert asking.pairs(asking.games(provider, f"?cursor={answer['meta']['next_cursor']}")) == [nights.PAIRS[1]]


def test_a_switch_spoils_no_refusal(provider: server.Server) -> None:
    """A wrong key is 401 whatever is thrown."""
    provider.throw(half_page=True, garbage=True, cut=True, empty=True)
    assert requests.get(provider.url + server.PATH, timeout=10).json() == {"error": "Unauthorized"}


@pytest.mark.parametrize(
    "news",
    [
        {"halfpage": True},
        {"half_page": 1},
        {"stale": -1},
        {"stale": True},
        {"page": 0},
        {"vanished": "20260212_MIL_OKC"},
        {"vanished": ["20260212_OKC_MIL"]},
    ],
)
def test_what_is_no_switch_is_refused(provider: server.Server, news: dict[str, Any]) -> None:
    """By name and by value, over HTTP and in this process; and nothing is thrown."""
    answer = requests.post(f"{provider.url}/_switches", json=news, timeout=10)
    assert answer.status_code == 400
    assert repr(next(iter(news))) in answer.json()["error"]
    with pytest.raises(refusals.Refused, match="switch"):
        provider.throw(**news)
    assert requests.get(f"{provider.url}/_switches", timeout=10).json() == {}


def test_switches_are_merged_and_taken_back(provider: server.Server) -> None:
    """Null takes one back, DELETE takes all."""
    url = f"{provider.url}/_switches"
    for news in ({"stale": 3, "empty": True}, {"empty": None, "page": 2}):
        assert requests.post(url, json=news, timeout=10).status_code == 204
    assert requests.get(url, timeout=10).json() == {"stale": 3, "page": 2}
    assert requests.delete(url, timeout=10).status_code == 204
    assert requests.get(url, timeout=10).json() == {}


@pytest.mark.parametrize(("status", "told"), [(429, "7"), (503, "7"), (500, None), (401, None)])
def test_a_request_is_refused(provider: server.Server, status: int, told: str | None) -> None:
    """As often as asked for, and where it may be so the answer says how long to wait."""
    provider.throw(retry_after=7)
    fault = {"match": "box_scores", "action": "refuse", "status": status, "message": "not now", "times": 2}
    assert requests.post(f"{provider.url}/_faults", json=fault, timeout=10).status_code == 204
    for _ in range(2):
        answer = asking.get(provider)
        assert (answer.status_code, answer.json()) == (status, {"error": "not now"})
        assert answer.headers.get("Retry-After") == told
    assert asking.get(provider).status_code == 200
    assert requests.get(f"{provider.url}/_faults", timeout=10).json() == {"armed": [], "committed": 2}


def test_one_page_fails_and_the_others_do_not(provider: server.Server) -> None:
    """A fault sees the query."""
    provider.at(60)
    provider.faults.add({"match": r"cursor=\d", "action": "refuse", "status": 500})
    cursor = asking.get(provider, "?per_page=1").json()["meta"]["next_cursor"]
    assert asking.get(provider, f"?per_page=1&cursor={cursor}").status_code == 500
    assert asking.get(provider, f"?per_page=1&cursor={cursor}").status_code == 200


def test_a_request_is_held(provider: server.Server) -> None:
    """A client with a timeout gives up; one without sees a broken connection when the fault is taken back."""
    provider.faults.add({"match": "box_scores", "action": "hold", "times": 2})
    with pytest.raises(requests.ReadTimeout):
        asking.get(provider, timeout=0.2)
    release = threading.Timer(0.3, provider.faults.clear)
    release.start()
    with pytest.raises(requests.ConnectionError):
        asking.get(provider)
    release.join()
    assert asking.get(provider).status_code == 200


def test_an_answer_is_dropped(provider: server.Server) -> None:
    """The connection breaks without a byte."""
    provider.faults.add({"match": "box_scores", "action": "drop_answer"})
    with pytest.raises(requests.ConnectionError):
        asking.get(provider)


@pytest.mark.parametrize(
    "fault", [{"match": "x"}, {"match": "(", "action": "hold"}, {"match": "x", "action": "fail_job"}]
)
def test_what_is_no_fault_is_refused(provider: server.Server, fault: dict[str, Any]) -> None:
    """And nothing is armed."""
    assert requests.post(f"{provider.url}/_faults", json=fault, timeout=10).status_code == 400
    assert provider.faults.state()["armed"] == []


def test_requests_are_counted_without_the_key(provider: server.Server) -> None:
    """By method, path and query, refused ones too; a key in the address is not told again."""
    asking.get(provider, "?per_page=2")
    asking.get(provider, "?per_page=2")
    requests.get(f"{provider.url}{server.PATH}?api_key={asking.KEY}", timeout=10)
    told = requests.get(f"{provider.url}/_requests", timeout=10)
    calls = {f"GET {server.PATH}?api_key=***": 1, f"GET {server.PATH}?per_page=2": 2}
    assert told.json() == {"total": 3, "by_call": calls}
    assert asking.KEY not in told.text


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/games"), ("POST", server.PATH), ("GET", "/_nothing"), ("PUT", "/_minute"), ("PUT", "/_switches")],
)
def test_what_it_does_not_have_is_not_found(provider: server.Server, method: str, path: str) -> None:
    """The call is named."""
    answer = requests.request(method, provider.url + path, headers={"Authorization": asking.KEY}, timeout=10)
    assert (answer.status_code, answer.json()) == (404, {"error": f"There is no {method} {path}."})


def test_it_ends_while_a_request_is_held() -> None:
    """Its port is free again, and whoever was held sees the connection break."""
    own = server.serve(nights.night())
    own.faults.add({"match": "box_scores", "action": "hold"})
    seen: list[str] = []

    def ask() -> None:
        try:
            requests.get(own.url + server.PATH, timeout=10)
        except requests.ConnectionError:
            seen.append("broken")

    waiting = threading.Thread(target=ask)
    waiting.start()
    while own.faults.state()["committed"] == 0:
        time.sleep(0.01)
    own.close()
    waiting.join(timeout=10)
    assert seen == ["broken"]
    server.serve(nights.night(), port=int(own.url.rpartition(":")[2])).close()
