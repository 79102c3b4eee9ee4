"""Claims about INFORMATION_SCHEMA.TABLES.ddl: BigQuery's own form, and a statement that makes the same table again."""

from typing import Any

import pytest
from google.cloud import bigquery

EVERYTHING = """CREATE TABLE `{table}`
(
  id INT64 NOT NULL OPTIONS(description="the \\"key\\"\\nof it"),
  price NUMERIC(10, 2) DEFAULT 1.5,
  whole NUMERIC(5),
  wide BIGNUMERIC,
  code STRING(8),
  tags ARRAY<STRING>,
  nested ARRAY<STRUCT<x FLOAT64 NOT NULL OPTIONS(description="inner"), `y z` STRUCT<w BOOL>>>,
  day DATE,
  `at` TIMESTAMP DEFAULT CURRENT_TIMESTAMP(),
  civil DATETIME,
  clock TIME,
  raw BYTES,
  doc JSON,
  `group` STRING
)
PARTITION BY DATE_TRUNC(day, MONTH)
CLUSTER BY code, id
OPTIONS(
  description="all of it",
  expiration_timestamp=TIMESTAMP "2099-01-01T00:00:00.000Z",
  friendly_name="Everything",
  labels=[("owner", "us"), ("tier", "1")],
  partition_expiration_days=40000.5,
  require_partition_filter=true
);"""
LAYOUTS = {
    "day_of_date": "PARTITION BY d",
    "day_of_timestamp": "PARTITION BY DATE(ts)",
    "hour_of_timestamp": "PARTITION BY TIMESTAMP_TRUNC(ts, HOUR)",
    "month_of_datetime": "PARTITION BY DATETIME_TRUNC(dt, MONTH)",
    "year_of_date": "PARTITION BY DATE_TRUNC(d, YEAR)",
    "ingestion_day": "PARTITION BY DATE(_PARTITIONTIME)",
    "ingestion_hour": "PARTITION BY TIMESTAMP_TRUNC(_PARTITIONTIME, HOUR)",
    "range": "PARTITION BY RANGE_BUCKET(x, GENERATE_ARRAY(0, 100, 10))",
    "clustered": "CLUSTER BY x, d",
}


def run(client: bigquery.Client, sql: str, *parameters: Any) -> list[Any]:
    """Return the rows of a query."""
    config = bigquery.QueryJobConfig(query_parameters=list(parameters))
    return list(client.query(sql, job_config=config).result())


def ddl(client: bigquery.Client, full: str) -> str:
    """Return the statement that INFORMATION_SCHEMA tells of a table."""
    dataset, table = full.rsplit(".", 1)
    wanted = bigquery.ScalarQueryParameter("name", "STRING", table)
    rows = run(client, f"SELECT ddl FROM `{dataset}`.INFORMATION_SCHEMA.TABLES WHERE table_name = @name", wanted)
    return str(rows[0].ddl)


def test_ddl_is_told_in_the_form_of_bigquery(client: bigquery.Client, dataset: str, name: str) -> None:
    """A statement in BigQuery's own form comes back letter by letter."""
    statement = EVERYTHING.format(table=f"{dataset}.{name}")
    run(client, statement)
    assert ddl(client, f"{dataset}.{name}") == statement


@pytest.mark.real_cloud
def test_ddl_makes_the_same_table_again(client: bigquery.Client, dataset: str, name: str) -> None:
    """Schema, layout and options are equal after the table was dropped and made from its DDL."""
    run(client, EVERYTHING.format(table=f"{dataset}.{name}"))
    before = client.get_table(f"{dataset}.{name}")
    statement = ddl(client, f"{dataset}.{name}")
    client.delete_table(before)
    run(client, statement)
    after = client.get_table(f"{dataset}.{name}")
    for part in (
        "schema",
        "time_partitioning",
        "clustering_fields",
        "labels",
        "description",
        "expires",
        "friendly_name",
    ):
        assert getattr(after, part) == getattr(before, part)
    assert after.require_partition_filter


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.real_cloud
def test_ddl_tells_every_layout(client: bigquery.Client, dataset: str, name: str, layout: str) -> None:
    """Each way of partitioning makes the same properties again."""
    run(client, f"CREATE TABLE `{dataset}.{name}` (x INT64, d DATE, ts TIMESTAMP, dt DATETIME) {layout}")
    before, statement = client.get_table(f"{dataset}.{name}"), ddl(client, f"{dataset}.{name}")
    assert layout in statement
    client.delete_table(before)
    run(client, statement)
    after = client.get_table(before)
    assert after.time_partitioning == before.time_partitioning
    assert after.range_partitioning == before.range_partitioning
    assert after.clustering_fields == before.clustering_fields


@pytest.mark.real_cloud
def test_ddl_of_a_view_makes_it_again(client: bigquery.Client, dataset: str, name: str) -> None:
    """A view's DDL holds its query."""
    run(client, f"CREATE VIEW `{dataset}.{name}` AS SELECT 1 AS x")
    statement = ddl(client, f"{dataset}.{name}")
    assert statement.startswith(f"CREATE VIEW `{dataset}.{name}`\nAS SELECT 1 AS x")
    run(client, f"DROP VIEW `{dataset}.{name}`")
    run(client, statement)
    assert client.get_table(f"{dataset}.{name}").table_type == "VIEW"
