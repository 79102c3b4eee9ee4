"""The outermost middleware: the faults that a test asks for, the count of requests, and what else `/_…` can be asked.

POST   /_faults     arm a fault (see local/faults.py); GET shows, DELETE disarms them
POST   /_jobs       add past jobs (see `job_history`); GET tells how many there are
GET    /_requests   how many requests came, in total and by call

Requests on these paths are never counted nor struck.
"""

import asyncio
import json
import re
import threading
from collections import Counter
from typing import Any

from local import faults
from local.bigquery import asgi, job_history, job_states, jobs

_PREFIX = r"(?:/upload|/resumable/upload)?/bigquery/v2/projects/[^/]+"
_DATASET = _PREFIX + r"/datasets/[^/]+"
_TABLE = _DATASET + r"/tables/[^/]+"
_CALLS = (
    ("POST", _PREFIX + r"/jobs", "jobs.insert"),
    ("PUT", _PREFIX + r"/jobs", "jobs.upload"),
    ("GET", _PREFIX + r"/jobs", "jobs.list"),
    ("GET", _PREFIX + r"/jobs/[^/]+", "jobs.get"),
    ("POST", _PREFIX + r"/jobs/[^/]+/cancel", "jobs.cancel"),
    ("DELETE", _PREFIX + r"/jobs/[^/]+(?:/delete)?", "jobs.delete"),
    ("POST", _PREFIX + r"/queries", "jobs.query"),
    ("GET", _PREFIX + r"/queries/[^/]+", "jobs.getQueryResults"),
    ("GET", _TABLE + r"/data", "tabledata.list"),
    ("POST", _TABLE + r"/insertAll", "tabledata.insertAll"),
    ("*", _TABLE + r"/rowAccessPolicies.*", "rowAccessPolicies"),
    ("*", _DATASET + r"/(?:routines|models).*", "routines"),
    ("GET", _DATASET + r"/tables", "tables.list"),
    ("POST", _DATASET + r"/tables", "tables.insert"),
    ("GET", _TABLE, "tables.get"),
    ("*", _TABLE, "tables.change"),
    ("GET", _PREFIX + r"/datasets", "datasets.list"),
    ("POST", _PREFIX + r"/datasets", "datasets.insert"),
    ("GET", _DATASET, "datasets.get"),
    ("*", _DATASET, "datasets.change"),
)
_PATTERNS = tuple((method, re.compile(path), name) for method, path, name in _CALLS)
_REASONS = {
    400: "invalid",
    401: "authError",
    403: "accessDenied",
    404: "notFound",
    409: "duplicate",
    429: "rateLimitExceeded",
}


class Requests:
    """How often each call was made; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_call: Counter[str] = Counter()

    def add(self, method: str, path: str) -> None:
        """Count one request."""
        with self._lock:
            self._by_call[f"{method} {call_name(method, path)}"] += 1

    def state(self) -> dict[str, Any]:
        """Return the counts as JSON values."""
        with self._lock:
            return {"total": self._by_call.total(), "by_call": dict(sorted(self._by_call.items()))}


def call_name(method: str, path: str) -> str:
    """Return the API's name of a call, such as jobs.insert; "other" for what the API does not have."""
    found = (name for verb, pattern, name in _PATTERNS if verb in (method, "*") and pattern.fullmatch(path))
    return next(found, "other")


def wrap(app: asgi.App) -> asgi.App:
    """Return the app with faults committed and requests counted in front of it."""
    armed, requests = faults.Faults(), Requests()

    async def struck(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
        elif scope["path"].startswith("/_"):
            await _control(armed, requests, scope, receive, send)
        else:
            # Set for every request: the server may give the next one on this connection the context of the last.
            jobs.striking.set(None)
            requests.add(scope["method"], scope["path"])
            body = await asgi.read_body(receive)
            target = scope["path"] + ("?" + scope["query_string"].decode() if scope["query_string"] else "")
            fault = armed.take(scope["method"], target, _plain(body))
            again = asgi.replay(body, receive)
            await (_commit(app, jobs.Committed(fault, armed), scope, again, send) if fault else app(scope, again, send))

    return struck


async def _commit(
    app: asgi.App, committed: jobs.Committed, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send
) -> None:
    fault = committed.fault
    if fault.action == "refuse":
        reason = fault.reason if fault.reason != "backendError" else _REASONS.get(fault.status, fault.reason)
        entry = {"domain": "global", "reason": reason, "message": fault.message}
        await asgi.send_json(
            send, fault.status, {"error": {"code": fault.status, "message": fault.message, "errors": [entry]}}
        )
        return
    if fault.action in ("fail_job", "slow_job"):
        jobs.striking.set(committed)
        await app(scope, receive, send)
        return
    if fault.action in ("drop_answer", "hold_answer"):
        await asgi.capture(app, scope, receive)
    if fault.action in ("hold", "hold_answer"):
        await asyncio.to_thread(committed.armed.wait_released, fault)
    await _cut(send)


async def _cut(send: asgi.Send) -> None:
    """Close the connection without an answer; ASGI has no word for that, so the server's transport is asked."""
    cycle = getattr(send, "__self__", None)
    if cycle is None or not hasattr(cycle, "transport"):
        raise RuntimeError("the HTTP server is not uvicorn as expected: a connection cannot be cut")
    cycle.transport.abort()
    await asyncio.sleep(0)


async def _control(
    armed: faults.Faults, requests: Requests, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send
) -> None:
    call = f"{scope['method']} {scope['path']}"
    added = {"POST /_faults": armed.add, "POST /_jobs": job_history.PAST.add}
    shown = {"GET /_faults": armed.state, "GET /_jobs": job_history.PAST.state, "GET /_requests": requests.state}
    if call in added:
        try:
            added[call](json.loads(await asgi.read_body(receive)))
        except (TypeError, ValueError, re.error) as malformed:
            await asgi.send_json(send, 400, {"error": {"code": 400, "message": str(malformed)}})
            return
        await asgi.send_answer(send, asgi.Answer(204, (), b""))
    elif call == "DELETE /_faults":
        armed.clear()
        await asgi.send_answer(send, asgi.Answer(204, (), b""))
    elif call in shown:
        await asgi.send_json(send, 200, shown[call]())
    else:
        refused = job_states.Failure("notFound", f"Not found: {call}")
        await asgi.send_json(send, refused.status, refused.answer())


def _plain(body: bytes) -> bytes:
    try:
        return asgi.unpacked(body)
    except ValueError:
        return body
