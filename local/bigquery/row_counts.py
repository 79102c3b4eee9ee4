"""Rows, bytes, last change and etag of a table follow every change at once; what has expired is gone."""

import datetime
from typing import Any

from bqemulator.catalog import duckdb_repository, etag, memory_repository, models
from bqemulator.versioning import snapshots

from local.bigquery import patching, resources, sizes


def install(settings: Any) -> None:
    """Override the places where the emulator's catalog learns of new and changed tables."""
    del settings
    # Rows of the catalog on disk must come back with the properties that `Table` adds.
    patching.replace(duckdb_repository, "TableMeta", resources.Table)
    memory = memory_repository.MemoryCatalogRepository
    for name, wrapper in (("create_table", _creating), ("update_table", _updating), ("get_table", _getting)):
        patching.replace(memory, name, wrapper(getattr(memory, name)))
    patching.replace(memory, "list_tables", _listing(memory.list_tables))
    # The emulator calls this after every load, insert, copy and statement that changed a table.
    manager = snapshots.SnapshotManager
    patching.replace(manager, "record_change", _recording(manager.record_change))


def expired(table: models.TableMeta, now: datetime.datetime) -> bool:
    """Return whether the table's expiration has passed."""
    return table.expiration_time is not None and table.expiration_time <= now


def touched(context: Any, project: str, dataset: str, name: str) -> None:
    """Record that the table's rows changed now: row count, last change and etag."""
    table = context.catalog.get_table(project, dataset, name)
    if table is not None:
        context.catalog.update_table(_stamped(context.engine, table, context.clock.now()))


def _stamped(engine: Any, table: models.TableMeta, now: datetime.datetime) -> models.TableMeta:
    rows = table.num_rows
    if table.table_type in sizes.STORED:
        # On the engine's own connection, because the change may stand in a transaction that is still open.
        rows = engine.execute(f"SELECT count(*) FROM {sizes.storage_name(table)}").fetchone()[0]  # noqa: S608 the name is quoted
    changed = max(now, table.last_modified_time + datetime.timedelta(microseconds=1))
    tag = etag.generate_etag(table.project_id, table.dataset_id, table.table_id, str(changed))
    return table.model_copy(update={"num_rows": rows, "last_modified_time": changed, "etag": tag})


def _recording(former: Any) -> Any:
    def record_change(self: Any, project: str, dataset: str, name: str) -> Any:
        table = self._catalog.get_table(project, dataset, name)
        if table is not None:
            self._catalog.update_table(_stamped(self._engine, table, self._clock.now()))
        return former(self, project, dataset, name)

    return record_change


def _widened(table: models.TableMeta) -> models.TableMeta:
    if isinstance(table, resources.Table):
        return table
    return resources.Table.model_validate(table.model_dump(by_alias=True))


def _creating(former: Any) -> Any:
    def create_table(self: Any, table: models.TableMeta) -> models.TableMeta:
        dataset = self.get_dataset(table.project_id, table.dataset_id)
        table = _widened(table)
        if dataset is not None and dataset.default_table_expiration_ms and table.expiration_time is None:
            lifetime = datetime.timedelta(milliseconds=dataset.default_table_expiration_ms)
            table = table.model_copy(update={"expiration_time": table.creation_time + lifetime})
        key = (table.project_id, table.dataset_id, table.table_id)
        sizes.forget(*key)
        if key in self._tables and expired(self._tables[key], table.creation_time):
            del self._tables[key]
        return former(self, table)

    return create_table


def _updating(former: Any) -> Any:
    def update_table(self: Any, table: models.TableMeta) -> models.TableMeta:
        return former(self, _widened(table))

    return update_table


def _getting(former: Any) -> Any:
    def get_table(self: Any, project: str, dataset: str, name: str) -> models.TableMeta | None:
        table = former(self, project, dataset, name)
        return None if table is None or expired(table, datetime.datetime.now(datetime.UTC)) else table

    return get_table


def _listing(former: Any) -> Any:
    def list_tables(self: Any, project: str, dataset: str) -> tuple[models.TableMeta, ...]:
        now = datetime.datetime.now(datetime.UTC)
        return tuple(table for table in former(self, project, dataset) if not expired(table, now))

    return list_tables
