"""A stand-in of the score provider: a box-score API with a key, pages and bad days, which replays a scripted night.

It serves `GET /v1/box_scores/live` as `answers` tells it, and its clock is moved from outside. The hooks for tests
are in `hooks`, the provider's own bad habits in `switches`. What it does not have it answers with 404.
"""

import contextlib
import hmac
import http.server
import socket
import traceback
from typing import Any

from local import faults, serving
from local.scores import answers, hooks, refusals, script, state
from local.storage import exchange
from local.storage import hooks as counting

KEY = "embedded-scores-key"
PATH = "/v1/box_scores/live"
_SEEN_BY_FAULTS = 64 * 1024
_IDLE_SECONDS = 120
_PAGE_OF_HTML = b"<!doctype html><html><head><title>Just a moment</title></head><body>Checking you.</body></html>"


class Server:
    """A running stand-in; close it to free its port."""

    def __init__(self, http_server: "_HttpServer") -> None:
        self._http = http_server
        self.faults = http_server.faults
        self.key = http_server.key
        self.url = f"http://127.0.0.1:{http_server.server_port}"
        http_server.begin("scores")

    def at(self, minute: float) -> None:
        """Let it be this minute of the night."""
        self._http.state.at(minute)

    def throw(self, **switches: Any) -> None:
        """Merge switches into those that are thrown, None takes one back; raise Refused for what is none."""
        self._http.state.throw(switches)

    def restore(self) -> None:
        """Take every switch back and disarm every fault."""
        self._http.state.restore()
        self.faults.clear()

    def close(self) -> None:
        """Stop serving, cut every connection, and wait for what is being answered."""
        self.faults.clear()
        self._http.end()


def serve(night: script.Night, *, port: int = 0, key: str = KEY) -> Server:
    """Return a stand-in that serves on 127.0.0.1, an hour before the first tip-off; raise OSError for a taken port."""
    return Server(_HttpServer(port, state.State(night), key))


class _HttpServer(serving.Listener):
    def __init__(self, port: int, known: state.State, key: str) -> None:
        self.state = known
        self.key = key
        self.faults = faults.Faults()
        self.counter = counting.Counter()
        super().__init__(port, _Handler)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "scores"
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
            self._send(refusals.Refused(411, "The stand-in needs a Content-Length.").response())
            return
        request = exchange.Request(self.command, self.path, headers, self.rfile.read(int(length)))
        server = self.server
        if request.path == "/":
            self._send(exchange.json_response({"status": "ok"}))
        elif request.path.startswith("/_"):
            self._send(hooks.run(server.state, request, armed=server.faults, counted=server.counter))
        else:
            # Whoever puts the key into the address by mistake does not find it in the counts.
            server.counter.add(f"{request.method} {request.target}".replace(server.key, "***"))
            fault = server.faults.take(request.method, request.target, request.body[:_SEEN_BY_FAULTS])
            if fault:
                self._strike(fault, request)
            else:
                self._answer(request)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - names that the base calls

    def _answer(self, request: exchange.Request) -> None:
        _, thrown = self.server.state.now()
        response = self._run(request)
        good = response.status == http.HTTPStatus.OK
        if good and thrown.get("cut"):
            self._send(response, cut=True)
            self._break()
        else:
            self._send(_spoilt(response, thrown) if good else response)

    def _run(self, request: exchange.Request) -> exchange.Response:
        try:
            return exchange.json_response(_page(self.server, request))
        except refusals.Refused as refused:
            return refused.response()
        except Exception:  # noqa: BLE001 - a server turns any crash into an answer; 501 since clients repeat a 500
            traceback.print_exc()
            return refusals.Refused(501, "The score provider's stand-in crashed: see its standard error.").response()

    def _strike(self, fault: faults.Fault, request: exchange.Request) -> None:
        if fault.action == "refuse":
            _, thrown = self.server.state.now()
            wait = thrown.get("retry_after")
            self._send(refusals.Refused(fault.status, fault.message, retry_after=wait).response())
            return
        if fault.action in ("drop_answer", "hold_answer"):
            self._run(request)
        if fault.action in ("hold", "hold_answer"):
            self.server.faults.wait_released(fault)
        self._break()

    def _break(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, response: exchange.Response, *, cut: bool = False) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status != http.HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body[: len(response.body) // 2] if cut else response.body)
        self.wfile.flush()


def _page(server: _HttpServer, request: exchange.Request) -> dict[str, Any]:
    if (request.method, request.path) != ("GET", PATH):
        raise refusals.Refused(404, f"There is no {request.method} {request.path}.")
    _authorise(request, server.key)
    minute, thrown = server.state.now()
    return answers.page(server.state.night, minute, request.query, thrown=thrown)


def _authorise(request: exchange.Request, key: str) -> None:
    sent = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(sent.encode(), key.encode()):
        raise refusals.Refused(401, "Unauthorized")


def _spoilt(response: exchange.Response, thrown: dict[str, Any]) -> exchange.Response:
    if thrown.get("garbage"):
        return exchange.Response(200, {"Content-Type": "text/html; charset=utf-8"}, _PAGE_OF_HTML)
    if thrown.get("half_page"):
        return exchange.Response(200, response.headers, response.body[: len(response.body) // 2])
    return response
