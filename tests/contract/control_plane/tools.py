"""How the tests ask the control planes: a stand-in of the demo platform, or a server that answers as it is told to."""

import contextlib
import datetime
import http.server
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib import parse

import requests
from google.cloud import bigquery, storage

from local.control import server
from local.world import platform
from shared.gcp import clients, control_plane

NOW = datetime.datetime(2026, 2, 12, 14, 0, 30, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
REGION, PROJECT = platform.REGION, platform.PROJECT
SERVICE = f"{platform.PARENT}/services/prediction-worker"
SECONDS = 30.0
SOON = 1.5
"""Seconds of a deadline that is waited for."""
Ask = Callable[[control_plane.Plane], Any]
ASKS: dict[str, Ask] = {
    "cloudscheduler": lambda plane: control_plane.jobs(plane, REGION),
    "cloudfunctions": control_plane.functions,
    "run": lambda plane: control_plane.services(plane, REGION),
    "policy": lambda plane: control_plane.policy(plane, SERVICE),
    "logging": lambda plane: control_plane.failed_attempts(plane, first=NOW - 26 * HOUR, until=NOW),
    "lines": lambda plane: control_plane.lines(plane, ["transition-monitor"], first=NOW - 26 * HOUR, until=NOW),
    "monitoring": lambda plane: control_plane.backlog_ages(plane, first=NOW - HOUR / 4, until=NOW),
}
"""Every question, by the API that answers it or by what it is about."""


def connected(endpoint: str | None, *, seconds: float = SECONDS, project: str = PROJECT) -> control_plane.Plane:
    """Return the means to ask a stand-in, as the account of the tests' metadata server."""
    used = clients.Clients(bigquery.Client(project=project), storage.Client(project=project), clients.Calls())
    return control_plane.connect(used, endpoint=endpoint, seconds=seconds)


class Standin:
    """The demo platform, and what tests make of it."""

    def __init__(self, running: server.Server) -> None:
        self.running = running

    def plane(self, **given: Any) -> control_plane.Plane:
        """Return the means to ask it."""
        return connected(self.running.url, **given)

    def arm(self, action: str, match: str = "googleapis", **more: Any) -> None:
        """Arm a fault; by default it strikes every request, again and again."""
        self.running.faults.add({"match": match, "action": action, "times": 100} | more)

    def throw(self, **switches: Any) -> None:
        """Throw switches of the world."""
        assert requests.post(f"{self.running.url}/_world", json=switches, timeout=10).status_code == 204

    @property
    def calls(self) -> dict[str, int]:
        """How often each call was made."""
        found: dict[str, int] = requests.get(f"{self.running.url}/_requests", timeout=10).json()["by_call"]
        return found

    @property
    def total(self) -> int:
        """How many calls were made."""
        return sum(self.calls.values())

    def reset(self) -> None:
        """Make it the demo platform again, with no fault and nothing counted."""
        for hook in ("_world", "_faults", "_requests"):
            requests.delete(f"{self.running.url}/{hook}", timeout=10)


class Script(http.server.ThreadingHTTPServer):
    """A server that answers one request after another as it was told to, the last answer for ever."""

    daemon_threads = True

    def __init__(self, answers: Sequence[Any]) -> None:
        super().__init__(("127.0.0.1", 0), _Scripted)
        self.answers = list(answers)
        self.heard: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        """Return the address."""
        return f"http://127.0.0.1:{self.server_port}"


class _Scripted(http.server.BaseHTTPRequestHandler):
    server: Script

    def answer(self) -> None:
        """Answer with the next document, or with the next status and headers."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.heard.append(
            {"path": self.path.partition("?")[0], **dict(parse.parse_qsl(self.path.partition("?")[2]))}
            | (json.loads(body) if body else {})
        )
        answers = self.server.answers
        told = answers.pop(0) if len(answers) > 1 else answers[0]
        status, headers = told if isinstance(told, tuple) else (200, {})
        content = b"" if isinstance(told, tuple) else json.dumps(told).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = answer  # noqa: N815 - names that the base calls

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of the base
        """Write nothing."""


@contextlib.contextmanager
def scripted(*answers: Any) -> Iterator[Script]:
    """Yield a running server that answers as told, and end it however the test ends."""
    running = Script(answers)
    thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield running
    finally:
        running.shutdown()
        running.server_close()
        thread.join()
