"""Reading the site over HTTP as a browser does, while it behaves and while it does not."""

import dataclasses
import datetime
from typing import Any

import pytest

from cloud_functions.live_freshness_monitor import declaration, judge, run, seen
from cloud_functions.live_freshness_monitor import site as reading
from shared import calendars, contract, gamedays, pipeline, settings
from shared.exports import layout, manifest
from shared.gcp import clients
from tests.cloud_functions.live_freshness_monitor import newsstand, papers
from tests.cloud_functions.live_freshness_monitor.newsstand import Fault
from tests.cloud_functions.live_freshness_monitor.papers import Evening

NOW = datetime.datetime(2026, 2, 13, 1, 30, tzinfo=datetime.UTC)
GOOD = Evening(NOW)
NIGHT = seen.Night(calendars.Standing.GAMES, calendars.Day(3, 3, 1, 2), calendars.Day(3, 3, 1, 2))


def asked(site: newsstand.Newsstand, **changes: float) -> seen.Asked:
    """Return what is judged, at this site."""
    documents = tuple(declaration.Document(name, "game_date") for name in papers.NAMES)
    declared = declaration.Freshness(site.url, documents, seconds=3.0, again_seconds=0.0)
    declared = dataclasses.replace(declared, **changes)  # type: ignore[arg-type] # numbers only
    return seen.Asked(declared, documents, papers.DAY, today=True, now=NOW, night=NIGHT)


def reasons(site: newsstand.Newsstand, **changes: float) -> list[str]:
    """Return the reasons that are found: of the manifest, of live, of live-grading."""
    judging = asked(site, **changes)
    return [one.reason for one in judge.findings(judging, reading.look(judging))]


def test_every_copy_is_read_once_with_gzip_taken(site: newsstand.Newsstand) -> None:
    """The manifest first, then three copies of each document; a good site is read once."""
    site.objects.update(papers.published(GOOD))

    assert reasons(site) == ["fresh"] * 3
    assert site.reads[0][0] == layout.MANIFEST
    assert sorted(path for path, _ in site.reads) == sorted(site.objects)
    assert all("gzip" in accepted for _, accepted in site.reads)


def test_a_past_day_is_read_by_its_own_manifest(site: newsstand.Newsstand) -> None:
    """And not by the latest pointers, which tell of another day by then."""
    objects = papers.published(GOOD)
    site.objects.update(objects | {layout.of_day(papers.DAY): objects[layout.MANIFEST]})
    past = dataclasses.replace(asked(site), today=False)

    assert [one.reason for one in judge.findings(past, reading.look(past))] == ["fresh"] * 3
    assert {path for path, _ in site.reads} == {layout.of_day(papers.DAY)} | {
        path for path in objects if "latest" not in path and path != layout.MANIFEST
    }


@pytest.mark.parametrize(
    ("fault", "wanted"),
    [
        (Fault(404), "missing"),
        (Fault(403), "access_denied"),
        (Fault(500), "unreachable"),
        (Fault(503), "unreachable"),
        (Fault(429), "unreachable"),
        (Fault(301, location="/v1/manifest.json"), "refused"),
        (Fault(failure="close"), "unreachable"),
        (Fault(failure="cut"), "unreachable"),
        (Fault(failure="half_gzip"), "undecodable"),
        (Fault(failure="no_gzip"), "undecodable"),
        (Fault(cache=None), "uncached"),
        (Fault(cache="public, max-age=3600"), "cache_too_long"),
    ],
    ids=str,
)
@pytest.mark.parametrize("place", ["manifest", "live/latest"])
def test_each_way_to_misbehave_has_its_reason(site: newsstand.Newsstand, place: str, fault: Fault, wanted: str) -> None:
    """Of the manifest and of a document; the other document stays as it was, or is not known."""
    site.objects.update(papers.published(GOOD))
    site.faults[place] = fault
    found = reasons(site)

    assert found[0 if place == "manifest" else 1] == wanted
    known = place != "manifest" or "cache" in wanted
    assert found[2] == ("fresh" if known else "no_manifest")


@pytest.mark.parametrize("failure", ["hang", "drip"])
def test_a_site_that_does_not_end_is_unreachable(site: newsstand.Newsstand, failure: newsstand.Failure) -> None:
    """One that says nothing, and one that says a byte now and then: the budget is for all reads together."""
    site.objects.update(papers.published(GOOD))
    site.faults["live/2026"] = Fault(failure=failure)

    assert reasons(site, seconds=0.6) == ["fresh", "unreachable", "fresh"]


def test_a_port_that_nobody_listens_on_is_unreachable(site: newsstand.Newsstand) -> None:
    """Everything that is declared is still told."""
    nowhere = asked(site)
    nowhere = dataclasses.replace(nowhere, declared=dataclasses.replace(nowhere.declared, url="http://127.0.0.1:9/v1"))

    found = judge.findings(nowhere, reading.look(nowhere))
    assert [one.reason for one in found] == ["unreachable", "no_manifest", "no_manifest"]


def test_a_document_above_the_limit_is_not_read_on(site: newsstand.Newsstand) -> None:
    """A site that hands out without end must not fill the memory."""
    large = GOOD.document("live") | {"games": ["x" * 50_000]}
    site.objects.update(papers.published(GOOD, live=large))

    assert reasons(site, most_bytes=20_000) == ["fresh", "unreachable", "fresh"]


def test_a_publish_between_two_reads_is_no_alteration(site: newsstand.Newsstand) -> None:
    """The pages were new already, and the manifest not yet: read once more, they belong together."""
    new = papers.published(dataclasses.replace(GOOD, live=1, final=2))
    site.objects.update(papers.published(GOOD) | {path: new[path] for path in new if path != layout.MANIFEST})
    site.later[2] = {layout.MANIFEST: new[layout.MANIFEST]}

    assert reasons(site) == ["fresh"] * 3
    assert [path for path, _ in site.reads].count(layout.MANIFEST) == 2


def test_what_stays_altered_is_told_after_two_looks(site: newsstand.Newsstand) -> None:
    """A third is not taken."""
    site.objects.update(papers.published(GOOD))
    site.objects["live/latest.json"] = b'{"game_date": "2026-02-12"}'

    assert reasons(site) == ["fresh", "altered", "fresh"]
    assert [path for path, _ in site.reads].count(layout.MANIFEST) == 2


def test_a_manifest_leads_nowhere_else(site: newsstand.Newsstand) -> None:
    """Whatever it names is read below the base: no other host, no query."""
    objects = papers.changed(papers.published(GOOD), live__path="//other.example/x?y=1")
    site.objects.update(objects)

    assert reasons(site) == ["fresh", "missing", "fresh"]
    assert "other.example/x%3Fy%3D1" in [path for path, _ in site.reads]


def test_a_newer_manifest_is_not_guessed_at(site: newsstand.Newsstand) -> None:
    """Another schema version is undecodable, and said to be one."""
    site.objects.update(papers.changed(papers.published(GOOD), manifest__schema_version=2))
    judging = asked(site)
    (found, *_) = judge.findings(judging, reading.look(judging))

    assert (found.reason, found.message) == ("undecodable", "the manifest has schema version 2, not 1")
    assert isinstance(manifest.decode(papers.published(GOOD)[layout.MANIFEST]), manifest.Manifest)


def test_a_manifest_that_is_gone_at_the_second_look_is_left_to_the_next_run(site: newsstand.Newsstand) -> None:
    """Nothing is known but what the first look found: the pages that did not belong to it."""
    site.objects.update(papers.published(GOOD))
    site.objects["live/latest.json"] = b'{"game_date": "2026-02-12"}'
    site.later[2] = {layout.MANIFEST: b"<html>"}

    assert reasons(site) == ["fresh", "altered", "fresh"]


@pytest.mark.parametrize(("timeout", "called"), [(60.0, False), (600.0, True)])
def test_a_call_that_would_come_too_late_is_not_made(
    site: newsstand.Newsstand,
    timeout: float,
    called: bool,  # noqa: FBT001 - a claim
) -> None:
    """What is left of the function's time after its reserve is what a call may take."""

    def mend(_body: dict[str, Any]) -> dict[str, Any]:
        site.objects.update(papers.published(GOOD))
        return newsstand.REPORT

    site.objects[layout.MANIFEST] = b"<html>"
    site.export = mend
    export = declaration.Export(f"{site.address}/live_export")
    declared = dataclasses.replace(asked(site).declared, export=export)
    both = declaration.Declared(declared, pipeline.Pipeline(gamedays.GameDay("America/New_York", 4)))
    deployed = dataclasses.replace(settings.read({"GOOGLE_CLOUD_PROJECT": "some-project"}), timeout=timeout)
    used = clients.connect(deployed.project)
    told = run.watch(contract.Run(NOW, "r", both, declaration.Request(), deployed, used, lambda: None))

    # Without a calendar nothing can be judged by it; but what cannot be read is bad on any day.
    found = {one.subject: one.reason for one in told.findings}
    assert found["live_export"] == ("not_mended" if called else "no_time")
    assert found["manifest"] == ("no_calendar" if called else "undecodable")
    assert len(site.calls) == called
