"""Claims about copy jobs and the past: copies, clones, snapshots and restores, of tables as they were at an instant."""

import dataclasses
import datetime
import time
from collections.abc import Callable
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import bigquery

LoadRows = Callable[..., bigquery.LoadJob]
Sql = Callable[..., list[Any]]
ID = [bigquery.SchemaField("id", "INTEGER")]


@pytest.fixture
def table(dataset: str, name: str) -> str:
    """Return the full id of the test's own table, which is not there yet."""
    return f"{dataset}.{name}"


@pytest.fixture
def copy(client: bigquery.Client, finish: Callable[[Any], Any]) -> Callable[..., bigquery.CopyJob]:
    """Return how to run one copy job and wait for it."""

    def run(sources: Any, target: str, **options: Any) -> bigquery.CopyJob:
        return finish(client.copy_table(sources, target, job_config=bigquery.CopyJobConfig(**options)))

    return run


@pytest.fixture
def ids(sql: Sql) -> Callable[[str], list[int]]:
    """Return how to read the ids of a table in order."""
    return lambda full: [row.id for row in sql("SELECT id FROM $t ORDER BY id", full)]


@pytest.fixture
def instant() -> Callable[[], int]:
    """Return how to take an instant, in milliseconds, between all that came before and all that comes after."""

    def take() -> int:
        taken = int(time.time() * 1000) + 1
        while time.time() * 1000 < taken + 1:
            time.sleep(0.001)
        return taken

    return take


@pytest.mark.real_cloud
def test_a_copy_has_rows_and_layout_of_its_source(client: bigquery.Client, copy: Any, table: str) -> None:
    """Schema, partitioning, clustering and rows are the source's; it is a table of its own."""
    config = bigquery.LoadJobConfig(
        schema=[bigquery.SchemaField("day", "DATE", mode="REQUIRED"), bigquery.SchemaField("id", "INTEGER")],
        time_partitioning=bigquery.TimePartitioning(field="day"),
        clustering_fields=["id"],
    )
    client.load_table_from_json([{"day": "2026-02-12", "id": 1}], table, job_config=config).result()
    copy(table, f"{table}_copy")
    source, made = client.get_table(table), client.get_table(f"{table}_copy")
    assert made.schema == source.schema
    assert made.time_partitioning == source.time_partitioning
    assert made.clustering_fields == source.clustering_fields
    assert (made.num_rows, made.table_type) == (1, "TABLE")


@pytest.mark.real_cloud
def test_several_tables_are_copied_into_one(copy: Any, ids: Any, load_rows: LoadRows, table: str) -> None:
    """The rows of all sources stand in the target."""
    load_rows(f"{table}_a", [{"id": 1}], "id:INTEGER")
    load_rows(f"{table}_b", [{"id": 2}], "id:INTEGER")
    copy([f"{table}_a", f"{table}_b"], table)
    assert ids(table) == [1, 2]


@pytest.mark.real_cloud
def test_a_copy_refuses_a_target_with_rows_unless_told(copy: Any, ids: Any, load_rows: LoadRows, table: str) -> None:
    """WRITE_EMPTY is the default; append and truncate are there to be asked for."""
    load_rows(table, [{"id": 1}], "id:INTEGER")
    load_rows(f"{table}_target", [{"id": 2}], "id:INTEGER")
    with pytest.raises(exceptions.Conflict, match="Already Exists: Table"):
        copy(table, f"{table}_target")
    copy(table, f"{table}_target", write_disposition="WRITE_APPEND")
    assert ids(f"{table}_target") == [1, 2]
    copy(table, f"{table}_target", write_disposition="WRITE_TRUNCATE")
    assert ids(f"{table}_target") == [1]


@pytest.mark.real_cloud
def test_a_clone_is_a_table_that_knows_its_base(
    client: bigquery.Client, copy: Any, load_rows: LoadRows, table: str
) -> None:
    """A clone is of type TABLE, names its base and its instant, keeps the layout, and expires when told."""
    options = {"time_partitioning": bigquery.TimePartitioning(field="day"), "clustering_fields": ["id"]}
    load_rows(table, [{"id": 1, "day": "2026-02-12"}], "id:INTEGER", "day:DATE", **options)
    expires = datetime.datetime.now(datetime.UTC).replace(microsecond=0) + datetime.timedelta(hours=48)
    copy(table, f"{table}_clone", operation_type="CLONE", destination_expiration_time=expires.isoformat())
    made = client.get_table(f"{table}_clone")
    assert made.table_type == "TABLE"
    assert made.clone_definition.base_table_reference == bigquery.TableReference.from_string(table)
    assert abs(made.clone_definition.clone_time - made.created) < datetime.timedelta(minutes=1)
    assert made.time_partitioning.field == "day"
    assert made.clustering_fields == ["id"]
    assert made.expires == expires


@pytest.mark.real_cloud
def test_a_clone_lives_apart_from_its_base(copy: Any, ids: Any, load_rows: LoadRows, table: str, sql: Sql) -> None:
    """A change of one is none of the other."""
    load_rows(table, [{"id": 1}], "id:INTEGER")
    copy(table, f"{table}_clone", operation_type="CLONE")
    sql("INSERT INTO $t (id) VALUES (2)", f"{table}_clone")
    sql("DELETE FROM $t WHERE TRUE", table)
    assert ids(f"{table}_clone") == [1, 2]
    assert ids(table) == []


@pytest.mark.real_cloud
def test_a_snapshot_is_read_only_and_can_be_restored(
    client: bigquery.Client, copy: Any, ids: Any, load_rows: LoadRows, table: str, sql: Sql
) -> None:
    """A snapshot names its base, takes no rows, and comes back as a table."""
    load_rows(table, [{"id": 1}], "id:INTEGER")
    copy(table, f"{table}_snap", operation_type="SNAPSHOT")
    made = client.get_table(f"{table}_snap")
    assert made.table_type == "SNAPSHOT"
    assert made.snapshot_definition.base_table_reference == bigquery.TableReference.from_string(table)
    with pytest.raises(exceptions.GoogleAPICallError):
        sql("INSERT INTO $t (id) VALUES (2)", f"{table}_snap")
    copy(f"{table}_snap", f"{table}_back", operation_type="RESTORE")
    assert client.get_table(f"{table}_back").table_type == "TABLE"
    assert ids(f"{table}_back") == [1]


@pytest.mark.real_cloud
@pytest.mark.parametrize("operation", ["CLONE", "SNAPSHOT"])
def test_clones_and_snapshots_need_a_free_name(copy: Any, load_rows: LoadRows, table: str, operation: str) -> None:
    """A table that is there, even empty, is in the way."""
    load_rows(table, [{"id": 1}], "id:INTEGER")
    copy(table, f"{table}_made", operation_type=operation)
    with pytest.raises(exceptions.Conflict, match="Already Exists: Table"):
        copy(table, f"{table}_made", operation_type=operation)


@pytest.mark.real_cloud
@pytest.mark.parametrize("operation", ["COPY", "CLONE", "SNAPSHOT"])
def test_a_view_cannot_be_copied(copy: Any, table: str, operation: str, sql: Sql) -> None:
    """A view is refused, however it is to be copied."""
    sql("CREATE VIEW $t AS SELECT 1 AS id", table)
    with pytest.raises(exceptions.BadRequest, match="currently a VIEW"):
        copy(table, f"{table}_made", operation_type=operation)


@pytest.mark.real_cloud
def test_a_missing_source_is_not_found(copy: Any, table: str) -> None:
    """A table that does not exist is named."""
    with pytest.raises(exceptions.NotFound, match="Not found: Table"):
        copy(f"{table}_absent", table)


def test_row_access_policies_come_along(
    client: bigquery.Client, copy: Any, ids: Any, load_rows: LoadRows, table: str, sql: Sql
) -> None:
    """A clone hides the rows that its base hides, and counts them."""
    load_rows(table, [{"id": number} for number in range(5)], "id:INTEGER")
    sql("CREATE ROW ACCESS POLICY few ON $t GRANT TO ('allUsers') FILTER USING (id < 2)", table)
    copy(table, f"{table}_clone", operation_type="CLONE")
    assert ids(f"{table}_clone") == [0, 1]
    assert client.get_table(f"{table}_clone").num_rows == 5


# What may befall a table with the ids 1 and 2, each a statement in which $t stands for the table.
STATEMENTS = {
    "insert": "INSERT INTO $t (id) VALUES (9)",
    "update": "UPDATE $t SET id = 9 WHERE id = 1",
    "delete": "DELETE FROM $t WHERE id = 1",
    "merge": "MERGE $t t USING (SELECT 1 AS id) s ON t.id = s.id WHEN MATCHED THEN DELETE",
    "truncate": "TRUNCATE TABLE $t",
    "script": "DECLARE x INT64 DEFAULT 1; DELETE FROM $t WHERE id = x; INSERT INTO $t (id) VALUES (8);",
    "replace": "CREATE OR REPLACE TABLE $t AS SELECT 7 AS id",
}


@dataclasses.dataclass(frozen=True)
class Past:
    """A table, and how to change it, to look at it, and to bring back what it was."""

    client: bigquery.Client
    table: str
    sql: Sql
    load_rows: LoadRows
    copy: Callable[..., bigquery.CopyJob]
    ids: Callable[[str], list[int]]
    instant: Callable[[], int]

    def change(self, kind: str) -> None:
        """Change the table."""
        if kind == "load":
            self.load_rows(self.table, [{"id": 9}], "id:INTEGER")
        elif kind == "load_truncate":
            self.load_rows(self.table, [{"id": 9}], "id:INTEGER", write_disposition="WRITE_TRUNCATE")
        elif kind == "stream":
            assert self.client.insert_rows_json(self.table, [{"id": 9}]) == []
        else:
            self.sql(STATEMENTS[kind], self.table)

    def at(self, instant: int) -> list[int]:
        """Return the ids of an instant, by way of a clone."""
        self.copy(f"{self.table}@{instant}", f"{self.table}_{instant}", operation_type="CLONE")
        return self.ids(f"{self.table}_{instant}")


@pytest.fixture
def past(request: pytest.FixtureRequest) -> Past:
    """Return the test's own table with the ids 1 and 2."""
    names = [field.name for field in dataclasses.fields(Past)]
    made = Past(**{name: request.getfixturevalue(name) for name in names})
    made.load_rows(made.table, [{"id": 1}, {"id": 2}], "id:INTEGER")
    return made


@pytest.mark.parametrize("change", ["load", "load_truncate", "stream", *sorted(set(STATEMENTS) - {"replace"})])
def test_the_past_survives_every_kind_of_change(past: Past, change: str) -> None:
    """A clone at an instant has the rows of that instant, whatever happened since, twice over."""
    first = past.instant()
    past.change(change)
    now, second = past.ids(past.table), past.instant()
    past.change("truncate")
    assert now != [1, 2]
    assert past.at(second) == now
    assert past.at(first) == [1, 2]


@pytest.mark.xfail(strict=True, reason="a replaced table is a new one here, and its history begins with it")
def test_the_past_survives_a_replacement(past: Past) -> None:
    """A table that CREATE OR REPLACE made anew has the history of the former one."""
    first = past.instant()
    past.change("replace")
    assert past.at(first) == [1, 2]


def test_many_appends_and_deletes_are_told_apart(past: Past) -> None:
    """Each of ten states of one table can be brought back."""
    states = []
    for number in range(10):
        past.change("load" if number % 3 else "delete")
        states.append((past.instant(), past.ids(past.table)))
    assert [past.at(instant) for instant, _ in states] == [ids for _, ids in states]


def test_queries_see_the_past_too(
    client: bigquery.Client, instant: Any, load_rows: LoadRows, table: str, sql: Sql
) -> None:
    """FOR SYSTEM_TIME AS OF and the decorator agree."""
    load_rows(table, [{"id": 1}, {"id": 2}], "id:INTEGER")
    at = instant()
    sql("DELETE FROM $t WHERE id = 1", table)
    statement = f"SELECT count(*) AS n FROM $t FOR SYSTEM_TIME AS OF TIMESTAMP_MILLIS({at})"
    assert [row.n for row in sql(statement, table)] == [2]


def test_a_table_that_never_changed_is_as_it_was(client: bigquery.Client, copy: Any, instant: Any, table: str) -> None:
    """The past of an untouched empty table is the table."""
    client.create_table(bigquery.Table(table, schema=ID))
    copy(f"{table}@{instant()}", f"{table}_copy", operation_type="CLONE")
    assert client.get_table(f"{table}_copy").num_rows == 0


def test_an_instant_can_be_told_from_now(copy: Any, ids: Any, instant: Any, load_rows: LoadRows, table: str) -> None:
    """A negative decorator counts back from now."""
    load_rows(table, [{"id": 1}], "id:INTEGER")
    instant()
    copy(f"{table}@-1", f"{table}_copy", operation_type="CLONE")
    assert ids(f"{table}_copy") == [1]


@pytest.mark.real_cloud
@pytest.mark.parametrize("back", [datetime.timedelta(days=8), datetime.timedelta(hours=1)])
def test_before_the_table_or_the_window_there_is_nothing(
    copy: Any, load_rows: LoadRows, table: str, back: datetime.timedelta
) -> None:
    """An instant before the creation, or longer than seven days ago, is refused."""
    load_rows(table, [{"id": 1}], "id:INTEGER")
    at = int((datetime.datetime.now(datetime.UTC) - back).timestamp() * 1000)
    with pytest.raises(exceptions.BadRequest, match=f"Invalid snapshot time {at} for table .*Cannot read before"):
        copy(f"{table}@{at}", f"{table}_copy", operation_type="CLONE")


def test_a_plain_copy_of_the_past_has_no_partitions(
    client: bigquery.Client, copy: Any, instant: Any, load_rows: LoadRows, table: str
) -> None:
    """BigQuery drops the partitioning when a decorator is copied plainly; a clone keeps it."""
    load_rows(table, [{"day": "2026-02-12"}], "day:DATE", time_partitioning=bigquery.TimePartitioning(field="day"))
    at = instant()
    copy(f"{table}@{at}", f"{table}_plain")
    copy(f"{table}@{at}", f"{table}_clone", operation_type="CLONE")
    assert client.get_table(f"{table}_plain").time_partitioning is None
    assert client.get_table(f"{table}_clone").time_partitioning is not None


def test_one_partition_can_be_copied(copy: Any, ids: Any, load_rows: LoadRows, table: str) -> None:
    """A partition decorator copies the rows of that partition."""
    rows = [{"id": 1, "day": "2026-02-11"}, {"id": 2, "day": "2026-02-12"}]
    load_rows(table, rows, "id:INTEGER", "day:DATE", time_partitioning=bigquery.TimePartitioning(field="day"))
    copy(f"{table}$20260212", f"{table}_copy")
    assert ids(f"{table}_copy") == [2]


@pytest.mark.xfail(strict=True, reason="a dropped table's history is dropped with it")
def test_a_dropped_table_can_be_brought_back(
    client: bigquery.Client, copy: Any, ids: Any, instant: Any, load_rows: LoadRows, table: str
) -> None:
    """A table that was deleted can be copied as it was before."""
    load_rows(table, [{"id": 1}], "id:INTEGER")
    at = instant()
    client.delete_table(table)
    copy(f"{table}@{at}", f"{table}_back")
    assert ids(f"{table}_back") == [1]


def test_an_extract_can_be_of_an_instant(past: Past, extracts: Any) -> None:
    """A time decorator on the source of an extract gives the rows of that instant."""
    at = past.instant()
    past.change("delete")
    extracts.run(f"{past.table}@{at}", "rows")
    assert extracts.files() == {"rows": b"id\n1\n2\n"}
