"""Claims about lists: every item once whatever the page size, in a stable order, with their totals."""

import datetime
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import bigquery

ROWS = 25


@pytest.fixture(scope="module")
def shelf(client: bigquery.Client, dataset: str) -> Iterator[str]:
    """Yield a dataset that holds nothing but the tables of `tables`."""
    client.create_dataset(f"{dataset}_shelf")
    yield f"{dataset}_shelf"
    client.delete_dataset(f"{dataset}_shelf", delete_contents=True)


@pytest.fixture(scope="module")
def tables(client: bigquery.Client, shelf: str) -> list[str]:
    """Return the names of seven tables, which are all that the shelf holds."""
    names = [f"listed_{index}" for index in range(7)]
    for name in names:
        client.create_table(bigquery.Table(f"{shelf}.{name}", schema=[bigquery.SchemaField("x", "INTEGER")]))
    return names


@pytest.fixture(scope="module")
def numbers(client: bigquery.Client, shelf: str, tables: list[str]) -> bigquery.Table:
    """Return a table with the numbers from 0 to 24 in order."""
    rows = [{"x": number} for number in range(ROWS)]
    client.load_table_from_json(rows, f"{shelf}.{tables[0]}").result()
    return client.get_table(f"{shelf}.{tables[0]}")


def rest(client: bigquery.Client, path: str, **query: Any) -> dict[str, Any]:
    """Return the answer of one GET of the API."""
    return dict(client._connection.api_request("GET", path, query_params=query))  # noqa: SLF001 -- one raw page


@pytest.mark.parametrize("size", [1, 3, 7, 100])
@pytest.mark.real_cloud
def test_tables_come_once_whatever_the_page(client: bigquery.Client, shelf: str, tables: list[str], size: int) -> None:
    """Paging neither drops nor repeats a table."""
    assert [item.table_id for item in client.list_tables(shelf, page_size=size)] == tables


@pytest.mark.real_cloud
def test_a_page_tells_the_next_and_the_total(client: bigquery.Client, shelf: str, tables: list[str]) -> None:
    """A page that is not the last has a token; all have the number of all tables."""
    project, name = shelf.split(".")
    first = rest(client, f"/projects/{project}/datasets/{name}/tables", maxResults=5)
    last = rest(client, f"/projects/{project}/datasets/{name}/tables", maxResults=5, pageToken=first["nextPageToken"])
    assert (len(first["tables"]), len(last["tables"]), "nextPageToken" in last) == (5, len(tables) - 5, False)
    assert first["totalItems"] == last["totalItems"] == len(tables)


@pytest.mark.real_cloud
def test_a_strange_page_token_is_refused(client: bigquery.Client, shelf: str, tables: list[str]) -> None:
    """A token that no page gave is a mistake, not the first page."""
    assert tables
    with pytest.raises(exceptions.BadRequest):
        list(client.list_tables(shelf, page_token="strange"))  # noqa: S106 -- not a secret


@pytest.mark.real_cloud
def test_a_list_of_tables_tells_type_layout_and_labels(client: bigquery.Client, dataset: str) -> None:
    """A listed table has its type, partitioning, clustering and labels, without another call."""
    scratch = f"{dataset}_items"
    client.create_dataset(scratch)
    table = bigquery.Table(
        f"{scratch}.t", schema=[bigquery.SchemaField("d", "DATE"), bigquery.SchemaField("s", "STRING")]
    )
    table.time_partitioning, table.clustering_fields = bigquery.TimePartitioning(field="d"), ["s"]
    table.labels = {"a": "1"}
    client.create_table(table)
    (item,) = client.list_tables(scratch)
    assert (item.table_type, item.time_partitioning.field, item.clustering_fields) == ("TABLE", "d", ["s"])
    assert item.labels == {"a": "1"}
    client.delete_dataset(scratch, delete_contents=True)


@pytest.mark.real_cloud
def test_tables_of_a_missing_dataset_are_not_an_empty_list(client: bigquery.Client, dataset: str) -> None:
    """Listing the tables of a dataset that is not there is 404."""
    with pytest.raises(exceptions.NotFound, match="Not found: Dataset"):
        list(client.list_tables(f"{dataset}_absent"))


@pytest.mark.real_cloud
def test_datasets_come_once_and_can_be_filtered_by_label(client: bigquery.Client, dataset: str) -> None:
    """Paging finds every dataset; a filter finds those with the label."""
    names = sorted(f"{dataset.split('.')[1]}_p{index}" for index in range(3))
    for index, name in enumerate(names):
        made = bigquery.Dataset(f"{client.project}.{name}")
        made.labels = {"place": str(index)}
        client.create_dataset(made)
    found = [item.dataset_id for item in client.list_datasets(page_size=1) if item.dataset_id in names]
    assert found == names
    assert [item.dataset_id for item in client.list_datasets(filter="labels.place:1") if item.dataset_id in names] == [
        names[1]
    ]
    for name in names:
        client.delete_dataset(name)


def test_jobs_are_listed_beyond_a_hundred(client: bigquery.Client) -> None:
    """No cap of one page hides jobs, newest come first, and each comes once."""
    since = datetime.datetime.now(datetime.UTC)
    ids = [f"many_{uuid.uuid4().hex}" for _ in range(105)]
    for job_id in ids:
        client.query("SELECT 1", job_id=job_id, job_retry=None).result()
    found = [job.job_id for job in client.list_jobs(min_creation_time=since, page_size=20)]
    assert [job_id for job_id in found if job_id in set(ids)] == ids[::-1]
    assert len(found) == len(set(found))


@pytest.mark.real_cloud
def test_jobs_can_be_listed_by_state_and_time(client: bigquery.Client) -> None:
    """StateFilter and the bounds of creation time choose jobs."""
    job = client.query("SELECT 1", job_id=f"timed_{uuid.uuid4().hex}", job_retry=None)
    job.result()
    tick = datetime.timedelta(milliseconds=1)
    done = client.list_jobs(
        state_filter="done", min_creation_time=job.created - tick, max_creation_time=job.created + tick
    )
    assert job.job_id in [item.job_id for item in done]
    assert job.job_id not in [item.job_id for item in client.list_jobs(state_filter="running")]
    assert job.job_id not in [item.job_id for item in client.list_jobs(max_creation_time=job.created - tick)]


@pytest.mark.parametrize("size", [1, 10, 25, 1000])
@pytest.mark.real_cloud
def test_rows_come_once_whatever_the_page(client: bigquery.Client, numbers: bigquery.Table, size: int) -> None:
    """tabledata.list pages through a table in one order."""
    rows = client.list_rows(numbers, page_size=size)
    assert [row.x for row in rows] == list(range(ROWS))
    assert rows.total_rows == ROWS


@pytest.mark.real_cloud
def test_rows_can_be_cut_and_columns_chosen(client: bigquery.Client, numbers: bigquery.Table) -> None:
    """start_index and max_results cut the list, selected_fields its columns."""
    cut = client.list_rows(
        numbers, start_index=20, max_results=3, selected_fields=[bigquery.SchemaField("x", "INTEGER")]
    )
    assert [tuple(row) for row in cut] == [(20,), (21,), (22,)]


@pytest.mark.real_cloud
def test_results_of_a_query_come_in_pages(client: bigquery.Client, numbers: bigquery.Table) -> None:
    """GetQueryResults pages through the answer, and tells how many rows there are."""
    rows = client.query(f"SELECT x FROM `{numbers}` ORDER BY x DESC").result(page_size=4)
    assert rows.total_rows == ROWS
    assert [row.x for row in rows] == list(range(ROWS))[::-1]


@pytest.mark.real_cloud
def test_a_partition_can_be_listed_by_its_decorator(client: bigquery.Client, dataset: str, name: str) -> None:
    """`table$20260212` lists the rows of that day, and get_table knows the table behind it."""
    client.query(
        f"CREATE TABLE `{dataset}.{name}` PARTITION BY d AS"
        " SELECT d, i AS x FROM UNNEST([DATE '2026-02-12', DATE '2026-02-13', NULL]) d WITH OFFSET i"
    ).result()
    schema = client.get_table(f"{dataset}.{name}").schema
    for partition, wanted in (("20260212", [0]), ("20260213", [1]), ("__NULL__", [2]), ("20260214", [])):
        rows = client.list_rows(f"{dataset}.{name}${partition}", selected_fields=schema)
        assert [row.x for row in rows] == wanted


@pytest.mark.real_cloud
def test_a_view_cannot_be_listed(client: bigquery.Client, dataset: str, name: str) -> None:
    """tabledata.list reads tables only."""
    client.query(f"CREATE VIEW `{dataset}.{name}` AS SELECT 1 AS x").result()
    with pytest.raises(exceptions.BadRequest, match="Cannot list a table of type VIEW"):
        list(client.list_rows(f"{dataset}.{name}", selected_fields=[bigquery.SchemaField("x", "INTEGER")]))
