"""Fixtures of the Pub/Sub contract: the official clients, on the stand-in or (PRESSBOX_REAL_PROJECT) on Google's.

Each test makes topics and subscriptions of its own names; on the real service they are deleted afterwards. Tests
without the mark `real_cloud` are skipped there.
"""

import contextlib
import http.server
import json
import os
import queue
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import pubsub_v1

from local.pubsub import server
from tests.contract.pubsub import tools

REAL_PROJECT = os.environ.get("PRESSBOX_REAL_PROJECT", "")


@pytest.fixture(autouse=True)
def _only_on_the_right_service(request: pytest.FixtureRequest) -> None:
    if REAL_PROJECT and not request.node.get_closest_marker("real_cloud"):
        pytest.skip("this test needs the stand-in")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve a stand-in for the tests of one file; nothing when they run on the real service."""
    if REAL_PROJECT:
        yield ""
        return
    running = server.serve()
    yield running.address
    running.close()


@pytest.fixture
def bench(address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tools.Bench]:
    """Return the official clients, made as a user makes them."""
    if address:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", address)
    publisher = pubsub_v1.PublisherClient(
        publisher_options=pubsub_v1.types.PublisherOptions(enable_message_ordering=True)
    )
    subscriber = pubsub_v1.SubscriberClient()
    made = tools.Bench(publisher, subscriber, project=REAL_PROJECT or "contract-project")
    yield made
    if REAL_PROJECT:
        for delete in reversed(made.made):
            with contextlib.suppress(exceptions.NotFound):
                delete()
    subscriber.close()
    publisher.stop()
    publisher.transport.close()


@pytest.fixture
def endpoint() -> Iterator[tools.Endpoint]:
    """Serve an endpoint that answers 204, or what a test puts into `statuses` first."""
    posts: queue.Queue[tuple[dict[str, str], Any]] = queue.Queue()
    statuses: list[int] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(statuses.pop(0) if statuses else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()
            posts.put(({"path": self.path, **self.headers}, json.loads(content)))

        def log_message(self, *_parts: object) -> None:
            """Say nothing on the terminal."""

    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield tools.Endpoint(f"http://127.0.0.1:{listener.server_address[1]}/push?token=t", posts, statuses)
    listener.shutdown()
    thread.join()
    listener.server_close()
