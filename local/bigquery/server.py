"""The emulator with this package's parts put into and around it, started, and run until told to end."""

import asyncio
import concurrent.futures
import contextlib
import dataclasses
import json
import os
import pathlib
import signal
import tempfile
import threading
from typing import Any, TextIO

import bqemulator
import duckdb
from bqemulator import server as emulator
from bqemulator.config import LogFormat, LogLevel, PersistenceMode, Settings

from local.bigquery import (
    copies,
    costs,
    engine,
    errors,
    extract,
    faulting,
    job_history,
    jobs,
    listing,
    load,
    logs,
    macros,
    metadata_views,
    offline,
    patching,
    queries,
    routes,
    row_counts,
    storage_io,
    tabledata,
    tables,
    time_travel,
    uploads,
)

VERSION = "1.4.0"
STOP_SECONDS = 2.0
THREADS = 32
# Each finds what those before it put in place; `queries` is last, so that all of a query runs in its thread.
INSTALLED = (
    offline,
    engine,
    macros,
    time_travel,
    row_counts,
    errors,
    tables,
    tabledata,
    listing,
    job_history,
    metadata_views,
    costs,
    uploads,
    queries,
)
WRAPPED = (errors, costs)


@dataclasses.dataclass(frozen=True)
class Options:
    """What a person or `local.cloud` decides at the start."""

    storage_url: str
    port: int = 0
    data_dir: pathlib.Path | None = None
    shard_bytes: int = 4 * 1024 * 1024
    project: str = "nba-props-platform"


def run(options: Options, output: TextIO) -> None:
    """Serve until standard input ends or a signal comes; one line on `output` says that the server is ready."""
    asyncio.run(_serve(options, output))


async def _serve(options: Options, output: TextIO) -> None:
    # Queries run in these threads, and requests that a fault holds wait in them.
    asyncio.get_running_loop().set_default_executor(concurrent.futures.ThreadPoolExecutor(THREADS))
    with tempfile.TemporaryDirectory(prefix="pressbox-bigquery-") as scratch:
        settings = _settings(options, pathlib.Path(scratch))
        _install(settings)
        server = emulator.EmulatorServer(settings)
        _wrap_app(options)
        await server.start()
        logs.format_root()
        ending = _ending()
        print(
            json.dumps({"event": "listen", "rest": server.rest_port, "grpc": server.grpc_port}), file=output, flush=True
        )
        await ending.wait()
        if options.data_dir is not None:
            # The log is merged now rather than at the next start; not if a job is still writing.
            with contextlib.suppress(duckdb.Error):
                server._engine.execute("CHECKPOINT")  # noqa: SLF001 -- the emulator does not offer its engine
    # At once, whatever requests and jobs are still under way: what they had committed is on disk.
    os._exit(0)


def _settings(options: Options, scratch: pathlib.Path) -> Settings:
    kept = PersistenceMode.PERSISTENT if options.data_dir else PersistenceMode.EPHEMERAL
    return Settings(
        rest_port=options.port,
        grpc_port=0,
        persistence_mode=kept,
        data_dir=options.data_dir,
        default_project_id=options.project,
        upload_staging_dir=scratch,
        log_level=LogLevel.WARNING,
        log_format=LogFormat.JSON,
        metrics_enabled=False,
    )


def _install(settings: Settings) -> None:
    if bqemulator.__version__ != VERSION:
        raise patching.UnexpectedInternalsError(f"bqemulator {bqemulator.__version__} is installed, not {VERSION}")
    for module in INSTALLED:
        module.install(settings)


def _wrap_app(options: Options) -> None:
    former = emulator.create_app

    def create_app(context: Any) -> Any:
        app = former(context)
        runs = {"extract": extract.run, "load": load.run, "copy": copies.run}
        storage = storage_io.connect(options.storage_url)
        runner = jobs.Runner(context, runs, storage, shard_bytes=options.shard_bytes)
        jobs.close_lost(context)
        uploads.attach(runner)
        wrapped = app
        for module in WRAPPED:
            wrapped = _with_state(module.wrap(wrapped), app)
        return faulting.wrap(routes.wrap(wrapped, runner))

    patching.replace(emulator, "create_app", create_app)


def _with_state(wrapped: Any, app: Any) -> Any:
    # Middleware finds the emulator's context where the app itself keeps it.
    if not hasattr(wrapped, "state"):
        wrapped.state = app.state
    return wrapped


def _ending() -> asyncio.Event:
    ending, loop = asyncio.Event(), asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, ending.set)

    def wait_for_parent() -> None:
        # The parent holds the other end of this pipe: it is closed when the parent ends, however it ends.
        while os.read(0, 4096):
            pass
        loop.call_soon_threadsafe(ending.set)
        # A loop that is busy must not keep a dead parent's child alive.
        threading.Timer(STOP_SECONDS, os._exit, (0,)).start()

    threading.Thread(target=wait_for_parent, daemon=True).start()
    return ending
