"""Claims about INFORMATION_SCHEMA, by dataset and by region: what its views tell of tables, partitions and jobs."""

from collections.abc import Iterator
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import bigquery


@pytest.fixture(scope="module")
def games(client: bigquery.Client, dataset: str) -> Iterator[str]:
    """Yield a table partitioned by month, with rows in two of them and one in none."""
    run(
        client,
        f"CREATE TABLE `{dataset}.games` (id INT64 NOT NULL, day DATE, note STRING OPTIONS(description='free text'),"
        " r STRUCT<a INT64, b ARRAY<STRUCT<c STRING>>>) PARTITION BY DATE_TRUNC(day, MONTH) CLUSTER BY id"
        " OPTIONS(description='every game', labels=[('a', 'b')])",
    )
    run(
        client,
        f"INSERT INTO `{dataset}.games` (id, day, note) VALUES (1, '2026-01-31', 'é'), (2, '2026-02-01', NULL),"
        " (3, '2026-02-28', 'x'), (4, NULL, NULL)",
    )
    yield f"{dataset}.games"
    client.delete_table(f"{dataset}.games", not_found_ok=True)


def run(client: bigquery.Client, sql: str, *parameters: Any) -> list[Any]:
    """Return the rows of a query."""
    config = bigquery.QueryJobConfig(query_parameters=list(parameters))
    return list(client.query(sql, job_config=config).result())


@pytest.mark.real_cloud
def test_types_of_tables_are_told(client: bigquery.Client, dataset: str, games: str, name: str) -> None:
    """Tables, views, snapshots and clones are told apart, and their base is named."""
    run(client, f"CREATE VIEW `{dataset}.{name}_view` AS SELECT 1 AS x")
    for operation in ("SNAPSHOT", "CLONE"):
        config = bigquery.CopyJobConfig(operation_type=operation)
        client.copy_table(games, f"{dataset}.{name}_{operation.lower()}", job_config=config).result()
    rows = run(
        client,
        f"SELECT table_name, table_type, base_table_name FROM `{dataset}`.INFORMATION_SCHEMA.TABLES"
        f" WHERE STARTS_WITH(table_name, '{name}') OR table_name = 'games' ORDER BY table_name",
    )
    assert [tuple(row) for row in rows] == [
        ("games", "BASE TABLE", None),
        (f"{name}_clone", "CLONE", "games"),
        (f"{name}_snapshot", "SNAPSHOT", "games"),
        (f"{name}_view", "VIEW", None),
    ]


@pytest.mark.real_cloud
def test_columns_are_told_in_order(client: bigquery.Client, dataset: str, games: str) -> None:
    """Names, types in SQL, modes, partitioning and clustering are told of each column."""
    assert games
    rows = run(
        client,
        "SELECT column_name, ordinal_position, data_type, is_nullable, is_partitioning_column,"
        " clustering_ordinal_position"
        f" FROM `{dataset}`.INFORMATION_SCHEMA.COLUMNS WHERE table_name = 'games' ORDER BY ordinal_position",
    )
    assert [tuple(row) for row in rows] == [
        ("id", 1, "INT64", "NO", "NO", 1),
        ("day", 2, "DATE", "YES", "YES", None),
        ("note", 3, "STRING", "YES", "NO", None),
        ("r", 4, "STRUCT<a INT64, b ARRAY<STRUCT<c STRING>>>", "YES", "NO", None),
    ]


@pytest.mark.real_cloud
def test_field_paths_go_to_the_leaves(client: bigquery.Client, dataset: str, games: str) -> None:
    """Nested fields have paths, types and descriptions."""
    assert games
    rows = run(
        client,
        "SELECT field_path, data_type, description FROM"
        f" `{dataset}`.INFORMATION_SCHEMA.COLUMN_FIELD_PATHS"
        " WHERE table_name = 'games' AND column_name IN ('r', 'note')",
    )
    assert sorted(map(tuple, rows), key=str) == [
        ("note", "STRING", "free text"),
        ("r", "STRUCT<a INT64, b ARRAY<STRUCT<c STRING>>>", None),
        ("r.a", "INT64", None),
        ("r.b", "ARRAY<STRUCT<c STRING>>", None),
        ("r.b.c", "STRING", None),
    ]


@pytest.mark.real_cloud
def test_options_are_told_in_sql(client: bigquery.Client, dataset: str, games: str) -> None:
    """Each option that is set is one row, its value as SQL writes it."""
    assert games
    rows = run(
        client,
        "SELECT option_name, option_type, option_value FROM"
        f" `{dataset}`.INFORMATION_SCHEMA.TABLE_OPTIONS WHERE table_name = 'games' ORDER BY option_name",
    )
    assert [tuple(row) for row in rows] == [
        ("description", "STRING", '"every game"'),
        ("labels", "ARRAY<STRUCT<STRING, STRING>>", '[("a", "b")]'),
    ]


def test_partitions_are_told_with_rows_and_bytes(client: bigquery.Client, dataset: str, games: str) -> None:
    """Each partition that has rows is one row, that of NULL too."""
    rows = run(
        client,
        "SELECT partition_id, total_rows, total_logical_bytes, last_modified_time FROM"
        f" `{dataset}`.INFORMATION_SCHEMA.PARTITIONS WHERE table_name = 'games' ORDER BY partition_id",
    )
    assert [tuple(row)[:3] for row in rows] == [("202601", 1, 20), ("202602", 2, 35), ("__NULL__", 1, 8)]
    assert {row.last_modified_time for row in rows} != {None}
    assert sum(row.total_logical_bytes for row in rows) == client.get_table(games).num_bytes


@pytest.mark.parametrize(
    ("column", "layout", "values", "wanted"),
    [
        ("DATE", "PARTITION BY k", ["DATE '2026-02-12'", "NULL"], ["20260212", "__NULL__"]),
        ("TIMESTAMP", "PARTITION BY TIMESTAMP_TRUNC(k, HOUR)", ["TIMESTAMP '2026-02-12 23:59:59 UTC'"], ["2026021223"]),
        ("DATETIME", "PARTITION BY DATETIME_TRUNC(k, MONTH)", ["DATETIME '2026-02-12 00:00:00'"], ["202602"]),
        ("DATE", "PARTITION BY DATE_TRUNC(k, YEAR)", ["DATE '2025-12-31'", "DATE '2026-01-01'"], ["2025", "2026"]),
        (
            "INT64",
            "PARTITION BY RANGE_BUCKET(k, GENERATE_ARRAY(-10, 10, 5))",
            ["-10", "-6", "-1", "0", "9", "10", "-11", "NULL"],
            ["-10", "-5", "0", "5", "__NULL__", "__UNPARTITIONED__"],
        ),
        ("INT64", "", ["1"], [None]),
    ],
    ids=["day", "hour", "month", "year", "range", "none"],
)
@pytest.mark.real_cloud
def test_partition_ids_follow_the_layout(  # noqa: PLR0913, PLR0917 -- the fixtures and the case
    client: bigquery.Client, dataset: str, name: str, column: str, layout: str, values: list[str], wanted: list[str]
) -> None:
    """Every granularity, integer ranges, NULL and out of range have their ids."""
    run(client, f"CREATE TABLE `{dataset}.{name}` (k {column}) {layout}")
    run(client, f"INSERT INTO `{dataset}.{name}` (k) VALUES {', '.join(f'({value})' for value in values)}")
    rows = run(
        client, f"SELECT partition_id FROM `{dataset}`.INFORMATION_SCHEMA.PARTITIONS WHERE table_name = '{name}'"
    )
    assert sorted((row.partition_id for row in rows), key=str) == sorted(wanted, key=str)


REGIONS = (
    "`region-us`.INFORMATION_SCHEMA",
    "region-us.INFORMATION_SCHEMA",
    "`{project}`.`region-us`.INFORMATION_SCHEMA",
)


@pytest.mark.parametrize("scope", [*REGIONS, "`{project}.region-us`.INFORMATION_SCHEMA"])
def test_a_region_tells_of_all_its_datasets(client: bigquery.Client, dataset: str, games: str, scope: str) -> None:
    """Storage of every table of the project in the region is told by one query, in each way to write the region."""
    schema = dataset.split(".")[1]
    rows = run(
        client,
        "SELECT total_rows, total_logical_bytes, total_partitions, deleted, table_type, creation_time,"
        f" storage_last_modified_time FROM {scope.format(project=client.project)}.TABLE_STORAGE"
        " WHERE table_schema = @schema AND table_name = 'games'",
        bigquery.ScalarQueryParameter("schema", "STRING", schema),
    )
    table = client.get_table(games)
    assert [tuple(row)[:5] for row in rows] == [(4, table.num_bytes, 3, False, "BASE TABLE")]
    assert rows[0].creation_time <= rows[0].storage_last_modified_time


@pytest.mark.real_cloud
def test_another_region_tells_nothing_of_this(client: bigquery.Client, dataset: str, games: str) -> None:
    """A dataset belongs to the region of its location only."""
    assert games
    schema = bigquery.ScalarQueryParameter("schema", "STRING", dataset.split(".")[1])
    config = bigquery.QueryJobConfig(query_parameters=[schema])
    sql = "SELECT 1 FROM `region-eu`.INFORMATION_SCHEMA.TABLES WHERE table_schema = @schema"
    assert list(client.query(sql, job_config=config, location="EU").result()) == []


@pytest.mark.real_cloud
def test_views_and_schemata_are_told(client: bigquery.Client, dataset: str, name: str) -> None:
    """VIEWS tells a view's query; SCHEMATA a dataset's location."""
    run(client, f"CREATE VIEW `{dataset}.{name}` AS SELECT 1 AS x")
    rows = run(client, f"SELECT view_definition FROM `{dataset}`.INFORMATION_SCHEMA.VIEWS WHERE table_name = '{name}'")
    assert [row.view_definition for row in rows] == ["SELECT 1 AS x"]
    schema = dataset.split(".")[1]
    rows = run(client, f"SELECT location FROM `region-us`.INFORMATION_SCHEMA.SCHEMATA WHERE schema_name = '{schema}'")
    assert [row.location for row in rows] == ["US"]


@pytest.mark.parametrize("view", ["JOBS", "JOBS_BY_PROJECT"])
def test_jobs_are_told_with_cost_labels_and_failure(client: bigquery.Client, games: str, name: str, view: str) -> None:
    """A job that ended is one row, the failed one with its error."""
    config = bigquery.QueryJobConfig(labels={"purpose": "claim"})
    client.query(f"SELECT id FROM `{games}`", job_id=f"{name}_good", job_config=config, job_retry=None).result()
    with pytest.raises(exceptions.BadRequest):
        client.query("SELECT absent", job_id=f"{name}_bad", job_retry=None).result()
    rows = run(
        client,
        "SELECT job_id, job_type, state, error_result.reason AS reason, total_bytes_processed,"
        " total_bytes_billed, labels,"
        f" start_time <= end_time AS ordered FROM `region-us`.INFORMATION_SCHEMA.{view}"
        f" WHERE STARTS_WITH(job_id, '{name}') ORDER BY job_id DESC",
    )
    good, bad = rows
    assert tuple(good)[:6] == (f"{name}_good", "QUERY", "DONE", None, 32, 10 * 1024 * 1024)
    assert (good.labels, good.ordered) == ([{"key": "purpose", "value": "claim"}], True)
    assert tuple(bad)[:4] == (f"{name}_bad", "QUERY", "DONE", "invalidQuery")


@pytest.mark.real_cloud
def test_a_missing_dataset_is_not_an_empty_view(client: bigquery.Client, dataset: str) -> None:
    """INFORMATION_SCHEMA of a dataset that is not there is 404, as BigQuery words it."""
    with pytest.raises(exceptions.NotFound) as caught:
        run(client, f"SELECT * FROM `{dataset}_absent`.INFORMATION_SCHEMA.TABLES")
    assert f"Not found: Dataset {dataset.replace('.', ':')}_absent was not found in location US" in str(caught.value)


def test_the_words_in_a_string_are_left_alone(client: bigquery.Client, dataset: str) -> None:
    """Only a table is replaced, not text that looks like one."""
    text = f"{dataset}.INFORMATION_SCHEMA.TABLES"
    assert run(client, f"SELECT '{text}' AS x -- {text}")[0].x == text


def test_a_partition_keeps_its_time_when_another_changes(client: bigquery.Client, dataset: str, name: str) -> None:
    """last_modified_time is that of the partition's own last change."""
    run(client, f"CREATE TABLE `{dataset}.{name}` (day DATE) PARTITION BY day")
    view = f"`{dataset}`.INFORMATION_SCHEMA.PARTITIONS"
    sql = f"SELECT partition_id, last_modified_time FROM {view} WHERE table_name = '{name}'"
    run(client, f"INSERT INTO `{dataset}.{name}` (day) VALUES ('2026-02-11'), ('2026-02-12')")
    before = {row.partition_id: row.last_modified_time for row in run(client, sql)}
    run(client, f"INSERT INTO `{dataset}.{name}` (day) VALUES ('2026-02-12')")
    after = {row.partition_id: row.last_modified_time for row in run(client, sql)}
    assert after["20260211"] == before["20260211"]
    assert after["20260212"] > before["20260212"]


def test_views_can_be_joined(client: bigquery.Client, dataset: str, games: str) -> None:
    """Two metadata views in one query each tell their own."""
    assert games
    rows = run(
        client,
        f"SELECT t.table_name, COUNT(*) AS columns FROM `{dataset}`.INFORMATION_SCHEMA.TABLES AS t"
        f" JOIN `{dataset}`.INFORMATION_SCHEMA.COLUMNS AS c USING (table_name) WHERE t.table_name = 'games' GROUP BY 1",
    )
    assert [tuple(row) for row in rows] == [("games", 4)]
