"""Small values that tests of live_export tell their stories with: one game at a time, Milwaukee at Oklahoma City."""

import dataclasses
import datetime
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from cloud_functions.live_export import box, boxscores, building, contracts, declaration, facts, grading, night, plan
from cloud_functions.live_export.documents import fields
from cloud_functions.live_export.schedule import Scheduled
from deploy import manifest as deployment
from shared import calendars, declarations, gamedays, settings
from shared.exports import layout, manifest

T = TypeVar("T")
DAY = datetime.date(2026, 2, 12)
NOW = datetime.datetime(2026, 2, 13, 1, 30, tzinfo=datetime.UTC)
GAME_DAY = gamedays.GameDay("America/New_York", 4)
NAME = "live_export"
KEY, URL = "k3y-of-tests", "https://scores.example/v1/s3cr3t"
MINUTE = datetime.timedelta(minutes=1)


def replaced(value: T, **changes: Any) -> T:
    """Return a frozen value with changes."""
    return dataclasses.replace(value, **changes)  # type: ignore[type-var]  # every story is a dataclass


def _made(value: T, changes: Mapping[str, Any]) -> T:
    return replaced(value, **changes)


def code(away: str = "MIL", home: str = "OKC") -> str:
    """Return a game's id in every document."""
    return f"{DAY:%Y%m%d}_{away}_{home}"


def scheduled(away: str = "MIL", home: str = "OKC", **changes: Any) -> Scheduled:
    """Return a game of the schedule, 90 minutes after its tip-off; the schedule is behind."""
    return _made(
        Scheduled(code(away, home), "0022500801", home, away, "scheduled", NOW - 90 * MINUTE, None, None), changes
    )


def line(name: str = "Ann One", team: str = "MIL", **changes: Any) -> boxscores.Line:
    """Return a player's line as the provider tells it."""
    return _made(boxscores.Line(name, team, 12, 4, 3, 1, 0, 2, 21.0, 5, 9, 1, 3, 1, 2), changes)


def provider_game(away: str = "MIL", home: str = "OKC", **changes: Any) -> boxscores.Game:
    """Return a game of the provider, five and a half minutes before the half, with a player on each side."""
    lines = (line("Ann One", away), line("Bob Two", home, points=20))
    made = boxscores.Game("18", DAY.isoformat(), home, away, "in_progress", 2, "Q2 5:32", 61, 55, lines)
    return _made(made, changes)


def player(lookup: str = "annone", team: str = "MIL", **changes: Any) -> box.Player:
    """Return a player's published line."""
    return _made(box.Player(lookup, lookup.title(), team, 12, 4, 3, 1, 0, 2, 21.0, 5, 9, 1, 3, 1, 2), changes)


def game(away: str = "MIL", home: str = "OKC", **changes: Any) -> box.Game:
    """Return a published game, in its second quarter."""
    players = (player("bobtwo", home, points=20), player("annone", away))
    made = box.Game(
        code(away, home), "0022500801", "18", "in_progress", 2, "Q2 5:32", home, away, 61, 55, "live", 2, players
    )  # fmt: skip
    return _made(made, changes)


def final(away: str = "MIL", home: str = "OKC", **changes: Any) -> box.Game:
    """Return a published game that is over, as the official table tells it."""
    told: dict[str, Any] = {"status": "final", "period": 4, "time_remaining": "Final", "score_source": "official"}
    return game(away, home, **(told | changes))


def before_tip(away: str = "MIL", home: str = "OKC", **changes: Any) -> box.Game:
    """Return a published game that has not begun."""
    told: dict[str, Any] = {"status": "scheduled", "period": 0, "time_remaining": None, "score_source": "schedule"}
    told |= {"home_score": None, "away_score": None, "player_count": 0, "players": ()}
    return game(away, home, **(told | changes))


NUMBERS = ("points", "rebounds", "assists", "steals", "blocks", "turnovers", "fg_made", "fg_attempted")
SHOTS = ("fg3_made", "fg3_attempted", "ft_made", "ft_attempted")


def official(count: int = 10, away: str = "MIL", *, home: str = "OKC", **changes: Any) -> list[dict[str, Any]]:
    """Return so many rows of the official box score, turn by turn of each team, with 10 points, 11 and so on."""
    rows = []
    for number in range(count):
        row: dict[str, Any] = dict.fromkeys((*NUMBERS, *SHOTS), 1) | {"points": 10 + number, "minutes": 30.5}
        row |= {"game_id": code(away, home), "player_lookup": f"p{number}", "name": f"P {number}", "is_dnp": False}
        rows.append(row | {"team": (away, home)[number % 2]} | changes)
    return rows


def prediction(lookup: str = "annone", recommendation: str = "OVER", **changes: Any) -> dict[str, Any]:
    """Return a row of the predictions' query."""
    row: dict[str, Any] = {"player_lookup": lookup, "name": lookup.title(), "game_id": code(), "team": "MIL"}
    row |= {"predicted": 21.4, "confidence": 77.0, "recommendation": recommendation, "has_line": True, "line": 18.5}
    return row | {"line_source": "ACTUAL_PROP", "factors": '{"edge": 2.9, "rested": true}'} | changes


def candidate_player(lookup: str = "annone", **changes: Any) -> dict[str, Any]:
    """Return a row of the players' query."""
    row: dict[str, Any] = {"player_lookup": lookup, "name": lookup.title(), "game_id": code(), "team": "MIL"}
    row |= {"is_home": False, "fatigue_score": 80, "days_rest": 2, "injury_status": None, "injury_reason": None}
    row |= {"season_ppg": 20.0, "minutes_avg": 31.0, "last_5_ppg": 22.0, "games_played": 40, "line": 17.5}
    return row | {"matchup_quality_pct": 88.0} | changes


def calendar(games: Mapping[int, int], **changes: Any) -> calendars.Calendar:
    """Return a calendar, given the games by days from the day of the stories; 0 is a row that is no game."""
    declared = calendars.Declared("nba_raw.nbac_schedule", "game_date", "game_id")
    days = {
        DAY + datetime.timedelta(days=number): calendars.Day(max(count, 1), count, 0) for number, count in games.items()
    }
    return calendars.Calendar(_made(declared, changes), days)


OFF_DAY = calendar({-1: 2, 1: 5})
BREAK = calendar({-1: 2, 5: 3})
OFF_SEASON = calendar({}, off_seasons=(calendars.OffSeason(DAY, DAY),))
UNKNOWN = calendar({})


def known(*games: box.Game, **changes: Any) -> facts.Facts:
    """Return what is known of a day with these games; every game stands in the schedule, begun."""
    listed = tuple(scheduled(one.away_team, one.home_team) for one in games)
    counted = calendar({-1: 2, 0: len(games), 1: 5})
    return _made(facts.Facts(DAY, NOW, counted, listed, night.Night(games, ()), grading.DEFAULT), changes)


def document(name: str = "live", **changes: Any) -> declaration.Document:
    """Return a declared document; a game makes at least ten rows, and a third of them may be gone."""
    floor = declaration.Floor(per_game=10, shrink=0.34, filled=("predicted",))
    made = declaration.Document(name, name.replace("-", "_"), f"{name}/{{day}}.json", ("schedule",), "live", 600)
    return _made(made, {"latest": f"{name}/latest.json", "floor": floor} | changes)


def measures(rows: int = 40, **columns: bool) -> fields.Measures:
    """Return what a document comes to: so many rows, all of them with a value unless told."""
    return fields.Measures(rows, {"final": 1}, {"predicted": rows > 0} | columns)


def candidate(sha256: str = "a" * 64, **changes: Any) -> plan.Candidate:
    """Return a document that was made, with 40 rows."""
    return _made(plan.Candidate(b"gzip", sha256, 1234, measures(), NOW, "1.0", b"{}", "f" * 64), changes)


def content(sha256: str = "a" * 64, **changes: Any) -> manifest.Content:
    """Return the content of a document that was confirmed two minutes ago, and is ten minutes old."""
    path = layout.immutable(layout.dated("live/{day}.json", DAY), sha256)
    as_of, since = NOW - 2 * MINUTE, NOW - 10 * MINUTE
    made = manifest.Content(DAY, path, sha256, 1234, 40, {"final": 1}, as_of, since, "1.0", "run-1", "f" * 64)
    return _made(made, changes)


def entry(found: manifest.Content | None = None, **changes: Any) -> manifest.Entry:
    """Return how document `live` stands: its content, by default 40 rows that were confirmed two minutes ago."""
    path = layout.dated("live/{day}.json", DAY)
    made = manifest.Entry("ok", path, "live/latest.json", 600, "schemas/live.schema.json", found or content())
    return _made(made, changes)


def day(games: int = 3, standing: calendars.Standing | None = None) -> plan.Day:
    """Return what the calendar says of the day."""
    return plan.Day(DAY, standing or (calendars.Standing.GAMES if games else calendars.Standing.OFF_DAY), games)


def run(**changes: Any) -> plan.Run:
    """Return a run on a day with three games."""
    return _made(plan.Run("run-2", NOW, day()), changes)


def declared(**environment: str) -> declaration.Exports:
    """Return the declaration that ships, with the variables of its function.yaml."""
    path = settings.ROOT / "cloud_functions" / NAME / declaration.NAME
    return declarations.load(declaration.Exports, path, environment=variables() | environment)


def variables() -> dict[str, str]:
    """Return a value for every variable and secret that function.yaml declares."""
    told = deployment.read(NAME, root=settings.ROOT)
    return dict(told.env) | dict.fromkeys(told.secrets, KEY) | {"SCORES_API_URL": URL}


def mistakes(shape: str, built: Any) -> Sequence[str]:
    """Return what a document has wrong by its published schema, as bytes."""
    return contracts.checker(contracts.schemas()[shape])(building.canonical(built))


def plain(built: Any) -> Any:
    """Return a document as a reader gets it."""
    return json.loads(building.canonical(built))
