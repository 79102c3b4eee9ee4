"""How numbers and lists are said: to a person, and to JSON; pure."""

import math
from collections.abc import Iterable
from typing import Any


def percent(part: float, whole: float) -> float | None:
    """Return `part` in percent of `whole`; None when `whole` is 0."""
    return 100.0 * part / whole if whole else None


def plain(value: Any) -> float | int | str:
    """Return a number as JSON can hold it; whole numbers stay whole, and one that is not finite is a text."""
    if isinstance(value, bool | int):
        return int(value)
    return round(float(value), 6) if math.isfinite(float(value)) else str(float(value))


def figure(value: float) -> str:
    """Return a number for a person: whole, or with one decimal, or three digits when it is small."""
    if isinstance(value, int) or (math.isfinite(value) and value == int(value)):
        return f"{int(value):,}"
    return f"{value:,.1f}" if abs(value) >= 1 else f"{value:.3g}"


def share(part: float, whole: float) -> str:
    """Return `part` of `whole` for a person, such as "32 of 35 (91.4 %)"."""
    ratio = percent(part, whole)
    return f"{figure(part)} of {figure(whole)}" + ("" if ratio is None else f" ({ratio:.1f} %)")


def amount(number: int, word: str) -> str:
    """Return a number of things."""
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def listed(names: Iterable[str], most: int = 5) -> str:
    """Return some names, and how many more there are."""
    found = list(names)
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more
