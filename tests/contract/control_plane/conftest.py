"""Fixtures of the control planes' contract: the demo platform over HTTP, put back for each test."""

from collections.abc import Iterator

import pytest

from local.control import server
from tests.contract.control_plane import tools


@pytest.fixture(scope="module")
def served() -> Iterator[server.Server]:
    """Serve the demo platform for the tests of this file, with a clock that stands still."""
    running = server.serve(now=lambda: tools.NOW)
    yield running
    running.close()


@pytest.fixture
def standin(served: server.Server) -> Iterator[tools.Standin]:
    """Yield the demo platform; requests that hang are let go afterwards."""
    made = tools.Standin(served)
    made.reset()
    yield made
    made.reset()
