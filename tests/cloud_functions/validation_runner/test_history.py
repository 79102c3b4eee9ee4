"""What the ledger remembers: since when, how often in a row, what changed, and nights to compare with."""

import datetime
from typing import Any

from tests.cloud_functions.validation_runner.scenes import DATASET_OF_OPS, Scene, findings

GOOD = {"id": "sum", "kind": "statistic", "of": "sum", "column": "value", "fail": "> 100"}


def _rows(value: float, count: int = 4, day: str = "2026-02-12") -> list[dict[str, Any]]:
    return [{"day": day, "id": number, "name": "a", "value": value} for number in range(count)]


def test_new_ongoing_resolved(scene: Scene) -> None:
    """A check breaks, stays so, and is mended: each run tells what changed since the one before."""
    scene.declare(GOOD)
    told = []
    for value in (1, 50, 60, 2, 3):
        scene.table(_rows(value))
        one = findings(scene.run())["t.sum"]
        told.append((one["status"], one["change"], one["streak"], one["previous"]))

    assert told == [
        ("pass", None, 1, None),
        ("fail", "new", 1, 4),
        ("fail", "ongoing", 2, 200),
        ("pass", "resolved", 1, 240),
        ("pass", None, 2, 8),
    ]


def test_since_is_when_it_broke(scene: Scene) -> None:
    """`since` stays that of the first run that failed."""
    scene.declare(GOOD)
    scene.table(_rows(50))

    first = scene.run()
    again = findings(scene.run())["t.sum"]

    assert again["since"] == findings(first)["t.sum"]["since"] == first["started_at"]


def test_a_run_is_one_row_and_one_row_a_finding(scene: Scene) -> None:
    """Counted in the ledger itself."""
    scene.declare(GOOD, GOOD | {"id": "other", "fail": "> 1"})
    scene.table(_rows(1))

    report = scene.run()

    assert report["delivery"]["ledger"] == "delivered"
    for table, count in (("runs", 1), ("findings", 2)):
        sql = f"SELECT COUNT(*) AS n FROM {DATASET_OF_OPS}.{table} WHERE run_id = '{report['run_id']}'"
        assert [row.n for row in scene.bigquery.query_and_wait(sql)] == [count]


def test_a_night_unlike_the_others_warns(scene: Scene) -> None:
    """Eight nights of about 40 rows, then one of 10: known from the ledger, and tonight is not in its own baseline."""
    check = {"id": "usual", "kind": "anomaly", "take": 8, "needs": 6, "warn": "> 3.5", "at_least": 15}
    scene.declare(check)
    nights = [datetime.date(2026, 2, 1) + datetime.timedelta(days=shift) for shift in range(9)]
    counts = (40, 41, 39, 40, 42, 38, 40, 41, 10)
    told = []
    for day, count in zip(nights, counts, strict=True):
        scene.table(_rows(1, count, day.isoformat()))
        one = findings(scene.run(day=day.isoformat()))["t.usual"]
        told.append((one["status"], one["reason"]))

    assert told[:6] == [("unknown", "too_little_history")] * 6
    assert told[6:8] == [("pass", "like_before")] * 2
    assert told[8] == ("warn", "unlike_before")
    assert one["evidence"]["nights"] == 8
    again = findings(scene.run(day=nights[-1].isoformat()))["t.usual"]
    assert again["evidence"] == one["evidence"]


def test_a_ledger_that_cannot_be_read(scene: Scene) -> None:
    """Checks go on; what needs history is an error, and the report says what became of itself."""
    scene.declare(GOOD, {"id": "usual", "kind": "anomaly", "warn": "> 3.5"})
    scene.table(_rows(50))
    scene.fault(match=r"ops_of_tests", action="refuse", status=403, message="no right", times=50)

    report = scene.run()

    found = findings(report)
    assert (found["t.sum"]["status"], found["t.sum"]["change"]) == ("fail", None)
    assert (found["t.usual"]["status"], found["t.usual"]["reason"]) == ("error", "no_history")
    assert report["delivery"]["ledger"].startswith("failed: ")
    assert report["complete"] is False
