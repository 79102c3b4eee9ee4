"""The embedded cloud: stand-ins for BigQuery, Cloud Storage, Pub/Sub, control planes and metadata; ended in order."""

import contextlib
import dataclasses
import json
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, TextIO, TypeVar

import grpc
from google.auth import credentials as google_credentials
from google.cloud import bigquery as google_bigquery
from google.cloud import pubsub as google_pubsub
from google.cloud import storage as google_storage
from google.pubsub_v1.services.publisher import transports
from google.pubsub_v1.services.subscriber import transports as hearing_transports

from local import claim, environment, metadata, processes
from local.control import server as control_server
from local.pubsub import server as pubsub_server
from local.storage import server as storage_server
from local.world import platform

ROOT = Path(__file__).resolve().parent.parent
EMULATORS_PYTHON = ROOT / ".venv-emulators" / "bin" / "python"
PROJECT = environment.PROJECT
LOG = "bigquery.log"
START_SECONDS = 60.0
S = TypeVar("S", bound="_Closable")
STOP_SECONDS = 10.0


class CloudError(RuntimeError):
    """The embedded cloud could not be started."""


@dataclasses.dataclass(frozen=True)
class BigQuery:
    """The process of the BigQuery stand-in, and the ports on which it listens."""

    process: "subprocess.Popen[bytes]"
    rest: int
    grpc: int


@dataclasses.dataclass(frozen=True)
class Cloud:
    """The addresses of one running embedded cloud, and the stand-ins that live in this process."""

    project: str
    directory: Path
    storage: storage_server.Server
    pubsub: pubsub_server.Server
    control: control_server.Server
    metadata: metadata.Server
    bigquery: BigQuery

    @property
    def bigquery_url(self) -> str:
        """Return the address of BigQuery's REST interface."""
        return f"http://127.0.0.1:{self.bigquery.rest}"

    @property
    def bigquery_grpc(self) -> str:
        """Return the address of BigQuery's Storage Read interface."""
        return f"127.0.0.1:{self.bigquery.grpc}"

    def trouble(self) -> str | None:
        """Return why this cloud does not work any more, or None while it does."""
        code = self.bigquery.process.poll()
        return None if code is None else f"the BigQuery stand-in ended with code {code}: {_quote(self.directory / LOG)}"

    def environ(self) -> dict[str, str]:
        """Return the variables that make the unmodified official clients of a child process attach to this cloud."""
        return (
            environment.metadata(self.metadata.address, config=self.directory / "gcloud")
            | environment.emulators(
                bigquery=self.bigquery_url,
                storage=self.storage.url,
                pubsub=self.pubsub.address,
                control=self.control.url,
                project=self.project,
            )
            | environment.past_proxies(os.environ)
        )

    def bigquery_client(self) -> google_bigquery.Client:
        """Return a BigQuery client for this process, whose own environment need not point here."""
        return google_bigquery.Client(
            project=self.project,
            credentials=google_credentials.AnonymousCredentials(),
            client_options={"api_endpoint": self.bigquery_url},
        )

    def pubsub_clients(self) -> tuple[google_pubsub.PublisherClient, google_pubsub.SubscriberClient]:
        """Return a publisher and a subscriber for this process, whose own environment need not point here."""
        channel = grpc.insecure_channel(self.pubsub.address)
        sending, hearing = transports.PublisherGrpcTransport, hearing_transports.SubscriberGrpcTransport
        return (
            google_pubsub.PublisherClient(transport=sending(channel=channel)),
            google_pubsub.SubscriberClient(transport=hearing(channel=channel)),
        )

    def storage_client(self) -> google_storage.Client:
        """Return a Cloud Storage client for this process, whose own environment need not point here."""
        return google_storage.Client(
            project=self.project,
            credentials=google_credentials.AnonymousCredentials(),
            client_options={"api_endpoint": self.storage.url},
        )


@contextlib.contextmanager
def running(
    *,
    data_dir: Path | None = None,
    project: str = PROJECT,
    shard_bytes: int | None = None,
    world: platform.Platform | None = None,
) -> Iterator[Cloud]:
    """Yield a cloud that is ready, and stop it afterwards; raise CloudError when a stand-in does not start.

    With `data_dir`, all data stands there and is found again by the next cloud; without, it is gone at the end.
    `shard_bytes` is the size at which an extract job begins another file. `world` is what the control planes tell of,
    by default the demo platform.
    """
    with contextlib.ExitStack() as stack:
        directory = data_dir.resolve() if data_dir else Path(stack.enter_context(tempfile.TemporaryDirectory()))
        held = stack.enter_context(claim.held(directory))
        (directory / "gcloud").mkdir(exist_ok=True)
        store = _closed(stack, storage_server.serve(directory=directory / "storage" if data_dir else None))
        options = [f"--project={project}", f"--storage-url={store.url}"]
        options += [f"--data-dir={directory / 'bigquery'}"] if data_dir else []
        options += [f"--shard-bytes={shard_bytes}"] if shard_bytes else []
        # BigQuery is the slow one, so the others start while it boots.
        process = stack.enter_context(_bigquery(options, log=directory / LOG, held=held))
        topics = _closed(stack, pubsub_server.serve())
        control = _closed(stack, control_server.serve(world=world))
        account = _closed(stack, metadata.serve(project=project, account=environment.ACCOUNT))
        ports = _await_ports(process, log=directory / LOG)
        yield Cloud(project, directory, store, topics, control, account, BigQuery(process, **ports))


class _Closable(Protocol):
    def close(self) -> None: ...


def _closed(stack: contextlib.ExitStack, server: S) -> S:
    """Return a server that has started, and is closed when the stack is."""
    stack.callback(server.close)
    return server


@contextlib.contextmanager
def _bigquery(options: list[str], *, log: Path, held: TextIO) -> Iterator["subprocess.Popen[bytes]"]:
    if not EMULATORS_PYTHON.exists():
        raise CloudError(f"{EMULATORS_PYTHON} is missing: run `make setup`")
    with log.open("ab") as errors:
        process = subprocess.Popen(
            [str(EMULATORS_PYTHON), "-m", "local.bigquery", "--port=0", *options],
            cwd=ROOT,
            env={**os.environ, **environment.past_proxies(os.environ), "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            pass_fds=[held.fileno()],
            # Ctrl-C strikes the terminal's whole group; this child ends in its turn, when its standard input closes.
            start_new_session=True,
        )
    with process:
        claim.record(held, owner=os.getpid(), child=process.pid)
        try:
            yield process
        finally:
            _stop(process)


def _await_ports(process: "subprocess.Popen[bytes]", *, log: Path) -> dict[str, int]:
    assert process.stdout  # noqa: S101 - it was asked for as a pipe
    deadline, said = time.monotonic() + START_SECONDS, process.stdout.fileno()
    line = b""
    while not line.endswith(b"\n"):
        readable, _, _ = select.select([said], [], [], max(0.0, deadline - time.monotonic()))
        part = os.read(said, 4096) if readable else b""
        if not part:
            why = "ended" if readable else f"was not ready after {START_SECONDS:.0f} s"
            raise CloudError(f"the BigQuery stand-in {why}: {_quote(log)}")
        line += part
    ports = json.loads(line)
    return {"rest": ports["rest"], "grpc": ports["grpc"]}


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.stdin:
        process.stdin.close()
    for end in (process.terminate, process.kill):
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            end()
        else:
            return


def _quote(log: Path) -> str:
    return f"the end of {log}:\n{processes.tail(log) or '(nothing)'}"
