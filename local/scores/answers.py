"""What the score provider answers: one page of games at a minute of the night, as JSON values; pure.

As the real one it lists a game from a little before tip-off until a while after its end, whatever the date is by then,
and shows all players of both teams: one who has not played has 0 in everything and "00" minutes.
"""

import datetime
import math
import zlib
from collections.abc import Mapping
from typing import Any

from local.scores import clock, refusals, script
from local.world import teams

PAGE, LARGEST_PAGE = 25, 100
LISTED_BEFORE, LISTED_AFTER = 30, 20
_FIRST_ID = 18_000_000
_GAMES_A_DAY, _DAYS = 100, 10_000
_QUARTERS = ("1st Qtr", "2nd Qtr", "3rd Qtr", "4th Qtr")
_SEASON_BEGINS = 8
_PLAYER_IDS = 1_000_000_000


def page(night: script.Night, minute: float, query: Mapping[str, str], *, thrown: Mapping[str, Any]) -> dict[str, Any]:
    """Return the page that the query parameters ask for; raise Refused (400) for a bad `cursor` or `per_page`.

    thrown: the switches, see `switches`.
    """
    size, after = _size(query, thrown), _after(query)
    games = [] if thrown.get("empty") else _listed(night, minute - thrown.get("stale", 0), thrown)
    rest = sorted((one for one in games if one["id"] > after), key=lambda one: one["id"])
    shown = rest[:size]
    more = {"next_cursor": shown[-1]["id"]} if len(rest) > size else {}
    return {"data": shown, "meta": {**more, "per_page": size}}


def game_id(night: script.Night, number: int) -> int:
    """Return the provider's own id of the night's game with this number, which no other game of any night has."""
    return _FIRST_ID + night.day.toordinal() % _DAYS * _GAMES_A_DAY + number


def player_id(lookup: str) -> int:
    """Return the provider's own id of a player, the same every night."""
    return zlib.crc32(lookup.encode()) % _PLAYER_IDS


def _size(query: Mapping[str, str], thrown: Mapping[str, Any]) -> int:
    text = query.get("per_page", str(PAGE))
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= LARGEST_PAGE):
        raise refusals.Refused(400, f"per_page must be a number from 1 to {LARGEST_PAGE}.")
    return min(int(text), thrown.get("page", LARGEST_PAGE))


def _after(query: Mapping[str, str]) -> int:
    text = query.get("cursor", "0")
    if not (text.isascii() and text.isdecimal()):
        raise refusals.Refused(400, "cursor must be a number that a page has told.")
    return int(text)


def _listed(night: script.Night, minute: float, thrown: Mapping[str, Any]) -> list[dict[str, Any]]:
    stays = thrown.get("lingers", LISTED_AFTER)
    day = night.day - datetime.timedelta(days=1) if thrown.get("wrong_date") else night.day
    return [
        _game(night, standing, identity=game_id(night, number), day=day)
        for number, standing in enumerate(night.at(minute))
        if standing.game.tip - LISTED_BEFORE <= minute < standing.game.final_at + stays
        and night.code(standing.game) not in thrown.get("vanished", ())
    ]


def _game(night: script.Night, standing: script.Standing, *, identity: int, day: datetime.date) -> dict[str, Any]:
    game, reading = standing.game, standing.clock
    return {
        "id": identity,
        "date": day.isoformat(),
        "season": night.day.year - (night.day.month < _SEASON_BEGINS),
        "status": _status(reading, night.instant(game.tip)),
        "period": reading.period,
        "time": reading.text,
        "postseason": False,
        "home_team_score": standing.home_points,
        "visitor_team_score": standing.away_points,
        "home_team": _team(game.home) | {"players": [_player(line) for line in standing.home]},
        "visitor_team": _team(game.away) | {"players": [_player(line) for line in standing.away]},
    }


def _status(reading: clock.Reading, tip: datetime.datetime) -> str:
    if reading.state == "scheduled":
        return tip.isoformat().replace("+00:00", "Z")
    if reading.state == "final":
        return "Final"
    if reading.text == clock.HALF:
        return "Halftime"
    return _QUARTERS[reading.period - 1] if reading.period <= clock.REGULAR else clock.name(reading.period)


def _team(code: str) -> dict[str, Any]:
    # The provider counts the teams by their cities; a team that nobody knows comes after all others.
    known = sorted(teams.TEAMS, key=lambda team: team.city)
    for number, team in enumerate(known, start=1):
        if team.code == code:
            whole = f"{team.city} {team.name}"
            return {"id": number, "city": team.city, "name": team.name, "full_name": whole, "abbreviation": code}
    return {"id": len(known) + player_id(code), "city": code, "name": code, "full_name": code, "abbreviation": code}


def _player(line: script.Line) -> dict[str, Any]:
    first, _, last = line.player.name.partition(" ")
    return {
        "min": f"{math.ceil(line.minutes):02}",
        "fgm": line.fg_made,
        "fga": line.fg_attempted,
        "fg3m": line.fg3_made,
        "fg3a": line.fg3_attempted,
        "ftm": line.ft_made,
        "fta": line.ft_attempted,
        "oreb": line.rebounds_offensive,
        "dreb": line.rebounds_defensive,
        "reb": line.rebounds,
        "ast": line.assists,
        "stl": line.steals,
        "blk": line.blocks,
        "turnover": line.turnovers,
        "pf": line.fouls,
        "pts": line.points,
        "player": {
            "id": player_id(line.player.lookup),
            "first_name": first,
            "last_name": last,
            "position": line.player.position,
        },
    }
