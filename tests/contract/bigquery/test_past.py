"""Claims about the past of tables: what a decorator and FOR SYSTEM_TIME AS OF give, whatever befell the rows since."""

import dataclasses
import datetime
from collections.abc import Callable
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import bigquery

LoadRows = Callable[..., bigquery.LoadJob]
Sql = Callable[..., list[Any]]
ID = [bigquery.SchemaField("id", "INTEGER")]


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
    own_table: str
    sql: Sql
    load_rows: LoadRows
    copy: Callable[..., bigquery.CopyJob]
    ids: Callable[[str], list[int]]
    instant: Callable[[], int]

    def change(self, kind: str) -> None:
        """Change the table."""
        if kind == "load":
            self.load_rows(self.own_table, [{"id": 9}], "id:INTEGER")
        elif kind == "load_truncate":
            self.load_rows(self.own_table, [{"id": 9}], "id:INTEGER", write_disposition="WRITE_TRUNCATE")
        elif kind == "stream":
            assert self.client.insert_rows_json(self.own_table, [{"id": 9}]) == []
        else:
            self.sql(STATEMENTS[kind], self.own_table)

    def at(self, instant: int) -> list[int]:
        """Return the ids of an instant, by way of a clone."""
        self.copy(f"{self.own_table}@{instant}", f"{self.own_table}_{instant}", operation_type="CLONE")
        return self.ids(f"{self.own_table}_{instant}")


@pytest.fixture
def past(request: pytest.FixtureRequest) -> Past:
    """Return the test's own table with the ids 1 and 2."""
    names = [field.name for field in dataclasses.fields(Past)]
    made = Past(**{name: request.getfixturevalue(name) for name in names})
    made.load_rows(made.own_table, [{"id": 1}, {"id": 2}], "id:INTEGER")
    return made


@pytest.mark.parametrize("change", ["load", "load_truncate", "stream", *sorted(set(STATEMENTS) - {"replace"})])
def test_the_past_survives_every_kind_of_change(past: Past, change: str) -> None:
    """A clone at an instant has the rows of that instant, whatever happened since, twice over."""
    first = past.instant()
    past.change(change)
    now, second = past.ids(past.own_table), past.instant()
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
        states.append((past.instant(), past.ids(past.own_table)))
    assert [past.at(instant) for instant, _ in states] == [ids for _, ids in states]


def test_queries_see_the_past_too(instant: Any, load_rows: LoadRows, own_table: str, sql: Sql) -> None:
    """FOR SYSTEM_TIME AS OF and the decorator agree."""
    load_rows(own_table, [{"id": 1}, {"id": 2}], "id:INTEGER")
    at = instant()
    sql("DELETE FROM $t WHERE id = 1", own_table)
    statement = f"SELECT count(*) AS n FROM $t FOR SYSTEM_TIME AS OF TIMESTAMP_MILLIS({at})"
    assert [row.n for row in sql(statement, own_table)] == [2]


def test_a_table_that_never_changed_is_as_it_was(
    client: bigquery.Client, copy: Any, instant: Any, own_table: str
) -> None:
    """The past of an untouched empty table is the table."""
    client.create_table(bigquery.Table(own_table, schema=ID))
    copy(f"{own_table}@{instant()}", f"{own_table}_copy", operation_type="CLONE")
    assert client.get_table(f"{own_table}_copy").num_rows == 0


def test_an_instant_can_be_told_from_now(
    copy: Any, ids: Any, instant: Any, load_rows: LoadRows, own_table: str
) -> None:
    """A negative decorator counts back from now."""
    load_rows(own_table, [{"id": 1}], "id:INTEGER")
    instant()
    copy(f"{own_table}@-1", f"{own_table}_copy", operation_type="CLONE")
    assert ids(f"{own_table}_copy") == [1]


@pytest.mark.real_cloud
@pytest.mark.parametrize("back", [datetime.timedelta(days=8), datetime.timedelta(hours=1)])
def test_before_the_table_or_the_window_there_is_nothing(
    copy: Any, load_rows: LoadRows, own_table: str, back: datetime.timedelta
) -> None:
    """An instant before the creation, or longer than seven days ago, is refused."""
    load_rows(own_table, [{"id": 1}], "id:INTEGER")
    at = int((datetime.datetime.now(datetime.UTC) - back).timestamp() * 1000)
    with pytest.raises(exceptions.BadRequest, match=f"Invalid snapshot time {at} for table .*Cannot read before"):
        copy(f"{own_table}@{at}", f"{own_table}_copy", operation_type="CLONE")


@pytest.mark.xfail(strict=True, reason="a dropped table's history is dropped with it")
def test_a_dropped_table_can_be_brought_back(
    client: bigquery.Client, copy: Any, ids: Any, instant: Any, load_rows: LoadRows, own_table: str
) -> None:
    """A table that was deleted can be copied as it was before."""
    load_rows(own_table, [{"id": 1}], "id:INTEGER")
    at = instant()
    client.delete_table(own_table)
    copy(f"{own_table}@{at}", f"{own_table}_back")
    assert ids(f"{own_table}_back") == [1]


def test_an_extract_can_be_of_an_instant(past: Past, extracts: Any) -> None:
    """A time decorator on the source of an extract gives the rows of that instant."""
    at = past.instant()
    past.change("delete")
    extracts.run(f"{past.own_table}@{at}", "rows")
    assert extracts.files() == {"rows": b"id\n1\n2\n"}
