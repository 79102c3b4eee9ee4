"""Scores and grades as documents: valid at every hour of a day, and their numbers come from the games."""

import dataclasses
import datetime
from types import ModuleType
from typing import Any

import pytest

from cloud_functions.live_export import box, contracts, facts, grading, night
from cloud_functions.live_export.documents import fields, live, live_grading
from tests.cloud_functions.live_export import stories
from tests.cloud_functions.live_export.stories import DAY, NOW, before_tip, final, game, known, prediction

STAMP = NOW - datetime.timedelta(minutes=3)
POSTPONED = before_tip("DAL", "LAL", status="postponed")
MODULES = contracts.shapes_of_documents()
SITUATIONS: dict[str, facts.Facts] = {
    "scheduled": known(before_tip(), before_tip("POR", "UTA")),
    "live": known(game(), before_tip("POR", "UTA")),
    "final": known(final(), final("POR", "UTA", score_source="live")),
    "kept": known(game(score_source="kept"), final("POR", "UTA", score_source="kept")),
    "postponed": known(before_tip(), POSTPONED),
    "off_day": known(calendar=stories.OFF_DAY),
    "break": known(calendar=stories.BREAK),
    "off_season": known(calendar=stories.OFF_SEASON),
}
ROWS: dict[str, Any] = {
    "predictions": [prediction(), prediction("bobtwo", "UNDER", team="OKC"), prediction("cecil", "PASS")],
    "players": [stories.candidate_player(), stories.candidate_player("bobtwo", team="OKC", is_home=True)],
    "recent": [{"player_lookup": "annone", "season_mpg": 31.2, "last_10_points": [20, 18], "last_10_over": 1}],
    "entries": {"live": stories.entry(), "live-grading": stories.entry(status="degraded", message="m", since=NOW)},
}


@pytest.mark.parametrize("shape", sorted(MODULES))
@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_document_is_valid_in_every_situation(shape: str, situation: str) -> None:
    """Before, during and after the games, and on days without; held to the schema that is published."""
    told = dataclasses.replace(SITUATIONS[situation], **ROWS)
    built = MODULES[shape].build(told, STAMP)
    assert stories.mistakes(shape, built) == []
    assert stories.plain(built)["game_date"] == "2026-02-12"


@pytest.mark.parametrize("shape", sorted(MODULES))
def test_nothing_but_the_calendar_is_needed(shape: str) -> None:
    """No row of any query: the documents are empty, and valid."""
    for told in (known(game()), known(calendar=stories.OFF_DAY)):
        assert stories.mistakes(shape, MODULES[shape].build(told, STAMP)) == []


@pytest.mark.parametrize("module", [live, live_grading, MODULES["tonight"]])
@pytest.mark.parametrize(
    ("situation", "standing", "games"),
    [("live", "games", 2), ("postponed", "games", 1), ("off_day", "off_day", 0), ("break", "break", 0),
     ("off_season", "off_season", 0)],
)  # fmt: skip
def test_no_games_is_said_by_the_calendar(module: ModuleType, situation: str, standing: str, games: int) -> None:
    """Why there are none stands in the document; postponed games are not counted."""
    assert stories.plain(module.build(SITUATIONS[situation], STAMP))["calendar"] == {
        "standing": standing,
        "games": games,
    }


def test_a_day_that_the_schedule_does_not_cover_makes_no_document() -> None:
    """Nothing may be said of it."""
    with pytest.raises(KeyError):
        live.build(known(calendar=stories.UNKNOWN), STAMP)


def test_scores_count_their_games() -> None:
    """By state; the stamp is that of the content, in two spellings."""
    told = known(game(), final("POR", "UTA"), final("BOS", "NYK"), before_tip("DAL", "LAL"))
    built = live.build(told, STAMP)
    assert (built.games_in_progress, built.games_final, built.total_games) == (1, 2, 4)
    assert (built.updated_at, built.poll_id) == (STAMP, "20260213T012700Z")
    assert [one.game_id for one in built.games] == [one.game_id for one in told.night.games]
    assert live.measure(built) == fields.Measures(4, {"final": 2, "players": 6}, {})


def graded(*rows: dict[str, Any], games: tuple[box.Game, ...]) -> live_grading.LiveGrading:
    """Return the grades of predictions on a night of these games."""
    return live_grading.build(known(*games, predictions=rows), STAMP)


def test_a_prediction_in_a_game_that_is_played() -> None:
    """Every value is where it belongs: of the row, of the game, of the player's line."""
    built = graded(prediction(line=10.5, predicted=14.4), games=(game(),))
    assert built.predictions == (
        live_grading.Prediction(
            player_lookup="annone", player_name="Annone", team="MIL", game_id="20260212_MIL_OKC", home_team="OKC",
            away_team="MIL", game_status="in_progress", period=2, time_remaining="Q2 5:32", predicted=14.4, line=10.5,
            recommendation="OVER", confidence=77.0, has_line=True, line_source="ACTUAL_PROP", actual=12, minutes=21.0,
            error=2.4, margin_vs_line=1.5, status="correct", score_source="live",
        ),
    )  # fmt: skip


def test_a_prediction_before_tip_off() -> None:
    """Pending: no points, no error, no source."""
    (one,) = graded(prediction(), games=(before_tip(),)).predictions
    assert (one.status, one.actual, one.minutes, one.error) == ("pending", None, None, None)
    assert (one.margin_vs_line, one.score_source, one.period) == (None, None, 0)


@pytest.mark.parametrize(
    ("changes", "line", "has_line"),
    [
        ({}, 18.5, True),
        ({"has_line": False}, None, False),
        ({"has_line": None}, None, False),
        ({"line": None}, None, False),
    ],
)
def test_a_line_is_one_that_is_offered(changes: dict[str, Any], line: float | None, has_line: bool) -> None:  # noqa: FBT001 - a value of the table
    """An estimate without a market is none."""
    (one,) = graded(prediction(**changes), games=(final(),)).predictions
    assert (one.line, one.has_line) == (line, has_line)
    assert (one.status, one.margin_vs_line) == (("incorrect", -6.5) if has_line else ("graded", None))


@pytest.mark.parametrize(
    ("line", "recommendation", "status"),
    [(11.5, "OVER", "correct"), (12.0, "OVER", "push"), (12.0, "UNDER", "push"), (12.5, "UNDER", "correct")],
)
def test_a_final_is_graded_by_its_points(line: float, recommendation: str, status: str) -> None:
    """On the line it is a push."""
    assert graded(prediction("annone", "NO_LINE", line=line), games=(final(),)).predictions[0].status == "graded"
    for source in ("official", "live"):
        (one,) = graded(
            prediction("annone", recommendation, line=line), games=(final(score_source=source),)
        ).predictions
        assert (one.status, one.score_source) == (status, source)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"minutes": None, "points": 0}, "void"),
        ({"minutes": 0.0, "points": 0}, "incorrect"),
        ({"minutes": 0.1, "points": 0}, "incorrect"),
    ],
)
def test_only_who_did_not_play_is_void(changes: dict[str, Any], status: str) -> None:
    """No minutes at all; a few seconds that the table rounds to 0.0 are played."""
    ended = final(players=(stories.player(**changes),))
    (one,) = graded(prediction(), games=(ended,)).predictions
    assert (one.status, one.actual) == (status, None if status == "void" else 0)


def test_who_is_not_in_the_final_box_score_is_void() -> None:
    """Not listed is not played; while the game lasts it is only not yet."""
    assert graded(prediction("cecil"), games=(final(),)).predictions[0].status == "void"
    playing = graded(prediction("cecil"), games=(game(),)).predictions[0]
    assert (playing.status, playing.actual, playing.minutes) == ("trending_incorrect", 0, None)


def test_a_final_without_any_player_voids_nobody() -> None:
    """The schedule tells the end, and no box score is known yet: nothing can be said of anybody."""
    told = final(score_source="schedule", players=(), player_count=0)
    built = graded(prediction(), prediction("bobtwo", "UNDER"), games=(told,))
    assert [(one.status, one.actual) for one in built.predictions] == [("pending", None)] * 2
    assert (built.summary.pending, built.summary.graded, built.summary.voided) == (2, 0, 0)


def test_kept_numbers_of_a_final_are_not_final() -> None:
    """They trend, unless they are past the line already; nothing of them counts in the summary."""
    kept = final(score_source="kept")
    rows = [prediction(line=11.5), prediction(line=12.5), prediction("bobtwo", "UNDER", line=30.5), prediction("cecil")]
    built = graded(*rows, games=(kept,))
    assert [one.status for one in built.predictions] == [
        "correct", "trending_incorrect", "trending_correct", "trending_incorrect",
    ]  # fmt: skip
    assert (built.summary.correct, built.summary.graded) == (1, 0)
    assert (built.summary.win_rate, built.summary.avg_error) == (None, None)


def test_summary_counts_verdicts() -> None:
    """Right and wrong make the rate, in finished games only: a verdict of a game that lasts does not."""
    rows = [
        prediction(line=11.5, predicted=10.0),
        prediction("annone", "UNDER", line=11.5, predicted=15.5),
        prediction("annone", "UNDER", line=12.5, predicted=12.0),
        prediction(line=12.0, predicted=12.0),
        prediction("annone", "UNDER", line=12.0, predicted=12.0),
        prediction("annone", "PASS", predicted=12.0),
        prediction("cecil", predicted=90.0),
        prediction(game_id=stories.code("POR", "UTA"), line=5.5, predicted=90.0),
        prediction("bobtwo", "UNDER", game_id=stories.code("POR", "UTA"), line=5.5),
        prediction("bobtwo", game_id=stories.code("POR", "UTA"), line=25.5),
        prediction("bobtwo", "UNDER", game_id=stories.code("POR", "UTA"), line=90.5),
        prediction("bobtwo", "UNDER", game_id=stories.code("POR", "UTA"), line=25.5),
        prediction(game_id=stories.code("DAL", "LAL")),
        prediction(game_id="20260212_BOS_NYK"),
    ]
    built = graded(*rows, games=(final(), game("POR", "UTA"), before_tip("DAL", "LAL"), final("CHI", "DET")))
    assert built.summary == live_grading.Summary(
        total_predictions=13, graded=7, pending=1, correct=3, incorrect=2, pushes=2, voided=1, trending_correct=2,
        trending_incorrect=1, win_rate=0.667, avg_error=0.9, games_in_progress=1, games_final=2,
    )  # fmt: skip
    columns = dict.fromkeys(("predicted", "line", "confidence"), True)
    assert live_grading.measure(built) == fields.Measures(13, {"graded": 7, "games": 3}, columns)


def test_the_declared_rule_grades() -> None:
    """Where a trend begins is declared, and not the builder's own."""
    rule = grading.GradeRule(trend_from=0.5)
    told = known(game(), predictions=[prediction()], rule=rule)
    assert live_grading.build(told, STAMP).predictions[0].status == "in_progress"
    told = dataclasses.replace(told, rule=grading.DEFAULT)
    assert live_grading.build(told, STAMP).predictions[0].status == "trending_correct"
    first = game(period=1, time_remaining="Q1 12:00")
    at_once = known(first, predictions=[prediction()], rule=grading.GradeRule(trend_from=0.0))
    assert live_grading.build(at_once, STAMP).predictions[0].status == "in_progress"


@pytest.mark.parametrize("nothing", [None, float("nan"), float("inf")])
def test_what_is_no_number_is_null_and_not_filled(nothing: Any) -> None:
    """NULL and NaN alike: a column that is all of them is empty, though every cell held something."""
    row = prediction(confidence=nothing, line=nothing)
    built = graded(row, games=(final(),))
    assert stories.mistakes("live_grading", built) == []
    assert [(one.confidence, one.line, one.status) for one in built.predictions] == [(None, None, "graded")]
    assert live_grading.measure(built).columns == {"predicted": True, "line": False, "confidence": False}
    refused = graded(prediction(predicted=nothing), games=(final(),))
    assert stories.mistakes("live_grading", refused) == ["$.predictions[0].predicted: must be number"]


@pytest.mark.parametrize(
    ("told", "active"),
    [
        (known(game()), True),
        (known(before_tip()), True),
        (known(before_tip(), schedule=(stories.scheduled(tip=NOW),)), True),
        (known(before_tip(), schedule=(stories.scheduled(tip=NOW + stories.MINUTE),)), False),
        (known(final(), schedule=(stories.scheduled(state="final"),)), False),
        (known(POSTPONED, schedule=(stories.scheduled(state="postponed"),)), False),
        (known(game(), schedule=(stories.scheduled(state="final"),)), True),
        (known(night=night.Night((), ()), calendar=stories.OFF_DAY), False),
    ],
)
def test_whether_a_game_may_be_on(told: facts.Facts, active: bool) -> None:  # noqa: FBT001 - a value of the table
    """By the clock, the schedule or the scores; not before tip-off."""
    assert (told.day, told.active) == (DAY, active)
