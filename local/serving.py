"""An HTTP listener that can be ended while connections are open: what HTTP stand-ins of this process are made of."""

import contextlib
import http.server
import socket
import sys
import threading
import traceback

_CLOSING_SECONDS = 10
_IDLE_SECONDS = 120


class Handler(http.server.BaseHTTPRequestHandler):
    """What the handlers of all stand-ins share: kept connections, no log, and a way to break off."""

    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    # Without these two, every answer on a kept connection waits 40 ms for a delayed acknowledgement.
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of the base
        """Write nothing: the counts of requests are at /_requests."""

    def break_off(self) -> None:
        """Cut the connection, whatever was sent of the answer."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


class Listener(http.server.ThreadingHTTPServer):
    """A listener on 127.0.0.1 that knows its open connections; `begin` lets it serve, `end` cuts them and frees it."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, handler: type[http.server.BaseHTTPRequestHandler]) -> None:
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__(("127.0.0.1", port), handler)

    def begin(self, name: str) -> None:
        """Serve, in a thread of that name."""
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), name=name, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop serving, cut every connection, and wait for what is being executed."""
        self.shutdown()
        self.server_close()
        self.cut_connections()
        self._thread.join()

    def process_request(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
        """Serve one connection in a thread of its own, known to `cut_connections` before the thread begins."""
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def process_request_thread(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
        """Serve one connection until either side closes it."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._changed:
                self._open.discard(request)
                self._changed.notify_all()

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - the signature of the base
        """Show a crash; a connection that broke is none."""
        error = sys.exception()
        if not isinstance(error, OSError):
            traceback.print_exception(error)

    def cut_connections(self) -> None:
        """Cut every open connection and wait until none is being served."""
        with self._changed:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._changed.wait_for(lambda: not self._open, timeout=_CLOSING_SECONDS)
