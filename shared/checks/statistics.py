"""The statistics that checks judge by: bounds of a rate, of a difference of rates, and how far a value is off; pure."""

import math
import statistics as stdlib
from collections.abc import Iterable

MAD_SCALE = 1.4826  # makes the median absolute deviation of a normal distribution its standard deviation


def z(confidence: float) -> float:
    """Return the one-sided standard normal quantile given a confidence, 0.5 to below 1; raise ValueError outside it."""
    if not 0.5 <= confidence < 1:  # noqa: PLR2004 - below one half, a "lower" bound would lie above the estimate
        raise ValueError(f"a confidence is from 0.5 to below 1, not {confidence}")
    return stdlib.NormalDist().inv_cdf(confidence)


def wilson(wins: float, n: float, *, confidence: float) -> tuple[float, float]:
    """Return the lower and upper score bound of a rate given `wins` of `n`; raise ValueError unless 0 <= wins <= n.

    Each bound is one-sided at `confidence`: Wilson 1927, JASA 22, 209-212. Nothing is known of a rate with n = 0.
    """
    quantile = z(confidence)
    if not 0 <= wins <= n < math.inf:
        raise ValueError(f"wins are from 0 to n, and finite: wins {wins}, n {n}")
    if n == 0:
        return 0.0, 1.0
    rate, square = wins / n, quantile**2 / n
    middle = rate + square / 2
    half = math.sqrt(square * (rate * (1 - rate) + square / 4))
    lower = 0.0 if wins == 0 else max(0.0, (middle - half) / (1 + square))
    upper = 1.0 if wins == n else min(1.0, (middle + half) / (1 + square))
    return lower, upper


def picks_needed(rate: float, *, breakeven: float, confidence: float, most: int = 1_000_000) -> int | None:
    """Return the smallest n whose lower Wilson bound at `rate` is above `breakeven`; raise ValueError outside 0 to 1.

    None when rate <= breakeven or n > most. Wins are rate * n, not rounded. The score interval inverts the score test
    (Wilson 1927), hence the bound is above break-even b exactly when n > z² b (1 - b) / (rate - b)².
    """
    quantile = z(confidence)
    if not (0 <= rate <= 1 and 0 <= breakeven <= 1):
        raise ValueError(f"rates are from 0 to 1: rate {rate}, breakeven {breakeven}")
    if rate <= breakeven:
        return None
    gap = rate - breakeven
    limit = quantile**2 * breakeven * (1 - breakeven) / gap / gap
    return None if limit >= most else math.floor(limit) + 1


def newcombe(wins_a: float, n_a: float, wins_b: float, n_b: float, *, confidence: float) -> tuple[float, float]:
    """Return the bounds of rate a - rate b given wins of n in each; raise ValueError unless 0 <= wins <= n in both.

    Each bound is one-sided at `confidence`: Newcombe 1998, Statistics in Medicine 17, 873-890, method 10, hybrid score.
    """
    low_a, high_a = wilson(wins_a, n_a, confidence=confidence)
    low_b, high_b = wilson(wins_b, n_b, confidence=confidence)
    if n_a == 0 or n_b == 0:
        return -1.0, 1.0
    rate_a, rate_b = wins_a / n_a, wins_b / n_b
    difference = rate_a - rate_b
    lower = difference - math.hypot(rate_a - low_a, high_b - rate_b)
    upper = difference + math.hypot(high_a - rate_a, rate_b - low_b)
    return max(-1.0, lower), min(1.0, upper)


def median(values: Iterable[float]) -> float:
    """Return the median given values, in their unit; raise ValueError when there are none or one is not finite."""
    return stdlib.median(_finite(values))


def mad(values: Iterable[float]) -> float:
    """Return 1.4826 times the median absolute deviation given values, in their unit; raise ValueError as `median` does.

    Iglewicz and Hoaglin 1993, How to Detect and Handle Outliers.
    """
    numbers = _finite(values)
    middle = stdlib.median(numbers)
    return MAD_SCALE * stdlib.median(abs(number - middle) for number in numbers)


def score(value: float, history: Iterable[float]) -> float:
    """Return how many scaled MADs `value` is off the median of `history`; raise ValueError for NaN or as `median` does.

    |value - median| / scaled MAD: Iglewicz and Hoaglin 1993. A history with MAD 0 gives no scale: its median scores 0,
    and every other value infinity.
    """
    if math.isnan(value):
        raise ValueError("NaN has no score")
    numbers = _finite(history)
    distance, scale = abs(float(value) - stdlib.median(numbers)), mad(numbers)
    if scale == 0:
        return 0.0 if distance == 0 else math.inf
    return distance / scale


def _finite(values: Iterable[float]) -> list[float]:
    """Return the values as floats, so that BigQuery's NUMERIC counts too."""
    numbers = [float(value) for value in values]
    if not numbers:
        raise ValueError("no values")
    if not all(map(math.isfinite, numbers)):
        raise ValueError("a value is NaN or infinite")
    return numbers
