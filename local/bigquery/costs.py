"""What a query costs: the bytes of the columns and partitions that it reads, at least 10 MB a table when billed."""

import contextvars
import dataclasses
import datetime
import json
import re
from collections.abc import Mapping
from typing import Any

import sqlglot
from bqemulator.catalog import models
from bqemulator.domain import errors as domain
from sqlglot import exp

from local.bigquery import asgi, columns_read, errors, pruning, resources, sizes

MEGABYTE = 1024 * 1024
LEAST_A_TABLE = 10 * MEGABYTE
_SCHEMA_VIEW = re.compile(r"INFORMATION_SCHEMA", re.IGNORECASE)
_QUERY_CALLS = re.compile(r"/bigquery/v2/projects/[^/]+/(?:queries|jobs)")
_PATHS = re.compile(r"`[^`]+`(?:\.`[^`]+`)*|[\w-]+(?:\.[\w-]+)+")

# The configuration of the query that a request brings; the emulator passes on the SQL and the parameters only.
asked: contextvars.ContextVar[Mapping[str, Any]] = contextvars.ContextVar("asked")


@dataclasses.dataclass(frozen=True)
class Estimate:
    """Bytes that a query processes, and bytes that it is billed."""

    processed: int
    billed: int


def install(settings: Any) -> None:
    """Override how a query is run and dry-run."""
    from local.bigquery import statements  # noqa: PLC0415 -- it stands on this module

    statements.install(settings)


def wrap(app: asgi.App) -> asgi.App:
    """Return the app that hands the configuration of a query to where it is run, and tells its bytes in jobs.query."""

    async def told(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not _QUERY_CALLS.fullmatch(scope["path"]):
            await app(scope, receive, send)
            return
        body = await asgi.read_body(receive)
        token = asked.set(_configuration(body))
        try:
            answer = await asgi.capture(app, scope, asgi.replay(body, receive))
        finally:
            asked.reset(token)
        if scope["path"].endswith("/queries"):
            answer = dataclasses.replace(answer, body=_with_bytes(app, answer.body))
        await asgi.send_answer(send, answer)

    return told


def limit() -> int | None:
    """Return the maximumBytesBilled of the query at hand; None when it has none."""
    given = asked.get({}).get("query", {}).get("maximumBytesBilled")
    return int(given) if given not in (None, "") else None


def check_limit(estimate: Estimate) -> None:
    """Raise BytesBilledLimitExceededError when the query at hand would bill more than it may."""
    most = limit()
    if most is not None and estimate.billed > most:
        message = f"Query exceeded limit for bytes billed: {most}. {estimate.billed} or higher required."
        raise errors.BytesBilledLimitExceededError(message)


def estimate(context: Any, project: str, sql: str, parameters: list[dict[str, Any]] | None) -> Estimate:
    """Return the cost of the SQL; raise NotFoundError, or InvalidQueryError without a required partition filter."""
    views = LEAST_A_TABLE if _SCHEMA_VIEW.search(sql) else 0
    try:
        trees = [tree for tree in sqlglot.parse(sql, read="bigquery") if tree is not None]
    except sqlglot.errors.SqlglotError:
        return _in_full(context, project, sql, views)
    if not trees:
        raise domain.InvalidQueryError("Syntax error: Unexpected end of script at [1:1]", location="query")
    if len(trees) > 1:
        return _in_full(context, project, sql, views)
    reads = columns_read.reads(_bound(trees[0].copy(), parameters or []), lambda node: _tables(context, project, node))
    return _sum([(read, _bytes(context, read)) for read in reads], views)


def _in_full(context: Any, project: str, sql: str, views: int) -> Estimate:
    # What is not understood, and what a script does in which order, costs every column of every table that is named.
    found = [columns_read.Read(table, None) for table in _mentioned(context, project, sql)]
    return _sum([(read, sizes.measure(context.engine, read.table).size) for read in found], views)


def check_names(context: Any, project: str, sql: str) -> None:
    """Raise NotFoundError when a query names a dataset or a table that is not there."""
    for node in columns_read.named_tables(sqlglot.parse_one(sql, read="bigquery")):
        _tables(context, project, node)


def _sum(priced: list[tuple[columns_read.Read, int]], views: int) -> Estimate:
    processed = sum(size for _, size in priced) + views
    by_table: dict[tuple[str, str, str], int] = {}
    for read, size in priced:
        key = (read.table.project_id, read.table.dataset_id, read.table.table_id)
        by_table[key] = by_table.get(key, 0) + size
    # A query that processes nothing, such as COUNT(*), bills nothing.
    billed = sum(max(LEAST_A_TABLE, -(-size // MEGABYTE) * MEGABYTE) for size in by_table.values()) if processed else 0
    return Estimate(processed, billed + views)


def _bytes(context: Any, read: columns_read.Read) -> int:
    measured = sizes.measure(context.engine, read.table)
    test = pruning.test(read.table, read.conditions, lambda node: _constant(context, node))
    if test is None and resources.requires_filter(read.table) and pruning.columns(read.table):
        raise _unfiltered(read.table)
    total = 0
    for partition, part in measured.parts.items():
        values = pruning.span(read.table, partition) if test is not None and partition else None
        if test is None or values is None or test(values):
            wanted = part.columns.items()
            total += sum(size for name, size in wanted if read.columns is None or name.lower() in read.columns)
    return total


def _unfiltered(table: models.TableMeta) -> domain.InvalidQueryError:
    column = next(iter(pruning.columns(table)))
    spec = table.range_partitioning or table.time_partitioning
    shown = (
        getattr(spec, "field", None) and f"'{spec.field}'"
    ) or "'_PARTITION_LOAD_TIME', '_PARTITIONDATE', '_PARTITIONTIME'"
    name = f"{table.project_id}.{table.dataset_id}.{table.table_id}"
    return domain.InvalidQueryError(
        f"Cannot query over table '{name}' without a filter over column(s) {shown or column} that can be"
        " used for partition elimination",
        location="query",
    )


def _tables(context: Any, project: str, node: exp.Table) -> list[models.TableMeta]:
    parts = [part for piece in (node.catalog, node.db, node.name) if piece for part in piece.split(".")]
    if len(parts) == 2:  # noqa: PLR2004 -- dataset.table
        parts.insert(0, project)
    if len(parts) < 3:  # noqa: PLR2004 -- an alias; the emulator qualifies default datasets
        return []
    owner, dataset, name = ".".join(parts[:-2]), parts[-2], parts[-1]
    if name.endswith("*"):
        return [table for table in context.catalog.list_tables(owner, dataset) if table.table_id.startswith(name[:-1])]
    table = context.catalog.get_table(owner, dataset, name)
    if table is None:
        missing = context.catalog.get_dataset(owner, dataset) is None
        raise errors.dataset_missing(owner, dataset) if missing else errors.table_missing(owner, dataset, name)
    return [table] if table is not None else []


def _mentioned(context: Any, project: str, sql: str) -> list[models.TableMeta]:
    found: dict[tuple[str, ...], models.TableMeta] = {}
    for match in _PATHS.finditer(sql):
        parts = match[0].replace("`", "").split(".")
        key = tuple(parts if len(parts) == 3 else [project, *parts])  # noqa: PLR2004 -- project.dataset.table
        table = context.catalog.get_table(*key) if len(key) == 3 else None  # noqa: PLR2004 -- the same
        if table is not None:
            found[key] = table
    return list(found.values())


def _bound(tree: exp.Expression, parameters: list[dict[str, Any]]) -> exp.Expression:
    named = {entry.get("name", "").lower(): entry for entry in parameters if entry.get("name")}
    unnamed = iter([entry for entry in parameters if not entry.get("name")])
    for node in list(tree.find_all(exp.Parameter, exp.Placeholder)):
        entry = named.get(node.name.lower()) if isinstance(node, exp.Parameter) else next(unnamed, None)
        if entry is not None:
            node.replace(_literal(entry.get("parameterType") or {}, entry.get("parameterValue") or {}))
    return tree


def _literal(kind: Mapping[str, Any], value: Mapping[str, Any]) -> exp.Expression:
    if kind.get("type") == "ARRAY":
        return exp.Array(
            expressions=[_literal(kind.get("arrayType") or {}, item) for item in value.get("arrayValues") or ()]
        )
    if kind.get("type") == "STRUCT" or value.get("value") is None:
        return exp.null()
    text = exp.Literal.string(str(value["value"]).removesuffix(" UTC"))
    return exp.cast(text, exp.DataType.build(kind.get("type", "STRING"), dialect="bigquery"))


def _constant(context: Any, node: exp.Expression) -> Any:
    """Return the value of an expression without columns, instants in UTC without zone; None when it has none."""
    if node.find(exp.Column, exp.Subquery, exp.Select, exp.Parameter, exp.Placeholder):
        return None
    try:
        (value,) = sizes.cursor(context.engine).execute(f"SELECT {node.sql(dialect='duckdb')}").fetchone()
        if isinstance(value, str):
            value = datetime.datetime.fromisoformat(value.replace(" UTC", "+00:00"))
    except Exception:  # noqa: BLE001 -- a constant that the storage cannot evaluate eliminates no partition
        return None
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, datetime.date):
        return datetime.datetime.combine(value, datetime.time())
    return value if isinstance(value, int) else None


def _configuration(body: bytes) -> Mapping[str, Any]:
    try:
        found = asgi.json_body(body)
    except ValueError:
        return {}
    if "configuration" in found:
        return dict(found["configuration"])
    told = ("labels", "dryRun")
    query = {name: value for name, value in found.items() if name not in told}
    return {"query": query} | {name: found[name] for name in told if name in found}


def _with_bytes(app: Any, body: bytes) -> bytes:
    answer = json.loads(body)
    reference = answer.get("jobReference") or {}
    job = app.state.context.catalog.get_job(reference.get("projectId", ""), reference.get("jobId", ""))
    if job is not None:
        told = job.statistics.get("query", {})
        answer |= {name: told[name] for name in ("totalBytesProcessed", "totalBytesBilled") if name in told}
    return json.dumps(answer).encode()
