"""The worlds are whole: totals add up, tables agree with each other, and every column has its declared type."""

import typing

import pytest

if typing.TYPE_CHECKING:
    from .conftest import Counted


@pytest.fixture(params=["full", "small"])
def world(request: pytest.FixtureRequest) -> "Counted":
    """Return the whole season, then the last three days."""
    counted: Counted = request.getfixturevalue(request.param)
    return counted


def problems(world: "Counted", question: str, *, besides: tuple[str, ...] = ("rows",)) -> dict[str, int]:
    """Return the counts of `question` that are not 0, and make sure that it looked at rows at all."""
    row = world.only(question)
    assert row.get("rows", 1) > 0
    return {name: count for name, count in row.items() if count and name not in besides}


def test_player_rows_hold_together(world: "Counted") -> None:
    """Points come from shots, makes are attempts, who did not play has no minutes, and results follow lines."""
    assert problems(world, "player_problems") == {}


def test_players_add_up_to_teams(world: "Counted") -> None:
    """Points, minutes and plus-minus add up; both team tables and the schedule agree; winners won."""
    measured = (
        "rows", "listed_least", "listed_most", "played_least", "rating_least", "rating_most", "pace_least",
        "pace_most", "points_average",
    )  # fmt: skip
    assert problems(world, "team_problems", besides=measured) == {}


def test_ratings_and_pace_are_plausible(full: "Counted") -> None:
    """Nothing lies outside what a league sees in a season."""
    row = full.only("team_problems")
    assert 70 < row["rating_least"] < row["rating_most"] < 155
    assert 82 < row["pace_least"] < row["pace_most"] < 122
    assert 108 < row["points_average"] < 118


def test_a_game_has_about_36_player_rows(full: "Counted") -> None:
    """17 to 19 players are listed for a side, at least eight play."""
    row = full.only("team_problems")
    assert (row["listed_least"], row["listed_most"]) == (17, 19)
    assert row["played_least"] >= 8


def test_predictions_hold_together(world: "Counted") -> None:
    """Sides follow lines, ids are unique, and only ready players are predicted."""
    assert problems(world, "prediction_problems", besides=("rows", "superseded")) == {}


def test_some_predictions_were_superseded(full: "Counted") -> None:
    """Who counts rows without asking whether they are active counts too many."""
    assert full.only("prediction_problems")["superseded"] > 1000


def test_grades_follow_the_rule(world: "Counted") -> None:
    """Every verdict is what actual points say of the pick; pushes and voids have none; nothing is ungraded."""
    assert problems(world, "grading_problems", besides=("rows", "pushes", "voids")) == {}


def test_pushes_and_voids_occur(full: "Counted") -> None:
    """Both reasons for no verdict are there."""
    row = full.only("grading_problems")
    assert row["pushes"] > 100
    assert row["voids"] > 100


def test_the_schedule_holds_together(world: "Counted") -> None:
    """No team plays twice a day or three days running, ids are unique, and final games have a winner."""
    assert problems(world, "schedule_problems") == {}


def test_every_team_plays_82_games(full: "Counted") -> None:
    """Thirty teams, 1230 games; by 12 February each has played about as many as the others."""
    rows = full.of("schedule_teams")
    assert len(rows) == 30
    assert {row["games"] for row in rows} == {82}
    assert min(row["so_far"] for row in rows) >= 50
    assert max(row["so_far"] for row in rows) <= 57


@pytest.mark.parametrize("day", ["2025-11-27", "2025-12-16", "2025-12-24"])
def test_off_days_have_no_game(full: "Counted", day: str) -> None:
    """Thanksgiving, the night of the cup's final, and Christmas Eve are free."""
    assert full.of("schedule_days", day=day) == []
    assert full.of("rows_by_day", day=day) == []


def test_orchestration_rows_hold_together(world: "Counted") -> None:
    """JSON is JSON, scrapers ran only where a decision said so, and nothing ended before it began."""
    row = world.only("orchestration")
    assert (row["broken_json"], row["run_without_scrapers"], row["ended_before_start"]) == (0, 0, 0)
    assert row["hours_decided"] == 24
    assert 0 < row["outputs_without_day"] < row["outputs"]


def test_partitions_reach_back_as_far_as_they_live(full: "Counted") -> None:
    """90 days for zones and decisions, 30 for the cache, counted to 12 February."""
    assert {row["table_name"]: row["first"] for row in full.of("first_days")} == {
        "player_daily_cache": "2026-01-14",
        "player_shot_zone_analysis": "2025-11-15",
        "team_defense_zone_analysis": "2025-11-15",
        "workflow_decisions": "2025-11-15",
    }


def test_cache_and_zones_have_their_rows_a_day(full: "Counted") -> None:
    """186 players in the cache and 30 teams by zone on each game day that has not expired."""
    rows = full.of("rows_by_day")
    assert {row["cached"] for row in rows if row["day"] >= "2026-01-14"} == {186}
    assert {row["zones"] for row in rows if row["day"] >= "2025-11-15"} == {30}


def test_every_column_has_its_declared_type(world: "Counted") -> None:
    """Each file loads into the declared schema as it is, without a NULL in a required column or an infinity."""
    for shape in world.shapes.values():
        assert (shape["mistyped"], shape["required_nulls"], shape["infinite"]) == ([], [], [])


NEVER_FILLED = {
    "filter_reason", "insufficient_data_reason", "missing_data_fields", "playoff_round", "usage_rate_anomaly_reason",
    "warning_details",
}  # fmt: skip


def test_nearly_every_column_has_values(full: "Counted") -> None:
    """Only columns for things that did not happen this season are NULL throughout."""
    assert {column for shape in full.shapes.values() for column in shape["all_null"]} <= NEVER_FILLED


def test_feature_lists_have_37_values(world: "Counted") -> None:
    """Every row of the feature store has as many features as names."""
    assert {row["wrong_length"] for row in world.of("features")} == {0}


def test_the_world_says_how_many_rows_it_has(world: "Counted") -> None:
    """`world.json` lists each table with the rows that its file has."""
    assert world.told["tables"] == {name: shape["rows"] for name, shape in world.shapes.items()}
