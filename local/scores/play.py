"""How one game is played, second by second: who is on court, and what each player does there; pure.

What happens is a list of events, each at a second of the game's own time. Whoever adds up the events until a second
gets figures that never fall and always agree, since points are counted from the shots.
"""

import dataclasses
import random
from collections.abc import Iterator, Sequence

from local.scores import clock

STINT_SECONDS = 120
ON_COURT, ROTATION, MOST_OUT, MOST_FOULS = 5, 10, 8, 6
_WEIGHTS = (35.0, 33.5, 32.0, 30.0, 27.0, 23.0, 20.0, 17.0, 13.0, 10.5)
_TURNOVER, _STOLEN, _FOULED, _THREE, _BLOCKED = 0.12, 0.55, 0.11, 0.38, 0.08
_THREE_IN, _TWO_IN, _FREE_IN, _AGAIN, _ASSISTED = 0.37, 0.57, 0.78, 0.24, 0.6
_QUICK, _SLOW = 9, 20


@dataclasses.dataclass(frozen=True)
class Event:
    """One entry of the box score: at a second, a player has one more of a statistic."""

    second: int
    lookup: str
    statistic: str


@dataclasses.dataclass(frozen=True)
class Side:
    """One team's evening: who of its players is on court in each stint, the starters first."""

    stints: tuple[tuple[str, ...], ...]

    def on_court(self, second: int) -> tuple[str, ...]:
        """Return who is on court at a second."""
        return self.stints[second // STINT_SECONDS]

    def played(self, lookup: str, elapsed: float) -> float:
        """Return how many seconds a player was on court until `elapsed`."""
        begun = enumerate(self.stints[: int(elapsed // STINT_SECONDS) + 1])
        own = (number * STINT_SECONDS for number, five in begun if lookup in five)
        return sum(min(elapsed - start, STINT_SECONDS) for start in own)


def side(draws: random.Random, lookups: Sequence[str], *, overtimes: int) -> Side:
    """Return one team's evening, given its players from the one who usually plays most.

    Of more than five players the last ones do not play, and of ten and more one of the first does not either.
    """
    fit = list(lookups)
    if len(fit) >= ROTATION:
        del fit[draws.randrange(MOST_OUT)]
    rotation = fit[: min(ROTATION, max(ON_COURT, len(fit) - 1))]
    played = dict.fromkeys(rotation, 0.0)
    weights = dict(zip(rotation, _WEIGHTS, strict=False))
    stints = []
    for _ in range(-(-clock.seconds(overtimes) // STINT_SECONDS)):
        # Who is furthest behind the usual share of minutes comes in; ties go to whoever plays more.
        five = sorted(rotation, key=lambda each: (played[each] / weights[each], -weights[each]))[:ON_COURT]
        for each in five:
            played[each] += 1
        stints.append(tuple(five))
    return Side(tuple(stints))


def events(draws: random.Random, away: Side, home: Side, *, overtimes: int) -> tuple[Event, ...]:
    """Return all that happens in a game that is drawn after four periods and every overtime but the last."""
    made: list[Event] = []
    ends = [clock.seconds(number) for number in range(overtimes + 1)]
    for first, last in zip([0, *ends], ends, strict=False):
        made += _possessions(draws, (away, home), first, last)
        made += _settled(draws, (away, home), made, span=(first, last), drawn=last != ends[-1])
    return tuple(sorted(made, key=lambda event: event.second))


def _possessions(draws: random.Random, sides: tuple[Side, Side], first: int, last: int) -> Iterator[Event]:
    ball, second = draws.randrange(2), first
    while (second := second + draws.randint(_QUICK, _SLOW)) < last:
        attack, defence = sides[ball].on_court(second), sides[1 - ball].on_court(second)
        for lookup, statistic in _possession(draws, attack, defence):
            yield Event(second, lookup, statistic)
        ball = 1 - ball


def _possession(draws: random.Random, attack: tuple[str, ...], defence: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    who, chance = draws.choice(attack), draws.random()
    if chance < _TURNOVER:
        yield who, "turnovers"
        if draws.random() < _STOLEN:
            yield draws.choice(defence), "steals"
        return
    if chance < _TURNOVER + _FOULED:
        yield draws.choice(defence), "fouls"
        for _ in range(2):
            yield from _free(who, made=draws.random() < _FREE_IN)
        return
    three = draws.random() < _THREE
    made = draws.random() < (_THREE_IN if three else _TWO_IN)
    yield from _shot(who, three=three, made=made)
    if made:
        others = [each for each in attack if each != who]
        if others and draws.random() < _ASSISTED:
            yield draws.choice(others), "assists"
        return
    if draws.random() < _BLOCKED:
        yield draws.choice(defence), "blocks"
    again = draws.random() < _AGAIN
    yield draws.choice(attack if again else defence), "rebounds_offensive" if again else "rebounds_defensive"


def _shot(who: str, *, three: bool, made: bool) -> Iterator[tuple[str, str]]:
    for kind in ("fg", "fg3") if three else ("fg",):
        yield who, f"{kind}_attempted"
        if made:
            yield who, f"{kind}_made"


def _free(who: str, *, made: bool) -> Iterator[tuple[str, str]]:
    yield who, "ft_attempted"
    if made:
        yield who, "ft_made"


def _settled(
    draws: random.Random, sides: tuple[Side, Side], so_far: Sequence[Event], *, span: tuple[int, int], drawn: bool
) -> Iterator[Event]:
    """Yield the free throws that make a span end as it must: drawn for an overtime, and never drawn at the end."""
    lead = sum(_worth(event) * (1 if _of(sides[1], event) else -1) for event in so_far)
    missing = abs(lead) if drawn else int(lead == 0)
    behind = 1 if lead <= 0 else 0
    for _ in range(missing):
        second = draws.randrange(span[0] + 1, span[1])
        yield Event(second, draws.choice(sides[1 - behind].on_court(second)), "fouls")
        who = draws.choice(sides[behind].on_court(second))
        for lookup, statistic in _free(who, made=True):
            yield Event(second, lookup, statistic)


def _of(one: Side, event: Event) -> bool:
    return event.lookup in one.on_court(event.second)


def _worth(event: Event) -> int:
    return {"fg_made": 2, "fg3_made": 1, "ft_made": 1}.get(event.statistic, 0)
