"""How the tests ask the score provider's stand-in: over HTTP, with its key."""

from typing import Any

import requests

from local.scores import server

KEY = "secret-of-a-test"


def get(provider: server.Server, query: str = "", *, timeout: float = 10) -> requests.Response:
    """Return the answer to a request with the key."""
    return requests.get(f"{provider.url}{server.PATH}{query}", headers={"Authorization": KEY}, timeout=timeout)


def games(provider: server.Server, query: str = "") -> list[dict[str, Any]]:
    """Return the games of one page that is answered."""
    answer = get(provider, query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


def pairs(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return visitors and home team of each game."""
    return [(game["visitor_team"]["abbreviation"], game["home_team"]["abbreviation"]) for game in found]
