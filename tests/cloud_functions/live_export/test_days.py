"""From one game day to the next: a day that cannot be published yet takes nobody's place, and none that is to come."""

import datetime

import pytest

from tests.cloud_functions.live_export import scenes

NEXT = datetime.date(2026, 2, 19)
"""The first day with games after the break; of its players nothing is known yet."""
EVENING = datetime.datetime(2026, 2, 13, 1, 30, tzinfo=datetime.UTC)


@pytest.fixture
def ended(scene: scenes.Scene) -> scenes.Scene:
    """Return the scene after the night's day was published."""
    scene.night.provider.restore()
    report = scene.export()
    assert report["status"] == "pass", report["summary"]
    scene.next_second()
    return scene


def days(scene: scenes.Scene) -> dict[str, datetime.date | None]:
    """Return the day of each document's content in the manifest."""
    entries = scene.manifest().documents
    return {name: one.content.day if one.content else None for name, one in entries.items()}


def test_a_day_that_begins_with_a_failure_keeps_the_last_one(ended: scenes.Scene) -> None:
    """Whatever has nothing of the new day yet stays as it was, degraded; with the first good answer it moves on."""
    before = ended.read("live/latest.json")
    ended.night.provider.throw(garbage=True)

    ended.export(day=NEXT.isoformat())

    ended.night.provider.restore()
    assert ended.read("live/latest.json") == before
    found = ended.manifest()
    assert found.day == NEXT
    kept = dict.fromkeys(("live", "live-grading", "tonight", "tonight-day"), scenes.DAY)
    assert days(ended) == {**kept, "status": NEXT}
    assert {name for name, one in found.documents.items() if one.status == "degraded"} == set(kept)
    assert ended.read("status.json")["overall_status"] != "healthy"
    ended.next_second()
    ended.export(day=NEXT.isoformat())
    assert days(ended)["live"] == NEXT
    assert ended.read("live/latest.json")["game_date"] == NEXT.isoformat()


def test_a_day_of_which_nothing_is_known_takes_nobodys_place(ended: scenes.Scene) -> None:
    """A past day that no schedule covers: the manifest that readers read is still that of the night."""
    before = ended.read("manifest.json")

    ended.export(day="2026-11-01")

    assert ended.read("manifest.json") == before


def test_a_part_of_a_new_day_loses_nothing_else(ended: scenes.Scene) -> None:
    """Asked for one document alone, the manifest names the others as they were published last."""
    ended.export(day=NEXT.isoformat(), only=["live"])

    assert ended.manifest().day == NEXT
    others = dict.fromkeys(("live-grading", "tonight", "tonight-day", "status"), scenes.DAY)
    assert days(ended) == {"live": NEXT, **others}


def test_a_day_that_is_to_come_is_not_the_latest(ended: scenes.Scene) -> None:
    """Its own documents are published; the latest, the undated ones and the manifest are those of the day it is."""
    names = ("live/latest.json", "status.json", "tonight/all-players.json", "manifest.json")
    before = {path: ended.read(path) for path in names}

    outcome = ended.run(EVENING, day=NEXT.isoformat(), only=("live", "status"))

    assert scenes.reasons(outcome)["live"] == "published"
    assert scenes.reasons(outcome)["status"] == "other_day"
    assert {path: ended.read(path) for path in names} == before
    assert ended.read(f"live/{NEXT}.json")["game_date"] == NEXT.isoformat()
