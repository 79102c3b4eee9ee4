"""Load a generated world into a warehouse through the official client; runs where production code runs.

The label `world` on one dataset is written last: without it, the warehouse does not hold a whole world.
"""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from google.api_core import exceptions
from google.cloud import bigquery as bq

from local.world import fingerprint, schemas

LOCATION = "US"
MARKED = "nba_analytics"
LABEL = "world"
_UNMARKED = "incomplete"

Progress = Callable[[str, int, int, int], None]


@dataclasses.dataclass(frozen=True)
class Seeded:
    """What the warehouse now holds: rows by table; `loaded` is false when they were there already."""

    fingerprint: str
    loaded: bool
    rows: dict[str, int]


def seed(directory: Path, *, bigquery: Any, progress: Progress | None = None) -> Seeded:
    """Return what `bigquery` (a client) holds after loading the world in `directory`, unless it holds it already.

    `progress` is called after each table with its name, its rows, and how many of how many tables are done.
    Raise FileNotFoundError when the world is not complete, RuntimeError naming the table that could not be loaded.
    """
    told = fingerprint.read(directory)
    if _mark(bigquery) == told["fingerprint"]:
        return Seeded(told["fingerprint"], loaded=False, rows=told["tables"])
    declared = schemas.load()
    if strangers := sorted({*told["tables"], *told["views"]} ^ set(declared)):
        raise RuntimeError(f"{directory} was made for other declarations: {', '.join(strangers)}; generate it anew")
    _make_datasets(bigquery, sorted({name.partition(".")[0] for name in declared}))
    _set_mark(bigquery, _UNMARKED)
    jobs = {name: _submit(bigquery, directory, name, declared=declared[name]) for name in told["tables"]}
    for done, (name, job) in enumerate(jobs.items(), start=1):
        _await(bigquery, name, job, rows=told["tables"][name])
        if progress is not None:
            progress(name, told["tables"][name], done, len(jobs))
    for name in told["views"]:
        _create(bigquery, name, declared[name])
    _set_mark(bigquery, told["fingerprint"])
    return Seeded(told["fingerprint"], loaded=True, rows=told["tables"])


def _mark(client: Any) -> str | None:
    try:
        found: str | None = client.get_dataset(MARKED).labels.get(LABEL)
    except exceptions.NotFound:
        return None
    return found


def _set_mark(client: Any, value: str) -> None:
    dataset = client.get_dataset(MARKED)
    dataset.labels = dataset.labels | {LABEL: value}
    client.update_dataset(dataset, ["labels"])


def _make_datasets(client: Any, names: list[str]) -> None:
    for name in names:
        dataset = bq.Dataset(f"{client.project}.{name}")
        dataset.location = LOCATION
        client.create_dataset(dataset, exists_ok=True)


def resource(project: str, name: str, declared: schemas.Declared) -> Any:
    """Return the declared table or view `name` as the client's own table, ready to be created in `project`."""
    dataset, _, table = name.partition(".")
    reference = {"projectId": project, "datasetId": dataset, "tableId": table}
    made = {**declared, "tableReference": reference}
    if schemas.is_view(declared):
        # A view names its project, so that it means the same whoever asks.
        made["view"] = {**declared["view"], "query": declared["view"]["query"].format(project=project)}
    return bq.Table.from_api_repr(made)


def _create(client: Any, name: str, declared: schemas.Declared) -> Any:
    """Create the table anew, so that nothing of a half-loaded or older one is left."""
    table = resource(client.project, name, declared)
    client.delete_table(table, not_found_ok=True)
    return client.create_table(table)


def _submit(client: Any, directory: Path, name: str, *, declared: schemas.Declared) -> Any:
    table = _create(client, name, declared)
    options = bq.ParquetOptions()
    # Without it, a list would become a record with one field.
    options.enable_list_inference = True
    config = bq.LoadJobConfig(
        source_format=bq.SourceFormat.PARQUET,
        write_disposition=bq.WriteDisposition.WRITE_TRUNCATE,
        create_disposition=bq.CreateDisposition.CREATE_NEVER,
        schema=[bq.SchemaField.from_api_repr(field) for field in schemas.fields(declared)],
        time_partitioning=table.time_partitioning,
        clustering_fields=table.clustering_fields,
    )
    config.parquet_options = options
    with (directory / f"{name}.parquet").open("rb") as file:
        return client.load_table_from_file(file, table.reference, job_config=config, location=LOCATION)


def _await(client: Any, name: str, job: Any, *, rows: int) -> None:
    try:
        job.result()
    except exceptions.GoogleAPICallError as error:
        raise RuntimeError(f"{name} could not be loaded: {error.message}") from error
    found = client.get_table(name).num_rows
    if not job.output_rows == found == rows:
        raise RuntimeError(f"{name} has {found} rows after loading {job.output_rows}: the world has {rows}")
