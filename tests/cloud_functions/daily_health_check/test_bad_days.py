"""Bad days of a whole health check: reporters that are silent or lie, no ledger, a platform out of order."""

import datetime
from typing import Any

import pytest

from shared import ledger, report
from shared.report import Finding
from shared.statuses import Status
from tests.cloud_functions.daily_health_check import mornings
from tests.cloud_functions.daily_health_check.mornings import findings, tally, verdicts


def test_every_reporter_silent(morning: mornings.Morning) -> None:
    """Days after their last word, every schedule fails with the ticks it missed; the platform is judged as ever."""
    day = datetime.timedelta(days=2)
    names = [one.partition("/")[2] for one in verdicts(morning.check(only=["reporters"]), "reporter")]
    morning.heard(ago=dict.fromkeys(names, day))

    told = morning.check(only=["reporters", "jobs"])

    found = findings(told, "reporter")
    assert len(found) >= 8
    assert {(one["status"], one["reason"]) for one in found.values()} == {("fail", "silent")}
    assert all(one["observed"] >= 1 and "gcloud scheduler jobs" in one["fix"] for one in found.values())
    assert tally(told)["job", "pass"] == 103


def test_no_report_was_ever_kept(morning: mornings.Morning) -> None:
    """An empty ledger is silence too; only the health check itself may be at its first run."""
    told = verdicts(morning.check(only=["reporters"]), "reporter")

    assert told.pop("daily_health_check/daily-health-check") == ("skip", "first_run")
    assert set(told.values()) == {("fail", "never_reported")}


def test_one_reporter_silent(morning: mornings.Morning) -> None:
    """Only that one fails."""
    morning.heard(ago={"bigquery-daily-backup": datetime.timedelta(hours=30)})

    told = verdicts(morning.check(only=["reporters"]), "reporter")

    assert told.pop("bigquery_backup/bigquery-daily-backup") == ("fail", "silent")
    assert set(told.values()) == {("pass", "heard")}


def test_the_health_check_itself_is_late(morning: mornings.Morning) -> None:
    """The next one that runs says so, and names the alert that tells while none runs."""
    morning.heard(ago={"daily-health-check": datetime.timedelta(hours=20)})

    one = findings(morning.check(only=["reporters"]), "reporter")["daily_health_check/daily-health-check"]

    assert (one["status"], one["reason"]) == ("fail", "silent")
    assert "deploy/monitoring/dead_man.json" in one["fix"]


def test_the_ledger_is_unreachable(morning: mornings.Morning) -> None:
    """What is judged by it is an error, never good; everything else is judged, and the report says it was not filed."""
    morning.heard()
    whole = morning.check()
    morning.fault(
        morning.cloud.bigquery_url,
        match=rf"(?s)POST [^\n]*(jobs|queries)[^\n]*\n.*{morning.dataset}\b",
        action="refuse",
        status=403,
        reason="accessDenied",
        times=100,
    )

    told = morning.check()

    for kind in ("reporter", "pipeline", "alert"):
        assert {one[0] for one in verdicts(told, kind).values()} == {"error"}, kind
    for kind in ("job", "service", "function", "subscription", "invoker", "output"):
        assert verdicts(told, kind) == verdicts(whole, kind), kind
    assert told["complete"] is False
    assert told["delivery"]["ledger"].startswith("failed: ")
    assert told["delivery"]["object"] == "delivered"


@pytest.mark.parametrize(
    ("api", "subject", "kind"), [("cloudscheduler", "jobs", "job"), ("run", "services", "service")]
)
def test_one_page_of_a_list_is_missing(
    morning: mornings.Morning, control: str, api: str, subject: str, kind: str
) -> None:
    """Half a list is no list: nothing is called healthy by it, or missing from it, and the rest goes on."""
    morning.throw(page=20)
    assert "pass" in {one[0] for one in verdicts(morning.check(only=[subject]), kind).values()}
    morning.fault(control, match=rf"GET /{api}\.[^\n]*pageToken", action="refuse", status=403, times=10)

    told = morning.check(only=[subject, "subscriptions"])

    found = verdicts(told, kind)
    assert found.pop("all of us-west2") == ("error", "api_denied")
    assert not {"pass", "fail"} & {one[0] for one in found.values()}
    assert {one[0] for one in verdicts(told, "subscription").values()} == {"pass"}


def test_five_thousand_jobs(morning: mornings.Morning) -> None:
    """Each has its finding, in a bounded number of calls."""
    morning.throw(extra_jobs=4890)

    told = morning.check(only=["jobs"])

    assert tally(told) == {("job", "fail"): 7, ("job", "pass"): 4993, ("subject", "skip"): 8}
    assert told["cost"]["api_calls"] < 80


@pytest.mark.parametrize(
    ("switch", "job", "verdict"),
    [
        ("never_ran", "validation-grading", ("fail", "never_ran")),
        ("stale", "validation-grading", ("fail", "stale")),
        ("paused", "bigquery-daily-backup", ("fail", "paused")),
        ("disabled", "validation-grading", ("fail", "disabled")),
        ("deleted_jobs", "bigquery-daily-backup", ("fail", "deleted")),
        ("skewed", "validation-grading", ("unknown", "skewed")),
    ],
)
def test_what_is_wrong_with_a_job(morning: mornings.Morning, switch: str, job: str, verdict: tuple[str, str]) -> None:
    """A job that never ran, stands still, is off, is gone, or whose clock is ahead, is not healthy."""
    morning.throw(**{switch: [job]})

    assert verdicts(morning.check(only=["jobs"]), "job")[job] == verdict


@pytest.mark.parametrize(
    ("switch", "value", "kind", "subject", "verdict"),
    [
        ("pinned", ["prediction-worker"], "service", "prediction-worker", ("fail", "traffic_pinned")),
        ("drift", ["prediction-worker"], "service", "prediction-worker", ("fail", "revision_differs")),
        ("gone_services", ["prediction-worker"], "service", "prediction-worker", ("fail", "missing")),
        (
            "backlog",
            {"nba-phase3-trigger-to-nba-phase3-analytics-processors": 9000},
            "subscription",
            "nba-phase3-trigger-to-nba-phase3-analytics-processors",
            ("fail", "backlog_old"),
        ),
    ],
)
def test_what_is_wrong_with_the_platform(
    morning: mornings.Morning, switch: str, value: Any, kind: str, subject: str, verdict: tuple[str, str]
) -> None:
    """Traffic on an old revision, another build than was deployed, a service that is gone, messages that wait."""
    morning.throw(**{switch: value})

    assert verdicts(morning.check(only=["services", "subscriptions"]), kind)[subject] == verdict


def test_a_service_without_a_record_is_unverifiable(morning: mornings.Morning) -> None:
    """Where nothing was written down, nothing is called the same."""
    morning.cloud.storage_client().bucket(morning.bucket).blob("deployments/prediction-worker.json").delete()

    found = verdicts(morning.check(only=["services"]), "service")

    assert found["prediction-worker"] == ("unknown", "revision_unverifiable")


def test_a_missing_right_is_told_for_the_very_account(morning: mornings.Morning) -> None:
    """The service's callers are named, and the command that grants the right."""
    morning.throw(no_invoker=["prediction-coordinator"])

    found = findings(morning.check(only=["invokers"]), "invoker")

    bad = [one for one in found.values() if one["status"] != "pass" and one["status"] != "skip"]
    assert bad
    assert all(one["subject"].startswith("prediction-coordinator/") and "run.invoker" in one["fix"] for one in bad)


def test_a_report_that_contradicts_itself(morning: mornings.Morning) -> None:
    """A run that says pass with complete=false is not believed."""
    morning.heard(silent=["bigquery-daily-backup"])
    began = mornings.now()
    told = report.Report("bigquery_backup", f"{began:%H%M%S}-x", "all is well", began, report.Build(None, None, None))
    morning.file([ledger.run_row(told) | {"status": "pass", "complete": False}], [])

    found = verdicts(morning.check(only=["reporters"]), "reporter")

    assert found["bigquery_backup/bigquery-daily-backup"] == ("fail", "contradictory")


def test_a_report_from_the_future(morning: mornings.Morning) -> None:
    """It does not count as heard, and the clock is told."""
    morning.heard(ago={"bigquery-daily-backup": datetime.timedelta(hours=-5)})

    found = verdicts(morning.check(only=["reporters"]), "reporter")

    assert found["bigquery_backup/bigquery-daily-backup"] == ("fail", "never_reported")
    assert found["bigquery_backup/clock"] == ("fail", "clock_skew")


def test_what_the_relay_could_not_deliver_is_told(morning: mornings.Morning) -> None:
    """An undeliverable message is a finding of the next health check."""
    morning.heard(silent=["alert-relay-sweep"])
    began = mornings.now()
    bad = Finding("m-1", "message", Status.FAIL, "undeliverable", "tried 9 times: 503", fix="look at the webhook")
    told = report.Report("alert_relay", "run-of-relay", "1 waits", began, report.Build(None, None, None), (bad,))
    morning.file([ledger.run_row(told)], ledger.finding_rows(told))

    found = findings(morning.check(only=["alerts"]), "alert")

    assert [(one["subject"], one["status"], one["reason"]) for one in found.values()] == [
        ("m-1", "fail", "undeliverable")
    ]


@pytest.mark.parametrize("document", [{"rows": 0}, {"day": "2026-02-11"}, {"as_of": "soon"}])
def test_an_output_is_judged_by_its_content(morning: mornings.Morning, document: dict[str, Any]) -> None:
    """Freshly written, and empty, of another day, or without an instant: not good."""
    morning.publish(**document)

    found = verdicts(morning.check(only=["outputs"]), "output")

    assert found["tonight"][0] == "fail"
    assert found["status"] == ("pass", "fresh")
