"""The status page in a real browser without JavaScript: it fits, can be read by all, and asks for nothing."""

import itertools
import pathlib
import shutil
from typing import Any

import pytest

from cloud_functions.daily_health_check.page import rendering
from shared.statuses import Status
from tests.browser import chromium, conftest, contrast, morning, newsroom

ARTEFACTS = pathlib.Path(__file__).resolve().parents[2] / ".artefacts"


def rendered() -> str:
    """Return the page of a morning."""
    return rendering.render(morning.told(), newsroom.NOW)


def unruly() -> str:
    """Return a page of every status whose words are too long to be broken nicely."""
    long = "a_very_long_word_" * 20
    run = newsroom.run("f" * 80, "s" * 80, status=Status.FAIL, summary=long, bytes_billed=10)
    texts: dict[str, Any] = dict.fromkeys(("message", "reason", "observed_text", "caused_by"), long)
    found = [
        newsroom.said(run, long + status.value, status, fix=f"see: gcloud --flag={long}", **texts) for status in Status
    ]
    return rendering.render(newsroom.told(*found, runs=(run,), expected={"g" * 90: long}), newsroom.NOW)


def many() -> str:
    """Return a page with so many findings that some are folded away."""
    run = newsroom.run("f", status=Status.FAIL)
    return rendering.render(
        newsroom.told(*(newsroom.said(run, f"s{n:02}") for n in range(25)), runs=(run,)), newsroom.NOW
    )


@pytest.mark.parametrize("width", [320, 390, 768, 960, 1280])
@pytest.mark.parametrize("document", [rendered(), unruly()], ids=["a morning", "long words"])
def test_nothing_is_wider_than_the_screen(look: conftest.Look, document: str, width: int) -> None:
    """Whatever is folded away included; nothing scrolls sideways on a small phone or a desktop."""
    seen = look(document, width=width)
    for summary in seen.page.locator("summary").all():
        summary.click()

    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    assert seen.page.evaluate("document.querySelectorAll('details:not([open])').length") == 0


def test_the_page_asks_for_nothing_and_the_browser_has_no_complaint(look: conftest.Look) -> None:
    """One request, that of the page itself; no message in the console, about the policy or anything else."""
    seen = look(rendered())

    assert (seen.asked, seen.served, seen.complaints) == (["/"], ["/"], [])


def test_the_policy_stops_what_would_ask(look: conftest.Look) -> None:
    """If an image slipped in all the same, it is not loaded, and the complaint is seen."""
    seen = look(rendered().replace("<main>", '<main><img src="/x.png" alt="">'))

    assert seen.served == ["/"]
    assert any("Content Security Policy" in complaint for complaint in seen.complaints)


def test_landmarks_and_headings_lead_through_the_page(look: conftest.Look) -> None:
    """One of each landmark, one first heading, no level left out, and every part is named."""
    seen = look(rendered())
    levels = seen.page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(one => Number(one.tagName[1]))")

    for landmark in ("banner", "main", "contentinfo", "navigation"):
        assert seen.page.get_by_role(landmark).count() == 1
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    for name in ("Wrong now", "Reporters", "Good"):
        assert seen.page.get_by_role("region", name=name, exact=True).count() == 1


@pytest.mark.parametrize("width", [390, 1280])
def test_the_table_stays_a_table_on_a_phone(look: conftest.Look, width: int) -> None:
    """Its rows have headers, also where they are laid out as blocks, and every chart has a name."""
    seen = look(rendered(), width=width)
    rows = len({(run.function, run.scope) for run in morning.told().runs}) + 1
    charts = seen.page.get_by_role("img")

    assert seen.page.get_by_role("table").count() == 1
    assert seen.page.get_by_role("rowheader").count() == rows
    assert seen.page.locator("tbody th[role=rowheader]").count() == rows  # Safari goes by nothing else
    assert charts.count() > rows
    assert all("run" in (chart.locator("title").text_content() or "") for chart in charts.all())


def test_what_is_folded_away_opens_by_a_click(look: conftest.Look) -> None:
    """And a link leads to its part; neither needs a script."""
    seen = look(many(), height=400)
    hidden = seen.page.get_by_text("s24 is not as expected")

    assert not hidden.is_visible()
    seen.page.get_by_text("5 more").click()
    assert hidden.is_visible()
    seen.page.get_by_role("link", name="Reporters").click()
    assert seen.page.evaluate("window.scrollY") > 400


def test_a_click_selects_a_whole_command(look: conftest.Look) -> None:
    """What is copied is the command, with its spaces and without line breaks, also where it is broken on the screen."""
    seen = look(rendered(), width=390)
    seen.page.locator("pre", has_text="self-heal-predictions").click()
    fix = next(fix for name, *_, fix in morning.JOBS if name == "self-heal-predictions")

    assert seen.page.evaluate("getSelection().toString()").strip() == fix


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(look: conftest.Look, scheme: str) -> None:
    """By 4.5 to 1 at least, in both schemes, and in the accent of every status."""
    for document in (rendered(), unruly()):
        seen = look(document, scheme=scheme)
        for summary in seen.page.locator("summary").all():
            summary.click()
        measured = seen.page.evaluate(contrast.MEASURED)

        assert len(measured) > 50
        assert [one for one in measured if one[0] < 4.5] == []
    accents = seen.page.evaluate("[...document.querySelectorAll('main .badge')].map(e => getComputedStyle(e).color)")
    assert len(set(accents)) == len(Status)


def test_the_dark_scheme_is_dark(look: conftest.Look) -> None:
    """The ground follows the reader's choice."""
    grounds = [
        look(rendered(), scheme=scheme).page.evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    ]

    assert grounds == ["rgb(252, 252, 251)", "rgb(20, 20, 23)"]


def test_a_print_is_light_and_shows_all_that_is_wrong(look: conftest.Look) -> None:
    """On paper nothing can be opened: what is folded away is there, and what only leads elsewhere is not."""
    seen = look(many(), scheme="dark")
    seen.page.emulate_media(media="print")

    assert seen.page.get_by_text("s24 is not as expected").is_visible()
    assert not seen.page.get_by_role("navigation").is_visible()
    assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(252, 252, 251)"


@pytest.mark.parametrize(("name", "width", "height"), [("phone", 390, 844), ("desktop", 1280, 900)])
def test_the_verdict_is_seen_first(look: conftest.Look, name: str, width: int, height: int) -> None:
    """The verdict and the first thing that is wrong are on the first screen, of which a picture is kept."""
    seen = look(rendered(), width=width, height=height)
    ARTEFACTS.mkdir(exist_ok=True)
    seen.page.screenshot(path=ARTEFACTS / f"status-page-{name}.png")

    for shown in (seen.page.get_by_role("heading", level=1), seen.page.locator(".item").first):
        box = shown.bounding_box()
        assert box is not None
        assert 0 <= box["y"] <= box["y"] + box["height"] <= height


def test_a_missing_browser_fails_and_is_not_passed_over() -> None:
    """With words that say what to do; a browser that is named is taken, or none."""
    assert chromium.find({}, lambda name: f"/bin/{name}" if name == "google-chrome" else None) == "/bin/google-chrome"
    assert chromium.find({"CHROMIUM": "/opt/it"}, lambda name: name) == "/opt/it"
    for variables in ({}, {"CHROMIUM": "/gone"}):
        with pytest.raises(pytest.fail.Exception, match="install one, or name it in CHROMIUM"):
            chromium.find(variables, lambda _: None)
    with pytest.raises(pytest.fail.Exception):
        chromium.find({"CHROMIUM": "/gone"}, lambda name: None if name == "/gone" else shutil.which("sh"))
