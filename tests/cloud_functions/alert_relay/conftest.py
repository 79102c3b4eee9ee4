"""The relay under functions-framework, over HTTP, with the embedded cloud's storage and a receiver of our own."""

import itertools
import pathlib
from collections.abc import Iterator

import pytest

from local import cloud as local_cloud
from local import functions
from tests.cloud_functions.alert_relay import receiver, scenes

BUCKET = "ops-of-relay"
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def hook() -> Iterator[receiver.Receiver]:
    """Yield a receiver for all tests of this process."""
    with receiver.running() as made:
        yield made


@pytest.fixture(scope="session")
def deployed(
    cloud: local_cloud.Cloud, hook: receiver.Receiver, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[functions.Function, pathlib.Path]]:
    """Yield the running function, and the folder of its declaration."""
    data = tmp_path_factory.mktemp("deployed")
    folder = data / "declarations"
    (folder / "alert_relay").mkdir(parents=True)
    cloud.storage_client().create_bucket(BUCKET)
    variables = cloud.environ() | {
        "OPS_BUCKET": BUCKET,
        "OPS_DATASET": "",
        "DECLARATIONS_DIR": str(folder),
        "ALERTS_WEBHOOK_URL": hook.url,
    }
    with functions.running(["alert_relay"], data_dir=data, variables=variables) as (function,):
        yield function, folder


@pytest.fixture
def scene(
    cloud: local_cloud.Cloud, hook: receiver.Receiver, deployed: tuple[functions.Function, pathlib.Path]
) -> Iterator[scenes.Scene]:
    """Yield a scene without any memory; its faults are disarmed afterwards."""
    function, folder = deployed
    made = scenes.Scene(
        cloud=cloud,
        url=f"http://127.0.0.1:{function.port}/",
        log=function.log,
        folder=folder,
        hook=hook,
        bucket=cloud.storage_client().bucket(BUCKET),
        number=next(_NUMBERS),
    )
    made.mend()
    made.declare()
    yield made
    made.mend()
