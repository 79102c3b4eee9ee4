"""What all tests share: an environment that leads to no real cloud, and one embedded cloud for each test process."""

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local import environment, metadata

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from local.cloud import Cloud

METADATA = pytest.StashKey[metadata.Server]()
# What `.local/env` or a person's shell may have set; a test that needs one of these sets it itself.
OURS = (
    *environment.EMULATORS,
    *environment.PLATFORM,
    "DECLARATIONS_DIR",
    "BACKUP_BUCKET",
    "OPS_BUCKET",
    "OPS_DATASET",
    "REPORTS_TOPIC",
    "ALERTS_WEBHOOK_URL",
    "EXPORT_BUCKET",
    "EXPORT_ORIGIN",
    "EXPORT_URL",
    "LIVE_EXPORT_URL",
    "POST_GAME_TOPIC",
    "SCORES_API_URL",
    "SCORES_API_KEY",
    "PRESSBOX_GATEWAY",
)
RETRY_SECONDS = 10.0


def pytest_configure(config: pytest.Config) -> None:
    """Point the clients at a metadata server of our own: `google.auth` reads its address once, when it is imported."""
    if os.environ.get("PRESSBOX_REAL_PROJECT"):
        return
    for name in OURS:
        os.environ.pop(name, None)
    server = metadata.serve(project=environment.PROJECT, account=environment.ACCOUNT)
    config.stash[METADATA] = server
    # Below a device nothing can stand, so no gcloud login is ever found there.
    os.environ.update(environment.metadata(server.address, config=Path(os.devnull) / "gcloud"))
    os.environ.update(environment.past_proxies(os.environ))


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the metadata server."""
    if METADATA in config.stash:
        config.stash[METADATA].close()


@pytest.fixture(autouse=True)
def _not_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what another test, or functions-framework in this process, left in the environment."""
    for name in environment.PLATFORM:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def cloud() -> "Iterator[Cloud]":
    """Yield the embedded cloud of this test process; its data is gone afterwards."""
    from local import cloud as embedded  # noqa: PLC0415 - only tests that ask for it pay for the clients' import

    with embedded.running() as started, pytest.MonkeyPatch.context() as patch:
        _shorten_retries(patch)
        yield started


@pytest.fixture
def emulated(cloud: "Cloud", monkeypatch: pytest.MonkeyPatch) -> "Cloud":
    """Return the cloud, with the official clients of this very process pointed at it."""
    for name, value in cloud.environ().items():
        if name in environment.EMULATORS:
            monkeypatch.setenv(name, value)
    return cloud


@pytest.fixture(scope="session")
def bigquery_client(cloud: "Cloud") -> Iterator[Any]:
    """Yield a BigQuery client of the embedded cloud."""
    client = cloud.bigquery_client()
    yield client
    client.close()


@pytest.fixture(scope="session")
def storage_client(cloud: "Cloud") -> Iterator[Any]:
    """Yield a Cloud Storage client of the embedded cloud."""
    client = cloud.storage_client()
    yield client
    client.close()


@pytest.fixture
def make_bucket(storage_client: Any) -> Callable[[], str]:
    """Return a function that makes an empty bucket and returns its name."""

    def make() -> str:
        name = f"bucket-{uuid.uuid4().hex[:12]}"
        storage_client.create_bucket(name, location="US")
        return name

    return make


@pytest.fixture
def make_dataset(bigquery_client: Any) -> Iterator[Callable[[], str]]:
    """Yield a function that makes an empty dataset and returns its id; the datasets are dropped afterwards."""
    made: list[str] = []

    def make() -> str:
        made.append(f"dataset_{uuid.uuid4().hex[:12]}")
        bigquery_client.create_dataset(made[-1])
        return made[-1]

    yield make
    for name in made:
        bigquery_client.delete_dataset(name, delete_contents=True, not_found_ok=True)


def _shorten_retries(patch: pytest.MonkeyPatch) -> None:
    """Let the clients give up after seconds: a stand-in that answers 500 must not look like a test that hangs."""
    from google.cloud.bigquery import retry as of_bigquery  # noqa: PLC0415 - see `cloud`
    from google.cloud.storage import retry as of_storage  # noqa: PLC0415 - see `cloud`

    for policy in (of_bigquery.DEFAULT_RETRY, of_bigquery.DEFAULT_JOB_RETRY, of_storage.DEFAULT_RETRY):
        # Every call holds this very object as its default argument, so it is the object that is given less time.
        for name, value in (("_timeout", RETRY_SECONDS), ("_initial", 0.1), ("_maximum", 1.0)):
            patch.setitem(vars(policy), name, value)


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    """Yield the browser of this test process."""
    from tests.browser import chromium as browsers  # noqa: PLC0415 - only tests of pages pay for its import

    with browsers.running() as started:
        yield started
