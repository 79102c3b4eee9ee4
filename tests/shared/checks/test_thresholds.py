"""Claims about levels: how they are read, when they are reached, and when one lies inside another."""

import decimal
import fractions
import math

import hypothesis
import pytest
from hypothesis import strategies

from shared.checks import thresholds

NUMBERS = strategies.sampled_from(["-2", "-1", "0", "0.5", "1", "1.0", "2", "3e0", "1e-3"])
PARTS = strategies.builds("{} {}".format, strategies.sampled_from(["<", "<=", ">", ">=", "==", "!="]), NUMBERS)
THRESHOLDS = strategies.lists(PARTS, min_size=1, max_size=4).map(" or ".join).map(thresholds.parse)
STEP = decimal.Decimal("0.0001")  # smaller than the distance of any two numbers above
POINTS = [
    decimal.Decimal(text) + sign * STEP
    for text in ("-2", "-1", "0", "0.5", "1", "2", "3", "0.001")
    for sign in (-1, 0, 1)
]
POINTS += [decimal.Decimal(tenths) / 10 for tenths in range(-50, 51)]


def reached(text: str, value: float | decimal.Decimal) -> bool:
    """Return whether a value reaches the level that a text states."""
    return thresholds.reached(thresholds.parse(text), value)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("< 95", [94.999, -math.inf, decimal.Decimal("94.9999")], [95, 96, math.inf]),
        ("<= 95", [95, 95.0], [95.0001]),
        (">= 3", [3, math.inf], [2.999]),
        ("> 3", [3.001], [3]),
        ("== 0", [0, 0.0, -0.0, decimal.Decimal("-0")], [5e-324, -1]),
        ("!= 5", [4, math.inf, -math.inf], [5, 5.0, decimal.Decimal("5.00")]),
        ("< 10 or > 40", [9, 41], [10, 25, 40]),
        ("== 9007199254740993", [2**53 + 1], [2**53, 2.0**53, 2**53 + 2]),
        ("> 100000000000000000000000000000000000000", [10**38 + 1], [10**38, 10**38 - 1]),
        ("== 0.1", [decimal.Decimal("0.1")], [0.1]),
        ("> -1.5e-3", [-0.001], [-0.0016]),
        ("< +.5", [0.4], [0.5]),
    ],
)
def test_reached(text: str, inside: list[float], outside: list[float]) -> None:
    """A level is reached exactly by the numbers that it states."""
    assert [value for value in inside if not reached(text, value)] == []
    assert [value for value in outside if reached(text, value)] == []


@pytest.mark.parametrize("value", [math.nan, decimal.Decimal("NaN"), decimal.Decimal("sNaN")])
@pytest.mark.parametrize("text", ["< 1", "!= 1"])
def test_nan_is_an_error(text: str, value: float) -> None:
    """NaN neither reaches a level nor stays below it."""
    with pytest.raises(ValueError, match="NaN"):
        reached(text, value)


def test_no_number_is_an_error() -> None:
    """What is no number passes no check, not even `!=`."""
    with pytest.raises(TypeError, match="no number"):
        reached("!= 5", None)  # type: ignore[arg-type]  # that is the claim


@pytest.mark.parametrize(
    "text",
    [
        "", "95", "<", "< ninety", "= 5", "=> 5", "<> 5", "< 1_000", "< nan", "< inf", "< 5 or", "or < 5",
        "< 5 and > 3", "< 5 > 3", "< 5 OR > 7", "< 5or > 7", "< 1 or < 2 or < 3 or < 4 or < 5", "< 1e", "< 1e9999",
        "< 1e401", "< 0x10", "< \u0661", "< 1,5", "< " + "9" * 101, "< 5 or or > 3", "games < 5", "< - 5",
    ],
)  # fmt: skip
def test_no_threshold(text: str) -> None:
    """A text that states no level is refused."""
    with pytest.raises(thresholds.InvalidThreshold):
        thresholds.parse(text)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("<95", "< 95"),
        ("  >=  +3.50 ", ">= 3.5"),
        ("== -0.00", "== 0"),
        ("<10   or\n>40", "< 10 or > 40"),
        ("> 1E3", "> 1000"),
        ("> 1e300", "> 1e+300"),
        ("> 12e-30", "> 1.2e-29"),
    ],
)
def test_canonical_text(text: str, canonical: str) -> None:
    """A threshold has one way to be written."""
    assert thresholds.text(thresholds.parse(text)) == canonical


def test_the_same_threshold_is_equal() -> None:
    """Thresholds are values: equal and hashed by their numbers, not by their digits."""
    assert len({thresholds.parse("< 95"), thresholds.parse("<95.0"), thresholds.parse("< 9.5e1")}) == 1


@hypothesis.given(THRESHOLDS)
def test_canonical_text_is_read_back(threshold: thresholds.Threshold) -> None:
    """The canonical text states the same threshold, and is canonical."""
    again = thresholds.parse(thresholds.text(threshold))

    assert again == threshold
    assert thresholds.text(again) == thresholds.text(threshold)


@hypothesis.given(strategies.one_of(strategies.text(), strategies.text("<>=! or.e+-0123456789")))
def test_only_its_own_error(text: str) -> None:
    """Random text is a threshold or an InvalidThreshold."""
    try:
        threshold = thresholds.parse(text)
    except thresholds.InvalidThreshold:
        return
    assert thresholds.inside(threshold, threshold)
    assert thresholds.parse(thresholds.text(threshold)) == threshold


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        ("< 90", "< 95", True),
        ("< 95", "< 90", False),
        ("< 95", "< 95", True),
        ("<= 95", "< 95", False),
        ("< 95", "<= 95", True),
        ("== 95", "< 95", False),
        ("== 95", "<= 95", True),
        ("> 5", "!= 5", True),
        (">= 5", "!= 5", False),
        ("!= 5", "< 5 or > 5", True),
        ("< 5 or > 5", "!= 5", True),
        ("!= 5", "!= 6", False),
        ("== 5", "!= 6", True),
        ("!= 5", "!= 5 or == 5", True),
        ("> -1e300", "< 5 or >= 5", True),
        ("< 1 or > 50", "< 10 or > 40", True),
        ("< 1 or > 30", "< 10 or > 40", False),
        ("< 9007199254740993", "< 9007199254740992", False),
        ("< 0.1", "< 0.1000000000000000000000000000000000001", True),
        ("< 0.1000000000000000000000000000000000001", "< 0.1", False),
    ],
)
def test_inside(inner: str, outer: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """One level lies inside another when no real number reaches it alone."""
    assert thresholds.inside(thresholds.parse(inner), thresholds.parse(outer)) is expected


@hypothesis.given(THRESHOLDS, THRESHOLDS)
def test_inside_agrees_with_sampling(inner: thresholds.Threshold, outer: thresholds.Threshold) -> None:
    """`inside` says what many points on, beside and between the ends say."""
    sampled = all(thresholds.reached(outer, point) for point in POINTS if thresholds.reached(inner, point))

    assert thresholds.inside(inner, outer) is sampled


@hypothesis.given(THRESHOLDS, strategies.fractions(-4, 4, max_denominator=999).map(float))
def test_reached_agrees_with_fractions(threshold: thresholds.Threshold, value: float) -> None:
    """The exact value of a float decides."""
    exact = fractions.Fraction(value)
    gaps = {part: exact - fractions.Fraction(part.number) for part in threshold.parts}

    expected = any(
        (gap < 0 and part.sign in {"<", "<=", "!="})
        or (gap == 0 and part.sign in {"<=", "==", ">="})
        or (gap > 0 and part.sign in {">", ">=", "!="})
        for part, gap in gaps.items()
    )

    assert thresholds.reached(threshold, value) is expected


@pytest.mark.parametrize(
    ("text", "name", "threshold"),
    [("games > 0", "games", "> 0"), (" rows_2<10 or >40 ", "rows_2", "< 10 or > 40"), ("a!=5", "a", "!= 5")],
)
def test_comparison(text: str, name: str, threshold: str) -> None:
    """A comparison is a name and a threshold."""
    assert thresholds.parse_comparison(text) == (name, thresholds.parse(threshold))


@pytest.mark.parametrize(
    "text", ["", "> 0", "games", "Games > 0", "2games > 0", "_g > 0", "a b > 0", "games > x", "games = 1"]
)
def test_no_comparison(text: str) -> None:
    """A text without a name or without a threshold is refused."""
    with pytest.raises(thresholds.InvalidThreshold):
        thresholds.parse_comparison(text)
