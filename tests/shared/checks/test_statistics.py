"""Claims about the statistics that checks judge by, against published figures and their own definitions."""

import decimal
import math

import hypothesis
import pytest
from hypothesis import strategies

from shared.checks import statistics

BREAKEVEN = 110 / 210  # of a bet at odds of -110
SAMPLES = strategies.integers(1, 5000).flatmap(
    lambda n: strategies.tuples(strategies.integers(0, n), strategies.just(n))
)
CONFIDENCES = strategies.floats(0.5, 0.9999)
VALUES = strategies.lists(strategies.floats(-1e9, 1e9), min_size=1, max_size=30)


@pytest.mark.parametrize(("confidence", "quantile"), [(0.95, 1.6449), (0.975, 1.9600), (0.99, 2.3263), (0.5, 0.0)])
def test_quantiles(confidence: float, quantile: float) -> None:
    """A z is the one-sided quantile of the normal distribution."""
    assert statistics.z(confidence) == pytest.approx(quantile, abs=5e-5)


@pytest.mark.parametrize("confidence", [0.0, 0.49, 1.0, 1.5, -1.0, math.nan])
def test_no_confidence(confidence: float) -> None:
    """A confidence below one half, of 1 or of NaN bounds nothing."""
    with pytest.raises(ValueError, match="confidence"):
        statistics.z(confidence)


@pytest.mark.parametrize(
    ("wins", "n", "bounds"),
    [(81, 263, (0.2553, 0.3662)), (15, 148, (0.0624, 0.1605)), (0, 20, (0.0, 0.1611)), (1, 29, (0.0061, 0.1718))],
)
def test_wilson_as_published(wins: int, n: int, bounds: tuple[float, float]) -> None:
    """Two one-sided bounds at 97.5 % are Newcombe's two-sided interval at 95 % (1998, 857-872, table I)."""
    assert statistics.wilson(wins, n, confidence=0.975) == pytest.approx(bounds, abs=5e-5)


@hypothesis.given(SAMPLES, CONFIDENCES)
def test_wilson_solves_the_score_test(sample: tuple[int, int], confidence: float) -> None:
    """A bound p that is neither 0 nor 1 solves (rate - p)² = z² p (1 - p) / n, on its own side of the rate."""
    wins, n = sample
    lower, upper = statistics.wilson(wins, n, confidence=confidence)

    assert 0 <= lower <= wins / n + 1e-12
    assert wins / n - 1e-12 <= upper <= 1
    for bound in {lower, upper} - {0.0, 1.0}:
        square = statistics.z(confidence) ** 2 * bound * (1 - bound) / n
        assert (wins / n - bound) ** 2 == pytest.approx(square, abs=1e-12)


def test_ends_of_wilson() -> None:
    """No sample tells nothing; no win has the lower bound 0, no loss the upper bound 1, exactly."""
    assert statistics.wilson(0, 0, confidence=0.95) == (0.0, 1.0)
    assert statistics.wilson(0, 7, confidence=0.95)[0] == 0.0
    assert statistics.wilson(7, 7, confidence=0.95)[1] == 1.0


@pytest.mark.parametrize(
    ("wins", "n"), [(2, 1), (-1, 1), (0, -1), (-2, -1), (1, 0), (math.nan, 1), (1, math.nan), (1, math.inf)]
)
def test_no_sample(wins: float, n: float) -> None:
    """What is no count of wins among n is an error in every statistic of it."""
    with pytest.raises(ValueError, match="wins"):
        statistics.wilson(wins, n, confidence=0.95)
    with pytest.raises(ValueError, match="wins"):
        statistics.newcombe(0, 0, wins, n, confidence=0.95)


# 984 at 0.55, not the often quoted 985: that comes of z rounded to 1.645, and 983.83 becomes 984.01.
@pytest.mark.parametrize(("rate", "needed"), [(0.54, 2575), (0.55, 984), (0.56, 516), (0.58, 214), (0.60, 117)])
def test_picks_needed(rate: float, needed: int) -> None:
    """The known sizes of a record that shows an edge over -110, one-sided at 95 %."""
    assert statistics.picks_needed(rate, breakeven=BREAKEVEN, confidence=0.95) == needed


@hypothesis.given(strategies.floats(0.01, 0.99), strategies.floats(0.01, 0.99), strategies.floats(0.6, 0.999))
def test_picks_needed_is_the_smallest(rate: float, breakeven: float, confidence: float) -> None:
    """At the figure the lower bound is above break-even, and at one pick less it is not."""
    needed = statistics.picks_needed(rate, breakeven=breakeven, confidence=confidence)

    if needed is None:
        assert rate <= breakeven + 0.01
        return
    assert statistics.wilson(rate * needed, needed, confidence=confidence)[0] > breakeven - 1e-9
    if needed > 1:
        assert statistics.wilson(rate * (needed - 1), needed - 1, confidence=confidence)[0] <= breakeven + 1e-9


@pytest.mark.parametrize(
    ("rate", "breakeven", "most", "needed"),
    [
        (0.5, 0.5, 10**6, None),
        (0.4, 0.5, 10**6, None),
        (0.5001, 0.5, 10**6, None),
        (0.55, BREAKEVEN, 984, 984),
        (0.55, BREAKEVEN, 983, None),
        (1.0, 1.0, 10**6, None),
        (5e-324, 0.0, 10**6, 1),
        (0.5, math.nextafter(0.5, 0), 10**6, None),
    ],
)
def test_ends_of_picks_needed(rate: float, breakeven: float, most: int, needed: int | None) -> None:
    """No edge needs no number, and none beyond `most` is told."""
    assert statistics.picks_needed(rate, breakeven=breakeven, confidence=0.95, most=most) == needed


@pytest.mark.parametrize(("rate", "breakeven"), [(1.1, 0.5), (-0.1, 0.5), (0.5, 2.0), (math.nan, 0.5), (0.5, math.nan)])
def test_no_rate(rate: float, breakeven: float) -> None:
    """A rate outside 0 to 1 is an error."""
    with pytest.raises(ValueError, match="rates"):
        statistics.picks_needed(rate, breakeven=breakeven, confidence=0.95)


@pytest.mark.parametrize(
    ("counts", "bounds"),
    [
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((6, 7, 2, 7), (0.0582, 0.8062)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((0, 10, 0, 10), (-0.2775, 0.2775)),
        ((10, 10, 0, 20), (0.6791, 1.0)),
        ((10, 10, 0, 10), (0.6075, 1.0)),
    ],
)
def test_newcombe_as_published(counts: tuple[int, int, int, int], bounds: tuple[float, float]) -> None:
    """Two one-sided bounds at 97.5 % are the paper's two-sided interval at 95 % (table II, method 10)."""
    assert statistics.newcombe(*counts, confidence=0.975) == pytest.approx(bounds, abs=5e-5)


@hypothesis.given(SAMPLES, SAMPLES, CONFIDENCES)
def test_newcombe_is_antisymmetric(a: tuple[int, int], b: tuple[int, int], confidence: float) -> None:
    """Exchanging the samples exchanges the bounds and their signs, and the difference lies between them."""
    lower, upper = statistics.newcombe(*a, *b, confidence=confidence)
    other = statistics.newcombe(*b, *a, confidence=confidence)

    assert (-upper, -lower) == pytest.approx(other)
    assert -1 <= lower <= a[0] / a[1] - b[0] / b[1] + 1e-12
    assert a[0] / a[1] - b[0] / b[1] - 1e-12 <= upper <= 1


@pytest.mark.parametrize("counts", [(0, 0, 1, 2), (1, 2, 0, 0), (0, 0, 0, 0)])
def test_no_sample_no_difference(counts: tuple[int, int, int, int]) -> None:
    """Without one of the samples nothing is known of the difference."""
    assert statistics.newcombe(*counts, confidence=0.95) == (-1.0, 1.0)


@pytest.mark.parametrize(
    ("value", "history", "median", "mad", "score"),
    [
        (9, [1, 1, 2, 2, 4, 6, 9], 2, 1.4826, 7 / 1.4826),
        (2.5, [4, 1, 2, 3], 2.5, 1.4826, 0.0),
        (5, [5], 5, 0.0, 0.0),
        (5.1, [5, 5, 5, 80], 5, 0.0, math.inf),
        (math.inf, [1, 2, 3], 2, 1.4826, math.inf),
        (decimal.Decimal("3.5"), [decimal.Decimal("1.5"), decimal.Decimal("2.5")], 2.0, 0.7413, 1.5 / 0.7413),
    ],
)
def test_scores(value: float, history: list[float], median: float, mad: float, score: float) -> None:
    """A score counts scaled MADs; without spread it is 0 at the median and infinite elsewhere."""
    assert statistics.median(history) == median
    assert statistics.mad(history) == pytest.approx(mad)
    assert statistics.score(value, history) == pytest.approx(score)


@pytest.mark.parametrize("history", [[], [math.nan], [1.0, math.nan], [1.0, math.inf], [-math.inf]])
def test_no_history(history: list[float]) -> None:
    """An empty history, or one with NaN or infinity, tells nothing."""
    for ask in (statistics.median, statistics.mad, lambda values: statistics.score(1.0, values)):
        with pytest.raises(ValueError, match=r"no values|NaN"):
            ask(history)


def test_nan_has_no_score() -> None:
    """NaN is an error rather than a score that no level is reached by."""
    with pytest.raises(ValueError, match="NaN"):
        statistics.score(math.nan, [1.0, 2.0])


@hypothesis.given(VALUES, strategies.floats(-1e9, 1e9))
def test_half_of_a_history_is_near(history: list[float], value: float) -> None:
    """At least half of a history scores at most 1 / 1.4826, and one pass over an iterator is enough."""
    scores = [statistics.score(item, iter(history)) for item in history]

    assert 2 * sum(score <= 1 / statistics.MAD_SCALE + 1e-9 for score in scores) >= len(history)
    assert statistics.score(value, iter(history)) >= 0
