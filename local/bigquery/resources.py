"""The API's table resource and the catalog's model of a table, each made from the other."""

import datetime
from collections.abc import Mapping
from typing import Any

from bqemulator.catalog import etag, models
from bqemulator.domain.errors import ValidationError

from local.bigquery import fields

# Properties that the catalog's own model has no place for; they are kept and answered as they came.
KEPT = (
    "requirePartitionFilter",
    "externalDataConfiguration",
    "materializedView",
    "tableConstraints",
    "encryptionConfiguration",
    "defaultCollation",
    "defaultRoundingMode",
    "maxStaleness",
    "resourceTags",
)
GRANULARITIES = ("DAY", "HOUR", "MONTH", "YEAR")


class Table(models.TableMeta):
    """The catalog's table with the properties it lacks (`KEPT`), and the name of its base for clones and snapshots."""

    extras: dict[str, Any] = models.Field(default_factory=dict)


def from_api(project: str, dataset: str, body: Mapping[str, Any], now: datetime.datetime) -> Table:
    """Return the table that the API's resource describes; raise ValidationError naming what it cannot be."""
    name = (body.get("tableReference") or {}).get("tableId") or ""
    view = body.get("view") or body.get("materializedView") or {}
    columns = fields.parse((body.get("schema") or {}).get("fields") or ())
    try:
        return Table(
            project_id=project,
            dataset_id=dataset,
            table_id=name,
            table_type=kind(body),
            schema=models.TableSchema(fields=columns),
            friendly_name=body.get("friendlyName"),
            description=body.get("description"),
            labels=body.get("labels") or {},
            time_partitioning=_time(body),
            range_partitioning=_range(body.get("rangePartitioning")),
            clustering=_clustering(body.get("clustering")),
            expiration_time=moment(body.get("expirationTime")),
            creation_time=now,
            last_modified_time=now,
            etag=etag.generate_etag(project, dataset, name, str(now)),
            view_query=view.get("query"),
            use_legacy_sql=bool(view.get("useLegacySql", False)),
            extras={key: body[key] for key in KEPT if body.get(key) is not None},
        )
    except (ValueError, TypeError) as invalid:
        raise ValidationError(f"Invalid table resource {project}:{dataset}.{name}: {invalid}") from invalid


def to_api(table: models.TableMeta, rows: int, size: int, location: str = "US") -> dict[str, Any]:
    """Return the API's resource of a table that holds `rows` rows of `size` bytes."""
    body = list_item(table) | {
        "etag": table.etag,
        "location": location,
        "lastModifiedTime": millis(table.last_modified_time),
        "numRows": str(rows),
        "numBytes": str(size),
        "numLongTermBytes": "0",
        "numTotalLogicalBytes": str(size),
        "numActiveLogicalBytes": str(size),
        "numLongTermLogicalBytes": "0",
    }
    if table.schema_.fields:
        body["schema"] = {"fields": [fields.to_api(field) for field in table.schema_.fields]}
    if table.description:
        body["description"] = table.description
    if table.table_type == "VIEW":
        body["view"] = {"query": table.view_query or "", "useLegacySql": table.use_legacy_sql}
    elif table.table_type == "MATERIALIZED_VIEW":
        body["materializedView"] = {"query": table.view_query or ""} | extras(table).get("materializedView", {})
    elif table.table_type in ("SNAPSHOT", "CLONE") and table.base_table:
        body |= _base(table)
    return body | {key: value for key, value in extras(table).items() if key in KEPT and key not in body}


def list_item(table: models.TableMeta) -> dict[str, Any]:
    """Return the API's short resource of a table, as tables.list gives it."""
    reference = {"projectId": table.project_id, "datasetId": table.dataset_id, "tableId": table.table_id}
    body: dict[str, Any] = {
        "kind": "bigquery#table",
        "id": f"{table.project_id}:{table.dataset_id}.{table.table_id}",
        "tableReference": reference,
        "type": "TABLE" if table.table_type == "CLONE" else table.table_type,
        "creationTime": millis(table.creation_time),
    }
    optional = {
        "friendlyName": table.friendly_name,
        "labels": table.labels,
        "expirationTime": millis(table.expiration_time) if table.expiration_time else None,
        "requirePartitionFilter": requires_filter(table) or None,
        "timePartitioning": _time_to_api(table.time_partitioning),
        "rangePartitioning": _range_to_api(table.range_partitioning),
        "clustering": {"fields": list(table.clustering.fields)} if table.clustering else None,
        "view": {"useLegacySql": table.use_legacy_sql} if table.table_type == "VIEW" else None,
    }
    return body | {key: value for key, value in optional.items() if value}


def kind(body: Mapping[str, Any]) -> str:
    """Return the table's type, given its resource."""
    named = (("view", "VIEW"), ("materializedView", "MATERIALIZED_VIEW"), ("externalDataConfiguration", "EXTERNAL"))
    return next((found for key, found in named if body.get(key)), body.get("type") or "TABLE")


def extras(table: models.TableMeta) -> dict[str, Any]:
    """Return the table's kept properties; empty for a table that the emulator itself made."""
    return getattr(table, "extras", {})


def requires_filter(table: models.TableMeta) -> bool:
    """Return whether queries must name the partitions they read."""
    partitioning = table.time_partitioning
    return bool(extras(table).get("requirePartitionFilter") or (partitioning and partitioning.require_partition_filter))


def millis(when: datetime.datetime) -> str:
    """Return the instant as the API writes it: milliseconds since the epoch, as text."""
    return str(int(when.timestamp() * 1000))


def moment(value: Any) -> datetime.datetime | None:
    """Return the instant given as milliseconds since the epoch; None when absent."""
    return None if value is None else datetime.datetime.fromtimestamp(int(value) / 1000, tz=datetime.UTC)


def _time(body: Mapping[str, Any]) -> models.TimePartitioning | None:
    raw = body.get("timePartitioning")
    if not raw:
        return None
    unit = raw.get("type") or "DAY"
    if unit not in GRANULARITIES:
        raise ValidationError(f"Unknown time partitioning type {unit}")
    expiration = raw.get("expirationMs")
    return models.TimePartitioning(
        type=unit,
        field=raw.get("field"),
        expiration_ms=None if expiration is None else int(expiration),
        require_partition_filter=bool(raw.get("requirePartitionFilter") or body.get("requirePartitionFilter")),
    )


def _range(raw: Mapping[str, Any] | None) -> models.RangePartitioning | None:
    if not raw:
        return None
    bounds = raw.get("range") or {}
    names = ("start", "end", "interval")
    if not raw.get("field") or any(bounds.get(name) is None for name in names):
        raise ValidationError("rangePartitioning needs a field and a range with start, end and interval")
    return models.RangePartitioning(field=raw["field"], **{name: int(bounds[name]) for name in names})


def _clustering(raw: Mapping[str, Any] | None) -> models.Clustering | None:
    return models.Clustering(fields=tuple(raw["fields"])) if raw and raw.get("fields") else None


def _time_to_api(partitioning: models.TimePartitioning | None) -> dict[str, Any] | None:
    if partitioning is None:
        return None
    body: dict[str, Any] = {"type": partitioning.type}
    if partitioning.field:
        body["field"] = partitioning.field
    if partitioning.expiration_ms is not None:
        body["expirationMs"] = str(partitioning.expiration_ms)
    return body | ({"requirePartitionFilter": True} if partitioning.require_partition_filter else {})


def _range_to_api(partitioning: models.RangePartitioning | None) -> dict[str, Any] | None:
    if partitioning is None:
        return None
    bounds = {name: str(getattr(partitioning, name)) for name in ("start", "end", "interval")}
    return {"field": partitioning.field, "range": bounds}


def _base(table: models.TableMeta) -> dict[str, Any]:
    project, dataset, name = (table.base_table or "").split(".", 2)
    base = {"projectId": project, "datasetId": dataset, "tableId": name}
    when = (table.snapshot_time or table.creation_time).astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
    prefix = "snapshot" if table.table_type == "SNAPSHOT" else "clone"
    return {f"{prefix}Definition": {"baseTableReference": base, f"{prefix}Time": when}}
