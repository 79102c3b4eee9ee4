"""A stand-in of the control planes with a clock that stands still, put back to the demo for each test."""

from collections.abc import Iterator

import pytest
import requests

from local.control import server
from tests.local.control import asking


@pytest.fixture(scope="module")
def served() -> Iterator[server.Server]:
    """Serve the demo platform for the tests of one file."""
    running = server.serve(now=lambda: asking.NOW)
    yield running
    running.close()


@pytest.fixture
def ask(served: server.Server) -> Iterator[asking.Asker]:
    """Return a client of the demo platform with no switch thrown, no fault armed and nothing counted."""
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer embedded-cloud-token"
        session.trust_env = False
        for hook in ("_world", "_faults", "_requests"):
            session.delete(f"{served.url}/{hook}", timeout=10)
        yield asking.Asker(served.url, session)
