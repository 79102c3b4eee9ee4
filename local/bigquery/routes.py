"""The job calls of the REST API, in front of the emulator: insert, get and cancel."""

import json
import re
from typing import Any
from urllib.parse import parse_qs

from bqemulator.domain.errors import DomainError
from bqemulator.row_access import identity
from starlette.datastructures import Headers

from local.bigquery import asgi, job_states, jobs, time_travel

_JOBS = re.compile(r"/bigquery/v2/projects/(?P<project>[^/]+)/jobs")
_JOB = re.compile(r"/bigquery/v2/projects/(?P<project>[^/]+)/jobs/(?P<job>[^/]+)")
_CANCEL = re.compile(r"/bigquery/v2/projects/(?P<project>[^/]+)/jobs/(?P<job>[^/]+)/cancel")
_INSERT_ALL = re.compile(r"/bigquery/v2/projects/([^/]+)/datasets/([^/]+)/tables/([^/]+)/insertAll")


def wrap(app: asgi.App, runner: jobs.Runner) -> asgi.App:
    """Return the app with the job calls answered here, and everything else by `app`."""

    async def routed(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        call = _call(scope["method"], scope["path"])
        if call is None:
            await app(scope, receive, send)
            return
        try:
            await call(app, runner, scope, receive, send)
        except job_states.Failure as refused:
            await asgi.send_json(send, refused.status, refused.answer())
        except DomainError as refused:
            await asgi.send_json(send, refused.http_status, refused.to_bigquery_error())

    return routed


def _call(method: str, path: str) -> Any:
    calls = (
        ("POST", _JOBS, _insert),
        ("GET", _JOB, _get),
        ("POST", _CANCEL, _cancel),
        ("POST", _INSERT_ALL, _insert_all),
    )
    return next((call for verb, pattern, call in calls if verb == method and pattern.fullmatch(path)), None)


async def _insert(
    app: asgi.App, runner: jobs.Runner, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send
) -> None:
    project = _named(_JOBS, scope)["project"]
    body = await asgi.read_body(receive)
    try:
        submitted = asgi.json_body(body)
    except ValueError as malformed:
        raise job_states.Failure("invalid", f"Request body is not valid JSON: {malformed}") from malformed
    if job_states.kind(submitted.get("configuration") or {}) == "query":
        await _query(app, runner, scope, asgi.replay(body, receive), send, (project, submitted))
        return
    caller = identity.resolve_caller_from_headers(Headers(scope=scope))
    job = runner.submit(project, submitted, caller=caller)
    await asgi.send_json(send, 200, job_states.resource(job, runner.context.catalog))


async def _query(
    app: asgi.App,
    runner: jobs.Runner,
    scope: asgi.Scope,
    receive: asgi.Receive,
    send: asgi.Send,
    asked: tuple[str, dict[str, Any]],
) -> None:
    project, submitted = asked
    reference = submitted.get("jobReference") or {}
    if reference.get("jobId"):
        jobs.check_new(runner.context, project, reference["jobId"])
    answer = await asgi.capture(app, scope, receive)
    if answer.status == 200 and reference.get("location"):  # noqa: PLR2004 -- OK
        resource = json.loads(answer.body)
        resource["jobReference"]["location"] = reference["location"]
        job_states.remember_location(project, resource["jobReference"]["jobId"], reference["location"])
        answer = asgi.Answer(answer.status, answer.headers, json.dumps(resource).encode())
    await asgi.send_answer(send, answer)


async def _get(app: asgi.App, runner: jobs.Runner, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
    del app, receive
    named = _named(_JOB, scope)
    job = jobs.found(runner.context, named["project"], named["job"], _location(scope))
    await asgi.send_json(send, 200, job_states.resource(job, runner.context.catalog))


async def _cancel(
    app: asgi.App, runner: jobs.Runner, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send
) -> None:
    del app, receive
    named = _named(_CANCEL, scope)
    job = jobs.found(runner.context, named["project"], named["job"], _location(scope))
    runner.cancel(named["project"], named["job"])
    resource = job_states.resource(job, runner.context.catalog)
    await asgi.send_json(send, 200, {"kind": "bigquery#jobCancelResponse", "job": resource})


async def _insert_all(
    app: asgi.App, runner: jobs.Runner, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send
) -> None:
    """Keep the rows from before a first streamed insert findable, then let the emulator insert."""
    found = _INSERT_ALL.fullmatch(scope["path"])
    table = runner.context.catalog.get_table(*found.groups()) if found else None
    if table is not None:
        async with runner.context.engine.write_lock():
            time_travel.before_change(runner.context, table, loses_rows=False)
    await app(scope, receive, send)


def _named(pattern: re.Pattern[str], scope: asgi.Scope) -> dict[str, str]:
    found = pattern.fullmatch(scope["path"])
    return found.groupdict() if found else {}


def _location(scope: asgi.Scope) -> str | None:
    return parse_qs(scope["query_string"].decode()).get("location", [None])[0]
