"""A scene of the export: a scripted night, the warehouse that follows it, the provider, and a bucket for readers."""

import dataclasses
import datetime
import json
import pathlib
import re
import time
import urllib.parse
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jsonschema
import requests
import yaml
from google.auth import credentials as google_credentials
from google.cloud import bigquery, storage

from cloud_functions.live_export import declaration, run
from local import cloud as local_cloud
from local.scores import script as scripts
from local.scores import server, warehouse
from local.world import facts
from shared import contract, settings
from shared.exports import manifest
from shared.gcp import clients

PROJECT = "pressbox-night"
"""A project of the scenes' own: its tables are in nobody's way."""
OPS, TOPIC, ORIGIN, PREFIX = "ops-of-export", "post-game-of-export", "https://site.example", "v1"
DAY = facts.LAST_DAY
FLOORS = {"live": 3, "live-grading": 1, "tonight": 24, "tonight-day": 24}
"""The fewest rows of each document on a night of three games, by exports.yaml; one prediction at the least."""
READ = {"origin": [ORIGIN], "method": ["GET", "HEAD"], "responseHeader": ["Content-Type"], "maxAgeSeconds": 3600}
SHIPPED = settings.ROOT / "cloud_functions" / run.NAME / declaration.NAME
SCHEMA = json.loads((settings.ROOT / "shared" / "report.schema.json").read_text("utf-8"))


KEPT, KEPT_IN = ("predictions", "players", "recent"), "kept"
"""What the night does not change: asked once by the shipped queries, so that hundreds of runs need not do so again."""


def keep(client: bigquery.Client) -> None:
    """Keep what the shipped queries tell that the night does not change."""
    client.create_dataset(KEPT_IN)
    for name in KEPT:
        text = (SHIPPED.parent / declaration.QUERIES / f"{name}.sql").read_text("utf-8")
        asked = [bigquery.ScalarQueryParameter("day", "DATE", DAY)]
        asked += [bigquery.ScalarQueryParameter("champion", "STRING", facts.CHAMPION)] if name == KEPT[0] else []
        config = bigquery.QueryJobConfig(query_parameters=asked)
        client.query(f"CREATE TABLE {KEPT_IN}.{name} AS\n{text}", job_config=config).result(timeout=60)


def upload(*names: str) -> str:
    """Return what matches the upload of an object whose name is one of these, as regular expressions."""
    return rf'(?s)\APOST /upload/[^\n]*\n.*"name": ?"({"|".join(names)})"'


@dataclasses.dataclass
class Night:
    """The night that the provider and the warehouse tell of; followed: the minute of it that the warehouse tells of."""

    script: scripts.Night
    provider: server.Server
    bigquery: bigquery.Client
    followed: float | None = None

    def minute(self, number: float) -> None:
        """Let it be this minute of the night for everybody."""
        self.provider.at(number)
        if self.followed != number:
            self.follow(self.script, number)

    def follow(self, told: scripts.Night, number: float) -> None:
        """Let the warehouse alone tell of a minute, of this night or of another one of the same day."""
        warehouse.follow(self.bigquery, told, number)
        self.followed = number if told is self.script else None


@dataclasses.dataclass
class Scene:
    """One test's own bucket and declaration, and the function that publishes into it."""

    cloud: local_cloud.Cloud
    url: str
    folder: pathlib.Path
    bucket: str
    night: Night
    storage: storage.Client
    variables: Mapping[str, str]

    def declare(self, **changes: Any) -> None:
        """Declare what is shipped, for the scene's bucket, with any key changed."""
        changed = shipped() | {"bucket": self.bucket, "lease_seconds": 1} | changes
        path = self.folder / run.NAME / declaration.NAME
        path.write_text(yaml.safe_dump({key: value for key, value in changed.items() if value is not None}), "utf-8")

    def open(self, *, cors: Iterable[Mapping[str, Any]] = (READ,)) -> None:
        """Let everybody read the bucket, and the declared site's pages."""
        bucket = self.storage.bucket(self.bucket)
        policy = bucket.get_iam_policy(requested_policy_version=3)
        policy.bindings.append({"role": "roles/storage.objectViewer", "members": {"allUsers"}})
        bucket.set_iam_policy(policy)
        bucket.cors = [dict(one) for one in cors]
        bucket.patch()

    def minute(self, number: float) -> None:
        """Let it be this minute of the night."""
        self.night.minute(number)

    def export(self, **request: Any) -> dict[str, Any]:
        """Return the report of a POST that asks for the night's day, after it was validated."""
        return checked(requests.post(self.url, json={"day": DAY.isoformat(), **request}, timeout=90))

    def run(self, now: datetime.datetime, *, http: Any = None, **request: Any) -> contract.Outcome:
        """Return what a run in this process finds that begins at an instant; http: the session it asks Storage by."""
        return run.export(self.given(now, http=http, **request))

    def given(self, now: datetime.datetime, *, http: Any = None, **request: Any) -> Any:
        """Return what a run is given that begins at an instant."""
        deployed = dataclasses.replace(settings.read(self.variables), declarations=self.folder)
        store = self.cloud.storage_client() if http is None else self.storage_client(http)
        used = clients.Clients(self.night.bigquery, store, clients.Calls())
        asked = declaration.Request(**({"day": DAY.isoformat()} | request))
        run_id = f"{now:%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:12]}"
        return contract.Run(now, run_id, run.declared(deployed), asked, deployed, used, lambda: None)

    def storage_client(self, http: Any) -> storage.Client:
        """Return a client of the embedded Cloud Storage that sends its requests through a session."""
        nobody = google_credentials.AnonymousCredentials()
        return storage.Client(PROJECT, nobody, _http=http, client_options={"api_endpoint": self.cloud.storage.url})

    def address(self, path: str) -> str:
        """Return the public address of a path below the prefix."""
        return f"{self.cloud.storage.url}/{self.bucket}/{PREFIX}/{path}"

    def read(self, path: str) -> Any:
        """Return what a browser reads at a path below the prefix."""
        answer = requests.get(self.address(path), timeout=10)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return answer.json()

    def manifest(self, path: str = "manifest.json") -> manifest.Manifest:
        """Return a manifest."""
        found = manifest.decode(json.dumps(self.read(path)).encode())
        assert isinstance(found, manifest.Manifest), found
        return found

    def put(self, path: str, text: str) -> None:
        """Overwrite an object below the prefix, as a person does by hand."""
        self.storage.bucket(self.bucket).blob(f"{PREFIX}/{path}").upload_from_string(text)

    def forget_schemas(self) -> None:
        """Let the manifests say that the documents were held to another schema, as after a deployment of new code."""
        for path in ("manifest.json", f"manifests/{DAY}.json"):
            told = self.read(path)
            for entry in told["documents"].values():
                entry["content"]["schema_sha256"] = "0" * 64
            self.put(path, json.dumps(told))

    def generations(self) -> dict[str, int]:
        """Return the generation of every object of the bucket, by its path below the prefix."""
        blobs = self.storage.list_blobs(self.bucket)
        return {blob.name.removeprefix(f"{PREFIX}/"): int(blob.generation) for blob in blobs}

    def written(self, work: Callable[[], Any]) -> list[str]:
        """Return the paths that a piece of work wrote, in their order."""
        before = self.generations()
        work()
        news = {path: made for path, made in self.generations().items() if before.get(path) != made}
        return sorted(news, key=lambda path: news[path])

    def uploads(self) -> int:
        """Return how many uploads reached the bucket's service since `count`, refused ones too."""
        by_call = requests.get(f"{self.cloud.storage.url}/_requests", timeout=10).json()["by_call"]
        return int(by_call.get("POST objects.insert", 0))

    def count(self) -> None:
        """Count the requests from nought."""
        requests.delete(f"{self.cloud.storage.url}/_requests", timeout=10).raise_for_status()

    def fault(self, **fault: Any) -> None:
        """Arm a fault of Cloud Storage."""
        requests.post(f"{self.cloud.storage.url}/_faults", json=fault, timeout=10).raise_for_status()

    def committed(self) -> int:
        """Return how many faults Cloud Storage has committed."""
        return int(self.cloud.storage.faults.state()["committed"])

    def deny(self, *permissions: str) -> None:
        """Take rights on the bucket away; none gives all back."""
        path = f"/_buckets/{urllib.parse.quote(self.bucket)}/deny"
        body = {"permissions": list(permissions)}
        requests.post(self.cloud.storage.url + path, json=body, timeout=10).raise_for_status()

    def next_second(self) -> None:
        """Wait until the clock shows another second: two runs within one tell the same instant."""
        began = int(time.time())
        while int(time.time()) == began:
            time.sleep(0.01)

    def free(self) -> None:
        """Forget every lease, as if a killed run's had run out."""
        for blob in self.storage.list_blobs(OPS, prefix="leases/"):
            blob.delete()

    def mend(self) -> None:
        """Disarm every fault, and release what is held."""
        requests.delete(f"{self.cloud.storage.url}/_faults", timeout=10).raise_for_status()
        self.night.provider.restore()

    def assert_whole(self) -> None:
        """Assert that the manifests agree, and name just what stands under the names that readers know."""
        whole = self.manifest()
        assert whole.documents == self.manifest(f"manifests/{DAY}.json").documents
        for name, entry in whole.documents.items():
            assert (entry.status, entry.reason) == ("ok", None), f"{name}: {entry.reason}"
            assert entry.content is not None, name
            same = self.read(entry.content.object)
            assert self.read(entry.path) == same, name
            assert entry.latest is None or self.read(entry.latest) == same, name


def shipped() -> dict[str, Any]:
    """Return the declaration that is shipped."""
    declared: dict[str, Any] = yaml.safe_load(SHIPPED.read_text("utf-8"))
    return declared


def checked(answer: requests.Response) -> dict[str, Any]:
    """Return the report in an answer: status 200, and valid."""
    assert answer.status_code == 200, answer.text
    value: dict[str, Any] = answer.json()
    jsonschema.validate(value, SCHEMA)
    return value


def reasons(told: Mapping[str, Any] | contract.Outcome) -> dict[str, str]:
    """Return the reason of each finding by its subject, of a report or of an outcome."""
    found = told.findings if isinstance(told, contract.Outcome) else None
    if found is None:
        assert isinstance(told, Mapping)
        return {re.sub("^gs://[^#]*", "bucket", one["subject"]): one["reason"] for one in told["findings"]}
    return {re.sub("^gs://[^#]*", "bucket", one.subject): one.reason for one in found}


def of(told: Mapping[str, Any], subject: str) -> dict[str, Any]:
    """Return the finding of a report about a subject."""
    found: dict[str, Any] = next(one for one in told["findings"] if one["subject"] == subject)
    return found
