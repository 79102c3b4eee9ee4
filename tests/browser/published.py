"""A bucket of published files on a port of its own, as a browser reads it, with faults; and the page that reads it."""

import contextlib
import dataclasses
import datetime
import gzip
import hashlib
import http.server
import threading
from collections.abc import Callable, Iterator
from typing import Literal
from urllib import parse

from playwright import sync_api

from local import gateway
from tests.browser import night

PREFIX = "/bucket/v1/"
Fault = Literal["half", "short", "silent"]
"""half: the connection ends within the body; short: a whole answer with half of the text; silent: no answer."""


@dataclasses.dataclass(frozen=True)
class Bucket:
    """What is published, by path below the prefix, what of it is faulty, and what was asked for.

    readers: the origins that may read it. before: told of each path before it is answered. closed: ends silence.
    """

    base: str
    contents: dict[str, bytes]
    faults: dict[str, Fault]
    served: list[str]
    readers: set[str]
    before: list[Callable[[str], None]]
    closed: threading.Event

    def publish(self, files: night.Files) -> None:
        """Put files into the bucket, the manifest last."""
        for path in sorted(files.contents, key=lambda path: path == "manifest.json"):
            self.contents[path] = files.contents[path]


@contextlib.contextmanager
def bucket() -> Iterator[Bucket]:
    """Yield an empty bucket that is served."""
    found = Bucket("", {}, {}, [], set(), [], threading.Event())
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(found)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield dataclasses.replace(found, base=f"http://127.0.0.1:{server.server_address[1]}{PREFIX}")
        found.closed.set()
        server.shutdown()
        thread.join()


def _handler(found: Bucket) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = parse.urlsplit(self.path).path.removeprefix(PREFIX)
            for told in found.before:
                told(path)
            found.served.append(path)
            if found.faults.get(path) == "silent":
                found.closed.wait()
                return
            self._answer(found.contents.get(path), found.faults.get(path))

        def _answer(self, content: bytes | None, fault: Fault | None) -> None:
            tag = f'"{hashlib.sha256(content or b"").hexdigest()}"'
            known = content is not None and self.headers.get("If-None-Match") == tag
            whole = content if content is None or fault != "short" else content[: len(content) // 2]
            body = b"" if known or whole is None else gzip.compress(whole)
            self.send_response(304 if known else 404 if content is None else 200)
            if (origin := self.headers.get("Origin")) in found.readers:
                self.send_header("Access-Control-Allow-Origin", origin)
            self.send_header("Vary", "Origin")
            self.send_header("ETag", tag)
            self.send_header("Cache-Control", "no-store" if content is None else "public, max-age=15")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            # A reader may have hung up.
            with contextlib.suppress(ConnectionError):
                self.wfile.write(body[: len(body) // 2] if fault == "half" else body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server calls
            del format, args

    return Handler


@dataclasses.dataclass(frozen=True)
class Reader:
    """The page in a browser whose clock stands still, the bucket that it reads, what it asked for, and complaints."""

    page: sync_api.Page
    bucket: Bucket
    asked: list[str]
    complaints: list[str]

    def poll(self, seconds: float = 15) -> None:
        """Let so many seconds pass for the page, no more than its pause, and wait until it has looked again."""
        self.page.clock.run_for(round(seconds * 1000))
        self.settle()

    def settle(self) -> None:
        """Wait until the page is not reading."""
        while self.page.evaluate("now.looking"):
            self.page.wait_for_timeout(5)


Open = Callable[..., Reader]


@contextlib.contextmanager
def opening(chromium: sync_api.Browser) -> Iterator[Open]:
    """Yield a function that publishes files and opens the page on them, at an instant, with a width and a scheme."""
    with contextlib.ExitStack() as stack:

        def opened(
            files: night.Files | None,
            at: datetime.datetime,
            *,
            width: int = 1280,
            scheme: str = "light",
            query: str = "",
        ) -> Reader:
            held = stack.enter_context(bucket())
            front = gateway.serve([], published=held.base)
            stack.callback(front.close)
            held.readers.add(f"http://127.0.0.1:{front.port}")
            if files:
                held.publish(files)
            context = chromium.new_context(
                viewport={"width": width, "height": 900},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            stack.callback(context.close)
            reader = Reader(context.new_page(), held, [], [])
            reader.page.on("request", lambda request: reader.asked.append(request.url))
            reader.page.on("console", lambda message: reader.complaints.append(message.text))
            reader.page.on("pageerror", lambda error: reader.complaints.append(str(error)))
            # Until it is told to stand still, the clock runs.
            reader.page.clock.install(time=at - datetime.timedelta(minutes=1))
            reader.page.clock.pause_at(at)
            reader.page.goto(f"http://127.0.0.1:{front.port}/tonight{query}", wait_until="load")
            reader.settle()
            return reader

        yield opened
