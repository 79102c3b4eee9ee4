"""The function under the real functions-framework, over HTTP, against the embedded cloud."""

import itertools
import pathlib
from collections.abc import Iterator

import pytest

from local import cloud as local_cloud
from local import functions
from tests.cloud_functions.bigquery_backup import scenes

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def deployed(cloud: local_cloud.Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, pathlib.Path]]:
    """Yield the address of the running function, and the folder of its declarations."""
    data = tmp_path_factory.mktemp("deployed")
    folder = data / "declarations"
    (folder / "bigquery_backup").mkdir(parents=True)
    cloud.storage_client().create_bucket("ops-of-tests")
    variables = cloud.environ() | {"OPS_BUCKET": "ops-of-tests", "DECLARATIONS_DIR": str(folder)}
    with functions.running(["bigquery_backup"], data_dir=data, variables=variables) as (function,):
        yield f"http://127.0.0.1:{function.port}/", folder


@pytest.fixture
def scene(cloud: local_cloud.Cloud, deployed: tuple[str, pathlib.Path]) -> Iterator[scenes.Scene]:
    """Yield a scene of its own for one test; its faults are disarmed afterwards."""
    number = next(_NUMBERS)
    url, folder = deployed
    made = scenes.Scene(
        cloud,
        url,
        folder,
        f"backups-{number}",
        f"data_{number}",
        cloud.bigquery_client(),
        cloud.storage_client(),
    )
    made.storage.create_bucket(made.bucket)
    made.bigquery.create_dataset(made.dataset)
    made.declare()
    yield made
    made.mend()
