"""Finding a Chromium, and starting it without a head: one for each test process."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping

import pytest
from playwright import sync_api

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find(variables: Mapping[str, str], which: Callable[[str], str | None]) -> str:
    """Return the path of a Chromium; fail the test that asked for it when there is none."""
    named = variables.get("CHROMIUM")
    found = next(filter(None, map(which, (named,) if named else NAMES)), None)
    if found is None:
        pytest.fail(f"no Chromium: install one, or name it in CHROMIUM (looked for {named or ', '.join(NAMES)})")
    return found


@contextlib.contextmanager
def running() -> Iterator[sync_api.Browser]:
    """Yield a browser that runs."""
    path = find(os.environ, shutil.which)
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()
