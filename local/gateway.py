"""One HTTP port before all functions: `/<function>/…` goes to that function's process, `/` lists them and the pages."""

import dataclasses
import email.message
import html
import http.client
import http.server
import json
import socketserver
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from io import BufferedIOBase
from typing import Any

from local import functions, processes
from local.pages import tonight

# The longest that the platform lets an HTTP function run, and the largest body that it takes and gives.
REQUEST_SECONDS = 3600.0
BODY_LIMIT = 32 * 1024 * 1024
# They speak of one connection, not of the message.
HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


class GatewayError(RuntimeError):
    """The gateway cannot listen where it was asked to."""


class _BadRequestError(Exception):
    """The request cannot be read as HTTP; its first argument is the status to answer, its second says why."""


@dataclasses.dataclass(frozen=True)
class Server:
    """A gateway that serves until it is closed."""

    url: str
    port: int
    close: Callable[[], None]


@dataclasses.dataclass(frozen=True)
class _House:
    """What stands behind the port: functions by name, and the page of tonight."""

    known: Mapping[str, functions.Function]
    page: tonight.Page


@dataclasses.dataclass(frozen=True)
class _Answer:
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


def serve(targets: Iterable[functions.Function], *, port: int = 0, published: str | None = None) -> Server:
    """Return the gateway before `targets`, on `port` or a free one; raise GatewayError when the port is taken.

    published: the base address of the published files, which the page of tonight shows.
    """
    house = _House({function.name: function for function in targets}, tonight.load(published))
    try:
        server = _Threads((processes.HOST, port), _handler(house))
    except OSError as error:
        raise GatewayError(
            f"port {port} cannot be listened on ({error.strerror}): choose another with --port"
        ) from error
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()

    def close() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    bound: int = server.server_address[1]
    return Server(url=f"http://localhost:{bound}", port=bound, close=close)


class _Threads(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    # A request may take half an hour; closing the gateway does not wait for it.
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a caller who hung up."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def _handler(house: _House) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Without these two every answer on a kept connection waits 40 ms for an acknowledgement.
        disable_nagle_algorithm = True
        wbufsize = -1

        def answer(self) -> None:
            try:
                body = _body(self.headers, self.rfile)
                answer = _answer(house, self.command, self.path, headers=self.headers.items(), body=body)
            except _BadRequestError as error:
                self.close_connection = True
                answer = _refusal(error.args[0], "bad_request", error.args[1])
            self.send_response_only(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = answer  # noqa: N815 - http.server's names

    return Handler


def _answer(
    house: _House,
    method: str,
    target: str,
    *,
    headers: Iterable[tuple[str, str]],
    body: bytes,
) -> _Answer:
    path, mark, query = target.partition("?")
    name, _, rest = path.removeprefix("/").partition("/")
    headers = list(headers)
    if name in house.known:
        return _forward(house.known[name], method, f"/{rest}{mark}{query}", headers=headers, body=body)
    if path not in ("/", tonight.PATH):
        listed = ", ".join(house.known) or "none"
        return _refusal(HTTPStatus.NOT_FOUND, "unknown_function", f"no function {name!r} here; functions: {listed}")
    if method not in ("GET", "HEAD"):
        return _refusal(HTTPStatus.METHOD_NOT_ALLOWED, "method", f"{method} {path} does nothing: call /<function>")
    if path == tonight.PATH:
        return _tonight(house.page, query)
    accepted = next((value for key, value in headers if key.lower() == "accept"), "")
    return _page(house.known.values()) if "text/html" in accepted else _listing(house.known.values())


def _tonight(page: tonight.Page, query: str) -> _Answer:
    elsewhere = tonight.redirection(page, query)
    if elsewhere is None:
        return _Answer(HTTPStatus.OK, tonight.headers(page), page.body)
    headers = [("Location", elsewhere), ("Content-Length", "0"), ("Cache-Control", "no-store")]
    return _Answer(HTTPStatus.FOUND, headers, b"")


def _forward(
    function: functions.Function, method: str, target: str, *, headers: Sequence[tuple[str, str]], body: bytes
) -> _Answer:
    connection = http.client.HTTPConnection(processes.HOST, function.port, timeout=REQUEST_SECONDS)
    try:
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in _end_to_end(headers):
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        content = response.read()
    except (OSError, http.client.HTTPException) as error:
        message = f"{function.name} did not answer ({error}): read {function.log}"
        return _refusal(HTTPStatus.BAD_GATEWAY, "function_down", message)
    finally:
        connection.close()
    kept = _end_to_end(response.getheaders())
    # The answer to a HEAD tells the length of a body that is not sent.
    length = response.getheader("Content-Length", "0") if method == "HEAD" else str(len(content))
    return _Answer(response.status, [*kept, ("Content-Length", length)], content)


def _end_to_end(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    headers = list(headers)
    named = {word.strip().lower() for key, value in headers if key.lower() == "connection" for word in value.split(",")}
    dropped = HOP_BY_HOP | named | {"content-length"}
    return [(key, value) for key, value in headers if key.lower() not in dropped]


def _body(headers: email.message.Message, stream: BufferedIOBase) -> bytes:
    if "chunked" in headers.get("Transfer-Encoding", "").lower():
        return _chunks(stream)
    declared = headers.get("Content-Length") or "0"
    if not (declared.isascii() and declared.isdigit()):
        raise _BadRequestError(HTTPStatus.BAD_REQUEST, f"Content-Length is not a number: {declared!r}")
    return _exactly(stream, int(declared), already=0)


def _chunks(stream: BufferedIOBase) -> bytes:
    body = bytearray()
    while size := _chunk_size(stream.readline(1024)):
        body += _exactly(stream, size, already=len(body))
        stream.readline(16)
    while stream.readline(8192).strip():
        pass
    return bytes(body)


def _chunk_size(line: bytes) -> int:
    try:
        return int(line.split(b";")[0], 16)
    except ValueError as error:
        raise _BadRequestError(HTTPStatus.BAD_REQUEST, f"a chunk begins with {line!r}") from error


def _exactly(stream: BufferedIOBase, size: int, *, already: int) -> bytes:
    if not 0 <= size <= BODY_LIMIT - already:
        raise _BadRequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body of more than {BODY_LIMIT} bytes")
    data = stream.read(size)
    if len(data) < size:
        raise _BadRequestError(HTTPStatus.BAD_REQUEST, f"the body ends after {len(data)} of {size} bytes")
    return data


def _refusal(status: int, code: str, message: str) -> _Answer:
    return _json(status, {"error": {"code": code, "message": message}})


def _listing(targets: Iterable[functions.Function]) -> _Answer:
    listed = [{"name": each.name, "path": f"/{each.name}", "summary": each.summary} for each in targets]
    pages = [{"path": tonight.PATH, "summary": tonight.SUMMARY}]
    return _json(HTTPStatus.OK, {"functions": listed, "pages": pages})


def _page(targets: Iterable[functions.Function]) -> _Answer:
    # The links ask for the probe: a look at this page must not start a run.
    rows = "".join(
        f'<li><a href="/{each.name}?probe=1">{each.name}</a>: {html.escape(each.summary)}</li>' for each in targets
    )
    pages = f'<h2>Pages</h2><ul><li><a href="{tonight.PATH}">tonight</a>: {html.escape(tonight.SUMMARY)}</li></ul>'
    text = f"<!doctype html><meta charset=utf-8><title>Functions</title><h1>Functions</h1><ul>{rows}</ul>{pages}"
    return _content(HTTPStatus.OK, "text/html; charset=utf-8", text.encode())


def _json(status: int, value: object) -> _Answer:
    return _content(status, "application/json", (json.dumps(value, indent=2) + "\n").encode())


def _content(status: int, kind: str, body: bytes) -> _Answer:
    return _Answer(status, [("Content-Type", kind), ("Content-Length", str(len(body)))], body)
