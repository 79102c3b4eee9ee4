"""What is found out without a calendar: whether each copy is there, can be read, and is what the manifest promises."""

import dataclasses
import json
from typing import Any

import pytest

from cloud_functions.live_freshness_monitor import judge, seen
from shared import errors
from shared.exports import layout
from tests.cloud_functions.live_freshness_monitor import looks, papers


def test_a_good_night_is_fresh() -> None:
    """Manifest and documents say what the schedule says, and say how they stand."""
    found = looks.judged(looks.site(papers.published(looks.GOOD)))

    assert [one.reason for one in found.values()] == ["fresh"] * 3
    assert found["live"].message == "confirmed 60 s ago, 3 games, 2 in progress, 1 final, 3 rows"
    assert (found["live"].observed, found["live"].expected, found["live"].unit) == (60, 600, "s")
    assert judge.summary(looks.asked(), list(found.values())) == (
        "site for 2026-02-12, 2 of 3 games in progress: all 3 pass"
    )


@pytest.mark.parametrize("spoiled", looks.SPOILED)
@pytest.mark.parametrize("place", ["live/2026-02-12.json", "live/latest.json", "objects/live/"])
def test_each_copy_must_be_there(place: str, spoiled: str) -> None:
    """Wherever readers find it: its own path, the latest, the immutable copy; the other document stands."""
    page, wanted = looks.SPOILED[spoiled]
    assert looks.reasons(looks.site(papers.published(looks.GOOD), {place: page})) == [looks.FRESH, wanted, looks.FRESH]


@pytest.mark.parametrize("spoiled", looks.SPOILED)
def test_without_a_manifest_nothing_is_known(spoiled: str) -> None:
    """It has a finding of its own, and each document is an error: neither good nor bad."""
    page, wanted = looks.SPOILED[spoiled]
    unknown = ("error", "no_manifest")
    assert looks.reasons(looks.site(papers.published(looks.GOOD), {"manifest": page})) == [wanted, unknown, unknown]


def test_the_manifest_must_be_there_before_the_first_game_too() -> None:
    """It is there from one day to the next; only a day without games excuses it."""
    look = looks.site(papers.published(looks.GOOD), {"manifest": looks.SPOILED["gone"][0]})

    assert looks.reasons(look, looks.night(3, 0, 0))[0] == ("fail", "missing")
    assert looks.reasons(look, looks.OFF)[0] == ("skip", "off_day")


@pytest.mark.parametrize("value", [b"{}", b'{"schema_version": 2}', b"null"])
def test_a_manifest_of_another_shape_is_undecodable(value: bytes) -> None:
    """JSON is not enough."""
    assert (
        looks.reasons(looks.site(papers.published(looks.GOOD), {"manifest": seen.Page(200, papers.CACHE, value)}))[0][1]
        == "undecodable"
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
    objects = papers.published(looks.GOOD, live=looks.GOOD.document("live") | {field: value})
    assert looks.reasons(looks.site(objects)) == [looks.FRESH, ("fail", "undecodable"), looks.FRESH]


def test_other_bytes_than_promised_are_altered() -> None:
    """Good content that the manifest does not know is not what was published."""
    other = seen.Page(200, papers.CACHE, json.dumps(looks.GOOD.document("live") | {"poll_id": "x"}).encode())
    objects = papers.published(looks.GOOD)

    assert looks.reasons(looks.site(objects, {"live/latest.json": other})) == [
        looks.FRESH,
        ("fail", "altered"),
        looks.FRESH,
    ]
    assert seen.doubtful(looks.asked(), looks.site(objects, {"live/latest.json": other}))
    assert not seen.doubtful(looks.asked(), looks.site(objects))
    assert not seen.doubtful(looks.asked(), looks.site(objects, {"live/latest.json": seen.Page(404, None, b"")}))


@pytest.mark.parametrize(("age", "wanted"), [(-1.9, "fresh"), (-2.1, "as_of_in_future")])
def test_a_stamp_of_a_time_to_come_proves_nothing(age: float, wanted: str) -> None:
    """Two minutes are allowed, for the manifest as for the documents."""
    evening = dataclasses.replace(looks.GOOD, age=age)
    assert [reason for _, reason in looks.reasons(looks.site(papers.published(evening)))] == [wanted] * 3


def test_what_the_manifest_does_not_know_is_missing() -> None:
    """A document that it does not name, and one that was never published."""
    objects = papers.changed(papers.published(looks.GOOD), live__content=None)
    value = json.loads(objects[layout.MANIFEST])
    del value["documents"]["live-grading"]
    objects[layout.MANIFEST] = json.dumps(value).encode()

    assert looks.reasons(looks.site(objects)) == [looks.FRESH, ("fail", "missing"), ("fail", "missing")]
    assert looks.reasons(looks.site(objects), looks.night(3, 0, 0)) == [
        looks.FRESH,
        ("skip", "not_begun"),
        ("skip", "not_begun"),
    ]
    assert looks.reasons(looks.site(objects), looks.OFF) == [("skip", "off_day")] * 3
    assert looks.reasons(looks.site(objects), errors.AccessDenied("no"))[1:] == [("error", "no_calendar")] * 2


def test_what_the_manifest_promises_must_be_there_on_any_day() -> None:
    """Nothing is to be expected on an off-day, but what is published then must be there and be readable."""
    evening = dataclasses.replace(looks.GOOD, games=0, live=0, final=0)
    for name in ("gone", "no JSON", "403"):
        page, wanted = looks.SPOILED[name]
        assert looks.reasons(looks.site(papers.published(evening), {"live/latest": page}), looks.OFF)[1] == wanted
