"""A scene for the relay: reports that are pushed to it, its memory in the bucket, and the webhook's other end."""

import base64
import dataclasses
import datetime
import itertools
import json
import pathlib
from typing import Any

import jsonschema
import requests

from local import cloud as local_cloud
from shared import report, settings
from shared.report import Finding
from shared.statuses import Status
from tests.cloud_functions.alert_relay import receiver

SCHEMA = json.loads((settings.ROOT / "shared" / "report.schema.json").read_text("utf-8"))
ALERTS = """
channels: [{id: team, kind: webhook, url: "${ALERTS_WEBHOOK_URL}"}]
routes: [{match: {}, channel: team, owner: data}]
retry: {tries: 3, first_seconds: 0.05, longest_seconds: 0.2, budget_seconds: 4}
"""
STATE = "alerts/state.json"
_IDS = itertools.count(1)


def reported(*findings: tuple[str, str], started: datetime.datetime | None = None, **changes: Any) -> dict[str, Any]:
    """Return the report of a run that found (subject, status), as every function sends it."""
    made = report.Report(
        "validation_runner",
        f"20260212T120000Z-{next(_IDS):012}",
        "of a test",
        started or datetime.datetime.now(datetime.UTC),
        report.Build(None, None, None),
        findings=tuple(
            Finding(name, "rows", Status(status), "too_few", f"{name} is {status}") for name, status in findings
        ),
        scope="post_game",
        delivery=report.Delivery("delivered", "delivered", "delivered"),
    )
    return report.to_json(made) | changes


def envelope(value: Any, **fields: Any) -> dict[str, Any]:
    """Return what a push subscription posts, given the JSON value that is published."""
    data = base64.b64encode(json.dumps(value).encode()).decode()
    inner = {"data": data, "attributes": {"status": "fail"}, "messageId": f"m{next(_IDS)}", "publishTime": "x"} | fields
    return {"message": inner, "subscription": "projects/p/subscriptions/s"}


@dataclasses.dataclass
class Scene:
    """The running relay, what it remembers, and who gets its messages."""

    cloud: local_cloud.Cloud
    url: str
    log: pathlib.Path
    folder: pathlib.Path
    hook: receiver.Receiver
    bucket: Any
    number: int

    def declare(self, text: str = ALERTS) -> None:
        """Declare who is told."""
        (self.folder / "alert_relay" / "alerts.yaml").write_text(text, "utf-8")

    def push(self, *findings: tuple[str, str], **changes: Any) -> dict[str, Any]:
        """Return the relay's report on a report that found (subject, status)."""
        return self.call(envelope(reported(*findings, **changes)))

    def call(self, body: Any) -> dict[str, Any]:
        """Return the relay's report on a POST, after it was validated."""
        return checked(requests.post(self.url, json=body, timeout=60))

    def sweep(self) -> dict[str, Any]:
        """Return the relay's report on a sweep."""
        return self.call({})

    def told(self) -> list[list[tuple[str, str]]]:
        """Return (change, subject) of each message that reached the webhook."""
        return [[(item["change"], item["subject"]) for item in body["items"]] for body in self.hook.bodies]

    def state(self) -> dict[str, Any]:
        """Return what the relay remembers."""
        value: dict[str, Any] = json.loads(self.bucket.blob(STATE).download_as_bytes())
        return value

    def age(self, hours: float) -> None:
        """Let what is remembered be so many hours older."""
        text = self.bucket.blob(STATE).download_as_text()
        self.bucket.blob(STATE).upload_from_string(json.dumps(_older(json.loads(text), hours)))

    def names(self, prefix: str) -> list[str]:
        """Return the names of the objects below a folder of the bucket."""
        return [blob.name for blob in self.bucket.list_blobs(prefix=prefix)]

    def fault(self, **fault: Any) -> None:
        """Arm a fault of Cloud Storage."""
        address = self.cloud.environ()["STORAGE_EMULATOR_HOST"]
        requests.post(f"{address}/_faults", json=fault, timeout=10).raise_for_status()

    def disarm(self) -> None:
        """Disarm every fault, and release what is held."""
        address = self.cloud.environ()["STORAGE_EMULATOR_HOST"]
        requests.delete(f"{address}/_faults", timeout=10).raise_for_status()

    def mend(self) -> None:
        """Disarm every fault, and forget everything."""
        self.disarm()
        self.hook.reset()
        for name in self.names("alerts/"):
            self.bucket.blob(name).delete()


def _older(value: Any, hours: float) -> Any:
    """Return JSON in which every instant lies so many hours further back."""
    if isinstance(value, dict):
        return {key: _older(item, hours) for key, item in value.items()}
    if isinstance(value, list):
        return [_older(item, hours) for item in value]
    if isinstance(value, str) and value.endswith("+00:00"):
        return (datetime.datetime.fromisoformat(value) - datetime.timedelta(hours=hours)).isoformat()
    return value


def checked(answer: requests.Response) -> dict[str, Any]:
    """Return the report in an answer: status 200, and valid."""
    assert answer.status_code == 200, answer.text
    value: dict[str, Any] = answer.json()
    jsonschema.validate(value, SCHEMA)
    return value


def statuses(told: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return status and reason of a report's findings by kind; the worst of each."""
    return {found["kind"]: (found["status"], found["reason"]) for found in reversed(told["findings"])}
