"""Claims about load jobs that add columns to the table they append to."""

from collections.abc import Callable
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import bigquery

Sql = Callable[..., list[Any]]
ID = bigquery.SchemaField("id", "INTEGER")
TEXT = bigquery.SchemaField("text", "STRING", description="what is said")


@pytest.fixture
def append(client: bigquery.Client, dataset: str, name: str) -> Callable[..., bigquery.LoadJob]:
    """Return how to append one row to the test's own table; by default columns may be added."""

    def run(row: dict[str, Any], *schema: bigquery.SchemaField, **options: Any) -> bigquery.LoadJob:
        chosen = {"schema_update_options": ["ALLOW_FIELD_ADDITION"], **options}
        config = bigquery.LoadJobConfig(schema=list(schema), write_disposition="WRITE_APPEND", **chosen)
        return client.load_table_from_json([row], f"{dataset}.{name}", job_config=config).result(timeout=60)

    return run


@pytest.mark.real_cloud
def test_a_load_may_add_columns(client: bigquery.Client, append: Any, dataset: str, name: str, sql: Sql) -> None:
    """Rows from before have no value in the new column, and the table describes it as the load did."""
    append({"id": 1}, ID)
    append({"id": 2, "text": "x"}, ID, TEXT)
    append({"id": 3, "text": "y"}, ID, TEXT)

    assert [tuple(row) for row in sql("SELECT id, text FROM $t ORDER BY id", f"{dataset}.{name}")] == [
        (1, None),
        (2, "x"),
        (3, "y"),
    ]
    added = client.get_table(f"{dataset}.{name}").schema[1]
    assert (added.name, added.field_type, added.mode, added.description) == (
        "text",
        "STRING",
        "NULLABLE",
        "what is said",
    )


@pytest.mark.real_cloud
def test_columns_are_not_added_unasked(append: Any) -> None:
    """Without the option the load fails whole."""
    append({"id": 1}, ID)
    with pytest.raises(exceptions.BadRequest, match=r"Provided Schema does not match Table .*\(field: text\)"):
        append({"id": 2, "text": "x"}, ID, TEXT, schema_update_options=[])


@pytest.mark.real_cloud
def test_a_required_column_cannot_be_added(append: Any, dataset: str, name: str, sql: Sql) -> None:
    """What is there already could not have it."""
    append({"id": 1}, ID)
    with pytest.raises(exceptions.BadRequest, match="Cannot add required fields to an existing schema"):
        append({"id": 2, "text": "x"}, ID, bigquery.SchemaField("text", "STRING", "REQUIRED"))
    assert [tuple(row) for row in sql("SELECT * FROM $t", f"{dataset}.{name}")] == [(1,)]


def test_the_past_has_the_columns_of_its_time(append: Any, dataset: str, name: str, sql: Sql) -> None:
    """A table that grew can still be read as it was."""
    append({"id": 1}, ID)
    (now,) = sql("SELECT CURRENT_TIMESTAMP() AS at")
    append({"id": 2, "text": "x"}, ID, TEXT)

    past = sql(f"SELECT * FROM $t FOR SYSTEM_TIME AS OF TIMESTAMP '{now['at'].isoformat()}'", f"{dataset}.{name}")
    assert [dict(row) for row in past] == [{"id": 1}]
