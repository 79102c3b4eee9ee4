"""Whatever goes wrong costs the check that it is about, is told by its reason, and never reads as good."""

from typing import Any

import pytest

from tests.cloud_functions.validation_runner.scenes import DAY, Scene, findings, statuses

ROWS = [{"id": number, "name": "a", "value": number} for number in range(10)]
GOOD: dict[str, Any] = {"id": "good", "kind": "rows", "fail": "< 10"}


def test_one_broken_check_of_each_sort_leaves_the_others(scene: Scene) -> None:
    """A column that is not there, a wrong type, and an error in the middle of a query: each stands alone."""
    scene.table(ROWS)
    scene.declare(
        GOOD,
        {"id": "absent", "kind": "percent", "holds": "nope > 1", "fail": "< 50"},
        {"id": "wrong_type", "kind": "statistic", "of": "avg", "column": "name", "fail": "> 1"},
        {"id": "late", "kind": "percent", "holds": "1 / (id - 3) > 0", "fail": "< 50"},
        {"id": "cast", "kind": "percent", "holds": "CAST(name AS INT64) > 0", "fail": "< 50"},
        {"id": "also_good", "kind": "duplicates", "fail": "> 0"},
    )

    report = scene.run()

    assert statuses(report) == {
        "t.good": ("pass", "within"),
        "t.absent": ("error", "no_such_column"),
        "t.wrong_type": ("error", "wrong_type"),
        "t.late": ("error", "broken_query"),
        "t.cast": ("error", "broken_query"),
        "t.also_good": ("pass", "within"),
    }
    assert (report["status"], report["complete"]) == ("error", False)
    assert "nope is not a column of" in findings(report)["t.absent"]["message"]
    assert findings(report)["t.absent"]["fix"]


def test_a_table_that_is_gone_costs_its_checks_only(scene: Scene) -> None:
    """The rest of the suite is judged, and what comes after the table names its cause."""
    scene.table(ROWS)
    own = {"table": f"{scene.dataset}.t", "at": {"day": "day"}, "after": ["gone"]}
    gone = {"table": f"{scene.dataset}.gone", "at": {"day": "day"}, "checks": [GOOD]}
    bad = GOOD | {"id": "bad", "fail": "< 11"}
    scene.declare(suite={"tables": {"gone": gone, "t": own | {"checks": [GOOD, bad]}}})

    found = findings(scene.run())

    assert (found["gone.good"]["status"], found["gone.good"]["reason"]) == ("error", "no_such_table")
    assert (found["t.good"]["status"], found["t.good"]["caused_by"]) == ("pass", None)
    assert (found["t.bad"]["status"], found["t.bad"]["caused_by"]) == ("fail", f"rows:{scene.suite}.gone.good")


@pytest.mark.parametrize(
    ("match", "status", "reason"),
    [
        (r"GET .*/tables/t\b", 403, "access_denied"),
        (r"POST .*/jobs.*\n(?=.*\"dryRun\": ?true).*`t`", 403, "access_denied"),
        (r"POST .*/jobs.*\n.*`t`", 400, "broken_query"),
    ],
)
def test_a_table_that_answers_not_costs_its_checks_only(scene: Scene, match: str, status: int, reason: str) -> None:
    """Metadata, dry run or query refused: that table is in error, the other is judged."""
    scene.table(ROWS)
    scene.table(ROWS, "other")
    tables = {
        name: {"table": f"{scene.dataset}.{name}", "at": {"day": "day"}, "checks": [GOOD]} for name in ("t", "other")
    }
    scene.declare(suite={"tables": tables})
    scene.fault(match=match.replace("`t`", f"{scene.dataset}`.`t`"), action="refuse", status=status, times=50)

    assert statuses(scene.run()) == {"t.good": ("error", reason), "other.good": ("pass", "within")}


def test_a_byte_limit_is_kept(scene: Scene) -> None:
    """A scan above the limit is not run, and says what it would have read."""
    table = {"table": "nba_predictions.player_prop_predictions", "at": {"game_date": "day"}, "checks": [GOOD]}
    many = {**table, "at": {"game_date": "30 days until day"}, "checks": [GOOD | {"distinct": "prediction_id"}]}
    limits = {"bytes_per_run": 10 * 2**20}
    other = {**many, "table": "nba_predictions.prediction_accuracy", "checks": [GOOD | {"distinct": "player_lookup"}]}
    scene.declare(suite={"limits": limits, "tables": {"many": many, "other": other}})

    report = scene.run()

    assert statuses(report) == {"many.good": ("pass", "within"), "other.good": ("error", "over_budget")}
    assert report["cost"]["bytes_billed"] <= 2 * 10 * 2**20
    assert report["cost"]["bytes_limit"] == 10 * 2**20


def test_every_job_is_capped_and_labelled(scene: Scene) -> None:
    """The bill can be told apart by suite, table and run."""
    scene.table(ROWS)
    scene.declare(GOOD)

    report = scene.run()

    label = report["run_id"].lower()
    jobs = [job for job in scene.bigquery.list_jobs() if job.labels.get("run") == label]
    assert {job.labels["table"] for job in jobs} == {f"{scene.dataset}-t", "nba_raw-nbac_schedule"}
    assert {job.labels["suite"] for job in jobs} == {scene.suite}
    assert all(job.maximum_bytes_billed for job in jobs)


@pytest.mark.parametrize(
    ("day", "reason", "status"),
    [
        ("2026-02-15", "break", "skip"),
        ("2026-02-18", "break", "skip"),
        ("2026-07-15", "off_season", "skip"),
        ("2026-06-01", "no_schedule", "error"),
        ("2025-11-01", "no_schedule", "error"),
    ],
)
def test_a_day_without_games(scene: Scene, day: str, reason: str, status: str) -> None:
    """A break, with exhibitions or without any row, is skipped; a day that the schedule does not cover is an error."""
    report = scene.run("pre_game", day=day)

    found = statuses(report)
    del found["yesterday.enriched"]
    assert set(found.values()) == {(status, reason)}
    assert report["complete"] is (status == "skip")


def test_a_schedule_that_cannot_be_read_is_not_an_off_day(scene: Scene) -> None:
    """Checks that need games are in error; those that need none are judged."""
    scene.table(ROWS)
    scene.declare(GOOD, GOOD | {"id": "games", "only_if": "games > 0"})
    scene.fault(match=r"POST .*\n.*nbac_schedule", action="refuse", status=403, message="no right", times=50)

    found = findings(scene.run())

    assert found["t.good"]["status"] == "pass"
    assert (found["t.games"]["status"], found["t.games"]["reason"]) == ("error", "no_schedule")
    assert "no right" in found["t.games"]["message"]


def test_a_suite_with_mistakes_runs_nothing(scene: Scene) -> None:
    """Every mistake is told with file and line, and no history grows but that of the failed run."""
    scene.declare(GOOD, GOOD, {"id": "x", "kind": "percent", "holds": "1 = 1", "fail": "< 5"})

    report = scene.run()

    assert report["error"]["code"] == "invalid_declaration"
    assert "the id good stands here twice" in report["error"]["message"]
    assert "naming no column" in report["error"]["message"]
    assert f"{scene.suite}.yaml:" in report["error"]["message"]


@pytest.mark.parametrize("name", ["'); DROP TABLE t; --", 'a"b', "a\\b", "`", "🏀", "--", "x' OR '1'='1"])
def test_nothing_of_a_declaration_is_spliced(scene: Scene, name: str) -> None:
    """A value that looks like SQL is a value: it is found where it stands, and nowhere else."""
    scene.table([*ROWS, {"id": 10, "name": name, "value": 1.0}])
    scene.declare(
        {"id": "accepted", "kind": "accepted", "column": "name", "values": ["a", name], "fail": "> 0"},
        {"id": "other", "kind": "accepted", "column": "name", "values": ["a"], "fail": "> 0"},
        {"id": "each", "kind": "rows", "each": "name", "expected": [name], "fail": "< 1"},
    )

    found = findings(scene.run())

    assert found["t.accepted"]["status"] == "pass"
    assert (found["t.other"]["status"], found["t.other"]["evidence"]["samples"]) == ("fail", ['{"id":10}'])
    assert found[f"t.each[{name}]"]["observed"] == 1


def test_the_day_reaches_the_warehouse_as_a_parameter(scene: Scene) -> None:
    """The text of no job names the day."""
    scene.table(ROWS)
    scene.declare(GOOD)

    report = scene.run()

    jobs = [job for job in scene.bigquery.list_jobs() if job.labels.get("run") == report["run_id"].lower()]
    assert jobs
    assert all(DAY not in job.query and job.query_parameters for job in jobs)
