"""What the page of tonight does not do: run what documents say, ask elsewhere or unseen, show what it cannot trust."""

import dataclasses
import datetime
import pathlib
from typing import Any
from urllib import parse

import pytest
from playwright.sync_api import expect

from cloud_functions.live_export.documents import fields, status
from local import gateway, pages
from shared.exports import manifest
from tests.browser import night, published

FILE = pathlib.Path(pages.__file__).with_name("tonight.html")
LIVE = night.instant("live")
HOSTILE = '<img src=x onerror="window.hurt = 1"><script>window.hurt = 1</script>'
HIDE = """hidden => {
  Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def banners(reader: published.Reader) -> list[str]:
    """Return what the banners say, in order."""
    return [one.strip() for one in reader.page.locator("#banners p").all_inner_texts()]


def altered(name: str, **more: Any) -> dict[str, Any]:
    """Return the documents of a live stage, one of them altered."""
    documents = night.documents("live")
    return documents | {name: dataclasses.replace(documents[name], **more)}


def renamed(files: night.Files, document: str, **more: Any) -> night.Files:
    """Return files whose manifest tells something else of the content of a document."""
    entry = files.manifest.documents[document]
    assert entry.content
    entry = dataclasses.replace(entry, content=dataclasses.replace(entry.content, **more))
    whole = dataclasses.replace(files.manifest, documents={**files.manifest.documents, document: entry})
    return night.Files(whole, {**files.contents, "manifest.json": manifest.encode(whole)})


def test_text_of_documents_is_only_text(tonight: published.Open) -> None:
    """Markup in a name, a team, a clock, a status, a reason or a run is shown letter by letter; nothing of it runs."""
    documents = night.documents("live")
    told = [
        dataclasses.replace(one, player_name=HOSTILE, team=HOSTILE, status=HOSTILE, recommendation=HOSTILE)
        for one in documents["live-grading"].predictions
    ]
    documents["live-grading"] = dataclasses.replace(documents["live-grading"], predictions=tuple(told))
    games = [
        dataclasses.replace(one, time_remaining=HOSTILE, home_team=HOSTILE, status="in_progress")
        for one in documents["live"].games
    ]
    documents["live"] = dataclasses.replace(documents["live"], games=tuple(games))
    pause = status.Break(HOSTILE, HOSTILE, None, None)
    documents["status"] = dataclasses.replace(documents["status"], active_break=pause, overall_status=HOSTILE)
    wrong = {"status": "degraded", "reason": HOSTILE, "message": HOSTILE}
    reader = tonight(night.files(documents, LIVE, run_id=HOSTILE, live=wrong), LIVE)
    reader.poll()

    for where in ("tbody th", ".pick", ".stands", "h2", "#board", "#banners", "#source"):
        assert HOSTILE in (reader.page.locator(where).first.text_content() or "")
    assert HOSTILE in reader.page.title()
    assert reader.page.locator("img, main script").count() == 0
    assert reader.page.evaluate("window.hurt") is None
    assert reader.complaints == []


def test_words_that_are_names_of_the_language_are_only_words(tonight: published.Open) -> None:
    """A standing or a status called `constructor` is no standing that the page knows."""
    documents = altered("live", calendar=fields.Calendar("constructor", 0), games=())  # type: ignore[arg-type]
    first = dataclasses.replace(documents["live-grading"].predictions[0], status="constructor")
    documents["live-grading"] = dataclasses.replace(documents["live-grading"], predictions=(first,))
    reader = tonight(night.files(documents, LIVE, run_id="1"), LIVE)

    expect(reader.page.locator("#none")).to_be_hidden()
    assert reader.page.locator(".stands").inner_text() == "constructor"
    expect(reader.page.get_by_role("heading", name="Of no game that is listed")).to_be_visible()


def test_nobody_else_is_asked_and_nothing_is_complained_of(tonight: published.Open) -> None:
    """All requests of a night go to the page's own server and to the base address; no message in the console."""
    reader = tonight(night.at("scheduled"), night.instant("scheduled"))
    for stage in night.STAGES[1:]:
        reader.bucket.publish(night.at(stage))
        reader.poll()

    own = reader.page.url.partition("/tonight")[0]
    assert reader.asked[0] == f"{own}/tonight"
    assert {one.startswith((f"{own}/tonight", reader.bucket.base)) for one in reader.asked} == {True}
    assert (len(reader.bucket.served), reader.complaints) == (5 * len(night.STAGES), [])


def test_what_has_been_read_is_not_read_again(tonight: published.Open) -> None:
    """A look that finds nothing new asks for the manifest alone, and one with one new document for that one too."""
    reader = tonight(night.at("live"), LIVE)
    reader.bucket.served.clear()
    reader.poll()
    assert reader.bucket.served == ["manifest.json"]

    files = night.files(altered("live", poll_id="x"), LIVE + datetime.timedelta(seconds=30), run_id="2")
    reader.bucket.publish(files)
    reader.poll()
    content = files.manifest.documents["live"].content
    assert content
    assert reader.bucket.served[1:] == ["manifest.json", content.object]


def test_the_policy_stops_other_hosts(tonight: published.Open) -> None:
    """A base address elsewhere is never reached, and the page says that it could not read."""
    query = parse.urlencode({"base": "http://files.example/v1"})
    reader = tonight(night.at("live"), LIVE, query=f"?{query}")

    assert banners(reader) == ["Nothing could be read yet. manifest.json did not come, or not whole."]
    assert any("Content Security Policy" in complaint for complaint in reader.complaints)


@pytest.mark.parametrize(
    "base", ["javascript:window.hurt=1", "data:application/json,{}", "file:///etc/passwd", "http://["]
)
def test_a_base_that_is_no_address_is_told(tonight: published.Open, base: str) -> None:
    """Only what begins with http is an address to read from."""
    reader = tonight(None, LIVE, query=f"?{parse.urlencode({'base': base})}")

    assert banners(reader) == [f"Nothing could be read yet. {base} is no address to read from."]
    assert reader.bucket.served == []


def test_without_an_address_the_page_reads_its_own_server(chromium: Any) -> None:
    """Below /v1, where a site has its files; the gateway has none there, and that is what is said."""
    front = gateway.serve([])
    page = chromium.new_page()
    page.goto(f"http://127.0.0.1:{front.port}/tonight")

    expect(page.locator("#banners")).to_contain_text("manifest.json answers HTTP 404")
    expect(page.locator("#source")).to_have_text("")
    page.close()
    front.close()


def test_a_reader_who_may_not_read_is_told(tonight: published.Open) -> None:
    """A bucket that does not name the page's origin gives nothing, and the picture stays."""
    reader = tonight(night.at("live"), LIVE)
    reader.bucket.readers.clear()
    reader.bucket.publish(night.at("final"))
    reader.poll()

    assert "did not come, or not whole" in banners(reader)[0]
    expect(reader.page.locator("h1")).to_have_text("Tonight: 1 live, 1 to come")


def test_nothing_is_asked_while_nobody_looks(tonight: published.Open) -> None:
    """A hidden tab rests, and looks at once when it is seen again."""
    reader = tonight(night.at("live"), LIVE)
    reader.page.evaluate(HIDE, arg=True)
    reader.bucket.served.clear()
    reader.poll(600)
    assert reader.bucket.served == []

    reader.bucket.publish(night.at("final"))
    reader.page.evaluate(HIDE, arg=False)
    reader.settle()
    expect(reader.page.locator("h1")).to_have_text("Tonight: 1 live, 1 final")
    reader.bucket.served.clear()
    reader.poll()
    assert reader.bucket.served == ["manifest.json"]


def test_a_tab_that_is_opened_unseen_asks_for_nothing(tonight: published.Open) -> None:
    """Until it is seen for the first time."""
    reader = tonight(night.at("live"), LIVE)
    reader.page.add_init_script("Object.defineProperty(document, 'hidden', {configurable: true, get: () => true})")
    reader.bucket.served.clear()
    reader.page.reload()
    reader.poll(60)
    assert reader.bucket.served == []

    reader.page.evaluate(HIDE, arg=False)
    reader.settle()
    expect(reader.page.locator("h1")).to_have_text("Tonight: 1 live, 1 to come")


@pytest.mark.parametrize(("every", "seconds"), [("5", 5), ("0", 15), ("x", 15), ("0.1", 1), ("", 15)])
def test_the_pause_between_two_looks_is_asked_for(tonight: published.Open, every: str, seconds: int) -> None:
    """In seconds, at least one; 15 unless said otherwise. What else the address says stays when the base is added."""
    reader = tonight(night.at("live"), LIVE, query=f"?every={every}")
    reader.bucket.served.clear()
    reader.poll(seconds - 0.01)
    assert reader.bucket.served == []
    reader.poll(0.01)
    assert reader.bucket.served == ["manifest.json"]


@pytest.mark.parametrize(
    "place", ["objects/../../secret.json", "objects/%2e%2e/%2e%2e/secret.json", "live/latest.json", "//other/x"]
)
def test_only_objects_below_the_base_are_read(tonight: published.Open, place: str) -> None:
    """A manifest that names another place is not followed."""
    reader = tonight(renamed(night.at("live"), "live", object=place), LIVE)

    assert banners(reader)[0].startswith(f"Nothing could be read yet. {place} is n")
    assert all(one.startswith(("manifest.json", "objects/")) for one in reader.bucket.served)


def test_content_of_another_day_is_not_shown(tonight: published.Open) -> None:
    """Yesterday's scores are not tonight's: the games come from the players' document, and the banner says so."""
    yesterday = night.DAY - datetime.timedelta(days=1)
    reader = tonight(renamed(night.at("final"), "live", day=yesterday), night.instant("final"))

    assert banners(reader) == ["Scores: none of this day. The newest are of Wed, Feb 11, 2026, and are not shown."]
    expect(reader.page.get_by_role("heading", name="LAL 118 at DAL 117 In progress")).to_be_visible()


@pytest.mark.parametrize("missing", ["nothing yet", "no entry"])
def test_a_document_that_is_not_there_is_told(tonight: published.Open, missing: str) -> None:
    """Games are shown without predictions, and the page does not claim that there are none."""
    documents = night.documents("live") | {"live-grading": None}
    if missing == "no entry":
        del documents["live-grading"]
    reader = tonight(night.files(documents, LIVE, run_id="1"), LIVE)

    assert banners(reader)[0].startswith("Predictions: not published")
    assert set(reader.page.locator(".calm").all_inner_texts()) == {"Its predictions are not published."}
    expect(reader.page.locator("#summary")).to_be_hidden()


def test_a_list_without_the_games_of_the_calendar_is_told(tonight: published.Open) -> None:
    """An empty list is not called a day without games."""
    reader = tonight(night.files(altered("live", games=()), LIVE, run_id="1"), LIVE)

    assert banners(reader) == ["No games are listed. The calendar has 2 for this day."]
    expect(reader.page.locator("#none")).to_be_hidden()


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("live", {"games": ({"game_id": 1},)}),
        ("live", {"calendar": None}),
        ("live", {"game_date": night.DAY + datetime.timedelta(days=1)}),
        ("live-grading", {"predictions": None}),
        ("live-grading", {"summary": {}}),
        ("tonight", {"games": {}}),
        ("status", {"services": {"live_data": None}}),
        ("status", {"known_issues": None}),
    ],
)
def test_a_document_of_another_shape_is_not_painted(tonight: published.Open, name: str, more: Any) -> None:
    """Half a picture would be worse than the last whole one."""
    reader = tonight(night.at("scheduled"), LIVE)
    reader.bucket.publish(night.files(altered(name, **more), LIVE, run_id="2"))
    reader.poll()

    assert "has not the expected shape" in banners(reader)[0]
    expect(reader.page.locator("h1")).to_have_text("Tonight: 2 to come")


def test_what_a_person_forced_or_the_provider_dropped_is_told(tonight: published.Open) -> None:
    """Content that was published over a refusal, and scores that were kept from the last document."""
    kept = tuple(dataclasses.replace(game, score_source="kept") for game in night.documents("live")["live"].games)
    reader = tonight(night.files(altered("live", games=kept), LIVE, run_id="1", live={"forced": True}), LIVE)

    assert banners(reader) == ["Scores: published by hand. A person put this content over a refusal."]
    expect(reader.page.locator(".game .state").first).to_have_text("Q2 5:32, last known")


def test_the_page_turns_no_text_into_markup() -> None:
    """Its file is the whole page: it loads nothing, and has none of the ways from text to markup."""
    written = FILE.read_text()

    for way in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "DOMParser",
        " src=",
        "@import",
    ):
        assert way not in written
    assert (written.count("<script"), written.count("<style"), written.count("<link")) == (1, 1, 1)
