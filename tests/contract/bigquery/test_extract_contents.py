"""Claims about the contents of extracted files: how values are spelled, whose rows are seen, and what is refused."""

import gzip
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import bigquery

LoadRows = Callable[..., bigquery.LoadJob]
Sql = Callable[..., list[Any]]
COLUMNS = ("id:INTEGER", "day:DATE", "text:STRING")
PARQUET, JSON = "PARQUET", "NEWLINE_DELIMITED_JSON"


@pytest.fixture(scope="module")
def table(client: bigquery.Client, dataset: str) -> str:
    """Return the full id of a table with one row."""
    full = f"{dataset}.rows"
    config = bigquery.LoadJobConfig(schema=[bigquery.SchemaField("id", "INTEGER")])
    client.load_table_from_json([{"id": 1}], full, job_config=config).result()
    return full


@pytest.mark.real_cloud
def test_json_is_spelled_as_bigquery_spells_it(extracts: Any, dataset: str, name: str, sql: Sql) -> None:
    """INT64 and NUMERIC are text, BYTES base64, instants end in UTC, absent is NULL, and markup is escaped."""
    query = """
        SELECT 9007199254740993 AS i, NUMERIC '1.50' AS n, FROM_BASE64('AP8=') AS b, 0.5 AS f, TRUE AS t, '<a&b>' AS s,
            TIMESTAMP '2026-02-12 01:02:03.5+00' AS ts, DATETIME '2026-02-12 01:02:03' AS dt, TIME '01:02:03.25' AS ti,
            DATE '2026-02-12' AS d, CAST(NULL AS STRING) AS z"""
    sql(f"CREATE TABLE $t AS {query}", f"{dataset}.{name}")
    extracts.run(f"{dataset}.{name}", "row", destination_format=JSON)
    raw = extracts.files()["row"]
    assert b'"s":"\\u003ca\\u0026b\\u003e"' in raw
    assert json.loads(raw) == {
        "i": "9007199254740993",
        "n": "1.5",
        "b": "AP8=",
        "f": 0.5,
        "t": True,
        "s": "<a&b>",
        "ts": "2026-02-12 01:02:03.5 UTC",
        "dt": "2026-02-12T01:02:03",
        "ti": "01:02:03.25",
        "d": "2026-02-12",
    }


@pytest.mark.real_cloud
def test_csv_is_spelled_as_bigquery_spells_it(extracts: Any, dataset: str, name: str, sql: Sql) -> None:
    """NULL is an empty field, an empty text is quoted, and text is quoted when it must be."""
    query = "SELECT 1 AS i, '' AS empty, CAST(NULL AS STRING) AS z, 'a,b' AS comma, 'q\"q' AS quote, TRUE AS t"
    sql(f"CREATE TABLE $t AS {query}", f"{dataset}.{name}")
    extracts.run(f"{dataset}.{name}", "row")
    extracts.run(f"{dataset}.{name}", "bare", print_header=False, field_delimiter="|")
    found = extracts.files()
    assert found["row"] == b'i,empty,z,comma,quote,t\n1,"",,"a,b","q""q",true\n'
    assert found["bare"] == b'1|""||a,b|"q""q"|true\n'


def test_a_gzipped_file_is_stored_as_it_is(extracts: Any, load_rows: LoadRows, dataset: str, name: str) -> None:
    """The object holds the gzipped bytes themselves."""
    load_rows(f"{dataset}.{name}", [{"id": 7}], "id:INTEGER")
    extracts.run(f"{dataset}.{name}", "x.gz", compression="GZIP")
    assert gzip.decompress(extracts.files()["x.gz"]) == b"id\n7\n"


@pytest.mark.real_cloud
def test_a_nested_table_cannot_be_csv(extracts: Any, load_rows: LoadRows, dataset: str, name: str) -> None:
    """A repeated column is refused by name."""
    load_rows(f"{dataset}.{name}", [{"tags": ["a"]}], "tags:STRING:REPEATED")
    with pytest.raises(exceptions.BadRequest, match=r"Operation cannot be performed on a nested schema\. Field: tags"):
        extracts.run(f"{dataset}.{name}")


@pytest.mark.real_cloud
def test_a_view_cannot_be_extracted(sql: Sql, extracts: Any, table: str, dataset: str, name: str) -> None:
    """A view is refused with the words for its type."""
    sql("CREATE VIEW $v AS SELECT * FROM $t", table, view=f"{dataset}.{name}")
    with pytest.raises(exceptions.BadRequest, match="is not allowed for this operation because it is currently a VIEW"):
        extracts.run(f"{dataset}.{name}")


def test_an_external_table_cannot_be_extracted(
    client: bigquery.Client, extracts: Any, dataset: str, bucket: str, name: str
) -> None:
    """An external table is refused with the words for its type."""
    made = bigquery.Table(f"{dataset}.{name}", schema=[bigquery.SchemaField("id", "INTEGER")])
    made.external_data_configuration = bigquery.ExternalConfig("CSV")
    made.external_data_configuration.source_uris = [f"gs://{bucket}/{name}.csv"]
    client.create_table(made)
    with pytest.raises(exceptions.BadRequest, match="it is currently a EXTERNAL"):
        extracts.run(f"{dataset}.{name}")


@pytest.mark.real_cloud
def test_a_missing_table_is_not_found(extracts: Any, dataset: str) -> None:
    """A table that does not exist is named in BigQuery's spelling."""
    with pytest.raises(exceptions.NotFound, match=re.escape(f"Not found: Table {dataset.replace('.', ':', 1)}.absent")):
        extracts.run(f"{dataset}.absent")


@pytest.mark.real_cloud
def test_a_missing_bucket_is_not_found(client: bigquery.Client, table: str, name: str) -> None:
    """A bucket that does not exist is a failed job, and is not made."""
    with pytest.raises(exceptions.NotFound):
        client.extract_table(table, f"gs://absent-{name.replace('_', '-')}/*").result()


def test_no_right_to_write_is_access_denied(extracts: Any, table: str, refuse_storage: Callable[..., None]) -> None:
    """A bucket that takes no objects fails the job in BigQuery's words."""
    refuse_storage(match=f"^POST /upload.*{extracts.prefix}", status=403)
    with pytest.raises(exceptions.Forbidden, match="Permission denied while writing data"):
        extracts.run(table)
    assert extracts.files() == {}


def test_a_moment_of_unavailable_storage_is_overcome(
    extracts: Any, table: str, refuse_storage: Callable[..., None]
) -> None:
    """A file that could not be written at once is written a moment later."""
    refuse_storage(match=f"^POST /upload.*{extracts.prefix}", status=503)
    extracts.run(table, "one")
    assert list(extracts.files()) == ["one"]


@pytest.mark.real_cloud
@pytest.mark.parametrize("uri", ["/local/path", "gs://bucket", "gs://bucket/*/*"])
def test_a_malformed_address_is_refused(client: bigquery.Client, table: str, uri: str) -> None:
    """What is no address of one object or one numbered series is a bad request."""
    with pytest.raises(exceptions.BadRequest):
        client.extract_table(table, uri).result()


def test_a_row_access_policy_hides_rows_from_the_extract(
    client: bigquery.Client, extracts: Any, load_rows: LoadRows, dataset: str, name: str, sql: Sql
) -> None:
    """Only the rows that the caller may see are written, the job succeeds, and the table still counts all its rows."""
    full = f"{dataset}.{name}_policy"
    rows = [{"id": number, "day": "2026-02-12", "text": "x"} for number in range(10)]
    load_rows(full, rows, *COLUMNS)
    sql("CREATE ROW ACCESS POLICY few ON $t GRANT TO ('allUsers') FILTER USING (id < 3)", full)
    extracts.run(full, destination_format=PARQUET)
    assert extracts.rows("*", PARQUET, *COLUMNS) == 3
    assert client.get_table(full).num_rows == 10


def test_nobody_sees_rows_that_no_policy_grants(
    extracts: Any, load_rows: LoadRows, dataset: str, name: str, sql: Sql
) -> None:
    """A caller whom no policy of a table names extracts no rows at all."""
    full = f"{dataset}.{name}_policy"
    load_rows(full, [{"id": 1, "day": "2026-02-12", "text": "x"}], *COLUMNS)
    grant = "GRANT TO ('user:somebody@example.com')"
    sql(f"CREATE ROW ACCESS POLICY one ON $t {grant} FILTER USING (TRUE)", full)
    extracts.run(full, destination_format=PARQUET)
    assert extracts.rows("*", PARQUET, *COLUMNS) == 0
