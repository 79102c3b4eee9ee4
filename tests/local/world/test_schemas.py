"""The declared tables: complete, and understood by the official client."""

import pytest
from google.cloud import bigquery

from local.world import schemas, seed

DECLARED = schemas.load()
TABLES = {name: declared for name, declared in DECLARED.items() if not schemas.is_view(declared)}
BACKED_UP = {
    "nba_analytics.player_game_summary": 99,
    "nba_analytics.team_offense_game_summary": 53,
    "nba_analytics.team_defense_game_summary": 58,
    "nba_analytics.upcoming_player_game_context": 115,
    "nba_analytics.upcoming_team_game_context": 63,
    "nba_precompute.player_composite_factors": 63,
    "nba_precompute.player_shot_zone_analysis": 48,
    "nba_precompute.team_defense_zone_analysis": 46,
    "nba_precompute.player_daily_cache": 72,
    "nba_orchestration.processor_output_validation": 11,
    "nba_orchestration.workflow_decisions": 15,
}
READ_BY_CHECKS = {
    "nba_raw.nbac_schedule": 46,
    "nba_predictions.ml_feature_store_v2": 179,
    "nba_predictions.daily_prediction_signals": 20,
    "nba_orchestration.validation_runs": 13,
    "nba_orchestration.validation_check_results": 15,
    "nba_orchestration.scraper_execution_log": 19,
}
EXPIRING = {
    "nba_precompute.player_shot_zone_analysis": 90,
    "nba_precompute.team_defense_zone_analysis": 90,
    "nba_precompute.player_daily_cache": 30,
    "nba_orchestration.workflow_decisions": 90,
    "nba_predictions.player_prop_predictions": 365,
}
DAY_MS = 86_400_000


def as_client(name: str) -> bigquery.Table:
    """Return the declared table as the client's own."""
    return seed.resource("nba-props-platform", name, DECLARED[name])


@pytest.mark.parametrize(("name", "columns"), (BACKED_UP | READ_BY_CHECKS).items())
def test_a_table_has_as_many_columns_as_the_real_one(name: str, columns: int) -> None:
    """The number of columns is the predecessor's."""
    assert len(as_client(name).schema) == columns


def test_what_the_checks_read_is_declared() -> None:
    """Predictions, grades, completions and the clean schedule are there too."""
    assert {
        "nba_predictions.player_prop_predictions",
        "nba_predictions.prediction_accuracy",
        "nba_orchestration.phase_completions",
        "nba_reference.nba_schedule",
    } <= set(DECLARED)


@pytest.mark.parametrize("name", TABLES)
def test_the_client_keeps_every_declared_column(name: str) -> None:
    """Names, types, modes and the parameters of NUMERIC come back from the client as they were declared."""
    kept = [field.to_api_repr() for field in as_client(name).schema]
    told = ("name", "type", "mode", "precision", "scale", "description")
    assert [{key: str(field[key]) for key in told if key in field} for field in kept] == [
        {key: str(field[key]) for key in told if key in field} for field in schemas.fields(TABLES[name])
    ]


@pytest.mark.parametrize("name", TABLES)
def test_no_column_is_declared_twice(name: str) -> None:
    """BigQuery tells column names apart without regard to case."""
    names = [field["name"].lower() for field in schemas.fields(TABLES[name])]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", TABLES)
def test_partitioning_and_clustering_name_columns(name: str) -> None:
    """The partition column is a DATE or TIMESTAMP, and at most four scalar columns cluster."""
    table = as_client(name)
    kinds = {field.name: field.field_type for field in table.schema if field.mode != "REPEATED"}
    partition = table.time_partitioning
    assert partition is None or kinds[partition.field] in ("DATE", "TIMESTAMP")
    assert len(table.clustering_fields or []) <= 4
    assert set(table.clustering_fields or []) <= set(kinds)


def test_the_expiring_tables_expire_as_the_real_ones() -> None:
    """Partitions live 30, 90 or 365 days, and those of all other tables for ever."""
    found = {
        name: as_client(name).time_partitioning.expiration_ms
        for name in TABLES
        if as_client(name).time_partitioning is not None
    }
    assert {name: ms // DAY_MS for name, ms in found.items() if ms} == EXPIRING


def test_two_tables_ask_for_a_partition_filter() -> None:
    """The schedule and the offence cannot be read whole by accident."""
    assert {name for name in TABLES if as_client(name).require_partition_filter} == {
        "nba_analytics.team_offense_game_summary",
        "nba_raw.nbac_schedule",
    }


def test_numeric_keeps_its_parameters() -> None:
    """NUMERIC(5,1) is not NUMERIC, and NUMERIC is there too."""
    fields = {field.name: field for field in as_client("nba_analytics.player_game_summary").schema}
    assert (fields["minutes_played"].precision, fields["minutes_played"].scale) == (5, 1)
    assert (fields["usage_rate_raw"].precision, fields["usage_rate_raw"].scale) == (None, None)


def test_a_view_names_its_project() -> None:
    """A view means the same whoever asks, so that it names the project that it reads."""
    assert "`nba-props-platform.nba_raw.nbac_schedule`" in as_client("nba_reference.nba_schedule").view_query


def test_a_backed_up_dataset_holds_what_is_not_backed_up() -> None:
    """A view, a forgotten copy and a log stand beside the eleven, so that something must be skipped with a reason."""
    beside = {name for name in DECLARED if name.partition(".")[0] in ("nba_analytics", "nba_orchestration")}
    assert {
        "nba_analytics.player_season_averages",
        "nba_analytics.player_game_summary_backup_20260103",
        "nba_orchestration.scraper_execution_log",
    } <= beside - set(BACKED_UP)


@pytest.mark.parametrize("name", DECLARED)
def test_every_table_says_what_it_is(name: str) -> None:
    """A description and a label stand on each table and view."""
    table = as_client(name)
    assert table.description
    assert table.labels["sport"] == "nba"
