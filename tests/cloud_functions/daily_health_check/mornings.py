"""A morning for the health check: a ledger and a platform of one test's own, and what a test does with them."""

import collections
import dataclasses
import datetime
import json
import pathlib
from collections.abc import Collection, Mapping
from typing import Any

import flask
import jsonschema
import requests

from cloud_functions.daily_health_check import main, run
from local import cloud as local_cloud
from local.world import facts, platform_demo
from shared import ledger, report, settings
from shared.gcp import clients
from shared.gcp import ledger as gcp_ledger
from shared.report import Finding
from shared.statuses import Status
from tests.cloud_functions.daily_health_check import published

SCHEMA = json.loads((settings.ROOT / "shared" / "report.schema.json").read_text("utf-8"))
DAY = facts.LAST_DAY.isoformat()
SUITES = {
    "post_overnight": ("phases.phase3", "phases.phase3_triggered", "phases.phase4"),
    "pre_game": (
        "features.ready",
        "features.red",
        "predictions.enriched",
        "predictions.parity[catboost_v8]",
        "yesterday.enriched",
        "signal.pre_game",
    ),
}
"""What the validation suites say of the checks that are told again."""

FAILING = {
    "firestore-state-cleanup",
    "live-freshness-monitor",
    "nba-grading-alerts-daily",
    "registry-health-check",
    "same-day-phase3",
    "same-day-predictions-tomorrow",
    "self-heal-predictions",
}
"""The jobs of the demo platform that fail."""


def now() -> datetime.datetime:
    """Return the instant: the platform's stand-in goes by the clock too."""
    return datetime.datetime.now(datetime.UTC)


@dataclasses.dataclass
class Morning:
    """One test's own ledger, bucket and declaration, in a cloud that holds the demo platform."""

    cloud: local_cloud.Cloud
    bucket: str
    dataset: str
    declared: pathlib.Path

    def variables(self) -> dict[str, str]:
        """Return the environment that the function is deployed with."""
        return {"OPS_BUCKET": self.bucket, "OPS_DATASET": self.dataset, "CLOUD_RUN_TIMEOUT_SECONDS": "300"}

    def check(self, **body: Any) -> dict[str, Any]:
        """Return the report of a POST for the demo's day, after it was validated."""
        return self.call(method="POST", json={"day": DAY, **body})

    def call(self, **options: Any) -> dict[str, Any]:
        """Return the report of a call, after it was validated."""
        with flask.Flask("test").test_request_context("/", **options):
            answer = main.daily_health_check(flask.request)
        assert answer.status_code == 200
        value: dict[str, Any] = json.loads(answer.get_data())
        jsonschema.validate(value, SCHEMA)
        return value

    def page(self) -> flask.Response:
        """Return what a browser is shown."""
        with flask.Flask("test").test_request_context("/", headers={"Accept": "text/html"}):
            return main.daily_health_check(flask.request)

    def throw(self, **switches: Any) -> None:
        """Throw switches of the demo platform."""
        requests.post(f"{self.cloud.control.url}/_world", json=switches, timeout=10).raise_for_status()

    def fault(self, url: str, **declared: Any) -> None:
        """Arm a fault of a stand-in."""
        requests.post(f"{url}/_faults", json=declared, timeout=10).raise_for_status()

    def mend(self) -> None:
        """Restore the platform, and disarm every fault."""
        requests.delete(f"{self.cloud.control.url}/_world", timeout=10).raise_for_status()
        for url in (self.cloud.control.url, self.cloud.bigquery_url, self.cloud.storage.url):
            requests.delete(f"{url}/_faults", timeout=10).raise_for_status()

    def record_deployments(self) -> None:
        """Write down what was deployed, for every service of the platform."""
        bucket = self.cloud.storage_client().bucket(self.bucket)
        for name, content in platform_demo.records().items():
            bucket.blob(f"deployments/{name}.json").upload_from_string(content)

    def publish(self, **changes: Any) -> None:
        """Publish what readers get, a few minutes old; `changes` are of the content about tonight."""
        bucket = self.cloud.storage_client().bucket(published.BUCKET)
        for name, document in published.documents(now() - datetime.timedelta(minutes=12), **changes).items():
            bucket.blob(name).upload_from_string(json.dumps(document))

    def heard(self, *, silent: Collection[str] = (), ago: Mapping[str, datetime.timedelta] | None = None) -> None:
        """File a report of every schedule, just now or as long `ago` as its name says, but of those that are silent."""
        runs, findings = [], []
        for name, facts_ in run.functions().items():
            for schedule in facts_.schedules:
                if schedule.name in silent:
                    continue
                began = now() - (ago or {}).get(schedule.name, datetime.timedelta(minutes=1))
                told = self._report(name, schedule.name, dict(schedule.body), began)
                runs.append(ledger.run_row(told))
                findings += ledger.finding_rows(told)
        self.file(runs, findings)

    def _report(self, function: str, schedule: str, body: dict[str, Any], began: datetime.datetime) -> report.Report:
        suite = body.get("suite")
        subjects = [f"{suite}.{check}" for check in SUITES.get(str(suite), ())] or [schedule]
        findings = tuple(Finding(name, "rows", Status.PASS, "enough", "seen", observed=5) for name in subjects)
        build = report.Build(None, None, None)
        run_id = f"{began:%Y%m%dT%H%M%SZ}-{schedule}"
        return report.Report(
            function, run_id, "in short", began, build, findings, body, scope=suite, day=facts.LAST_DAY
        )

    def file(self, runs: list[dict[str, Any]], findings: list[dict[str, Any]]) -> None:
        """Append rows to the ledger, whatever they say."""
        used = clients.connect(self.cloud.project)
        for table, rows in ((ledger.RUNS, runs), (ledger.FINDINGS, findings)):
            if rows:
                config = gcp_ledger._config(table)  # noqa: SLF001 - a row that no report would make, in the ledger's own table
                address = f"{self.cloud.project}.{self.dataset}.{table.name}"
                used.bigquery.load_table_from_json(rows, address, job_config=config).result(timeout=60)


def findings(told: Mapping[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """Return a report's findings of one kind by their subjects."""
    return {one["subject"]: one for one in told["findings"] if one["kind"] == kind}


def verdicts(told: Mapping[str, Any], kind: str) -> dict[str, tuple[str, str]]:
    """Return status and reason by subject, of one kind."""
    return {name: (one["status"], one["reason"]) for name, one in findings(told, kind).items()}


def tally(told: Mapping[str, Any]) -> dict[tuple[str, str], int]:
    """Return how many findings of each kind have each status."""
    return dict(collections.Counter((one["kind"], one["status"]) for one in told["findings"]))
