"""The alerts that need neither ledger nor relay: files that gcloud takes, over lines that the functions write."""

import datetime
import json
import re
from typing import Any

import pytest

from cloud_functions.daily_health_check.doctor import schedules
from deploy import manifest, stage
from shared import delivery, report
from shared.report import Finding
from shared.statuses import Status

FOLDER = stage.REPOSITORY / "deploy" / "monitoring"
POLICIES = ("dead_man", "summary_errors")
# The fields of AlertPolicy and of its conditions that Cloud Monitoring's API v3 knows, as far as a file may set them.
POLICY = {"displayName", "documentation", "combiner", "conditions", "alertStrategy", "severity", "userLabels"}
CONDITIONS = {
    "conditionAbsent": {"filter", "duration", "aggregations", "trigger"},
    "conditionThreshold": {
        "filter", "duration", "aggregations", "trigger", "comparison", "thresholdValue", "evaluationMissingData",
    },
    "conditionMatchedLog": {"filter", "labelExtractors"},
}  # fmt: skip
LONGEST_ABSENCE = datetime.timedelta(hours=23, minutes=30)
"""Cloud Monitoring's limit for a metric-absence condition."""


def load(name: str) -> dict[str, Any]:
    """Return a file of the folder."""
    value: dict[str, Any] = json.loads((FOLDER / name).read_text("utf-8"))
    return value


def conditions(name: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the conditions of a policy by their kinds."""
    return [
        (kind, body)
        for one in load(f"{name}.json")["conditions"]
        for kind, body in one.items()
        if kind.startswith("condition")
    ]


def seconds(text: str) -> datetime.timedelta:
    """Return a duration as the API writes it."""
    match = re.fullmatch(r"(\d+)s", text)
    assert match, text
    return datetime.timedelta(seconds=int(match[1]))


@pytest.mark.parametrize("name", POLICIES)
def test_policy_has_only_fields_that_the_api_knows(name: str) -> None:
    """Each policy and condition has known fields, one kind of condition each, and words for who is woken."""
    policy = load(f"{name}.json")
    assert set(policy) <= POLICY
    assert policy["combiner"] == "OR"
    assert policy["documentation"]["content"]
    for one in policy["conditions"]:
        (kind,) = [key for key in one if key.startswith("condition")]
        assert set(one) == {"displayName", kind}
        assert set(one[kind]) <= CONDITIONS[kind]


def test_log_alert_limits_its_rate() -> None:
    """A condition on matched log lines must say how often it may notify, and a metric's must not."""
    assert "notificationRateLimit" in load("summary_errors.json")["alertStrategy"]
    assert "notificationRateLimit" not in load("dead_man.json")["alertStrategy"]


def test_dead_man_waits_longer_than_any_gap_of_the_schedule() -> None:
    """In no week of a year, clock changes included, are two ticks further apart than the alert waits."""
    (schedule,) = manifest.read("daily_health_check", root=stage.REPOSITORY).schedules
    tick = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    longest = datetime.timedelta(0)
    while tick.year == 2026:
        following = schedules.following(schedule.cron, schedule.time_zone, tick)
        longest, tick = max(longest, following - tick), following
    waits = [seconds(body["duration"]) for kind, body in conditions("dead_man") if kind == "conditionAbsent"]
    windows = [
        seconds(body["aggregations"][0]["alignmentPeriod"])
        for kind, body in conditions("dead_man")
        if kind == "conditionThreshold"
    ]
    assert waits
    assert windows
    for wait in (*waits, *windows):
        assert longest + datetime.timedelta(minutes=30) <= wait <= LONGEST_ABSENCE


def test_dead_man_watches_the_metric_that_is_declared() -> None:
    """The policy's metric is the one of the file beside it, which counts the health check's lines."""
    metric = load("health_reports.metric.json")
    for _, body in conditions("dead_man"):
        assert f'metric.type="logging.googleapis.com/user/{metric["name"]}"' in body["filter"]
    assert 'jsonPayload.function="daily_health_check"' in metric["filter"]


def test_filters_name_fields_of_the_summary_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Every field of the log that a filter or a label asks for is written by every summary line."""
    build = report.Build(None, None, None)
    finding = Finding("s", "k", Status.FAIL, "r", "m")
    now = datetime.datetime(2026, 2, 12, tzinfo=datetime.UTC)
    finished = report.Report("daily_health_check", "run", "in short", now, build, (finding,))
    delivery.to_log(finished, trace=None)
    line = json.loads(capsys.readouterr().out)
    texts = [load("health_reports.metric.json")["filter"]]
    for kind, body in conditions("summary_errors"):
        assert kind == "conditionMatchedLog"
        texts += [body["filter"], *body["labelExtractors"].values()]
    named = {name for text in texts for name in re.findall(r"jsonPayload\.(\w+)", text)}
    assert named >= {"function", "run_id", "counts", "status"}
    assert named <= set(line)
    assert line["severity"] == "ERROR"
