"""Reads back what an extract job wrote, has it judged, and writes the table's shard of the manifest. Shell."""

import contextlib
import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any

from cloud_functions.bigquery_backup import progress
from cloud_functions.bigquery_backup.work import Work
from shared import errors
from shared.backups import avro, containers, formats, layout, manifest, parquet, verification
from shared.gcp import bigquery, storage
from shared.statuses import Status

Result = manifest.Entry | progress.Broken
OPTIONS = ("description", "labels", "expirationTime", "requirePartitionFilter", "tableConstraints", "defaultCollation")


# A job that does not say when it ran wrote no file that can be taken for its own.
EARLIEST = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
LATEST = datetime.datetime(9000, 1, 1, tzinfo=datetime.UTC)


def table(work: Work, unit: progress.Unit, job: bigquery.Job) -> Result:
    """Return the table's entry, its files verified and its shard written, or how it broke; raise CloudError."""
    folder = work.plan.run.folder(unit.step.table, attempt=unit.attempt)
    evidence = _evidence(work, unit, job, folder)
    if work.plan.mode == "direct" and _changed(work, unit, job):
        message = "the table changed while it was extracted, so its rows cannot be compared; use clone mode"
        return progress.Broken(unit.step, "changed_during_extract", message, Status.UNKNOWN)
    flaw = verification.judge(evidence)
    if flaw:
        return progress.Broken(unit.step, flaw.reason, f"L{flaw.level} not reached: {flaw.message}", Status.FAIL)
    files = tuple(
        manifest.File(seen.name, seen.size, seen.crc32c, seen.generation, seen.rows or 0) for seen in evidence.files
    )
    return _written(work, unit, _shard(work, unit, files, job_id=job.id, content_read=evidence.content_read))


def empty(work: Work, unit: progress.Unit) -> Result:
    """Return the entry of a table without rows: its definition is its backup, and no job runs; raise CloudError."""
    return _written(work, unit, _shard(work, unit, (), job_id=None, content_read=True))


def entry(shard: manifest.Shard, name: str, generation: int) -> manifest.Entry:
    """Return the entry of the manifest for a shard that stands under `name`."""
    reason, message = "verified", f"{shard.rows:,} rows in {len(shard.files)} file(s), {_checked(shard)}"
    if not shard.rows:
        reason, message = "empty", "no rows, so its definition is the backup"
    if shard.streaming_rows:
        reason = "streaming_buffer"
        message += f"; about {shard.streaming_rows:,} rows still in the streaming buffer are missing"
    return manifest.Entry(
        subject=shard.table.short,
        outcome="verified",
        reason=reason,
        message=message,
        rows=shard.rows,
        bytes=shard.bytes,
        files=len(shard.files),
        level=shard.level,
        shard=name,
        shard_generation=generation,
    )


def _checked(shard: manifest.Shard) -> str:
    return f"L{shard.level}, {'bytes read back' if shard.content_read else 'bytes not read back: over read_back_bytes'}"


def _written(work: Work, unit: progress.Unit, shard: manifest.Shard) -> manifest.Entry:
    name = work.plan.run.shard(unit.step.table)
    generation = storage.create(work.used.storage, work.plan.bucket, name, manifest.encode(shard))
    if work.plan.mode == "clone":
        with contextlib.suppress(errors.CloudError):  # a clone that stays expires by itself
            bigquery.delete_table(work.used.bigquery, work.plan.scratch(unit.step))
    return entry(shard, name, generation)


def _evidence(work: Work, unit: progress.Unit, job: bigquery.Job, folder: str) -> verification.Evidence:
    found = storage.list_objects(work.used.storage, work.plan.bucket, folder)
    reported = sum(int(count) for count in job.statistics.get("destinationUriFileCounts", ()))
    return verification.Evidence(
        folder=folder,
        extension=formats.CHOICES[unit.step.format].extension,
        reported=reported,
        started=job.started or LATEST,
        ended=job.ended or EARLIEST,
        files=tuple(_seen(work, item, unit.step.format) for item in found),
        rows_expected=int((unit.resource or {})["numRows"]),
    )


def _seen(work: Work, item: storage.Object, kind: formats.Format) -> verification.Seen:
    seen = verification.Seen(item.name, item.size, item.crc32c, item.generation, item.updated)
    try:
        if work.budget.take(item.size):
            crc32c, size = storage.content_crc32c(work.used.storage, item)
            seen = dataclasses.replace(seen, content_crc32c=crc32c, content_size=size)
        return dataclasses.replace(seen, rows=_rows(work, item, kind))
    except containers.Unreadable as error:
        return dataclasses.replace(seen, trouble=str(error))
    except errors.NotFound:
        return dataclasses.replace(seen, trouble="it was there when listed, and is gone")


def _rows(work: Work, item: storage.Object, kind: formats.Format) -> int:
    def read(offset: int, length: int) -> bytes:
        return storage.read_range(work.used.storage, item, offset, length)

    if kind == "avro":
        return avro.rows(read, item.size)
    if item.size < parquet.TAIL:
        raise containers.Unreadable(f"{item.size} bytes are no Parquet file")
    length = parquet.footer_length(read(item.size - parquet.TAIL, parquet.TAIL))
    start = item.size - parquet.TAIL - length
    if start < 0:
        raise containers.Unreadable(f"its footer says {length} bytes, more than the file has")
    return parquet.rows(read(start, length))


def _changed(work: Work, unit: progress.Unit, job: bigquery.Job) -> bool:
    """Return whether the source is another than the one extracted, also by a job that a killed run began."""
    before, after = unit.resource or {}, bigquery.table(work.used.bigquery, unit.step.table)
    if _instant(after.get("lastModifiedTime")) > (job.started or EARLIEST):
        return True
    return any(before.get(key) != after.get(key) for key in ("lastModifiedTime", "numRows", "creationTime"))


def _shard(
    work: Work, unit: progress.Unit, files: tuple[manifest.File, ...], *, job_id: str | None, content_read: bool
) -> manifest.Shard:
    source = work.sources.get(unit.step.table)
    current: Mapping[str, Any] = (source.resource if source else None) or unit.resource or {}
    return manifest.Shard(
        version=manifest.VERSION,
        table=unit.step.table,
        t0=work.plan.t0,
        mode=work.plan.mode,
        unit=layout.WHOLE,
        attempt=unit.attempt,
        format=unit.step.format,
        compression=formats.CHOICES[unit.step.format].compression,
        files=files,
        rows=sum(file.rows for file in files),
        bytes=sum(file.size for file in files),
        level=verification.LEVEL,
        content_read=content_read,
        definition=_definition(unit.resource or {}, current, source),
        source_last_modified=_instant(current.get("lastModifiedTime")),
        streaming_rows=int(current.get("streamingBuffer", {}).get("estimatedRows", 0)),
        jobs=manifest.Jobs(unit.clone_job, job_id),
    )


def _definition(extracted: Mapping[str, Any], current: Mapping[str, Any], source: Any) -> manifest.Definition:
    """Return how to make the table again: its columns as extracted, the rest as the source has it."""
    partitioning = {key: current[key] for key in ("timePartitioning", "rangePartitioning") if key in current}
    return manifest.Definition(
        schema=tuple(extracted.get("schema", {}).get("fields", ())),
        ddl=source.listed.ddl if source else None,
        partitioning=partitioning,
        clustering=tuple(current.get("clustering", {}).get("fields", ())),
        options={key: current[key] for key in OPTIONS if key in current},
        policies=source.policies if source else None,
    )


def _instant(milliseconds: Any) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(int(milliseconds or 0) / 1000, datetime.UTC)
