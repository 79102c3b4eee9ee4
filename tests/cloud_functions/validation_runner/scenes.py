"""A scene for validation: a dataset and a suite of one test's own, and what a test does with them."""

import dataclasses
import io
import json
import pathlib
from collections.abc import Sequence
from typing import Any

import jsonschema
import requests
import yaml
from google.cloud import bigquery

from local import cloud as local_cloud
from shared import settings

SCHEMA = json.loads((settings.ROOT / "shared" / "report.schema.json").read_text("utf-8"))
DAY = "2026-02-12"
DATASET_OF_OPS = "ops_of_tests"
COLUMNS = (
    bigquery.SchemaField("day", "DATE"),
    bigquery.SchemaField("id", "INT64"),
    bigquery.SchemaField("name", "STRING"),
    bigquery.SchemaField("value", "FLOAT64"),
)


@dataclasses.dataclass
class Scene:
    """One test's own suite and dataset, in a cloud that holds the demo world."""

    cloud: local_cloud.Cloud
    url: str
    folder: pathlib.Path
    suite: str
    dataset: str
    bigquery: bigquery.Client

    def declare(self, *checks: dict[str, Any], **changes: Any) -> None:
        """Declare the test's suite: one table `t`, and changes to it; `suite` changes the suite itself."""
        own = {"table": f"{self.dataset}.t", "at": {"day": "day"}, "key": ["id"], "checks": list(checks)}
        outer = changes.pop("suite", {})
        declared = {"summary": "of a test", "tables": {"t": own | changes}} | outer
        path = self.folder / "suites" / f"{self.suite}.yaml"
        path.write_text(yaml.safe_dump(declared, sort_keys=False), "utf-8")

    def table(self, rows: Sequence[dict[str, Any]], name: str = "t") -> None:
        """Make a table, partitioned by day, of the rows; the table of that name is replaced."""
        made = bigquery.Table(f"{self.cloud.project}.{self.dataset}.{name}", schema=COLUMNS)
        made.time_partitioning = bigquery.TimePartitioning(field="day")
        self.bigquery.delete_table(made, not_found_ok=True)
        self.bigquery.create_table(made)
        if rows:
            lines = "".join(json.dumps({"day": DAY} | row) + "\n" for row in rows)
            config = bigquery.LoadJobConfig(source_format="NEWLINE_DELIMITED_JSON", schema=COLUMNS)
            job = self.bigquery.load_table_from_file(io.BytesIO(lines.encode()), made.reference, job_config=config)
            job.result(timeout=60)

    def run(self, suite: str | None = None, *, day: str = DAY, **more: Any) -> dict[str, Any]:
        """Return the report of a run of a suite, by default the test's own."""
        return self.call({"suite": suite or self.suite, "day": day, **more})

    def call(self, body: Any, *, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """Return the report of a POST, after it was validated."""
        return checked(requests.post(self.url, json=body, headers=headers, timeout=120))

    def get(self, query: str = "") -> dict[str, Any]:
        """Return the report of a GET, after it was validated."""
        return checked(requests.get(self.url + query, timeout=120))

    def fault(self, **fault: Any) -> None:
        """Arm a fault of BigQuery."""
        requests.post(f"{self.cloud.bigquery_url}/_faults", json=fault, timeout=10).raise_for_status()

    def committed(self) -> int:
        """Return how many faults were committed."""
        return int(requests.get(f"{self.cloud.bigquery_url}/_faults", timeout=10).json()["committed"])

    def disarm(self) -> None:
        """Disarm every fault, and release what is held."""
        requests.delete(f"{self.cloud.bigquery_url}/_faults", timeout=10).raise_for_status()

    def queries(self) -> int:
        """Return how many query jobs were ever sent, dry ones too."""
        found = requests.get(f"{self.cloud.bigquery_url}/_requests", timeout=10).json()["by_call"]
        return sum(count for name, count in found.items() if name in ("POST jobs.insert", "POST jobs.query"))

    def mend(self) -> None:
        """Disarm every fault, and take the test's suite away."""
        self.disarm()
        (self.folder / "suites" / f"{self.suite}.yaml").unlink(missing_ok=True)


def checked(answer: requests.Response) -> dict[str, Any]:
    """Return the report in an answer: status 200, and valid."""
    assert answer.status_code == 200, answer.text
    value: dict[str, Any] = answer.json()
    jsonschema.validate(value, SCHEMA)
    return value


def findings(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the report's findings by subject, without the suite's name."""
    return {found["subject"].partition(".")[2]: found for found in report["findings"]}


def statuses(report: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return status and reason by subject, without the suite's name."""
    return {name: (found["status"], found["reason"]) for name, found in findings(report).items()}
