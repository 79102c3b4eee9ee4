"""Form: what was known of each player before each game, from the games that he played before it."""

import dataclasses

import numpy as np

from local.world import boxscores, players, sides, teams

_LAST = 10


@dataclasses.dataclass(frozen=True)
class Form:
    """Arrays of sides by slots, NaN where there is no game to look at.

    played: games played this season. avg5, avg10, std10, season: points. minutes10: minutes a game.
    usage10: percent of the team's possessions. ts10: true shooting. rates and shots10: shots of the last ten
    games by zone, attempts and makes; assisted10: assisted makes.
    """

    played: np.ndarray
    avg5: np.ndarray
    avg10: np.ndarray
    std10: np.ndarray
    season: np.ndarray
    minutes10: np.ndarray
    usage10: np.ndarray
    ts10: np.ndarray
    window: dict[str, np.ndarray]


_SUMMED = (
    "fg_attempts", "fg_makes", "ft_attempts", "three_pt_attempts", "three_pt_makes", "paint_attempts",
    "paint_makes", "mid_range_attempts", "mid_range_makes", "assisted_fg_makes", "points",
)  # fmt: skip


def usage(box: boxscores.Box) -> np.ndarray:
    """Return the share of the team's possessions that each player used while on court, in percent, NaN unplayed."""
    used = box.stats["fg_attempts"] + 0.44 * box.stats["ft_attempts"] + box.stats["turnovers"]
    team = used.sum(axis=1, keepdims=True)
    on_court = box.minutes / np.where(
        box.minutes.sum(axis=1, keepdims=True) > 0, box.minutes.sum(axis=1, keepdims=True), 1
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(box.plays & (on_court > 0), 100 * used / (5 * on_court * team), np.nan)


def make(side: sides.Sides, box: boxscores.Box) -> Form:
    """Return the form before every side's game."""
    series = {name: box.stats[name].astype(np.float64) for name in _SUMMED}
    series |= {"minutes": box.minutes / 10.0, "usage": np.nan_to_num(usage(box))}
    rings = {name: np.full((len(teams.TEAMS), players.SLOTS, _LAST), np.nan) for name in series}
    totals = np.zeros((2, len(teams.TEAMS), players.SLOTS))
    out = {name: np.full((*box.plays.shape, _LAST), np.nan) for name in series}
    season, played = np.full(box.plays.shape, np.nan), np.zeros(box.plays.shape, np.int64)
    for number in range(int(side.number.max()) + 1):
        rows = np.flatnonzero(side.number == number)
        team = side.team[rows]
        played[rows] = totals[0, team]
        season[rows] = totals[1, team] / np.where(totals[0, team] > 0, totals[0, team], np.nan)
        for name, ring in rings.items():
            out[name][rows] = ring[team]
            _push(ring, team, values=series[name][rows], plays=box.plays[rows])
        totals[0, team] += box.plays[rows]
        totals[1, team] += box.stats["points"][rows]
    return _summary(out, season=season, played=played)


def _push(ring: np.ndarray, team: np.ndarray, *, values: np.ndarray, plays: np.ndarray) -> None:
    old = ring[team]
    new = np.concatenate([values[..., None], old[..., :-1]], axis=2)
    ring[team] = np.where(plays[..., None], new, old)


def _mean(values: np.ndarray) -> np.ndarray:
    seen = np.sum(~np.isnan(values), axis=-1)
    return np.nansum(values, axis=-1) / np.where(seen > 0, seen, np.nan)


def _summary(out: dict[str, np.ndarray], *, season: np.ndarray, played: np.ndarray) -> Form:
    points = out["points"]
    mean10 = _mean(points)
    window = {name: np.nansum(values, axis=-1) for name, values in out.items()}
    shots = 2 * (window["fg_attempts"] + 0.44 * window["ft_attempts"])
    return Form(
        played=played,
        avg5=_mean(points[..., :5]),
        avg10=mean10,
        std10=np.sqrt(_mean((points - mean10[..., None]) ** 2)),
        season=season,
        minutes10=_mean(out["minutes"]),
        usage10=_mean(out["usage"]),
        ts10=window["points"] / np.where(shots > 0, shots, np.nan),
        window=window,
    )
