"""What a caller may ask: lists, plans, parts, other days; and what is refused by name."""

import concurrent.futures
import time
from typing import Any

import pytest

from tests.cloud_functions.validation_runner import scenes
from tests.cloud_functions.validation_runner.scenes import Scene, findings, statuses

ROWS = [{"id": number, "name": "a", "value": number} for number in range(10)]
COUNT = {"id": "count", "kind": "rows", "fail": "< 10"}


def test_get_lists_the_suites_and_their_schedules(scene: Scene) -> None:
    """Without a suite nothing is run: every suite, its checks and its cron."""
    before = scene.queries()

    report = scene.get()

    listed = {one["subject"]: one for one in report["findings"]}
    assert {"post_overnight", "pre_game", "post_game", "grading", "models"} <= set(listed)
    assert listed["pre_game"]["evidence"]["schedules"] == ["0 13,18 * * * America/New_York"]
    assert listed["pre_game"]["evidence"]["checks"]["predictions.parity"] == "parity"
    assert report["delivery"]["ledger"] == "not_applicable"
    assert scene.queries() == before


def test_a_suite_that_cannot_be_read_is_listed_as_such(scene: Scene) -> None:
    """One broken file does not hide the others, and its mistakes are told."""
    scene.declare({"id": "count", "kind": "rows", "fail": "< 10", "typo": 1})

    listed = {one["subject"]: one for one in scene.get()["findings"]}

    assert (listed[scene.suite]["status"], listed["pre_game"]["status"]) == ("error", "skip")
    assert f"{scene.suite}.yaml:" in listed[scene.suite]["message"]
    assert "typo: is not known here" in listed[scene.suite]["message"]


def test_a_plan_runs_nothing(scene: Scene) -> None:
    """SQL, parameters, bytes and checks of each scan; no job is made, and nobody's history grows."""
    jobs = {job.job_id for job in scene.bigquery.list_jobs()}

    report = scene.run("pre_game", plan=True)

    assert report["status"] == "skip"
    planned = {one["subject"]: one for one in report["findings"]}
    assert set(planned) == {
        "pre_game.calendar",
        "pre_game.nba_predictions.ml_feature_store_v2",
        "pre_game.nba_predictions.player_prop_predictions",
        "pre_game.nba_predictions.daily_prediction_signals",
    }
    scan = planned["pre_game.nba_predictions.player_prop_predictions"]
    assert "GROUPING SETS ((), (`system_id`))" in scan["evidence"]["sql"]
    assert scenes.DAY not in scan["evidence"]["sql"]
    assert "DATE 2026-02-12" in scan["evidence"]["parameters"].values()
    assert scan["observed"] > 0
    assert "predictions.parity" in scan["evidence"]["answers"]
    assert report["cost"]["bytes_billed"] is None
    assert report["delivery"]["ledger"] == "not_applicable"
    new = [job for job in scene.bigquery.list_jobs() if job.job_id not in jobs]
    assert [job for job in new if job.labels.get("pressbox") == "validation"] == []


def test_a_part_of_a_suite(scene: Scene) -> None:
    """Checks that are not asked for are in the report, skipped."""
    found = statuses(scene.run("pre_game", only=["features.re*"]))

    assert {name for name, (status, _) in found.items() if status == "pass"} == {"features.ready", "features.red"}
    assert {reason for status, reason in found.values() if status == "skip"} == {"not_asked"}
    assert "predictions.parity" in found


def test_query_parameters_do_as_well(scene: Scene) -> None:
    """A GET with a suite is a run."""
    scene.table(ROWS)
    scene.declare(COUNT)

    report = scene.get(f"?suite={scene.suite}&day={scenes.DAY}&only=t.count")

    assert (report["status"], report["scope"], report["day"]) == ("pass", scene.suite, scenes.DAY)


def test_a_day_that_is_past_is_judged_at_its_end(scene: Scene) -> None:
    """04:00 in New York of the next day, unless the caller says when."""
    scene.table(ROWS)
    scene.declare(COUNT | {"due": "23:00"})

    assert scene.run()["as_of"] == "2026-02-13T09:00:00.000Z"
    early = scene.run(as_of="2026-02-12T22:30:00-05:00")
    assert statuses(early) == {"t.count": ("skip", "not_due")}
    assert statuses(scene.run(as_of="2026-02-12T23:00:00-05:00")) == {"t.count": ("pass", "within")}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"suite": "nope"}, "there is no suite 'nope'; there are"),
        ({"suite": "../../etc/passwd"}, "there is no suite"),
        ({"suite": "pre_game", "day": "yesterday"}, "day: must be a date"),
        ({"suite": "pre_game", "day": "2026-02-30"}, "day: must be a date"),
        ({"suite": "pre_game", "dya": "2026-02-12"}, "dya: is not known here"),
        ({"suite": "pre_game", "only": ["nope.*"]}, "matches no check"),
        ({"suite": "pre_game", "plan": "yes"}, "plan: must be true or false"),
        ({"suite": "pre_game", "as_of": "2026-02-12T10:00:00"}, "as_of: needs its offset"),
        ({"suite": "pre_game", "as_of": "2126-02-12T10:00:00Z"}, "still to come"),
        ({"suite": ["pre_game"]}, "suite: must be a text"),
        ({"day": "2026-02-12"}, "day: needs a suite"),
        ({"plan": True}, "plan: needs a suite"),
        ([], "must be a JSON object"),
    ],
)
def test_a_call_that_makes_no_sense_runs_nothing(scene: Scene, body: Any, said: str) -> None:
    """The report names the mistake; no query is sent and no history grows."""
    before = scene.queries()

    report = scene.call(body)

    assert report["error"]["code"] == "invalid_request"
    assert said in report["error"]["message"]
    assert (report["findings"], report["delivery"]["ledger"]) == ([], "not_applicable")
    assert scene.queries() == before


def test_a_probe_reads_nothing(scene: Scene) -> None:
    """It tells the datasets of all suites, and the operations bucket and dataset."""
    report = scene.get("?probe=1")

    assert report["status"] == "pass", report["summary"]
    subjects = {one["subject"] for one in report["findings"]}
    assert {"dataset nba_predictions", "dataset nba_raw", "declaration", "env OPS_DATASET"} <= subjects


def test_two_calls_at_once_are_one_run(scene: Scene) -> None:
    """While a run goes on, a second caller of the same suite and day is told so; the first is not disturbed."""
    scene.table(ROWS)
    scene.declare(COUNT)
    scene.fault(match=rf"GET .*/tables/t\b|GET .*{scene.dataset}", action="hold_answer", seconds=30)

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        first = pool.submit(scene.run)
        while not scene.committed():
            time.sleep(0.02)
        second = scene.run()
        scene.disarm()
        done = first.result()

    assert [one["reason"] for one in second["findings"]] == ["already_running"]
    assert statuses(done) == {"t.count": ("pass", "within")}


def test_findings_of_a_redelivered_tick(scene: Scene) -> None:
    """The Scheduler's second delivery of one tick is answered, and nothing is run again."""
    scene.table(ROWS)
    scene.declare(COUNT)
    headers = {"X-CloudScheduler-JobName": scene.suite, "X-CloudScheduler-ScheduleTime": "2026-02-12T11:00:00Z"}
    body = {"suite": scene.suite, "day": scenes.DAY}

    assert findings(scene.call(body, headers=headers))["t.count"]["status"] == "pass"
    again = scene.call(body, headers=headers)

    assert [one["reason"] for one in again["findings"]] == ["tick_done"]
