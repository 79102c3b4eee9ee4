"""Claims about rows: exact values of every type, sizes, counts after every change, streamed rows judged."""

import datetime
import decimal
import itertools
from collections.abc import Callable
from typing import Any

import pytest
from google.cloud import bigquery
from google.cloud.bigquery import SchemaField

LoadRows = Callable[..., bigquery.LoadJob]

EVERY_TYPE = [
    SchemaField("i", "INTEGER", mode="REQUIRED", description="the key"),
    SchemaField("f", "FLOAT"),
    SchemaField("b", "BOOLEAN"),
    SchemaField("s", "STRING", max_length=20),
    SchemaField("y", "BYTES"),
    SchemaField("n", "NUMERIC", precision=10, scale=2),
    SchemaField("m", "NUMERIC"),
    SchemaField("w", "BIGNUMERIC"),
    SchemaField("d", "DATE"),
    SchemaField("t", "TIME"),
    SchemaField("dt", "DATETIME"),
    SchemaField("ts", "TIMESTAMP", default_value_expression="CURRENT_TIMESTAMP()"),
    SchemaField("j", "JSON"),
    SchemaField("a", "STRING", mode="REPEATED"),
    SchemaField("r", "RECORD", fields=[SchemaField("x", "INTEGER", mode="REQUIRED"), SchemaField("y", "STRING")]),
    SchemaField("rr", "RECORD", mode="REPEATED", fields=[SchemaField("x", "FLOAT", description="inner")]),
]
ROW = {
    "i": 9007199254740993,
    "f": 1.5,
    "b": True,
    "s": "hé",
    "y": "AAH/",
    "n": "1.25",
    "m": "-0.000000001",
    "w": "12345678901234567890.000000000000000001",
    "d": "2026-02-12",
    "t": "01:02:03.000004",
    "dt": "2026-02-12T01:02:03.000004",
    "ts": "2026-02-12T01:02:03.000004Z",
    "j": '{"k":[1,null]}',
    "a": ["x", ""],
    "r": {"x": 1, "y": None},
    "rr": [{"x": 0.5}],
}
# By BigQuery's rules, in the order of the columns.
ROW_BYTES = 8 + 8 + 1 + (2 + 3) + (2 + 3) + 16 + 16 + 32 + 8 + 8 + 8 + 8 + (2 + 14) + (2 + 1 + 2) + 8 + 8


def made(client: bigquery.Client, full: str, schema: list[SchemaField], **properties: Any) -> bigquery.Table:
    """Return a new table with these properties."""
    table = bigquery.Table(full, schema=schema)
    for key, value in properties.items():
        setattr(table, key, value)
    return client.create_table(table)


def run(client: bigquery.Client, sql: str) -> list[Any]:
    """Return the rows of a query."""
    return list(client.query(sql).result())


def test_every_type_is_read_back_exactly(client: bigquery.Client, dataset: str, name: str) -> None:
    """A streamed row is listed with the very values, to the last digit."""
    table = made(client, f"{dataset}.{name}", EVERY_TYPE)
    assert client.insert_rows_json(table, [ROW]) == []
    row = next(iter(client.list_rows(client.get_table(table))))
    assert (row.i, row.n, row.m) == (9007199254740993, decimal.Decimal("1.25"), decimal.Decimal("-1e-9"))
    assert row.w == decimal.Decimal("12345678901234567890.000000000000000001")
    assert (row.y, row.j, row.a, row.r, row.rr) == (
        b"\x00\x01\xff",
        {"k": [1, None]},
        ["x", ""],
        {"x": 1, "y": None},
        [{"x": 0.5}],
    )
    assert (row.d, row.t) == (datetime.date(2026, 2, 12), datetime.time(1, 2, 3, 4))
    assert row.dt == datetime.datetime(2026, 2, 12, 1, 2, 3, 4)  # noqa: DTZ001 -- a DATETIME has no zone
    assert row.ts == datetime.datetime(2026, 2, 12, 1, 2, 3, 4, tzinfo=datetime.UTC)


@pytest.mark.xfail(strict=True, reason="the storage holds 38 digits: 20 before the point of a BIGNUMERIC, 18 behind it")
def test_a_bignumeric_has_thirty_eight_digits_behind_the_point(
    client: bigquery.Client, dataset: str, name: str
) -> None:
    """BIGNUMERIC keeps a value that NUMERIC cannot."""
    table = made(client, f"{dataset}.{name}", [SchemaField("w", "BIGNUMERIC")])
    assert client.insert_rows_json(table, [{"w": "0.00000000000000000000000000000000000001"}]) == []
    assert next(iter(client.list_rows(client.get_table(table)))).w == decimal.Decimal("1e-38")


def test_bytes_follow_the_sizes_of_the_types(client: bigquery.Client, dataset: str, name: str) -> None:
    """num_bytes is the sum of BigQuery's sizes of all values; NULL is free."""
    table = made(client, f"{dataset}.{name}", EVERY_TYPE)
    client.insert_rows_json(table, [ROW])
    assert client.get_table(table).num_bytes == ROW_BYTES
    client.insert_rows_json(table, [{"i": 1, "ts": None}])
    assert client.get_table(table).num_bytes in (ROW_BYTES + 8, ROW_BYTES + 16)


def test_counts_are_right_after_every_kind_of_change(
    client: bigquery.Client, dataset: str, name: str, load_rows: LoadRows
) -> None:
    """Load, insert, update, delete, merge, streaming and truncate are seen at once in rows, bytes and etag."""
    full = f"{dataset}.{name}"
    load_rows(full, [{"x": 1, "s": "a"}, {"x": 2, "s": "b"}], "x:INTEGER", "s:STRING")
    seen = [client.get_table(full)]
    for change in (
        f"INSERT INTO `{full}` (x, s) VALUES (3, 'c')",
        f"UPDATE `{full}` SET s = 'longer' WHERE x = 1",
        f"DELETE FROM `{full}` WHERE x = 2",
        f"MERGE `{full}` t USING (SELECT 9 AS x) u ON t.x = u.x WHEN NOT MATCHED THEN INSERT (x, s) VALUES (9, 'z')",
        f"TRUNCATE TABLE `{full}`",
    ):
        client.query(change).result()
        seen.append(client.get_table(full))
    assert [table.num_rows for table in seen] == [2, 3, 3, 2, 3, 0]
    assert [table.num_bytes for table in seen] == [22, 33, 38, 27, 38, 0]
    assert len({table.etag for table in seen}) == len(seen)
    assert all(one.modified <= other.modified for one, other in itertools.pairwise(seen))


@pytest.mark.real_cloud
def test_dml_tells_how_many_rows_it_touched(client: bigquery.Client, dataset: str, name: str) -> None:
    """num_dml_affected_rows counts rows."""
    run(client, f"CREATE TABLE `{dataset}.{name}` (x INT64)")
    job = client.query(f"INSERT INTO `{dataset}.{name}` (x) VALUES (1), (2)")
    job.result()
    assert job.num_dml_affected_rows == 2


def test_a_bad_row_is_told_and_stops_the_others(client: bigquery.Client, dataset: str, name: str) -> None:
    """InsertAll answers 200 with what is wrong, by row; no row of the request is stored."""
    table = made(client, f"{dataset}.{name}", [SchemaField("x", "INTEGER", mode="REQUIRED"), SchemaField("d", "DATE")])
    told = client.insert_rows_json(
        table, [{"x": 1}, {"x": "one"}, {"d": "2026-02-12"}, {"x": 2, "z": 1}, {"x": 3, "d": "soon"}]
    )
    found = [(entry["index"], entry["errors"][0]["reason"], entry["errors"][0]["location"]) for entry in told]
    assert found == [
        (0, "stopped", ""),
        (1, "invalid", "x"),
        (2, "invalid", "x"),
        (3, "invalid", "z"),
        (4, "invalid", "d"),
    ]
    assert client.get_table(table).num_rows == 0


def test_bad_rows_may_be_skipped(client: bigquery.Client, dataset: str, name: str) -> None:
    """With skipInvalidRows the good rows are stored; with ignoreUnknownValues strange columns are dropped."""
    table = made(client, f"{dataset}.{name}", [SchemaField("x", "INTEGER")])
    told = client.insert_rows_json(
        table, [{"x": 1}, {"x": "one"}, {"x": 2, "z": 1}], skip_invalid_rows=True, ignore_unknown_values=True
    )
    assert [entry["index"] for entry in told] == [1]
    assert sorted(row.x for row in client.list_rows(client.get_table(table))) == [1, 2]


def test_a_streamed_row_gets_the_defaults_of_its_columns(client: bigquery.Client, dataset: str, name: str) -> None:
    """A column that no row names takes its default."""
    schema = [SchemaField("x", "INTEGER"), SchemaField("n", "INTEGER", default_value_expression="41 + 1")]
    table = made(client, f"{dataset}.{name}", schema)
    client.insert_rows_json(table, [{"x": 1}])
    assert next(iter(client.list_rows(client.get_table(table)))).n == 42
