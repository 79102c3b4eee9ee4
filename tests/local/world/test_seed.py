"""Seeding: the official client loads a world into the stand-in, and every table stands as declared."""

import dataclasses
import datetime
from typing import TYPE_CHECKING, Any

import pytest
from google.cloud import bigquery

from local.world import schemas, seed

if TYPE_CHECKING:
    from .conftest import Counted


@dataclasses.dataclass(frozen=True)
class Loaded:
    """A warehouse that was seeded once: its client, what seeding returned, and the steps that it told."""

    client: Any
    seeded: seed.Seeded
    steps: list[tuple[str, int, int, int]]


@pytest.fixture(scope="module")
def loaded(small: "Counted", client: Any) -> Loaded:
    """Return a warehouse with the small world in it."""
    steps: list[tuple[str, int, int, int]] = []
    seeded = seed.seed(small.directory, bigquery=client, progress=lambda *step: steps.append(step))
    return Loaded(client, seeded, steps)


def partitioning(table: bigquery.Table) -> tuple[Any, ...]:
    """Return what was declared of a table's partitioning; the service repeats the filter option in it."""
    found = table.time_partitioning
    return (found.type_, found.field, found.expiration_ms) if found else ()


def test_every_table_has_its_rows(small: "Counted", loaded: Loaded) -> None:
    """Each table has as many rows as the world says, counted by a query where no filter is required."""
    assert loaded.seeded.loaded
    assert loaded.seeded.rows == small.told["tables"]
    for name, rows in small.told["tables"].items():
        if not loaded.client.get_table(name).require_partition_filter:
            [row] = loaded.client.query_and_wait(f"SELECT COUNT(*) AS found FROM `{name}`")
            assert row.found == rows


def test_tables_stand_as_declared(loaded: Loaded) -> None:
    """Columns, NUMERIC parameters, partitions and their expiry, clustering, labels and options are as declared."""
    for name, declared in schemas.load().items():
        if schemas.is_view(declared):
            continue
        wanted, found = seed.resource(loaded.client.project, name, declared), loaded.client.get_table(name)
        assert found.schema == wanted.schema
        assert partitioning(found) == partitioning(wanted)
        assert found.clustering_fields == wanted.clustering_fields
        assert (found.labels, found.description) == (wanted.labels, wanted.description)
        assert bool(found.require_partition_filter) == bool(wanted.require_partition_filter)
        assert found.location == "US"


def test_json_lists_and_decimals_arrive(loaded: Loaded) -> None:
    """A decision has its JSON and its list; a summary has a decimal of one digit."""
    [decision] = loaded.client.query_and_wait(
        "SELECT context, target_games, decision_time FROM nba_orchestration.workflow_decisions "
        "WHERE action = 'RUN' AND decision_time >= '2026-02-11' ORDER BY decision_time LIMIT 1"
    )
    assert decision.context["games_today"] == 14
    assert "20260211_MIL_ORL" in decision.target_games
    assert decision.decision_time.tzinfo == datetime.UTC
    [summary] = loaded.client.query_and_wait(
        "SELECT SUM(minutes_played) AS minutes FROM nba_analytics.player_game_summary "
        "WHERE game_date = '2026-02-11' AND team_abbr = 'ORL'"
    )
    assert summary.minutes in (240, 265, 290)


def test_views_answer(loaded: Loaded) -> None:
    """The clean schedule has tonight's three games and none of the exhibitions."""
    rows = loaded.client.query_and_wait(
        "SELECT CAST(game_date AS STRING) AS day, COUNT(*) AS games FROM nba_reference.nba_schedule "
        "WHERE game_date BETWEEN '2026-02-12' AND '2026-02-18' GROUP BY day"
    )
    assert [tuple(row.values()) for row in rows] == [("2026-02-12", 3)]


def test_a_second_call_does_nothing(small: "Counted", loaded: Loaded) -> None:
    """Where this very world stands, no job is made, and the rows are told all the same."""
    before = len(list(loaded.client.list_jobs()))
    again = seed.seed(small.directory, bigquery=loaded.client)
    assert not again.loaded
    assert again.rows == loaded.seeded.rows
    assert len(list(loaded.client.list_jobs())) == before


def test_progress_tells_every_table(small: "Counted", loaded: Loaded) -> None:
    """The callback hears of each table once, with its rows, and the count reaches the total."""
    assert {name: rows for name, rows, _, _ in loaded.steps} == small.told["tables"]
    assert [done for *_, done, _ in loaded.steps] == list(range(1, len(loaded.steps) + 1))
    assert {total for *_, total in loaded.steps} == {len(loaded.steps)}
