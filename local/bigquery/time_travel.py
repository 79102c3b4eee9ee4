"""The past of tables for seven days: `t@ms` and FOR SYSTEM_TIME AS OF, at the cost of a copy only when rows are lost.

The emulator copies the whole table after each change. Here a version is a view on the table's first n rows for as long
as rows are only appended; before a change that loses rows, the table is copied once, and its versions move onto that.
"""

import datetime
import itertools
import uuid
from typing import Any

from bqemulator.catalog import models
from bqemulator.domain.errors import OutOfRangeError
from bqemulator.storage import engine as storage_engine
from bqemulator.versioning.snapshots import SnapshotManager

from local.bigquery import job_states, partitions, patching, sizes

WINDOW = datetime.timedelta(days=7)
SCHEMA = storage_engine.SNAPSHOTS_SCHEMA
LIVE, MOVED = "live", "moved"


def install(_settings: Any) -> None:
    """Override how the emulator keeps and finds versions."""
    patching.replace(SnapshotManager, "capture", _capture)
    patching.replace(SnapshotManager, "resolve_time_travel", _resolve)
    former = SnapshotManager.drop_snapshot
    patching.replace(SnapshotManager, "drop_snapshot", lambda manager, version: _drop(former, manager, version))


def before_change(context: Any, table: models.TableMeta, *, loses_rows: bool) -> None:
    """Keep the table's present rows findable, under the write lock, before a change that may lose some of them."""
    versions = _versions(context.catalog, table)
    if not versions:
        count = _count(context.engine, sizes.storage_name(table))
        versions = [_add(context.engine, context.catalog, table, table.creation_time, count)]
    live = [version for version in versions if version.duckdb_table.startswith(LIVE)]
    if loses_rows and live:
        _move(context, table, live)


def note_change(context: Any, table: models.TableMeta, *, since: datetime.datetime) -> None:
    """Make sure that the table has a version from after `since`, under the write lock, after it may have changed."""
    present = context.catalog.get_table(table.project_id, table.dataset_id, table.table_id)
    if present is None:
        return
    versions = _versions(context.catalog, present)
    if not versions or versions[-1].snapshot_time < since:
        context.snapshots.record_change(table.project_id, table.dataset_id, table.table_id)


def relation(context: Any, table: models.TableMeta, instant: int | None) -> str:
    """Return the storage's name of the table as it was at an instant; raise job_states.Failure outside the window."""
    if instant is None:
        return sizes.storage_name(table)
    version = version_at(context.catalog, table, instant, context.clock.now())
    return sizes.storage_name(table) if version is None else f'"{version.duckdb_schema}"."{version.duckdb_table}"'


def version_at(
    catalog: Any, table: models.TableMeta, instant: int, now: datetime.datetime
) -> models.SnapshotMeta | None:
    """Return the version of an instant, None for a table that never changed; raise job_states.Failure outside."""
    at = partitions.epoch_millis(instant, now)
    earliest = max(_millis(table.creation_time), _millis(now - WINDOW))
    name = f"{table.project_id}:{table.dataset_id}.{table.table_id}@{instant}"
    if at < earliest:
        raise job_states.Failure(
            "invalid", f"Invalid snapshot time {at} for table {name}. Cannot read before {earliest}."
        )
    if at > _millis(now):
        raise job_states.Failure("invalid", f"Invalid snapshot time {at} for table {name}. Cannot read in the future.")
    versions = _versions(catalog, table)
    reached = [version for version in versions if _millis(version.snapshot_time) <= at]
    if versions and not reached:
        first = _millis(versions[0].snapshot_time)
        raise job_states.Failure("invalid", f"Invalid snapshot time {at} for table {name}. Cannot read before {first}.")
    return reached[-1] if reached else None


def _capture(manager: Any, project: str, dataset: str, name: str, *, kind: str = "AUTO") -> Any:
    """Note that the table has a new version now; the emulator calls this under its write lock, after a change."""
    del kind
    catalog = manager._catalog  # noqa: SLF001 -- this function takes the place of a method
    table = catalog.get_table(project, dataset, name)
    if table is None or table.table_type not in sizes.STORED:
        return None
    now = manager._clock.now()  # noqa: SLF001 -- the same
    for version, successor in itertools.pairwise(_versions(catalog, table)):
        # A version is needed until the one that followed it has left the window.
        if successor.snapshot_time < now - WINDOW:
            manager.drop_snapshot(version)
    engine = manager._engine  # noqa: SLF001 -- the same
    return _add(engine, catalog, table, now, _count(engine, sizes.storage_name(table)))


def _drop(former: Any, manager: Any, version: models.SnapshotMeta) -> None:
    """Forget a version, and the copy under it when no other version stands on that."""
    if version.kind != "AUTO":
        former(manager, version)
        return
    engine, catalog = manager._engine, manager._catalog  # noqa: SLF001 -- this function takes the place of a method
    engine.execute(f'DROP VIEW IF EXISTS "{SCHEMA}"."{version.duckdb_table}"')
    catalog.delete_snapshot(version.snapshot_id, not_found_ok=True)
    state, _, copy, _ = version.duckdb_table.split("_")
    if state == MOVED and not any(f"_{copy}_" in other.duckdb_table for other in catalog.list_all_snapshots()):
        engine.execute(f'DROP TABLE IF EXISTS "{SCHEMA}"."copy_{copy}"')


def _resolve(manager: Any, project: str, dataset: str, name: str, target: datetime.datetime) -> Any:
    catalog = manager._catalog  # noqa: SLF001 -- this function takes the place of a method
    table = catalog.get_table(project, dataset, name)
    if table is None:
        return None
    when = target if target.tzinfo else target.replace(tzinfo=datetime.UTC)
    try:
        return version_at(catalog, table, _millis(when), manager._clock.now())  # noqa: SLF001 -- the same
    except job_states.Failure as refused:
        raise OutOfRangeError(refused.message) from refused


def _versions(catalog: Any, table: models.TableMeta) -> list[models.SnapshotMeta]:
    key = (table.project_id, table.dataset_id, table.table_id)
    born = _millis(table.creation_time)
    # Versions from before the creation belong to a dropped table of the same name.
    found = [item for item in catalog.list_snapshots_for_table(*key) if item.kind == "AUTO"]
    return [item for item in found if _millis(item.snapshot_time) >= born]


def _add(
    engine: Any, catalog: Any, table: models.TableMeta, when: datetime.datetime, count: int
) -> models.SnapshotMeta:
    # Named after the count and the copy it stands on, so that it can be moved and dropped without asking the view.
    view = f"{LIVE}_{count}_0_{uuid.uuid4().hex}"
    # The storage gives rows in the order in which they came, so the first n rows are the rows of that time.
    engine.execute(f'CREATE VIEW "{SCHEMA}"."{view}" AS SELECT * FROM {sizes.storage_name(table)} LIMIT {count}')  # noqa: S608 -- quoted
    return catalog.create_snapshot(
        models.SnapshotMeta(
            snapshot_id=view,
            project_id=table.project_id,
            dataset_id=table.dataset_id,
            table_id=table.table_id,
            snapshot_time=when,
            kind="AUTO",
            duckdb_schema=SCHEMA,
            duckdb_table=view,
            # Not by age, as the emulator would have it: see `_capture`.
            expires_at=None,
        )
    )


def _move(context: Any, table: models.TableMeta, live: list[models.SnapshotMeta]) -> None:
    copy_id = uuid.uuid4().hex
    copy = f"copy_{copy_id}"
    context.engine.execute(f'CREATE TABLE "{SCHEMA}"."{copy}" AS SELECT * FROM {sizes.storage_name(table)}')  # noqa: S608 -- quoted
    for version in live:
        count = int(version.duckdb_table.split("_")[1])
        view = f"{MOVED}_{count}_{copy_id}_{uuid.uuid4().hex}"
        kept = f'SELECT * FROM "{SCHEMA}"."{copy}" LIMIT {count}'  # noqa: S608 -- quoted
        context.engine.execute(f'CREATE VIEW "{SCHEMA}"."{view}" AS {kept}')
        context.engine.execute(f'DROP VIEW "{SCHEMA}"."{version.duckdb_table}"')
        context.catalog.delete_snapshot(version.snapshot_id)
        context.catalog.create_snapshot(version.model_copy(update={"snapshot_id": view, "duckdb_table": view}))


def _count(engine: Any, name: str) -> int:
    return int(engine.connection.cursor().execute(f"SELECT count(*) FROM {name}").fetchone()[0])  # noqa: S608 -- quoted


def _millis(when: datetime.datetime) -> int:
    return int(when.timestamp() * 1000)
