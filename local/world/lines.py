"""Lines: for whom features are stored before each game, who of them is ready to be predicted, and at which line."""

import dataclasses
import datetime

import numpy as np

from local.world import boxscores, facts, form, noise, players, sides

_PRIOR = np.array([21.0, 19.0, 16.0, 13.0, 11.5, 10.5, 8.5, 7.5] + [6.0] * (players.SLOTS - 8))
_PRIOR_GAMES = 4.0
_USUAL_SLOTS, _SPARE_SLOTS = 8, 11
_READY, _LINED = 0.914, 0.985
_LOWEST = 5.5
_PLACEHOLDER = 20.0


@dataclasses.dataclass(frozen=True)
class Lines:
    """Arrays of sides by slots: three nested sets of players, their lines (NaN without), and what was expected.

    outcome: 1 over the line, -1 under it; 0 for a push, for who did not play, and before the game.
    """

    stored: np.ndarray
    ready: np.ndarray
    lined: np.ndarray
    line: np.ndarray
    opening: np.ndarray
    expected: np.ndarray
    outcome: np.ndarray


def make(draws: noise.Noise, side: sides.Sides, box: boxscores.Box, known: form.Form) -> Lines:
    """Return the lines of every side."""
    cells = side.cells
    told_out = ~box.available & draws.chance("lines.told_out", cells, share=0.6)
    slots = np.arange(players.SLOTS)
    stored = box.listed & ~told_out & (slots < _USUAL_SLOTS)
    ready = stored & draws.chance("lines.ready", cells, share=_READY)
    lined = ready & draws.chance("lines.lined", cells, share=_LINED)
    for day, slate in facts.SLATES.items():
        pool = box.listed & ~told_out & (slots < _SPARE_SLOTS)
        _plant(draws, side, day, slate=slate, sets=(pool, stored, ready, lined))
    expected = (known.played * np.nan_to_num(known.avg10) + _PRIOR_GAMES * _PRIOR) / (known.played + _PRIOR_GAMES)
    opening, line = _quoted(draws, cells, expected)
    line = np.where(lined, line, np.nan)
    outcome = np.where(lined & box.plays, np.sign(box.stats["points"] - np.nan_to_num(line)), 0).astype(np.int64)
    return Lines(stored, ready, lined, line, np.where(lined, opening, np.nan), expected, outcome)


def _plant(
    draws: noise.Noise,
    side: sides.Sides,
    day: datetime.date,
    *,
    slate: facts.Slate,
    sets: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """Overwrite the three nested sets of one day, so that they have the planted sizes."""
    pool, *nested = sets
    today = (side.date == np.datetime64(day))[:, None]
    rows, slots = np.nonzero(pool & today)
    order = np.lexsort((draws.bits("lines.stored", side.cells[rows, slots]), slots))
    chosen = (rows[order], slots[order])
    for members, size in zip(nested, (slate.stored, slate.ready, slate.lined), strict=True):
        first = (chosen[0][:size], chosen[1][:size])
        members[today[:, 0]] = False
        members[first] = True
        shuffled = np.argsort(draws.bits(f"lines.{size}", side.cells[first]))
        chosen = (first[0][shuffled], first[1][shuffled])


def _quoted(draws: noise.Noise, cells: np.ndarray, expected: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    opening = np.floor(expected + draws.normal("lines.quote", cells, deviation=1.2)) + 0.5
    opening = np.where(draws.chance("lines.whole", cells, share=0.18), opening + 0.5, opening).clip(_LOWEST)
    moved = opening + draws.weighted("lines.moved", cells, weights=(1, 6, 1)) - 1.0
    moved = moved.clip(_LOWEST)
    # 20.0 is what the pipeline writes when it knows no line; no real line may look like it.
    return opening, np.where(moved == _PLACEHOLDER, _PLACEHOLDER + 0.5, moved)
