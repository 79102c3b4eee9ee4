"""The table of a healthy day, and the shadow model's record, come out of the demo world's rows."""

import json

import pytest

from tests.cloud_functions.validation_runner.scenes import Scene, findings

SHADOW = "catboost_v9_q43_train1102_0131"
MODELS = ("catboost_v9", SHADOW, "catboost_v8", "ensemble_v1_1", "similarity_balanced_v1")


def test_phase_3_of_yesterday(scene: Scene) -> None:
    """11 February, 14 games: five of five processors are complete, and the next phase was triggered."""
    found = findings(scene.run("post_overnight"))

    assert (found["phases.phase3"]["status"], found["phases.phase3"]["observed"]) == ("pass", 5)
    assert (found["phases.phase3_triggered"]["status"], found["phases.phase3_triggered"]["observed"]) == ("pass", 100)
    assert found["players.games"]["evidence"] == {"counted": 14, "games": 14}
    assert found["players.rows"]["evidence"] == {"counted": 505, "games": 14}
    assert found["schedule.final"]["message"].startswith("14 of 14")


def test_feature_quality_of_today(scene: Scene) -> None:
    """12 February, 3 games: 91.4 % of the features are ready, and none is red."""
    found = findings(scene.run("pre_game"))

    assert round(found["features.ready"]["observed"], 1) == 91.4
    assert found["features.red"]["evidence"] == {"holding": 0, "rows": 35}
    assert {found[name]["status"] for name in ("features.ready", "features.red", "features.games")} == {"pass"}
    assert found["features.games"]["evidence"] == {"counted": 3, "games": 3}


def test_enrichment_of_today_and_yesterday(scene: Scene) -> None:
    """100 % of today's predictions have a line, and 98 % of yesterday's."""
    found = findings(scene.run("pre_game"))

    assert found["predictions.enriched"]["observed"] == 100
    assert round(found["yesterday.enriched"]["observed"]) == 98
    assert {found["predictions.enriched"]["status"], found["yesterday.enriched"]["status"]} == {"pass"}


@pytest.mark.parametrize("suite", ["pre_game", "models"])
def test_parity_of_five_models(scene: Scene, suite: str) -> None:
    """All five models have as many predictions as the champion: 32."""
    found = findings(scene.run(suite, only=["predictions.parity"]))
    parity = {name: one for name, one in found.items() if name.startswith("predictions.parity")}

    assert set(parity) == {f"predictions.parity[{model}]" for model in MODELS}
    assert {(one["status"], one["observed"]) for one in parity.values()} == {("pass", 100)}


def test_pre_game_signal_is_red(scene: Scene) -> None:
    """A slate of three games, no pick of edge 5: RED, and the day is to be skipped."""
    found = findings(scene.run("pre_game"))["signal.pre_game"]

    assert (found["status"], found["observed"]) == ("warn", "RED")
    assert (found["evidence"]["games"], found["evidence"]["high_edge"]) == (3, 0)
    assert "skip the day" in found["message"]


def test_signal_of_the_night_before_is_green(scene: Scene) -> None:
    """The same ladder on 11 February: 14 games, 6 picks of edge 5, 34.4 % OVER."""
    found = findings(scene.run("pre_game", day="2026-02-11"))["signal.pre_game"]

    assert (found["status"], found["observed"]) == ("pass", "GREEN")
    assert (found["evidence"]["games"], found["evidence"]["high_edge"], found["evidence"]["over"]) == (14, 6, 34.38)


def test_shadow_is_held_with_its_reasons(scene: Scene) -> None:
    """14 of 29 against the champion's 23 of 56 on the same days, counted from pick rows, day by day."""
    found = findings(scene.run("models"))
    verdict = found[f"record.promotion[{SHADOW}]"]

    assert (verdict["status"], verdict["reason"], verdict["observed"]) == ("unknown", "hold", 48.28)
    evidence = verdict["evidence"]
    assert (evidence["wins"], evidence["picks"]) == (14, 29)
    assert evidence["champion"] == "23/56 = 41.1 %"
    assert evidence["by"] == {"2026-02-08": "4/6", "2026-02-09": "2/4", "2026-02-10": "1/3", "2026-02-11": "7/16"}
    assert evidence["champion_by"] == {
        "2026-02-08": "3/9",
        "2026-02-09": "4/9",
        "2026-02-10": "1/5",
        "2026-02-11": "15/33",
    }
    assert evidence["reasons"] == ["sample", "breakeven", "champion", "sides"]


def test_each_reason_is_a_finding(scene: Scene) -> None:
    """21 more picks; a Wilson bound of 33.8 % below break-even; not shown above the champion; all picks UNDER."""
    found = findings(scene.run("models"))
    sample, breakeven, champion, sides = (
        found[f"record.promotion[{SHADOW}].{part}"] for part in ("sample", "breakeven", "champion", "sides")
    )

    assert (sample["status"], sample["observed"], sample["evidence"]) == ("unknown", 29, {"missing": 21})
    assert (breakeven["reason"], breakeven["evidence"]["lower"]) == ("not_shown", 33.82)
    assert breakeven["evidence"]["picks_needed"] is None
    assert breakeven["evidence"]["picks_needed_at"]["56 %"] == 516
    assert (champion["reason"], champion["evidence"]["difference"]) == ("not_shown", 7.2)
    assert (sides["status"], sides["reason"], sides["evidence"]) == ("warn", "one_sided", {"over": 0, "under": 29})


def test_grading_has_no_gap(scene: Scene) -> None:
    """Every gradable pick of the last 14 days was graded, by the rule; a push has no verdict."""
    report = scene.run("grading")

    assert report["status"] == "pass", report["summary"]
    found = findings(report)
    assert (found["graded.gaps"]["observed"], found["graded.gaps"]["evidence"]) == (100, {"days": 14})
    assert found["graded.pushes"]["evidence"]["rows"] > 50


def test_a_day_that_is_missing_in_the_grades_is_found(scene: Scene) -> None:
    """The grades of one day deleted: the gap is named, and nothing else fails for it."""
    table = f"`{scene.cloud.project}.nba_predictions.prediction_accuracy`"
    kept = f"{scene.dataset}.kept"
    scene.bigquery.query_and_wait(f"CREATE TABLE {kept} AS SELECT * FROM {table} WHERE game_date = '2026-02-06'")
    scene.bigquery.query_and_wait(f"DELETE FROM {table} WHERE game_date = '2026-02-06'")
    try:
        found = findings(scene.run("grading"))["graded.gaps"]
    finally:
        scene.bigquery.query_and_wait(f"INSERT {table} SELECT * FROM {kept}")

    assert (found["status"], found["observed"], found["evidence"]["gaps"]) == ("fail", 0, {"2026-02-06": 0})


def test_grades_twice_over_are_not_a_full_day(scene: Scene) -> None:
    """The grades of one day written again: more than was due is as bad as less, and the duplicates are told too."""
    table = f"`{scene.cloud.project}.nba_predictions.prediction_accuracy`"
    kept = f"{scene.dataset}.kept"
    scene.bigquery.query_and_wait(f"CREATE TABLE {kept} AS SELECT * FROM {table} WHERE game_date = '2026-02-06'")
    scene.bigquery.query_and_wait(f"INSERT {table} SELECT * FROM {kept}")
    try:
        found = findings(scene.run("grading"))
    finally:
        scene.bigquery.query_and_wait(f"DELETE FROM {table} WHERE game_date = '2026-02-06'")
        scene.bigquery.query_and_wait(f"INSERT {table} SELECT * FROM {kept}")

    assert (found["graded.gaps"]["status"], found["graded.gaps"]["evidence"]["gaps"]) == ("fail", {"2026-02-06": 200.0})
    assert found["graded.duplicates"]["status"] == "fail"
    assert found["graded.duplicates"]["evidence"]["samples"]


SUITES = ("post_overnight", "pre_game", "post_game", "grading", "models")


@pytest.mark.parametrize("suite", SUITES)
def test_every_suite_is_whole(scene: Scene, suite: str) -> None:
    """No shipped check is in error, every table costs one scan, and bytes are told beside those without folding."""
    planned = {one["subject"] for one in scene.run(suite, plan=True)["findings"]}

    report = scene.run(suite)

    assert report["complete"], report["summary"]
    assert report["cost"]["scans"] <= len(planned)
    assert report["cost"]["bytes_unfolded"] >= report["cost"]["bytes_billed"] > 0
    assert len(planned) == len({subject.removeprefix(f"{suite}.") for subject in planned})


@pytest.mark.parametrize("suite", SUITES)
def test_a_passing_check_is_short(scene: Scene, suite: str) -> None:
    """At most 600 bytes of report for a check that passes."""
    passing = [one for one in scene.run(suite)["findings"] if one["status"] == "pass"]

    assert passing
    assert max(len(json.dumps(one, separators=(",", ":"))) for one in passing) <= 600
