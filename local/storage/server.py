"""A Cloud Storage stand-in over HTTP, for the unmodified official client (STORAGE_EMULATOR_HOST).

It enforces what the real service enforces: preconditions, checksums, holds, retention, rights, names. What it does not
have it refuses with 501, never with a silent success: soft delete, access control lists, notifications, keys of the
caller, folders of hierarchical buckets. Lifecycle rules are stored, never executed; signatures are not checked.
The hooks for tests are in `hooks`; a fault's `match` sees the first 64 KiB of a body.
"""

import pathlib
import traceback
from typing import BinaryIO

from local import faults, serving
from local import hooks as common
from local.storage import disk, errors, exchange, hooks, memory, routes, store

_SEEN_BY_FAULTS = 64 * 1024
_PIECE = 1024 * 1024


class Server:
    """A running stand-in; close it to free its port and its directory."""

    def __init__(self, http_server: "_HttpServer") -> None:
        self._http = http_server
        self.store = http_server.store
        self.faults = http_server.faults
        self.url = f"http://127.0.0.1:{http_server.server_port}"
        http_server.begin("storage")

    def close(self) -> None:
        """Stop serving, cut every connection, wait for what is being executed, and let go of the directory."""
        self.faults.clear()
        self._http.end()
        self.store.keeper.close()


def serve(*, port: int = 0, directory: pathlib.Path | None = None, clock: store.Clock | None = None) -> Server:
    """Return a stand-in that serves on 127.0.0.1, from `directory` if given; raise ValueError when that is in use."""
    keeper = disk.Disk(directory) if directory else memory.Memory()
    try:
        return Server(_HttpServer(port, store.Store(keeper, clock=clock)))
    except BaseException:
        keeper.close()
        raise


class _HttpServer(serving.Listener):
    def __init__(self, port: int, stored: store.Store) -> None:
        self.store = stored
        self.faults = faults.Faults()
        self.counter = common.Counter()
        super().__init__(port, _Handler)


class _Handler(serving.Handler):
    server_version = "UploadServer"
    server: _HttpServer

    def handle_any(self) -> None:
        """Answer one request, or commit the fault that strikes it."""
        try:
            request = self._request()
        except errors.ApiError as error:
            self.close_connection = True
            self._send(exchange.json_response(exchange.error_document(error), status=error.status))
            return
        if request.path.startswith("/_"):
            server = self.server
            self._send(hooks.run(server.store, request, armed=server.faults, counted=server.counter))
            return
        self.server.counter.add(routes.name_of(request))
        fault = self.server.faults.take(request.method, request.target, request.body[:_SEEN_BY_FAULTS])
        if fault:
            self._strike(fault, request)
        else:
            self._send(self._run(request))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_any  # noqa: N815  # names that the base calls

    def _run(self, request: exchange.Request) -> exchange.Response:
        try:
            return routes.run(self.server.store, request)
        except Exception:  # noqa: BLE001  # a server turns any crash into an answer; 501 since clients repeat a 500
            traceback.print_exc()
            error = errors.ApiError(501, "internalError", "The Cloud Storage stand-in crashed: see its standard error.")
            return exchange.error_response(error, request)

    def _strike(self, fault: faults.Fault, request: exchange.Request) -> None:
        if fault.action == "refuse":
            error = errors.ApiError(fault.status, fault.reason, fault.message)
            self._send(exchange.error_response(error, request))
            return
        if fault.action in ("drop_answer", "hold_answer"):
            response = self._run(request)
            if response.stream:
                response.stream.close()
        if fault.action in ("hold", "hold_answer"):
            self.server.faults.wait_released(fault)
        self.break_off()

    def _request(self) -> exchange.Request:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self._chunks() if headers.get("transfer-encoding", "").lower() == "chunked" else self._sized(headers)
        method = headers.get("x-http-method-override") or self.command
        return exchange.Request(method, self.path, headers, body)

    def _sized(self, headers: dict[str, str]) -> bytes:
        text = headers.get("content-length", "0")
        if not text.isdecimal():
            raise errors.invalid(f"Invalid Content-Length: {text}")
        body = self.rfile.read(int(text))
        if len(body) < int(text):
            raise errors.invalid(f"The request ended after {len(body)} of {text} bytes.")
        return body

    def _chunks(self) -> bytes:
        pieces = []
        try:
            while size := int(self.rfile.readline().split(b";")[0], 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
        except ValueError as error:
            raise errors.invalid("Invalid chunk in the request body.") from error
        while self.rfile.readline().strip():
            continue
        return b"".join(pieces)

    def _send(self, response: exchange.Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value.encode().decode("latin-1"))
        length = response.length if response.stream else len(response.body)
        if response.status not in (204, 304):
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if response.stream:
            with response.stream as stream:
                self._copy(stream, length if self.command != "HEAD" else 0)
        elif self.command != "HEAD":
            self.wfile.write(response.body)

    def _copy(self, stream: BinaryIO, length: int) -> None:
        while length:
            piece = stream.read(min(_PIECE, length))
            if not piece:
                # The file was cut short on disk: the client must see a broken answer, not a complete one.
                self.close_connection = True
                return
            self.wfile.write(piece)
            length -= len(piece)
