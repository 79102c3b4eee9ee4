"""A foreign host, written by hand: what it says to the next requests, byte by byte where a test wants that."""

import dataclasses
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests import hosting


@dataclasses.dataclass(frozen=True)
class Said:
    """What is said: status, headers, body; promised: the length that is told; drip: seconds before each byte."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b"{}"
    promised: int | None = None
    drip: float = 0.0
    silent: bool = False


@dataclasses.dataclass
class Host:
    """A host on a port of its own; sent: bytes of dripped bodies that left. requests: method, path, headers, body."""

    url: str
    said: Said = dataclasses.field(default_factory=Said)
    sent: int = 0
    requests: list[tuple[str, str, dict[str, str], bytes]] = dataclasses.field(default_factory=list)
    released: threading.Event = dataclasses.field(default_factory=threading.Event)


class _Handler(http.server.BaseHTTPRequestHandler):
    """Says what the test wants."""

    def __init__(self, host: Host, *connection: Any) -> None:
        self.host = host
        super().__init__(*connection)

    def do_GET(self) -> None:
        self._say()

    def do_POST(self) -> None:
        self._say()

    def _say(self) -> None:
        given = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.host.requests.append((self.command, self.path, dict(self.headers), given))
        said = self.host.said
        if said.silent:
            self.host.released.wait(60)
            self.close_connection = True
            return
        self.send_response(said.status)
        for name, value in said.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said.body) if said.promised is None else said.promised))
        self.end_headers()
        self._write(said)
        self.close_connection = True

    def _write(self, said: Said) -> None:
        try:
            if not said.drip:
                self.wfile.write(said.body)
                return
            for at in range(len(said.body)):
                if self.host.released.wait(said.drip):
                    return
                self.wfile.write(said.body[at : at + 1])
                self.host.sent += 1
        except OSError:
            return

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing on stderr."""


@contextmanager
def running() -> Iterator[Host]:
    """Yield a host that listens on a free port of this machine."""
    with hosting.listening(lambda *connection: _Handler(host, *connection)) as address:
        host = Host(f"{address}/path")
        try:
            yield host
        finally:
            host.released.set()
