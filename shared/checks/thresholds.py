"""Levels that a measured number reaches or not, such as `< 10 or > 40`, read and compared exactly; pure."""

import dataclasses
import decimal
import fractions
import itertools
import operator
import re
from typing import Any, NamedTuple

MOST_PARTS = 4
LARGEST_EXPONENT = 400  # powers of ten; more than a FLOAT64 or BIGNUMERIC has

_OPERATORS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_PART = re.compile(r"(<=|>=|==|!=|<|>)\s*([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)", re.ASCII)
_NAMED = re.compile(r"\s*([a-z][a-z0-9_]*)\s*((?:[<>=!]).*)", re.ASCII | re.DOTALL)
_LONGEST_NUMBER = 100  # characters
_LONGEST_PLAIN = 18  # powers of ten; beyond, a number is written with an exponent


class InvalidThreshold(ValueError):
    """The text states no level; the message names what is wrong in it."""


@dataclasses.dataclass(frozen=True)
class Part:
    """One comparison with a number, such as `< 95`."""

    sign: str
    number: decimal.Decimal


@dataclasses.dataclass(frozen=True)
class Threshold:
    """A level, reached when any of its parts holds."""

    parts: tuple[Part, ...]


class Comparison(NamedTuple):
    """A condition on a named number: a pair, so that a caller may write `name, threshold = …`."""

    name: str
    threshold: Threshold


def parse(text: str) -> Threshold:
    """Return the threshold given as `< 10 or > 40`; raise InvalidThreshold when the text is anything else."""
    pieces = re.split(r"\s+or\s+", text.strip())
    if len(pieces) > MOST_PARTS:
        raise InvalidThreshold(f"a threshold has at most {MOST_PARTS} parts, not {len(pieces)}: {text!r:.200}")
    return Threshold(tuple(_part(piece, text) for piece in pieces))


def _part(piece: str, text: str) -> Part:
    match = _PART.fullmatch(piece)
    if not match:
        raise InvalidThreshold(f"{piece!r:.60} is not like < 95, >= 3, == 0 or != 5, in {text!r:.200}")
    number = decimal.Decimal(match[2])
    if len(match[2]) > _LONGEST_NUMBER or abs(number.adjusted()) > LARGEST_EXPONENT:
        raise InvalidThreshold(f"the number is too long, too large or too small: {match[2]:.60}")
    return Part(match[1], number)


def parse_comparison(text: str) -> Comparison:
    """Return the name and threshold given as `games > 0`; raise InvalidThreshold when the text is anything else."""
    match = _NAMED.fullmatch(text)
    if not match:
        raise InvalidThreshold(f"{text!r:.200} is not like games > 0: a name in lower case, then a threshold")
    return Comparison(match[1], parse(match[2]))


def reached(threshold: Threshold, value: float | decimal.Decimal) -> bool:
    """Return whether `value` reaches the threshold; raise ValueError for NaN, and TypeError for what is no number.

    Exact: Python compares Decimal with int, float and Decimal without rounding, and infinities as numbers.
    """
    if not isinstance(value, int | float | decimal.Decimal):
        raise TypeError(f"no number to compare with a threshold: {value!r:.60}")
    if isinstance(value, float | decimal.Decimal) and decimal.Decimal(value).is_nan():
        raise ValueError("NaN can be compared with no threshold")
    return _holds(threshold, value)


def _holds(threshold: Threshold, value: Any) -> bool:
    """Return whether a number, or a Fraction, makes any part true."""
    kind = fractions.Fraction if isinstance(value, fractions.Fraction) else decimal.Decimal
    return any(_OPERATORS[part.sign](value, kind(part.number)) for part in threshold.parts)


def inside(inner: Threshold, outer: Threshold) -> bool:
    """Return whether every real number that reaches `inner` reaches `outer`, given two thresholds.

    Between two neighbouring ends a threshold is reached everywhere or nowhere: one point there answers for all, and
    each end, which may be open, closed or a single point, answers for itself. Fractions make the points exact.
    """
    ends = sorted({fractions.Fraction(part.number) for part in inner.parts + outer.parts})
    between = [(low + high) / 2 for low, high in itertools.pairwise(ends)]
    points = [ends[0] - 1, *ends, *between, ends[-1] + 1]
    return all(_holds(outer, point) for point in points if _holds(inner, point))


def text(threshold: Threshold) -> str:
    """Return the canonical text given a threshold: its parts in their order, each number in its shortest form."""
    return " or ".join(f"{part.sign} {_shortest(part.number)}" for part in threshold.parts)


def _shortest(number: decimal.Decimal) -> str:
    if not number:
        return "0"  # of -0 and 0.00 too
    bare = decimal.Context(prec=_LONGEST_NUMBER).normalize(number)
    return f"{bare:f}" if abs(bare.adjusted()) <= _LONGEST_PLAIN else f"{bare:e}"
