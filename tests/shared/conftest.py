"""Where the reports of one test go: a bucket and a dataset, and a topic for those who ask for it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from shared.gcp import pubsub
from tests.contract.pubsub import tools
from tests.shared import reporting


@pytest.fixture
def ops(
    emulated: Any,
    make_bucket: Callable[[], str],
    make_dataset: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[reporting.Ops]:
    """Yield a fresh bucket and dataset that the settings name; faults are disarmed afterwards."""
    faults = f"{emulated.bigquery_url}/_faults"
    bigquery, storage = emulated.bigquery_client(), emulated.storage_client()
    found = reporting.Ops(make_bucket(), make_dataset(), bigquery, storage, faults)
    monkeypatch.setenv("OPS_BUCKET", found.bucket)
    monkeypatch.setenv("OPS_DATASET", found.dataset)
    monkeypatch.delenv("REPORTS_TOPIC", raising=False)
    yield found
    requests.delete(faults, timeout=10).raise_for_status()
    bigquery.close()
    storage.close()


@pytest.fixture
def bench(emulated: Any) -> Iterator[tools.Bench]:
    """Yield the official clients of Pub/Sub, and topics and subscriptions that no other test uses."""
    publisher, subscriber = emulated.pubsub_clients()
    made = tools.Bench(publisher, subscriber, emulated.project)
    yield made
    made.subscriber.close()


@pytest.fixture
def topic(bench: tools.Bench, monkeypatch: pytest.MonkeyPatch) -> reporting.Topic:
    """Return a fresh topic that the settings name."""
    path = bench.topic()
    found = reporting.Topic(path.rpartition("/")[2], bench.subscription(path), bench)
    monkeypatch.setenv("REPORTS_TOPIC", found.name)
    return found


@pytest.fixture
def fresh_pubsub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Yield a function that leads the product's Pub/Sub clients to another address, until the test ends."""
    kept = (pubsub._publisher, pubsub._subscriber)  # noqa: SLF001 - the process makes its clients once

    def lead(address: str) -> None:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", address)
        for made in kept:
            made.cache_clear()

    yield lead
    for made in kept:
        made.cache_clear()
