"""The BigQuery stand-in for contract tests, or the real service when PRESSBOX_REAL_PROJECT names a project."""

import contextlib
import dataclasses
import json
import os
import subprocess
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery, storage

from local.storage import server as storage_server

ROOT = Path(__file__).parents[3]
PYTHON = ROOT / ".venv-emulators" / "bin" / "python"
REAL = os.environ.get("PRESSBOX_REAL_PROJECT")
PROJECT = REAL or "contract-project"
SHARD_BYTES = 100_000


@dataclasses.dataclass(frozen=True)
class StandIn:
    """One running BigQuery stand-in: its process, its address, and its Cloud Storage."""

    process: "subprocess.Popen[bytes]"
    url: str
    storage_url: str

    def client(self) -> bigquery.Client:
        """Return an official client of this stand-in."""
        options = {"api_endpoint": self.url}
        return bigquery.Client(project=PROJECT, credentials=AnonymousCredentials(), client_options=options)

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Return the JSON that the stand-in answers to one plain request; None when it answers nothing."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)  # noqa: S310 -- our own http address
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 -- the same
            said = answer.read()
        return json.loads(said) if said else None


Start = Callable[..., contextlib.AbstractContextManager[StandIn]]


@contextlib.contextmanager
def _started(storage_url: str, *options: str) -> Iterator[StandIn]:
    process = subprocess.Popen(
        [str(PYTHON), "-m", "local.bigquery", f"--storage-url={storage_url}", f"--project={PROJECT}", *options],
        cwd=ROOT,
        env={**os.environ, "HOME": "/nonexistent"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with process:
        try:
            said = json.loads(process.stdout.readline() if process.stdout else b"")
            yield StandIn(process, f"http://127.0.0.1:{said['rest']}", storage_url)
        finally:
            process.kill()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what is only true of the stand-in when the tests run against the real service."""
    if REAL:
        for item in items:
            if item.get_closest_marker("real_cloud") is None:
                item.add_marker(pytest.mark.skip(reason="a claim about the stand-in only"))


@pytest.fixture(scope="session")
def storage_url() -> Iterator[str]:
    """Yield the address of a Cloud Storage stand-in."""
    running = storage_server.serve()
    yield running.url
    running.close()


@pytest.fixture(scope="session")
def start(storage_url: str) -> Start:
    """Return how to start a stand-in of one's own, with command-line options."""
    return lambda *options: _started(storage_url, *options)


@pytest.fixture(scope="session")
def stand_in(start: Start) -> Iterator[StandIn]:
    """Yield the stand-in that all tests of a session share."""
    with start(f"--shard-bytes={SHARD_BYTES}") as running:
        yield running


@pytest.fixture(scope="session")
def client(request: pytest.FixtureRequest) -> Iterator[bigquery.Client]:
    """Yield an official BigQuery client."""
    made = bigquery.Client(project=REAL) if REAL else request.getfixturevalue("stand_in").client()
    yield made
    made.close()


@pytest.fixture(scope="session")
def storage_client(request: pytest.FixtureRequest) -> Iterator[storage.Client]:
    """Yield an official Cloud Storage client."""
    if REAL:
        made = storage.Client(project=REAL)
    else:
        options = {"api_endpoint": request.getfixturevalue("storage_url")}
        made = storage.Client(project=PROJECT, credentials=AnonymousCredentials(), client_options=options)
    yield made
    made.close()


@pytest.fixture(scope="module")
def dataset(client: bigquery.Client) -> Iterator[str]:
    """Yield the full id of a fresh dataset."""
    name = f"{PROJECT}.contract_{uuid.uuid4().hex[:12]}"
    client.create_dataset(name)
    yield name
    client.delete_dataset(name, delete_contents=True, not_found_ok=True)


@pytest.fixture(scope="module")
def bucket(storage_client: storage.Client, soon: Callable[[Callable[[], bool]], bool]) -> Iterator[str]:
    """Yield the name of a fresh bucket."""
    made = storage_client.create_bucket(f"contract-{uuid.uuid4().hex[:16]}")
    yield made.name

    def emptied() -> bool:
        # A job that a test left running may still write.
        with contextlib.suppress(exceptions.Conflict):
            made.delete(force=True)
            return True
        return False

    assert soon(emptied)


@pytest.fixture
def name() -> str:
    """Return a table name, or prefix, that no other test uses."""
    return f"t_{uuid.uuid4().hex[:12]}"


@pytest.fixture
def fault(stand_in: StandIn) -> Iterator[Callable[..., None]]:
    """Yield how to ask the stand-in for a fault; all are disarmed afterwards."""
    yield lambda **declared: stand_in.ask("POST", "/_faults", declared)
    stand_in.ask("DELETE", "/_faults")


@pytest.fixture
def refuse_storage(storage_url: str) -> Iterator[Callable[..., None]]:
    """Yield how to make Cloud Storage refuse the next request that matches; nothing is refused afterwards."""

    def ask(method: str, body: dict[str, Any] | None = None) -> None:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{storage_url}/_faults", data=data, method=method)  # noqa: S310 -- our own address
        urllib.request.urlopen(request, timeout=60).close()  # noqa: S310 -- the same

    yield lambda **declared: ask("POST", {"action": "refuse", **declared})
    ask("DELETE")


@pytest.fixture
def load_rows(client: bigquery.Client, finish: Callable[[Any], Any]) -> Callable[..., bigquery.LoadJob]:
    """Return how to put rows into a table: `load_rows(table, rows, "id:INTEGER", …, **job options)`."""

    def load(table: str, rows: list[dict[str, Any]], *columns: str, **options: Any) -> bigquery.LoadJob:
        schema = [bigquery.SchemaField(*column.split(":")) for column in columns]
        config = bigquery.LoadJobConfig(schema=schema, **options)
        return finish(client.load_table_from_json(rows, table, job_config=config))

    return load


@pytest.fixture(scope="session")
def finish(soon: Callable[[Callable[[], bool]], bool]) -> Callable[[Any], Any]:
    """Return how to wait for a job without the client's pauses of a second; it gives the job, or raises its error."""

    def wait(job: Any) -> Any:
        soon(job.done)
        job.result()
        return job

    return wait


@dataclasses.dataclass(frozen=True)
class Extracts:
    """What one test extracts: everything goes under a prefix of its own, and can be read or counted there."""

    client: bigquery.Client
    bucket: storage.Bucket
    prefix: str
    scratch: str
    finish: Callable[[Any], Any]

    def run(self, table: str, *objects: str, **options: Any) -> bigquery.ExtractJob:
        """Return a finished job that extracted a table to objects under the prefix, to `*` unless told otherwise."""
        uris = [f"gs://{self.bucket.name}/{self.prefix}/{item}" for item in objects or ("*",)]
        config = bigquery.ExtractJobConfig(**options)
        job: bigquery.ExtractJob = self.finish(self.client.extract_table(table, uris, job_config=config))
        return job

    def files(self, folder: str = "") -> dict[str, bytes]:
        """Return the stored bytes of every object in a folder of the prefix, by name."""
        start = f"{self.prefix}/{folder}"
        blobs = self.bucket.client.list_blobs(self.bucket, prefix=start)
        return {blob.name.removeprefix(start): blob.download_as_bytes(raw_download=True) for blob in blobs}

    def rows(self, pattern: str, source_format: str, *columns: str) -> int:
        """Return how many rows a load job finds in the files of a pattern under the prefix."""
        config = bigquery.LoadJobConfig(
            source_format=source_format,
            schema=[bigquery.SchemaField(*column.split(":")) for column in columns],
            write_disposition="WRITE_TRUNCATE",
            use_avro_logical_types=True,
            skip_leading_rows=1 if source_format == "CSV" else 0,
        )
        uri = f"gs://{self.bucket.name}/{self.prefix}/{pattern}"
        return int(self.finish(self.client.load_table_from_uri(uri, self.scratch, job_config=config)).output_rows)


@pytest.fixture
def extracts(
    client: bigquery.Client, storage_client: storage.Client, bucket: str, dataset: str, finish: Callable[[Any], Any]
) -> Extracts:
    """Return how this test extracts, and looks at what was written."""
    unique = uuid.uuid4().hex[:12]
    return Extracts(client, storage_client.bucket(bucket), f"extracts-{unique}", f"{dataset}.scratch_{unique}", finish)


@pytest.fixture(scope="session")
def sql(client: bigquery.Client) -> Callable[..., list[Any]]:
    """Return how to run SQL in which $t stands for a table and $v for a view; it gives the rows."""

    def run(statement: str, table: str = "", *, view: str = "") -> list[Any]:
        return list(client.query_and_wait(statement.replace("$t", f"`{table}`").replace("$v", f"`{view}`")))

    return run


@pytest.fixture
def own_table(dataset: str, name: str) -> str:
    """Return the full id of the test's own table, which is not there yet."""
    return f"{dataset}.{name}"


@pytest.fixture
def copy(client: bigquery.Client, finish: Callable[[Any], Any]) -> Callable[..., bigquery.CopyJob]:
    """Return how to run one copy job and wait for it."""

    def run(sources: Any, target: str, **options: Any) -> bigquery.CopyJob:
        return finish(client.copy_table(sources, target, job_config=bigquery.CopyJobConfig(**options)))

    return run


@pytest.fixture
def ids(sql: Callable[..., list[Any]]) -> Callable[[str], list[int]]:
    """Return how to read the ids of a table in order."""
    return lambda full: [row.id for row in sql("SELECT id FROM $t ORDER BY id", full)]


@pytest.fixture
def instant() -> Callable[[], int]:
    """Return how to take an instant, in milliseconds, between all that came before and all that comes after."""

    def take() -> int:
        taken = int(time.time() * 1000) + 1
        while time.time() * 1000 < taken + 1:
            time.sleep(0.001)
        return taken

    return take


@pytest.fixture(scope="session")
def soon() -> Callable[[Callable[[], bool]], bool]:
    """Return how to wait for a condition, for ten seconds at most."""

    def wait(holds: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + 10
        while not holds():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    return wait
