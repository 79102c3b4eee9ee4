"""The page of tonight in a real browser: a night is followed without a reload, and can be read by all."""

import dataclasses
import datetime
import itertools
import pathlib
from typing import Any

import pytest
from playwright.sync_api import expect

from cloud_functions.daily_health_check.page import style
from cloud_functions.live_export.documents import status
from local import pages
from tests.browser import contrast, night, published

ARTEFACTS = pathlib.Path(__file__).resolve().parents[2] / ".artefacts"
FILE = pathlib.Path(pages.__file__).with_name("tonight.html")
LIVE, FINAL = night.instant("live"), night.instant("final")
AFTER = datetime.timedelta(seconds=12)
HEADLINES = {
    "scheduled": ("Tonight: 2 to come", "Tonight · Thu, Feb 12, 2026", "As of 19:05 ET, 15 s ago"),
    "live": ("Tonight: 1 live, 1 to come", "MIL 48-51 OKC · Tonight", "As of 20:10 ET, 15 s ago"),
    "final": ("Tonight: 1 live, 1 final", "LAL 118-117 DAL · Tonight", "As of 23:20 ET, 15 s ago"),
    "graded": ("Tonight: 2 final", "Tonight · Thu, Feb 12, 2026", "As of 00:40 ET, 15 s ago"),
}
CARDS = {
    "scheduled": ["MIL OKC 7:30 PM ET", "LAL DAL 10:00 PM ET"],
    "live": ["MIL 48 OKC 51 Q2 5:32", "LAL DAL 10:00 PM ET"],
    "final": ["LAL 118 DAL 117 OT 2:05", "MIL 102 OKC 110 Final"],
    "graded": ["MIL 102 OKC 110 Final", "LAL 121 DAL 124 Final/OT"],
}
ROWS = {
    "scheduled": "Shai Gilgeous-Alexander OKC 31.5 OVER 34.2 — — pending",
    "live": "Shai Gilgeous-Alexander OKC 31.5 OVER 34.2 18 12.5 trending correct",
    "final": "Shai Gilgeous-Alexander OKC 31.5 OVER 34.2 33 25.0 correct",
    "graded": "Shai Gilgeous-Alexander OKC 31.5 OVER 34.2 33 37.5 correct",
}
STANDS = {
    "scheduled": ["pending"] * 8,
    "live": ["trending correct", *["trending incorrect"] * 2, "incorrect", "trending incorrect", *["pending"] * 3],
    "final": ["trending correct", *["in progress"] * 2, "correct", "correct", "push", "incorrect", "void"],
    "graded": ["correct", "correct", "push", "incorrect", "void", "correct", "no pick", "no pick"],
}
TOTALS = {
    "scheduled": "— win rate 0 correct 0 incorrect 0 push 0 void",
    "live": "— win rate 0 correct 1 incorrect 0 push 0 void",
    "final": "66.7 % win rate 2 correct 1 incorrect 1 push 1 void",
    "graded": "75.0 % win rate 3 correct 1 incorrect 1 push 1 void",
}
COUNTED = """() => {
  window.touched = 0;
  new MutationObserver(found => { window.touched += found.length; })
    .observe(document.querySelector('main'), {subtree: true, childList: true, characterData: true, attributes: true});
}"""


def words(reader: published.Reader, selector: str) -> list[str]:
    """Return the words of each element that is found."""
    leaves = (
        "found => found.map(one => [...one.querySelectorAll(':not(:has(*))')].map(leaf => leaf.textContent.trim()))"
    )
    return [" ".join(filter(None, texts)) for texts in reader.page.eval_on_selector_all(selector, leaves)]


def totals(reader: published.Reader) -> str:
    """Return the line of totals as it is read."""
    pairs = reader.page.eval_on_selector_all(
        "#summary div", "found => found.map(one => `${one.lastChild.textContent} ${one.firstChild.textContent}`)"
    )
    return " ".join(pairs)


def test_a_night_is_followed_without_a_reload(tonight: published.Open) -> None:
    """Scheduled, live, final, graded: each is on the screen one look after it was published."""
    reader = tonight(night.at("scheduled"), night.instant("scheduled"))
    reader.page.evaluate("window.loaded = true")
    ARTEFACTS.mkdir(exist_ok=True)
    for stage in night.STAGES:
        reader.page.clock.pause_at(night.instant(stage))
        reader.settle()
        reader.bucket.publish(night.at(stage))
        reader.poll()

        headline, title, fresh = HEADLINES[stage]
        expect(reader.page.locator("h1")).to_have_text(headline)
        expect(reader.page).to_have_title(title)
        expect(reader.page.locator("#fresh")).to_have_text(fresh)
        assert words(reader, "#board li") == CARDS[stage]
        assert ROWS[stage] in words(reader, "tbody tr")
        assert reader.page.locator(".stands").all_inner_texts() == STANDS[stage]
        assert totals(reader).startswith(TOTALS[stage])
        assert reader.page.locator("#banners li").count() == 0
        reader.page.screenshot(path=ARTEFACTS / f"tonight-{stage}.png")
    assert reader.page.evaluate("window.loaded")
    assert reader.complaints == []


@pytest.mark.parametrize(
    ("standing", "said"), [("off_day", "off-day"), ("break", "break"), ("off_season", "off-season")]
)
def test_no_games_is_what_the_calendar_says(tonight: published.Open, standing: Any, said: str) -> None:
    """A day without games says why; a break has its headline and its message too."""
    pause = status.Break("All-Star break", "Games resume on February 20.", None, None) if standing == "break" else None
    reader = tonight(night.files(night.off(standing, pause), LIVE, run_id="off"), LIVE + datetime.timedelta(hours=9))

    expect(reader.page.locator("#none")).to_have_text(f"No games today: {said}.")
    assert reader.page.locator(".game, #board:visible").count() == 0
    assert words(reader, "#banners li") == (["All-Star break. Games resume on February 20."] if pause else [])


def test_what_has_not_changed_is_not_touched(tonight: published.Open) -> None:
    """No node changes on a look that finds the same; one score more changes that score where it stands."""
    reader = tonight(night.at("live"), LIVE)
    reader.page.evaluate(COUNTED)
    reader.poll()
    assert reader.page.evaluate("window.touched") == 0

    documents = night.documents("live")
    first = dataclasses.replace(documents["live"].games[0], home_score=53)
    documents["live"] = dataclasses.replace(documents["live"], games=(first, *documents["live"].games[1:]))
    reader.bucket.publish(night.files(documents, LIVE + AFTER, run_id="next"))
    reader.poll()
    assert words(reader, "#board li")[0] == "MIL 48 OKC 53 Q2 5:32"
    assert 0 < reader.page.evaluate("window.touched") <= 4  # the card, the heading, and the words of the source


def test_a_change_of_the_score_is_told(tonight: published.Open) -> None:
    """Politely, and only what changed; nothing is read out when the page opens."""
    reader = tonight(night.at("live"), LIVE)
    news = reader.page.locator("#news")
    expect(news).to_have_text("")
    expect(news).to_have_attribute("aria-live", "polite")

    reader.bucket.publish(night.at("final"))
    reader.poll()
    expect(news).to_have_text("LAL 118, DAL 117, OT 2:05. MIL 102, OKC 110, Final.")
    reader.bucket.publish(night.at("graded"))
    reader.poll()
    expect(news).to_have_text("LAL 121, DAL 124, Final/OT.")


def test_the_keyboard_leads_to_a_game_and_stays_there(tonight: published.Open) -> None:
    """The focus is seen, stays on its game when the games change places, and Enter leads to the game's table."""
    reader = tonight(night.at("live"), LIVE, width=390)
    reader.page.keyboard.press("Tab")
    reader.page.keyboard.press("Tab")
    focused = reader.page.locator(":focus")
    assert (focused.locator("b").first.inner_text(), reader.page.locator("#board a").nth(1).inner_text()[:3]) == (
        "LAL",
        "LAL",
    )
    assert focused.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"

    reader.bucket.publish(night.at("final"))
    reader.poll()
    assert focused.locator("b").first.inner_text() == "LAL"
    assert reader.page.locator("#board a").first.inner_text()[:3] == "LAL"
    reader.page.keyboard.press("Enter")
    assert reader.page.url.endswith("#g-20260212_LAL_DAL")
    expect(reader.page.get_by_role("region", name="LAL 118 at DAL 117 OT 2:05")).to_be_in_viewport()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_tables_stay_tables_on_a_phone(tonight: published.Open, width: int) -> None:
    """Each has a name and headers of columns and rows, and no standing is told by colour or mark alone."""
    reader = tonight(night.at("graded"), night.instant("graded"), width=width)

    assert reader.page.get_by_role("table", name="Predictions of MIL at OKC").count() == 1
    assert reader.page.get_by_role("columnheader").all_text_contents()[:7] == [
        *("Player", "Line", "Pick", "Predicted", "Points", "Minutes", "Stands"),
    ]
    assert reader.page.get_by_role("rowheader").count() == len(night.PLAYERS)
    assert reader.page.get_by_role("cell").count() == 6 * len(night.PLAYERS)
    marks = reader.page.eval_on_selector_all(
        ".stands", "found => found.map(one => [one.querySelector('use').getAttribute('href'), one.textContent])"
    )
    assert len({mark for mark, _ in marks}) == len({word for _, word in marks if word}) == 5


def test_landmarks_and_headings_lead_through_the_page(tonight: published.Open) -> None:
    """One of each landmark, one first heading, and no level left out."""
    reader = tonight(night.at("live"), LIVE)
    levels = reader.page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(one => Number(one.tagName[1]))")

    for landmark in ("banner", "main", "contentinfo", "navigation"):
        assert reader.page.get_by_role(landmark).count() == 1
    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def unruly() -> night.Files:
    """Return files whose words are too long to be broken nicely, all of whose documents are degraded."""
    documents, long = night.documents("live"), "a_very_long_word_" * 12
    predictions = tuple(
        dataclasses.replace(one, player_name=long, team=long[:30]) for one in documents["live-grading"].predictions
    )
    documents["live-grading"] = dataclasses.replace(documents["live-grading"], predictions=predictions)
    issue = status.Issue("critical", long, LIVE)
    documents["status"] = dataclasses.replace(
        documents["status"],
        overall_status="unhealthy",
        known_issues=(issue,),
        active_break=status.Break(long, long, None, None),
    )
    wrong = {"status": "degraded", "reason": "shrank", "message": long, "since": LIVE}
    return night.files(documents, LIVE, run_id=long, live=wrong, live_grading={"forced": True}, tonight=wrong)


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_is_wider_than_the_screen(tonight: published.Open, width: int) -> None:
    """Neither on a plain night nor with long words and every banner."""
    reader = tonight(night.at("final"), FINAL, width=width)
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= width
    if width == 390:
        reader.page.screenshot(path=ARTEFACTS / "tonight-phone.png", full_page=True)

    reader = tonight(unruly(), LIVE + datetime.timedelta(hours=2), width=width)
    assert reader.page.locator("#banners li").count() == 9
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(tonight: published.Open, scheme: str) -> None:
    """By 4.5 to 1 at least, in both schemes, banners included; and its colours are those of the status page."""
    for files, at in ((night.at("live"), LIVE), (night.at("graded"), FINAL), (unruly(), FINAL)):
        measured = tonight(files, at, scheme=scheme).page.evaluate(contrast.MEASURED)

        assert len(measured) > 50
        assert [one for one in measured if one[0] < 4.5] == []
    written = FILE.read_text()
    assert all(colour in written for colour in (*style.ACCENTS.values(), *style.DARK_ACCENTS.values()))
