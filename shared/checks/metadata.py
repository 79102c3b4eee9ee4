"""From BigQuery's own description of a table to the columns that a check may name; pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shared import refs
from shared.checks import model, sql

_TYPES = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL", "RECORD": "STRUCT"}
_PSEUDO = {"DAY": "_PARTITIONDATE"}


def table(resource: Mapping[str, Any]) -> model.Table:
    """Return what a check needs of the REST resource of a table."""
    reference = resource["tableReference"]
    fields = resource.get("schema", {}).get("fields", ())
    return model.Table(
        ref=refs.Table(reference["projectId"], reference["datasetId"], reference["tableId"]),
        kind=str(resource.get("type", "TABLE")),
        location=resource.get("location"),
        columns={tuple(part.lower() for part in column.path): column for column in _columns(fields)},
        partitioned_by=_partitioned_by(resource),
    )


def _columns(
    fields: Iterable[Mapping[str, Any]], above: sql.Path = (), *, inside: bool = False
) -> Iterator[model.Column]:
    for field in fields:
        path, kind = (*above, str(field["name"])), str(field["type"])
        kind, repeated = _TYPES.get(kind, kind), field.get("mode") == "REPEATED"
        yield model.Column(path, f"ARRAY<{kind}>" if repeated else kind, repeated=inside)
        yield from _columns(field.get("fields", ()), path, inside=inside or repeated)


def _partitioned_by(resource: Mapping[str, Any]) -> str | None:
    by_time, by_range = resource.get("timePartitioning"), resource.get("rangePartitioning")
    if by_range:
        return str(by_range["field"])
    if not by_time:
        return None
    return str(by_time.get("field") or _PSEUDO.get(str(by_time.get("type")), "_PARTITIONTIME"))
