"""Where messages to people arrive on this machine: a webhook that keeps each one as a file, for a person to read."""

import functools
import json
import socketserver
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

LIMIT = 1024 * 1024
_IDLE_SECONDS = 30


class Server:
    """A running inbox; `url` is the webhook, `directory` holds the messages, numbered in the order of arrival."""

    def __init__(self, listener: "_Listener", directory: Path) -> None:
        self.url = f"http://127.0.0.1:{listener.server_address[1]}/"
        self.directory = directory
        self._listener = listener
        self._thread = threading.Thread(target=listener.serve_forever, args=(0.05,), name="inbox", daemon=True)
        self._thread.start()

    def messages(self) -> list[Any]:
        """Return all messages, oldest first."""
        return [json.loads(path.read_text("utf-8")) for path in sorted(self.directory.glob("*.json"))]

    def close(self) -> None:
        """Stop listening; the messages stay."""
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()


def serve(directory: Path, *, port: int = 0) -> Server:
    """Return an inbox that keeps what is posted in `directory`; raise OSError when the port is taken."""
    directory.mkdir(parents=True, exist_ok=True)
    return Server(_Listener(("127.0.0.1", port), functools.partial(_Handler, directory)), directory)


class _Listener(socketserver.ThreadingTCPServer):
    """A listener that leaves its port at once, and numbers what arrives."""

    allow_reuse_address = True
    daemon_threads = True
    lock = threading.Lock()


class _Handler(BaseHTTPRequestHandler):
    """Keeps the JSON of each POST."""

    timeout = _IDLE_SECONDS

    def __init__(self, directory: Path, *connection: Any) -> None:
        self._directory = directory
        super().__init__(*connection)

    def do_POST(self) -> None:
        """Keep one message, and answer as Slack does; refuse what is no JSON."""
        length = self.headers.get("Content-Length", "0")
        content = self.rfile.read(min(int(length) if length.isdigit() else 0, LIMIT))
        try:
            message = json.loads(content)
        except ValueError:
            self._answer(HTTPStatus.BAD_REQUEST, b"invalid_payload")
            return
        with _Listener.lock:
            path = self._directory / f"{len(list(self._directory.glob('*.json'))) + 1:04d}.json"
            path.write_text(json.dumps(message, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        self._answer(HTTPStatus.OK, b"ok")

    def _answer(self, status: HTTPStatus, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_parts: object) -> None:
        """Say nothing on the terminal."""
