"""A stand-in of the score provider: a box-score API with a key, pages and bad days, which replays a scripted night.

It serves `GET /v1/box_scores/live` as `answers` tells it, and its clock is moved from outside. The hooks for tests
are in `hooks`, the provider's own bad habits in `switches`. What it does not have it answers with 404.
"""

import hmac
import http
from typing import Any

from local import answering, faults, serving
from local import hooks as common
from local.scores import answers, hooks, refusals, script, state
from local.storage import exchange

KEY = "embedded-scores-key"
PATH = "/v1/box_scores/live"
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
        self.counter = common.Counter()
        super().__init__(port, _Handler)


class _Handler(answering.Handler):
    server_version = "scores"
    server: _HttpServer

    def refusal(self, status: int, message: str) -> exchange.Response:
        return refusals.Refused(status, message).response()

    def struck(self, fault: faults.Fault) -> exchange.Response:
        _, thrown = self.server.state.now()
        return refusals.Refused(fault.status, fault.message, retry_after=thrown.get("retry_after")).response()

    def hook(self, request: exchange.Request) -> exchange.Response:
        return hooks.run(self.server.state, request, armed=self.server.faults, counted=self.server.counter)

    def call(self, request: exchange.Request) -> str:
        # Whoever puts the key into the address by mistake does not find it in the counts.
        return f"{request.method} {request.target}".replace(self.server.key, "***")

    def run(self, request: exchange.Request) -> exchange.Response:
        try:
            return exchange.json_response(_page(self.server, request))
        except refusals.Refused as refused:
            return refused.response()

    def answer(self, response: exchange.Response) -> None:
        _, thrown = self.server.state.now()
        if response.status != http.HTTPStatus.OK:
            self.send(response)
        elif thrown.get("cut"):
            self.send(response, cut=True)
            self.break_off()
        else:
            self.send(_spoilt(response, thrown))


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
