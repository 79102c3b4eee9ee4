"""Claims about datasets and tables: every property comes back, updates, etags, names, expirations, ends."""

import datetime
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import bigquery
from google.cloud.bigquery import SchemaField

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


def made(client: bigquery.Client, full: str, schema: list[SchemaField], **properties: Any) -> bigquery.Table:
    """Return a new table with these properties."""
    table = bigquery.Table(full, schema=schema)
    for key, value in properties.items():
        setattr(table, key, value)
    return client.create_table(table)


def run(client: bigquery.Client, sql: str) -> list[Any]:
    """Return the rows of a query."""
    return list(client.query(sql).result())


@pytest.mark.real_cloud
def test_a_schema_comes_back_as_it_was_given(client: bigquery.Client, dataset: str, name: str) -> None:
    """Types by the API's names, modes, descriptions, limits, defaults and nesting survive."""
    made(client, f"{dataset}.{name}", EVERY_TYPE)
    assert client.get_table(f"{dataset}.{name}").schema == EVERY_TYPE


@pytest.mark.real_cloud
def test_standard_names_of_types_are_answered_by_the_names_of_the_api(
    client: bigquery.Client, dataset: str, name: str
) -> None:
    """INT64, FLOAT64, BOOL and STRUCT become INTEGER, FLOAT, BOOLEAN and RECORD."""
    given = [SchemaField(kind.lower(), kind) for kind in ("INT64", "FLOAT64", "BOOL")]
    given.append(SchemaField("st", "STRUCT", fields=[SchemaField("x", "INT64")]))
    made(client, f"{dataset}.{name}", given)
    found = client.get_table(f"{dataset}.{name}").schema
    assert [field.field_type for field in found] == ["INTEGER", "FLOAT", "BOOLEAN", "RECORD"]


@pytest.mark.parametrize("unit", ["DAY", "HOUR", "MONTH", "YEAR"])
@pytest.mark.real_cloud
def test_time_partitioning_survives(client: bigquery.Client, dataset: str, name: str, unit: str) -> None:
    """Unit, column, expiration and the required filter are answered as given."""
    spec = bigquery.TimePartitioning(type_=unit, field="ts", expiration_ms=8_640_000_000)
    schema = [SchemaField("ts", "TIMESTAMP"), SchemaField("s", "STRING")]
    made(
        client,
        f"{dataset}.{name}",
        schema,
        time_partitioning=spec,
        require_partition_filter=True,
        clustering_fields=["s"],
    )
    found = client.get_table(f"{dataset}.{name}")
    assert (found.time_partitioning.type_, found.time_partitioning.field) == (unit, "ts")
    assert found.time_partitioning.expiration_ms == 8_640_000_000
    assert (found.require_partition_filter, found.clustering_fields) == (True, ["s"])


@pytest.mark.real_cloud
def test_ingestion_time_partitioning_survives(client: bigquery.Client, dataset: str, name: str) -> None:
    """A table may be partitioned by no column."""
    made(
        client,
        f"{dataset}.{name}",
        [SchemaField("x", "INTEGER")],
        time_partitioning=bigquery.TimePartitioning(type_="HOUR"),
    )
    found = client.get_table(f"{dataset}.{name}").time_partitioning
    assert (found.type_, found.field) == ("HOUR", None)


@pytest.mark.real_cloud
def test_range_partitioning_survives(client: bigquery.Client, dataset: str, name: str) -> None:
    """Column, start, end and interval are answered as given."""
    spec = bigquery.RangePartitioning(field="x", range_=bigquery.PartitionRange(start=0, end=100, interval=10))
    made(client, f"{dataset}.{name}", [SchemaField("x", "INTEGER")], range_partitioning=spec)
    assert client.get_table(f"{dataset}.{name}").range_partitioning == spec


@pytest.mark.real_cloud
def test_a_partitioning_column_must_exist(client: bigquery.Client, dataset: str, name: str) -> None:
    """A layout that names a missing column is refused."""
    with pytest.raises(exceptions.BadRequest, match="partitioning cannot be found in the schema"):
        made(
            client,
            f"{dataset}.{name}",
            [SchemaField("x", "DATE")],
            time_partitioning=bigquery.TimePartitioning(field="d"),
        )


@pytest.mark.parametrize("title", ["with-hyphen", "with space", "tänzer", "表", "select", "1digit"])
def test_names_beyond_ascii_letters_work(client: bigquery.Client, dataset: str, title: str) -> None:
    """Hyphens, spaces, letters of any script and reserved words name tables, in the API and in SQL."""
    table = made(client, f"{dataset}.{title}", [SchemaField("x", "INTEGER")])
    client.query(f"INSERT INTO `{dataset}.{title}` (x) VALUES (7)").result()
    assert [row.x for row in run(client, f"SELECT x FROM `{dataset}.{title}`")] == [7]
    assert client.get_table(table).num_rows == 1


@pytest.mark.parametrize("title", ["quo'te", 'quo"te', "semi;colon", "sla%2Fsh"])
def test_names_that_bigquery_forbids_are_refused(client: bigquery.Client, dataset: str, title: str) -> None:
    """Punctuation does not name a table."""
    with pytest.raises(exceptions.BadRequest, match="Invalid table ID"):
        made(client, f"{dataset}.{title}", [SchemaField("x", "INTEGER")])


def test_a_view_has_the_schema_of_its_query(client: bigquery.Client, dataset: str, name: str) -> None:
    """A view made through the API knows its columns, and can be read."""
    view = bigquery.Table(f"{dataset}.{name}")
    view.view_query = "SELECT 1 AS x, 'a' AS s, [DATE '2026-02-12'] AS d"
    client.create_table(view)
    found = client.get_table(f"{dataset}.{name}")
    assert (found.table_type, found.view_query) == ("VIEW", view.view_query)
    assert [(field.name, field.field_type, field.mode) for field in found.schema] == [
        ("x", "INTEGER", "NULLABLE"),
        ("s", "STRING", "NULLABLE"),
        ("d", "DATE", "REPEATED"),
    ]
    assert run(client, f"SELECT x FROM `{dataset}.{name}`")[0].x == 1


@pytest.mark.real_cloud
def test_a_view_on_a_missing_table_is_refused(client: bigquery.Client, dataset: str, name: str) -> None:
    """A view's query is looked at when the view is made."""
    view = bigquery.Table(f"{dataset}.{name}")
    view.view_query = f"SELECT * FROM `{dataset}.absent`"
    with pytest.raises(exceptions.NotFound, match="absent"):
        client.create_table(view)


def test_an_external_table_is_kept_as_such(client: bigquery.Client, dataset: str, name: str) -> None:
    """Its type is EXTERNAL, and its configuration comes back."""
    table = bigquery.Table(f"{dataset}.{name}", schema=[SchemaField("x", "INTEGER")])
    configuration = bigquery.ExternalConfig("PARQUET")
    configuration.source_uris = ["gs://bucket/part-*.parquet"]
    table.external_data_configuration = configuration
    client.create_table(table)
    found = client.get_table(f"{dataset}.{name}")
    assert found.table_type == "EXTERNAL"
    assert found.external_data_configuration.source_uris == ["gs://bucket/part-*.parquet"]


@pytest.mark.real_cloud
def test_update_changes_what_it_names_and_no_more(client: bigquery.Client, dataset: str, name: str) -> None:
    """A patch sets, a None clears, labels are merged, the rest stays."""
    table = made(
        client, f"{dataset}.{name}", [SchemaField("x", "INTEGER")], description="old", labels={"a": "1", "b": "2"}
    )
    table.description, table.labels = None, {"a": None, "c": "3"}
    changed = client.update_table(table, ["description", "labels"])
    assert (changed.description, changed.labels) == (None, {"b": "2", "c": "3"})
    assert [field.name for field in client.get_table(table).schema] == ["x"]


@pytest.mark.real_cloud
def test_an_update_of_an_older_version_is_refused(client: bigquery.Client, dataset: str, name: str) -> None:
    """The etag that the client sends as If-Match guards against lost updates."""
    table = made(client, f"{dataset}.{name}", [SchemaField("x", "INTEGER")])
    stale = client.get_table(table)
    table.description = "first"
    client.update_table(table, ["description"])
    stale.description = "second"
    with pytest.raises(exceptions.PreconditionFailed):
        client.update_table(stale, ["description"])
    assert client.get_table(table).description == "first"


@pytest.mark.real_cloud
def test_columns_can_be_added_and_relaxed(client: bigquery.Client, dataset: str, name: str) -> None:
    """A schema may gain NULLABLE columns and lose REQUIRED, and old rows read NULL."""
    table = made(client, f"{dataset}.{name}", [SchemaField("x", "INTEGER", mode="REQUIRED")])
    run(client, f"INSERT INTO `{dataset}.{name}` (x) VALUES (1)")
    table = client.get_table(table)
    table.schema = [SchemaField("x", "INTEGER"), SchemaField("s", "STRING")]
    client.update_table(table, ["schema"])
    run(client, f"INSERT INTO `{dataset}.{name}` (s) VALUES ('new')")
    assert sorted(map(tuple, run(client, f"SELECT x, s FROM `{dataset}.{name}`")), key=str) == [
        (1, None),
        (None, "new"),
    ]


@pytest.mark.parametrize(
    "schema",
    [
        [SchemaField("y", "INTEGER")],
        [SchemaField("x", "STRING")],
        [SchemaField("x", "INTEGER"), SchemaField("z", "DATE", mode="REQUIRED")],
    ],
)
@pytest.mark.real_cloud
def test_a_schema_cannot_lose_or_change_columns(
    client: bigquery.Client, dataset: str, name: str, schema: list[SchemaField]
) -> None:
    """Dropping, retyping and adding a REQUIRED column are refused."""
    table = made(client, f"{dataset}.{name}", [SchemaField("x", "INTEGER")])
    table.schema = schema
    with pytest.raises(exceptions.BadRequest, match="Provided Schema does not match"):
        client.update_table(table, ["schema"])


def test_an_expired_table_is_gone(client: bigquery.Client, dataset: str, name: str) -> None:
    """A table past its expiration answers 404, is not listed, cannot be read, and its name is free."""
    table = made(client, f"{dataset}.{name}", [SchemaField("x", "INTEGER")])
    table.expires = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=5)
    client.update_table(table, ["expires"])
    with pytest.raises(exceptions.NotFound):
        client.get_table(table)
    assert name not in [item.table_id for item in client.list_tables(dataset)]
    with pytest.raises(exceptions.NotFound):
        run(client, f"SELECT * FROM `{dataset}.{name}`")
    assert made(client, f"{dataset}.{name}", [SchemaField("y", "STRING")]).num_rows == 0


@pytest.mark.real_cloud
def test_a_dataset_gives_new_tables_its_expiration(client: bigquery.Client, dataset: str, name: str) -> None:
    """default_table_expiration_ms counts from a table's creation, however it is made."""
    scratch = bigquery.Dataset(f"{dataset}_{name}")
    scratch.default_table_expiration_ms = 3_600_000
    client.create_dataset(scratch)
    run(client, f"CREATE TABLE `{dataset}_{name}.by_sql` AS SELECT 1 AS x")
    by_api = made(client, f"{dataset}_{name}.by_api", [SchemaField("x", "INTEGER")])
    for table in (by_api, client.get_table(f"{dataset}_{name}.by_sql")):
        assert abs(table.expires - table.created - datetime.timedelta(hours=1)) < datetime.timedelta(seconds=2)
    client.delete_dataset(f"{dataset}_{name}", delete_contents=True)


@pytest.mark.real_cloud
def test_datasets_keep_location_labels_and_description(client: bigquery.Client, dataset: str, name: str) -> None:
    """What a dataset was made with, it answers; an update changes what it names."""
    made_with = bigquery.Dataset(f"{dataset}_{name}")
    made_with.location, made_with.labels, made_with.description = "EU", {"a": "1"}, "why"
    found = client.get_dataset(client.create_dataset(made_with))
    assert (found.location, found.labels, found.description) == ("EU", {"a": "1"}, "why")
    found.description, found.labels = "because", {"a": None, "b": "2"}
    changed = client.update_dataset(found, ["description", "labels"])
    assert (changed.description, changed.labels, changed.location) == ("because", {"b": "2"}, "EU")
    client.delete_dataset(found)


@pytest.mark.real_cloud
def test_a_dataset_with_tables_goes_only_with_its_contents(client: bigquery.Client, dataset: str, name: str) -> None:
    """Deleting a dataset that is in use is refused, unless its contents go too."""
    client.create_dataset(f"{dataset}_{name}")
    made(client, f"{dataset}_{name}.t", [SchemaField("x", "INTEGER")])
    with pytest.raises(exceptions.BadRequest, match="is still in use"):
        client.delete_dataset(f"{dataset}_{name}")
    client.delete_dataset(f"{dataset}_{name}", delete_contents=True)
    with pytest.raises(exceptions.NotFound):
        client.get_dataset(f"{dataset}_{name}")


@pytest.mark.real_cloud
def test_a_deleted_table_is_gone_and_its_name_free(client: bigquery.Client, dataset: str, name: str) -> None:
    """A second delete is 404, and a new table of the name is empty."""
    table = made(client, f"{dataset}.{name}", [SchemaField("x", "INTEGER")])
    client.delete_table(table)
    with pytest.raises(exceptions.NotFound, match=f"Not found: Table .*{name}"):
        client.delete_table(table)
    assert made(client, f"{dataset}.{name}", [SchemaField("y", "STRING")]).schema[0].name == "y"
