"""The clock of a game: what it shows so many real minutes after tip-off; pure.

A period of twelve minutes takes about half an hour, as fouls, time-outs and reviews stop the clock.
"""

import dataclasses
from typing import Literal

State = Literal["scheduled", "in_progress", "final"]
REGULAR = 4
PERIOD_SECONDS, OVERTIME_SECONDS = 720, 300
HALF = "Half"
_PERIOD_TAKES, _LAST_TAKES, _OVERTIME_TAKES = 28.0, 33.0, 12.0
_BREAK, _HALF_BREAK, _CONFIRMED_AFTER = 3.0, 15.0, 2.0


@dataclasses.dataclass(frozen=True)
class Reading:
    """What the clock shows. text: "" before the game, "Q2 5:32", "END Q1", "Half", "OT1 2:30", "Final".

    period: 0 before the game, 5 and more in overtime. elapsed: seconds of the game's own time that are over.
    """

    state: State
    period: int
    text: str
    elapsed: float


def seconds(overtimes: int) -> int:
    """Return how many seconds of its own time a game has."""
    return REGULAR * PERIOD_SECONDS + overtimes * OVERTIME_SECONDS


def duration(overtimes: int) -> float:
    """Return how many real minutes after tip-off a game is told to be final: 140, and 15 for each overtime."""
    return _begin(REGULAR + overtimes) + _takes(REGULAR + overtimes) + _CONFIRMED_AFTER


def read(since_tip: float, overtimes: int) -> Reading:
    """Return what the clock shows, given the real minutes since tip-off, negative before it."""
    last = REGULAR + overtimes
    if since_tip < 0:
        return Reading("scheduled", 0, "", 0.0)
    if since_tip >= duration(overtimes):
        return Reading("final", last, "Final", float(seconds(overtimes)))
    period = max(each for each in range(1, last + 1) if since_tip >= _begin(each))
    share = (since_tip - _begin(period)) / _takes(period)
    before = seconds(0) * (period - 1) / REGULAR if period <= REGULAR else seconds(period - REGULAR - 1)
    if share >= 1.0:
        text = HALF if period == REGULAR // 2 else f"END {name(period)}"
        return Reading("in_progress", period, text, before + _length(period))
    # Whole seconds are left, so that two readings never differ by less than a clock shows.
    left = _length(period) - int(share * _length(period))
    text = f"{name(period)} {left // 60}:{left % 60:02}"
    return Reading("in_progress", period, text, before + _length(period) - left)


def name(period: int) -> str:
    """Return the short name of a period: Q1 to Q4, then OT1, OT2."""
    return f"Q{period}" if period <= REGULAR else f"OT{period - REGULAR}"


def _length(period: int) -> int:
    return PERIOD_SECONDS if period <= REGULAR else OVERTIME_SECONDS


def _takes(period: int) -> float:
    if period < REGULAR:
        return _PERIOD_TAKES
    return _LAST_TAKES if period == REGULAR else _OVERTIME_TAKES


def _begin(period: int) -> float:
    """Return the real minute after tip-off at which a period begins."""
    pauses = (period - 1) * _BREAK + (_HALF_BREAK - _BREAK if period > REGULAR // 2 else 0.0)
    return sum(_takes(each) for each in range(1, period)) + pauses
