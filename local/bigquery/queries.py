"""Query jobs off the event loop: each in a thread with a cursor of its own, writers one at a time, history kept."""

import asyncio
import contextlib
import re
from collections.abc import Iterator
from typing import Any

from bqemulator.api.routes import jobs as routes
from bqemulator.catalog import models

from local.bigquery import engine, patching, sizes, time_travel

# Statements that change a table, the table that each names, and whether rows may be lost by it.
_CHANGES = re.compile(
    r"\b(?P<verb>INSERT(?:\s+INTO)?|UPDATE|DELETE(?:\s+FROM)?|MERGE(?:\s+INTO)?|TRUNCATE\s+TABLE"
    r"|CREATE\s+OR\s+REPLACE\s+TABLE|(?:ALTER|DROP)\s+TABLE(?:\s+IF\s+EXISTS)?)\s+(?P<table>`[^`]+`(?:\.`[^`]+`)*|[\w.-]+)",
    re.IGNORECASE,
)
_WRITES = re.compile(
    r"\b(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|CREATE|ALTER|DROP|EXPORT|CALL|EXECUTE|GRANT|REVOKE|BEGIN|LOAD)\b",
    re.IGNORECASE,
)
_PARTS = 3


def install(_settings: Any) -> None:
    """Override how the job routes run a query."""
    former = routes.execute_query_job

    async def in_thread(project: str, job_id: str, sql: str, parameters: Any, ctx: Any, **keywords: Any) -> Any:
        return await asyncio.to_thread(_run, former, (project, job_id, sql, parameters, ctx), keywords)

    patching.replace(routes, "execute_query_job", in_thread)


def changed(sql: str, project: str) -> dict[tuple[str, str, str], bool]:
    """Return the tables that the SQL may change, and for each whether rows may be lost."""
    found: dict[tuple[str, str, str], bool] = {}
    for match in _CHANGES.finditer(sql):
        parts = match["table"].replace("`", "").split(".")
        if len(parts) < _PARTS - 1:
            continue
        key = (".".join(parts[:-2]) or project, parts[-2], parts[-1])
        found[key] = found.get(key, False) or not match["verb"].upper().startswith("INSERT")
    return found


def _run(former: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    project, _, sql, _, context = arguments
    with contextlib.ExitStack() as stack:
        if _WRITES.search(sql):
            stack.enter_context(engine.writing())
        stack.enter_context(engine.own_cursor(context.engine))
        tables = list(_tables(context, changed(sql, project)))
        for table, loses_rows in tables:
            time_travel.before_change(context, table, loses_rows=loses_rows)
        begun = context.clock.now()
        try:
            return asyncio.run(former(*arguments, **keywords))
        finally:
            # The emulator notes the change of a single statement only, not of those in a script.
            for table, _ in tables:
                time_travel.note_change(context, table, since=begun)


def _tables(context: Any, names: dict[tuple[str, str, str], bool]) -> Iterator[tuple[models.TableMeta, bool]]:
    for key, loses_rows in names.items():
        table = context.catalog.get_table(*key)
        if table is not None and table.table_type in sizes.STORED:
            yield table, loses_rows
