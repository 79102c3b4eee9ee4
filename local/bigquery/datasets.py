"""datasets.insert, get, patch, update and delete as BigQuery answers them; datasets.list is in `listing`."""

from typing import Any

import fastapi
from bqemulator.api.routes import datasets as routes
from bqemulator.domain.errors import (
    ResourceInUseError,
    ResourceRef,
    ValidationError,
    resource_already_exists,
    resource_not_found,
)
from bqemulator.storage import sql_identifiers

from local.bigquery import errors, patching, tables

PATH = "/projects/{project_id}/datasets/{dataset_id}"
NAME_CHARACTERS = 1024


def install(settings: Any) -> None:
    """Override the dataset routes."""
    del settings
    patching.route(routes.router, "POST /projects/{project_id}/datasets", insert)
    patching.route(routes.router, "GET " + PATH, get)
    patching.route(routes.router, "PATCH " + PATH, patch)
    patching.route(routes.router, "PUT " + PATH, put)
    patching.route(routes.router, "DELETE " + PATH, delete)


async def insert(request: fastapi.Request) -> dict[str, Any]:
    """Answer datasets.insert."""
    context, (project,) = errors.target(request, "project_id")
    meta = routes._rest_to_dataset_meta(project, await request.json(), context.clock)  # noqa: SLF001 -- the emulator's parser
    name = meta.dataset_id
    if not name.isascii() or not name.replace("_", "").isalnum() or len(name) > NAME_CHARACTERS:
        raise ValidationError(
            f'Invalid dataset ID "{name}". Dataset IDs must be alphanumeric (plus underscores) and must be at most 1024'
            " characters long."
        )
    if context.catalog.get_dataset(project, name) is not None:
        raise resource_already_exists(ResourceRef("dataset", project, name))
    async with context.engine.write_lock():
        context.engine.execute(f"CREATE SCHEMA IF NOT EXISTS {sql_identifiers.quoted_schema(project, name)}")
        return resource(context.catalog.create_dataset(meta))


def get(request: fastapi.Request) -> dict[str, Any]:
    """Answer datasets.get."""
    context, key = errors.target(request, "project_id", "dataset_id")
    return resource(existing(context, *key))


async def patch(request: fastapi.Request) -> dict[str, Any]:
    """Answer datasets.patch: what the body names is changed, and null clears."""
    return await _change(request, keeping=True)


async def put(request: fastapi.Request) -> dict[str, Any]:
    """Answer datasets.update: the body replaces all that can be changed."""
    return await _change(request, keeping=False)


async def delete(request: fastapi.Request) -> fastapi.Response:
    """Answer datasets.delete; with deleteContents its tables go too."""
    context, (project, dataset) = errors.target(request, "project_id", "dataset_id")
    existing(context, project, dataset)
    held = context.catalog.list_tables(project, dataset)
    contents = request.query_params.get("deleteContents", "false").lower() == "true"
    if held and not contents:
        raise ResourceInUseError(f"Dataset {project}:{dataset} is still in use")
    async with context.engine.write_lock():
        for table in held:
            tables.drop(context, table)
        context.engine.execute(f"DROP SCHEMA IF EXISTS {sql_identifiers.quoted_schema(project, dataset)} CASCADE")
        context.catalog.delete_dataset(project, dataset, delete_contents=True)
    return fastapi.Response(status_code=204)


def existing(context: Any, project: str, dataset: str) -> Any:
    """Return the dataset of the catalog; raise NotFoundError as BigQuery words it."""
    found = context.catalog.get_dataset(project, dataset)
    if found is None:
        raise resource_not_found(ResourceRef("dataset", project, dataset))
    return found


def resource(dataset: Any) -> dict[str, Any]:
    """Return the API's resource of a dataset."""
    return dict(routes._dataset_to_rest(dataset))  # noqa: SLF001 -- the emulator's own renderer is right


async def _change(request: fastapi.Request, *, keeping: bool) -> dict[str, Any]:
    context, (project, name) = errors.target(request, "project_id", "dataset_id")
    former = existing(context, project, name)
    if request.headers.get("if-match") not in (None, "*", former.etag):
        raise errors.PreconditionFailedError("Precondition check failed.")
    body = await request.json()
    known = resource(former)
    merged = {**known, **body} if keeping else {"location": known["location"], **body}
    if keeping and "labels" in body:
        merged["labels"] = {**known.get("labels", {}), **(body["labels"] or {})}
    labels = {key: value for key, value in (merged.get("labels") or {}).items() if value is not None}
    kept = {key: value for key, value in merged.items() if value is not None} | {"labels": labels}
    kept["datasetReference"] = {"projectId": project, "datasetId": name}
    changed = routes._rest_to_dataset_meta(project, kept, context.clock)  # noqa: SLF001 -- the emulator's parser
    changed = changed.model_copy(update={"creation_time": former.creation_time})
    async with context.engine.write_lock():
        return resource(context.catalog.update_dataset(changed))
