"""The columns that a query answers with, found without running it."""

from typing import Any

from bqemulator.jobs import executor
from bqemulator.row_access import identity
from bqemulator.sql import inner_query, parameters, table_rewriter, translator

from local.bigquery import errors

_translator = translator.SQLTranslator()


async def columns(
    context: Any, project: str, sql: str, *, given: list[dict[str, Any]] | None = None, caller: Any = None
) -> list[dict[str, Any]]:
    """Return the API's `schema.fields` of a query; raise a DomainError when the query is mistaken."""
    caller = caller or identity.resolve_caller_from_headers({})
    try:
        translated = await inner_query.rewrite_and_translate_statement(
            sql.strip().rstrip(";"), project_id=project, ctx=context, caller=caller, translator=_translator
        )
        stored = table_rewriter.rewrite_table_refs(translated, project)
        bound, values = parameters.bind_parameters(stored, given)
        found = context.engine.fetch_arrow(f"SELECT * FROM ({bound}\n) LIMIT 0", values or None)  # noqa: S608 -- the caller's own query
    except Exception as mistake:
        # Whatever the storage or the translator says of a query is the query's mistake.
        raise errors.reworded(mistake, sql) from mistake
    return list(executor.build_response_schema(found.schema))
