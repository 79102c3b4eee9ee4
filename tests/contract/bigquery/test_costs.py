"""Claims about what queries cost: bytes of the columns and partitions read, minimum and limit of what is billed."""

from collections.abc import Iterator
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import bigquery

MINIMUM = 10 * 1024 * 1024
DAYS = 4
# A row: id 8 bytes, day 8, at 8, s 2 + 3, r 8 + 2 + 1.
ID, DAY, AT, TEXT, RECORD = 8, 8, 8, 5, 11
ROW = ID + DAY + AT + TEXT + RECORD


@pytest.fixture(scope="module")
def facts(client: bigquery.Client, dataset: str) -> Iterator[str]:
    """Yield a table partitioned by day, with one row in each of four days."""
    full = f"{dataset}.facts"
    run(
        client,
        f"CREATE TABLE `{full}` (id INT64, day DATE, moment TIMESTAMP, s STRING,"
        " r STRUCT<x INT64, y STRING>) PARTITION BY day",
    )
    rows = ", ".join(
        f"({i}, '2026-02-0{i}', '2026-02-0{i} 12:00:00 UTC', 'abc', STRUCT({i}, 'y'))" for i in range(1, DAYS + 1)
    )
    run(client, f"INSERT INTO `{full}` (id, day, moment, s, r) VALUES {rows}")
    run(client, f"CREATE TABLE `{dataset}.plain` AS SELECT id AS key, s AS word FROM `{full}`")
    run(client, f"CREATE VIEW `{dataset}.seen` AS SELECT id, s, day FROM `{full}`")
    yield full
    client.delete_table(full)


def run(client: bigquery.Client, sql: str, **options: Any) -> bigquery.QueryJob:
    """Return the finished job of a query."""
    job = client.query(sql, job_config=bigquery.QueryJobConfig(**options))
    job.result()
    return job


def cost(client: bigquery.Client, sql: str, *parameters: Any) -> int:
    """Return the bytes that a dry run tells of a query."""
    config = bigquery.QueryJobConfig(dry_run=True, use_query_cache=False, query_parameters=list(parameters))
    return int(client.query(sql, job_config=config).total_bytes_processed)


READS = {
    "SELECT * FROM {t}": ROW * DAYS,
    "SELECT id FROM {t}": ID * DAYS,
    "SELECT COUNT(*) FROM {t}": 0,
    "SELECT COUNT(s) FROM {t}": TEXT * DAYS,
    "SELECT id FROM {t} WHERE s = 'abc' ORDER BY moment": (ID + TEXT + AT) * DAYS,
    "SELECT * EXCEPT (s, r) FROM {t}": (ID + DAY + AT) * DAYS,
    "SELECT ID FROM {t} AS F WHERE f.S > ''": (ID + TEXT) * DAYS,
    "SELECT a.id FROM {t} a JOIN {t} b ON a.id = b.id WHERE b.s = 'x'": (ID + ID + TEXT) * DAYS,
    "WITH w AS (SELECT * FROM {t}) SELECT id FROM w": ID * DAYS,
    "SELECT id FROM (SELECT id, s, moment FROM {t})": ID * DAYS,
    "SELECT 1 FROM {t} WHERE EXISTS (SELECT 1 FROM {p} WHERE key = id)": (ID + 8) * DAYS,
    "SELECT word FROM {p} WHERE key IN (SELECT id FROM {t})": (TEXT + 8 + ID) * DAYS,
    "SELECT id FROM {t} UNION ALL SELECT key FROM {p}": (ID + 8) * DAYS,
    "SELECT s, SUM(id) OVER (PARTITION BY s) FROM {t} QUALIFY ROW_NUMBER() OVER (ORDER BY moment) = 1": (TEXT + ID + AT)
    * DAYS,
    "SELECT r.x FROM {t}": RECORD * DAYS,
    "SELECT s FROM {v}": TEXT * DAYS,
    "SELECT COUNT(*) FROM {v} WHERE id > 0": ID * DAYS,
    "SELECT 1": 0,
}
PRUNED = {
    "day = '2026-02-02'": 1,
    "day = DATE '2026-02-02'": 1,
    "'2026-02-02' = day": 1,
    "day >= '2026-02-03'": 2,
    "day > DATE_SUB('2026-02-03', INTERVAL 1 DAY)": 2,
    "day BETWEEN '2026-02-02' AND '2026-02-03'": 2,
    "day IN ('2026-02-01', '2026-02-04', '2026-03-01')": 2,
    "day = '2026-02-01' OR day = '2026-02-03'": 2,
    "day = '2026-02-01' OR id = 3": 4,
    "day < '2026-02-03' AND s = 'abc'": 2,
    "day IS NULL": 0,
    "day IS NOT NULL": 4,
    "DATE_TRUNC(day, MONTH) = '2026-02-01'": 4,
    "DATE_TRUNC(day, MONTH) = '2026-01-01'": 0,
    "day = (SELECT MAX(day) FROM UNNEST([DATE '2026-02-01']) AS day)": 4,
}


@pytest.mark.parametrize(("sql", "wanted"), READS.items(), ids=READS)
def test_a_query_costs_the_columns_it_reads(
    client: bigquery.Client, dataset: str, facts: str, sql: str, wanted: int
) -> None:
    """Columns are charged once a table reference, unread ones not at all."""
    names = {"t": f"`{facts}`", "p": f"`{dataset}.plain`", "v": f"`{dataset}.seen`"}
    assert cost(client, sql.format(**names)) == wanted


@pytest.mark.parametrize(("condition", "days"), PRUNED.items(), ids=PRUNED)
def test_partitions_that_cannot_match_are_free(client: bigquery.Client, facts: str, condition: str, days: int) -> None:
    """A constant condition on the partitioning column eliminates partitions; others do not."""
    free = 5 if "id =" in condition or "s =" in condition else 0
    other = (ID if "id =" in condition else TEXT) if free else 0
    assert cost(client, f"SELECT moment, day FROM `{facts}` WHERE {condition}") == (AT + DAY + other) * days


@pytest.mark.real_cloud
def test_parameters_eliminate_partitions_too(client: bigquery.Client, facts: str) -> None:
    """A query parameter is a constant."""
    day = bigquery.ScalarQueryParameter("day", "DATE", "2026-02-02")
    assert cost(client, f"SELECT id, day FROM `{facts}` WHERE day = @day", day) == ID + DAY
    days = bigquery.ArrayQueryParameter("days", "DATE", ["2026-02-02", "2026-02-03"])
    assert cost(client, f"SELECT id, day FROM `{facts}` WHERE day IN UNNEST(@days)", days) == (ID + DAY) * 2


@pytest.mark.parametrize(
    ("kind", "layout", "values", "condition"),
    [
        ("TIMESTAMP", "DATE(k)", ("2026-02-01 23:59:59 UTC", "2026-02-02 00:00:00 UTC"), "k >= '2026-02-02'"),
        ("TIMESTAMP", "DATE(k)", ("2026-02-01 23:59:59 UTC", "2026-02-02 00:00:00 UTC"), "DATE(k) = '2026-02-02'"),
        (
            "TIMESTAMP",
            "TIMESTAMP_TRUNC(k, HOUR)",
            ("2026-02-01 01:30:00 UTC", "2026-02-01 02:30:00 UTC"),
            "k > '2026-02-01 02:00:00'",
        ),
        ("DATETIME", "DATETIME_TRUNC(k, MONTH)", ("2026-01-31 00:00:00", "2026-02-01 00:00:00"), "k >= '2026-02-01'"),
        ("DATE", "DATE_TRUNC(k, YEAR)", ("2025-12-31", "2026-01-01"), "k > '2026-06-01'"),
    ],
)
def test_every_granularity_is_pruned(  # noqa: PLR0913, PLR0917 -- the fixtures and the case
    client: bigquery.Client, dataset: str, name: str, kind: str, layout: str, values: tuple[str, str], condition: str
) -> None:
    """Of two partitions, only that which may hold matching rows is charged."""
    run(client, f"CREATE TABLE `{dataset}.{name}` (k {kind}) PARTITION BY {layout}")
    run(client, f"INSERT INTO `{dataset}.{name}` (k) VALUES ('{values[0]}'), ('{values[1]}')")
    assert cost(client, f"SELECT k FROM `{dataset}.{name}` WHERE {condition}") == 8


@pytest.mark.real_cloud
def test_integer_ranges_are_pruned(client: bigquery.Client, dataset: str, name: str) -> None:
    """A range that cannot match is free."""
    run(client, f"CREATE TABLE `{dataset}.{name}` (k INT64) PARTITION BY RANGE_BUCKET(k, GENERATE_ARRAY(0, 100, 10))")
    run(client, f"INSERT INTO `{dataset}.{name}` (k) VALUES (5), (15), (25)")
    assert cost(client, f"SELECT k FROM `{dataset}.{name}` WHERE k >= 12 AND k < 20") == 8


def test_a_dry_run_tells_bytes_and_columns_and_runs_nothing(client: bigquery.Client, facts: str) -> None:
    """A dry run answers the columns and the bytes; nothing is billed and nothing is changed."""
    job = client.query(f"SELECT id, r FROM `{facts}`", job_config=bigquery.QueryJobConfig(dry_run=True))
    assert (job.total_bytes_processed, job.total_bytes_billed, job.state) == ((ID + RECORD) * DAYS, 0, "DONE")
    assert [(field.name, field.field_type) for field in job.schema] == [("id", "INTEGER"), ("r", "RECORD")]
    deleting = f"DELETE FROM `{facts}` WHERE TRUE"
    assert cost(client, deleting) == ROW * DAYS
    assert client.get_table(facts).num_rows == DAYS


@pytest.mark.real_cloud
def test_a_finished_job_tells_its_bytes(client: bigquery.Client, facts: str) -> None:
    """Processed bytes are exact; billed bytes are 10 MB at least."""
    job = run(client, f"SELECT id FROM `{facts}`", use_query_cache=False)
    assert (job.total_bytes_processed, job.total_bytes_billed) == (ID * DAYS, MINIMUM)
    rows = client.query_and_wait(f"SELECT id FROM `{facts}`")
    assert rows.total_rows == DAYS


def test_billing_starts_at_ten_megabytes_a_table(client: bigquery.Client, dataset: str, facts: str) -> None:
    """Each table counts its minimum; a query of nothing is free."""
    assert (
        run(client, f"SELECT f.id FROM `{facts}` f JOIN `{dataset}.plain` p ON f.id = p.key").total_bytes_billed
        == 2 * MINIMUM
    )
    assert run(client, "SELECT 1").total_bytes_billed == 0
    assert run(client, f"SELECT COUNT(*) FROM `{facts}`").total_bytes_billed == 0


def test_metadata_queries_are_billed_ten_megabytes(client: bigquery.Client, dataset: str) -> None:
    """INFORMATION_SCHEMA costs its minimum."""
    job = run(client, f"SELECT table_name FROM `{dataset}`.INFORMATION_SCHEMA.TABLES")
    assert (job.total_bytes_processed, job.total_bytes_billed) == (MINIMUM, MINIMUM)


def test_a_query_over_its_limit_is_refused(client: bigquery.Client, facts: str) -> None:
    """maximum_bytes_billed stops a query before it runs, and says what it needs."""
    config = bigquery.QueryJobConfig(maximum_bytes_billed=MINIMUM - 1)
    wanted = f"Query exceeded limit for bytes billed: {MINIMUM - 1}. {MINIMUM} or higher required."
    job = client.query(f"SELECT id FROM `{facts}`", job_config=config, job_retry=None)
    with pytest.raises(exceptions.GoogleAPICallError, match=wanted):
        job.result()
    assert job.error_result["reason"] == "bytesBilledLimitExceeded"
    with pytest.raises(exceptions.BadRequest, match=wanted):
        client.query_and_wait(f"SELECT id FROM `{facts}`", job_config=config)


@pytest.mark.real_cloud
def test_a_query_at_its_limit_runs(client: bigquery.Client, facts: str) -> None:
    """The limit itself may be billed."""
    assert run(client, f"SELECT id FROM `{facts}`", maximum_bytes_billed=MINIMUM).total_bytes_billed in (0, MINIMUM)


def test_a_limit_of_one_query_is_not_that_of_the_next(client: bigquery.Client, facts: str) -> None:
    """A query without a limit is not stopped by another's."""
    with pytest.raises(exceptions.GoogleAPICallError):
        run(client, f"SELECT id FROM `{facts}`", maximum_bytes_billed=1)
    assert run(client, f"SELECT id FROM `{facts}`").total_bytes_billed == MINIMUM


def test_changes_cost_the_whole_rows_of_their_partitions(client: bigquery.Client, facts: str) -> None:
    """UPDATE and DELETE read all columns of the partitions that their condition leaves; INSERT of values reads none."""
    assert cost(client, f"UPDATE `{facts}` SET s = 'x' WHERE day = '2026-02-01'") == ROW
    assert cost(client, f"DELETE FROM `{facts}` WHERE day >= '2026-02-03'") == ROW * 2
    assert cost(client, f"INSERT INTO `{facts}` (id) VALUES (9)") == 0
    assert cost(client, f"INSERT INTO `{facts}` (id) SELECT id FROM `{facts}`") == ID * DAYS


def test_a_query_that_cannot_be_resolved_is_charged_in_full(client: bigquery.Client, facts: str) -> None:
    """A script names a table, so its columns are charged: never nothing."""
    job = client.query(f"DECLARE n INT64; SET n = (SELECT MAX(id) FROM `{facts}`); SELECT n;")
    job.result()
    assert job.total_bytes_processed >= ID * DAYS


@pytest.mark.parametrize("condition", ["", "WHERE id = 1", "WHERE day = '2026-02-01' OR id = 1"])
@pytest.mark.real_cloud
def test_a_required_filter_is_required(client: bigquery.Client, dataset: str, name: str, condition: str) -> None:
    """A query that does not choose partitions is refused, even as a dry run."""
    run(
        client,
        f"CREATE TABLE `{dataset}.{name}` (id INT64, day DATE) PARTITION BY day OPTIONS(require_partition_filter=true)",
    )
    wanted = rf"Cannot query over table '{dataset}.{name}' without a filter over column\(s\) 'day'"
    with pytest.raises(exceptions.BadRequest, match=wanted):
        run(client, f"SELECT id FROM `{dataset}.{name}` {condition}")
    with pytest.raises(exceptions.BadRequest, match=wanted):
        cost(client, f"SELECT id FROM `{dataset}.{name}` {condition}")


@pytest.mark.parametrize(
    "condition", ["day = '2026-02-01'", "day >= '2026-01-01' AND id = 1", "day IS NULL OR day > '2026-01-01'"]
)
@pytest.mark.real_cloud
def test_a_filter_on_the_partitions_is_enough(client: bigquery.Client, dataset: str, name: str, condition: str) -> None:
    """Any condition that eliminates partitions satisfies the table, through a subquery too."""
    run(
        client,
        f"CREATE TABLE `{dataset}.{name}` (id INT64, day DATE) PARTITION BY day OPTIONS(require_partition_filter=true)",
    )
    assert list(client.query(f"SELECT id FROM `{dataset}.{name}` WHERE {condition}").result()) == []
    assert list(client.query(f"SELECT id FROM (SELECT * FROM `{dataset}.{name}`) WHERE {condition}").result()) == []
