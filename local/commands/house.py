"""What both commands set up: the embedded cloud with its buckets, its demo world, and the functions."""

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from google.api_core import exceptions

from local import catalogue, cloud, functions
from local.commands.progress import Progress
from local.world import cache, seed

LOCATION = "US"


class WorldError(RuntimeError):
    """The demo world could not be made, or not be loaded."""


@contextlib.contextmanager
def cloud_running(data_dir: Path, *, progress: Progress, days: int | None) -> Iterator[cloud.Cloud]:
    """Yield the embedded cloud with every declared bucket and dataset, and `days` of demo world, unless that is None.

    With and without a world are two clouds in `data_dir`, and each finds its data there again.
    """
    with contextlib.ExitStack() as stack:
        with progress.stage("embedded cloud"):
            embedded = stack.enter_context(cloud.running(data_dir=data_dir / ("empty" if days is None else "demo")))
            make_buckets(embedded, variables())
            make_datasets(embedded, variables())
        if days is not None:
            _furnish(embedded, days=days, data_dir=data_dir, progress=progress)
        yield embedded


@contextlib.contextmanager
def functions_running(
    names: Sequence[str], embedded: cloud.Cloud, *, data_dir: Path, progress: Progress
) -> Iterator[tuple[functions.Function, ...]]:
    """Yield the functions `names`, each in a process of its own that is attached to `embedded`."""
    with contextlib.ExitStack() as stack:
        with progress.stage("functions"):
            environment = embedded.environ() | variables()
            yielded = stack.enter_context(functions.running(names, data_dir=data_dir, variables=environment))
        yield yielded


def variables(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return what differs between deployments: what functions declare, and DECLARATIONS_DIR where it is set."""
    declared = catalogue.variables(catalogue.functions(), environ)
    folder = environ.get("DECLARATIONS_DIR")
    # The functions run in their stages' folders, so a relative path would lead elsewhere there.
    return declared | ({"DECLARATIONS_DIR": str(Path(folder).resolve())} if folder else {})


def make_buckets(embedded: cloud.Cloud, declared: Mapping[str, str]) -> None:
    """Make the buckets that `declared` names, where they do not stand yet."""
    with contextlib.closing(embedded.storage_client()) as client:
        for name in catalogue.buckets(declared):
            with contextlib.suppress(exceptions.Conflict):
                client.create_bucket(name, location=LOCATION)


def make_datasets(embedded: cloud.Cloud, declared: Mapping[str, str]) -> None:
    """Make the datasets that `declared` names, where they do not stand yet."""
    with contextlib.closing(embedded.bigquery_client()) as client:
        for name in catalogue.datasets(declared):
            client.create_dataset(name, exists_ok=True)


def _furnish(embedded: cloud.Cloud, *, days: int, data_dir: Path, progress: Progress) -> None:
    """Load the demo world, made now unless it was made before, unless the cloud holds it already."""
    try:
        with progress.stage("demo world, making"):
            directory = cache.prepare(data_dir, days=days, python=cloud.EMULATORS_PYTHON)
        with progress.stage("demo world, loading"), contextlib.closing(embedded.bigquery_client()) as client:
            seed.seed(directory, bigquery=client)
    except (RuntimeError, exceptions.GoogleAPIError) as error:
        raise WorldError(str(error)) from error
