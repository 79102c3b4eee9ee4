"""Claims about copy jobs: copies, clones, snapshots and restores, and what they keep of their sources."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import bigquery

LoadRows = Callable[..., bigquery.LoadJob]
Sql = Callable[..., list[Any]]
ID = [bigquery.SchemaField("id", "INTEGER")]


@pytest.mark.real_cloud
def test_a_copy_has_rows_and_layout_of_its_source(client: bigquery.Client, copy: Any, own_table: str) -> None:
    """Schema, partitioning, clustering and rows are the source's; it is a table of its own."""
    config = bigquery.LoadJobConfig(
        schema=[bigquery.SchemaField("day", "DATE", mode="REQUIRED"), bigquery.SchemaField("id", "INTEGER")],
        time_partitioning=bigquery.TimePartitioning(field="day"),
        clustering_fields=["id"],
    )
    client.load_table_from_json([{"day": "2026-02-12", "id": 1}], own_table, job_config=config).result()
    copy(own_table, f"{own_table}_copy")
    source, made = client.get_table(own_table), client.get_table(f"{own_table}_copy")
    assert made.schema == source.schema
    assert made.time_partitioning == source.time_partitioning
    assert made.clustering_fields == source.clustering_fields
    assert (made.num_rows, made.table_type) == (1, "TABLE")


@pytest.mark.real_cloud
def test_several_tables_are_copied_into_one(copy: Any, ids: Any, load_rows: LoadRows, own_table: str) -> None:
    """The rows of all sources stand in the target."""
    load_rows(f"{own_table}_a", [{"id": 1}], "id:INTEGER")
    load_rows(f"{own_table}_b", [{"id": 2}], "id:INTEGER")
    copy([f"{own_table}_a", f"{own_table}_b"], own_table)
    assert ids(own_table) == [1, 2]


@pytest.mark.real_cloud
def test_a_copy_refuses_a_target_with_rows_unless_told(
    copy: Any, ids: Any, load_rows: LoadRows, own_table: str
) -> None:
    """WRITE_EMPTY is the default; append and truncate are there to be asked for."""
    load_rows(own_table, [{"id": 1}], "id:INTEGER")
    load_rows(f"{own_table}_target", [{"id": 2}], "id:INTEGER")
    with pytest.raises(exceptions.Conflict, match="Already Exists: Table"):
        copy(own_table, f"{own_table}_target")
    copy(own_table, f"{own_table}_target", write_disposition="WRITE_APPEND")
    assert ids(f"{own_table}_target") == [1, 2]
    copy(own_table, f"{own_table}_target", write_disposition="WRITE_TRUNCATE")
    assert ids(f"{own_table}_target") == [1]


@pytest.mark.real_cloud
def test_a_clone_is_a_table_that_knows_its_base(
    client: bigquery.Client, copy: Any, load_rows: LoadRows, own_table: str
) -> None:
    """A clone is of type TABLE, names its base and its instant, keeps the layout, and expires when told."""
    options = {"time_partitioning": bigquery.TimePartitioning(field="day"), "clustering_fields": ["id"]}
    load_rows(own_table, [{"id": 1, "day": "2026-02-12"}], "id:INTEGER", "day:DATE", **options)
    expires = datetime.datetime.now(datetime.UTC).replace(microsecond=0) + datetime.timedelta(hours=48)
    copy(own_table, f"{own_table}_clone", operation_type="CLONE", destination_expiration_time=expires.isoformat())
    made = client.get_table(f"{own_table}_clone")
    assert made.table_type == "TABLE"
    assert made.clone_definition.base_table_reference == bigquery.TableReference.from_string(own_table)
    assert abs(made.clone_definition.clone_time - made.created) < datetime.timedelta(minutes=1)
    assert made.time_partitioning.field == "day"
    assert made.clustering_fields == ["id"]
    assert made.expires == expires


@pytest.mark.real_cloud
def test_a_clone_lives_apart_from_its_base(copy: Any, ids: Any, load_rows: LoadRows, own_table: str, sql: Sql) -> None:
    """A change of one is none of the other."""
    load_rows(own_table, [{"id": 1}], "id:INTEGER")
    copy(own_table, f"{own_table}_clone", operation_type="CLONE")
    sql("INSERT INTO $t (id) VALUES (2)", f"{own_table}_clone")
    sql("DELETE FROM $t WHERE TRUE", own_table)
    assert ids(f"{own_table}_clone") == [1, 2]
    assert ids(own_table) == []


@pytest.mark.real_cloud
def test_a_snapshot_is_read_only_and_can_be_restored(
    client: bigquery.Client, copy: Any, ids: Any, load_rows: LoadRows, own_table: str, sql: Sql
) -> None:
    """A snapshot names its base, takes no rows, and comes back as a table."""
    load_rows(own_table, [{"id": 1}], "id:INTEGER")
    copy(own_table, f"{own_table}_snap", operation_type="SNAPSHOT")
    made = client.get_table(f"{own_table}_snap")
    assert made.table_type == "SNAPSHOT"
    assert made.snapshot_definition.base_table_reference == bigquery.TableReference.from_string(own_table)
    with pytest.raises(exceptions.GoogleAPICallError):
        sql("INSERT INTO $t (id) VALUES (2)", f"{own_table}_snap")
    copy(f"{own_table}_snap", f"{own_table}_back", operation_type="RESTORE")
    assert client.get_table(f"{own_table}_back").table_type == "TABLE"
    assert ids(f"{own_table}_back") == [1]


@pytest.mark.real_cloud
@pytest.mark.parametrize("operation", ["CLONE", "SNAPSHOT"])
def test_clones_and_snapshots_need_a_free_name(copy: Any, load_rows: LoadRows, own_table: str, operation: str) -> None:
    """A table that is there, even empty, is in the way."""
    load_rows(own_table, [{"id": 1}], "id:INTEGER")
    copy(own_table, f"{own_table}_made", operation_type=operation)
    with pytest.raises(exceptions.Conflict, match="Already Exists: Table"):
        copy(own_table, f"{own_table}_made", operation_type=operation)


@pytest.mark.real_cloud
@pytest.mark.parametrize("operation", ["COPY", "CLONE", "SNAPSHOT"])
def test_a_view_cannot_be_copied(copy: Any, own_table: str, operation: str, sql: Sql) -> None:
    """A view is refused, however it is to be copied."""
    sql("CREATE VIEW $t AS SELECT 1 AS id", own_table)
    with pytest.raises(exceptions.BadRequest, match="currently a VIEW"):
        copy(own_table, f"{own_table}_made", operation_type=operation)


@pytest.mark.real_cloud
def test_a_missing_source_is_not_found(copy: Any, own_table: str) -> None:
    """A table that does not exist is named."""
    with pytest.raises(exceptions.NotFound, match="Not found: Table"):
        copy(f"{own_table}_absent", own_table)


def test_row_access_policies_come_along(
    client: bigquery.Client, copy: Any, ids: Any, load_rows: LoadRows, own_table: str, sql: Sql
) -> None:
    """A clone hides the rows that its base hides, and counts them."""
    load_rows(own_table, [{"id": number} for number in range(5)], "id:INTEGER")
    sql("CREATE ROW ACCESS POLICY few ON $t GRANT TO ('allUsers') FILTER USING (id < 2)", own_table)
    copy(own_table, f"{own_table}_clone", operation_type="CLONE")
    assert ids(f"{own_table}_clone") == [0, 1]
    assert client.get_table(f"{own_table}_clone").num_rows == 5


def test_a_plain_copy_of_the_past_has_no_partitions(
    client: bigquery.Client, copy: Any, instant: Any, load_rows: LoadRows, own_table: str
) -> None:
    """BigQuery drops the partitioning when a decorator is copied plainly; a clone keeps it."""
    load_rows(own_table, [{"day": "2026-02-12"}], "day:DATE", time_partitioning=bigquery.TimePartitioning(field="day"))
    at = instant()
    copy(f"{own_table}@{at}", f"{own_table}_plain")
    copy(f"{own_table}@{at}", f"{own_table}_clone", operation_type="CLONE")
    assert client.get_table(f"{own_table}_plain").time_partitioning is None
    assert client.get_table(f"{own_table}_clone").time_partitioning is not None


def test_one_partition_can_be_copied(copy: Any, ids: Any, load_rows: LoadRows, own_table: str) -> None:
    """A partition decorator copies the rows of that partition."""
    rows = [{"id": 1, "day": "2026-02-11"}, {"id": 2, "day": "2026-02-12"}]
    load_rows(own_table, rows, "id:INTEGER", "day:DATE", time_partitioning=bigquery.TimePartitioning(field="day"))
    copy(f"{own_table}$20260212", f"{own_table}_copy")
    assert ids(f"{own_table}_copy") == [2]
