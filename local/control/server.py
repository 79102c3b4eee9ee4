"""A stand-in of Google's control planes over REST; the API's host is the first segment of the path.

It serves the demo platform (`local.world.platform_demo`), or another, as it is at the instant of the call: jobs of
Cloud Scheduler, functions of Cloud Functions, services and policies of Cloud Run, entries of Cloud Logging, ages of
Cloud Monitoring. Of changes it knows only to pause, resume and run a job. What it does not have it refuses.
The hooks for tests are in `hooks`; a fault's `match` sees the first 64 KiB of a body.
"""

import contextlib
import datetime
import http.server
import socket
import traceback

from local import faults, serving
from local.control import errors, hooks, routes
from local.control.world import Clock, World
from local.storage import exchange
from local.storage import hooks as counting
from local.world import platform, platform_demo

_SEEN_BY_FAULTS = 64 * 1024
_IDLE_SECONDS = 120


class Server:
    """A running stand-in; close it to free its port."""

    def __init__(self, http_server: "_HttpServer") -> None:
        self._http = http_server
        self.faults = http_server.faults
        self.url = f"http://127.0.0.1:{http_server.server_port}"
        http_server.begin("control")

    def close(self) -> None:
        """Stop serving, cut every connection, and wait for what is being answered."""
        self.faults.clear()
        self._http.end()


def serve(*, port: int = 0, now: Clock | None = None, world: platform.Platform | None = None) -> Server:
    """Return a stand-in that serves on 127.0.0.1; raise OSError when the port is taken.

    now: tells the instant, by default this machine's clock. world: what is served, by default the demo platform.
    """
    return Server(_HttpServer(port, World(world or platform_demo.build(), now or _clock)))


def _clock() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


class _HttpServer(serving.Listener):
    def __init__(self, port: int, world: World) -> None:
        self.world = world
        self.faults = faults.Faults()
        self.counter = counting.Counter()
        super().__init__(port, _Handler)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "ESF"
    timeout = _IDLE_SECONDS
    # Without these two, every answer on a kept connection waits 40 ms for a delayed acknowledgement.
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _HttpServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of the base
        """Write nothing: the counts of requests are at /_requests."""

    def handle_any(self) -> None:
        """Answer one request, or commit the fault that strikes it."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        length = headers.get("content-length", "0")
        if "transfer-encoding" in headers or not length.isdecimal():
            self.close_connection = True
            self._send(errors.Refused(411, "The stand-in needs a Content-Length.").response())
            return
        body = self.rfile.read(int(length))
        request = exchange.Request(self.command, self.path, headers, body)
        server = self.server
        if request.path == "/":
            self._send(exchange.json_response({"status": "ok"}))
        elif request.path.startswith("/_"):
            self._send(hooks.run(server.world, request, armed=server.faults, counted=server.counter))
        else:
            server.counter.add(routes.name_of(request))
            fault = server.faults.take(request.method, request.target, body[:_SEEN_BY_FAULTS])
            if fault:
                self._strike(fault, request)
            else:
                self._send(self._run(request))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - names that the base calls

    def _run(self, request: exchange.Request) -> exchange.Response:
        try:
            return routes.answer(self.server.world, request)
        except Exception:  # noqa: BLE001 - a server turns any crash into an answer; 501 since clients repeat a 500
            traceback.print_exc()
            return errors.Refused(501, "The control planes' stand-in crashed: see its standard error.").response()

    def _strike(self, fault: faults.Fault, request: exchange.Request) -> None:
        if fault.action == "refuse":
            self._send(errors.Refused(fault.status, fault.message, reason=fault.reason).response())
            return
        if fault.action in ("drop_answer", "hold_answer"):
            self._run(request)
        if fault.action in ("hold", "hold_answer"):
            self.server.faults.wait_released(fault)
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, response: exchange.Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status != 204:  # noqa: PLR2004 - the one status here that has no body
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
