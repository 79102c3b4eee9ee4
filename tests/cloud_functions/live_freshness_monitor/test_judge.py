"""What is found out about the site: each reason once where it must be given, and once where it must not be."""

import dataclasses
import datetime
import json
from collections.abc import Mapping
from typing import Any

import pytest

from cloud_functions.live_freshness_monitor import declaration, judge, retrying, seen, verdicts
from shared import calendars, errors
from shared.calendars import Day, Standing
from shared.exports import layout, manifest
from shared.report import Finding
from shared.statuses import Status
from tests.cloud_functions.live_freshness_monitor import papers
from tests.cloud_functions.live_freshness_monitor.papers import Evening

NOW = datetime.datetime(2026, 2, 13, 1, 30, tzinfo=datetime.UTC)
LIVE = declaration.Document("live", "game_date", "total_games", "games_in_progress", "games_final", "games")
GRADING = declaration.Document(
    "live-grading", "game_date", None, "summary.games_in_progress", "summary.games_final", "predictions"
)
DECLARED = declaration.Freshness("https://site.example/v1", (LIVE, GRADING))
NOTHING: Mapping[str, seen.Got] = {}
NIGHT = seen.Night(Standing.GAMES, Day(3, 3, 1, 2), Day(3, 3, 1, 2))
GOOD = Evening(NOW)
OFF = seen.Night(Standing.OFF_DAY, Day(0, 0, 0), Day(0, 0, 0))


def night(games: int, final: int, live: int, *, then: tuple[int, int] | None = (0, 0)) -> seen.Night:
    """Return what the schedule says of a day with games; then: (final, live) when the grace began, None if unknown."""
    settled = None if then is None else Day(games, games, then[0], then[1])
    return seen.Night(Standing.GAMES, Day(games, games, final, live), settled)


def of(shown: Mapping[str, Any]) -> Evening:
    """Return the good night with changes."""
    return dataclasses.replace(GOOD, **shown)


def asked(of_night: seen.Night | errors.CloudError = NIGHT, **changes: Any) -> seen.Asked:
    """Return what is judged."""
    made = seen.Asked(DECLARED, DECLARED.documents, papers.DAY, today=True, now=NOW, night=of_night)
    return dataclasses.replace(made, **changes)


def site(
    objects: dict[str, bytes], pages: Mapping[str, seen.Got] = NOTHING, *, cache: str | None = papers.CACHE
) -> seen.Site:
    """Return a look at objects; `pages` are answered instead, by the beginning of their paths."""
    answered = pages.get("manifest", seen.Page(200, cache, objects[layout.MANIFEST]))
    read = "unread" if not isinstance(answered, seen.Page) else manifest.decode(answered.body or b"")
    found: dict[str, seen.Got] = {
        path: seen.Page(200, cache, body) for path, body in objects.items() if path != layout.MANIFEST
    }
    for name, page in pages.items():
        found |= {path: page for path in found if path.startswith(name)}
    return seen.Site(answered, read, found)


def judged(look: seen.Site, of_night: seen.Night | errors.CloudError = NIGHT, **changes: Any) -> dict[str, Finding]:
    """Return the findings by subject; each has a reason of the vocabulary, and what to do where it is bad."""
    found = judge.findings(asked(of_night, **changes), look)
    assert all(one.reason in verdicts.FIXES for one in found)
    assert all(one.fix for one in found if one.status not in (Status.PASS, Status.SKIP))
    return {one.subject: one for one in found}


def reasons(look: seen.Site, of_night: seen.Night | errors.CloudError = NIGHT, **changes: Any) -> list[tuple[str, str]]:
    """Return status and reason: of the manifest, of live, of live-grading."""
    return [(one.status.value, one.reason) for one in judged(look, of_night, **changes).values()]


FRESH, PASSED = ("pass", "fresh"), [("pass", "fresh")] * 3


def test_a_good_night_is_fresh() -> None:
    """Manifest and documents say what the schedule says, and say how they stand."""
    found = judged(site(papers.published(GOOD)))

    assert [one.reason for one in found.values()] == ["fresh"] * 3
    assert found["live"].message == "confirmed 60 s ago, 3 games, 2 in progress, 1 final, 3 rows"
    assert (found["live"].observed, found["live"].expected, found["live"].unit) == (60, 600, "s")
    assert judge.summary(asked(), list(found.values())) == ("site for 2026-02-12, 2 of 3 games in progress: all 3 pass")


SPOILED: dict[str, tuple[seen.Got, tuple[str, str]]] = {
    "gone": (seen.Page(404, None, b""), ("fail", "missing")),
    "no JSON": (seen.Page(200, papers.CACHE, b"<html>"), ("fail", "undecodable")),
    "cut": (seen.Page(200, papers.CACHE, b'{"game_date": "2026-0'), ("fail", "undecodable")),
    "no object": (seen.Page(200, papers.CACHE, b"[]"), ("fail", "undecodable")),
    "no gzip": (seen.Page(200, papers.CACHE, None), ("fail", "undecodable")),
    "no bytes": (seen.Page(200, papers.CACHE, b""), ("fail", "undecodable")),
    "no answer": (seen.Silence("no answer: ReadTimeout"), ("error", "unreachable")),
    "500": (seen.Page(500, None, b""), ("error", "unreachable")),
    "429": (seen.Page(429, None, b""), ("error", "unreachable")),
    "403": (seen.Page(403, None, b""), ("error", "access_denied")),
    "301": (seen.Page(301, None, b""), ("error", "refused")),
    "400": (seen.Page(400, None, b""), ("error", "refused")),
}


@pytest.mark.parametrize("spoiled", SPOILED)
@pytest.mark.parametrize("place", ["live/2026-02-12.json", "live/latest.json", "objects/live/"])
def test_each_copy_must_be_there(place: str, spoiled: str) -> None:
    """Wherever readers find it: its own path, the latest, the immutable copy; the other document stands."""
    page, wanted = SPOILED[spoiled]
    assert reasons(site(papers.published(GOOD), {place: page})) == [FRESH, wanted, FRESH]


@pytest.mark.parametrize("spoiled", SPOILED)
def test_without_a_manifest_nothing_is_known(spoiled: str) -> None:
    """It has a finding of its own, and each document is an error: neither good nor bad."""
    page, wanted = SPOILED[spoiled]
    unknown = ("error", "no_manifest")
    assert reasons(site(papers.published(GOOD), {"manifest": page})) == [wanted, unknown, unknown]


@pytest.mark.parametrize("value", [b"{}", b'{"schema_version": 2}', b"null"])
def test_a_manifest_of_another_shape_is_undecodable(value: bytes) -> None:
    """JSON is not enough."""
    assert (
        reasons(site(papers.published(GOOD), {"manifest": seen.Page(200, papers.CACHE, value)}))[0][1] == "undecodable"
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("game_date", None),
        ("game_date", 20260212),
        ("total_games", "3"),
        ("games_in_progress", None),
        ("games_final", -1),
        ("games_final", True),
        ("games", "none"),
    ],
)
def test_a_document_of_another_shape_is_undecodable(field: str, value: Any) -> None:
    """What is declared to stand there does not, or is no number."""
    objects = papers.published(GOOD, live=GOOD.document("live") | {field: value})
    assert reasons(site(objects)) == [FRESH, ("fail", "undecodable"), FRESH]


def test_other_bytes_than_promised_are_altered() -> None:
    """Good content that the manifest does not know is not what was published."""
    other = seen.Page(200, papers.CACHE, json.dumps(GOOD.document("live") | {"poll_id": "x"}).encode())
    objects = papers.published(GOOD)

    assert reasons(site(objects, {"live/latest.json": other})) == [FRESH, ("fail", "altered"), FRESH]
    assert seen.doubtful(asked(), site(objects, {"live/latest.json": other}))
    assert not seen.doubtful(asked(), site(objects))
    assert not seen.doubtful(asked(), site(objects, {"live/latest.json": seen.Page(404, None, b"")}))


@pytest.mark.parametrize(("age", "wanted"), [(-1.9, "fresh"), (-2.1, "as_of_in_future")])
def test_a_stamp_of_a_time_to_come_proves_nothing(age: float, wanted: str) -> None:
    """Two minutes are allowed, for the manifest as for the documents."""
    evening = dataclasses.replace(GOOD, age=age)
    assert [reason for _, reason in reasons(site(papers.published(evening)))] == [wanted] * 3


def test_what_the_manifest_does_not_know_is_missing() -> None:
    """A document that it does not name, and one that was never published."""
    objects = papers.changed(papers.published(GOOD), live__content=None)
    value = json.loads(objects[layout.MANIFEST])
    del value["documents"]["live-grading"]
    objects[layout.MANIFEST] = json.dumps(value).encode()

    assert reasons(site(objects)) == [FRESH, ("fail", "missing"), ("fail", "missing")]
    assert reasons(site(objects), night(3, 0, 0)) == [FRESH, ("skip", "not_begun"), ("skip", "not_begun")]
    assert reasons(site(objects), OFF) == [("skip", "off_day")] * 3
    assert reasons(site(objects), errors.AccessDenied("no"))[1:] == [("error", "no_calendar")] * 2


def test_what_the_manifest_promises_must_be_there_on_any_day() -> None:
    """Nothing is to be expected on an off-day, but what is published then must be there and be readable."""
    evening = dataclasses.replace(GOOD, games=0, live=0, final=0)
    for name in ("gone", "no JSON", "403"):
        page, wanted = SPOILED[name]
        assert reasons(site(papers.published(evening), {"live/latest": page}), OFF)[1] == wanted


@pytest.mark.parametrize("standing", [Standing.OFF_DAY, Standing.BREAK, Standing.OFF_SEASON])
def test_without_games_nothing_is_expected(standing: Standing) -> None:
    """An old document of another day, and an empty one of the day, are left alone; one that tells of games is bad."""
    quiet = dataclasses.replace(OFF, standing=standing)
    old = dataclasses.replace(GOOD, day=papers.DAY - datetime.timedelta(days=3), age=4000)
    skipped = [("skip", standing.value)] * 3

    assert reasons(site(papers.published(old)), quiet) == skipped
    assert reasons(site(papers.published(dataclasses.replace(GOOD, games=0, live=0, final=0))), quiet) == skipped
    assert reasons(site(papers.published(GOOD)), quiet)[1:] == [("fail", "miscounted")] * 2


def test_without_a_calendar_nothing_is_judged_by_it() -> None:
    """One that cannot be read is an error, one that does not reach the day leaves it unknown: never a pass."""
    objects = papers.published(dataclasses.replace(GOOD, age=600, games=0))
    unknown = dataclasses.replace(OFF, standing=Standing.UNKNOWN)

    assert reasons(site(objects), errors.Unavailable("no")) == [("error", "no_calendar")] * 3
    assert reasons(site(objects), unknown) == [("unknown", "no_schedule")] * 3


@pytest.mark.parametrize(
    ("of_night", "wanted"),
    [
        (night(3, 0, 1, then=(0, 1)), ("fail", "wrong_day")),
        (night(3, 3, 0, then=(3, 0)), ("fail", "wrong_day")),
        (night(3, 0, 1, then=(0, 0)), ("skip", "not_begun")),
        (night(3, 0, 0, then=(0, 0)), ("skip", "not_begun")),
        (night(3, 0, 1, then=None), ("fail", "wrong_day")),
    ],
)
def test_another_day_is_wrong_once_games_have_begun(of_night: seen.Night, wanted: tuple[str, str]) -> None:
    """Yesterday's files stay until the first game of the day began, and the grace is over."""
    yesterday = dataclasses.replace(GOOD, day=papers.DAY - datetime.timedelta(days=1))
    assert reasons(site(papers.published(yesterday)), of_night) == [wanted] * 3


def test_a_day_inside_that_differs_is_wrong() -> None:
    """The manifest says the right day, and the document itself another."""
    objects = papers.published(GOOD, live=GOOD.document("live") | {"game_date": "2026-02-11"})
    assert reasons(site(objects)) == [FRESH, ("fail", "wrong_day"), FRESH]


@pytest.mark.parametrize(
    ("of_night", "age", "wanted"),
    [
        (NIGHT, 10.0, "fresh"),
        (NIGHT, 10.1, "frozen"),
        (night(3, 1, 2, then=(1, 0)), 600.0, "fresh"),
        (night(3, 1, 2, then=None), 10.1, "frozen"),
        (night(3, 1, 0, then=(1, 0)), 600.0, "fresh"),
    ],
)
def test_old_data_are_frozen_while_games_are_played(of_night: seen.Night, age: float, wanted: str) -> None:
    """Older than declared while a game is live, past the grace; without a live game any age is fine."""
    objects = papers.published(dataclasses.replace(GOOD, age=age))
    assert [reason for _, reason in reasons(site(objects), of_night)] == [wanted] * 3


@pytest.mark.parametrize("field", ["games", "rows"])
def test_no_rows_on_a_day_with_games_are_empty(field: str) -> None:
    """The calendar says games: a file without any was published over a good one."""
    found = judged(site(papers.published(of({field: 0, "live": 0, "final": 0}))))
    assert found["live" if field == "games" else "live-grading"].reason == "empty"
    assert found["live" if field == "games" else "live-grading"].status is Status.FAIL


@pytest.mark.parametrize(
    ("shown", "of_night", "wanted"),
    [
        ({"live": 1, "final": 1}, NIGHT, "miscounted"),
        ({"live": 3, "final": 0}, NIGHT, "miscounted"),
        ({"live": 1, "final": 2}, NIGHT, "fresh"),
        ({"live": 0, "final": 3}, NIGHT, "fresh"),
        ({"live": 1, "final": 1}, night(3, 1, 2, then=(1, 1)), "fresh"),
        ({"live": 1, "final": 1}, night(3, 2, 1, then=(1, 1)), "fresh"),
        ({"live": 1, "final": 2}, night(3, 3, 0, then=(3, 0)), "miscounted"),
        ({"live": 0, "final": 3}, night(3, 3, 0, then=(3, 0)), "fresh"),
        ({"live": 1, "final": 1, "unchanged": 2}, night(3, 1, 2, then=None), "fresh"),
        ({"live": 1, "final": 1, "unchanged": 10}, night(3, 1, 2, then=None), "miscounted"),
    ],
)
def test_numbers_below_the_schedule_are_miscounted(shown: dict[str, int], of_night: seen.Night, wanted: str) -> None:
    """Fewer games begun, or fewer over, than the schedule said when the grace began; more than it says is fine."""
    objects = papers.published(of(shown))
    assert [reason for _, reason in reasons(site(objects), of_night)] == ["fresh", wanted, wanted]


def test_a_game_too_few_is_miscounted() -> None:
    """A game that the schedule has had for longer than the grace; one that it dropped since is not asked for."""
    objects = papers.published(dataclasses.replace(GOOD, games=3))
    more, dropped = night(4, 1, 2, then=(1, 2)), seen.Night(Standing.GAMES, Day(3, 3, 1, 2), Day(4, 4, 1, 2))

    assert reasons(site(objects), more) == [FRESH, ("fail", "miscounted"), FRESH]
    assert reasons(site(objects), dropped) == PASSED


@pytest.mark.parametrize(
    ("of_night", "age", "wanted"),
    [
        (NIGHT, 9.0, ("warn", "degraded")),
        (NIGHT, 11.0, ("fail", "degraded")),
        (night(3, 3, 0, then=(3, 0)), 11.0, ("warn", "degraded")),
    ],
)
def test_degraded_is_told_as_the_manifest_tells_it(of_night: seen.Night, age: float, wanted: tuple[str, str]) -> None:
    """It warns while the last good content is young enough, and fails once it is too old for a live game."""
    evening = dataclasses.replace(GOOD, age=age, live=0, final=3)
    objects = papers.changed(papers.published(evening), live__status="degraded", live__message="the provider said 401")
    found = judged(site(objects), of_night)["live"]

    assert (found.status.value, found.reason) == wanted
    assert "the provider said 401" in found.message


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
    found = judged(site(papers.published(GOOD), cache=cache))

    assert [one.reason for one in found.values()] == [wanted] * 3
    assert {one.status.value for one in found.values()} == {"pass" if wanted == "fresh" else "warn"}


def test_what_is_over_may_be_kept() -> None:
    """Once every game is final a document does not change any more; the immutable copy never does."""
    over = dataclasses.replace(GOOD, live=0, final=3)
    objects = papers.published(over)
    long = seen.Page(200, "public, max-age=86400", objects["live/latest.json"])

    assert reasons(site(objects, {"live/2026": long, "live/latest": long}), night(3, 3, 0, then=(3, 0))) == PASSED
    assert reasons(site(objects, {"live/latest": long}), NIGHT)[1] == ("warn", "cache_too_long")
    assert reasons(site(objects, {"objects/live/": long}), NIGHT) == PASSED


def test_another_day_has_its_own_manifest_and_no_latest() -> None:
    """A day that is past is read by its own manifest; what is latest is none of its business."""
    past = asked(today=False)
    _, entry = next(iter(site(papers.published(GOOD)).manifest.documents.items()))  # type: ignore[union-attr]

    assert past.manifest_path == "manifests/2026-02-12.json"
    assert seen.promised(past, entry)[1].startswith("objects/")
    assert seen.promised(asked(), entry)[1] == "live/latest.json"


def test_what_is_bad_is_asked_for_anew() -> None:
    """The documents that are bad; all when the manifest is; nothing for what no export can mend."""
    objects = papers.published(GOOD)
    gone, denied = SPOILED["gone"][0], SPOILED["403"][0]

    def body(pages: Mapping[str, seen.Got] = NOTHING) -> dict[str, Any] | None:
        return retrying.body(asked(), judge.findings(asked(), site(objects, pages)))

    assert body({"live/latest": gone}) == {"day": "2026-02-12", "only": ["live"]}
    assert body({"manifest": gone}) == {"day": "2026-02-12", "only": ["live", "live-grading"]}
    assert body({"live/latest": denied}) is None
    assert body() is None


def test_a_late_clock_is_not_mended_by_an_export() -> None:
    """A stamp of a time to come would come again."""
    look = site(papers.published(dataclasses.replace(GOOD, age=-60)))
    assert retrying.body(asked(), judge.findings(asked(), look)) is None


def test_calendar_days_default_to_no_live_game() -> None:
    """A schedule that does not say what is being played never makes old data frozen."""
    quiet = seen.Night(Standing.GAMES, calendars.Day(3, 3, 1), calendars.Day(3, 3, 1))
    assert reasons(site(papers.published(dataclasses.replace(GOOD, age=600))), quiet) == PASSED
