"""Everything about tonight's players before and during their games: form, rest, injury, line and prediction; pure."""

import dataclasses
import datetime
import json
from collections.abc import Mapping
from typing import Any, Literal

from cloud_functions.live_export import box, facts
from cloud_functions.live_export.documents import fields
from cloud_functions.live_export.documents.fields import described

VERSION = "1.0"
NEEDS = ("schedule", "official", "provider", "predictions", "players", "recent")
"""The sources that it is made from."""
ENOUGH_GAMES = 10
MOST_FACTORS = 4
HOT, COLD = 1.1, 0.9
"""The last five games against the season, from which on a player is hot, and down to which cold."""
FRESH, RESTED = 75, 50
"""The fatigue score, 0 to 100, from which on a player is fresh, and not tired."""


@dataclasses.dataclass(frozen=True)
class Props:
    """The line that bookmakers offer."""

    stat_type: Literal["points"]
    line: float
    over_odds: int | None = dataclasses.field(metadata=described("American odds, where a source tells them."))
    under_odds: int | None = dataclasses.field(metadata=described("American odds, where a source tells them."))


@dataclasses.dataclass(frozen=True)
class Predicted:
    """What the champion model predicts."""

    predicted: float
    confidence: float | None = dataclasses.field(metadata=described("0 to 100."))
    recommendation: Literal["OVER", "UNDER", "PASS", "NO_LINE"]
    factors: tuple[str, ...] = dataclasses.field(metadata=described("At most four."))


@dataclasses.dataclass(frozen=True)
class Player:
    """One player of tonight."""

    player_lookup: str
    name: str
    team: str
    is_home: bool
    has_line: bool
    fatigue_level: Literal["fresh", "normal", "tired"] | None
    fatigue_score: int | None
    days_rest: int | None
    injury_status: str | None
    injury_reason: str | None
    season_ppg: float | None
    season_mpg: float | None
    minutes_avg: float | None = dataclasses.field(metadata=described("Of the last ten games."))
    last_5_ppg: float | None
    games_played: int | None
    limited_data: bool = dataclasses.field(metadata=described("Fewer than ten games this season, or not known."))
    recent_form: Literal["Hot", "Cold", "Neutral"] | None
    last_10_points: tuple[int, ...] = dataclasses.field(metadata=described("Newest first; games played only."))
    last_10_over: int
    last_10_under: int
    last_10_push: int
    props: Props | None
    matchup_quality_pct: float | None
    prediction: Predicted | None


@dataclasses.dataclass(frozen=True)
class Game:
    """One game of tonight and its players."""

    game_id: str
    home_team: str
    away_team: str
    game_time: str | None = dataclasses.field(metadata=described('Like "7:30 PM ET"; null once it has begun.'))
    game_status: fields.State
    home_score: int | None
    away_score: int | None
    player_count: int
    players: tuple[Player, ...]


@dataclasses.dataclass(frozen=True)
class Tonight:
    """The players of one game day."""

    game_date: datetime.date = dataclasses.field(metadata=fields.DAY)
    generated_at: datetime.datetime = dataclasses.field(metadata=fields.STAMP)
    calendar: fields.Calendar
    total_players: int
    total_with_lines: int
    games: tuple[Game, ...]


def build(known: facts.Facts, stamp: datetime.datetime) -> Tonight:
    """Return the document, given since when its content is what it is."""
    predictions = {(row["player_lookup"], row["game_id"]): row for row in known.predictions}
    recent = {row["player_lookup"]: row for row in known.recent}
    players: dict[str, list[Player]] = {}
    for row in known.players:
        predicted = predictions.get((row["player_lookup"], row["game_id"]))
        players.setdefault(row["game_id"], []).append(_player(row, predicted, recent.get(row["player_lookup"], {})))
    times = {one.game_id: one.tip for one in known.schedule}
    games = tuple(_game(game, times.get(game.game_id), players.get(game.game_id, [])) for game in known.night.games)
    told = [player for game in games for player in game.players]
    return Tonight(
        game_date=known.day,
        generated_at=stamp,
        calendar=facts.calendar(known),
        total_players=len(told),
        total_with_lines=sum(player.has_line for player in told),
        games=games,
    )


def measure(document: Tonight) -> fields.Measures:
    """Return what the document comes to."""
    told = [player for game in document.games for player in game.players]
    counts = {"with_lines": document.total_with_lines, "predictions": sum(one.prediction is not None for one in told)}
    watched = ("season_ppg", "minutes_avg", "last_5_ppg", "days_rest", "fatigue_score")
    return fields.Measures(
        len(told), counts, {name: any(getattr(one, name) is not None for one in told) for name in watched}
    )


def _game(game: box.Game, tip: datetime.datetime | None, players: list[Player]) -> Game:
    ordered = sorted(players, key=lambda one: (one.prediction is None, -(one.season_ppg or 0.0), one.player_lookup))
    return Game(
        game_id=game.game_id,
        home_team=game.home_team,
        away_team=game.away_team,
        game_time=f"{tip:%I:%M %p} ET".lstrip("0") if tip and game.status == "scheduled" else None,
        game_status=game.status,
        home_score=game.home_score,
        away_score=game.away_score,
        player_count=len(players),
        players=tuple(ordered),
    )


def _player(row: Mapping[str, Any], predicted: Mapping[str, Any] | None, recent: Mapping[str, Any]) -> Player:
    line = _line(row, predicted)
    season, last_5 = facts.number(row["season_ppg"]), facts.number(row["last_5_ppg"])
    played = row["games_played"]
    return Player(
        player_lookup=row["player_lookup"],
        name=row["name"],
        team=row["team"],
        is_home=bool(row["is_home"]),
        has_line=line is not None,
        fatigue_level=_fatigue(row["fatigue_score"]),
        fatigue_score=row["fatigue_score"],
        days_rest=row["days_rest"],
        injury_status=row["injury_status"],
        injury_reason=row["injury_reason"],
        season_ppg=season,
        season_mpg=facts.number(recent.get("season_mpg")),
        minutes_avg=facts.number(row["minutes_avg"]),
        last_5_ppg=last_5,
        games_played=played,
        limited_data=played is None or played < ENOUGH_GAMES,
        recent_form=_form(last_5, season),
        last_10_points=tuple(recent.get("last_10_points", ())),
        last_10_over=recent.get("last_10_over", 0),
        last_10_under=recent.get("last_10_under", 0),
        last_10_push=recent.get("last_10_push", 0),
        props=None if line is None else Props("points", line, None, None),
        matchup_quality_pct=facts.number(row["matchup_quality_pct"]),
        prediction=_predicted(predicted) if predicted else None,
    )


def _line(row: Mapping[str, Any], predicted: Mapping[str, Any] | None) -> Any:
    """Return the line that the prediction was made against, or the player's own where nothing is predicted."""
    if predicted is None:
        return facts.number(row["line"])
    return facts.number(predicted["line"]) if predicted["has_line"] else None


def _predicted(row: Mapping[str, Any]) -> Predicted:
    found = json.loads(row["factors"]) if row["factors"] else None
    told = found if isinstance(found, dict) else {}
    factors = tuple(f"{name}: {json.dumps(value)}" for name, value in sorted(told.items()) if value is not None)
    return Predicted(
        predicted=facts.number(row["predicted"]),
        confidence=facts.number(row["confidence"]),
        recommendation=row["recommendation"],
        factors=factors[:MOST_FACTORS],
    )


def _fatigue(score: int | None) -> Literal["fresh", "normal", "tired"] | None:
    """Return the word for a score of 0 (spent) to 100 (rested)."""
    if score is None:
        return None
    return "fresh" if score >= FRESH else "normal" if score >= RESTED else "tired"


def _form(last_5: float | None, season: float | None) -> Literal["Hot", "Cold", "Neutral"] | None:
    if last_5 is None or not season:
        return None
    ratio = last_5 / season
    return "Hot" if ratio >= HOT else "Cold" if ratio <= COLD else "Neutral"


DOCUMENT = Tonight
