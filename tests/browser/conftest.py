"""A look at a page without JavaScript, and the page of tonight with the files that it reads."""

import contextlib
import dataclasses
import http.server
import threading
from collections.abc import Callable, Iterator

import pytest
from playwright import sync_api

from tests.browser import published


@dataclasses.dataclass(frozen=True)
class Seen:
    """A page in the browser, what it and the server were asked for, and what the browser complained of."""

    page: sync_api.Page
    asked: list[str]
    served: list[str]
    complaints: list[str]


Look = Callable[..., Seen]


@pytest.fixture
def look(chromium: sync_api.Browser) -> Iterator[Look]:
    """Return a function that serves a document and opens it, at a width and in a colour scheme."""
    with contextlib.ExitStack() as stack:

        def opened(document: str, *, width: int = 1280, height: int = 900, scheme: str = "light") -> Seen:
            address, served = stack.enter_context(_serving(document))
            context = chromium.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
                java_script_enabled=False,
            )
            stack.callback(context.close)
            seen = Seen(context.new_page(), [], served, [])
            seen.page.on("request", lambda request: seen.asked.append(request.url.removeprefix(address)))
            seen.page.on("console", lambda message: seen.complaints.append(message.text))
            seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
            seen.page.goto(address, wait_until="load")
            return seen

        yield opened


@pytest.fixture
def tonight(chromium: sync_api.Browser) -> Iterator[published.Open]:
    """Return a function that opens the page of tonight on published files, at an instant."""
    with published.opening(chromium) as opened:
        yield opened


@contextlib.contextmanager
def _serving(document: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the address of a server that answers every path with the document, and the paths that it was asked for."""
    served: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.append(self.path)
            body = document.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server calls
            del format, args

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", served
        server.shutdown()
        thread.join()
