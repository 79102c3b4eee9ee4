"""What stands around one statement: its DDL is kept whole, its cost told and limited, its mistakes reworded."""

import uuid
from typing import Any

from bqemulator.api.routes import jobs as routes
from bqemulator.catalog import models
from bqemulator.domain import errors as domain
from bqemulator.jobs import executor
from bqemulator.scripting import interpreter
from sqlglot import exp

from local.bigquery import (
    costs,
    ddl_parse,
    describe,
    dialect,
    errors,
    fields,
    layouts,
    patching,
    policies,
    resources,
    sizes,
    tables,
)


def install(settings: Any) -> None:
    """Override how the emulator runs and dry-runs one query, and how it enters made tables into its catalog."""
    dialect.install(settings)
    former = routes.execute_query_job

    async def execute(
        project: str, job_id: str, sql: str, parameters: Any, ctx: Any, **keywords: Any
    ) -> models.JobMeta:
        try:
            return await _run(former, (project, job_id, sql, parameters, ctx), keywords)
        except Exception as mistake:
            # The border of the query paths: whatever a statement causes must be its error, never a 500.
            raise errors.reworded(mistake, sql) from mistake

    patching.replace(routes, "execute_query_job", execute)
    patching.replace(routes, "_dry_run_response", dry_run)
    patching.replace(routes, "_build_dry_run_query_response", _dry_run_job)
    for module in (executor, interpreter):
        patching.replace(module, "sync_created_table", _entering(module.sync_created_table))


async def dry_run(**call: Any) -> dict[str, Any]:
    """Return the answer of jobs.query to a dry run: columns and bytes, and nothing is run."""
    context, project, sql, caller = call["ctx"], call["project_id"], call["bq_sql"], call["caller"]
    try:
        estimate = costs.estimate(context, project, sql, call["query_params"])
        kind = executor.classify_statement_type(sql) or "SELECT"
        if kind in routes._DESTRUCTIVE_STATEMENT_TYPES:  # noqa: SLF001 -- the emulator's own list
            columns = routes._destructive_dry_run_schema(  # noqa: SLF001 -- the emulator's own preview
                bq_sql=sql, statement_type=kind, project_id=project, ctx=context
            )
        elif kind == "SELECT":
            columns = await describe.columns(context, project, sql, given=call["query_params"], caller=caller)
        else:
            columns = []
    except Exception as mistake:
        # The border of the query paths, as in `install`.
        raise errors.reworded(mistake, sql) from mistake
    return {
        "kind": "bigquery#queryResponse",
        "jobReference": {"projectId": project, "location": errors.LOCATION},
        "jobComplete": True,
        "schema": {"fields": columns},
        "rows": [],
        "totalRows": "0",
        "cacheHit": False,
        "totalBytesProcessed": str(estimate.processed),
        "statementType": kind,
    }


async def _dry_run_job(**call: Any) -> dict[str, Any]:
    preview = await dry_run(**{name: call[name] for name in ("ctx", "project_id", "bq_sql", "query_params", "caller")})
    now = resources.millis(call["now"])
    query = {
        "statementType": preview["statementType"],
        "schema": preview["schema"],
        "totalBytesProcessed": preview["totalBytesProcessed"],
        "totalBytesBilled": "0",
        "cacheHit": False,
    }
    # A dry run is no job: it has no id that could be asked for later, and no place in the list.
    return {
        "kind": "bigquery#job",
        "configuration": call["config"],
        "jobReference": {"projectId": call["project_id"], "jobId": call["job_id"], "location": errors.LOCATION},
        "status": {"state": "DONE"},
        "statistics": {
            "creationTime": now,
            "totalBytesProcessed": preview["totalBytesProcessed"],
            "query": query,
        },
    }


async def _run(former: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> models.JobMeta:
    project, job_id, sql, parameters, context = arguments
    tree = ddl_parse.parsed(sql)
    estimate = costs.estimate(context, project, sql, parameters)
    costs.check_limit(estimate)
    operation = _made(context, project, tree) or _optioned(context, project, sql)
    if operation is not None:
        job = _ddl_job(context, project, job_id, sql, operation)
    else:
        job = await former(*arguments, **keywords)
        if isinstance(tree, exp.Alter):
            _altered(context, ddl_parse.target(tree, project))
    told = {"totalBytesProcessed": str(estimate.processed), "totalBytesBilled": str(estimate.billed)}
    statistics = {**job.statistics, "query": {**job.statistics.get("query", {}), **told}}
    if "cacheHit" not in statistics["query"]:
        statistics["query"]["cacheHit"] = False
    update = {"statistics": statistics | {"totalBytesProcessed": told["totalBytesProcessed"]}}
    return job.model_copy(update=update | {"configuration": _configured(job), "user_email": policies.EMAIL})


def _configured(job: models.JobMeta) -> dict[str, Any]:
    """Return the job's configuration as it was asked, with what the emulator adds: the table of the results."""
    whole = dict(costs.asked.get({}))
    return whole | {"query": {**job.configuration.get("query", {}), **whole.get("query", {})}}


def _made(context: Any, project: str, tree: exp.Expression | None) -> str | None:
    """Create the table whose columns the statement declares, in exact types; return what was done, None for others."""
    create = ddl_parse.created_table(tree)
    if create is None or create.expression is not None:
        return None
    source = ddl_parse.like(create, project)
    columns = ddl_parse.columns(create)
    external = bool(create.args.get("properties") and create.args["properties"].find(exp.ExternalProperty))
    if not columns and source is None and not external:
        return None
    key = ddl_parse.target(create, project)
    if context.catalog.get_dataset(*key[:2]) is None:
        raise errors.dataset_missing(*key[:2])
    present = context.catalog.get_table(*key)
    if present is not None and create.args.get("exists"):
        return "SKIP"
    if present is not None and not create.args.get("replace"):
        raise domain.resource_already_exists(domain.ResourceRef("table", *key))
    body = _resource(context, create, columns, source)
    wanted = resources.from_api(key[0], key[1], body | {"tableReference": {"tableId": key[2]}}, context.clock.now())
    layouts.check(wanted)
    if present is not None:
        tables.drop(context, present)
    tables.create(context, wanted)
    return "REPLACE" if present is not None else "CREATE"


def _resource(context: Any, create: exp.Create, columns: list[dict[str, Any]], source: Any) -> dict[str, Any]:
    body = ddl_parse.evaluated(context.engine, ddl_parse.layout(create))
    if source is None:
        return body | {"schema": {"fields": columns}}
    like = resources.to_api(tables.existing(context, *source), 0, 0)
    kept = ("schema", "timePartitioning", "rangePartitioning", "clustering")
    return {name: like[name] for name in kept if name in like} | body


def _optioned(context: Any, project: str, sql: str) -> str | None:
    """Change the catalog's options as ALTER … SET OPTIONS says, which the emulator ignores; return what was done."""
    found = ddl_parse.set_options(sql, project)
    if found is None:
        return None
    key, changes = found
    table = tables.existing(context, *key)
    former = resources.to_api(table, 0, 0)
    changes = ddl_parse.evaluated(context.engine, changes)
    if "timePartitioning" in changes:
        changes["timePartitioning"] = {**former.get("timePartitioning", {}), **changes["timePartitioning"]}
    body = {name: value for name, value in {**former, **changes}.items() if value is not None}
    _overlay(context, table, body)
    return "ALTER"


def _overlay(context: Any, table: models.TableMeta, body: dict[str, Any]) -> None:
    wanted = resources.from_api(
        table.project_id, table.dataset_id, body | {"tableReference": {"tableId": table.table_id}}, context.clock.now()
    )
    kept = ("table_type", "creation_time", "base_table", "snapshot_time", "num_rows", "view_query")
    context.catalog.update_table(wanted.model_copy(update={name: getattr(table, name) for name in kept}))


def _altered(context: Any, key: tuple[str, str, str]) -> None:
    table = context.catalog.get_table(*key)
    if table is None:
        return
    known = {field.name: field for field in table.schema_.fields}
    found = tuple(known.get(field.name, field) for field in _stored_columns(context, table))
    sizes.forget(*key)
    context.catalog.update_table(
        table.model_copy(
            update={"schema_": models.TableSchema(fields=found), "last_modified_time": context.clock.now()}
        )
    )


def _stored_columns(context: Any, table: models.TableMeta) -> tuple[Any, ...]:
    found = context.engine.fetch_arrow(f"SELECT * FROM {sizes.storage_name(table)} LIMIT 0")  # noqa: S608 -- the name is quoted
    required = {
        row[1]
        for row in context.engine.execute(f"PRAGMA table_info('{sizes.storage_name(table)}')").fetchall()
        if row[3]
    }
    columns = fields.parse(executor.build_response_schema(found.schema))
    return tuple(
        field.model_copy(update={"mode": "REQUIRED"}) if field.name in required else field for field in columns
    )


def _entering(former: Any) -> Any:
    def sync_created_table(sql: str, project: str, context: Any) -> None:
        former(sql, project, context)
        create = ddl_parse.created_table(ddl_parse.parsed(sql))
        if create is None:
            return
        key = ddl_parse.target(create, project)
        table = context.catalog.get_table(*key)
        # The emulator drops the layout, and takes JSON for STRING.
        body = ddl_parse.evaluated(context.engine, ddl_parse.layout(create))
        if table.expiration_time is not None:
            # The dataset's default, which the statement's own option takes the place of.
            body.setdefault("expirationTime", resources.millis(table.expiration_time))
        columns = [fields.to_api(field) for field in _stored_columns(context, table)]
        declared = {column["name"]: column.get("description") for column in ddl_parse.columns(create)}
        columns = [
            column | ({"description": declared[column["name"]]} if declared.get(column["name"]) else {})
            for column in columns
        ]
        sizes.forget(*key)
        _overlay(context, table, body | {"schema": {"fields": columns}})

    return sync_created_table


def _ddl_job(context: Any, project: str, job_id: str, sql: str, operation: str) -> models.JobMeta:
    return executor._build_ddl_job_meta(  # noqa: SLF001 -- the emulator's own ending of a DDL job
        project_id=project,
        job_id=job_id or uuid.uuid4().hex,
        bq_sql=sql,
        statement_type=executor.classify_statement_type(sql),
        arrow_table=executor._EMPTY_ARROW,  # noqa: SLF001 -- as above
        now=context.clock.now(),
        ctx=context,
        ddl_operation=operation,
    )
