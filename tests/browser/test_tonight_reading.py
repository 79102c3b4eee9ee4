"""How the page of tonight reads what is published: whole, of one manifest, and honest about what it could not read."""

import dataclasses
import datetime
import pathlib
from typing import Any

import pytest
from playwright.sync_api import expect

from cloud_functions.live_export.documents import status
from tests.browser import night, published

ARTEFACTS = pathlib.Path(__file__).resolve().parents[2] / ".artefacts"
LIVE, SCHEDULED, FINAL = (night.instant(stage) for stage in ("live", "scheduled", "final"))
WATCHED = """() => {
  window.pairs = [];
  new MutationObserver(() => window.pairs.push([
    document.querySelector('#board .side:nth-child(2) span').textContent,
    document.querySelector('tbody .points').textContent,
  ])).observe(document.querySelector('main'), {subtree: true, childList: true, characterData: true, attributes: true});
}"""


def banners(reader: published.Reader) -> list[str]:
    """Return what the banners say, in order."""
    return [one.strip() for one in reader.page.locator("#banners p").all_inner_texts()]


def minutes(count: float) -> datetime.timedelta:
    """Return so many minutes."""
    return datetime.timedelta(minutes=count)


def path(files: night.Files, document: str) -> str:
    """Return the path of a document's immutable object."""
    content = files.manifest.documents[document].content
    assert content
    return content.object


def headline(reader: published.Reader) -> str:
    """Return the first heading."""
    return reader.page.locator("h1").inner_text()


def test_a_degraded_document_says_why_and_since_when(tonight: published.Open) -> None:
    """Its last good content is shown below the banner, of which a picture is kept."""
    wrong = {
        "status": "degraded",
        "reason": "provider_failed",
        "message": "the provider answered 401",
        "since": SCHEDULED,
    }
    reader = tonight(night.at("live", live=wrong), LIVE)
    reader.page.screenshot(path=ARTEFACTS / "tonight-degraded.png")

    assert banners(reader) == ["Scores: degraded since 19:05 ET. the provider answered 401 (provider_failed)"]
    assert headline(reader) == "Tonight: 1 live, 1 to come"


def test_old_data_are_frozen_while_games_are_played(tonight: published.Open) -> None:
    """Ten minutes are allowed and one more is not, without anything new being published."""
    reader = tonight(night.at("live"), LIVE + minutes(10))
    assert banners(reader) == []

    for _ in range(4):
        reader.poll()
    told = "They are of 20:10 ET, more than 10 min old while games are being played."
    assert banners(reader) == [f"Scores: frozen. {told}", f"Predictions: frozen. {told}"]
    expect(reader.page.locator("#fresh")).to_have_text("As of 20:10 ET, 11 min ago")


@pytest.mark.parametrize(
    ("stage", "later", "frozen"),
    [("scheduled", 20, False), ("scheduled", 25, True), ("scheduled", 600, True), ("graded", 600, False)],
)
def test_old_data_are_frozen_once_a_game_should_have_begun(
    tonight: published.Open, stage: str, later: int, *, frozen: bool
) -> None:
    """Before the first tip-off and after the last final nothing moves, so nothing is called frozen."""
    reader = tonight(night.at(stage), night.instant(stage) + minutes(later))

    assert any("frozen" in told and "after a tip-off" in told for told in banners(reader)) is frozen


@pytest.mark.parametrize("overall", ["degraded", "unhealthy"])
def test_the_status_document_is_told(tonight: published.Open, overall: Any) -> None:
    """With what it says of each part that is not healthy, and its known issues."""
    documents = night.documents("live")
    good = status.Service("healthy", "fine", LIVE, 0, is_stale=False)
    bad = status.Service(overall, "are late", LIVE, 0, is_stale=False)
    documents["status"] = dataclasses.replace(
        documents["status"],
        overall_status=overall,
        services={"live_data": good, "tonight_data": bad},
        known_issues=(status.Issue("warning", "no odds", LIVE),),
    )
    reader = tonight(night.files(documents, LIVE, run_id="1"), LIVE)

    assert banners(reader) == [f"The site is {overall}. tonight data: are late; no odds"]


@pytest.mark.parametrize("document", ["live", "live-grading", "tonight", "status"])
@pytest.mark.parametrize(
    ("fault", "said"),
    [("missing", "answers HTTP 404"), ("half", "did not come, or not whole"), ("short", "bytes, not")],
)
def test_an_object_that_cannot_be_read_leaves_the_last_good_picture(
    tonight: published.Open, document: str, fault: Any, said: str
) -> None:
    """All of it stays, the banner says why, and the next good look shows the new one."""
    reader = tonight(night.at("live"), LIVE)
    following = night.at("final")
    where = path(following, document)
    reader.bucket.publish(following)
    if fault == "missing":
        del reader.bucket.contents[where]
    else:
        reader.bucket.faults[where] = fault
    reader.poll()

    (told,) = banners(reader)
    assert told.startswith(f"What is shown may be out of date. {where} ")
    assert said in told
    assert told.endswith("The last good picture stays; it was read at 20:10:00 ET.")
    assert (headline(reader), reader.page.locator("tbody .points").first.inner_text()) == (
        "Tonight: 1 live, 1 to come",
        "18",
    )
    reader.bucket.faults.clear()
    reader.bucket.publish(following)
    reader.poll()
    assert (headline(reader), banners(reader)) == ("Tonight: 1 live, 1 final", [])


def test_bytes_of_the_same_length_that_are_others_are_refused(tonight: published.Open) -> None:
    """What an object holds is what its manifest says, down to the digit."""
    reader = tonight(night.at("live"), LIVE)
    following = night.at("final")
    reader.bucket.publish(following)
    where = path(following, "live")
    reader.bucket.contents[where] = reader.bucket.contents[where].replace(b'"home_score":110', b'"home_score":990')
    reader.poll()

    assert "has not the content that the manifest names" in banners(reader)[0]
    assert "990" not in reader.page.locator("body").inner_text()


def test_silence_ends_after_ten_seconds(tonight: published.Open) -> None:
    """A server that never answers is given up, and asked again."""
    reader = tonight(night.at("live"), LIVE)
    following = night.at("final")
    reader.bucket.publish(following)
    reader.bucket.faults[path(following, "live")] = "silent"
    reader.page.clock.run_for(15_000)
    while path(following, "live") not in reader.bucket.served:
        reader.page.wait_for_timeout(5)
    reader.poll(10)

    assert "did not come within 10 s" in banners(reader)[0]
    reader.bucket.faults.clear()
    reader.poll()
    assert (headline(reader), banners(reader)) == ("Tonight: 1 live, 1 final", [])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "manifest.json answers HTTP 404"),
        (b'{"schema_version":1,"doc', "manifest.json is no JSON"),
        (b'"1"', "manifest.json is no JSON"),
        (b'{"schema_version":2,"documents":{}}', "manifest.json has another schema version"),
        (b'{"schema_version":1}', "manifest.json names no documents"),
    ],
)
def test_a_bad_manifest_is_never_no_games(tonight: published.Open, content: bytes | None, said: str) -> None:
    """Before anything was read, the page says that nothing could be; after it, the last good picture stays."""
    reader = tonight(None, LIVE)
    assert banners(reader) == ["Nothing could be read yet. manifest.json answers HTTP 404."]
    assert "No games" not in reader.page.locator("body").inner_text()
    reader.bucket.publish(night.at("live"))
    reader.poll()
    assert (headline(reader), banners(reader)) == ("Tonight: 1 live, 1 to come", [])

    reader.bucket.contents.pop("manifest.json")
    reader.bucket.contents.update({"manifest.json": content} if content else {})
    reader.poll()
    assert said in banners(reader)[0]
    assert headline(reader) == "Tonight: 1 live, 1 to come"


def test_an_older_manifest_is_not_shown(tonight: published.Open) -> None:
    """A stale copy on the way, or a clock that went back, never takes the picture back."""
    reader = tonight(night.at("live"), LIVE)
    reader.bucket.publish(night.at("scheduled"))
    reader.poll()

    assert "manifest.json is older than what is shown" in banners(reader)[0]
    assert headline(reader) == "Tonight: 1 live, 1 to come"


def numbered(count: int) -> night.Files:
    """Return files whose score and points are both this number."""
    documents = night.documents("live")
    scored, graded = documents["live"], documents["live-grading"]
    game = dataclasses.replace(scored.games[0], home_score=count)
    first = dataclasses.replace(graded.predictions[0], actual=count)
    documents["live"] = dataclasses.replace(scored, games=(game, *scored.games[1:]))
    documents["live-grading"] = dataclasses.replace(graded, predictions=(first, *graded.predictions[1:]))
    return night.files(documents, LIVE + datetime.timedelta(seconds=count), run_id=str(count))


@pytest.mark.parametrize("pruned", [False, True], ids=["old objects stay", "old objects go at once"])
def test_documents_of_two_manifests_are_never_mixed(tonight: published.Open, *, pruned: bool) -> None:
    """While everything changes between any two reads, all that is ever on the screen belongs together."""
    reader = tonight(numbered(0), LIVE)
    reader.page.evaluate(WATCHED)
    asked = 0

    def swap(_: str) -> None:
        nonlocal asked
        asked += 1
        # Mostly between two objects of one manifest; now and then a whole look goes undisturbed.
        if asked % 7 in (2, 3, 5):
            if pruned:
                reader.bucket.contents.clear()
            reader.bucket.publish(numbered(asked))

    reader.bucket.before.append(swap)
    for _ in range(40):
        reader.poll()
    reader.bucket.before.clear()
    reader.bucket.publish(numbered(10_000))
    reader.poll()
    pairs = [tuple(pair) for pair in reader.page.evaluate("window.pairs")]

    assert [pair for pair in pairs if pair[0] != pair[1]] == []
    assert len(set(pairs)) > 5
    assert pairs[-1] == ("10000", "10000")
    assert banners(reader) == []
