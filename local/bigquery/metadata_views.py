"""INFORMATION_SCHEMA by dataset and by region: each view named in a query becomes a table of this moment, in memory."""

import collections
import dataclasses
import itertools
import re
import threading
from typing import Any

from bqemulator.domain import errors as domain
from bqemulator.sql import inner_query
from bqemulator.storage import engine as storage_engine

from local.bigquery import ddl_parse, errors, fields, patching, sizes, view_rows
from local.bigquery.formats import types

DATABASE = "metadata"
# Of the emulator's reserved schemas, whose names its rewriter of table names leaves alone.
SCHEMA = storage_engine.CATALOG_SCHEMA
# A view's rows are dropped when this many younger ones were made: longer than any query that could still read them.
KEPT_TABLES = 256
LEGACY = "__TABLES__"
REGION = "region-"

_HIDDEN = re.compile(
    r"'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|--[^\n]*|#[^\n]*|/\*.*?\*/", re.DOTALL
)
_PART = r"(?:`[^`]+`|[A-Za-z_][\w-]*)"
_CHAIN = re.compile(rf"(?<![\w`.@-]){_PART}(?:\s*\.\s*{_PART})*")


@dataclasses.dataclass(frozen=True)
class Named:
    """A view as a query names it: its name, and the dataset or region of which project it tells."""

    view: str
    project: str
    dataset: str | None = None
    region: str | None = None


_lock = threading.Lock()
_numbers = itertools.count(1)
_made: collections.deque[str] = collections.deque()


def install(settings: Any) -> None:
    """Override how the emulator expands INFORMATION_SCHEMA; the views that are not told here stay its own."""
    del settings
    former = inner_query.expand_information_schema

    def expand(sql: str, project: str, catalog: Any) -> str:
        told = expanded(sql, project, catalog)
        # The emulator would replace the words in a string, too.
        return former(told, project, catalog) if "INFORMATION_SCHEMA" in _masked(told).upper() else told

    patching.replace(inner_query, "expand_information_schema", expand)


def expanded(sql: str, project: str, catalog: Any) -> str:
    """Return the SQL with metadata views made tables of their rows; raise NotFoundError for a missing dataset."""
    pieces, end = [], 0
    for chain in _CHAIN.finditer(_masked(sql)):
        named = _named(chain[0], project)
        if named is not None:
            pieces += [sql[end : chain.start()], _table(named, catalog)]
            end = chain.end()
    return "".join(pieces) + sql[end:]


def _masked(sql: str) -> str:
    """Return the SQL with blanks in place of strings and comments."""
    return _HIDDEN.sub(lambda found: " " * len(found[0]), sql)


def _named(chain: str, project: str) -> Named | None:
    parts = [part.strip() for part in chain.replace("`", "").split(".")]
    if parts[-1].upper() == LEGACY and len(parts) > 1:
        return Named(LEGACY, ".".join(parts[:-2]) or project, dataset=parts[-2])
    upper = [part.upper() for part in parts]
    if "INFORMATION_SCHEMA" not in upper[:-1]:
        return None
    at = upper.index("INFORMATION_SCHEMA")
    view, scope = upper[at + 1], parts[:at]
    if view not in view_rows.COLUMNS:
        return None
    if not scope:
        if view not in view_rows.OF_PROJECT:
            raise domain.InvalidQueryError(
                f'Table "INFORMATION_SCHEMA.{view}" must be qualified with a dataset (e.g. dataset.table).'
            )
        return Named(view, project, region=errors.LOCATION.lower())
    if scope[-1].lower().startswith(REGION):
        return Named(view, ".".join(scope[:-1]) or project, region=scope[-1].lower().removeprefix(REGION))
    if view in view_rows.OF_PROJECT:
        return Named(view, ".".join(scope), region=errors.LOCATION.lower())
    return Named(view, ".".join(scope[:-1]) or project, dataset=scope[-1])


def _table(named: Named, catalog: Any) -> str:
    """Return the quoted name of a table that holds the view's rows."""
    if named.dataset is not None:
        dataset = catalog.get_dataset(named.project, named.dataset)
        if dataset is None:
            raise errors.dataset_missing(named.project, named.dataset)
        datasets = [dataset]
    else:
        datasets = [item for item in catalog.list_datasets(named.project) if item.location.lower() == named.region]
    engine = catalog._engine  # noqa: SLF001 -- the catalog is all that the emulator hands over
    rows = view_rows.rows(
        named.view, engine, catalog, named.project, sorted(datasets, key=lambda item: item.dataset_id)
    )
    return _stored(engine, rows, columns(named.view))


def columns(view: str) -> tuple[Any, ...]:
    """Return the columns of a view."""
    return fields.parse(ddl_parse.columns(ddl_parse.parsed(f"CREATE TABLE v ({view_rows.COLUMNS[view]})")))


def _stored(engine: Any, rows: list[dict[str, Any]], wanted: tuple[Any, ...]) -> str:
    connection = sizes.cursor(engine)
    name = f"view_{next(_numbers)}"
    with _lock:  # two queries at once would both find no schema, and one of them would fail
        connection.execute(f"ATTACH IF NOT EXISTS ':memory:' AS {DATABASE}")
        connection.execute(f'CREATE SCHEMA IF NOT EXISTS {DATABASE}."{SCHEMA}"')
    connection.register("rows_of_view", types.values(rows, wanted))
    defined = ", ".join(
        f"CAST({fields.quoted(field.name)} AS {fields.storage_type(field)}) AS {fields.quoted(field.name)}"
        for field in wanted
    )
    connection.execute(f'CREATE TABLE {DATABASE}."{SCHEMA}".{name} AS SELECT {defined} FROM rows_of_view')  # noqa: S608 -- our own names
    with _lock:
        _made.append(name)
        old = _made.popleft() if len(_made) > KEPT_TABLES else None
    if old is not None:
        connection.execute(f'DROP TABLE {DATABASE}."{SCHEMA}".{old}')
    connection.close()
    return f"`{DATABASE}`.`{SCHEMA}`.`{name}`"
