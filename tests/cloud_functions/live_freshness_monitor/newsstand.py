"""A site as a browser finds it, and a live_export to call, on one port; both misbehave as a test asks for."""

import dataclasses
import gzip
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

from tests import hosting

Failure = Literal["close", "cut", "drip", "half_gzip", "no_gzip", "hang"]
CACHE = "public, max-age=15"
REPORT = {"function": "live_export", "run_id": "r1", "status": "pass", "summary": "published 2"}


@dataclasses.dataclass(frozen=True)
class Fault:
    """How a path is answered instead: with a status, with other headers, or in a way that is none."""

    status: int = 200
    failure: Failure | None = None
    cache: str | None = CACHE
    location: str | None = None


GOOD = Fault()


@dataclasses.dataclass
class Newsstand:
    """Objects by path; faults by the beginning of a path. export: what a call of live_export does, and answers."""

    address: str
    objects: dict[str, bytes] = dataclasses.field(default_factory=dict)
    faults: dict[str, Fault] = dataclasses.field(default_factory=dict)
    # What is put in place, once, before the reading with that number of the whole site is answered.
    later: dict[int, dict[str, bytes]] = dataclasses.field(default_factory=dict)
    export: Callable[[dict[str, Any]], Any] = lambda _: REPORT
    export_status: int = 200
    calls: list[tuple[dict[str, Any], str]] = dataclasses.field(default_factory=list)
    reads: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    released: threading.Event = dataclasses.field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """The base of the site."""
        return f"{self.address}/v1"

    def reset(self) -> None:
        """Forget everything, and release what hangs."""
        self.released.set()
        self.released = threading.Event()
        for kept in (self.objects, self.faults, self.later, self.calls, self.reads):
            kept.clear()
        self.export, self.export_status = lambda _: REPORT, 200

    def fault(self, path: str) -> Fault:
        """Return how a path is answered."""
        return next((one for begin, one in self.faults.items() if path.startswith(begin)), GOOD)

    def read(self, path: str, accepted: str) -> bytes | None:
        """Return an object, after the read was written down, and what was to come was put in place."""
        self.reads.append((path, accepted))
        if path == "manifest.json":
            looks = sum(one == path for one, _ in self.reads)
            self.objects.update(self.later.pop(looks, {}))
        return self.objects.get(path)


class _Handler(http.server.BaseHTTPRequestHandler):
    """Says what the test wants."""

    def __init__(self, made: Newsstand, *connection: Any) -> None:
        self.made = made
        super().__init__(*connection)

    def do_GET(self) -> None:
        path = self.path.removeprefix("/v1/")
        body = self.made.read(path, self.headers.get("Accept-Encoding", ""))
        fault = self.made.fault(path)
        if fault.failure in ("hang", "close"):
            self.made.released.wait(60 if fault.failure == "hang" else 0)
            self.close_connection = True
            return
        status = fault.status if body is not None else 404
        content = gzip.compress(body or b"") if status == 200 else b"refused"
        self._answer(status, _spoiled(content, fault), fault, zipped=status == 200)

    def _answer(self, status: int, content: bytes, fault: Fault, *, zipped: bool) -> None:
        self.send_response(status)
        headers = {"Cache-Control": fault.cache, "Location": fault.location}
        for name, value in headers.items():
            if value is not None:
                self.send_header(name, value)
        if zipped:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content) + (9 if fault.failure == "cut" else 0)))
        self.end_headers()
        if fault.failure == "cut":
            self.close_connection = True
        self._write(content, pause=0.03 if fault.failure == "drip" else 0.0)

    def _write(self, content: bytes, *, pause: float) -> None:
        pieces = [content[at : at + 1] for at in range(len(content))] if pause else [content]
        for piece in pieces:
            try:
                self.wfile.write(piece)
            except OSError:
                return
            time.sleep(pause)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.made.calls.append((body, self.headers.get("Authorization", "")))
        said = self.made.export(body)
        content = said if isinstance(said, bytes) else json.dumps(said).encode()
        self._answer(self.made.export_status, content, Fault(cache="no-store"), zipped=False)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing on stderr."""


@contextmanager
def running() -> Iterator[Newsstand]:
    """Yield a newsstand that listens on a free port of this machine."""
    with hosting.listening(lambda *connection: _Handler(made, *connection)) as address:
        made = Newsstand(address)
        try:
            yield made
        finally:
            made.released.set()


def _spoiled(content: bytes, fault: Fault) -> bytes:
    if fault.failure == "half_gzip":
        return content[: len(content) // 2]
    return b"this is no gzip" if fault.failure == "no_gzip" else content
