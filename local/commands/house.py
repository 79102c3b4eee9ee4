"""What the commands set up: the embedded cloud with its buckets, its demo world, the functions, and who is told."""

import contextlib
import datetime
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from google.api_core import exceptions

from local import catalogue, cloud, functions, inbox
from local.commands import exporting
from local.commands.progress import Progress
from local.scores import server
from local.world import cache, job_history, platform, platform_seed, seed
from shared import settings

LOCATION = "US"
RELAY = "alert_relay"
SUBSCRIPTION = "alert-relay"
WEBHOOK = "ALERTS_WEBHOOK_URL"
OPS_BUCKET = "OPS_BUCKET"
REPORTS_TOPIC = "REPORTS_TOPIC"


class WorldError(RuntimeError):
    """The demo world could not be made, or not be loaded."""


@contextlib.contextmanager
def cloud_running(data_dir: Path, *, progress: Progress, days: int | None) -> Iterator[cloud.Cloud]:
    """Yield the embedded cloud with what is declared in it, and `days` of demo world, unless that is None.

    With and without a world are two clouds in `data_dir`, and each finds its data there again.
    """
    with contextlib.ExitStack() as stack:
        with progress.stage("embedded cloud"):
            world = platform.Platform() if days is None else None
            directory = data_dir / ("empty" if days is None else "demo")
            embedded = stack.enter_context(cloud.running(data_dir=directory, world=world))
            make_buckets(embedded, variables())
            make_datasets(embedded, variables())
            make_topics(embedded, variables())
        if days is not None:
            _furnish(embedded, days=days, data_dir=data_dir, progress=progress)
        yield embedded


@contextlib.contextmanager
def functions_running(
    names: Sequence[str],
    embedded: cloud.Cloud,
    *,
    data_dir: Path,
    progress: Progress,
    provider: server.Server | None = None,
    origin: str | None = None,
) -> Iterator[tuple[functions.Function, ...]]:
    """Yield the functions `names`, each in a process of its own that is attached to `embedded`.

    What they tell people arrives in `alerts` of `data_dir`, unless the environment names a webhook. Scores come from
    `provider`; pages of `origin` may read what is published.
    """
    with contextlib.ExitStack() as stack:
        with progress.stage("functions"):
            arriving = inbox.serve(data_dir / "alerts")
            stack.callback(arriving.close)
            told = {WEBHOOK: os.environ.get(WEBHOOK) or arriving.url}
            declared = variables() | ({exporting.ORIGIN: origin} if origin else {})
            exporting.open_bucket(embedded, declared)
            led = exporting.variables(embedded, provider, declared)
            environment = embedded.environ() | declared | told | led
            yielded = stack.enter_context(functions.running(names, data_dir=data_dir, variables=environment))
            feed(embedded, yielded, variables())
        yield yielded


def variables(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return what differs between deployments: what functions declare, and DECLARATIONS_DIR where it is set."""
    declared = catalogue.variables(catalogue.functions(), environ)
    folder = environ.get("DECLARATIONS_DIR")
    # The functions run in their stages' folders, so a relative path would lead elsewhere there.
    return declared | ({"DECLARATIONS_DIR": str(Path(folder).resolve())} if folder else {})


def declared(environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return the functions that something is declared for: all of them, or those with a folder in DECLARATIONS_DIR."""
    deployed = settings.read({"DECLARATIONS_DIR": environ.get("DECLARATIONS_DIR", "")})
    return tuple(name for name in catalogue.functions() if deployed.declares(name))


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


def make_topics(embedded: cloud.Cloud, declared: Mapping[str, str]) -> None:
    """Make the topics that `declared` names; Pub/Sub forgets everything when it ends."""
    publisher, _ = embedded.pubsub_clients()
    for name in catalogue.topics(declared):
        publisher.create_topic(name=publisher.topic_path(embedded.project, name))


def feed(embedded: cloud.Cloud, started: Sequence[functions.Function], declared: Mapping[str, str]) -> None:
    """Let the topic of reports push to the relay, where it runs."""
    relay = next((one for one in started if one.name == RELAY), None)
    if relay is None:
        return
    publisher, subscriber = embedded.pubsub_clients()
    subscriber.create_subscription(
        name=subscriber.subscription_path(embedded.project, SUBSCRIPTION),
        topic=publisher.topic_path(embedded.project, declared[REPORTS_TOPIC]),
        push_config={"push_endpoint": f"http://127.0.0.1:{relay.port}/"},
        ack_deadline_seconds=180,
    )


def _furnish(embedded: cloud.Cloud, *, days: int, data_dir: Path, progress: Progress) -> None:
    """Load the demo world, made now unless it was made before, unless the cloud holds it already."""
    try:
        with progress.stage("demo world, making"):
            directory = cache.prepare(data_dir, days=days, python=cloud.EMULATORS_PYTHON)
        with progress.stage("demo world, loading"), contextlib.closing(embedded.bigquery_client()) as client:
            seed.seed(directory, bigquery=client)
            job_history.seed(embedded.bigquery_url, datetime.datetime.now(datetime.UTC))
            with contextlib.closing(embedded.storage_client()) as storage:
                publisher, subscriber = embedded.pubsub_clients()
                bucket = variables()[OPS_BUCKET]
                platform_seed.seed(storage, publisher, subscriber, project=embedded.project, ops_bucket=bucket)
    except (RuntimeError, exceptions.GoogleAPIError) as error:
        raise WorldError(str(error)) from error
