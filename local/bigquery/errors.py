"""Mistakes as BigQuery words and classifies them, in answers and in failed jobs; never a 500, which clients retry."""

import json
import re
from typing import Any

import fastapi
from bqemulator.domain import errors as domain
from bqemulator.jobs import error_mapper

from local.bigquery import asgi, patching

LOCATION = "US"
STATUS_CODES = {"notFound": 404, "duplicate": 409, "accessDenied": 403, "conditionNotMet": 412, "quotaExceeded": 403}
_QUERIES = re.compile(r"/bigquery/v2/projects/[^/]+/queries")

# The storage's words, and how BigQuery says the same; {at} is the place in the SQL of what the first group names.
_WORDINGS: tuple[tuple[str, str], ...] = (
    (r'Referenced column "(?P<name>[^"]+)" (?:not found|was not found)', "Unrecognized name: {name}{at}"),
    (
        r'Table "(?P<table>[^"]+)" does not have a column named "(?P<name>[^"]+)"',
        "Name {name} not found inside {table}{at}",
    ),
    (
        r'Values list "(?P<table>[^"]+)" does not have a column named "(?P<name>[^"]+)"',
        "Name {name} not found inside {table}{at}",
    ),
    (r'Referenced table "(?P<name>[^"]+)" not found', "Unrecognized name: {name}{at}"),
    (
        r'column "(?P<name>[^"]+)" must appear in the GROUP BY clause',
        "SELECT list expression references column {name} which is neither grouped nor aggregated{at}",
    ),
    (r"^Function not found: (?P<name>\w+) at", "Function not found: {name}{at}"),
    (
        r"(?:Scalar|Aggregate|Table) Function with name \"?(?P<name>[\w.]+)\"? does not exist",
        "Function not found: {name}{at}",
    ),
    (r"Could not convert string '(?P<value>[^']*)' to INT\d*", "Bad int64 value: {value}"),
    (r"Could not convert string '(?P<value>[^']*)' to (?:DOUBLE|FLOAT)", "Bad double value: {value}"),
    (r"Could not convert string '(?P<value>[^']*)' to BOOL\w*", "Bad bool value: {value}"),
    (r"Could not convert string \"(?P<value>[^\"]*)\" to DECIMAL", "Invalid NUMERIC value: {value}"),
    (r'invalid (?P<kind>date|timestamp|time) field format: "(?P<value>[^"]*)"', "Invalid {kind}: '{value}'"),
    (r"Ambiguous reference to column name \"(?P<name>[^\"]+)\"", "Column name {name} is ambiguous{at}"),
    (r"NOT NULL constraint failed: \S*?\.?(?P<name>[^.\s]+)$", "Required field {name} cannot be null"),
    (
        r"expected number of values|Values were not provided for .* parameters: (?P<name>\w+)",
        "Query parameter '{name}' not found{at}",
    ),
)
_PARSER_PLACE = re.compile(r"Line (?P<line>\d+), Col: (?P<column>\d+)")
_COMPILED = tuple((re.compile(pattern, re.MULTILINE), wording) for pattern, wording in _WORDINGS)
_NOT_FOUND_TABLE = re.compile(
    r"^Not found: Table (?P<project>[\w-]+)[.:](?P<rest>.+?)(?: was not found.*)?$", re.DOTALL
)


class PreconditionFailedError(domain.DomainError):
    """The caller's If-Match names another version of the resource."""

    http_status = 412
    bq_reason = "conditionNotMet"
    grpc_status_name = "FAILED_PRECONDITION"


class BytesBilledLimitExceededError(domain.InvalidQueryError):
    """The query would bill more than its maximum_bytes_billed."""

    bq_reason = "bytesBilledLimitExceeded"


def install(settings: Any) -> None:
    """Override how the emulator names resources in its messages."""
    del settings
    patching.replace(domain.ResourceRef, "format", _resource_name)


def wrap(app: asgi.App) -> asgi.App:
    """Return the app in which a failed jobs.query answers the failure's status; the emulator says 200 with no rows."""

    async def reworded(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not _QUERIES.fullmatch(scope["path"]):
            await app(scope, receive, send)
            return
        answer = await asgi.capture(app, scope, receive)
        failures = _json(answer.body).get("errors") if answer.status < 300 else None  # noqa: PLR2004 -- success
        if failures:
            await asgi.send_json(send, STATUS_CODES.get(failures[0]["reason"], 400), _refusal(failures[0]))
        else:
            await asgi.send_answer(send, answer)

    return reworded


def target(request: fastapi.Request, *names: str) -> tuple[Any, tuple[str, ...]]:
    """Return the emulator's context and the parts of the request's path, given their names."""
    return request.app.state.context, tuple(request.path_params[name] for name in names)


def reworded(mistake: Exception, sql: str) -> domain.DomainError:
    """Return the mistake that a statement made, as BigQuery words it, given whatever was raised."""
    if not isinstance(mistake, domain.DomainError):
        mistake = error_mapper.translate_runtime_error(mistake)
    if isinstance(mistake, domain.NotFoundError):
        return _not_found(mistake)
    if isinstance(mistake, domain.UnsupportedFeatureError):
        return domain.InvalidQueryError(mistake.message, location="query")
    if isinstance(mistake, domain.InternalError):
        return mistake
    if isinstance(mistake, domain.InvalidQueryError) and type(mistake) is domain.InvalidQueryError:
        return domain.InvalidQueryError(
            _words(mistake.message, sql) or mistake.message, location=mistake.location or "query"
        )
    return mistake


def dataset_missing(project: str, dataset: str) -> domain.NotFoundError:
    """Return the error of a query that reads a dataset which is not there."""
    return domain.NotFoundError(f"Not found: Dataset {project}:{dataset} was not found in location {LOCATION}")


def table_missing(project: str, dataset: str, table: str) -> domain.NotFoundError:
    """Return the error of a query that reads a table which is not there."""
    return domain.NotFoundError(f"Not found: Table {project}:{dataset}.{table} was not found in location {LOCATION}")


def position(name: str, sql: str) -> str:
    """Return " at [line:column]" of the name's first use in the SQL; empty when it is not there."""
    found = re.search(rf"(?<![\w`]){re.escape(name)}(?!\w)", sql, re.IGNORECASE) or re.search(re.escape(name), sql)
    if found is None:
        return ""
    before = sql[: found.start()]
    return f" at [{before.count(chr(10)) + 1}:{found.start() - before.rfind(chr(10))}]"


def _syntax(message: str, sql: str) -> str:
    if "SENTINEL" in message:
        return f"Syntax error: Unexpected end of script at [{sql.count(chr(10)) + 1}:{len(sql) - sql.rfind(chr(10))}]"
    token = re.search(r'Unexpected identifier "([^"]+)"', message)
    if token is not None:
        return f'Syntax error: Unexpected identifier "{token[1]}"{position(token[1], sql)}'
    place = _PARSER_PLACE.search(message)
    at = f" at [{place['line']}:{place['column']}]" if place and " at [" not in message else ""
    return re.split(r"\. Line \d+, Col|\s*\(sqlglot:", message.splitlines()[0])[0] + at


def _words(message: str, sql: str) -> str | None:
    if message.startswith("Syntax error"):
        return _syntax(message, sql)
    if message.startswith("division by zero"):
        return message.partition(" (Invalid Input Error")[0]
    for pattern, wording in _COMPILED:
        found = pattern.search(message)
        if found is not None:
            named = {key: value or "" for key, value in found.groupdict().items()}
            # The storage folds names to lower case where it made them itself; the SQL has the caller's spelling.
            name = re.search(rf"(?<!\w){re.escape(named.get('name', ''))}(?!\w)", sql, re.IGNORECASE)
            named["name"] = name[0] if name and name[0] else named.get("name", "")
            return wording.format(at=position(named["name"], sql), **named)
    return None


def _not_found(mistake: domain.NotFoundError) -> domain.DomainError:
    found = _NOT_FOUND_TABLE.match(mistake.message)
    if found is None:
        return mistake
    rest = found["rest"].splitlines()[0].rstrip(".")
    return domain.NotFoundError(f"Not found: Table {found['project']}:{rest} was not found in location {LOCATION}")


def _resource_name(reference: domain.ResourceRef) -> str:
    parts = [part for part in (reference.dataset_id, reference.resource_id) if part is not None]
    noun = reference.kind.replace("_", " ").capitalize()
    if reference.kind == "job":
        parts.insert(0, LOCATION)
    return f"{noun} {reference.project_id}:{'.'.join(parts)}"


def _refusal(failure: dict[str, Any]) -> dict[str, Any]:
    code = STATUS_CODES.get(failure["reason"], 400)
    return {"error": {"code": code, "message": failure["message"], "errors": [{"domain": "global", **failure}]}}


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
