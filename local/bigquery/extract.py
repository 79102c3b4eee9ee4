"""Extract jobs: a table's rows, or one partition's, or those of an instant, as files in Cloud Storage."""

import dataclasses
import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
from bqemulator.catalog import models

from local.bigquery import access, fields, job_states, jobs, partitions, sizes, storage_io, time_travel
from local.bigquery.formats import avro, csv, ndjson, parquet, types

FORMATS = {"CSV": csv, "NEWLINE_DELIMITED_JSON": ndjson, "AVRO": avro, "PARQUET": parquet}
EXTRACTABLE = ("TABLE", "CLONE", "SNAPSHOT")
TOO_LARGE = (
    "too large to be exported to a single file. Specify a uri including a * to shard export."
    " See 'Exporting data into one or more files' in https://cloud.google.com/bigquery/docs/exporting-data."
)


@dataclasses.dataclass(frozen=True)
class Source:
    """The rows to extract, and their size by BigQuery's rules."""

    name: str
    columns: tuple[types.Field, ...]
    rows: pa.Table
    size: int


def run(job: jobs.Job) -> Mapping[str, Any]:
    """Return the statistics of an extract job after writing its files; raise job_states.Failure when it fails."""
    body = job.body
    name = body.get("destinationFormat") or "CSV"
    module = FORMATS.get(name)
    if module is None:
        raise job_states.Failure("invalid", f"Invalid value for destinationFormat: {name} is not a valid value")
    options = _options(body, name, module.COMPRESSIONS)
    uris = _destinations(body)
    source = read(job, job_states.reference(job.project, body.get("sourceTable")), module)
    shards = max(1, -(-source.size // job.shard_bytes))
    if shards > 1 and not all(uri.wildcard for uri in uris):
        raise job_states.Failure("invalid", f"Table {source.name} {TOO_LARGE}")
    for uri in uris:
        job.storage.check_bucket(uri)
    counts = [0] * len(uris)
    for number, rows in enumerate(_split(source.rows, max(shards, len(uris)))):
        target = number % len(uris)
        job.storage.write(uris[target].numbered(counts[target]), module.write(rows, source.columns, options))
        counts[target] += 1
        job.after_first_write()
    files = {"destinationUriFileCounts": [str(count) for count in counts], "inputBytes": str(source.size)}
    return {"extract": files, "totalBytesProcessed": str(source.size)}


def read(job: jobs.Job, reference: job_states.Reference, module: Any) -> Source:
    """Return the rows of the table that the caller may see; raise job_states.Failure when it cannot be extracted."""
    decorated = partitions.parse(reference.table)
    table = existing(job.context, reference, decorated.table)
    if table.table_type not in EXTRACTABLE:
        raise refused(table)
    columns = table.schema_.fields
    if not columns:
        raise job_states.Failure("invalid", f"Table {reference} does not have a schema.")
    module.check(columns)
    relation = access.visible(
        job.context, table, time_travel.relation(job.context, table, decorated.instant), caller=job.caller
    )
    where = f" WHERE {partitions.condition(table, decorated.partition)}" if decorated.partition else ""
    rows = job.context.engine.connection.execute(f"SELECT * FROM {relation}{where}").to_arrow_table()  # noqa: S608 -- quoted
    return Source(str(reference), columns, rows, _size(job, table, decorated, where, relation))


def existing(context: Any, reference: job_states.Reference, name: str) -> models.TableMeta:
    """Return the catalog's table; raise job_states.Failure when there is none."""
    table = context.catalog.get_table(reference.project, reference.dataset, name)
    if table is None:
        raise job_states.Failure("notFound", f"Not found: Table {reference.project}:{reference.dataset}.{name}")
    return table


def refused(table: models.TableMeta) -> job_states.Failure:
    """Return what BigQuery says of a table whose type does not allow the operation."""
    name = f"{table.project_id}:{table.dataset_id}.{table.table_id}"
    kind = table.table_type
    return job_states.Failure("invalid", f"{name} is not allowed for this operation because it is currently a {kind}.")


def _size(job: jobs.Job, table: models.TableMeta, decorated: partitions.Decorated, where: str, relation: str) -> int:
    if decorated.instant is None and relation == sizes.storage_name(table):
        measured = sizes.measure(job.context.engine, table)
        if not decorated.partition:
            return measured.size
        part = measured.parts.get(decorated.partition)
        return part.size if part else 0
    terms = " + ".join(sizes.size_sql(column, fields.quoted(column.name)) for column in table.schema_.fields)
    query = f"SELECT coalesce(sum({terms}), 0)::BIGINT FROM {relation}{where}"  # noqa: S608 -- the names are quoted
    return int(job.context.engine.connection.execute(query).fetchone()[0])


def _destinations(body: Mapping[str, Any]) -> list[storage_io.Uri]:
    raw = body.get("destinationUris") or [uri for uri in [body.get("destinationUri")] if uri]
    if not raw:
        raise job_states.Failure("invalid", "Required parameter is missing: destinationUris")
    uris = [storage_io.parse(uri) for uri in raw]
    if len(uris) > 1 and not all(uri.wildcard for uri in uris):
        raise job_states.Failure("invalid", "Each of several destination URIs must contain a wildcard (*)")
    return uris


def _options(body: Mapping[str, Any], name: str, compressions: tuple[str, ...]) -> types.Options:
    compression = (body.get("compression") or "NONE").upper()
    if compression not in compressions:
        raise job_states.Failure("invalid", f"Compression type {compression} is not supported for format {name}")
    delimiter = body.get("fieldDelimiter") or ","
    return types.Options(
        compression=compression,
        delimiter="\t" if delimiter in ("tab", "\\t") else delimiter,
        header=str(body.get("printHeader", True)).lower() != "false",
        logical_types=bool(body.get("useAvroLogicalTypes")),
    )


def _split(rows: pa.Table, shards: int) -> Iterator[pa.Table]:
    """Yield the rows in nearly equal parts; an empty table is one empty part for each file."""
    bounds = [rows.num_rows * number // shards for number in range(shards + 1)]
    for start, end in itertools.pairwise(bounds):
        yield rows.slice(start, end - start)
