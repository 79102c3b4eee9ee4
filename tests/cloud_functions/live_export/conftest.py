"""The export under functions-framework, over HTTP: an embedded cloud with a few days of the demo world, and a night."""

import itertools
import pathlib
import shutil
from collections.abc import Iterator

import pytest
from google.auth import credentials as google_credentials
from google.cloud import bigquery

from cloud_functions.live_export import declaration, run
from local import cloud as local_cloud
from local import functions
from local.scores import server, warehouse
from local.world import cache, seed
from tests.cloud_functions.live_export import scenes

DAYS = 3
"""How much of the demo world: for the players' names, the night's day needs others before it."""
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def night(cloud: local_cloud.Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[scenes.Night]:
    """Yield the demo night in a project of its own, and the provider that tells of it."""
    directory = cache.prepare(tmp_path_factory.mktemp("night"), days=DAYS, python=local_cloud.EMULATORS_PYTHON)
    client = bigquery.Client(
        project=scenes.PROJECT,
        credentials=google_credentials.AnonymousCredentials(),
        client_options={"api_endpoint": cloud.bigquery_url},
    )
    seed.seed(directory, bigquery=client)
    scenes.keep(client)
    script = warehouse.night(client, scenes.DAY)
    provider = server.serve(script)
    yield scenes.Night(script, provider, client)
    provider.close()
    client.close()


@pytest.fixture(scope="session")
def variables(cloud: local_cloud.Cloud, night: scenes.Night) -> dict[str, str]:
    """Return the environment of the function."""
    return cloud.environ() | {
        "GOOGLE_CLOUD_PROJECT": scenes.PROJECT,
        "GCLOUD_PROJECT": scenes.PROJECT,
        "OPS_BUCKET": scenes.OPS,
        "OPS_DATASET": "",
        "REPORTS_TOPIC": "",
        "EXPORT_BUCKET": "of-no-test",
        "EXPORT_ORIGIN": scenes.ORIGIN,
        "SCORES_API_URL": f"{night.provider.url}/v1",
        "SCORES_API_KEY": night.provider.key,
        "POST_GAME_TOPIC": scenes.TOPIC,
    }


@pytest.fixture(scope="session")
def deployed(
    cloud: local_cloud.Cloud, variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[functions.Function, pathlib.Path]]:
    """Yield the running function, and the folder of its declaration."""
    data = tmp_path_factory.mktemp("deployed")
    folder = data / "declarations"
    queries = folder / run.NAME / declaration.QUERIES
    shutil.copytree(scenes.SHIPPED.parent / declaration.QUERIES, queries)
    for name in scenes.KEPT:
        (queries / f"{name}.sql").write_text(f"SELECT * FROM {scenes.KEPT_IN}.{name} ORDER BY player_lookup", "utf-8")
    cloud.storage_client().create_bucket(scenes.OPS)
    mine = variables | {"DECLARATIONS_DIR": str(folder)}
    with functions.running([run.NAME], data_dir=data, variables=mine) as (function,):
        yield function, folder


@pytest.fixture
def scene(
    cloud: local_cloud.Cloud,
    night: scenes.Night,
    variables: dict[str, str],
    deployed: tuple[functions.Function, pathlib.Path],
) -> Iterator[scenes.Scene]:
    """Yield a scene at minute 60 with a public bucket of its own; its faults are disarmed afterwards."""
    function, folder = deployed
    made = scenes.Scene(
        cloud=cloud,
        url=f"http://127.0.0.1:{function.port}/",
        folder=folder,
        bucket=f"exports-{next(_NUMBERS)}",
        night=night,
        storage=cloud.storage_client(),
        variables=variables,
    )
    made.mend()
    made.storage.create_bucket(made.bucket)
    made.open()
    made.declare()
    made.minute(60)
    yield made
    made.mend()
