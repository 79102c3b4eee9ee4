"""A site of our own, and the monitor under functions-framework, over HTTP, with the embedded cloud's schedule."""

import itertools
import pathlib
from collections.abc import Iterator

import pytest

from local import cloud as local_cloud
from local import functions
from tests.cloud_functions.live_freshness_monitor import newsstand, scenes

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def stand() -> Iterator[newsstand.Newsstand]:
    """Yield a site for all tests of this process."""
    with newsstand.running() as made:
        yield made


@pytest.fixture
def site(stand: newsstand.Newsstand) -> Iterator[newsstand.Newsstand]:
    """Yield an empty site that behaves well."""
    stand.reset()
    yield stand
    stand.reset()


@pytest.fixture(scope="session")
def deployed(
    cloud: local_cloud.Cloud, stand: newsstand.Newsstand, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[functions.Function, pathlib.Path]]:
    """Yield the running function, and the folder of its declarations."""
    data = tmp_path_factory.mktemp("deployed")
    folder = data / "declarations"
    (folder / "live_freshness_monitor").mkdir(parents=True)
    cloud.storage_client().create_bucket(scenes.BUCKET)
    variables = cloud.environ() | {
        "OPS_BUCKET": scenes.BUCKET,
        "OPS_DATASET": "",
        "REPORTS_TOPIC": "",
        "DECLARATIONS_DIR": str(folder),
        "EXPORT_URL": stand.url,
        "LIVE_EXPORT_URL": f"{stand.address}/live_export/",
    }
    with functions.running(["live_freshness_monitor"], data_dir=data, variables=variables) as (function,):
        yield function, folder


@pytest.fixture
def scene(
    cloud: local_cloud.Cloud, site: newsstand.Newsstand, deployed: tuple[functions.Function, pathlib.Path]
) -> Iterator[scenes.Scene]:
    """Yield a scene with a schedule of its own and a good site; faults are disarmed afterwards."""
    function, folder = deployed
    made = scenes.Scene(
        cloud=cloud,
        url=f"http://127.0.0.1:{function.port}/",
        folder=folder,
        stand=site,
        dataset=f"schedule_{next(_NUMBERS)}",
        bigquery=cloud.bigquery_client(),
    )
    made.disarm()
    made.begin()
    yield made
    made.end()
