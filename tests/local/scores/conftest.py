"""A score provider that replays the night of the tests, put back to its beginning for each test."""

from collections.abc import Iterator

import pytest
import requests

from local.scores import server
from tests.local.scores import asking, nights


@pytest.fixture(scope="module")
def served() -> Iterator[server.Server]:
    """Serve the night for the tests of one file."""
    running = server.serve(nights.night(), key=asking.KEY)
    yield running
    running.close()


@pytest.fixture
def provider(served: server.Server) -> server.Server:
    """Return the provider an hour before the night, with no switch thrown, no fault armed and nothing counted."""
    served.restore()
    served.at(-60)
    requests.delete(f"{served.url}/_requests", timeout=10).raise_for_status()
    return served
