"""What a load job will do, decided from its configuration, the table as it is, and the files' schema."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from bqemulator.catalog import models

from local.bigquery import fields, job_states, layouts, partitions, resources
from local.bigquery.formats import autodetect, avro, csv, ndjson, parquet, types

FORMATS = {"CSV": csv, "NEWLINE_DELIMITED_JSON": ndjson, "AVRO": avro, "PARQUET": parquet}
SELF_DESCRIBING = ("AVRO", "PARQUET")
WRITABLE = ("TABLE", "CLONE")
ADDITION = "ALLOW_FIELD_ADDITION"
WRITES = ("WRITE_APPEND", "WRITE_TRUNCATE", "WRITE_EMPTY")


@dataclasses.dataclass(frozen=True)
class Plan:
    """One load: the table as it is to be, the columns read from the files, and how they are read and written.

    grows: whether the table is given columns that it has not, as ALLOW_FIELD_ADDITION allows.
    """

    target: models.TableMeta
    columns: tuple[types.Field, ...]
    format: Any
    options: types.Options
    partition: str | None
    write: str
    replaces: bool
    grows: bool

    @property
    def truncates(self) -> bool:
        """Return whether rows that are there now will be gone."""
        return self.write == "WRITE_TRUNCATE"


def make(context: Any, project: str, body: Mapping[str, Any], *, files: list[bytes]) -> Plan:
    """Return the plan of a load job; raise job_states.Failure when its configuration and the table do not allow it."""
    name = _choice(body, "sourceFormat", ("CSV", *FORMATS))
    write = _choice(body, "writeDisposition", WRITES)
    reference = job_states.reference(project, body.get("destinationTable"))
    decorated = partitions.parse(reference.table)
    present = context.catalog.get_table(reference.project, reference.dataset, decorated.table)
    if present is not None and present.table_type not in WRITABLE:
        raise job_states.Failure("invalid", f"Cannot write to {reference}: it is currently a {present.table_type}.")
    if present is None and body.get("createDisposition") == "CREATE_NEVER":
        raise job_states.Failure("notFound", f"Not found: Table {reference}")
    options = _options(body, name, files)
    columns = _columns(body, name, present, files, options)
    target = _target(context, reference, decorated, body, present=present, columns=columns)
    layouts.check(target)
    replaces = present is None or (write == "WRITE_TRUNCATE" and not decorated.partition and _differs(target, present))
    if decorated.partition is not None:
        partitions.condition(target, decorated.partition)
    grows = bool(present is not None and write == "WRITE_APPEND" and _added(present, target.schema_.fields))
    return Plan(target, columns, FORMATS[name], options, decorated.partition, write, replaces, grows)


def _choice(body: Mapping[str, Any], key: str, allowed: tuple[str, ...]) -> str:
    chosen = body.get(key) or allowed[0]
    if chosen not in allowed:
        raise job_states.Failure("invalid", f"Invalid value for {key}: {chosen} is not a valid value")
    return str(chosen)


def number(body: Mapping[str, Any], key: str) -> int:
    """Return a whole number of the configuration, 0 when absent; raise job_states.Failure when it is none."""
    raw = body.get(key) or 0
    if not str(raw).isdigit():
        raise job_states.Failure("invalid", f"Invalid value for {key}: {raw}")
    return int(raw)


def _options(body: Mapping[str, Any], name: str, files: list[bytes]) -> types.Options:
    delimiter = body.get("fieldDelimiter") or ","
    skip = number(body, "skipLeadingRows")
    if body.get("skipLeadingRows") is None and name == "CSV" and body.get("autodetect"):
        skip = autodetect.header_rows(files[0], delimiter)
    return types.Options(
        delimiter="\t" if delimiter in ("tab", "\\t") else delimiter,
        logical_types=bool(body.get("useAvroLogicalTypes")),
        skip_rows=skip,
        quote=body.get("quote", '"'),
        null_marker=body.get("nullMarker") or "",
        encoding=body.get("encoding") or "UTF-8",
        ignore_unknown=bool(body.get("ignoreUnknownValues")),
        jagged_rows=bool(body.get("allowJaggedRows")),
    )


def _columns(
    body: Mapping[str, Any], name: str, present: models.TableMeta | None, files: list[bytes], options: types.Options
) -> tuple[types.Field, ...]:
    given = (body.get("schema") or {}).get("fields")
    if given:
        return fields.parse(given)
    truncates = body.get("writeDisposition") == "WRITE_TRUNCATE"
    known = tuple(present.schema_.fields) if present is not None else ()
    if name in SELF_DESCRIBING:
        found = tuple(FORMATS[name].columns(files[-1], options))
        return _as_known(found, known) if known and not truncates else found
    if known and not (truncates and body.get("autodetect")):
        return known
    if not body.get("autodetect"):
        raise job_states.Failure("invalid", "No schema specified on job or table.")
    return autodetect.columns(files[0], name, options.delimiter)


def _as_known(found: tuple[types.Field, ...], known: tuple[types.Field, ...]) -> tuple[types.Field, ...]:
    """Return the file's columns as the table declares them, so that text may go into a JSON column."""
    by_name = {column.name.lower(): column for column in known}
    return tuple(by_name.get(column.name.lower(), column) for column in found)


def _target(
    context: Any,
    reference: job_states.Reference,
    decorated: partitions.Decorated,
    body: Mapping[str, Any],
    *,
    present: models.TableMeta | None,
    columns: tuple[types.Field, ...],
) -> models.TableMeta:
    truncates = body.get("writeDisposition") == "WRITE_TRUNCATE" and not decorated.partition
    if present is not None and present.schema_.fields and not truncates:
        added = _added(present, columns) if ADDITION in (body.get("schemaUpdateOptions") or ()) else ()
        grown = models.TableSchema(fields=(*present.schema_.fields, *added))
        _check_append(present.model_copy(update={"schema_": grown}), columns)
        return present.model_copy(update={"schema_": grown}) if added else present
    described = {
        "tableReference": {"tableId": decorated.table},
        "schema": {"fields": [fields.to_api(item) for item in columns]},
    }
    if present is not None:
        schema = models.TableSchema(fields=columns)
        return present.model_copy(update={"schema_": schema})
    layout = ("timePartitioning", "rangePartitioning", "clustering")
    properties = body.get("destinationTableProperties") or {}
    described |= {key: body[key] for key in layout if body.get(key)} | properties
    return resources.from_api(reference.project, reference.dataset, described, context.clock.now())


def _added(present: models.TableMeta, columns: tuple[types.Field, ...]) -> tuple[types.Field, ...]:
    known = {column.name.lower() for column in present.schema_.fields}
    return tuple(column for column in columns if column.name.lower() not in known)


def _check_append(present: models.TableMeta, columns: tuple[types.Field, ...]) -> None:
    name = f"{present.project_id}:{present.dataset_id}.{present.table_id}"
    known = {column.name.lower(): column for column in present.schema_.fields}
    for column in columns:
        same = known.get(column.name.lower())
        where = f"Provided Schema does not match Table {name}."
        if same is None:
            raise job_states.Failure("invalid", f"{where} Cannot add fields (field: {column.name})")
        if types.kind(same) != types.kind(column):
            changed = f"Field {column.name} has changed type from {types.kind(same)} to {types.kind(column)}"
            raise job_states.Failure("invalid", f"{where} {changed}")
        if (same.mode == "REPEATED") != (column.mode == "REPEATED"):
            raise job_states.Failure(
                "invalid", f"{where} Field {column.name} has changed mode from {same.mode} to {column.mode}"
            )


def _differs(target: models.TableMeta, present: models.TableMeta) -> bool:
    def shape(table: models.TableMeta) -> list[str]:
        return [fields.storage_column(column) for column in table.schema_.fields]

    return shape(target) != shape(present)
