"""Which layouts a table may have, and how the storage follows a changed schema."""

from typing import Any

from bqemulator.catalog import models
from bqemulator.domain.errors import ValidationError

from local.bigquery import fields, sizes


def check(table: models.TableMeta) -> None:
    """Raise ValidationError when partitioning or clustering names a column that the table has not or cannot use."""
    columns = {field.name.lower(): field for field in table.schema_.fields}
    by_time, by_range = table.time_partitioning, table.range_partitioning
    for spec, allowed in ((by_time, ("DATE", "DATETIME", "TIMESTAMP")), (by_range, ("INTEGER",))):
        if spec is None or not spec.field or not columns:
            continue
        found = columns.get(spec.field.lower())
        if found is None:
            raise ValidationError("The field specified for partitioning cannot be found in the schema.")
        if found.type not in allowed or found.mode == "REPEATED":
            raise ValidationError(
                f"The field specified for partitioning must be of type {', '.join(allowed)}: {spec.field}"
            )
    for name in table.clustering.fields if table.clustering and columns else ():
        if name.lower() not in columns:
            raise ValidationError(
                f"The field specified for clustering cannot be found in the schema. Invalid field: {name}."
            )


def alter(engine: Any, former: models.TableMeta, changed: models.TableMeta) -> None:
    """Give the storage the columns that the table has now; raise ValidationError when data would be lost."""
    if former.table_type not in sizes.STORED or former.schema_ == changed.schema_:
        return
    name = sizes.storage_name(former)
    where = f"Provided Schema does not match Table {former.project_id}:{former.dataset_id}.{former.table_id}."
    wanted = {field.name.lower(): field for field in changed.schema_.fields}
    known = {field.name.lower() for field in former.schema_.fields}
    for field in former.schema_.fields:
        same = wanted.get(field.name.lower())
        _check_kept(field, same, where)
        if same is not None and field.mode != same.mode:
            engine.execute(f"ALTER TABLE {name} ALTER COLUMN {fields.quoted(field.name)} DROP NOT NULL")
    for key, field in wanted.items():
        if key in known:
            continue
        if field.mode == "REQUIRED":
            raise ValidationError(f"{where} Cannot add required fields to an existing schema. (field: {field.name})")
        engine.execute(f"ALTER TABLE {name} ADD COLUMN {fields.storage_column(field)}")
    if not known:
        engine.execute(f'ALTER TABLE {name} DROP COLUMN "__placeholder"')


def _check_kept(field: models.TableFieldSchema, same: models.TableFieldSchema | None, where: str) -> None:
    if same is None:
        raise ValidationError(f"{where} Field {field.name} is missing in new schema")
    if fields.storage_type(same) != fields.storage_type(field):
        raise ValidationError(f"{where} Field {field.name} has changed type from {field.type} to {same.type}")
    if field.mode != same.mode and (field.mode, same.mode) != ("REQUIRED", "NULLABLE"):
        raise ValidationError(f"{where} Field {field.name} has changed mode from {field.mode} to {same.mode}")
