"""tables.insert, get, patch, update and delete: every property, etags, and the storage kept in step."""

import unicodedata
from typing import Any

import fastapi
from bqemulator.api.routes import tables as routes
from bqemulator.catalog import etag
from bqemulator.domain.errors import ResourceRef, ValidationError, resource_already_exists, resource_not_found
from bqemulator.jobs import executor
from bqemulator.storage import sql_identifiers, type_map
from sqlglot.errors import SqlglotError

from local.bigquery import costs, describe, errors, fields, layouts, patching, resources, sizes

PATH = "/projects/{project_id}/datasets/{dataset_id}/tables/{table_id}"
NAME_CATEGORIES = ("L", "M", "N", "Pc", "Pd", "Zs")
NAME_BYTES = 1024

check_layout = layouts.check


def install(settings: Any) -> None:
    """Override the table routes, the type map of new tables, and the rule of which names may enter SQL."""
    del settings
    patching.route(routes.router, "POST /projects/{project_id}/datasets/{dataset_id}/tables", insert)
    patching.route(routes.router, "GET " + PATH, get)
    patching.route(routes.router, "PATCH " + PATH, patch)
    patching.route(routes.router, "PUT " + PATH, put)
    patching.route(routes.router, "DELETE " + PATH, delete)
    # Other routes and the load job build columns through these.
    patching.replace(routes, "_parse_schema_fields", fields.parse)
    patching.replace(routes, "_field_to_rest", fields.to_api)
    patching.replace(type_map, "bq_schema_to_duckdb_columns", fields.storage_pairs)
    type_map._BQ_TO_DUCKDB.update(  # noqa: SLF001 -- the one map of the emulator's casts and parameters
        {kind: fields.STORAGE_TYPES[kind] for kind in ("BIGNUMERIC", "GEOGRAPHY")}
    )
    patching.replace(sql_identifiers, "_validate_sql_id", valid_name)


def valid_name(value: str, kind: str) -> str:
    """Return the name if BigQuery allows it (letters, digits, _, - and spaces of any script); raise ValidationError."""
    allowed = all(
        unicodedata.category(char)[0] in "LMN" or unicodedata.category(char) in NAME_CATEGORIES for char in value
    )
    if not value or not allowed or len(value.encode()) > NAME_BYTES:
        raise ValidationError(f'Invalid {kind} ID "{value}".')
    return value


async def insert(request: fastapi.Request) -> dict[str, Any]:
    """Answer tables.insert."""
    context, (project, dataset) = errors.target(request, "project_id", "dataset_id")
    body = await request.json()
    reference = body.setdefault("tableReference", {})
    if reference.get("datasetId", dataset) != dataset:
        raise ValidationError(
            f"tableReference.datasetId {reference['datasetId']} is not the dataset of the URL, {dataset}"
        )
    found = resources.from_api(project, dataset, body, context.clock.now())
    if context.catalog.get_dataset(project, dataset) is None:
        raise resource_not_found(ResourceRef("dataset", project, dataset))
    if found.table_type == "VIEW" and found.view_query:
        found = await _with_view_schema(context, found)
    async with context.engine.write_lock():
        created = create(context, found)
    return answer(context, created)


def get(request: fastapi.Request) -> dict[str, Any]:
    """Answer tables.get; a partition decorator names its table."""
    context, (project, dataset, name) = errors.target(request, "project_id", "dataset_id", "table_id")
    if dataset == executor._ANONYMOUS_RESULTS_DATASET:  # noqa: SLF001 -- where the emulator keeps query results
        return dict(routes._anonymous_result_table_to_rest(project, dataset, name))  # noqa: SLF001 -- the same
    return answer(context, existing(context, project, dataset, name))


async def patch(request: fastapi.Request) -> dict[str, Any]:
    """Answer tables.patch: what the body names is changed, and null clears."""
    context, key = errors.target(request, "project_id", "dataset_id", "table_id")
    body = await request.json()
    table = existing(context, *key)
    former = answer(context, table)
    labels = (
        {**former.get("labels", {}), **(body.get("labels") or {})} if "labels" in body else former.get("labels", {})
    )
    merged = {**former, **body, "labels": {key: value for key, value in labels.items() if value is not None}}
    return await _change(request, table, merged)


async def put(request: fastapi.Request) -> dict[str, Any]:
    """Answer tables.update: the body replaces all that can be changed."""
    context, key = errors.target(request, "project_id", "dataset_id", "table_id")
    table = existing(context, *key)
    former = answer(context, table)
    fixed = ("schema", "timePartitioning", "rangePartitioning", "tableReference", "type", "view", "clustering")
    return await _change(
        request, table, {name: former[name] for name in fixed if name in former} | await request.json()
    )


async def delete(request: fastapi.Request) -> fastapi.Response:
    """Answer tables.delete."""
    context, key = errors.target(request, "project_id", "dataset_id", "table_id")
    table = existing(context, *key)
    async with context.engine.write_lock():
        drop(context, table)
    return fastapi.Response(status_code=204)


def existing(context: Any, project: str, dataset: str, name: str) -> Any:
    """Return the table of the catalog, decorators ignored; raise NotFoundError as BigQuery words it."""
    bare = name.split("$", 1)[0].split("@", 1)[0]
    if context.catalog.get_dataset(project, dataset) is None:
        raise resource_not_found(ResourceRef("dataset", project, dataset))
    table = context.catalog.get_table(project, dataset, bare)
    if table is None:
        raise resource_not_found(ResourceRef("table", project, dataset, bare))
    return table


def answer(context: Any, table: Any) -> dict[str, Any]:
    """Return the API's resource of a table with its rows and bytes of this moment."""
    measured = sizes.measure(context.engine, table)
    dataset = context.catalog.get_dataset(table.project_id, table.dataset_id)
    return resources.to_api(table, measured.rows, measured.size, dataset.location if dataset else "US")


def create(context: Any, table: Any) -> Any:
    """Return the table as entered into catalog and storage; raise AlreadyExistsError when there is one of that name."""
    key = (table.project_id, table.dataset_id, table.table_id)
    if context.catalog.get_table(*key) is not None:
        raise resource_already_exists(ResourceRef("table", *key))
    layouts.check(table)
    name = sizes.storage_name(table)
    _drop_stored(context, *key)
    if table.table_type != "VIEW":
        columns = ", ".join(fields.storage_column(field) for field in table.schema_.fields) or "__placeholder INTEGER"
        context.engine.execute(f"CREATE TABLE {name} ({columns})")
    return context.catalog.create_table(table)


def drop(context: Any, table: Any) -> None:
    """Remove the table from catalog and storage, with its history and its policies."""
    key = (table.project_id, table.dataset_id, table.table_id)
    _drop_stored(context, *key)
    for policy in context.catalog.list_row_access_policies(*key):
        context.catalog.delete_row_access_policy(*key, policy.policy_id, not_found_ok=True)
    context.catalog.delete_table(*key, not_found_ok=True)
    context.snapshots.drop_snapshots_for_table(*key, include_user=False)
    context.catalog.delete_materialized_view(*key, not_found_ok=True)
    sizes.forget(*key)


async def _change(request: fastapi.Request, table: Any, body: dict[str, Any]) -> dict[str, Any]:
    context = request.app.state.context
    wanted = request.headers.get("if-match")
    if wanted not in (None, "*", table.etag):
        raise errors.PreconditionFailedError("Precondition check failed.")
    kept = {key: value for key, value in body.items() if value is not None}
    now = context.clock.now()
    changed = resources.from_api(
        table.project_id, table.dataset_id, kept | {"tableReference": {"tableId": table.table_id}}, now
    )
    fixed = ("table_type", "creation_time", "base_table", "snapshot_time", "num_rows")
    changed = changed.model_copy(update={name: getattr(table, name) for name in fixed})
    layouts.check(changed)
    if changed.table_type == "VIEW" and changed.view_query != table.view_query:
        changed = await _with_view_schema(context, changed)
    async with context.engine.write_lock():
        layouts.alter(context.engine, table, changed)
        tag = etag.generate_etag(table.project_id, table.dataset_id, table.table_id, str(now), table.etag)
        context.catalog.update_table(changed.model_copy(update={"etag": tag}))
    return answer(context, changed.model_copy(update={"etag": tag}))


async def _with_view_schema(context: Any, view: Any) -> Any:
    try:
        costs.check_names(context, view.project_id, view.view_query)
    except SqlglotError as mistake:
        raise errors.reworded(mistake, view.view_query) from mistake
    described = await describe.columns(context, view.project_id, view.view_query)
    given = {field.name: field.description for field in view.schema_.fields}
    columns = tuple(
        field.model_copy(update={"description": given.get(field.name)}) for field in fields.parse(described)
    )
    return view.model_copy(update={"schema_": type(view.schema_)(fields=columns)})


def _drop_stored(context: Any, project: str, dataset: str, name: str) -> None:
    schema = sql_identifiers.schema_name(project, dataset)
    kinds = context.engine.execute(
        "SELECT table_type FROM information_schema.tables WHERE table_schema = ? AND table_name = ?", [schema, name]
    ).fetchall()
    for (kind,) in kinds:
        noun = "VIEW" if kind == "VIEW" else "TABLE"
        context.engine.execute(f"DROP {noun} {sql_identifiers.quoted_table_ref(project, dataset, name)}")
