"""The HTTP handler of a stand-in whose answers are small JSON: requests are counted, faults strike, crashes are told.

A stand-in derives from it and says in which words it refuses, what its hooks are, and what it answers.
"""

import http
import traceback
from typing import Protocol

from local import faults, hooks, serving
from local.storage import exchange

_SEEN_BY_FAULTS = 64 * 1024


class Counting(Protocol):
    """What the handler needs of its server."""

    faults: faults.Faults
    counter: hooks.Counter


class Handler(serving.Handler):
    """Answers each request in turn; the methods below `handle_any` that raise are for the stand-in to write."""

    server: Counting  # type: ignore[assignment]  # the base knows of sockets only

    def handle_any(self) -> None:
        """Answer one request, or commit the fault that strikes it."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        length = headers.get("content-length", "0")
        if "transfer-encoding" in headers or not length.isdecimal():
            self.close_connection = True
            self.send(self.refusal(411, "The stand-in needs a Content-Length."))
            return
        request = exchange.Request(self.command, self.path, headers, self.rfile.read(int(length)))
        if request.path == "/":
            self.send(exchange.json_response({"status": "ok"}))
        elif request.path.startswith("/_"):
            self.send(self.hook(request))
        else:
            self._serve(request)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - names that the base calls

    def refusal(self, status: int, message: str) -> exchange.Response:
        """Return a refusal as the provider words it."""
        raise NotImplementedError

    def struck(self, fault: faults.Fault) -> exchange.Response:
        """Return the refusal that a fault asks for."""
        raise NotImplementedError

    def hook(self, request: exchange.Request) -> exchange.Response:
        """Return the response to a request on a path that begins with "/_"."""
        raise NotImplementedError

    def call(self, request: exchange.Request) -> str:
        """Return the name under which a request is counted."""
        raise NotImplementedError

    def run(self, request: exchange.Request) -> exchange.Response:
        """Return what the provider answers."""
        raise NotImplementedError

    def answer(self, response: exchange.Response) -> None:
        """Send what `run` returned."""
        self.send(response)

    def send(self, response: exchange.Response, *, cut: bool = False) -> None:
        """Send a response, or what is cut: its headers and half of its body."""
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status != http.HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body[: len(response.body) // 2] if cut else response.body)
        self.wfile.flush()

    def _serve(self, request: exchange.Request) -> None:
        self.server.counter.add(self.call(request))
        fault = self.server.faults.take(request.method, request.target, request.body[:_SEEN_BY_FAULTS])
        if fault is None:
            self.answer(self._run(request))
        elif fault.action == "refuse":
            self.send(self.struck(fault))
        else:
            self._break_off(fault, request)

    def _run(self, request: exchange.Request) -> exchange.Response:
        try:
            return self.run(request)
        except Exception:  # noqa: BLE001 - a server turns any crash into an answer; 501 since clients repeat a 500
            traceback.print_exc()
            return self.refusal(501, "The stand-in crashed: see its standard error.")

    def _break_off(self, fault: faults.Fault, request: exchange.Request) -> None:
        if fault.action in ("drop_answer", "hold_answer"):
            self._run(request)
        if fault.action in ("hold", "hold_answer"):
            self.server.faults.wait_released(fault)
        self.break_off()
