"""The lists of the API with real pages: every item once, in a stable order, whatever maxResults says."""

import base64
import binascii
import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import fastapi
from bqemulator.api.routes import datasets as dataset_routes
from bqemulator.api.routes import jobs as job_routes
from bqemulator.api.routes import row_access_policies as policy_routes
from bqemulator.api.routes import tables as table_routes
from bqemulator.domain.errors import ValidationError

from local.bigquery import datasets, errors, job_states, patching, policies, resources, tables

DEFAULT_PAGE = 50
LARGEST_PAGE = 1000
ALL_JOBS = 10**9
TABLE = "/projects/{project_id}/datasets/{dataset_id}/tables/{table_id}"


def install(settings: Any) -> None:
    """Override the list routes, for the emulator cuts every list after its first page, and what stands beside them."""
    datasets.install(settings)
    policies.install(settings)
    patching.route(dataset_routes.router, "GET /projects/{project_id}/datasets", list_datasets)
    patching.route(table_routes.router, "GET /projects/{project_id}/datasets/{dataset_id}/tables", list_tables)
    patching.route(job_routes.router, "GET /projects/{project_id}/jobs", list_jobs)
    patching.route(policy_routes.router, f"GET {TABLE}/rowAccessPolicies", list_policies)


def list_datasets(request: fastapi.Request) -> dict[str, Any]:
    """Answer datasets.list."""
    context, (project,) = errors.target(request, "project_id")
    wanted = _label_filter(request.query_params.get("filter"))
    found = [item for item in context.catalog.list_datasets(project) if wanted(item.labels)]
    kept = ("kind", "id", "datasetReference", "labels", "friendlyName", "location")
    items, token = page(request, sorted(found, key=lambda item: item.dataset_id))
    rendered = [{key: value for key, value in datasets.resource(item).items() if key in kept} for item in items]
    return _listed({"kind": "bigquery#datasetList", "datasets": rendered}, token)


def list_tables(request: fastapi.Request) -> dict[str, Any]:
    """Answer tables.list."""
    context, (project, dataset) = errors.target(request, "project_id", "dataset_id")
    datasets.existing(context, project, dataset)
    found = sorted(context.catalog.list_tables(project, dataset), key=lambda item: item.table_id)
    items, token = page(request, found)
    body = {
        "kind": "bigquery#tableList",
        "tables": [resources.list_item(item) for item in items],
        "totalItems": len(found),
    }
    return _listed(body, token)


def list_jobs(request: fastapi.Request) -> dict[str, Any]:
    """Answer jobs.list, newest first, filtered by state, creation time and parent."""
    context, (project,) = errors.target(request, "project_id")
    query = request.query_params
    if query.get("parentJobId"):
        return {"kind": "bigquery#jobList", "jobs": []}
    states = {state.upper() for state in query.getlist("stateFilter")}
    earliest, latest = (resources.moment(query.get(name)) for name in ("minCreationTime", "maxCreationTime"))
    found = [
        job
        for job in context.catalog.list_jobs(project, max_results=ALL_JOBS)
        if (not states or job.state in states) and _between(job.creation_time, earliest, latest)
    ]
    # Two jobs of one microsecond must keep their order from page to page.
    found.sort(key=lambda job: (job.creation_time, job.job_id), reverse=True)
    items, token = page(request, found)
    full = (query.get("projection") or "minimal").lower() == "full"
    rendered = [_listed_job(job_states.resource(job, context.catalog), full=full) for job in items]
    return _listed({"kind": "bigquery#jobList", "jobs": rendered}, token)


def list_policies(request: fastapi.Request) -> dict[str, Any]:
    """Answer rowAccessPolicies.list."""
    context, key = errors.target(request, "project_id", "dataset_id", "table_id")
    tables.existing(context, *key)
    items, token = page(request, context.row_access.list_for_table(*key), "pageSize")
    rendered = [policy_routes._policy_to_rest(item) for item in items]  # noqa: SLF001 -- the emulator's renderer
    for item in rendered:
        for name in ("creationTime", "lastModifiedTime"):
            when = datetime.datetime.fromtimestamp(int(item[name]) / 1000, tz=datetime.UTC)
            item[name] = when.isoformat().replace("+00:00", "Z")
        # BigQuery takes grantees and never tells them.
        del item["grantees"]
    return _listed({"rowAccessPolicies": rendered}, token)


def page(
    request: fastapi.Request, items: Sequence[Any], size_name: str = "maxResults"
) -> tuple[Sequence[Any], str | None]:
    """Return one page of the items, and the token of the next; raise ValidationError for a bad token."""
    raw = request.query_params.get(size_name)
    if raw is not None and not raw.isdigit():
        raise ValidationError(f"Invalid value for {size_name}: {raw}")
    size = min(int(raw), LARGEST_PAGE) if raw else DEFAULT_PAGE
    start = offset(request.query_params.get("pageToken"))
    end = start + (size or DEFAULT_PAGE)
    return items[start:end], token(end) if end < len(items) else None


def token(position: int) -> str:
    """Return the page token that continues at a position."""
    return base64.urlsafe_b64encode(f"at:{position}".encode()).decode()


def offset(page_token: str | None) -> int:
    """Return the position that a page token continues at; raise ValidationError when it is no token of ours."""
    if not page_token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(page_token).decode().removeprefix("at:"))
    except (ValueError, binascii.Error) as unknown:
        raise ValidationError("Invalid page token") from unknown


def _listed(body: dict[str, Any], next_token: str | None) -> dict[str, Any]:
    return body if next_token is None else body | {"nextPageToken": next_token}


def _listed_job(resource: dict[str, Any], *, full: bool) -> dict[str, Any]:
    resource["state"] = resource["status"]["state"]
    if "errorResult" in resource["status"]:
        resource["errorResult"] = resource["status"]["errorResult"]
    hidden = () if full else ("etag",)
    return {key: value for key, value in resource.items() if key not in hidden}


def _between(when: datetime.datetime, earliest: datetime.datetime | None, latest: datetime.datetime | None) -> bool:
    # The bounds have milliseconds only.
    when = when.replace(microsecond=when.microsecond // 1000 * 1000)
    return (earliest is None or when >= earliest) and (latest is None or when <= latest)


def _label_filter(text: str | None) -> Callable[[Mapping[str, str]], bool]:
    wanted = [part.removeprefix("labels.").partition(":") for part in (text or "").split()]
    return lambda labels: all(key in labels and (not colon or labels[key] == value) for key, colon, value in wanted)
