"""Box scores: who played how long in each game and what they did; every total adds up.

Arrays are sides by slots. A team's total is drawn first and then shared out in whole numbers, so that the
players' figures always add up to the team's.
"""

import dataclasses

import numpy as np

from local.world import facts, noise, players, sides, teams

_STRENGTH = np.array([team.strength for team in teams.TEAMS])
_USUAL_ATTEMPTS, _USUAL_FREE_THROWS, _HOME_EDGE = 88.5, 23.0, 1.2
_MOST_OF_THE_GAME = 0.183
_STARTERS, _MANY_BLOCKS = 5, 3
_MAKES = {"three_pt": 0.362, "paint": 0.575, "mid_range": 0.42}


@dataclasses.dataclass(frozen=True)
class Box:
    """What happened: `stats` by column name (0 for who did not play), `minutes` in tenths, overtimes a side."""

    listed: np.ndarray
    available: np.ndarray
    plays: np.ndarray
    starts: np.ndarray
    minutes: np.ndarray
    overtimes: np.ndarray
    stats: dict[str, np.ndarray]

    def total(self, name: str) -> np.ndarray:
        """Return the team totals of the stat `name`, one a side."""
        return self.stats[name].sum(axis=1)


def share_out(total: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return whole numbers that add up to `total` along the slots, each near its share of `weights`.

    Where weights are whole numbers and none is below its share, no result exceeds its weight.
    """
    running = np.cumsum(weights, axis=1, dtype=np.float64)
    whole = np.where(running[:, -1:] > 0, running[:, -1:], 1.0)
    edges = np.floor(running / whole * total[:, None] + 1e-9).astype(np.int64)
    return np.diff(edges, axis=1, prepend=0)


def make(draws: noise.Noise, side: sides.Sides, roster: players.Players) -> Box:
    """Return the box scores of all finished sides; tonight's sides have rosters only."""
    listed, available, plays, starts = _line_ups(draws, side)
    overtimes = np.where(side.final, draws.weighted("box.overtime", side.game, weights=(94, 5, 1)), 0)
    minutes = _minutes(draws, side, roster, plays=plays, overtimes=overtimes)
    stats = _shooting(draws, side, roster, minutes=minutes)
    _break_ties(stats, plays)
    _other_stats(draws, side, stats, minutes=minutes)
    return Box(listed, available, plays, starts, minutes, overtimes, stats)


def _line_ups(draws: noise.Noise, side: sides.Sides) -> tuple[np.ndarray, ...]:
    sizes = 17 + draws.weighted("box.listed", side.rows, weights=(25, 50, 25))
    yesterday = np.flatnonzero(side.date == np.datetime64(facts.YESTERDAY))
    spare = facts.PLAYER_ROWS_YESTERDAY - 18 * len(yesterday)
    sizes[yesterday] = 18 + (np.arange(len(yesterday)) < spare)
    slots = np.arange(players.SLOTS)
    listed = slots < sizes[:, None]
    available = listed & ~draws.chance("box.out", side.cells, share=0.07)
    rank = np.cumsum(available, axis=1)
    used = draws.integers("box.rotation", side.rows, low=9, high=11)
    plays = available & (rank <= used[:, None]) & side.final[:, None]
    return listed, available, plays, plays & (rank <= _STARTERS)


def _minutes(
    draws: noise.Noise, side: sides.Sides, roster: players.Players, *, plays: np.ndarray, overtimes: np.ndarray
) -> np.ndarray:
    spread = draws.normal("box.minutes", side.cells, mean=1.0, deviation=0.09)
    weights = roster.minutes[side.team] * spread * plays
    for _ in range(4):
        # Nobody plays much more than 44 of 48 minutes; what is cut goes to the others.
        weights = np.minimum(weights, weights.sum(axis=1, keepdims=True) * _MOST_OF_THE_GAME)
    return share_out(np.where(side.final, 2400 + 250 * overtimes, 0), weights)


def _made(draws: noise.Noise, name: str, cells: np.ndarray, attempts: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """Return how many of `attempts` went in: nearly binomial, never more than attempted, never below 0."""
    luck = draws.normal(f"box.{name}", cells, deviation=0.75)
    expected = attempts * rate
    made = np.rint(expected + luck * np.sqrt(expected * (1 - rate).clip(min=0)))
    return np.clip(made, 0, attempts).astype(np.int64)


def _shooting(
    draws: noise.Noise, side: sides.Sides, roster: players.Players, *, minutes: np.ndarray
) -> dict[str, np.ndarray]:
    cells, played = side.cells, minutes.sum(axis=1) / 2400
    pace = draws.normal("box.pace", side.game, mean=_USUAL_ATTEMPTS, deviation=3.0)
    own = draws.normal("box.attempts", side.rows, deviation=1.2)
    weights = minutes * roster.usage[side.team] * draws.normal("box.usage", cells, mean=1.0, deviation=0.22).clip(0.2)
    attempts = share_out(np.rint((pace + own) * played), weights)
    threes = np.rint(attempts * roster.threes[side.team] * draws.uniform("box.threes", cells, low=0.7, high=1.3))
    threes = np.minimum(threes.astype(np.int64), attempts)
    paint = np.minimum(np.rint((attempts - threes) * roster.paint[side.team]).astype(np.int64), attempts - threes)
    shots = {"three_pt": threes, "paint": paint, "mid_range": attempts - threes - paint}
    form = (_STRENGTH[side.team] - _STRENGTH[side.opponent] + _HOME_EDGE * np.where(side.home, 1, -1))[:, None] * 0.0028
    stats = {f"{name}_attempts": taken for name, taken in shots.items()}
    for name, taken in shots.items():
        stats[f"{name}_makes"] = _made(draws, name, cells, taken, (_MAKES[name] + form).clip(0.1, 0.9))
    free = np.rint(draws.normal("box.free", side.rows, mean=_USUAL_FREE_THROWS, deviation=4.0) * played)
    stats["ft_attempts"] = share_out(free, weights * draws.uniform("box.fouled", cells, low=0.2, high=1.8))
    stats["ft_makes"] = _made(draws, "ft", cells, stats["ft_attempts"], np.full(cells.shape, 0.785))
    stats["fg_attempts"] = attempts
    stats["fg_makes"] = sum(stats[f"{name}_makes"] for name in shots)
    return stats


def _points(stats: dict[str, np.ndarray]) -> np.ndarray:
    return 2 * stats["fg_makes"] + stats["three_pt_makes"] + stats["ft_makes"]


def _break_ties(stats: dict[str, np.ndarray], plays: np.ndarray) -> None:
    """Give the home side of each drawn game one more free throw, made by its first player; set the points."""
    total = _points(stats).sum(axis=1)
    drawn = np.flatnonzero((total[0::2] == total[1::2]) & plays[0::2].any(axis=1)) * 2 + 1
    first = np.argmax(plays[drawn], axis=1)
    for name in ("ft_attempts", "ft_makes"):
        stats[name][drawn, first] += 1
    stats["points"] = _points(stats)


def _other_stats(draws: noise.Noise, side: sides.Sides, stats: dict[str, np.ndarray], *, minutes: np.ndarray) -> None:
    cells, final = side.cells, side.final
    usual = {"steals": 8.1, "blocks": 4.8, "turnovers": 13.8, "personal_fouls": 19.2, "offensive_rebounds": 10.8}
    for name, mean in usual.items():
        total = np.rint(draws.normal(f"box.{name}", side.rows, mean=mean, deviation=0.6 * mean**0.5)).clip(1) * final
        stats[name] = share_out(total, minutes * draws.uniform(f"box.{name}.who", cells, low=0.05, high=1.5))
    made = stats["fg_makes"].sum(axis=1)
    assists = np.rint(made * draws.uniform("box.assists", side.rows, low=0.52, high=0.72)).astype(np.int64)
    stats["assists"] = share_out(assists, minutes * draws.uniform("box.assists.who", cells, low=0.1, high=2.0))
    stats["assisted_fg_makes"] = share_out(assists, stats["fg_makes"])
    stats["unassisted_fg_makes"] = stats["fg_makes"] - stats["assisted_fg_makes"]
    missed = (stats["fg_attempts"].sum(axis=1) - made)[side.other]
    caught = np.rint(missed * 0.78).astype(np.int64)
    stats["defensive_rebounds"] = share_out(caught, minutes * draws.uniform("box.boards", cells, low=0.2, high=1.6))
    stats["paint_blocks"] = np.rint(stats["blocks"] * 0.7).astype(np.int64)
    stats["three_pt_blocks"] = np.where(stats["blocks"] >= _MANY_BLOCKS, 1, 0)
    stats["mid_range_blocks"] = stats["blocks"] - stats["paint_blocks"] - stats["three_pt_blocks"]
    stats["and1_count"] = np.minimum(stats["fg_makes"] // 5, stats["ft_makes"])
    stats["plus_minus"] = _plus_minus(draws, side, stats, minutes=minutes)


def _plus_minus(
    draws: noise.Noise, side: sides.Sides, stats: dict[str, np.ndarray], *, minutes: np.ndarray
) -> np.ndarray:
    """Return each player's plus-minus; over a side they add up to five times its margin, as five are on court."""
    total = stats["points"].sum(axis=1)
    margin = total - total[side.other]
    even = share_out(5 * np.abs(margin), minutes) * np.sign(margin)[:, None]
    swing = np.rint(draws.normal("box.swing", side.cells, deviation=5.0)).astype(np.int64) * (minutes > 0)
    swing[np.arange(len(swing)), np.argmax(minutes > 0, axis=1)] -= swing.sum(axis=1)
    return np.where(minutes > 0, even + swing, 0)


def possessions(box: Box) -> np.ndarray:
    """Return the possessions of each side, from the usual box-score estimate."""
    estimate = box.total("fg_attempts") + 0.44 * box.total("ft_attempts")
    return np.rint(estimate - box.total("offensive_rebounds") + box.total("turnovers")).astype(np.int64)
