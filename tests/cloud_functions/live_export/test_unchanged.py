"""Content that does not change writes nothing; what changed by hand, by force or by another schema is told apart."""

import datetime
import json

import pytest

from cloud_functions.live_export import contracts, plan
from shared.exports import layout
from tests.cloud_functions.live_export import scenes

DOCUMENTS = ("live", "live-grading", "tonight", "tonight-day", "status")
MANIFESTS = [layout.of_day(scenes.DAY), layout.MANIFEST]


def test_unchanged_content_writes_nothing_and_still_reports(scene: scenes.Scene) -> None:
    """The second run uploads its lease and its report, and not one object of the export's bucket."""
    # With a long lease, which is not renewed meanwhile.
    scene.declare(lease_seconds=60)
    scene.export()
    before = scene.generations()
    scene.count()

    told = scene.export()

    assert {name: scenes.of(told, name)["reason"] for name in DOCUMENTS} == dict.fromkeys(DOCUMENTS, "unchanged")
    assert scenes.of(told, "live")["observed"] == 3
    assert scene.generations() == before
    assert scene.uploads() == 2


def test_half_of_its_largest_age_later_unchanged_content_is_confirmed(scene: scenes.Scene) -> None:
    """Only the manifests are written, and the status, which tells of it: content is as of now, and no newer itself."""
    began = scene.night.script.instant(60)
    scene.run(began)
    soon, later = began + datetime.timedelta(minutes=4), began + datetime.timedelta(minutes=5)

    assert scene.written(lambda: scene.run(soon)) == []
    assert scene.written(lambda: scene.run(later))[1:] == ["status.json", *MANIFESTS]
    assert scene.written(lambda: scene.run(later + datetime.timedelta(minutes=6), only=["live*"])) == MANIFESTS
    later = later + datetime.timedelta(minutes=6)

    live = scene.manifest().documents["live"].content
    assert live is not None
    assert (live.as_of, live.updated_at) == (later, began)
    scene.assert_whole()


def test_a_clock_that_went_back_publishes_nothing(scene: scenes.Scene) -> None:
    """What stands there is newer: each document is refused as older, none is degraded, and nothing is written."""
    began = scene.night.script.instant(60)
    scene.run(began)
    scene.minute(66)
    before = scene.generations()

    told = scene.run(began - datetime.timedelta(minutes=10))

    reasons = scenes.reasons(told)
    assert {reasons[name] for name in DOCUMENTS} == {plan.OLDER}
    assert scene.generations() == before
    assert {entry.status for entry in scene.manifest().documents.values()} == {"ok"}
    assert scenes.reasons(scene.run(began + datetime.timedelta(minutes=1)))["live"] == "published"


def test_a_schema_that_would_break_readers_is_refused_until_it_is_forced(scene: scenes.Scene) -> None:
    """Readers of the published schema rely on more than the document has: the old one stays, degraded."""
    scene.export()
    published = scene.read("schemas/live.schema.json")
    published["properties"]["attendance"] = {"type": "integer"}
    published["required"].append("attendance")
    scene.put("schemas/live.schema.json", json.dumps(published))
    good = scene.manifest().documents["live"].content
    scene.forget_schemas()
    scene.minute(66)

    told = scene.export()

    assert (scenes.of(told, "live")["reason"], scenes.of(told, "live")["status"]) == ("schema_break", "fail")
    live = scene.manifest().documents["live"]
    assert good is not None
    assert live.content is not None
    assert (live.status, live.reason, live.content.sha256) == ("degraded", "schema_break", good.sha256)
    assert scenes.of(told, "live-grading")["reason"] == "published"

    forced = scene.export(force=["live"])

    assert scenes.of(forced, "live")["reason"] == "published"
    assert scene.read("schemas/live.schema.json") == contracts.schemas()["live"]
    scene.assert_whole()


def test_a_schema_that_only_adds_is_published(scene: scenes.Scene) -> None:
    """Readers of the older schema miss nothing: the new one replaces it without being asked for."""
    scene.export()
    older = scene.read("schemas/live.schema.json")
    del older["properties"]["poll_id"]
    older["required"].remove("poll_id")
    scene.put("schemas/live.schema.json", json.dumps(older))
    scene.forget_schemas()
    scene.minute(66)

    told = scene.export()

    assert scenes.of(told, "live")["reason"] == "published"
    assert scene.read("schemas/live.schema.json") == contracts.schemas()["live"]


@pytest.mark.parametrize("spoiled", [True, False])
def test_a_name_that_was_spoiled_by_hand_heals(scene: scenes.Scene, *, spoiled: bool) -> None:
    """What was overwritten or deleted by hand is there again when its content is confirmed."""
    began = scene.night.script.instant(60)
    scene.run(began)
    for path in (f"live/{scenes.DAY}.json", "live/latest.json", "status.json"):
        if spoiled:
            scene.put(path, "{}")
        else:
            scene.storage.bucket(scene.bucket).blob(f"{scenes.PREFIX}/{path}").delete()

    scene.run(began + datetime.timedelta(minutes=11))

    scene.assert_whole()


def test_an_earlier_day_leaves_the_latest_as_it_is(scene: scenes.Scene) -> None:
    """The day before, exported again: its own names move, and none of those that are about the latest day."""
    scene.export()
    before = scene.generations()
    earlier = scenes.DAY - datetime.timedelta(days=1)

    told = scene.export(day=earlier.isoformat(), only=["live", "status", "tonight"])

    assert scenes.of(told, "live")["reason"] == "published"
    assert {scenes.of(told, name)["reason"] for name in ("status", "tonight")} == {"other_day"}
    news = {path for path, made in scene.generations().items() if before.get(path) != made}
    assert {path for path in news if not path.startswith("objects/")} == {
        f"live/{earlier}.json",
        layout.of_day(earlier),
    }
    scene.assert_whole()


def test_only_force_and_dry_run(scene: scenes.Scene) -> None:
    """A plan writes nothing, what is not asked for is left out, and what was forced says so."""
    planned = scene.export(dry_run=True)
    assert {scenes.of(planned, name)["reason"] for name in DOCUMENTS} == {"planned"}
    assert scene.generations() == {}

    told = scene.export(only=["live*"])
    assert {name: scenes.of(told, name)["reason"] for name in DOCUMENTS} == {
        "live": "published",
        "live-grading": "published",
        "tonight": "not_asked",
        "tonight-day": "not_asked",
        "status": "not_asked",
    }
    assert set(scene.manifest().documents) == {"live", "live-grading"}

    scene.declare(**demanding())
    scene.minute(66)
    assert scenes.of(scene.export(), "live")["reason"] == "below_floor"
    assert scene.manifest().documents["live"].status == "degraded"
    assert scenes.of(scene.export(force=["live"]), "live")["reason"] == "forced"
    live = scene.manifest().documents["live"]
    assert (live.status, live.forced) == ("ok", True)


def demanding() -> dict[str, object]:
    """Return what declares a floor for the live document that no night reaches."""
    documents = scenes.shipped()["documents"]
    documents[0]["floor"] = {"per_game": 50}
    return {"documents": documents}
