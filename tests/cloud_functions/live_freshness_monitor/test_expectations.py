"""What the calendar lets one expect: each reason once where it must be given, and once where it must not be."""

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any

import pytest

from cloud_functions.live_freshness_monitor import judge, retrying, seen
from shared import calendars, errors
from shared.calendars import Day, Standing
from shared.statuses import Status
from tests.cloud_functions.live_freshness_monitor import looks, papers


@pytest.mark.parametrize("standing", [Standing.OFF_DAY, Standing.BREAK, Standing.OFF_SEASON])
def test_without_games_nothing_is_expected(standing: Standing) -> None:
    """An old document of another day, and an empty one of the day, are left alone; one that tells of games is bad."""
    quiet = dataclasses.replace(looks.OFF, standing=standing)
    old = dataclasses.replace(looks.GOOD, day=papers.DAY - datetime.timedelta(days=3), age=4000)
    skipped = [("skip", standing.value)] * 3

    assert looks.reasons(looks.site(papers.published(old)), quiet) == skipped
    assert (
        looks.reasons(looks.site(papers.published(dataclasses.replace(looks.GOOD, games=0, live=0, final=0))), quiet)
        == skipped
    )
    assert looks.reasons(looks.site(papers.published(looks.GOOD)), quiet)[1:] == [("fail", "miscounted")] * 2


def test_without_a_calendar_nothing_is_judged_by_it() -> None:
    """One that cannot be read is an error, one that does not reach the day leaves it unknown: never a pass."""
    objects = papers.published(dataclasses.replace(looks.GOOD, age=600, games=0))
    unknown = dataclasses.replace(looks.OFF, standing=Standing.UNKNOWN)

    assert looks.reasons(looks.site(objects), errors.Unavailable("no")) == [("error", "no_calendar")] * 3
    assert looks.reasons(looks.site(objects), unknown) == [("unknown", "no_schedule")] * 3


@pytest.mark.parametrize(
    ("of_night", "wanted"),
    [
        (looks.night(3, 0, 1, then=(0, 1)), ("fail", "wrong_day")),
        (looks.night(3, 3, 0, then=(3, 0)), ("fail", "wrong_day")),
        (looks.night(3, 0, 1, then=(0, 0)), ("skip", "not_begun")),
        (looks.night(3, 0, 0, then=(0, 0)), ("skip", "not_begun")),
        (looks.night(3, 0, 1, then=None), ("fail", "wrong_day")),
    ],
)
def test_another_day_is_wrong_once_games_have_begun(of_night: seen.Night, wanted: tuple[str, str]) -> None:
    """Yesterday's files stay until the first game of the day began, and the grace is over."""
    yesterday = dataclasses.replace(looks.GOOD, day=papers.DAY - datetime.timedelta(days=1))
    assert looks.reasons(looks.site(papers.published(yesterday)), of_night) == [wanted] * 3


def test_a_day_inside_that_differs_is_wrong() -> None:
    """The manifest says the right day and the document itself another, or the other way round."""
    objects = papers.published(looks.GOOD, live=looks.GOOD.document("live") | {"game_date": "2026-02-11"})
    named = papers.changed(papers.published(looks.GOOD), content__day="2026-02-11")

    assert looks.reasons(looks.site(named)) == [looks.FRESH, ("fail", "wrong_day"), ("fail", "wrong_day")]
    assert looks.reasons(looks.site(objects)) == [looks.FRESH, ("fail", "wrong_day"), looks.FRESH]


@pytest.mark.parametrize(
    ("of_night", "age", "wanted"),
    [
        (looks.NIGHT, 10.0, "fresh"),
        (looks.NIGHT, 10.1, "frozen"),
        (looks.night(3, 1, 2, then=(1, 0)), 600.0, "fresh"),
        (looks.night(3, 1, 2, then=None), 10.1, "frozen"),
        (looks.night(3, 1, 0, then=(1, 0)), 600.0, "fresh"),
    ],
)
def test_old_data_are_frozen_while_games_are_played(of_night: seen.Night, age: float, wanted: str) -> None:
    """Older than declared while a game is live, past the grace; without a live game any age is fine."""
    objects = papers.published(dataclasses.replace(looks.GOOD, age=age))
    assert [reason for _, reason in looks.reasons(looks.site(objects), of_night)] == [wanted] * 3


@pytest.mark.parametrize("field", ["games", "rows"])
def test_no_rows_on_a_day_with_games_are_empty(field: str) -> None:
    """The calendar says games: a file without any was published over a good one."""
    found = looks.judged(looks.site(papers.published(looks.of({field: 0, "live": 0, "final": 0}))))
    assert found["live" if field == "games" else "live-grading"].reason == "empty"
    assert found["live" if field == "games" else "live-grading"].status is Status.FAIL


@pytest.mark.parametrize(
    ("shown", "of_night", "wanted"),
    [
        ({"live": 1, "final": 1}, looks.NIGHT, "miscounted"),
        ({"live": 3, "final": 0}, looks.NIGHT, "miscounted"),
        ({"live": 1, "final": 2}, looks.NIGHT, "fresh"),
        ({"live": 0, "final": 3}, looks.NIGHT, "fresh"),
        ({"live": 1, "final": 1}, looks.night(3, 1, 2, then=(1, 1)), "fresh"),
        ({"live": 1, "final": 1}, looks.night(3, 2, 1, then=(1, 1)), "fresh"),
        ({"live": 1, "final": 2}, looks.night(3, 3, 0, then=(3, 0)), "miscounted"),
        ({"live": 0, "final": 3}, looks.night(3, 3, 0, then=(3, 0)), "fresh"),
        ({"live": 1, "final": 1, "unchanged": 2}, looks.night(3, 1, 2, then=None), "fresh"),
        ({"live": 1, "final": 1, "unchanged": 10}, looks.night(3, 1, 2, then=None), "miscounted"),
    ],
)
def test_numbers_below_the_schedule_are_miscounted(shown: dict[str, int], of_night: seen.Night, wanted: str) -> None:
    """Fewer games begun, or fewer over, than the schedule said when the grace began; more than it says is fine."""
    objects = papers.published(looks.of(shown))
    assert [reason for _, reason in looks.reasons(looks.site(objects), of_night)] == ["fresh", wanted, wanted]


def test_a_game_too_few_is_miscounted() -> None:
    """A game that the schedule has had for longer than the grace; one that it dropped since is not asked for."""
    objects = papers.published(dataclasses.replace(looks.GOOD, games=3))
    more, dropped = looks.night(4, 1, 2, then=(1, 2)), seen.Night(Standing.GAMES, Day(3, 3, 1, 2), Day(4, 4, 1, 2))

    assert looks.reasons(looks.site(objects), more) == [looks.FRESH, ("fail", "miscounted"), looks.FRESH]
    assert looks.reasons(looks.site(objects), dropped) == looks.PASSED


@pytest.mark.parametrize(
    ("of_night", "age", "wanted"),
    [
        (looks.NIGHT, 9.0, ("warn", "degraded")),
        (looks.NIGHT, 11.0, ("fail", "degraded")),
        (looks.night(3, 3, 0, then=(3, 0)), 11.0, ("warn", "degraded")),
    ],
)
def test_degraded_is_told_as_the_manifest_tells_it(of_night: seen.Night, age: float, wanted: tuple[str, str]) -> None:
    """It warns while the last good content is young enough, and fails once it is too old for a live game."""
    evening = dataclasses.replace(looks.GOOD, age=age, live=0, final=3)
    objects = papers.changed(papers.published(evening), live__status="degraded", live__message="the provider said 401")
    found = looks.judged(looks.site(objects), of_night)["live"]

    assert (found.status.value, found.reason) == wanted
    assert "the provider said 401" in found.message
    assert (retrying.body(looks.asked(of_night), [found]) is None) is (wanted[0] == "warn")


@pytest.mark.parametrize(
    ("cache", "wanted"),
    [
        ("public, max-age=15", "fresh"),
        ("public, max-age=600, stale-while-revalidate=30", "fresh"),
        ("no-store", "fresh"),
        ("public, max-age=601", "cache_too_long"),
        ("public, max-age=15, s-maxage=3600", "cache_too_long"),
        (None, "uncached"),
        ("", "uncached"),
        ("public", "uncached"),
    ],
)
def test_caches_are_told_for_how_long(cache: str | None, wanted: str) -> None:
    """Not longer than the data may be old; without a word each cache does as it likes."""
    found = looks.judged(looks.site(papers.published(looks.GOOD), cache=cache))

    assert [one.reason for one in found.values()] == [wanted] * 3
    assert {one.status.value for one in found.values()} == {"pass" if wanted == "fresh" else "warn"}


def test_what_is_over_may_be_kept() -> None:
    """Once every game is final a document does not change any more; the immutable copy never does."""
    over = dataclasses.replace(looks.GOOD, live=0, final=3)
    objects = papers.published(over)
    long = seen.Page(200, "public, max-age=86400", objects["live/latest.json"])

    assert (
        looks.reasons(looks.site(objects, {"live/2026": long, "live/latest": long}), looks.night(3, 3, 0, then=(3, 0)))
        == looks.PASSED
    )
    assert looks.reasons(looks.site(objects, {"live/latest": long}), looks.NIGHT)[1] == ("warn", "cache_too_long")
    assert looks.reasons(looks.site(objects, {"objects/live/": long}), looks.NIGHT) == looks.PASSED


def test_another_day_has_its_own_manifest_and_no_latest() -> None:
    """A day that is past is read by its own manifest; what is latest is none of its business."""
    past = looks.asked(today=False)
    _, entry = next(iter(looks.site(papers.published(looks.GOOD)).manifest.documents.items()))  # type: ignore[union-attr]

    assert past.manifest_path == "manifests/2026-02-12.json"
    assert seen.promised(past, entry)[1].startswith("objects/")
    assert seen.promised(looks.asked(), entry)[1] == "live/latest.json"


def test_what_is_bad_is_asked_for_anew() -> None:
    """The documents that are bad; all when the manifest is; nothing for what no export can mend."""
    objects = papers.published(looks.GOOD)
    gone, denied = looks.SPOILED["gone"][0], looks.SPOILED["403"][0]

    def body(pages: Mapping[str, seen.Got] = looks.NOTHING) -> dict[str, Any] | None:
        return retrying.body(looks.asked(), judge.findings(looks.asked(), looks.site(objects, pages)))

    assert body({"live/latest": gone}) == {"day": "2026-02-12", "only": ["live"]}
    assert body({"manifest": gone}) == {"day": "2026-02-12", "only": ["live", "live-grading"]}
    assert body({"live/latest": denied}) is None
    assert body() is None


def test_a_late_clock_is_not_mended_by_an_export() -> None:
    """A stamp of a time to come would come again."""
    look = looks.site(papers.published(dataclasses.replace(looks.GOOD, age=-60)))
    assert retrying.body(looks.asked(), judge.findings(looks.asked(), look)) is None


def test_calendar_days_default_to_no_live_game() -> None:
    """A schedule that does not say what is being played never makes old data frozen."""
    quiet = seen.Night(Standing.GAMES, calendars.Day(3, 3, 1), calendars.Day(3, 3, 1))
    assert looks.reasons(looks.site(papers.published(dataclasses.replace(looks.GOOD, age=600))), quiet) == looks.PASSED
