"""Claims about load jobs: from where, into what, what is replaced, what is counted, and what is refused whole."""

import datetime
import io
from collections.abc import Callable
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import bigquery, storage

LoadRows = Callable[..., bigquery.LoadJob]
Sql = Callable[..., list[Any]]
PARQUET, AVRO, CSV, JSON = "PARQUET", "AVRO", "CSV", "NEWLINE_DELIMITED_JSON"
ID = [bigquery.SchemaField("id", "INTEGER")]


@pytest.fixture
def put(storage_client: storage.Client, bucket: str, name: str) -> Callable[..., str]:
    """Return how to write an object under `<name>/`; it gives the object's address."""

    def write(path: str, data: bytes | str) -> str:
        storage_client.bucket(bucket).blob(f"{name}/{path}").upload_from_string(data)
        return f"gs://{bucket}/{name}/{path}"

    return write


@pytest.fixture
def load(
    client: bigquery.Client, dataset: str, name: str, finish: Callable[[Any], Any]
) -> Callable[..., bigquery.LoadJob]:
    """Return how to load addresses into the test's own table, or into a partition of it."""

    def run(*uris: str, suffix: str = "", **options: Any) -> bigquery.LoadJob:
        config = bigquery.LoadJobConfig(**options)
        return finish(client.load_table_from_uri(list(uris), f"{dataset}.{name}{suffix}", job_config=config))

    return run


@pytest.fixture
def rows(dataset: str, name: str, sql: Sql) -> Callable[[], list[tuple[Any, ...]]]:
    """Return how to read all rows of the test's own table, in order of the first column."""
    return lambda: [tuple(row) for row in sql("SELECT * FROM $t ORDER BY 1", f"{dataset}.{name}")]


@pytest.mark.real_cloud
def test_several_files_and_wildcards_are_counted(put: Any, load: Any, rows: Any) -> None:
    """All files of all addresses are loaded, and the job counts files and rows."""
    uris = [put(f"a{number}.csv", f"{number}\n") for number in range(3)]
    other = put("b.csv", "9\n")
    job = load(uris[0].replace("/a0.csv", "/a*.csv"), other, source_format=CSV, schema=ID)
    assert (job.input_files, job.output_rows) == (4, 4)
    assert rows() == [(0,), (1,), (2,), (9,)]


@pytest.mark.real_cloud
def test_a_missing_object_is_not_found(load: Any, bucket: str, name: str) -> None:
    """An address of no object is a failed job that names it."""
    with pytest.raises(exceptions.NotFound, match=f"Not found: URI gs://{bucket}/{name}/absent.csv"):
        load(f"gs://{bucket}/{name}/absent.csv", source_format=CSV, schema=ID)


@pytest.mark.real_cloud
def test_a_missing_dataset_is_not_found(client: bigquery.Client) -> None:
    """A dataset that does not exist is named, and nothing is made."""
    with pytest.raises(exceptions.NotFound, match="Not found: Dataset"):
        client.load_table_from_json([{"id": 1}], f"{client.project}.absent_dataset.rows").result()


@pytest.mark.real_cloud
def test_a_file_can_come_with_the_request(client: bigquery.Client, dataset: str, name: str, rows: Any) -> None:
    """Bytes are loaded as they were sent, whatever line ends and marks they have."""
    data = 'id,text\n1,"a\r\nb--c"\n2,"é"\n'.encode()
    config = bigquery.LoadJobConfig(
        source_format=CSV,
        skip_leading_rows=1,
        allow_quoted_newlines=True,
        schema=[*ID, bigquery.SchemaField("text", "STRING")],
    )
    client.load_table_from_file(io.BytesIO(data), f"{dataset}.{name}", size=len(data), job_config=config).result()
    assert rows() == [(1, "a\r\nb--c"), (2, "é")]


def test_a_large_file_can_come_in_parts(client: bigquery.Client, dataset: str, name: str) -> None:
    """An upload without a size is resumable, and arrives whole."""
    data = b"".join(b"%d\n" % number for number in range(300_000))
    config = bigquery.LoadJobConfig(source_format=CSV, schema=ID)
    job = client.load_table_from_file(io.BytesIO(data), f"{dataset}.{name}", job_config=config)
    assert job.result().output_rows == 300_000


@pytest.mark.real_cloud
def test_the_schema_of_parquet_and_avro_is_in_the_file(
    client: bigquery.Client, load: Any, bucket: str, dataset: str, name: str, sql: Sql
) -> None:
    """A file that declares its columns makes a table with them."""
    query = "SELECT 1 AS i, 'x' AS s, DATE '2026-02-12' AS d, [1, 2] AS a, STRUCT(TRUE AS b) AS r, NUMERIC '1.5' AS n"
    sql(f"CREATE TABLE $t AS {query}", f"{dataset}.{name}_from")
    expected = [("i", "INTEGER"), ("s", "STRING"), ("d", "DATE"), ("a", "INTEGER"), ("r", "RECORD"), ("n", "NUMERIC")]
    for kind in (PARQUET, AVRO):
        config = bigquery.ExtractJobConfig(destination_format=kind, use_avro_logical_types=True)
        uri = f"gs://{bucket}/{name}/{kind}"
        client.extract_table(f"{dataset}.{name}_from", uri, job_config=config).result()
        load(uri, source_format=kind, use_avro_logical_types=True, write_disposition="WRITE_TRUNCATE")
        schema = client.get_table(f"{dataset}.{name}").schema
        assert [(field.name, field.field_type) for field in schema] == expected
        assert [field.mode for field in schema if field.name == "a"] == ["REPEATED"]


def test_avro_without_logical_types_gives_the_raw_numbers(
    client: bigquery.Client, load: Any, bucket: str, dataset: str, name: str, sql: Sql
) -> None:
    """An instant that is not read by its logical type is the file's number of microseconds."""
    query = "SELECT TIMESTAMP '1970-01-01 00:00:01+00' AS ts"
    sql(f"CREATE TABLE $t AS {query}", f"{dataset}.{name}_from")
    config = bigquery.ExtractJobConfig(destination_format=AVRO)
    client.extract_table(f"{dataset}.{name}_from", f"gs://{bucket}/{name}", job_config=config).result()
    load(f"gs://{bucket}/{name}", source_format=AVRO)
    assert [tuple(row) for row in sql("SELECT ts FROM $t", f"{dataset}.{name}")] == [(1_000_000,)]


@pytest.mark.real_cloud
@pytest.mark.parametrize(("disposition", "expected"), [("WRITE_APPEND", 3), ("WRITE_TRUNCATE", 2)])
def test_rows_are_added_or_replaced(put: Any, load: Any, rows: Any, disposition: str, expected: int) -> None:
    """WRITE_APPEND, the default, keeps what is there; WRITE_TRUNCATE does not."""
    load(put("a.csv", "1\n"), source_format=CSV, schema=ID)
    load(put("b.csv", "2\n3\n"), source_format=CSV, schema=ID, write_disposition=disposition)
    assert len(rows()) == expected


@pytest.mark.real_cloud
def test_write_empty_refuses_a_table_with_rows(put: Any, load: Any, rows: Any) -> None:
    """WRITE_EMPTY leaves a table with rows as it is."""
    uri = put("a.csv", "1\n")
    load(uri, source_format=CSV, schema=ID, write_disposition="WRITE_EMPTY")
    with pytest.raises(exceptions.Conflict, match="Already Exists: Table"):
        load(uri, source_format=CSV, schema=ID, write_disposition="WRITE_EMPTY")
    assert rows() == [(1,)]


@pytest.mark.real_cloud
def test_create_never_makes_no_table(put: Any, load: Any) -> None:
    """CREATE_NEVER needs a table that is there."""
    with pytest.raises(exceptions.NotFound, match="Not found: Table"):
        load(put("a.csv", "1\n"), source_format=CSV, schema=ID, create_disposition="CREATE_NEVER")


@pytest.mark.real_cloud
def test_truncating_may_change_the_schema(
    client: bigquery.Client, put: Any, load: Any, dataset: str, name: str
) -> None:
    """WRITE_TRUNCATE with other columns gives the table those columns."""
    load(put("a.csv", "1\n"), source_format=CSV, schema=ID)
    other = [bigquery.SchemaField("text", "STRING")]
    load(put("b.csv", "x\n"), source_format=CSV, schema=other, write_disposition="WRITE_TRUNCATE")
    assert [field.name for field in client.get_table(f"{dataset}.{name}").schema] == ["text"]


@pytest.mark.real_cloud
def test_a_made_table_has_the_layout_of_the_job(
    client: bigquery.Client, put: Any, load: Any, dataset: str, name: str
) -> None:
    """Partitioning and clustering of the job are those of the table it makes."""
    schema = [bigquery.SchemaField("day", "DATE", mode="REQUIRED"), bigquery.SchemaField("team", "STRING")]
    load(
        put("a.csv", "2026-02-12,BOS\n"),
        source_format=CSV,
        schema=schema,
        time_partitioning=bigquery.TimePartitioning(type_="MONTH", field="day"),
        clustering_fields=["team"],
    )
    made = client.get_table(f"{dataset}.{name}")
    assert (made.time_partitioning.type_, made.time_partitioning.field) == ("MONTH", "day")
    assert made.clustering_fields == ["team"]
    assert made.schema[0].mode == "REQUIRED"
    assert made.num_rows == 1


def test_a_partition_can_be_loaded_alone(put: Any, load: Any, rows: Any) -> None:
    """A partition decorator replaces the rows of that partition only, and takes no others."""
    schema = [bigquery.SchemaField("day", "DATE"), bigquery.SchemaField("id", "INTEGER")]
    layout = bigquery.TimePartitioning(field="day")
    options: dict[str, Any] = {"source_format": CSV, "schema": schema, "time_partitioning": layout}
    load(put("a.csv", "2026-02-11,1\n2026-02-12,2\n"), **options)
    load(put("b.csv", "2026-02-12,3\n"), suffix="$20260212", write_disposition="WRITE_TRUNCATE", **options)
    expected = [(datetime.date(2026, 2, 11), 1), (datetime.date(2026, 2, 12), 3)]
    assert rows() == expected
    with pytest.raises(exceptions.BadRequest, match="Some rows belong to different partitions"):
        load(put("c.csv", "2026-02-11,4\n"), suffix="$20260212", **options)
    assert rows() == expected


@pytest.mark.real_cloud
def test_a_bad_row_fails_the_load_whole(put: Any, load: Any, rows: Any) -> None:
    """One value that is none of its type leaves the table as it was, and is named."""
    load(put("a.csv", "1\n"), source_format=CSV, schema=ID)
    with pytest.raises(exceptions.BadRequest, match="Error while reading data"):
        load(put("b.csv", "2\nthree\n"), source_format=CSV, schema=ID)
    assert rows() == [(1,)]


@pytest.mark.real_cloud
def test_bad_rows_can_be_allowed(put: Any, load: Any, rows: Any) -> None:
    """Up to max_bad_records bad rows are left out, and counted."""
    job = load(put("a.csv", "1\nx\n3\n"), source_format=CSV, schema=ID, max_bad_records=1)
    assert job._properties["statistics"]["load"]["badRecords"] == "1"  # noqa: SLF001 -- the client has no property for it
    assert rows() == [(1,), (3,)]


@pytest.mark.real_cloud
@pytest.mark.parametrize("kind", [CSV, JSON])
def test_a_required_column_takes_no_null(put: Any, load: Any, kind: str) -> None:
    """NULL in a REQUIRED column fails the load."""
    schema = [bigquery.SchemaField("id", "INTEGER", mode="REQUIRED"), bigquery.SchemaField("x", "STRING")]
    with pytest.raises(exceptions.BadRequest):
        load(put("a", ",a\n" if kind == CSV else '{"x": "a"}\n'), source_format=kind, schema=schema)


@pytest.mark.real_cloud
def test_csv_options_are_honoured(put: Any, load: Any, rows: Any) -> None:
    """Delimiter, quote, null marker and skipped lines are those of the job."""
    schema = [*ID, bigquery.SchemaField("text", "STRING")]
    load(
        put("a.csv", "comment\n1|'a|b'\n2|-\n3|\n"),
        source_format=CSV,
        schema=schema,
        skip_leading_rows=1,
        field_delimiter="|",
        quote_character="'",
        null_marker="-",
    )
    assert rows() == [(1, "a|b"), (2, None), (3, "")]


@pytest.mark.real_cloud
def test_json_columns_are_found_by_name(put: Any, load: Any, rows: Any) -> None:
    """Members stand in any order, absent ones are NULL, and unknown ones are refused unless the job ignores them."""
    schema = [*ID, bigquery.SchemaField("text", "STRING")]
    uri = put("a.json", '{"text": "a", "id": "1"}\n{"id": 2}\n')
    load(uri, source_format=JSON, schema=schema)
    assert rows() == [(1, "a"), (2, None)]
    unknown = put("b.json", '{"id": 3, "other": 4}\n')
    with pytest.raises(exceptions.BadRequest, match="No such field: other"):
        load(unknown, source_format=JSON, schema=schema)
    load(unknown, source_format=JSON, schema=schema, ignore_unknown_values=True)
    assert rows()[-1] == (3, None)


@pytest.mark.real_cloud
def test_a_schema_can_be_guessed(client: bigquery.Client, put: Any, load: Any, dataset: str, name: str) -> None:
    """With autodetect the columns come from the file's first line and values."""
    load(put("a.csv", "number,word\n1,a\n2,b\n"), source_format=CSV, autodetect=True)
    schema = client.get_table(f"{dataset}.{name}").schema
    assert [(field.name, field.field_type) for field in schema] == [("number", "INTEGER"), ("word", "STRING")]


@pytest.mark.real_cloud
def test_without_any_schema_there_is_nothing_to_load_into(put: Any, load: Any) -> None:
    """CSV without columns, a table, or autodetect is refused."""
    with pytest.raises(exceptions.BadRequest, match="No schema specified on job or table"):
        load(put("a.csv", "1\n"), source_format=CSV)


@pytest.mark.real_cloud
@pytest.mark.parametrize("kind", [PARQUET, AVRO])
def test_a_damaged_file_is_refused(put: Any, load: Any, kind: str) -> None:
    """Bytes that are no file of the format fail the load as bad input."""
    with pytest.raises(exceptions.BadRequest, match="Error while reading data"):
        load(put("a", b"not a file of that format"), source_format=kind, schema=ID)


@pytest.mark.real_cloud
def test_a_column_cannot_change_its_type(put: Any, load: Any) -> None:
    """Appending with another type of a known column is refused by name."""
    load(put("a.csv", "1\n"), source_format=CSV, schema=ID)
    text = [bigquery.SchemaField("id", "STRING")]
    with pytest.raises(exceptions.BadRequest, match="Field id has changed type from INTEGER to STRING"):
        load(put("b.csv", "x\n"), source_format=CSV, schema=text)


def test_a_view_cannot_be_loaded_into(put: Any, load: Any, dataset: str, name: str, sql: Sql) -> None:
    """Only tables take rows."""
    sql("CREATE VIEW $t AS SELECT 1 AS id", f"{dataset}.{name}")
    with pytest.raises(exceptions.BadRequest, match="VIEW"):
        load(put("a.csv", "1\n"), source_format=CSV, schema=ID)


@pytest.mark.real_cloud
def test_a_loaded_table_knows_its_rows_and_when_it_changed(
    client: bigquery.Client, load_rows: LoadRows, dataset: str, name: str
) -> None:
    """Row count and last change follow each load at once."""
    load_rows(f"{dataset}.{name}", [{"id": 1}], "id:INTEGER")
    before = client.get_table(f"{dataset}.{name}")
    load_rows(f"{dataset}.{name}", [{"id": 2}], "id:INTEGER")
    after = client.get_table(f"{dataset}.{name}")
    assert (before.num_rows, after.num_rows) == (1, 2)
    assert after.modified > before.modified >= before.created == after.created
