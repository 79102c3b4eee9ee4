"""Claims about jobs: ids, states, locations, lists, cancelling, faults; what any client of BigQuery sees of them."""

import datetime
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import bigquery

LoadRows = Callable[..., bigquery.LoadJob]
Sql = Callable[..., list[Any]]
Soon = Callable[[Callable[[], bool]], bool]
ArmFault = Callable[..., None]


@pytest.fixture(scope="module")
def table(client: bigquery.Client, dataset: str) -> str:
    """Return the full id of a table with three rows."""
    full = f"{dataset}.three"
    config = bigquery.LoadJobConfig(schema=[bigquery.SchemaField("id", "INTEGER")])
    client.load_table_from_json([{"id": 1}, {"id": 2}, {"id": 3}], full, job_config=config).result()
    return full


@pytest.fixture
def slow(fault: ArmFault, stand_in: Any) -> Iterator[None]:
    """Make the next job stay RUNNING until the test is over."""
    fault(match=r"^POST .*/jobs", action="slow_job", seconds=60)
    yield
    stand_in.ask("DELETE", "/_faults")


def extract(client: bigquery.Client, table: str, uri: str, **options: Any) -> bigquery.ExtractJob:
    """Return a submitted extract job."""
    return client.extract_table(table, uri, **options)


@pytest.mark.real_cloud
def test_a_job_keeps_the_id_its_caller_made(client: bigquery.Client, table: str, bucket: str, name: str) -> None:
    """The id of the request is the id of the job, and its location is the dataset's."""
    job = extract(client, table, f"gs://{bucket}/{name}", job_id=name)
    job.result()
    found = client.get_job(name, location="US")
    assert (found.job_id, found.location, found.state) == (name, "US", "DONE")


@pytest.mark.real_cloud
def test_a_taken_job_id_is_refused(client: bigquery.Client, table: str, bucket: str, name: str) -> None:
    """A second job of one id is a conflict that names the job, whatever became of the first."""
    extract(client, table, f"gs://{bucket}/{name}", job_id=name).result()
    with pytest.raises(exceptions.Conflict, match=rf"Already Exists: Job {client.project}:US.{name}"):
        extract(client, table, f"gs://{bucket}/{name}", job_id=name)


def test_a_taken_job_id_is_refused_to_uploads_and_queries(client: bigquery.Client, dataset: str, name: str) -> None:
    """A load with an uploaded file and a query know the same job ids as all other jobs."""
    client.query("SELECT 1", job_id=name, job_retry=None).result()
    with pytest.raises(exceptions.Conflict, match="Already Exists: Job"):
        client.load_table_from_json([{"id": 1}], f"{dataset}.{name}", job_id=name)


def test_an_upload_keeps_the_id_its_caller_made(client: bigquery.Client, dataset: str, name: str) -> None:
    """A load job with an uploaded file has the id of its request."""
    config = bigquery.LoadJobConfig(schema=[bigquery.SchemaField("id", "INTEGER")])
    job = client.load_table_from_json([{"id": 1}], f"{dataset}.{name}", job_id=name, job_config=config)
    job.result()
    assert client.get_job(name).job_type == "load"


@pytest.mark.usefixtures("slow")
def test_a_job_is_seen_running_before_it_is_done(
    client: bigquery.Client, table: str, bucket: str, name: str, stand_in: Any
) -> None:
    """An insert is answered while the job runs; get and list see it RUNNING, then DONE."""
    job = extract(client, table, f"gs://{bucket}/{name}", job_id=name)
    assert job.state == "RUNNING"
    assert client.get_job(name).state == "RUNNING"
    assert name in {item.job_id for item in client.list_jobs(state_filter="running")}
    stand_in.ask("DELETE", "/_faults")
    job.result()
    assert client.get_job(name).state == "DONE"
    assert name in {item.job_id for item in client.list_jobs(state_filter="done")}


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize("kind", ["load", "copy"])
def test_loads_and_copies_are_seen_running_too(client: bigquery.Client, table: str, name: str, kind: str) -> None:
    """Load and copy jobs are answered while they run."""
    target = f"{table.rsplit('.', 1)[0]}.{name}"
    if kind == "copy":
        job: Any = client.copy_table(table, target)
    else:
        job = client.load_table_from_json([{"id": 1}], target, job_config=bigquery.LoadJobConfig(autodetect=True))
    assert job.state == "RUNNING"
    client.cancel_job(job.job_id)


@pytest.mark.usefixtures("slow")
def test_a_running_job_can_be_cancelled(
    client: bigquery.Client, table: str, bucket: str, name: str, soon: Soon
) -> None:
    """A cancelled job ends as failed, with the reason that BigQuery gives, and writes nothing."""
    extract(client, table, f"gs://{bucket}/{name}", job_id=name)
    client.cancel_job(name)
    assert soon(lambda: client.get_job(name).state == "DONE")
    assert client.get_job(name).error_result["reason"] == "stopped"


def test_a_fault_strikes_no_later_job(
    client: bigquery.Client, table: str, bucket: str, name: str, fault: ArmFault
) -> None:
    """Only the job that took the fault fails, though the next ones come over the same connection."""
    for number in range(5):
        fault(match="^POST .*/jobs", action="fail_job")
        struck = extract(client, table, f"gs://{bucket}/{name}/{number}")
        later = extract(client, table, f"gs://{bucket}/{name}/{number}_later")
        later.result()
        assert struck.exception() is not None


def test_cancelling_a_job_that_is_done_changes_nothing(
    client: bigquery.Client, table: str, bucket: str, name: str
) -> None:
    """A job that is over stays as it ended."""
    extract(client, table, f"gs://{bucket}/{name}", job_id=name).result()
    client.cancel_job(name)
    assert client.get_job(name).error_result is None


@pytest.mark.usefixtures("slow")
def test_other_requests_are_answered_while_a_job_runs(
    client: bigquery.Client, table: str, bucket: str, name: str, sql: Sql
) -> None:
    """Metadata and queries do not wait for a running job."""
    extract(client, table, f"gs://{bucket}/{name}", job_id=name)
    assert client.get_table(table).num_rows == 3
    assert [row.n for row in sql("SELECT count(*) AS n FROM $t", table)] == [3]
    assert client.get_job(name).state == "RUNNING"


@pytest.mark.real_cloud
def test_a_job_is_not_found_in_another_location(client: bigquery.Client, table: str, bucket: str, name: str) -> None:
    """A job of US is unknown in EU."""
    extract(client, table, f"gs://{bucket}/{name}", job_id=name).result()
    with pytest.raises(exceptions.NotFound, match=rf"Not found: Job {client.project}:EU.{name}"):
        client.get_job(name, location="EU")


@pytest.mark.real_cloud
def test_an_unknown_job_is_not_found(client: bigquery.Client, name: str) -> None:
    """A job id that nobody made is a 404 that names it."""
    with pytest.raises(exceptions.NotFound, match=f"Not found: Job {client.project}:US.{name}"):
        client.get_job(name, location="US")


def test_a_job_runs_where_its_dataset_is(client: bigquery.Client, bucket: str, name: str, load_rows: LoadRows) -> None:
    """The job of a table in EU runs in EU; asked to run in US it does not find the dataset."""
    made = bigquery.Dataset(f"{client.project}.{name}")
    made.location = "EU"
    client.create_dataset(made)
    load_rows(f"{name}.rows", [{"id": 1}], "id:INTEGER")
    job = extract(client, f"{name}.rows", f"gs://{bucket}/{name}")
    job.result()
    assert job.location == "EU"
    with pytest.raises(exceptions.NotFound, match="was not found in location US"):
        extract(client, f"{name}.rows", f"gs://{bucket}/{name}", location="US")


@pytest.mark.real_cloud
def test_labels_and_times_of_a_job_are_kept(client: bigquery.Client, table: str, bucket: str, name: str) -> None:
    """A job has the labels it was given, and was created before it started before it ended."""
    config = bigquery.ExtractJobConfig(labels={"run": "nightly"})
    extract(client, table, f"gs://{bucket}/{name}", job_id=name, job_config=config).result()
    found = client.get_job(name, location="US")
    assert found.labels == {"run": "nightly"}
    assert found.created <= found.started <= found.ended


def test_jobs_are_listed_page_by_page_and_by_time(client: bigquery.Client, table: str, bucket: str, name: str) -> None:
    """Every job is listed once however small the pages, with its state and error, between the times asked for."""
    before = datetime.datetime.now(datetime.UTC) - datetime.timedelta(milliseconds=1)
    ids = {f"{name}_{number}" for number in range(5)}
    for job_id in ids:
        extract(client, table, f"gs://{bucket}/{job_id}", job_id=job_id).result()
    after = datetime.datetime.now(datetime.UTC) + datetime.timedelta(milliseconds=1)
    listed = [item.job_id for item in client.list_jobs(page_size=2, min_creation_time=before, max_creation_time=after)]
    assert ids <= set(listed)
    assert len(listed) == len(set(listed))
    assert not ids & {item.job_id for item in client.list_jobs(max_creation_time=before)}


@pytest.mark.real_cloud
def test_a_failed_job_is_done_with_its_error(client: bigquery.Client, dataset: str, bucket: str, name: str) -> None:
    """A job that cannot succeed ends with a reason and a message, in get and in list."""
    job = extract(client, f"{dataset}.absent", f"gs://{bucket}/{name}", job_id=name)
    with pytest.raises(exceptions.NotFound):
        job.result()
    found = client.get_job(name, location="US")
    assert found.state == "DONE"
    assert found.error_result["reason"] == "notFound"
    assert found.errors == [found.error_result]
    listed = next(item for item in client.list_jobs(max_results=50) if item.job_id == name)
    assert listed.error_result == found.error_result


def test_a_job_can_be_made_to_fail_half_way(
    client: bigquery.Client, storage_client: Any, table: str, bucket: str, name: str, fault: ArmFault
) -> None:
    """The fault fail_job lets the first file be written, and ends the job as it was told."""
    fault(match="/jobs", action="fail_job", reason="backendError", message="broken on purpose")
    job = extract(client, table, f"gs://{bucket}/{name}/*")
    with pytest.raises(exceptions.GoogleAPICallError, match="broken on purpose"):
        job.result()
    assert [blob.name for blob in storage_client.list_blobs(bucket, prefix=f"{name}/")] == [f"{name}/{0:012d}"]


def test_an_answer_can_be_lost_after_the_job_was_accepted(
    client: bigquery.Client, table: str, bucket: str, name: str, fault: ArmFault
) -> None:
    """The fault drop_answer executes the insert and cuts the connection: asked again, the job exists."""
    fault(match="^POST .*/jobs", action="drop_answer")
    with pytest.raises(Exception, match=r"(?i)connection|aborted|reset"):
        extract(client, table, f"gs://{bucket}/{name}", job_id=name, retry=None)
    assert client.get_job(name).job_id == name


def test_a_quota_can_refuse_a_job(client: bigquery.Client, table: str, bucket: str, name: str, fault: ArmFault) -> None:
    """The fault refuse answers as BigQuery does when a quota is used up, and no job is made."""
    fault(match="^POST .*/jobs", action="refuse", status=403, reason="quotaExceeded", message="Quota exceeded")
    with pytest.raises(exceptions.Forbidden, match="Quota exceeded") as refused:
        extract(client, table, f"gs://{bucket}/{name}", job_id=name, retry=None)
    assert refused.value.errors[0]["reason"] == "quotaExceeded"
    with pytest.raises(exceptions.NotFound):
        client.get_job(name)


def test_requests_are_counted_by_call(client: bigquery.Client, stand_in: Any, table: str) -> None:
    """Every request that reaches the API is counted under its name; asking for the counts is none."""
    before = stand_in.ask("GET", "/_requests")
    client.get_table(table)
    after = stand_in.ask("GET", "/_requests")
    assert after["total"] == before["total"] + 1
    assert after["by_call"]["GET tables.get"] == before["by_call"].get("GET tables.get", 0) + 1


def test_a_malformed_fault_is_refused(stand_in: Any, fault: ArmFault) -> None:
    """A fault that says nothing the stand-in could commit is answered 400, and nothing is armed."""
    with pytest.raises(Exception, match="400"):
        fault(match="x", action="explode")
    assert stand_in.ask("GET", "/_faults")["armed"] == []


def test_a_body_that_is_no_json_is_a_bad_request(client: bigquery.Client) -> None:
    """A malformed insert is refused at once, not retried as a failure of the service."""
    with pytest.raises(exceptions.BadRequest):
        client._connection.api_request(  # noqa: SLF001 -- no public call sends a job without a kind
            method="POST", path=f"/projects/{client.project}/jobs", data={"jobReference": {"jobId": uuid.uuid4().hex}}
        )
