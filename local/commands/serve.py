"""Keep the embedded cloud and every function up behind one port, until Ctrl-C."""

import argparse
import contextlib
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from local import catalogue, claim, cloud, environment, functions, gateway
from local.commands import exporting, house, options
from local.commands.progress import Progress

PORT = 8080
PAUSE_SECONDS = 1.0
GATEWAY = "PRESSBOX_GATEWAY"
HEALTH = "daily_health_check"
EXPORT = "live_export"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    options.add(parser, port=PORT)
    world = parser.add_mutually_exclusive_group()
    options.add_days(world)
    world.add_argument("--empty", action="store_true", help="no demo world: the buckets and the ledger's dataset stand")


def main(chosen: argparse.Namespace) -> int:
    """Serve until a signal ends the process; return 1 when a stand-in ended by itself."""
    progress = Progress()
    data_dir: Path = chosen.data_dir.resolve()
    with contextlib.ExitStack() as stack:
        stack.enter_context(claim.held(data_dir))
        # A killed server leaves its own behind.
        (data_dir / "env").unlink(missing_ok=True)
        # Bound and left again, so that a taken port is told at once, and not after everything else has started.
        door = gateway.serve((), port=chosen.port)
        door.close()
        embedded = stack.enter_context(house.cloud_running(data_dir, progress=progress, days=_days(chosen)))
        names = tuple(catalogue.functions())
        provider = None if chosen.empty else stack.enter_context(exporting.scores(embedded))
        started = stack.enter_context(
            house.functions_running(
                names, embedded, data_dir=data_dir, progress=progress, provider=provider, origin=door.url
            )
        )
        published = exporting.published(embedded, house.variables())
        front = gateway.serve(started, port=door.port, published=published)
        stack.callback(front.close)
        led = exporting.variables(embedded, provider, house.variables())
        stack.enter_context(_environment_file(data_dir / "env", embedded, {**led, GATEWAY: front.url}))
        progress.say(f"ready after {progress.total():.1f} s")
        print(_greeting(embedded, started, front=front, data_dir=data_dir), flush=True)
        return _watch(embedded)


def _days(chosen: argparse.Namespace) -> int | None:
    return None if chosen.empty else int(chosen.days)


@contextlib.contextmanager
def _environment_file(path: Path, embedded: cloud.Cloud, more: Mapping[str, str]) -> Iterator[None]:
    environment.write(path, {**embedded.environ(), **house.variables(), **more})
    try:
        yield
    finally:
        # Nobody should attach to a cloud that is gone.
        path.unlink(missing_ok=True)


def _greeting(
    embedded: cloud.Cloud, started: tuple[functions.Function, ...], *, front: gateway.Server, data_dir: Path
) -> str:
    names = [function.name for function in started]
    example = names[0] if names else "<function>"
    pages = [
        *([("status page", f"{front.url}/{HEALTH} in a browser")] if HEALTH in names else []),
        *([("tonight", f"{front.url}/tonight in a browser, once {EXPORT} has run")] if EXPORT in names else []),
    ]
    parts = (
        [(name, f"{front.url}/{name}") for name in names],
        [
            ("BigQuery", embedded.bigquery_url),
            ("Cloud Storage", embedded.storage.url),
            ("Pub/Sub", embedded.pubsub.address),
            ("control planes", embedded.control.url),
            ("metadata server", embedded.metadata.address),
            ("data and logs", str(data_dir)),
        ],
        [
            ("attach a client", f". {data_dir / 'env'}"),
            ("try", f"curl -s '{front.url}/{example}?probe=1'"),
            *pages,
        ],
    )
    told = "\n\n".join("\n".join(f"{name:<20}{value}" for name, value in part) for part in parts)
    return f"{told}\n\nCtrl-C ends everything."


def _watch(embedded: cloud.Cloud) -> int:
    while not (trouble := embedded.trouble()):
        time.sleep(PAUSE_SECONDS)
    print(f"python -m local: {trouble}", file=sys.stderr)
    return 1
