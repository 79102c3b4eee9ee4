"""The one rule that grades a prediction, before, during and after its game; pure.

The official grading table (`nba_predictions.prediction_accuracy`) follows the same rule: a push, a void, a PASS and a
prediction without a line are neither right nor wrong.
"""

import dataclasses
from typing import Literal

Grade = Literal[
    "pending", "in_progress", "trending_correct", "trending_incorrect", "correct", "incorrect", "push", "void", "graded"
]
PICKS = ("OVER", "UNDER")
PERIODS = 4
PERIOD_MINUTES = 12.0
"""Of a regular period in the NBA; an overtime has five minutes and adds nothing to the share that is played."""


@dataclasses.dataclass(frozen=True)
class Standing:
    """How a player's game stands. points: so far, or at the end; None for one who has not played.

    played: the share of regular time that is over, 0 to 1.
    """

    state: Literal["scheduled", "in_progress", "final", "postponed"]
    points: int | None
    played: float


@dataclasses.dataclass(frozen=True)
class GradeRule:
    """How predictions are graded."""

    trend_from: float = dataclasses.field(
        default=0.25,
        metadata={
            "description": "From which share of regular time on a trend is told, by carrying the points on.",
            "minimum": 0.0,
            "maximum": 1.0,
        },
    )

    def grade(self, recommendation: str, line: float | None, standing: Standing) -> Grade:
        """Return how a prediction stands, given what it recommends, its line, and how the player's game stands.

        Points only rise while a game lasts: what is past its line is decided at once.
        """
        if standing.state in ("scheduled", "postponed"):
            return "pending"
        if standing.state == "final" and standing.points is None:
            return "void"
        if recommendation not in PICKS or line is None:
            return "graded" if standing.state == "final" else "in_progress"
        points = standing.points or 0
        over = recommendation == "OVER"
        if points > line:
            return "correct" if over else "incorrect"
        if standing.state == "final":
            return "push" if points == line else "incorrect" if over else "correct"
        return self._trend(points, line, standing.played, over=over)

    def _trend(self, points: int, line: float, played: float, *, over: bool) -> Grade:
        if played < self.trend_from or played <= 0:
            return "in_progress"
        expected = points / min(played, 1.0)
        if expected == line:
            return "in_progress"
        return "trending_correct" if (expected > line) == over else "trending_incorrect"


DEFAULT = GradeRule()


def played(period: int, clock: str | None) -> float:
    """Return the share of regular time that is over, given the period and a clock like "Q2 5:32", "5:32" or "Half"."""
    if period <= 0:
        return 0.0
    if period > PERIODS:
        return 1.0
    left = _minutes_left(clock)
    return min(1.0, (period - min(1.0, left / PERIOD_MINUTES)) / PERIODS)


def _minutes_left(clock: str | None) -> float:
    """Return the minutes that a clock shows; a clock without any shows the end of the period."""
    last = (clock or "").split()[-1:]
    minutes, colon, seconds = (last[0] if last else "").partition(":")
    if not colon or not minutes.isdecimal() or not seconds.replace(".", "", 1).isdecimal():
        return 0.0
    return int(minutes) + float(seconds) / 60
