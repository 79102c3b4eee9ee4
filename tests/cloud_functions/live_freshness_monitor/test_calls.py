"""The monitor over HTTP: what a browser finds, judged by the schedule, and at most one call of live_export."""

import base64
import datetime
import json
from typing import Any

import pytest

from tests.cloud_functions.live_freshness_monitor import newsstand, papers, scenes
from tests.cloud_functions.live_freshness_monitor.newsstand import Fault
from tests.cloud_functions.live_freshness_monitor.scenes import Scene, findings, reasons

FRESH = dict.fromkeys(scenes.SITE, "pass fresh")


def test_a_good_night_calls_nobody(scene: Scene) -> None:
    """Three games, two of them live, exhibitions and other days left out: all is fresh."""
    told = scene.call()

    assert reasons(told) == FRESH | {"live_export": "skip not_needed"}
    assert told["summary"] == f"site for {scene.today}, 2 of 3 games in progress: all 3 pass"
    assert (told["status"], told["day"], told["delivery"]["object"]) == ("pass", str(scene.today), "delivered")
    assert scene.stand.calls == []


SPOILED: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "frozen": ({"age": 30}, "frozen", ["manifest", "live", "live-grading"]),
    "empty": ({"games": 0, "live": 0, "final": 0}, "empty", ["live"]),
    "too few": ({"live": 1, "final": 1, "unchanged": 60}, "miscounted", ["live", "live-grading"]),
}


@pytest.mark.parametrize("spoiled", SPOILED)
def test_an_export_that_mends_the_site_makes_it_good(scene: Scene, spoiled: str) -> None:
    """It is called once, for what is bad, with a token for itself; the report says what it said and what changed."""
    changes, reason, bad = SPOILED[spoiled]
    scene.publish(**changes)

    def mend(_body: dict[str, Any]) -> dict[str, Any]:
        scene.publish()
        return newsstand.REPORT

    scene.stand.export = mend
    told = scene.call()

    assert reasons(told) == FRESH | {"live_export": "pass mended"}
    ((body, authorization),) = scene.stand.calls
    assert body["day"] == str(scene.today)
    assert {"live", "live-grading"} >= set(body["only"]) >= {one for one in bad if one != "manifest"}
    assert _claims(authorization)["aud"] == f"{scene.stand.address}/live_export"
    evidence = findings(told)["live_export"]["evidence"]
    assert evidence["calls"][0]["report"] == {"run_id": "r1", "status": "pass", "summary": "published 2"}
    assert {name for name, text in evidence["changed"].items() if text == f"{reason} -> fresh"} >= {
        f"{'manifest' if one == 'manifest' else 'document'}:{one}" for one in bad
    }


def test_what_an_export_confirms_is_not_ahead(scene: Scene) -> None:
    """Its stamp lies after the beginning of the run, and before the look at it."""
    scene.declare(scenes.FRESHNESS + "ahead_minutes: 0.002\n")
    scene.publish(age=30)

    def mend(_body: dict[str, Any]) -> dict[str, Any]:
        scene.stand.released.wait(0.5)
        scene.publish(age=0)
        return newsstand.REPORT

    scene.stand.export = mend
    assert reasons(scene.call()) == FRESH | {"live_export": "pass mended"}


def test_an_export_that_does_not_mend_is_called_once(scene: Scene) -> None:
    """It says that all is well; readers see otherwise, and that is what counts."""
    scene.publish(age=30)
    told = scene.call()

    assert reasons(told) == dict.fromkeys(scenes.SITE, "fail frozen") | {"live_export": "fail not_mended"}
    assert len(scene.stand.calls) == 1
    assert "still bad: manifest frozen, live frozen, live-grading frozen" in findings(told)["live_export"]["message"]


def test_as_many_tries_as_declared(scene: Scene) -> None:
    """Three where three are declared, none where none; only what is declared is asked for."""
    scene.publish(age=30)
    scene.declare(scenes.FRESHNESS.replace("tries: 1", "tries: 3").replace("seconds: 5", "seconds: 5, only: [x]"))
    assert reasons(scene.call())["live_export"] == "fail not_mended"
    assert [body["only"] for body, _ in scene.stand.calls] == [["x"]] * 3

    scene.stand.calls.clear()
    scene.declare(scenes.FRESHNESS.replace("tries: 1", "tries: 0"))
    assert reasons(scene.call())["live_export"] == "skip not_declared"
    assert scene.stand.calls == []


@pytest.mark.parametrize(
    ("status", "said", "code"),
    [
        (200, b"<html>", "garbled"),
        (200, {"status": "ok"}, "garbled"),
        (200, [], "garbled"),
        (403, b"", "access_denied"),
        (404, b"", "not_found"),
        (500, b"", "unavailable"),
        (302, b"", "rejected"),
    ],
)
def test_a_call_that_fails_is_an_error(scene: Scene, status: int, said: Any, code: str) -> None:
    """What was found before stays found; nothing is read again."""
    scene.publish(age=30)
    scene.stand.export, scene.stand.export_status = lambda _: said, status
    told = scene.call()

    assert reasons(told) == dict.fromkeys(scenes.SITE, "fail frozen") | {"live_export": "error call_failed"}
    assert findings(told)["live_export"]["evidence"]["calls"][0]["error"] == code
    assert [path for path, _ in scene.stand.reads].count("manifest.json") == 1


def test_a_dry_run_calls_nobody(scene: Scene) -> None:
    """It judges the same, says what it would ask for, and is not remembered."""
    scene.publish(age=30)
    told = scene.get("?dry_run=1&only=live")

    assert reasons(told) == {"manifest": "fail frozen", "live": "fail frozen", "live_export": "skip dry_run"}
    assert findings(told)["live_export"]["evidence"]["body"] == {"day": str(scene.today), "only": ["live"]}
    assert (scene.stand.calls, told["delivery"]["ledger"]) == ([], "not_applicable")


def test_what_an_export_cannot_mend_calls_nobody(scene: Scene) -> None:
    """No right to read, and a clock that is ahead."""
    scene.stand.faults["live/"] = Fault(403)
    assert reasons(scene.call()) == FRESH | {"live": "error access_denied", "live_export": "skip not_needed"}

    scene.stand.faults.clear()
    scene.publish(age=-30)
    assert set(reasons(scene.call()).values()) == {"fail as_of_in_future", "skip not_needed"}
    assert scene.stand.calls == []


def test_yesterdays_files_are_wrong_once_a_game_has_begun(scene: Scene) -> None:
    """Before the first game they may stay."""
    scene.publish(day=scene.today - datetime.timedelta(days=1))
    assert reasons(scene.call(dry_run=True))["live"] == "fail wrong_day"

    scene.schedule(1, 1, 1)
    assert reasons(scene.call())["live"] == "skip not_begun"


def test_after_the_last_final_all_must_be_final(scene: Scene) -> None:
    """An old file is fine then, if it holds the end."""
    scene.schedule(3, 3, 3)
    scene.publish(live=0, final=3, age=600, unchanged=600)
    assert reasons(scene.call()) == FRESH | {"live_export": "skip not_needed"}

    scene.publish(live=1, final=2, age=600, unchanged=600)
    assert reasons(scene.call(dry_run=True))["live"] == "fail miscounted"


def test_an_off_day_is_the_calendars_statement(scene: Scene) -> None:
    """Games the day before and after, none on the day: nothing is expected; without rows around it all is unknown."""
    scene.schedule()
    scene.publish(age=3000, day=scene.today - datetime.timedelta(days=1))
    told = scene.call()
    assert reasons(told) == dict.fromkeys(scenes.SITE, "skip off_day") | {"live_export": "skip not_needed"}
    assert told["summary"].endswith("nothing is expected (off_day)")

    scene.bigquery.query_and_wait(f"DELETE FROM {scene.dataset}.schedule WHERE game_date > DATE '{scene.today}'")
    assert set(reasons(scene.call()).values()) == {"unknown no_schedule", "skip not_needed"}


def test_a_calendar_that_cannot_be_read_is_an_error(scene: Scene) -> None:
    """No table, and a warehouse that does not answer: never an off-day, and no call."""
    scene.bigquery.delete_table(f"{scene.dataset}.schedule")
    told = scene.call()

    assert reasons(told) == dict.fromkeys(scenes.SITE, "error no_calendar") | {"live_export": "skip not_needed"}
    assert told["complete"] is False


def test_the_grace_is_read_from_the_schedules_past(scene: Scene) -> None:
    """A table without such a past asks for nothing, until the content itself stood still for so long."""
    scene.declare(scenes.FRESHNESS.replace("grace_minutes: 0", "grace_minutes: 10"))
    scene.publish(live=1, final=1)
    assert reasons(scene.call()) == FRESH | {"live_export": "skip not_needed"}

    scene.publish(live=1, final=1, unchanged=11)
    assert reasons(scene.call(dry_run=True))["live"] == "fail miscounted"


def test_another_day_is_judged_by_its_own_manifest(scene: Scene) -> None:
    """A day of the past, whose games are over, published under its own name."""
    day = scene.today - datetime.timedelta(days=20)
    scene.schedule(3, 3, day=day)
    objects = papers.published(scene.evening(day=day, games=2, live=0, final=2, age=20 * 1440, unchanged=20 * 1440))
    scene.stand.objects.update(objects | {f"manifests/{day}.json": objects["manifest.json"]})

    told = scene.call(day=str(day))
    assert reasons(told) == FRESH | {"live_export": "skip not_needed"}
    assert told["day"] == str(day)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"day": "yesterday"}, "day: must be a date"),
        ({"only": ["box-scores"]}, "only: matches no watched document; there are live, live-grading"),
        ({"force": True}, "force: is not known here"),
    ],
)
def test_a_wrong_call_reads_nothing(scene: Scene, body: dict[str, Any], said: str) -> None:
    """It is named, and neither site nor export is asked."""
    told = scene.call(**body)

    assert said in told["error"]["message"]
    assert (scene.stand.reads, scene.stand.calls) == ([], [])


def test_a_probe_touches_nothing(scene: Scene) -> None:
    """It says what is missing in the environment, and whether the schedule's dataset can be read."""
    told = reasons(scene.get("?probe=1"))

    assert told[f"dataset {scene.dataset}"] == "pass readable"
    assert (told["env EXPORT_URL"], told["env LIVE_EXPORT_URL"]) == ("pass set", "pass set")
    assert (scene.stand.reads, scene.stand.calls) == ([], [])


def _claims(authorization: str) -> dict[str, Any]:
    """Return what an identity token says."""
    middle = authorization.removeprefix("Bearer ").split(".")[1]
    value: dict[str, Any] = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return value
