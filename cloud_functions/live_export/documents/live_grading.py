"""The day's predictions against what happens, while it happens: by the rule that grades them officially; pure."""

import collections
import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any, Literal

from cloud_functions.live_export import box, facts, grading
from cloud_functions.live_export.documents import fields
from cloud_functions.live_export.documents.fields import described

VERSION = "1.0"
NEEDS = ("schedule", "official", "provider", "predictions")
"""The sources that it is made from."""


@dataclasses.dataclass(frozen=True)
class Prediction:
    """One prediction, and how it stands."""

    player_lookup: str
    player_name: str
    team: str
    game_id: str
    home_team: str
    away_team: str
    game_status: fields.State
    period: int
    time_remaining: str | None
    predicted: float
    line: float | None
    recommendation: Literal["OVER", "UNDER", "PASS", "NO_LINE"]
    confidence: float | None = dataclasses.field(metadata=described("0 to 100."))
    has_line: bool
    line_source: str | None
    actual: int | None = dataclasses.field(metadata=described("Points so far, or at the end; null before tip-off."))
    minutes: float | None
    error: float | None = dataclasses.field(metadata=described("predicted - actual."))
    margin_vs_line: float | None = dataclasses.field(metadata=described("actual - line."))
    status: grading.Grade = dataclasses.field(
        metadata=described("graded: final, without a pick to be right or wrong; void: the player did not play.")
    )
    score_source: fields.Source | None


@dataclasses.dataclass(frozen=True)
class Summary:
    """What the predictions come to."""

    total_predictions: int
    graded: int = dataclasses.field(metadata=described("In finished games: correct, incorrect, push, void or graded."))
    pending: int
    correct: int
    incorrect: int
    pushes: int
    voided: int
    trending_correct: int
    trending_incorrect: int
    win_rate: float | None = dataclasses.field(
        metadata=described("Correct of correct and incorrect, in finished games only; 3 decimals.")
    )
    avg_error: float | None = dataclasses.field(metadata=described("Mean of |error| in finished games; 1 decimal."))
    games_in_progress: int
    games_final: int


@dataclasses.dataclass(frozen=True)
class LiveGrading:
    """How the predictions of one game day stand."""

    updated_at: datetime.datetime = dataclasses.field(metadata=fields.STAMP)
    game_date: datetime.date = dataclasses.field(metadata=fields.DAY)
    calendar: fields.Calendar
    summary: Summary
    predictions: tuple[Prediction, ...]


def build(known: facts.Facts, stamp: datetime.datetime) -> LiveGrading:
    """Return the document, given since when its content is what it is."""
    games = {game.game_id: game for game in known.night.games}
    graded = tuple(
        _prediction(row, games[row["game_id"]], known) for row in known.predictions if row["game_id"] in games
    )
    return LiveGrading(
        updated_at=stamp,
        game_date=known.day,
        calendar=facts.calendar(known),
        summary=_summary(graded, known),
        predictions=graded,
    )


def measure(document: LiveGrading) -> fields.Measures:
    """Return what the document comes to."""
    told = document.predictions
    counts = {"graded": document.summary.graded, "games": len({one.game_id for one in told})}
    filled = {name: any(getattr(one, name) is not None for one in told) for name in ("predicted", "line", "confidence")}
    return fields.Measures(len(told), counts, filled)


def _prediction(row: Mapping[str, Any], game: box.Game, known: facts.Facts) -> Prediction:
    line = facts.number(row["line"]) if row["has_line"] else None
    predicted = facts.number(row["predicted"])
    player = next((one for one in game.players if one.player_lookup == row["player_lookup"]), None)
    standing = _standing(game, player)
    actual = standing.points if standing.state in ("in_progress", "final") else None
    return Prediction(
        player_lookup=row["player_lookup"],
        player_name=row["name"],
        team=row["team"],
        game_id=game.game_id,
        home_team=game.home_team,
        away_team=game.away_team,
        game_status=game.status,
        period=game.period,
        time_remaining=game.time_remaining,
        predicted=predicted,
        line=line,
        recommendation=row["recommendation"],
        confidence=facts.number(row["confidence"]),
        has_line=line is not None,
        line_source=row["line_source"],
        actual=actual,
        minutes=player.minutes if player else None,
        error=None if actual is None or predicted is None else round(predicted - actual, 1),
        margin_vs_line=None if actual is None or line is None else round(actual - line, 1),
        status=known.rule.grade(row["recommendation"], line, standing),
        score_source=game.score_source if game.status in ("in_progress", "final") else None,
    )


def _standing(game: box.Game, player: box.Player | None) -> grading.Standing:
    """Return how a player's game stands; numbers that were kept of a finished game are not final.

    A finished game of which no player is known yet has voided nobody.
    """
    if game.status == "final" and not game.players:
        return grading.Standing("scheduled", None, 0.0)
    if game.status == "final" and game.score_source == "kept":
        return grading.Standing("in_progress", player.points if player else 0, 1.0)
    if game.status == "final":
        return grading.Standing("final", player.points if player and player.minutes is not None else None, 1.0)
    if not game.players:
        # Only the schedule knows that it is being played.
        return grading.Standing(game.status, None, 0.0)
    played = grading.played(game.period, game.time_remaining)
    return grading.Standing(game.status, player.points if player else 0, played)


def _summary(graded: tuple[Prediction, ...], known: facts.Facts) -> Summary:
    over = [one for one in graded if one.game_status == "final" and one.score_source != "kept"]
    count = collections.Counter(one.status for one in graded)
    verdicts = collections.Counter(one.status for one in over)
    judged = verdicts["correct"] + verdicts["incorrect"]
    missed = [abs(one.error) for one in over if one.error is not None]
    return Summary(
        total_predictions=len(graded),
        graded=sum(verdicts[status] for status in ("correct", "incorrect", "push", "void", "graded")),
        pending=count["pending"],
        correct=count["correct"],
        incorrect=count["incorrect"],
        pushes=count["push"],
        voided=count["void"],
        trending_correct=count["trending_correct"],
        trending_incorrect=count["trending_incorrect"],
        win_rate=round(verdicts["correct"] / judged, 3) if judged else None,
        avg_error=round(sum(missed) / len(missed), 1) if missed else None,
        games_in_progress=known.night.counted("in_progress"),
        games_final=known.night.counted("final"),
    )


DOCUMENT = LiveGrading
