"""One rule, on live and on official grades: GradeRule says of the official table what the table itself says."""

import collections
import datetime
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from google.cloud import bigquery

from cloud_functions.live_export import declaration, facts, grading, night, schedule
from cloud_functions.live_export.documents import live_grading
from local import cloud as local_cloud
from local.world import cache, seed
from shared import settings
from tests.cloud_functions.live_export import stories

DAYS = 12
YESTERDAY = datetime.date(2026, 2, 11)
VERDICTS = {"correct": True, "incorrect": False, "push": None, "void": None, "graded": None}
QUERIES = settings.ROOT / "cloud_functions" / "live_export" / declaration.QUERIES
Row = Mapping[str, Any]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bigquery.Client]:
    """Yield a client of a warehouse that holds the last days of the demo world."""
    directory = cache.prepare(tmp_path_factory.mktemp("graded"), days=DAYS, python=local_cloud.EMULATORS_PYTHON)
    with local_cloud.running() as started:
        made = started.bigquery_client()
        seed.seed(directory, bigquery=made)
        yield made
        made.close()


def asked(client: bigquery.Client, sql: str, **parameters: str) -> list[Row]:
    """Return the rows that a query answers about yesterday."""
    told = [bigquery.ScalarQueryParameter(name, "STRING", value) for name, value in parameters.items()]
    day = bigquery.ScalarQueryParameter("day", "DATE", YESTERDAY)
    config = bigquery.QueryJobConfig(query_parameters=[day, *told])
    return [dict(row) for row in client.query_and_wait(sql, job_config=config)]


def by_rule(row: Row) -> grading.Grade:
    """Return what the rule says of a prediction whose game is over."""
    line = None if row["line_value"] is None else float(row["line_value"])
    points = None if row["is_voided"] else row["actual_points"]
    return grading.DEFAULT.grade(row["recommendation"], line, grading.Standing("final", points, 1.0))


@pytest.fixture(scope="module")
def official(client: bigquery.Client) -> list[Row]:
    """Return every official grade of the last days."""
    columns = "player_lookup, game_id, game_date, system_id, recommendation, line_value, actual_points, is_voided"
    return asked(client, f"SELECT {columns}, prediction_correct FROM nba_predictions.prediction_accuracy")


def test_the_rule_says_what_the_official_table_says(official: list[Row]) -> None:
    """Of every row: right and wrong alike, and NULL for a push, a void, a PASS and no line."""
    assert len(official) > 1000
    differing = [row for row in official if VERDICTS[by_rule(row)] is not row["prediction_correct"]]
    assert differing == []


def test_every_verdict_occurs_in_the_official_table(official: list[Row]) -> None:
    """Otherwise it would not have been compared; and no NULL hides another reason than these."""
    count = collections.Counter(by_rule(row) for row in official)
    assert min(count[verdict] for verdict in ("correct", "incorrect", "push", "void", "graded")) > 5, count
    assert set(count) == set(VERDICTS)
    nulls = [row for row in official if row["prediction_correct"] is None]
    assert len(nulls) == count["push"] + count["void"] + count["graded"]
    for row in nulls:
        push = row["line_value"] is not None and row["actual_points"] == row["line_value"]
        assert row["is_voided"] or row["recommendation"] in ("PASS", "NO_LINE") or push, row


def text(name: str) -> str:
    """Return a query of the function."""
    return (QUERIES / f"{name}.sql").read_text("utf-8")


@pytest.fixture(scope="module")
def live(client: bigquery.Client) -> live_grading.LiveGrading:
    """Return the live grades of yesterday, made by the function's own queries after the last game."""
    champion = stories.declared().sources["predictions"].parameters["champion"]
    games = schedule.read(asked(client, text("schedule")), YESTERDAY, stories.GAME_DAY)
    merged = night.merge(night.Witnesses(games, asked(client, text("official")), None, ()), YESTERDAY)
    predictions = asked(client, text("predictions"), champion=champion)
    calendar = stories.calendar({-1: len(games), 1: 3})
    told = facts.Facts(YESTERDAY, stories.NOW, calendar, games, merged, grading.DEFAULT, predictions)
    return live_grading.build(told, stories.NOW)


def test_live_grades_are_the_official_ones(live: live_grading.LiveGrading, official: list[Row]) -> None:
    """Of every prediction of the champion on a day with fourteen games: verdict, line and points."""
    champion = stories.declared().sources["predictions"].parameters["champion"]
    graded = {
        (row["player_lookup"], row["game_id"]): row
        for row in official
        if row["system_id"] == champion and row["game_date"] == YESTERDAY
    }
    assert len(live.predictions) == len(graded) > 50
    for one in live.predictions:
        row = graded[one.player_lookup, one.game_id]
        assert one.status == by_rule(row), (one, row)
        assert (VERDICTS[one.status], one.actual) == (row["prediction_correct"], row["actual_points"]), (one, row)
        assert (one.game_status, one.score_source) == ("final", "official")
    assert stories.mistakes("live_grading", live) == []


def test_the_summary_of_a_finished_day_counts_the_official_verdicts(
    live: live_grading.LiveGrading, official: list[Row]
) -> None:
    """Right, wrong, pushes and voids; the rate is right of right and wrong."""
    champion = stories.declared().sources["predictions"].parameters["champion"]
    mine = [row for row in official if row["system_id"] == champion and row["game_date"] == YESTERDAY]
    count = collections.Counter(by_rule(row) for row in mine)
    told = live.summary
    assert (told.correct, told.incorrect) == (count["correct"], count["incorrect"])
    assert (told.pushes, told.voided) == (count["push"], count["void"])
    assert (told.graded, told.total_predictions, told.pending, told.games_final) == (len(mine), len(mine), 0, 14)
    assert told.win_rate == round(count["correct"] / (count["correct"] + count["incorrect"]), 3)
