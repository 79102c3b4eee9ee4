"""A whole health check of the demo morning: what it tells, how, and what a browser is shown."""

import json

from tests.cloud_functions.daily_health_check import mornings
from tests.cloud_functions.daily_health_check.mornings import findings, verdicts

SEED = {
    "firestore-state-cleanup": "app_error",
    "live-freshness-monitor": "gen1_url",
    "nba-grading-alerts-daily": "unavailable",
    "registry-health-check": "app_error",
    "same-day-predictions-tomorrow": "route_missing",
    "self-heal-predictions": "deadline_short",
    "same-day-phase3": "overloaded",
}
"""The seven failing jobs of the day, and their causes."""


def test_the_demo_morning(morning: mornings.Morning) -> None:
    """Seven jobs fail with causes and fixes, the Gen1 leftovers and the broken service are told, the rest is good."""
    morning.heard()

    told = morning.check()

    bad = {name: one for name, one in findings(told, "job").items() if one["status"] != "pass"}
    assert {name: one["reason"] for name, one in bad.items()} == SEED
    assert all(one["status"] == "fail" and one["fix"] for one in bad.values())
    assert len(findings(told, "job")) == 110
    assert verdicts(told, "function") == {"live-freshness-monitor": ("fail", "gen1"), "news-fetcher": ("warn", "gen1")}
    assert [name for name, one in verdicts(told, "service").items() if one[0] != "pass"] == ["nba-grading-alerts"]
    assert {one[0] for one in verdicts(told, "invoker").values()} == {"pass", "skip"}
    assert {one[0] for one in verdicts(told, "subscription").values()} == {"pass"}
    assert len(findings(told, "subscription")) >= 17
    assert set(verdicts(told, "output").values()) == {("pass", "fresh")}
    assert {one[0] for one in verdicts(told, "reporter").values()} == {"pass"}
    assert (told["complete"], told["status"], told["error"]) == (True, "fail", None)
    assert told["summary"].startswith(f"health for {mornings.DAY}: fail: 7 of 110 jobs (")


def test_a_failing_job_names_what_it_follows_from(morning: mornings.Morning) -> None:
    """A job whose service is broken, or of the first generation, is told under the finding on that."""
    told = findings(morning.check(only=["jobs", "services"]), "job")

    assert told["nba-grading-alerts-daily"]["caused_by"] == "service:nba-grading-alerts"
    assert told["live-freshness-monitor"]["caused_by"] == "function:live-freshness-monitor"
    assert told["self-heal-predictions"]["caused_by"] is None


def test_phases_and_signal_are_told_from_the_last_reports(morning: mornings.Morning) -> None:
    """No table is scanned again: each finding names the run that said it, and a bad one its cause."""
    morning.heard()

    told = morning.check(only=["pipeline"])

    found = findings(told, "pipeline")
    assert len(found) == sum(len(checks) for checks in mornings.SUITES.values())
    assert found["post_overnight.phases.phase3"]["evidence"]["run"].endswith("validation-post-overnight")
    assert told["cost"]["scans"] == 0


def test_what_was_not_asked_for_is_skipped(morning: mornings.Morning) -> None:
    """`only` asks about the named subjects, and says of every other one that it was not asked."""
    told = morning.check(only=["spend"])

    assert {one["subject"] for one in told["findings"] if one["reason"] == "not_asked"} == {
        "jobs", "reporters", "services", "subscriptions", "invokers", "outputs", "pipeline", "alerts",
    }  # fmt: skip
    assert set(verdicts(told, "spend")) == {"bytes", "jobs"}


def test_a_subject_that_there_is_not_is_refused(morning: mornings.Morning) -> None:
    """The error names it and the subjects that there are."""
    told = morning.check(only=["job"])

    assert told["error"]["code"] == "invalid_request"
    assert "no subject 'job'; there are jobs, reporters" in told["error"]["message"]


def test_the_second_check_knows_since_when(morning: mornings.Morning) -> None:
    """What was bad before is ongoing, what was mended is resolved."""
    first = morning.check(only=["jobs"])
    morning.throw(healed=["self-heal-predictions"])

    found = findings(morning.check(only=["jobs"]), "job")

    assert (found["self-heal-predictions"]["status"], found["self-heal-predictions"]["change"]) == ("pass", "resolved")
    ongoing = found["same-day-phase3"]
    assert (ongoing["change"], ongoing["streak"], ongoing["since"]) == ("ongoing", 2, first["started_at"])


def test_the_page_shows_what_is_wrong_and_asks_nothing(morning: mornings.Morning) -> None:
    """A browser sees the failing jobs of the last report; no run is made for it."""
    morning.heard()
    morning.check()
    runs = morning.cloud.bigquery_client().query_and_wait(f"SELECT COUNT(*) FROM `{morning.dataset}.runs`")
    before = next(iter(runs))[0]

    answer = morning.page()

    text = answer.get_data(as_text=True)
    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    assert all(name in text for name in SEED)
    after = morning.cloud.bigquery_client().query_and_wait(f"SELECT COUNT(*) FROM `{morning.dataset}.runs`")
    assert next(iter(after))[0] == before


def test_the_page_says_when_the_ledger_cannot_be_read(morning: mornings.Morning) -> None:
    """Nothing is shown as good."""
    morning.heard()
    morning.fault(
        morning.cloud.bigquery_url,
        match=rf"(?s)POST [^\n]*(jobs|queries)[^\n]*\n.*{morning.dataset}\b",
        action="refuse",
        status=403,
        reason="accessDenied",
        times=20,
    )

    text = morning.page().get_data(as_text=True)

    assert "All good" not in text
    assert "The ledger could not be read" in text


def test_a_browser_with_a_broken_declaration_is_told(morning: mornings.Morning) -> None:
    """The page names the mistake, with status 200 as ever."""
    morning.declared.write_text("regions: []\n", "utf-8")

    answer = morning.page()

    assert answer.status_code == 200
    assert "invalid_declaration" in answer.get_data(as_text=True)


def test_the_report_is_small(morning: mornings.Morning) -> None:
    """The whole report of the demo platform, some 230 findings, stays below 200 KB."""
    morning.heard()

    assert len(json.dumps(morning.check())) < 200_000
