"""The status page as a document: what is wrong comes first and says what to do, and nothing doubtful looks good."""

import dataclasses
import datetime
import html.parser
import re
import time
from typing import Any

import pytest

from cloud_functions.daily_health_check.page import phrases, rendering
from shared import history, report
from shared.statuses import Status
from tests.browser import morning, newsroom, reading

VOID = frozenset({"meta", "link", "br"})
BAD = (Status.FAIL, Status.ERROR, Status.WARN, Status.UNKNOWN)
HOSTILE = "</code><script>alert('1')</script>\"&<style>"


class Nesting(html.parser.HTMLParser):
    """Keeps which elements are open, and whether one was closed that was not the last one."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.crossed: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element, unless it is a void one."""
        del attrs
        self.open += [] if tag in VOID else [tag]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Leave what is closed at once."""

    def handle_endtag(self, tag: str) -> None:
        """Close the last element, or note that another was closed."""
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.crossed.append(tag)


def rendered(*found: history.Said, runs: tuple[history.Run, ...] = (), **more: Any) -> str:
    """Return the page of these findings and runs."""
    return rendering.render(newsroom.told(*found, runs=runs, **more), newsroom.NOW)


def judged(*statuses: Status, **more: Any) -> tuple[history.Run, tuple[history.Said, ...]]:
    """Return a run that is complete, and one finding of each status, whose subject is the status."""
    run = newsroom.run("validation_runner", "pre_game", **more)
    return run, tuple(newsroom.said(run, status.value, status) for status in statuses)


def test_what_is_wrong_comes_first_and_the_worst_before_all() -> None:
    """The verdict names the worst status and counts; `Wrong now` stands before the reporters and what is good."""
    document = rendering.render(morning.told(), newsroom.NOW)

    assert reading.headline(document) == "Failing : 9 fail , 1 error , 4 warn , 2 unknown"
    assert "As of 1 minute ago , 2026-02-12 18:00 UTC" in reading.words(document)
    assert [*re.findall(r"<h2[^>]*>([^<]+)", document)] == ["Wrong now", "Reporters", "Good"]
    assert all(name in reading.part(document, "wrong") for name, *_ in morning.JOBS)


def test_findings_stand_worst_first_and_critical_before_warning() -> None:
    """By status, then by severity, then by subject; what is good is not among them."""
    run = newsroom.run("f", status=Status.FAIL)
    mixed = [
        newsroom.said(run, f"{status}-{severity}", status, severity=severity)
        for status in (Status.PASS, Status.UNKNOWN, Status.WARN, Status.SKIP, Status.ERROR, Status.FAIL)
        for severity in ("info", "critical", "warning")
    ]
    told = re.findall(r"<strong>([^<]+)</strong>", reading.part(rendered(*mixed, runs=(run,)), "wrong"))

    assert told == [f"{status}-{severity}" for status in BAD for severity in ("critical", "warning", "info")]


def test_groups_stand_by_their_worst_finding() -> None:
    """A reporter with a failure comes before one with a warning, whatever their names are."""
    first, second = newsroom.run("a", status=Status.WARN), newsroom.run("b", "s", status=Status.FAIL)
    document = rendered(newsroom.said(first, "x", Status.WARN), newsroom.said(second, "y"), runs=(first, second))

    assert re.findall(r"<h3>(\w+)", document) == ["b", "a"]


def test_a_finding_says_since_when_and_for_how_many_runs() -> None:
    """Relative and absolute; and what is not known is said to be unknown."""
    run, _ = judged(status=Status.FAIL)
    since = newsroom.said(run, "x", since=newsroom.ago(3), streak=4, change="new", observed_text="7", unit="h")
    lost = newsroom.said(run, "y", since=None, expected_text="< 5")
    odd = newsroom.said(run, "z", since="<long ago>")
    told = reading.words(reading.part(rendered(since, lost, odd, runs=(run,)), "wrong"))

    assert "x new x is not as expected" in told
    assert "Since 2026-02-09 18:02 UTC, 3 days ago , 4 runs in a row" in told
    assert "observed 7 h" in told
    assert "Since when is not known" in told
    assert "expected &lt; 5" in told
    assert "Since &lt;long ago&gt;" in told


@pytest.mark.parametrize(
    ("fix", "commands"),
    [
        ("gcloud a b --c='d; e, f and g'", ["gcloud a b --c='d; e, f and g'"]),
        ("stagger it, or raise it: gcloud a; and retry: gcloud b", ["gcloud a", "gcloud b"]),
        ("ask its owner, then gcloud a", ["gcloud a"]),
        (
            "1. gcloud a; 2. smoke-test it: curl -sv x; 4. gcloud b and watch one run",
            ["gcloud a", "curl -sv x", "gcloud b"],
        ),
        ("mend it:\nbq query\ngcloud a", ["bq query", "gcloud a"]),
        ("make room for it", ["make room for it"]),
        ("to curl up is no fix", []),
    ],
)
def test_the_commands_of_a_fix_are_code(fix: str, commands: list[str]) -> None:
    """Each command stands alone and whole, so that it can be copied; nothing of the fix is lost."""
    run, _ = judged(status=Status.FAIL)
    document = reading.part(rendered(newsroom.said(run, "x", fix=fix), runs=(run,)), "wrong")
    code = [html.unescape(re.sub("<[^>]*>", "", one)) for one in re.findall(r"<pre><code>(.*?)</code></pre>", document)]
    shown = html.unescape(re.sub("<[^>]*>", " ", document[document.index("What to do:") : document.index("Since")]))

    assert code == commands
    assert set(re.findall(r"\w+", fix)) <= set(re.findall(r"\w+", shown))


def test_backticks_in_a_fix_are_code() -> None:
    """A pair is; a single one stays what it is."""
    run, _ = judged(status=Status.FAIL)

    assert "<p>see <code>make x</code> first</p>" in rendered(
        newsroom.said(run, "x", fix="see `make x` first"), runs=(run,)
    )
    assert "<p>an odd ` one</p>" in rendered(newsroom.said(run, "x", fix="an odd ` one"), runs=(run,))


def test_everything_is_escaped() -> None:
    """Whatever a report says in any of its texts is text, and every element is closed where it was opened."""
    run = newsroom.run(HOSTILE, HOSTILE, summary=HOSTILE, status=Status.FAIL, error_code=HOSTILE, error_message=HOSTILE)
    texts = (
        "kind",
        "reason",
        "severity",
        "observed_text",
        "expected_text",
        "unit",
        "message",
        "fix",
        "since",
        "caused_by",
    )
    hostile: dict[str, Any] = dict.fromkeys(texts, HOSTILE)
    bad = newsroom.said(run, HOSTILE, **hostile)
    command = newsroom.said(run, "x", fix=f"gcloud {HOSTILE}")
    good = dataclasses.replace(bad, id="other", status=Status.PASS)
    for problem in (None, HOSTILE):
        document = rendered(
            bad, command, good, runs=(run,), project=HOSTILE, problem=problem, expected={HOSTILE + "2": HOSTILE}
        )
        nesting = Nesting()
        nesting.feed(document)

        assert (nesting.open, nesting.crossed) == ([], [])
        assert "<script" not in document
        assert document.count("<style>") == 1


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    """Its policy says so, no address stands in it that a browser would ask for, and no robot is to keep it."""
    document = rendering.render(morning.told(), newsroom.NOW)

    assert rendering.POLICY == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert f'<meta http-equiv="Content-Security-Policy" content="{rendering.POLICY}">' in document
    assert document.index("Content-Security-Policy") < document.index("<style>")
    assert re.findall(r'(?:src|href)="(?!#|data:)[^"]*"', document) == []
    assert re.findall(r"url\(|@import|<script|\son\w+=", document) == []
    assert '<meta name="robots" content="noindex">' in document


def test_more_than_twenty_of_a_group_are_folded_away() -> None:
    """Twenty are seen, the others open by a click, and what the page has no room for is counted."""
    run, _ = judged(status=Status.FAIL)
    found = [newsroom.said(run, f"s{number:04}") for number in range(1500)]
    document = reading.part(rendered(*found, runs=(run,)), "wrong")
    seen, _, rest = document.partition('<details class="rest">')

    assert (seen.count("<li"), rest.count("<li")) == (20, 700)
    assert "<summary>700 more</summary>" in rest
    assert "780 more are only counted here" in rest
    assert reading.headline(rendered(*found, runs=(run,))) == "Failing : 1,500 fail"


def test_five_thousand_findings_make_a_small_page_at_once() -> None:
    """Less than 2 MB in less than a second, good or bad; good ones beyond 200 of a reporter are only counted."""
    for status in (Status.PASS, Status.FAIL):
        runs = tuple(newsroom.run("f", f"s{number}", status=status) for number in range(10))
        message = "a message as long as the ledger keeps them, at least; " * 40
        found = [
            newsroom.said(
                run,
                f"s{number:03}",
                status,
                message=message,
                fix="gcloud run services describe x",
                since=newsroom.ago(1),
            )
            for run in runs
            for number in range(500)
        ]
        began = time.perf_counter()
        document = rendered(*found, runs=runs)

        assert time.perf_counter() - began < 1
        assert len(document.encode()) < 2_000_000
        if status is Status.PASS:
            assert reading.part(document, "good").count("<li>") == 2000
            assert reading.part(document, "good").count("300 more are only counted") == 10


def test_instants_and_sizes_read_like_words() -> None:
    """Whole units, rounded down; hours until there are two days; an instant ahead is told as one."""
    spans = {
        0: "just now",
        59: "just now",
        60: "1 minute ago",
        7199: "1 hour ago",
        172799: "47 hours ago",
        172800: "2 days ago",
    }
    now = newsroom.NOW

    assert {s: phrases.ago(now - datetime.timedelta(seconds=s), now) for s in spans} == spans
    assert phrases.ago(now + datetime.timedelta(minutes=5), now) == "in 5 minutes"
    assert [phrases.duration(ms) for ms in (340, 4210, 212_000)] == ["340 ms", "4.2 s", "3 min 32 s"]
    assert [phrases.size(n) for n in (0, 1023, 1536, 20 * 2**20, 5 * 2**50)] == [
        "0 B",
        "1023 B",
        "1.5 KiB",
        "20 MiB",
        "5,120.0 TiB",
    ]
    assert phrases.read(report.iso(now)) == now
    assert phrases.escape("<\"'&") == "&lt;&quot;&#x27;&amp;"
