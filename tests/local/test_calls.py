"""A call from the command line: what is no report is never taken for one, and what is lost is told."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local import calls

Answering = Callable[[int, bytes], str]
WHOLE = """
{"schema_version": 1, "function": "f", "run_id": "20260212T100000Z-r", "status": "skip",
 "complete": true, "summary": "s",
 "as_of": "2026-02-12T10:00:00.000Z", "scope": null, "day": null, "started_at": "2026-02-12T10:00:00.000Z",
 "duration_ms": 1, "request": {}, "build": {"commit": null, "stage_hash": null, "revision": null},
 "counts": {"fail": 0, "error": 0, "warn": 0, "unknown": 0, "pass": 0, "skip": 0}, "findings": [],
 "cost": {"api_calls": 0, "scans": 0, "bytes_estimated": null, "bytes_billed": null, "bytes_limit": null,
          "bytes_unfolded": null},
 "delivery": {"ledger": "delivered", "object": "delivered", "topic": "delivered"}, "error": null}
"""


@pytest.fixture
def answering() -> Iterator[Answering]:
    """Yield a function that serves one status and body to every POST and GET, and returns the address."""
    servers: list[http.server.HTTPServer] = []

    def start(status: int, body: bytes) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", "0")))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST  # noqa: N815 - the base class spells it so

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        servers.append(http.server.HTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_address[1]}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_the_answer_of_a_call_is_its_json(answering: Answering) -> None:
    """A JSON object comes back as it is."""
    assert calls.call(answering(200, b'{"status": "pass"}')) == {"status": "pass"}


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (500, b"boom", "answered 500: boom"),
        (502, b'{"error": {}}', "answered 502"),
        (200, b"<html>", "did not answer with a report"),
        (200, b"[]", "no object: "),
        (200, b"", "did not answer with a report"),
    ],
)
def test_what_is_no_report_is_an_error_that_quotes_it(
    answering: Answering, status: int, body: bytes, told: str
) -> None:
    """Another status, another type or nothing at all is never taken for a report."""
    with pytest.raises(calls.CallError, match=told):
        calls.call(answering(status, body))


def test_a_function_that_is_not_there_is_an_error() -> None:
    """A refused connection is told with its address."""
    with pytest.raises(calls.CallError, match=r"http://127\.0\.0\.1:9/ did not answer"):
        calls.call("http://127.0.0.1:9/")


def test_a_report_that_breaks_the_schema_is_found_out() -> None:
    """Each flaw has its place."""
    found = calls.schema_flaws({"schema_version": 1, "status": "fine"})
    assert any("$.status: 'fine' is not one of" in flaw for flaw in found)
    assert any("'findings' is a required property" in flaw for flaw in found)


def test_saving_replaces_the_last_report_whole(tmp_path: Path) -> None:
    """Only the newest report stands there, readable, with nothing beside it."""
    path = tmp_path / "reports" / "one.json"
    calls.save(path, calls.text({"long": "x" * 1000}))
    calls.save(path, calls.text({"name": "Jokić"}))
    assert path.read_text("utf-8") == '{\n  "name": "Jokić"\n}\n'
    assert [one.name for one in path.parent.iterdir()] == ["one.json"]


def report(**changes: Any) -> dict[str, Any]:
    """Return a report that is whole, but for the changes."""
    told: dict[str, Any] = json.loads(WHOLE)
    return told | changes


def test_a_whole_report_has_no_flaw() -> None:
    """Valid, complete and delivered everywhere: nothing is against it, whatever it found."""
    assert calls.flaws(report()) == []


def test_an_incomplete_or_undelivered_report_is_found_out() -> None:
    """What was not judged, and where it did not arrive, are told; what does not apply there is no loss."""
    lost = {"ledger": "failed: 403", "object": "delivered", "topic": "not_applicable"}
    found = calls.flaws(report(delivery=lost))
    assert found == ["not delivered to the ledger: failed: 403"]
    nowhere = {"ledger": "not_configured", "object": "not_configured", "topic": "not_configured"}
    assert len(calls.flaws(report(delivery=nowhere))) == 3


def test_a_page_is_what_a_browser_gets(answering: Answering) -> None:
    """A GET that asks for HTML, and its text."""
    assert calls.page(answering(200, b"<!doctype html>")) == "<!doctype html>"
