"""BigQuery: small functions over the official client; errors come out as `shared.errors`."""

import concurrent.futures
import contextlib
import dataclasses
import datetime
import decimal
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from google.cloud import bigquery

from shared import errors, refs
from shared.gcp import renaming

TIMEOUT = 60.0
SECONDS = 90.0
"""How long a call is tried again before it counts as failed."""
RETRY = bigquery.DEFAULT_RETRY.with_timeout(SECONDS)
PARALLEL = 8
LABELS = {"pressbox": "backup"}
PAGE = 1000
Given = TypeVar("Given")
Found = TypeVar("Found")


@dataclasses.dataclass(frozen=True)
class Job:
    """A job as BigQuery describes it; `error` is its errorResult, `statistics` that of its own kind."""

    id: str
    state: str
    error: Mapping[str, Any] | None
    started: datetime.datetime | None
    ended: datetime.datetime | None
    statistics: Mapping[str, Any]

    @property
    def done(self) -> bool:
        """Whether the job will not change any more; done is not yet good."""
        return self.state == "DONE"


@dataclasses.dataclass(frozen=True)
class Rows:
    """What a query answered, and what it read: bytes as BigQuery bills them, and as it counts them before rounding."""

    rows: tuple[Mapping[str, Any], ...]
    bytes_billed: int
    bytes_processed: int = 0


def location(client: bigquery.Client, project: str, dataset: str) -> str:
    """Return the location of a dataset; raise NotFound when it does not exist, or another CloudError."""
    with renaming.renamed(f"reading dataset {project}.{dataset}"):
        return str(client.get_dataset(f"{project}.{dataset}", retry=RETRY, timeout=TIMEOUT).location)


def query(  # noqa: PLR0913 - what every query must say, and what some say besides
    client: bigquery.Client,
    sql: str,
    *,
    bytes_limit: int,
    label: str,
    location: str | None = None,
    parameters: Sequence[tuple[str, str, Any]] = (),
    labels: Mapping[str, str] | None = None,
    most: int | None = None,
    seconds: float = SECONDS,
) -> Rows:
    """Return the rows of a query that may bill at most `bytes_limit` bytes; raise CloudError.

    location: where it runs; by default BigQuery infers it from the tables. parameters: name, BigQuery type and value of
    each; a list or tuple is an array of that type. labels: of the job, beside the one that `label` makes. most: how
    many rows are fetched; by default all. seconds: how long it is tried, from the first call to the last row.
    """
    ends = time.monotonic() + seconds
    config = bigquery.QueryJobConfig(maximum_bytes_billed=bytes_limit, use_legacy_sql=False)
    config.labels = {**(labels or {}), "pressbox": label}
    config.query_parameters = [parameter(*given) for given in parameters]
    with renaming.renamed(f"querying {label}"):
        job = client.query(sql, job_config=config, location=location, job_retry=None, **_until(ends))
        rows = tuple(dict(row) for row in job.result(max_results=most, **_until(ends)))
        return Rows(rows, int(job.total_bytes_billed or 0), int(job.total_bytes_processed or 0))


def _until(ends: float) -> dict[str, Any]:
    """Return how long a call waits and is tried again, given the monotonic instant at which it must have ended."""
    left = max(1.0, ends - time.monotonic())
    return {"retry": RETRY.with_timeout(left), "timeout": min(TIMEOUT, left)}


def estimate(
    client: bigquery.Client,
    sql: str,
    *,
    label: str,
    location: str | None = None,
    parameters: Sequence[tuple[str, str, Any]] = (),
) -> int:
    """Return the bytes that a query would process, by a dry run, which costs nothing; raise CloudError."""
    config = bigquery.QueryJobConfig(dry_run=True, use_query_cache=False, use_legacy_sql=False)
    config.query_parameters = [parameter(*given) for given in parameters]
    with renaming.renamed(f"pricing {label}"):
        job = client.query(sql, job_config=config, location=location, retry=RETRY, timeout=TIMEOUT, job_retry=None)
        return int(job.total_bytes_processed or 0)


def parameter(name: str, kind: str, value: Any) -> bigquery.ScalarQueryParameter | bigquery.ArrayQueryParameter:
    """Return a query's parameter, given its name, BigQuery type and value; a list or tuple is an array of that type."""
    if isinstance(value, list | tuple):
        return bigquery.ArrayQueryParameter(name, kind, list(value))
    if kind in ("NUMERIC", "BIGNUMERIC"):
        # The client sends a float as a JSON number, and BigQuery reads decimals from text only.
        value = decimal.Decimal(str(value))
    return bigquery.ScalarQueryParameter(name, kind, value)


def table(client: bigquery.Client, ref: refs.Table) -> dict[str, Any]:
    """Return the REST resource of a table; raise NotFound or another CloudError."""
    with renaming.renamed(f"reading table {ref}"):
        resource: dict[str, Any] = client.get_table(_reference(ref), retry=RETRY, timeout=TIMEOUT).to_api_repr()
        return resource


def row_policies(client: bigquery.Client, ref: refs.Table) -> list[dict[str, Any]]:
    """Return the row access policies of a table as REST resources; raise CloudError."""
    path = f"/projects/{ref.project}/datasets/{ref.dataset}/tables/{ref.table}/rowAccessPolicies"
    with renaming.renamed(f"reading the row access policies of {ref}"):
        answer = RETRY(client._connection.api_request)(method="GET", path=path, timeout=TIMEOUT)  # noqa: SLF001 - the client has no method for it
        policies: list[dict[str, Any]] = answer.get("rowAccessPolicies", [])
        return policies


def ensure_scratch(client: bigquery.Client, project: str, dataset: str, *, location: str, hours: int) -> None:
    """Make sure that a dataset exists whose tables expire after `hours`; raise CloudError."""
    wanted = bigquery.Dataset(f"{project}.{dataset}")
    wanted.location = location
    wanted.default_table_expiration_ms = hours * 3_600_000
    wanted.description = "Clones that a backup extracts from; each is deleted when verified, and expires by itself."
    with renaming.renamed(f"creating dataset {project}.{dataset}"):
        client.create_dataset(wanted, exists_ok=True, retry=RETRY, timeout=TIMEOUT)


def delete_table(client: bigquery.Client, ref: refs.Table) -> None:
    """Delete a table, if it is there; raise CloudError."""
    with renaming.renamed(f"deleting table {ref}"):
        client.delete_table(_reference(ref), retry=RETRY, timeout=TIMEOUT, not_found_ok=True)


def clone(
    client: bigquery.Client,
    job_id: str,
    *,
    source: refs.Table,
    at: datetime.datetime,
    target: refs.Table,
    location: str,
) -> None:
    """Start a copy job that makes `target` a clone of `source` as it was at an instant; raise CloudError.

    A job of that id which exists already is taken for this one: an answer was lost, or an earlier run was killed.
    """
    decorated = dataclasses.replace(source, table=f"{source.table}@{milliseconds(at)}")
    # BigQuery clones only to where there is no table.
    config = bigquery.CopyJobConfig(operation_type="CLONE", write_disposition="WRITE_EMPTY", labels=LABELS)
    options = {"job_id": job_id, "job_config": config, "location": location, "retry": RETRY, "timeout": TIMEOUT}
    with _starting(f"cloning {source}"):
        client.copy_table(_reference(decorated), _reference(target), **options)


def extract(
    client: bigquery.Client, job_id: str, *, source: refs.Table, uri: str, options: Mapping[str, Any], location: str
) -> None:
    """Start a job that extracts `source` to the wildcard `uri`; raise CloudError.

    `options` are those of ExtractJobConfig. A job of that id which exists already is taken for this one.
    """
    config = bigquery.ExtractJobConfig(**options, labels=LABELS)
    with _starting(f"extracting {source}"):
        client.extract_table(
            _reference(source), uri, job_id=job_id, job_config=config, location=location, retry=RETRY, timeout=TIMEOUT
        )


@contextlib.contextmanager
def _starting(doing: str) -> Iterator[None]:
    try:
        with renaming.renamed(doing):
            yield
    except errors.AlreadyExists:
        """The insert went through before; the job is ours, since its id is made from what it does."""


def jobs(client: bigquery.Client, wanted: Collection[str], *, since: datetime.datetime) -> dict[str, Job]:
    """Return, by id, those of the jobs `wanted` that the list knows since an instant; raise CloudError."""
    found: dict[str, Job] = {}
    with renaming.renamed("listing jobs"):
        listed = client.list_jobs(min_creation_time=since, page_size=PAGE, retry=RETRY, timeout=TIMEOUT)
        for job in listed:
            if job.job_id in wanted:
                found[job.job_id] = _job(job)
            if len(found) == len(wanted):
                break
    return found


def job(client: bigquery.Client, job_id: str, *, location: str) -> Job:
    """Return one job; raise NotFound when it was never created, or another CloudError."""
    with renaming.renamed(f"reading job {job_id}"):
        return _job(client.get_job(job_id, location=location, retry=RETRY, timeout=TIMEOUT))


def _job(job: Any) -> Job:
    statistics = job._properties.get("statistics", {})  # noqa: SLF001 - file counts have no public name for every kind
    own = statistics.get(job.job_type, {})
    return Job(job.job_id, job.state, job.error_result, job.started, job.ended, own)


def milliseconds(instant: datetime.datetime) -> int:
    """Return the instant as whole milliseconds since the epoch, the unit of BigQuery's time decorators."""
    return round(instant.timestamp() * 1000)


def each(ask: Callable[[Given], Found], items: Iterable[Given]) -> list[Found | errors.CloudError]:
    """Return what `ask` answers for each item, in order, a few at a time; a CloudError stands in its item's place."""

    def answer(item: Given) -> Found | errors.CloudError:
        try:
            return ask(item)
        except errors.CloudError as error:
            return error

    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        return list(pool.map(answer, items))


def _reference(ref: refs.Table) -> bigquery.TableReference:
    return bigquery.TableReference(bigquery.DatasetReference(ref.project, ref.dataset), ref.table)
