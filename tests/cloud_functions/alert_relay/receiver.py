"""A webhook's other end, written by hand: it takes messages, or fails in the way that a test asks for."""

import dataclasses
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from tests import hosting

Failure = Literal["cut", "hang", "close"]


@dataclasses.dataclass(frozen=True)
class Answer:
    """How one post is answered: with a status, headers and a body, or not at all.

    failure: cut (the status line only, and half of the body), hang (nothing until the receiver is released), close
    (the connection ends before any answer).
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b"ok"
    failure: Failure | None = None


@dataclasses.dataclass
class Receiver:
    """A receiver on a port of its own; `answers` are given in turn, the last one for ever."""

    url: str
    answers: list[Answer] = dataclasses.field(default_factory=lambda: [Answer()])
    posts: list[tuple[str, dict[str, Any]]] = dataclasses.field(default_factory=list)
    released: threading.Event = dataclasses.field(default_factory=threading.Event)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """What was posted, oldest first."""
        return [body for _, body in self.posts]

    def take(self, path: str, content: bytes) -> Answer:
        """Return how a post is answered, after it was written down."""
        self.posts.append((path, json.loads(content)))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def reset(self) -> None:
        """Forget every post, release those that hang, and answer well from now on."""
        self.released.set()
        self.released = threading.Event()
        self.answers[:] = [Answer()]
        self.posts.clear()


@contextmanager
def running() -> Iterator[Receiver]:
    """Yield a receiver that listens on a free port of this machine."""

    class _Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            answer = made.take(self.path, content)
            if answer.failure == "hang":
                made.released.wait(60)
            if answer.failure in ("hang", "close"):
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body) * (2 if answer.failure == "cut" else 1)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing on stderr."""

    with hosting.listening(_Handler) as address:
        made = Receiver(f"{address}/hook/s3cr3t")
        try:
            yield made
        finally:
            made.released.set()
