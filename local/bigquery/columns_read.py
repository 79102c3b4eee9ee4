"""Which columns of which tables a statement reads, under which conditions: what decides its cost; nothing is run."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import sqlglot
from bqemulator.catalog import models
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer import pushdown_predicates, pushdown_projections, qualify, scope

from local.bigquery import fields

DEEPEST_VIEW = 16
INGESTION = ("_partitiontime", "_partitiondate")

Find = Callable[[exp.Table], list[models.TableMeta]]


@dataclasses.dataclass(frozen=True)
class Read:
    """One table that is read: its columns (None for all of them), and the conditions that its rows must meet."""

    table: models.TableMeta
    columns: frozenset[str] | None
    conditions: tuple[exp.Expression, ...] = ()


def reads(tree: exp.Expression, find: Find) -> list[Read]:
    """Return what the statement reads; a query that cannot be resolved reads every column of every table it names."""
    query, target = _parts(tree)
    found: list[Read] = []
    if target is not None:
        found += _changed(tree, target, find)
    if query is not None:
        try:
            found += list(_resolved(query.copy(), find))
        except (SqlglotError, ValueError, KeyError, AttributeError, RecursionError):
            # The resolver belongs to a library and meets SQL that it does not know.
            found += [Read(table, None) for table in _named(query, find)]
    elif target is not None:
        mentioned = frozenset(column.name.lower() for column in tree.find_all(exp.Column))
        known = {_key(read.table) for read in found}
        found += [Read(table, mentioned) for table in _named(tree, find) if _key(table) not in known]
    return found


def named_tables(tree: exp.Expression) -> Iterator[exp.Table]:
    """Yield every table that the statement names, without the names of its WITH clauses and its functions."""
    local = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if (
            isinstance(table.this, exp.Identifier)
            and (table.db or table.name not in local)
            and "information_schema" not in table.sql().lower()
        ):
            yield table


def _parts(tree: exp.Expression) -> tuple[exp.Expression | None, exp.Table | None]:
    if isinstance(tree, exp.Query):
        return tree, None
    if isinstance(tree, exp.Insert):
        source = tree.expression
        return (source if isinstance(source, exp.Query) else None), None
    if isinstance(tree, exp.Create):
        made = tree.expression if (tree.kind or "").upper() == "TABLE" else None
        return (made if isinstance(made, exp.Query) else None), None
    if isinstance(tree, exp.Update | exp.Delete | exp.Merge):
        return None, tree.this if isinstance(tree.this, exp.Table) else None
    return None, None


def _changed(tree: exp.Expression, target: exp.Table, find: Find) -> Iterator[Read]:
    condition = tree.args.get("where") if not isinstance(tree, exp.Merge) else tree.args.get("on")
    given = condition.this if isinstance(condition, exp.Where) else condition
    for table in find(target):
        yield Read(table, None, tuple(_conjuncts(given)))


def _named(tree: exp.Expression, find: Find) -> Iterator[models.TableMeta]:
    for node in named_tables(tree):
        for table in find(node):
            if table.table_type == "VIEW" and table.view_query:
                yield from _named(sqlglot.parse_one(table.view_query, read="bigquery"), find)
            else:
                yield table


def _resolved(query: exp.Expression, find: Find) -> Iterator[Read]:
    query = _with_views(query, find, DEEPEST_VIEW)
    known: dict[str, list[models.TableMeta]] = {}
    for node in list(named_tables(query)):
        alias = node.alias_or_name
        name = f"table{len(known)}"
        known[name] = find(node)
        node.replace(_renamed(node, name, alias))
    schema = {name: _columns(tables) for name, tables in known.items()}
    query = qualify.qualify(
        query,
        schema=schema,
        dialect="bigquery",
        validate_qualify_columns=False,
        quote_identifiers=False,
        identify=False,
    )
    query = pushdown_predicates.pushdown_predicates(query, dialect="bigquery")
    query = pushdown_projections.pushdown_projections(query, schema=schema, dialect="bigquery")
    for name, columns, conditions in _sources(query):
        for table in known.get(name, ()):
            yield Read(table, frozenset(columns), tuple(conditions))


def _sources(query: exp.Expression) -> Iterator[tuple[str, set[str], list[exp.Expression]]]:
    used: dict[int, set[str]] = {}
    met: dict[int, tuple[exp.Table, list[exp.Expression]]] = {}
    for part in scope.traverse_scope(query):
        for alias, source in part.sources.items():
            if isinstance(source, exp.Table):
                met[id(source)] = (source, [item for item in _conditions(part.expression) if _about(item, alias)])
        for column in part.expression.find_all(exp.Column):
            owner = _owner(part, column.table)
            if owner is not None:
                used.setdefault(id(owner), set()).add(column.name.lower())
    for key, (source, conditions) in met.items():
        yield source.name, used.get(key, set()), conditions


def _owner(part: Any, alias: str) -> exp.Table | None:
    while part is not None:
        if alias in part.sources:
            source = part.sources[alias]
            return source if isinstance(source, exp.Table) else None
        part = part.parent
    return None


def _conditions(select: exp.Expression) -> Iterator[exp.Expression]:
    where = select.args.get("where")
    yield from _conjuncts(where.this if where else None)
    for join in select.args.get("joins") or ():
        if not join.side:
            yield from _conjuncts(join.args.get("on"))


def _conjuncts(condition: exp.Expression | None) -> Iterable[exp.Expression]:
    if condition is None:
        return []
    return [part.unnest() for part in condition.flatten()] if isinstance(condition, exp.And) else [condition.unnest()]


def _about(condition: exp.Expression, alias: str) -> bool:
    return any(column.table == alias for column in condition.find_all(exp.Column))


def _with_views(query: exp.Expression, find: Find, depth: int) -> exp.Expression:
    for node in list(named_tables(query)):
        tables = find(node)
        view = tables[0] if len(tables) == 1 and tables[0].table_type == "VIEW" else None
        if view is None or not view.view_query:
            continue
        if depth == 0:
            raise ValueError(f"views are nested more than {DEEPEST_VIEW} deep")
        body = _with_views(sqlglot.parse_one(view.view_query, read="bigquery"), find, depth - 1)
        node.replace(
            exp.Subquery(this=body, alias=exp.TableAlias(this=exp.to_identifier(node.alias_or_name, quoted=True)))
        )
    return query


def _renamed(node: exp.Table, name: str, alias: str) -> exp.Table:
    kept = {key: value for key, value in node.args.items() if key in ("joins", "pivots", "sample", "laterals")}
    return exp.Table(
        this=exp.to_identifier(name), alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)), **kept
    )


def _columns(tables: list[models.TableMeta]) -> dict[str, str]:
    found = {field.name.lower(): fields.sql_type(field) for table in tables for field in table.schema_.fields}
    if any(table.time_partitioning is not None and not table.time_partitioning.field for table in tables):
        found |= dict.fromkeys(INGESTION, "TIMESTAMP")
    return found


def _key(table: models.TableMeta) -> tuple[str, str, str]:
    return table.project_id, table.dataset_id, table.table_id
