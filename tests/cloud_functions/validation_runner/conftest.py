"""The function under functions-framework, over HTTP, against the demo world in an embedded cloud of its own."""

import itertools
import pathlib
import shutil
from collections.abc import Iterator

import pytest

from local import cloud as local_cloud
from local import functions
from local.world import cache, seed
from shared import settings
from tests.cloud_functions.validation_runner import scenes

DAYS = 30
BUCKET = "ops-of-tests"
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[local_cloud.Cloud]:
    """Yield an embedded cloud that holds the last days of the demo world."""
    directory = cache.prepare(tmp_path_factory.mktemp("world"), days=DAYS, python=local_cloud.EMULATORS_PYTHON)
    with local_cloud.running() as started:
        seed.seed(directory, bigquery=started.bigquery_client())
        started.storage_client().create_bucket(BUCKET)
        started.bigquery_client().create_dataset(scenes.DATASET_OF_OPS)
        yield started


@pytest.fixture(scope="session")
def deployed(world: local_cloud.Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, pathlib.Path]]:
    """Yield the address of the running function, and the folder of its declarations: the shipped suites, and tests'."""
    data = tmp_path_factory.mktemp("deployed")
    folder = data / "declarations" / "validation_runner"
    shutil.copytree(settings.ROOT / "cloud_functions" / "validation_runner" / "suites", folder / "suites")
    variables = world.environ() | {
        "OPS_BUCKET": BUCKET,
        "OPS_DATASET": scenes.DATASET_OF_OPS,
        "DECLARATIONS_DIR": str(folder.parent),
    }
    with functions.running(["validation_runner"], data_dir=data, variables=variables) as (function,):
        yield f"http://127.0.0.1:{function.port}/", folder


@pytest.fixture
def scene(world: local_cloud.Cloud, deployed: tuple[str, pathlib.Path]) -> Iterator[scenes.Scene]:
    """Yield a scene of one test's own; its faults are disarmed and its suites are gone afterwards."""
    number = next(_NUMBERS)
    url, folder = deployed
    client = world.bigquery_client()
    made = scenes.Scene(world, url, folder, f"own_{number}", f"data_{number}", client)
    client.create_dataset(made.dataset)
    yield made
    made.mend()
