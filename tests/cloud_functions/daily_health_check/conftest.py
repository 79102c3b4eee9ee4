"""The health check over its HTTP contract, in this process, against an embedded cloud with the demo platform."""

import datetime
import itertools
import pathlib
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import yaml
from google.cloud import bigquery

from cloud_functions.daily_health_check import declaration, gathered, run
from local import cloud as local_cloud
from local.control import server
from local.world import facts, platform_seed
from shared import settings
from tests.cloud_functions.daily_health_check import answers, mornings, published
from tests.contract.control_plane import tools

SCHEDULE = (
    bigquery.SchemaField("game_date", "DATE"),
    bigquery.SchemaField("game_id", "STRING"),
    bigquery.SchemaField("game_status", "INT64"),
)
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def platform(cloud: local_cloud.Cloud) -> local_cloud.Cloud:
    """Return the embedded cloud with a schedule of games around the demo's last day, and the 17 push subscriptions."""
    client = cloud.bigquery_client()
    client.create_dataset("nba_raw", exists_ok=True)
    table = bigquery.Table(f"{cloud.project}.nba_raw.nbac_schedule", schema=SCHEDULE)
    table.time_partitioning = bigquery.TimePartitioning(field="game_date")
    client.create_table(table, exists_ok=True)
    days = (facts.LAST_DAY + datetime.timedelta(days=number) for number in range(-20, 8))
    rows = [{"game_date": day.isoformat(), "game_id": f"00225{day:%m%d}1", "game_status": 3} for day in days]
    client.load_table_from_json(rows, table.reference, job_config=bigquery.LoadJobConfig(schema=SCHEDULE)).result(
        timeout=60
    )
    client.close()
    storage = cloud.storage_client()
    publisher, subscriber = cloud.pubsub_clients()
    storage.create_bucket(published.BUCKET)
    scratch = storage.create_bucket("records-of-no-test")
    platform_seed.seed(storage, publisher, subscriber, project=cloud.project, ops_bucket=scratch.name)
    return cloud


@pytest.fixture
def morning(
    platform: local_cloud.Cloud,
    emulated: local_cloud.Cloud,
    make_bucket: Callable[[], str],
    make_dataset: Callable[[], str],
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[mornings.Morning]:
    """Yield a morning of one test's own: a ledger without runs, records of every deployment, and what was declared."""
    folder = tmp_path / "daily_health_check"
    folder.mkdir()
    shutil.copy(settings.ROOT / "cloud_functions" / "daily_health_check" / "health.yaml", folder)
    made = mornings.Morning(emulated, make_bucket(), make_dataset(), folder / "health.yaml")
    for name, value in made.variables().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DECLARATIONS_DIR", str(tmp_path))
    made.record_deployments()
    made.publish()
    assert platform is emulated
    yield made
    made.mend()


@pytest.fixture
def declare(morning: mornings.Morning) -> Callable[..., None]:
    """Return a function that changes the declaration of the test's morning."""

    def change(**changes: Any) -> None:
        told = yaml.safe_load(morning.declared.read_text("utf-8")) | changes
        morning.declared.write_text(yaml.safe_dump(told, sort_keys=False), "utf-8")

    return change


@pytest.fixture
def control(morning: mornings.Morning) -> str:
    """Return the address of the control planes' stand-in, which begins without faults."""
    requests.delete(f"{morning.cloud.control.url}/_faults", timeout=10).raise_for_status()
    return morning.cloud.control.url


@pytest.fixture(scope="session")
def declared() -> declaration.Declared:
    """Return what ships."""
    return run.declared(settings.read({}))


@pytest.fixture(scope="session")
def known(declared: declaration.Declared) -> Iterator[gathered.Gathered]:
    """Yield what the demo platform answers to everything."""
    running = server.serve(now=lambda: answers.NOW)
    yield answers.answered(tools.connected(running.url), declared)
    running.close()
