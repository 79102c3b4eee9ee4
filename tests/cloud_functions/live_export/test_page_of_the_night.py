"""The scripted night on the page of tonight, in a real browser: published by the export, read from the bucket."""

import contextlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from local import gateway
from tests.cloud_functions.live_export import scenes

SECONDS = 20_000
"""Milliseconds within which the page, which looks every second, has seen what was published."""
EVENING = ((-20, "3 to come"), (60, "2 live, 1 to come"), (200, "1 live, 2 final"), (300, "3 final"), (600, "3 final"))
"""Minutes of the night, and what the page then says of the games; at the last the official table is written."""

TOTALS = {"correct": "correct", "incorrect": "incorrect", "push": "pushes", "void": "voided"}
"""What the page calls the numbers of the grading's summary."""


@pytest.fixture
def page(scene: scenes.Scene, chromium: Browser) -> Iterator[tuple[Page, list[str]]]:
    """Yield the page of tonight, which may read the scene's bucket, and what the browser complained of."""
    with contextlib.ExitStack() as stack:
        front = gateway.serve((), published=scene.address("").rstrip("/"))
        stack.callback(front.close)
        address = f"http://127.0.0.1:{front.port}"
        scene.open(cors=[{**scenes.READ, "origin": [address]}])
        context = stack.enter_context(contextlib.closing(chromium.new_context()))
        complaints: list[str] = []
        opened = context.new_page()
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        scene.minute(EVENING[0][0])
        scene.export()
        opened.goto(f"{address}/tonight?every=1", wait_until="load")
        yield opened, complaints


def test_a_night_is_followed_from_schedule_to_grades(scene: scenes.Scene, page: tuple[Page, list[str]]) -> None:
    """Scheduled, live, final, graded: each stands on the page soon after it was published, without a reload."""
    shown, complaints = page

    for minute, told in EVENING:
        scene.minute(minute)
        scene.export()
        expect(shown.locator("h1")).to_have_text(f"Tonight: {told}", timeout=SECONDS)
        summary = scene.read("live-grading/latest.json")["summary"]
        for word, name in TOTALS.items():
            number = shown.locator("#summary div").filter(has=shown.get_by_text(word, exact=True)).locator("dd")
            expect(number).to_have_text(str(summary[name]), timeout=SECONDS)

    assert summary["graded"] == summary["total_predictions"] == 32
    assert {game["score_source"] for game in scene.read("live/latest.json")["games"]} == {"official"}
    assert complaints == []


def test_a_provider_that_fails_is_told_on_the_page(scene: scenes.Scene, page: tuple[Page, list[str]]) -> None:
    """The scores stay, and a banner says since when they are degraded, and why."""
    shown, _ = page
    scene.minute(60)
    scene.export()
    expect(shown.locator("h1")).to_have_text("Tonight: 2 live, 1 to come", timeout=SECONDS)
    before = shown.locator("#games").inner_text()
    scene.night.provider.throw(garbage=True)
    scene.minute(75)

    scene.export()

    scene.night.provider.restore()
    expect(shown.locator("body")).to_contain_text("degraded since", timeout=SECONDS)
    expect(shown.locator("body")).to_contain_text("provider_failed")
    assert shown.locator("#games").inner_text() == before
