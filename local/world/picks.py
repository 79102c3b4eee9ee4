"""Picks: each model's side and edge for every line, arranged so that each day's hits come out as planned.

What happened is known here, so a pick is given the side that makes it the hit or the miss it should be; whoever
grades the rows by the rule finds the planned numbers again.
"""

import dataclasses
import datetime

import numpy as np

from local.world import facts, lines, noise, sides

_DECAY_FROM, _DECAY_TO = datetime.date(2026, 1, 9), datetime.date(2026, 2, 7)
_FRESH_RATE, _STALE_RATE, _USUAL_RATE = 0.71, 0.43, 0.53
_BIG_LINE = 10.0
SMALL_SLATE, LEAST_OVER, MOST_OVER, FEW_HIGH_EDGE = 4, 25.0, 45.0, 3
_LONE_EXTRAS = 2


@dataclasses.dataclass(frozen=True)
class Model:
    """One model's predicted margin over the line, an array of sides by slots, 0 without a line; `days` it ran on."""

    system: str
    first: datetime.date
    last: datetime.date
    margin: np.ndarray


def systems() -> list[tuple[str, datetime.date, datetime.date]]:
    """Return every model with the first and last day on which it predicts: five on each day."""
    every = [(system, facts.FIRST_DAY, facts.LAST_DAY) for system in facts.EVERY_DAY]
    until = facts.SHADOW_FIRST_DAY - datetime.timedelta(days=1)
    handed_over = (facts.PREDECESSOR, facts.FIRST_DAY, until)
    return [*every, handed_over, (facts.SHADOW, facts.SHADOW_FIRST_DAY, facts.LAST_DAY)]


def make(draws: noise.Noise, side: sides.Sides, quoted: lines.Lines) -> list[Model]:
    """Return the picks of every model."""
    return [_model(draws, side, quoted, span=span) for span in systems()]


def _model(
    draws: noise.Noise, side: sides.Sides, quoted: lines.Lines, *, span: tuple[str, datetime.date, datetime.date]
) -> Model:
    system, first, last = span
    margin = np.zeros(quoted.line.shape)
    flat = margin.ravel()
    for day in np.unique(side.date):
        date = day.astype(datetime.date)
        if first <= date <= last:
            rows = np.flatnonzero(quoted.lined.ravel() & np.repeat(side.date == day, quoted.lined.shape[1]))
            flat[rows] = _day(draws, rows, quoted, plan=_plan(draws, system, date, rows=rows), name=f"{system}/{date}")
    return Model(system, first, last, margin)


def _plan(draws: noise.Noise, system: str, day: datetime.date, *, rows: np.ndarray) -> facts.Picks:
    if (system, day) in facts.PLANTED:
        return facts.PLANTED[system, day]
    luck = draws.uniform(f"picks.{system}", np.array([day.toordinal()] * 4) * 8 + np.arange(4))
    if system == facts.SHADOW:
        return facts.Picks(edge3=0, hits=0, over=0)
    chosen = round(len(rows) * (0.06 + 0.12 * luck[0]))
    rate = _rate(system, day) + (luck[1] - 0.5) * 0.16
    over = round(len(rows) * (0.24 + 0.2 * luck[2]))
    high = 0 if day == facts.LAST_DAY else round(chosen * 0.4 * luck[3])
    return facts.Picks(edge3=chosen, hits=round(chosen * rate), high_edge=high, over=over)


def _rate(system: str, day: datetime.date) -> float:
    if system != facts.CHAMPION:
        return _USUAL_RATE
    part = (day - _DECAY_FROM) / (_DECAY_TO - _DECAY_FROM)
    return _FRESH_RATE + (_STALE_RATE - _FRESH_RATE) * min(max(part, 0.0), 1.0)


def _day(draws: noise.Noise, rows: np.ndarray, quoted: lines.Lines, *, plan: facts.Picks, name: str) -> np.ndarray:
    """Return the margins of one model and day for the players `rows`."""
    outcome, line = quoted.outcome.ravel()[rows], quoted.line.ravel()[rows]
    order = np.lexsort((draws.bits(f"picks.order/{name}", rows), line < _BIG_LINE))
    chosen, direction = _chosen(order, outcome, plan)
    rest = np.setdiff1d(order, chosen, assume_unique=True)
    rest = rest[np.argsort(draws.bits(f"picks.side/{name}", rows[rest]))]
    over = len(rows) // 3 if plan.over is None else plan.over
    more = max(over - int(np.sum(direction[chosen] > 0)), 0)
    direction[rest[:more]], direction[rest[more:]] = 1, -1
    edge = draws.integers(f"picks.edge/{name}", rows, low=5, high=29) / 10
    edge[chosen] = draws.integers(f"picks.edge3/{name}", rows[chosen], low=30, high=49) / 10
    high = chosen[np.argsort(-line[chosen], kind="stable")][: plan.high_edge]
    edge[high] = draws.integers(f"picks.edge5/{name}", rows[high], low=50, high=79) / 10
    return direction * edge


def _chosen(order: np.ndarray, outcome: np.ndarray, plan: facts.Picks) -> tuple[np.ndarray, np.ndarray]:
    """Return the picks of edge 3 or more, and an array of sides in which theirs are set."""
    direction = np.zeros(len(outcome), np.int64)
    if not np.any(outcome):
        chosen = order[: plan.edge3]
        direction[chosen] = -1 if plan.over == 0 else np.where(np.arange(len(chosen)) % 2, 1, -1)
        return chosen, direction
    only_under = plan.over == 0
    wins = [place for place in order if outcome[place] and not (only_under and outcome[place] > 0)][: plan.hits]
    taken = set(wins)
    losers = [place for place in order if outcome[place] and place not in taken]
    losses = [place for place in losers if not (only_under and outcome[place] < 0)][: plan.edge3 - plan.hits]
    direction[wins], direction[losses] = outcome[wins], -outcome[losses]
    # Pushes and voids of a large edge exist too: they have no verdict and must be left out of every rate.
    extras = [place for place in order if not outcome[place]][: _LONE_EXTRAS if plan.edge3 else 0]
    direction[extras] = -1
    return np.array([*wins, *losses, *extras], dtype=np.int64), direction


def signal(*, slate: int, over_share: float, high_edge: int) -> tuple[str, str]:
    """Return the colour of a day for a model, and why: the first rule that applies, worst first."""
    if slate <= SMALL_SLATE:
        return "RED", f"{slate}-game slate: skip day"
    if over_share < LEAST_OVER:
        return "RED", f"{over_share:.1f} % over: heavy under skew"
    if high_edge < FEW_HIGH_EDGE:
        return "YELLOW", f"{high_edge} high-edge picks"
    if over_share > MOST_OVER:
        return "YELLOW", f"{over_share:.1f} % over: over skew"
    return "GREEN", f"{high_edge} high-edge picks, {over_share:.1f} % over"
