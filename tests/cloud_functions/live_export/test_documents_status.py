"""How everything stands, for a banner: when it is healthy, degraded or unhealthy, and that silence is noticed."""

import datetime
from collections.abc import Mapping
from typing import Any

import pytest

from cloud_functions.live_export import facts
from cloud_functions.live_export.documents import status
from shared import calendars
from shared.exports import manifest
from tests.cloud_functions.live_export import stories
from tests.cloud_functions.live_export.stories import DAY, MINUTE, NOW, before_tip, content, entry, final, game, known

ALL = ("live_data", "tonight_data", "grading", "predictions")
OFF = (calendars.OffSeason(DAY, DAY),)
QUIET = known(final(), schedule=(stories.scheduled(state="final"),))
BAD: dict[str, Any] = {"status": "degraded", "reason": "shrunk", "message": "rows fell", "since": NOW - 20 * MINUTE}


def entries(**changed: manifest.Entry) -> Mapping[str, manifest.Entry]:
    """Return three good documents, with changes by their ids."""
    good = {name: entry() for name in ("live", "live-grading", "tonight")}
    return good | {name.replace("_", "-"): one for name, one in changed.items()}


def told(
    known_: facts.Facts | None = None, *, stamp: datetime.datetime = NOW, **changed: manifest.Entry
) -> status.Status:
    """Return the document while a game is on."""
    found = known_ or known(game())
    built = status.build(stories.replaced(found, entries=entries(**changed)), stamp)
    assert stories.mistakes("status", built) == []
    return built


def test_all_is_well() -> None:
    """Four parts, each as of two minutes ago; no issue, no break."""
    built = told()
    good = status.Service("healthy", "up to date", NOW - 2 * MINUTE, 2, is_stale=False)
    assert built == status.Status(NOW, DAY, "healthy", dict.fromkeys(ALL, good), (), (), None)
    assert status.measure(built).rows == 4


def test_each_part_stands_on_its_own_document() -> None:
    """Grades and predictions share one."""
    bad = entry(**BAD)
    pairs = [(told(live=bad), {"live_data"}), (told(tonight=bad), {"tonight_data"})]
    for built, parts in (*pairs, (told(live_grading=bad), {"grading", "predictions"})):
        assert {part for part, one in built.services.items() if one.status != "healthy"} == parts
        assert built.overall_status == "degraded"


def test_a_refused_update_degrades_and_says_why() -> None:
    """The banner and the list of issues have the refusal's own words, since when it is refused."""
    built = told(live=entry(**BAD))
    assert built.services["live_data"] == status.Service("degraded", "rows fell", NOW - 2 * MINUTE, 2, is_stale=False)
    assert built.known_issues == (status.Issue("warning", "live: rows fell", NOW - 20 * MINUTE),)
    assert told(live=entry(**(BAD | {"message": None}))).services["live_data"].message == "an update was refused"


def test_issues_are_in_the_order_of_their_documents() -> None:
    """The same text in every run."""
    built = told(tonight=entry(**BAD), live=entry(**BAD), status=entry(**BAD))
    assert [one.message.partition(":")[0] for one in built.known_issues] == ["live", "status", "tonight"]
    assert told(live=entry(message="over", since=NOW)).known_issues == ()


@pytest.mark.parametrize(("seconds", "stale"), [(600, False), (601, True)])
def test_silence_while_games_are_on_is_noticed(seconds: int, stale: bool) -> None:  # noqa: FBT001 - a value of the table
    """Older than declared, by the clock of this run and not by the document's own stamp."""
    old = content(as_of=NOW - datetime.timedelta(seconds=seconds))
    built = told(stamp=NOW - 9 * MINUTE, live=entry(old))
    found = built.services["live_data"]
    assert (found.is_stale, found.status) == (stale, "degraded" if stale else "healthy")
    assert found.message == ("its data are old" if stale else "up to date")
    assert told(live=entry(old, **BAD)).overall_status == ("unhealthy" if stale else "degraded")


def test_old_data_are_no_fault_while_nothing_is_played() -> None:
    """Before the first tip-off and after the last final."""
    early = known(before_tip(), schedule=(stories.scheduled(tip=NOW + MINUTE),))
    for quiet in (QUIET, early):
        built = told(quiet, live=entry(content(as_of=NOW - 600 * MINUTE)))
        assert (built.overall_status, built.services["live_data"].is_stale) == ("healthy", False)
        assert built.services["live_data"].age_minutes == 600


@pytest.mark.parametrize(("seconds", "minutes"), [(0, 0), (59, 0), (60, 1), (119, 1), (-30, 0)])
def test_age_is_that_at_the_stamp(seconds: int, minutes: int) -> None:
    """Whole minutes; data that were confirmed after the stamp are not of the future."""
    stamp = NOW - 2 * MINUTE + datetime.timedelta(seconds=seconds)
    assert told(stamp=stamp).services["live_data"].age_minutes == minutes


@pytest.mark.parametrize(
    ("found", "health"),
    [
        (None, "degraded"),
        (stories.replaced(entry(), content=None), "degraded"),
        (stories.replaced(entry(**BAD), content=None), "unhealthy"),
        (entry(content(day=DAY - datetime.timedelta(days=1))), "degraded"),
        (entry(content(day=DAY - datetime.timedelta(days=1)), **BAD), "unhealthy"),
    ],
)
def test_nothing_of_the_day_is_published(found: manifest.Entry | None, health: str) -> None:
    """Never, or only for another day: what is refused as well makes it unhealthy."""
    good = {name: one for name, one in entries().items() if name != "live"}
    built = status.build(known(game(), entries=good | ({"live": found} if found else {})), NOW)
    expected = status.Service(health, "nothing is published for the day", None, None, is_stale=True)  # type: ignore[arg-type]
    assert (built.services["live_data"], built.overall_status) == (expected, health)
    assert stories.mistakes("status", built) == []


def test_no_predictions_on_a_day_with_games() -> None:
    """The grades themselves are well: there is nothing to grade."""
    built = told(live_grading=entry(content(rows=0)))
    assert {name: one.status for name, one in built.services.items()} == dict.fromkeys(ALL, "healthy") | {
        "predictions": "degraded"
    }
    assert built.services["predictions"].message == "there are no predictions for the day"


@pytest.mark.parametrize(
    ("calendar", "standing"),
    [(stories.OFF_DAY, "off_day"), (stories.BREAK, "break"), (stories.OFF_SEASON, "off_season")],
)
def test_a_day_without_games_is_healthy(calendar: calendars.Calendar, standing: str) -> None:
    """Whatever was refused, and though there is no prediction; the message says why."""
    built = told(known(calendar=calendar), live=entry(**BAD), live_grading=entry(content(rows=0)))
    assert built.overall_status == "healthy"
    assert {one.message for one in built.services.values()} == {f"no games: {standing}"}


@pytest.mark.parametrize(
    ("games", "more", "expected"),
    [
        ({-1: 2, 5: 3}, {}, ("Break", "Games resume on February 17.", 17, 11)),
        ({-6: 1, -2: 2, -1: 0, 2: 0, 3: 3, 9: 1}, {}, ("Break", "Games resume on February 15.", 15, 10)),
        ({-1: 2, 1: 0}, {}, ("Break", "No next game is scheduled yet.", None, 11)),
        ({}, {"off_seasons": OFF}, ("Off-season", "No next game is scheduled yet.", None, None)),
        ({-1: 2, 1: 5}, {}, None),
        ({-1: 2, 0: 3, 5: 3}, {}, None),
    ],
)  # fmt: skip
def test_a_break_tells_when_games_resume(games: Mapping[int, int], more: Any, expected: Any) -> None:
    """The nearest days with games before and after; a single day off is no break, and a day with games none either."""
    calendar = stories.calendar(games, **more)
    found = told(known(calendar=calendar)).active_break
    days = found and (found.resume_date and found.resume_date.day, found.last_game_date and found.last_game_date.day)
    assert (found and (found.headline, found.message, *days)) == expected  # type: ignore[misc]  # days are there when found is
