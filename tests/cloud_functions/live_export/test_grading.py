"""The one rule that grades predictions, at every point of a game; a push is a push, and who did not play is void."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_functions.live_export import grading
from cloud_functions.live_export.grading import GradeRule, Standing

RULE = GradeRule()
LIVE = ("in_progress", "trending_correct", "trending_incorrect")


@pytest.mark.parametrize(
    ("recommendation", "line", "points", "grade"),
    [
        ("OVER", 20.5, 21, "correct"),
        ("OVER", 20.5, 20, "incorrect"),
        ("UNDER", 20.5, 20, "correct"),
        ("UNDER", 20.5, 21, "incorrect"),
        ("OVER", 20.0, 20, "push"),
        ("UNDER", 20.0, 20, "push"),
        ("OVER", 20.5, 0, "incorrect"),
        ("UNDER", 20.5, 0, "correct"),
        ("OVER", 20.5, None, "void"),
        ("UNDER", 20.0, None, "void"),
        ("PASS", 20.5, 30, "graded"),
        ("PASS", 20.5, None, "void"),
        ("NO_LINE", None, 30, "graded"),
        ("OVER", None, 30, "graded"),
    ],
)
def test_a_finished_game_decides(recommendation: str, line: float | None, points: int | None, grade: str) -> None:
    """Strictly over or under; on the line is a push, not played is void, and no pick is neither right nor wrong."""
    assert RULE.grade(recommendation, line, Standing("final", points, 1.0)) == grade


@pytest.mark.parametrize(
    ("recommendation", "line", "points", "played", "grade"),
    [
        ("UNDER", 20.5, 0, 0.0, "in_progress"),
        ("UNDER", 20.5, 0, 0.24, "in_progress"),
        ("UNDER", 20.5, 0, 0.25, "trending_correct"),
        ("OVER", 20.5, 0, 0.25, "trending_incorrect"),
        ("OVER", 20.5, 6, 0.25, "trending_correct"),
        ("UNDER", 20.5, 6, 0.25, "trending_incorrect"),
        ("UNDER", 20.5, 21, 0.1, "incorrect"),
        ("UNDER", 20.5, 25, 0.5, "incorrect"),
        ("OVER", 20.5, 21, 0.1, "correct"),
        ("OVER", 20.0, 20, 1.0, "in_progress"),
        ("OVER", 20.0, 10, 0.5, "in_progress"),
        ("UNDER", 20.0, 20, 1.0, "in_progress"),
        ("PASS", 20.5, 30, 0.9, "in_progress"),
        ("NO_LINE", None, 3, 0.9, "in_progress"),
        ("OVER", 20.5, None, 0.5, "trending_incorrect"),
        ("UNDER", 20.5, None, 0.5, "trending_correct"),
        ("UNDER", 20.5, None, 0.0, "in_progress"),
    ],
)
def test_a_game_that_is_played(
    recommendation: str, line: float | None, points: int | None, played: float, grade: str
) -> None:
    """Nothing is told in the first quarter; past the line an UNDER is lost at once, and an OVER won."""
    assert RULE.grade(recommendation, line, Standing("in_progress", points, played)) == grade


@pytest.mark.parametrize("state", ["scheduled", "postponed"])
def test_a_game_that_has_not_begun_is_pending(state: str) -> None:
    """Whatever is recommended."""
    for recommendation in ("OVER", "UNDER", "PASS", "NO_LINE"):
        assert RULE.grade(recommendation, 20.5, Standing(state, None, 0.0)) == "pending"  # type: ignore[arg-type]


@given(
    st.sampled_from(["OVER", "UNDER"]),
    st.integers(0, 120).map(lambda half: half / 2),
    st.lists(st.integers(0, 4), min_size=2, max_size=40),
)
def test_what_is_decided_stays_decided(recommendation: str, line: float, baskets: list[int]) -> None:
    """As points only rise, a verdict before the end is the verdict at the end, and OVER and UNDER are opposites."""
    points = 0
    early = None
    for number, basket in enumerate(baskets):
        points += basket
        said = RULE.grade(recommendation, line, Standing("in_progress", points, number / len(baskets)))
        assert said in ("correct", "incorrect") or early is None
        early = early or (said if said not in LIVE else None)
    last = RULE.grade(recommendation, line, Standing("final", points, 1.0))
    assert early in (None, last)
    other = "UNDER" if recommendation == "OVER" else "OVER"
    opposite = RULE.grade(other, line, Standing("final", points, 1.0))
    assert {last, opposite} in ({"correct", "incorrect"}, {"push"})


@pytest.mark.parametrize(
    ("period", "clock", "share"),
    [
        (0, None, 0.0),
        (1, "Q1 12:00", 0.0),
        (1, "Q1 13:00", 0.0),
        (1, "Q1 6:00", 0.125),
        (2, "Q2 5:32", 0.385),
        (2, "Halftime", 0.5),
        (2, "", 0.5),
        (4, "0:30.5", 0.989),
        (4, "Final", 1.0),
        (5, "OT1 4:00", 1.0),
        (3, "nonsense:xx", 0.75),
    ],
)
def test_how_much_of_a_game_is_over(period: int, clock: str | None, share: float) -> None:
    """From the period and the clock; an overtime adds nothing, and a clock without time shows the period's end."""
    assert round(grading.played(period, clock), 3) == share
