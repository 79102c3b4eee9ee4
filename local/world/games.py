"""The season's games: which teams meet on which day, from opening night to the last day of the season.

Pairs are made greedily, day by day: whoever has played least and is rested plays next, against whom it met least.
"""

import dataclasses
import datetime

import numpy as np

from local.world import facts, noise, teams

_REGULAR_GAMES = 1230
# Monday to Sunday, before and after the All-Star break.
_WEEK_BEFORE = (8, 6, 10, 5, 9, 7, 7)
_WEEK_AFTER = (8, 7, 9, 6, 9, 7, 7)
_TIRED, _SPENT = 0.8, 50.0
_CALM_DAYS = 35
_OFF_LIMITS = -1e6


@dataclasses.dataclass(frozen=True)
class Games:
    """Games in the order of their days: `away` and `home` index the teams."""

    date: np.ndarray
    away: np.ndarray
    home: np.ndarray
    order: np.ndarray


@dataclasses.dataclass
class _Table:
    """What the season so far says of each team; filled day by day."""

    played: np.ndarray
    at_home: np.ndarray
    meetings: np.ndarray
    last: np.ndarray
    before_last: np.ndarray


def counts() -> dict[datetime.date, int]:
    """Return how many regular games each day of the season has; they add up to a full season."""
    days = (facts.SEASON_END - facts.FIRST_DAY).days + 1
    season = [facts.FIRST_DAY + datetime.timedelta(days=offset) for offset in range(days)]
    wanted = {day: _usual(day) for day in season}
    movable = [day for day in season if day > facts.BREAK[1] and day not in facts.FIXED_COUNTS]
    missing = _REGULAR_GAMES - sum(wanted.values())
    for turn in range(abs(missing)):
        wanted[movable[turn % len(movable)]] += 1 if missing > 0 else -1
    return wanted


def _usual(day: datetime.date) -> int:
    if day in facts.FIXED_COUNTS:
        return facts.FIXED_COUNTS[day]
    if facts.BREAK[0] <= day <= facts.BREAK[1]:
        return 0
    week = _WEEK_BEFORE if day < facts.BREAK[0] else _WEEK_AFTER
    return week[day.weekday()]


def make(draws: noise.Noise) -> Games:
    """Return every regular game of the season."""
    size = len(teams.TEAMS)
    table = _Table(
        played=np.zeros(size),
        at_home=np.zeros(size),
        meetings=np.zeros((size, size)),
        last=np.full(size, -9),
        before_last=np.full(size, -9),
    )
    rows: list[tuple[datetime.date, int, int, int]] = []
    for number, (day, count) in enumerate(counts().items()):
        pairs = _pairs(day, count, table=table, number=number, draws=draws)
        rows += [(day, away, home, order) for order, (away, home) in enumerate(pairs)]
        _enter(pairs, table, number=number)
    dates, away, home, order = zip(*rows, strict=True)
    return Games(
        date=np.array(dates, dtype="datetime64[D]"), away=np.array(away), home=np.array(home), order=np.array(order)
    )


def _pairs(day: datetime.date, count: int, *, table: _Table, number: int, draws: noise.Noise) -> list[tuple[int, int]]:
    if day == facts.LAST_DAY:
        return [(teams.INDEX[away], teams.INDEX[home]) for away, home in facts.TONIGHT]
    fixed = [(teams.INDEX[facts.FIXED_YESTERDAY[0]], teams.INDEX[facts.FIXED_YESTERDAY[1]])]
    pairs = fixed if day == facts.YESTERDAY else []
    taken = {team for pair in pairs for team in pair}
    need = _need(day, table=table, number=number, draws=draws)
    ranked = [int(team) for team in np.argsort(-need, kind="stable") if team not in taken]
    waiting = ranked[: 2 * (count - len(pairs))]
    while waiting:
        team = waiting.pop(0)
        other = min(waiting, key=lambda rival: (table.meetings[team, rival], -need[rival]))
        waiting.remove(other)
        pairs = [*pairs, _hosted(team, other, table)]
    return pairs


def _need(day: datetime.date, *, table: _Table, number: int, draws: noise.Noise) -> np.ndarray:
    """Return how much each team wants to play: few games so far, rested, some luck (none near the end)."""
    luck = 1.2 if (facts.SEASON_END - day).days > _CALM_DAYS else 0.1
    need = -table.played + draws.uniform("games.luck", number * 32 + np.arange(len(teams.TEAMS)), high=luck)
    tired = table.last == number - 1
    spent = tired & (table.before_last == number - 2)
    need = need - tired * _TIRED * min(luck, 1.0) - spent * (_SPENT if luck > 1 else 0.5)
    if day == facts.YESTERDAY:
        need[[teams.INDEX[code] for code in ("DAL", "LAL")]] = _OFF_LIMITS
    if day == facts.YESTERDAY - datetime.timedelta(days=1):
        # Nearly all play tomorrow and six the day after, so that whoever played yesterday rests today.
        need[tired] = _OFF_LIMITS
        need[[teams.INDEX[code] for code in ("MIL", "OKC", "POR", "UTA")]] = _OFF_LIMITS
    return need


def _hosted(team: int, other: int, table: _Table) -> tuple[int, int]:
    share = table.at_home - table.played / 2
    return (team, other) if share[team] > share[other] else (other, team)


def _enter(pairs: list[tuple[int, int]], table: _Table, *, number: int) -> None:
    for away, home in pairs:
        table.at_home[home] += 1
        table.meetings[away, home] += 1
        table.meetings[home, away] += 1
        for team in (away, home):
            table.played[team] += 1
            table.before_last[team] = table.last[team]
            table.last[team] = number
