"""Claims about mistakes: worded and classified as by BigQuery, in jobs, jobs.query and dry runs; never a 500."""

import pytest
from google.api_core import exceptions
from google.cloud import bigquery

MISTAKES = {
    "SELECT absent FROM UNNEST([1]) AS x": r"Unrecognized name: absent at \[1:8\]",
    "SELECT\n  t.absent FROM (SELECT 1 AS a) AS t": r"Name absent not found inside t at \[2:5\]",
    "SELEC 1": r'Syntax error: Unexpected identifier "SELEC" at \[1:1\]',
    "SELECT 1 FROM": r"Syntax error: Unexpected end of script at \[1:14\]",
    "SELECT (1": "Syntax error",
    "SELECT 'abc": r"Syntax error: Unclosed string literal",
    "SELECT NO_SUCH_FUNCTION(1)": r"Function not found: NO_SUCH_FUNCTION at \[1:8\]",
    "SELECT @missing": "Query parameter 'missing' not found",
    "SELECT 1 / 0": "division by zero: 1 / 0",
    "SELECT CAST('abc' AS INT64)": "Bad int64 value: abc",
    "SELECT CAST('abc' AS FLOAT64)": "Bad double value: abc",
    "SELECT CAST('abc' AS BOOL)": "Bad bool value: abc",
    "SELECT CAST('abc' AS DATE)": "Invalid date: 'abc'",
    "SELECT x, COUNT(*) FROM (SELECT 1 AS x, 2 AS y)": "references column x which is neither grouped nor aggregated",
    "SELECT a.x FROM (SELECT 1 AS x) AS b": r"Unrecognized name: a at \[1:8\]",
}


def refused(client: bigquery.Client, sql: str) -> bigquery.QueryJob:
    """Return the job of a query that must fail."""
    job = client.query(sql, job_retry=None)
    with pytest.raises(exceptions.GoogleAPICallError):
        job.result(timeout=30)
    return job


@pytest.mark.parametrize(("sql", "wanted"), MISTAKES.items(), ids=MISTAKES)
def test_a_mistake_is_worded_as_bigquery_words_it(client: bigquery.Client, sql: str, wanted: str) -> None:
    """The job ends with reason invalidQuery, and the message names what is wrong and where."""
    job = refused(client, sql)
    assert job.error_result["reason"] == "invalidQuery"
    assert isinstance(job.exception(), exceptions.BadRequest)
    with pytest.raises(exceptions.BadRequest, match=wanted):
        client.query_and_wait(sql)


@pytest.mark.real_cloud
def test_a_mistake_shows_in_a_dry_run(client: bigquery.Client) -> None:
    """A dry run finds what running would find."""
    with pytest.raises(exceptions.BadRequest, match="Unrecognized name: absent"):
        client.query("SELECT absent FROM (SELECT 1 AS x)", job_config=bigquery.QueryJobConfig(dry_run=True))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM {}",
        "INSERT INTO {} (x) VALUES (1)",
        "UPDATE {} SET x = 1 WHERE TRUE",
        "DELETE FROM {} WHERE TRUE",
        "DROP TABLE {}",
    ],
)
@pytest.mark.real_cloud
def test_a_missing_table_is_not_found(client: bigquery.Client, dataset: str, statement: str) -> None:
    """A statement on a table that is not there is 404 and names it."""
    job = refused(client, statement.format(f"`{dataset}.absent`"))
    assert job.error_result["reason"] == "notFound"
    assert f"Not found: Table {dataset.replace('.', ':')}.absent" in job.error_result["message"]


@pytest.mark.real_cloud
def test_a_missing_dataset_is_not_found(client: bigquery.Client, dataset: str) -> None:
    """A table of a dataset that is not there is a missing dataset."""
    job = refused(client, f"SELECT * FROM `{dataset}_absent.t`")
    assert job.error_result["reason"] == "notFound"
    wanted = f"Not found: Dataset {dataset.replace('.', ':')}_absent was not found in location US"
    assert wanted in job.error_result["message"]


@pytest.mark.real_cloud
def test_resources_of_the_api_are_named_as_bigquery_names_them(
    client: bigquery.Client, dataset: str, name: str
) -> None:
    """404 and 409 of tables, datasets and jobs carry the full name."""
    full = dataset.replace(".", ":")
    with pytest.raises(exceptions.NotFound, match=f"Not found: Table {full}.{name}"):
        client.get_table(f"{dataset}.{name}")
    with pytest.raises(exceptions.NotFound, match=f"Not found: Dataset {full}_absent"):
        client.get_dataset(f"{dataset}_absent")
    with pytest.raises(exceptions.NotFound, match=f"Not found: Job {client.project}:US.{name}"):
        client.get_job(name, location="US")
    client.create_table(bigquery.Table(f"{dataset}.{name}", schema=[bigquery.SchemaField("x", "INTEGER")]))
    with pytest.raises(exceptions.Conflict, match=f"Already Exists: Table {full}.{name}"):
        client.create_table(f"{dataset}.{name}")
    with pytest.raises(exceptions.Conflict, match=f"Already Exists: Dataset {full}"):
        client.create_dataset(dataset)


@pytest.mark.real_cloud
def test_making_a_table_twice_in_sql_is_a_conflict(client: bigquery.Client, dataset: str, name: str) -> None:
    """CREATE TABLE refuses an existing name, IF NOT EXISTS leaves it, OR REPLACE replaces it."""
    client.query(f"CREATE TABLE `{dataset}.{name}` (x INT64)").result()
    assert refused(client, f"CREATE TABLE `{dataset}.{name}` (y INT64)").error_result["reason"] == "duplicate"
    client.query(f"CREATE TABLE IF NOT EXISTS `{dataset}.{name}` (y INT64)").result()
    assert client.get_table(f"{dataset}.{name}").schema[0].name == "x"
    client.query(f"CREATE OR REPLACE TABLE `{dataset}.{name}` (y INT64)").result()
    assert client.get_table(f"{dataset}.{name}").schema[0].name == "y"


@pytest.mark.parametrize(
    "sql",
    [
        "",
        ";",
        "SELECT * FROM `",
        "SELECT UNNEST(1)",
        "SELECT STRUCT(1).nope",
        "SELECT PARSE_DATE('%Y', 'x')",
        "SELECT DATE '2026-13-01'",
        "SELECT 9223372036854775807 + 1",
        "SELECT JSON_VALUE(1)",
        "CREATE TABLE nodataset (x INT64)",
        "CREATE TABLE `contract.t` (x NO_SUCH_TYPE)",
        "DROP TABLE",
        "INSERT INTO",
        "SELECT ERROR('told')",
        "EXECUTE IMMEDIATE 'SELEC'",
        "SELECT * FROM UNNEST([1]) FOR SYSTEM_TIME AS OF 'never'",
    ],
)
def test_no_query_makes_the_service_fail(client: bigquery.Client, sql: str) -> None:
    """Whatever is asked, the answer blames the query: a 4xx, never the 500 that a client retries for ten minutes."""
    with pytest.raises(exceptions.ClientError):
        client.query_and_wait(sql, retry=None, job_retry=None, wait_timeout=30)


@pytest.mark.xfail(
    strict=True, reason="the storage adds INT64 values in a wider type and wraps nothing: the sum is a NUMERIC"
)
def test_an_overflow_is_a_mistake(client: bigquery.Client) -> None:
    """A sum of columns beyond INT64 is refused."""
    job = refused(client, "SELECT SUM(x) FROM UNNEST([9223372036854775807, 1]) AS x")
    assert "overflow" in job.error_result["message"]


@pytest.mark.real_cloud
def test_failed_queries_leave_the_service_well(client: bigquery.Client) -> None:
    """After mistakes, the next query is answered."""
    refused(client, "SELECT 1 / 0")
    assert [row.x for row in client.query("SELECT 1 AS x").result()] == [1]
