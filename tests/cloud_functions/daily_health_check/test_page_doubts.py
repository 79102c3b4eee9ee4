"""The status page in doubt: causes stand above what follows from them, and what is not certain never looks good."""

import dataclasses
import datetime
import re
from typing import Any

import pytest

from cloud_functions.daily_health_check.page import charts, rendering
from shared import history
from shared.statuses import Status
from tests.browser import morning, newsroom, reading

RUN = newsroom.run("f", "s", status=Status.FAIL)
OTHER = newsroom.run("g", status=Status.FAIL)


def rendered(*found: history.Said, runs: tuple[history.Run, ...] = (RUN, OTHER), **more: Any) -> str:
    """Return the page of these findings and runs."""
    return rendering.render(newsroom.told(*found, runs=runs, **more), newsroom.NOW)


def green(document: str) -> bool:
    """Return whether anything on the page but its legend has the accent of what is good."""
    plain = re.sub(r'<div class="legend">.*?</div>|<style>.*?</style>|<symbol.*?</symbol>', "", document)
    return re.search(r'class="[^"]*\bpass\b', plain) is not None


def test_what_follows_stands_below_its_cause() -> None:
    """Also when the cause is in another function's report; there a link stands in its place."""
    cause = newsroom.said(OTHER, "cause", kind="job")
    near = newsroom.said(OTHER, "near", caused_by="job:cause")
    far = newsroom.said(RUN, "far", caused_by="job:cause")
    document = rendered(cause, near, far, newsroom.said(OTHER, "alone"))

    assert reading.nested(document) == {"alone": [], "cause": ["far", "near"]}
    assert re.search(r'1 finding shown below the cause: <a href="#w\d+">cause</a>', document)
    assert "f · s</span>" in document


def test_a_cause_stands_where_the_worst_that_follows_from_it_would() -> None:
    """A warning that fails others comes before another failure, if what it fails is worse."""
    warned = newsroom.said(RUN, "warned", Status.WARN, kind="job")
    failed = newsroom.said(RUN, "a", caused_by="job:warned")

    assert list(reading.nested(rendered(newsroom.said(RUN, "b"), warned, failed))) == ["warned", "b"]


def test_a_chain_stands_below_its_first_cause() -> None:
    """One level deep however long it is, and each says what it follows from; so a long one is no trouble."""
    chain = [newsroom.said(RUN, f"c{n:04}", caused_by=f"percent:c{n - 1:04}" if n else None) for n in range(700)]
    document = rendered(*chain)

    assert list(reading.nested(document)) == ["c0000"]
    assert len(reading.nested(document)["c0000"]) == 699
    assert "follows from percent:c0001" in document
    assert "follows from percent:c0000" not in document


def test_findings_that_cause_each_other_are_all_there() -> None:
    """The worst of a circle is taken for its cause; one that names itself, or nobody known, stands on its own."""
    circle = [
        newsroom.said(RUN, "a", Status.WARN, caused_by="percent:b"),
        newsroom.said(RUN, "b", caused_by="percent:a"),
        newsroom.said(RUN, "a lead", caused_by="percent:a"),
        newsroom.said(RUN, "self", caused_by="percent:self"),
        newsroom.said(RUN, "orphan", caused_by="percent:gone"),
    ]

    assert reading.nested(rendered(*circle)) == {"b": ["a lead", "a"], "orphan": [], "self": []}


def test_the_nearest_of_two_causes_of_one_name_is_the_cause() -> None:
    """Its own report's rather than that of another."""
    twins = [newsroom.said(of, "twin") for of in (RUN, OTHER)]
    document = rendered(*twins, newsroom.said(OTHER, "x", caused_by="percent:twin"))
    groups = reading.part(document, "wrong").split("<h3>")

    assert ['class="follows"' in group for group in groups] == [False, False, True]
    assert groups[2].startswith("g")
    assert 'class="origin"' not in document


def test_nothing_good_is_shown_when_the_ledger_could_not_be_read() -> None:
    """The page says why, keeps what was known to be bad, and tells nothing as good or as never reported."""
    problem = "bigquery: 403 access denied to ops.runs"
    for told in (morning.told(), newsroom.told(expected=morning.EXPECTED), newsroom.told()):
        document = rendering.render(dataclasses.replace(told, problem=problem), newsroom.NOW)

        assert reading.headline(document) == "The ledger could not be read"
        assert problem in reading.words(document)
        assert not green(document)
        assert reading.part(document, "good") == ""
        assert "never reported" not in document
        assert "Nothing. Everything" not in document
        assert "Wrong when last known" in reading.part(document, "wrong")
    assert green(rendering.render(morning.told(), newsroom.NOW))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"complete": False}, Status.PASS),
        ({"error_code": "internal", "error_message": "it broke"}, Status.PASS),
        ({"counts": {"fail": 1}}, Status.PASS),
        ({}, Status.FAIL),
        ({"status": Status.SKIP}, Status.UNKNOWN),
    ],
)
def test_a_report_that_contradicts_itself_is_never_green(changes: dict[str, Any], said: Status) -> None:
    """A pass that is not complete, failed, or shows what did not pass, is told as contradictory, in chart and table."""
    run = newsroom.run("f", **changes)
    document = rendered(newsroom.said(run, "x", said), newsroom.said(run, "y", Status.PASS), runs=(run,))

    assert "contradictory" in reading.words(reading.row(document, "f"))
    assert f"The report says {run.status}, but" in reading.words(reading.part(document, "wrong"))
    assert not green(document)
    assert "All good" not in document


def test_a_run_that_failed_says_since_when() -> None:
    """Its error is a finding with its own words, since the first run in a row that had one."""
    runs = tuple(
        newsroom.run(
            "f", hours=hours, status=Status.ERROR, complete=False, error_code="timeout", error_message="too slow"
        )
        for hours in (1, 25, 49)
    )
    fine = newsroom.run("f", hours=73)
    told = reading.words(reading.part(rendered(runs=(*runs, fine)), "wrong"))

    assert "error f too slow" in told
    assert "2 days ago , 3 runs in a row timeout" in told
    assert f"gcloud logging read '\"{runs[0].run_id}\"' --project=nba-props-platform" in told.replace(
        "&quot;", '"'
    ).replace("&#x27;", "'")


def test_findings_that_are_missing_are_missed() -> None:
    """A run that counted more than the ledger shows is not known to be good."""
    run = newsroom.run("f", counts={"pass": 3})
    document = rendered(newsroom.said(run, "x", Status.PASS), runs=(run,))

    assert "The run counted 3 findings; the ledger shows 1 of them." in document
    assert "not known" in reading.row(document, "f")
    assert reading.part(document, "good") == ""
    assert not green(document)


def test_findings_without_a_run_are_not_believed() -> None:
    """They are shown, and that their run is missing too."""
    document = rendered(newsroom.said(RUN, "x"), newsroom.said(OTHER, "y", Status.PASS), runs=())

    assert document.count("and no run that they are of") == 2 * 2
    assert "contradictory" in reading.row(document, "g")
    assert not green(document)


def test_a_function_that_never_reported_has_a_row() -> None:
    """It is unknown, not failed, and says when it is due; one that did report has no such row."""
    run = newsroom.run("f")
    document = rendered(newsroom.said(run, "x", Status.PASS), runs=(run,), expected={"f": "at 2", "h": "at 9 <sharp>"})

    assert "never reported" in reading.row(document, "h")
    assert "due at 9 &lt;sharp&gt;" in reading.row(document, "h")
    assert reading.headline(document) == "Too little evidence : 1 unknown"
    assert document.count("never reported") == 1


def test_an_empty_ledger_is_no_good_news() -> None:
    """Nothing was reported: the page says so, and has no green on it."""
    document = rendered(runs=())

    assert reading.headline(document) == "Nothing has been reported"
    assert not green(document)
    assert "No function is expected to report." in document


def test_all_good_is_said_when_all_is_good() -> None:
    """Then, and only as long as anything was reported lately."""
    run = newsroom.run("f", counts={"pass": 1, "skip": 1})
    found = (newsroom.said(run, "x", Status.PASS), newsroom.said(run, "y", Status.SKIP))
    told = newsroom.told(*found, runs=(run,))
    later = newsroom.NOW + datetime.timedelta(hours=26)

    assert reading.headline(rendering.render(told, newsroom.NOW)) == "All good : 1 pass"
    assert "1 pass, 1 skip" in reading.words(reading.part(rendering.render(told, newsroom.NOW), "good"))
    assert reading.headline(rendering.render(told, later)) == "Too little evidence"
    assert "No reporter has reported for 27 hours: what follows is old." in rendering.render(told, later)


def test_a_run_that_skipped_everything_takes_nothing_back() -> None:
    """What the last run that judged said stands, and the row tells when it was skipped since."""
    failed, skipped = newsroom.run("f", hours=20, status=Status.FAIL), newsroom.run("f", status=Status.SKIP)
    older = newsroom.run("f", hours=44)
    document = rendered(newsroom.said(failed, "x"), runs=(skipped, failed, older))

    assert rendering.shown([older, skipped, failed]) == (failed,)
    assert rendering.shown([skipped]) == (skipped,)
    assert reading.headline(document) == "Failing : 1 fail"
    assert "20 hours ago 2026-02-11 22:02 UTC skipped 1 hour ago" in reading.words(reading.row(document, "f"))


def test_a_chart_tells_its_runs_in_words_and_shapes() -> None:
    """One bar for each run, a gap where none was, nothing of what is older, and a text of both."""
    day = datetime.timedelta(days=1)
    points = [
        (newsroom.NOW - n * day, s)
        for n, s in ((0, Status.FAIL), (1, Status.PASS), (3, Status.PASS), (14, Status.WARN))
    ]
    chart = charts.history(points, newsroom.NOW, key="k")
    bars = dict(re.findall(r'<path class="(\w+)" d="([^"]+)"', chart))

    assert (bars["pass"].count("z"), bars["fail"].count("z"), "warn" in bars) == (2, 1, False)
    assert 'role="img" aria-labelledby="k-t k-d"' in chart
    assert '<title id="k-t">3 runs in the last 14 days: 1 failed, 2 passed</title>' in chart
    assert '<desc id="k-d">fail on 02-12.</desc>' in chart
    shapes = {charts.sample(status).split(" d=")[1] for status in Status}
    assert len(shapes) == len(Status)


def test_a_line_of_bytes_needs_two_runs_and_a_bill() -> None:
    """Else there is nothing to draw."""
    hours = [newsroom.NOW - datetime.timedelta(hours=hours) for hours in (0, 24)]

    assert charts.line([(hours[0], 5)], newsroom.NOW, key="k") == ""
    assert charts.line([(when, 0) for when in hours], newsroom.NOW, key="k") == ""
    drawn = charts.line(list(zip(hours, (2**20, 2**21), strict=True)), newsroom.NOW, key="k")
    assert "Bytes billed by run: last 1.0 MiB" in drawn
    assert "Between 1.0 MiB and 2.0 MiB in 2 runs." in drawn


def test_a_run_that_was_asked_for_a_part_takes_nothing_back() -> None:
    """Whoever asks about one subject must not make the others' failures disappear; without a whole run it is shown."""
    whole = newsroom.run("g", hours=6, status=Status.FAIL)
    part = newsroom.run("g", hours=1, request={"only": ["jobs"]})

    assert rendering.shown([part, whole]) == (whole,)
    assert rendering.shown([part]) == (part,)
    document = rendered(newsroom.said(whole, "service"), newsroom.said(part, "job", Status.PASS), runs=(whole, part))
    assert "service" in reading.nested(document)
