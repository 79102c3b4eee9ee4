"""A scene for backups: a bucket and a dataset of one test's own, and what a test does with them."""

import dataclasses
import io
import json
import pathlib
import urllib.parse
from typing import Any

import jsonschema
import requests
import yaml
from google.cloud import bigquery, storage

from local import cloud as local_cloud
from shared import settings

SCHEMA = json.loads((settings.ROOT / "shared" / "report.schema.json").read_text("utf-8"))
COLUMNS = (
    bigquery.SchemaField("day", "DATE", "REQUIRED"),
    bigquery.SchemaField("name", "STRING", description="who"),
    bigquery.SchemaField("points", "NUMERIC", precision=5, scale=1),
    bigquery.SchemaField("tags", "STRING", "REPEATED"),
    bigquery.SchemaField("facts", "JSON"),
)


@dataclasses.dataclass
class Scene:
    """One test's own bucket and dataset, and the function that is declared to back them up."""

    cloud: local_cloud.Cloud
    url: str
    folder: pathlib.Path
    bucket: str
    dataset: str
    bigquery: bigquery.Client
    storage: storage.Client

    def declare(self, *include: str, **changes: Any) -> None:
        """Declare tables of the scene's dataset, and change any other key of the declaration."""
        declared = {
            "bucket": self.bucket,
            "datasets": [{"dataset": self.dataset, "include": list(include or ("*",))}],
            "lease_seconds": 1,
        }
        path = self.folder / "bigquery_backup" / "backups.yaml"
        path.write_text(yaml.safe_dump(declared | changes), "utf-8")

    def table(self, name: str, rows: int = 20, *, dataset: str | None = None) -> bigquery.Table:
        """Make a table of some rows in the scene's dataset."""
        made = bigquery.Table(f"{self.cloud.project}.{dataset or self.dataset}.{name}", schema=COLUMNS)
        made.time_partitioning = bigquery.TimePartitioning(field="day")
        made.clustering_fields = ["name"]
        self.bigquery.create_table(made)
        if rows:
            lines = "".join(json.dumps(_row(index)) + "\n" for index in range(rows))
            config = bigquery.LoadJobConfig(source_format="NEWLINE_DELIMITED_JSON", schema=COLUMNS)
            job = self.bigquery.load_table_from_file(io.BytesIO(lines.encode()), made.reference, job_config=config)
            job.result(timeout=60)
        return made

    def call(self, body: Any = None, *, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """Return the report of a POST, after it was validated."""
        return checked(requests.post(self.url, json={} if body is None else body, headers=headers, timeout=120))

    def names(self) -> list[str]:
        """Return the names of all objects in the bucket."""
        return [blob.name for blob in self.storage.list_blobs(self.bucket)]

    def read(self, name: str) -> dict[str, Any]:
        """Return a JSON object of the bucket."""
        value: dict[str, Any] = json.loads(self.storage.bucket(self.bucket).blob(name).download_as_bytes())
        return value

    def manifests(self) -> list[str]:
        """Return the names of all manifests in the bucket."""
        return [name for name in self.names() if name.endswith("/manifest.json")]

    def fault(self, service: str, **fault: Any) -> None:
        """Arm a fault of `bigquery` or `storage`."""
        requests.post(f"{self._address(service)}/_faults", json=fault, timeout=10).raise_for_status()

    def committed(self, service: str) -> int:
        """Return how many faults a service has committed."""
        return int(requests.get(f"{self._address(service)}/_faults", timeout=10).json()["committed"])

    def mend(self) -> None:
        """Disarm every fault, and release what is held."""
        for service in ("bigquery", "storage"):
            requests.delete(f"{self._address(service)}/_faults", timeout=10).raise_for_status()

    def rot(self, name: str) -> None:
        """Flip one byte in the middle of an object, as a disk that lies would."""
        size = self.storage.bucket(self.bucket).get_blob(name).size
        path = f"/_objects/{self.bucket}/{urllib.parse.quote(name, safe='')}/rot"
        requests.post(self.cloud.storage.url + path, json={"offset": size // 2}, timeout=10).raise_for_status()

    def _address(self, service: str) -> str:
        return self.cloud.bigquery_url if service == "bigquery" else self.cloud.storage.url


def _row(index: int) -> dict[str, Any]:
    return {
        "day": f"2026-02-{1 + index % 12:02d}",
        "name": f"p{index}",
        "points": f"{index}.5",
        "tags": ["a", "b"][: index % 3],
        "facts": {"n": index},
    }


def checked(answer: requests.Response) -> dict[str, Any]:
    """Return the report in an answer: status 200, and valid."""
    assert answer.status_code == 200, answer.text
    value: dict[str, Any] = answer.json()
    jsonschema.validate(value, SCHEMA)
    return value


def statuses(report: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return status and reason by table name, of the report's findings."""
    return {found["subject"].split(".")[-1]: (found["status"], found["reason"]) for found in report["findings"]}
