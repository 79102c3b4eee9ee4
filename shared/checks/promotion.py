"""The arithmetic of the promotion gate: a record of picks against break-even, the champion and the sample; pure."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from shared import wording
from shared.checks import model, statistics
from shared.checks.model import Verdict
from shared.statuses import Status

REASONS = frozenset(
    {"promote", "hold", "reject", "enough_picks", "too_few", "above_breakeven", "below_breakeven", "not_shown"}
    | {"above_champion", "below_champion", "two_sided", "one_sided", "no_champion"}
)
_HOPES = (0.54, 0.56, 0.58, 0.60)


@dataclasses.dataclass(frozen=True)
class Record:
    """The graded picks of one model: how many were right, by side, and (right, all) by day."""

    group: model.Group
    wins: int
    picks: int
    sides: Mapping[str, int]
    daily: Mapping[str, tuple[int, int]]

    @property
    def name(self) -> str:
        """The model."""
        return "/".join(self.group)

    @property
    def rate(self) -> float:
        """The share of right picks, 0 when there is no pick."""
        return self.wins / self.picks if self.picks else 0.0

    def told(self) -> str:
        """Return the record for a person, such as "14/29 = 48.3 %"."""
        return f"{self.wins}/{self.picks}" + (f" = {100 * self.rate:.1f} %" if self.picks else "")


def on_the_days_of(record: Record, other: Record) -> Record:
    """Return the record of `other` on the days that `record` has picks of; all of it where days are not known."""
    if not record.daily:
        return other
    daily = {day: count for day, count in other.daily.items() if day in record.daily}
    wins, picks = (sum(count[place] for count in daily.values()) for place in (0, 1))
    return dataclasses.replace(other, wins=wins, picks=picks, daily=daily)


@dataclasses.dataclass(frozen=True)
class Terms:
    """What is asked of a shadow: rates are 0 to 1, least_side is in percent."""

    breakeven: float
    confidence: float
    min_picks: int
    least_side: float

    @property
    def target(self) -> str:
        """Break-even for a person."""
        return f"break-even {100 * self.breakeven:.1f} %"


def champion(record: Record, terms: Terms) -> tuple[Verdict, ...]:
    """Return how the champion stands against break-even."""
    found = _breakeven(record, terms)
    return (dataclasses.replace(found, evidence={**found.evidence, **_by_day(record)}),)


def shadow(record: Record, against: Record, terms: Terms) -> tuple[Verdict, ...]:
    """Return the verdict on a shadow model, then each criterion."""
    criteria = (
        _sample(record, terms),
        _breakeven(record, terms),
        _champion(record, against, terms),
        *((_sides(record, terms),) if record.sides else ()),
    )
    return (_verdict(record, against, terms, criteria), *criteria)


def _verdict(record: Record, against: Record, terms: Terms, criteria: tuple[Verdict, ...]) -> Verdict:
    open_, lost = (
        [one.part for one in criteria if one.status in statuses]
        for statuses in ((Status.UNKNOWN, Status.WARN), (Status.FAIL,))
    )
    status, reason = (Status.PASS, "promote")
    if lost:
        status, reason = (Status.FAIL, "reject")
    elif open_:
        status, reason = (Status.UNKNOWN, "hold")
    low, high = statistics.wilson(record.wins, record.picks, confidence=terms.confidence)
    message = (
        f"{reason}: {record.told()}, shown above {100 * low:.1f} % and below {100 * high:.1f} %, "
        f"against {terms.target} and the champion's {against.told()}"
    )
    message += f"; because of {', '.join(str(part) for part in (*lost, *open_))}" if lost or open_ else ""
    evidence = _bounds(record, terms) | {"champion": against.told(), "reasons": [*lost, *open_]} | _by_day(record)
    evidence |= {"champion_by": _by_day(against)["by"]} if against.daily else {}
    return Verdict(status, reason, message, _percent(record), "percent", group=record.group, evidence=evidence)


def _sample(record: Record, terms: Terms) -> Verdict:
    missing = terms.min_picks - record.picks
    message = f"{record.picks} of the {terms.min_picks} picks that are asked for"
    status, reason = (Status.PASS, "enough_picks")
    if missing > 0:
        status, reason, message = Status.UNKNOWN, "too_few", f"{message}; {missing} more are needed"
    return Verdict(
        status,
        reason,
        message,
        observed=record.picks,
        unit="picks",
        expected=terms.min_picks,
        group=record.group,
        evidence={"missing": max(missing, 0)},
        part="sample",
    )


def _breakeven(record: Record, terms: Terms) -> Verdict:
    low, high = statistics.wilson(record.wins, record.picks, confidence=terms.confidence)
    needed = statistics.picks_needed(record.rate, breakeven=terms.breakeven, confidence=terms.confidence)
    status, reason = (Status.UNKNOWN, "not_shown")
    message = f"{record.told()} is neither shown above {terms.target} nor below it"
    if low > terms.breakeven:
        status, reason, message = Status.PASS, "above_breakeven", f"{record.told()} is shown above {terms.target}"
    elif high < terms.breakeven:
        status, reason, message = Status.FAIL, "below_breakeven", f"{record.told()} is shown below {terms.target}"
    message += f": {100 * low:.1f} to {100 * high:.1f} % at {100 * terms.confidence:.0f} % confidence a side"
    if status is Status.UNKNOWN:
        rate = f"{needed:,} picks at this rate would show it" if needed else "no number of picks at this rate would"
        message += f"; {rate}"
    return Verdict(
        status,
        reason,
        message,
        observed=_percent(record),
        unit="percent",
        expected=round(100 * terms.breakeven, 2),
        group=record.group,
        evidence=_bounds(record, terms),
        part="breakeven",
    )


def _champion(record: Record, against: Record, terms: Terms) -> Verdict:
    details: dict[str, Any] = {"group": record.group, "part": "champion", "unit": "percent"}
    if not against.picks:
        message = f"the champion {against.name} has no picks to compare with"
        return Verdict(Status.UNKNOWN, "no_champion", message, **details)
    counts = (record.wins, record.picks, against.wins, against.picks)
    low, high = (100 * bound for bound in statistics.newcombe(*counts, confidence=terms.confidence))
    apart = 100 * (record.rate - against.rate)
    message = f"{apart:+.1f} points on the champion's {against.told()}, with bounds of {low:+.1f} and {high:+.1f}"
    status, reason = (Status.UNKNOWN, "not_shown")
    if low > 0:
        status, reason = Status.PASS, "above_champion"
    elif high < 0:
        status, reason = Status.FAIL, "below_champion"
    evidence = {"difference": round(apart, 2), "lower": round(low, 2), "upper": round(high, 2)}
    expected = round(100 * against.rate, 2)
    return Verdict(status, reason, message, _percent(record), expected=expected, evidence=evidence, **details)


def _sides(record: Record, terms: Terms) -> Verdict:
    shares = {name: 100 * count / record.picks if record.picks else 0.0 for name, count in record.sides.items()}
    least = min(shares, key=lambda name: (shares[name], name))
    told = ", ".join(f"{name} {record.sides[name]} ({share:.0f} %)" for name, share in shares.items())
    status, reason = (Status.PASS, "two_sided")
    if not record.picks:
        status, reason = Status.UNKNOWN, "too_few"
    elif shares[least] < terms.least_side:
        status, reason = Status.WARN, "one_sided"
    message = f"{told}; each side is asked for at least {wording.figure(terms.least_side)} %"
    return Verdict(
        status,
        reason,
        message,
        observed=round(shares[least], 2),
        unit="percent",
        expected=terms.least_side,
        group=record.group,
        evidence=dict(record.sides),
        part="sides",
    )


def _bounds(record: Record, terms: Terms) -> dict[str, Any]:
    low, high = statistics.wilson(record.wins, record.picks, confidence=terms.confidence)
    needed = {
        f"{100 * hope:.0f} %": statistics.picks_needed(hope, breakeven=terms.breakeven, confidence=terms.confidence)
        for hope in _HOPES
        if hope > terms.breakeven
    }
    return {
        "wins": record.wins,
        "picks": record.picks,
        "lower": round(100 * low, 2),
        "upper": round(100 * high, 2),
        "picks_needed": statistics.picks_needed(record.rate, breakeven=terms.breakeven, confidence=terms.confidence),
        "picks_needed_at": needed,
    }


def _by_day(record: Record) -> dict[str, Any]:
    return {"by": {name: f"{wins}/{picks}" for name, (wins, picks) in record.daily.items()}} if record.daily else {}


def _percent(record: Record) -> float | None:
    return round(100 * record.rate, 2) if record.picks else None
