"""tabledata.list, tabledata.insertAll and jobs.getQueryResults: rows out in pages, rows in judged one by one."""

import decimal
import json
import uuid
from collections.abc import Mapping
from typing import Any

import fastapi
import pyarrow as pa
from bqemulator.api.routes import jobs as job_routes
from bqemulator.api.routes import tabledata as routes
from bqemulator.domain import errors as domain
from bqemulator.jobs import executor
from bqemulator.row_access import identity
from bqemulator.storage import arrow_bridge, engine

from local.bigquery import (
    access,
    cells,
    errors,
    fields,
    job_states,
    listing,
    partitions,
    patching,
    sizes,
    tables,
    time_travel,
)
from local.bigquery.formats import text, types

TABLE = "/projects/{project_id}/datasets/{dataset_id}/tables/{table_id}"
DEFAULT_ROWS = 10_000
LARGEST_ROWS = 100_000
ROWS_PER_INSERT = 50_000


def install(settings: Any) -> None:
    """Override the routes that carry rows."""
    cells.install(settings)
    patching.route(routes.router, f"GET {TABLE}/data", list_rows)
    patching.route(routes.router, f"POST {TABLE}/insertAll", insert_all)
    patching.route(job_routes.router, "GET /projects/{project_id}/queries/{job_id}", get_query_results)


def list_rows(request: fastapi.Request) -> fastapi.Response:
    """Answer tabledata.list; the table id may carry a partition and an instant."""
    context, key = errors.target(request, "project_id", "dataset_id", "table_id")
    if key[1] == executor._ANONYMOUS_RESULTS_DATASET:  # noqa: SLF001 -- where the emulator keeps query results
        return _told(_result_rows(request, key[2]))
    table = tables.existing(context, *key)
    if table.table_type not in sizes.STORED:
        raise domain.ValidationError(f"Cannot list a table of type {table.table_type}.")
    try:
        rows = _selection(request, context, table, partitions.parse(key[2]))
    except job_states.Failure as refused:
        raise _as_domain(refused) from refused
    connection = sizes.cursor(context.engine)
    total = connection.execute(f"SELECT count(*) FROM {rows}").fetchone()[0]  # noqa: S608 -- made of quoted names
    start, size = _window(request)
    columns = ", ".join(fields.quoted(name) for name in _selected(request, table))
    cut = connection.execute(f"SELECT {columns} FROM {rows} LIMIT {size} OFFSET {start}")  # noqa: S608 -- as above
    found = engine._annotate_with_duckdb_types(cut.to_arrow_table(), cut.description)  # noqa: SLF001 -- JSON is told apart by this
    body = {
        "kind": "bigquery#tableDataList",
        "etag": table.etag,
        "totalRows": str(total),
        "rows": arrow_bridge.arrow_table_to_bq_rows(found),
    }
    end = start + found.num_rows
    return _told(body if end >= total else body | {"pageToken": listing.token(end)})


async def insert_all(request: fastapi.Request) -> dict[str, Any]:
    """Answer tabledata.insertAll: bad rows are told in the answer; one stops all, unless they may be skipped."""
    context, key = errors.target(request, "project_id", "dataset_id", "table_id")
    table = tables.existing(context, *key)
    if table.table_type not in ("TABLE", "CLONE"):
        raise domain.ValidationError(f"Cannot add rows to a table of type {table.table_type}.")
    body = await request.json()
    rows = body.get("rows") or []
    if not rows:
        raise domain.ValidationError("No rows present in the request.")
    if len(rows) > ROWS_PER_INSERT:
        raise domain.ValidationError(
            f"Too many rows present in the request, limit: {ROWS_PER_INSERT} row count: {len(rows)}."
        )
    told: list[dict[str, Any]]
    good, mistakes = judged(rows, table.schema_.fields, unknown=bool(body.get("ignoreUnknownValues")))
    if mistakes and not body.get("skipInvalidRows"):
        stopped = [
            {"index": index, "errors": [_mistake("stopped", "")]} for index in range(len(rows)) if index not in mistakes
        ]
        good, told = {}, stopped
    else:
        told = []
    told += [{"index": index, "errors": [mistake]} for index, mistake in mistakes.items()]
    if good:
        await _insert(context, table, list(good.values()))
    answer: dict[str, Any] = {"kind": "bigquery#tableDataInsertAllResponse"}
    return answer | ({"insertErrors": sorted(told, key=lambda entry: entry["index"])} if told else {})


def get_query_results(request: fastapi.Request) -> fastapi.Response:
    """Answer jobs.getQueryResults; a job that failed answers its failure."""
    context, (project, job_id) = errors.target(request, "project_id", "job_id")
    job = context.catalog.get_job(project, job_id)
    if job is None:
        raise domain.resource_not_found(domain.ResourceRef("job", project, resource_id=job_id))
    if job.error_result:
        raise _as_domain(job_states.Failure(**{"location": ""} | job.error_result))
    where = job_states.location(job, context.catalog)
    body = {
        "kind": "bigquery#getQueryResultsResponse",
        "jobReference": {"projectId": project, "jobId": job_id, "location": where},
        "jobComplete": job.state == "DONE",
    }
    if job.state != "DONE" or job.job_type != "QUERY":
        return _told(body)
    told = ("totalBytesProcessed", "numDmlAffectedRows", "cacheHit")
    statistics = job.statistics.get("query", {})
    body |= {name: statistics[name] for name in told if name in statistics}
    return _told(body | _results(request, job_id))


def judged(
    rows: list[dict[str, Any]], columns: tuple[Any, ...], *, unknown: bool
) -> tuple[dict[int, dict[str, Any]], dict[int, dict[str, str]]]:
    """Return the rows that fit, and for the others what is wrong, both by their place in the request."""
    good: dict[int, dict[str, Any]] = {}
    bad: dict[int, dict[str, str]] = {}
    for index, row in enumerate(rows):
        try:
            good[index] = _record(row.get("json") or {}, columns, "", unknown=unknown)
        except _BadValueError as mistake:
            bad[index] = _mistake("invalid", str(mistake), mistake.location)
    return good, bad


class _BadValueError(ValueError):
    def __init__(self, location: str, message: str) -> None:
        super().__init__(message)
        self.location = location


def _record(given: Mapping[str, Any], columns: tuple[Any, ...], path: str, *, unknown: bool) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise _BadValueError(path.rstrip("."), "This field is a record.")
    known = {column.name.lower(): column for column in columns}
    for name in given:
        if name.lower() not in known and not unknown:
            raise _BadValueError(path + name, f"no such field: {path}{name}.")
    values = {name.lower(): value for name, value in given.items()}
    found: dict[str, Any] = {}
    for name, column in known.items():
        value = values.get(name)
        if value is None and column.mode == "REQUIRED":
            raise _BadValueError(path + column.name, f"Missing required field: {path}{column.name}.")
        if value is not None:
            found[column.name] = _value(value, column, path + column.name, unknown=unknown)
    return found


def _value(value: Any, column: Any, path: str, *, unknown: bool) -> Any:
    kind = types.kind(column)
    if column.mode == "REPEATED":
        items = value if isinstance(value, list) else [value]
        return [_value(item, types.element(column), path, unknown=unknown) for item in items]
    if kind == "RECORD":
        return _record(value, column.fields, path + ".", unknown=unknown)
    if isinstance(value, list) and kind != "JSON":
        raise _BadValueError(path, "Array specified for non-repeated field.")
    try:
        if kind == "JSON":
            return json.dumps(
                json.loads(value) if isinstance(value, str) else value, separators=(",", ":"), ensure_ascii=False
            )
        return _fitting(text.parser(column)(value), column)
    except (ValueError, TypeError, ArithmeticError) as wrong:
        raise _BadValueError(path, f"Cannot convert value to {kind.lower()} (bad value): {value}") from wrong


def _fitting(value: Any, column: Any) -> Any:
    """Return the value as the column holds it, decimals rounded half away from zero; raise when it does not fit."""
    arrow = types.in_storage(column)
    if isinstance(value, decimal.Decimal):
        value = value.quantize(decimal.Decimal(1).scaleb(-arrow.scale), decimal.ROUND_HALF_UP, decimal.Context(prec=80))
    # Arrow knows the range of every type.
    pa.scalar(value, arrow)
    return value


async def _insert(context: Any, table: Any, rows: list[dict[str, Any]]) -> None:
    # A column that no row names is left out, so that its default applies.
    named = {name for row in rows for name in row}
    columns = tuple(field for field in table.schema_.fields if field.name in named)
    arrow, view = types.values(rows, columns), f"inserted_{uuid.uuid4().hex}"
    names = ", ".join(fields.quoted(field.name) for field in columns)
    async with context.engine.write_lock():
        context.engine.connection.register(view, arrow)
        try:
            context.engine.execute(f"INSERT INTO {sizes.storage_name(table)} ({names}) SELECT {names} FROM {view}")  # noqa: S608 -- quoted
        finally:
            context.engine.connection.unregister(view)
        context.snapshots.record_change(table.project_id, table.dataset_id, table.table_id)


def _selection(request: fastapi.Request, context: Any, table: Any, wanted: partitions.Decorated) -> str:
    caller = identity.resolve_caller_from_headers(request.headers)
    relation = time_travel.relation(context, table, wanted.instant)
    if wanted.partition is not None:
        relation = f"(SELECT * FROM {relation} WHERE {partitions.condition(table, wanted.partition)}) AS part"  # noqa: S608 -- quoted
    return access.visible(context, table, relation, caller=caller)


def _selected(request: fastapi.Request, table: Any) -> list[str]:
    asked = [
        name.strip().split(".")[0]
        for name in (request.query_params.get("selectedFields") or "").split(",")
        if name.strip()
    ]
    known = {field.name.lower(): field.name for field in table.schema_.fields}
    for name in asked:
        if name.lower() not in known:
            raise domain.ValidationError(
                f"Field {name} not found in table {table.project_id}:{table.dataset_id}.{table.table_id}"
            )
    # BigQuery answers in the order of the schema, whatever the order of the question.
    wanted = {name.lower() for name in asked}
    return [name for lowered, name in known.items() if lowered in wanted or not asked] or ["__placeholder"]


def _window(request: fastapi.Request) -> tuple[int, int]:
    query = request.query_params
    start = listing.offset(query.get("pageToken")) or int(query.get("startIndex") or 0)
    return start, min(int(query.get("maxResults") or DEFAULT_ROWS), LARGEST_ROWS)


def _results(request: fastapi.Request, job_id: str) -> dict[str, Any]:
    found = executor.JOB_RESULTS.get(job_id)
    if found is None:
        raise domain.NotFoundError(
            f"Not found: results of job {job_id}, which ended before the service was started again"
        )
    start, size = _window(request)
    try:
        rows = arrow_bridge.arrow_table_to_bq_rows(found, offset=start, limit=size)
    except (ValueError, TypeError) as unspeakable:
        # A value that the API cannot tell is the query's doing; a 500 would be retried for ten minutes.
        raise domain.InvalidQueryError(f"The result cannot be told: {unspeakable}") from unspeakable
    body = {"schema": {"fields": executor.JOB_SCHEMAS.get(job_id, [])}, "totalRows": str(found.num_rows), "rows": rows}
    end = start + len(rows)
    return body if end >= found.num_rows else body | {"pageToken": listing.token(end)}


def _result_rows(request: fastapi.Request, name: str) -> dict[str, Any]:
    flat = name.removeprefix("anon")
    job_id = next((key for key in executor.JOB_RESULTS if key.replace("-", "") == flat), flat)
    return {"kind": "bigquery#tableDataList"} | _results(request, job_id)


def _told(body: dict[str, Any]) -> fastapi.Response:
    # Made here, because FastAPI would look at every value of every row once more.
    return fastapi.Response(json.dumps(body), media_type="application/json")


def _mistake(reason: str, message: str, location: str = "") -> dict[str, str]:
    return {"reason": reason, "location": location, "debugInfo": "", "message": message}


def _as_domain(failure: job_states.Failure) -> domain.DomainError:
    kinds = {404: domain.NotFoundError, 403: domain.PermissionDeniedError, 409: domain.AlreadyExistsError}
    made = kinds.get(failure.status, domain.ValidationError)(failure.message)
    made.details = [
        domain.ErrorDetail(reason=failure.reason, message=failure.message, location=failure.location or None)
    ]
    return made
