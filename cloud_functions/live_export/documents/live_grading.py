"""The day's predictions against what happens, while it happens: by the rule that grades them officially; pure."""

import dataclasses
import datetime
from typing import Literal

from cloud_functions.live_export.documents import fields
from cloud_functions.live_export.documents.fields import described

VERSION = "1.0"
Grade = Literal[
    "pending", "in_progress", "trending_correct", "trending_incorrect", "correct", "incorrect", "push", "void", "graded"
]


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
    status: Grade = dataclasses.field(
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
