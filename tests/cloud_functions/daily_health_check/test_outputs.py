"""A published document is judged by what stands in it, on the day for which something is to be expected of it."""

import dataclasses
import datetime
import gzip
import json
from typing import Any

import pytest

from cloud_functions.daily_health_check import declaration
from cloud_functions.daily_health_check.judges import outputs
from shared import calendars, errors, gamedays
from shared.report import Finding
from shared.statuses import Status

NOW = datetime.datetime(2026, 2, 12, 20, 0, tzinfo=datetime.UTC)
TODAY = datetime.date(2026, 2, 12)
GAME_DAY = gamedays.GameDay("America/New_York", 4)
DECLARED = declaration.Output(
    "tonight", "api", "v1/tonight.json", as_of="meta.as_of", day="game_date", rows="players", max_age_minutes=360
)
ABSENT: Any = object()


def document(**changes: Any) -> bytes:
    """Return a document of today's game day that is an hour old and has two players, as changed."""
    told: dict[str, Any] = {
        "meta": {"as_of": "2026-02-12T19:00:00Z"}, "game_date": "2026-02-12", "players": [{"id": 1}, {"id": 2}],
    } | changes  # fmt: skip
    return json.dumps({key: value for key, value in told.items() if value is not ABSENT}).encode()


def day(standing: calendars.Standing = calendars.Standing.GAMES, games: int = 8) -> outputs.Day:
    """Return what the calendar says of today."""
    return outputs.Day(TODAY, standing, games, GAME_DAY)


def judged(content: Any, declared: declaration.Output = DECLARED, **given: Any) -> Finding:
    """Return the finding on a document, given its content or why it could not be read."""
    (found,) = outputs.findings([declared], {declared.id: content}, given.get("day", day()), NOW)
    return found


def aged(minutes: float) -> bytes:
    """Return a document that is so many minutes old by its own words."""
    as_of = NOW - datetime.timedelta(minutes=minutes)
    return document(meta={"as_of": as_of.isoformat()})


def test_a_fresh_document_passes() -> None:
    """It tells its age and how much is in it, and nothing to do."""
    found = judged(document())

    assert (found.subject, found.kind, found.status, found.reason) == ("tonight", "output", Status.PASS, "fresh")
    assert (found.observed, found.unit, found.message, found.fix) == (60, "min", "60 min old, 2 rows", None)


@pytest.mark.parametrize(
    ("minutes", "reason"),
    [
        (-6, "as_of_in_future"),
        (-5, "fresh"),
        (0, "fresh"),
        (360, "fresh"),
        (360.4, "fresh"),
        (361, "stale"),
        (40_000, "stale"),
    ],
)
def test_age_is_that_of_the_content(minutes: float, reason: str) -> None:
    """Up to the declared age it is fresh, above stale; more than five minutes ahead of now proves nothing."""
    found = judged(aged(minutes))

    assert (found.reason, found.status) == (reason, Status.PASS if reason == "fresh" else Status.FAIL)
    if reason == "stale":
        assert (found.observed, found.expected, found.unit) == (round(minutes), 360, "min")
        assert found.evidence == {"object": "gs://api/v1/tonight.json"}


def test_a_new_stamp_over_old_content_fails() -> None:
    """A file that was written a moment ago is none the better for it: what it tells, and as of when, decides."""
    stamped = {"as_of": "2026-02-12T19:59:59Z"}

    assert judged(document(meta=stamped, game_date="2026-02-11")).reason == "wrong_day"
    assert judged(document(meta=stamped, players=[])).reason == "empty"
    assert judged(document(meta={"as_of": "2026-02-11T19:00:00Z"}, updated=stamped["as_of"])).reason == "stale"


@pytest.mark.parametrize(
    ("told", "observed"),
    [
        ("2026-02-11", "2026-02-11"),
        ("20260212", "20260212"),
        (20260212, "20260212"),
        (None, "None"),
        (["2026-02-12"], "['2026-02-12']"),
        ("x" * 5000, "x" * 40),
        (ABSENT, "nothing"),
    ],
)
def test_a_document_about_another_day_fails(told: Any, observed: str) -> None:
    """It says about which, cut to what a person can read."""
    found = judged(document(game_date=told))

    assert (found.status, found.reason) == (Status.FAIL, "wrong_day")
    assert (found.observed, found.expected) == (observed, "2026-02-12")


@pytest.mark.parametrize("rows", [[], {}, 0, None, False, True, "12", ABSENT])
def test_nothing_on_a_game_day_is_empty(rows: Any) -> None:
    """No item of a list or an object, a count of nought, no count at all, or what is none."""
    found = judged(document(players=rows))

    assert (found.status, found.reason) == (Status.FAIL, "empty")
    assert (found.observed, found.expected, found.unit) == (0, "more than 0", "rows")
    assert found.message == "8 game(s) on 2026-02-12, and nothing at 'players'"


@pytest.mark.parametrize(("rows", "told"), [([0], "1 rows"), ({"a": 1, "b": 2}, "2 rows"), (1234, "1,234 rows")])
def test_rows_may_be_a_list_an_object_or_a_number(rows: Any, told: str) -> None:
    """Each is counted in its own way."""
    found = judged(document(players=rows))

    assert found.reason == "fresh"
    assert found.message.endswith(told)


def test_what_is_not_declared_is_not_asked_of_a_document() -> None:
    """Neither its day nor how much is in it."""
    declared = declaration.Output("status", "api", "v1/status.json", as_of="meta.as_of", severity="warning")
    found = judged(document(game_date="2020-01-01", players=[]), declared)

    assert (found.status, found.reason, found.message, found.severity) == (
        Status.PASS, "fresh", "60 min old", "warning",
    )  # fmt: skip


def test_a_missing_document_fails() -> None:
    """It says which, and that its export must run; on an off-day too, since the last good one should stand."""
    for standing in calendars.Standing:
        found = judged(errors.NotFound("no such object"), day=day(standing))
        assert (found.status, found.reason, found.observed) == (Status.FAIL, "missing", None)
        assert found.message == "gs://api/v1/tonight.json does not exist"


@pytest.mark.parametrize(
    ("error", "reason"),
    [(errors.AccessDenied("no"), "access_denied"), (errors.Unavailable("slow"), "unavailable")],
)
def test_a_document_that_could_not_be_read_is_an_error(error: errors.CloudError, reason: str) -> None:
    """It is neither well nor missing."""
    found = judged(error)

    assert (found.status, found.reason, found.observed, found.severity) == (Status.ERROR, reason, None, "critical")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html><html><body>Sign in</body></html>",
        document()[:-1],
        gzip.compress(document(), mtime=0),
        gzip.compress(document(), mtime=0)[:20],
        b"[" * 200_000,
        b'{"meta": ' * 100_000,
        b"\xff\xfe\x00",
        b"1" * 5000,
    ],
)
def test_what_is_no_json_is_undecodable(content: bytes) -> None:
    """HTML, half a document, compressed bytes, nesting without end: each fails, and none breaks the check."""
    found = judged(content)

    assert (found.status, found.reason, found.observed) == (Status.FAIL, "undecodable", None)
    assert f"holds {len(content)} bytes" in found.message


@pytest.mark.parametrize(
    "content",
    [
        b"null",
        b"[]",
        b'"2026-02-12T19:00:00Z"',
        b"NaN",
        document(meta=ABSENT),
        document(meta={}),
        document(meta="2026-02-12T19:00:00Z"),
        document(meta={"as_of": None}),
        document(meta={"as_of": 1770922800}),
        document(meta={"as_of": "yesterday"}),
        document(meta={"as_of": ["2026-02-12T19:00:00Z"]}),
    ],
)
def test_a_document_without_an_instant_fails(content: bytes) -> None:
    """When its content was made nobody can tell, whatever else is in it."""
    found = judged(content)

    assert (found.status, found.reason) == (Status.FAIL, "no_as_of")
    assert "'meta.as_of'" in found.message


@pytest.mark.parametrize(
    "as_of", ["2026-02-12T19:00:00", "2026-02-12 19:00:00+00:00", "2026-02-12T14:00:00-05:00", "20260212T190000Z"]
)
def test_an_instant_may_be_written_in_any_iso_form(as_of: str) -> None:
    """Without an offset it is UTC."""
    assert judged(document(meta={"as_of": as_of})).observed == 60


@pytest.mark.parametrize(
    "standing", [calendars.Standing.OFF_DAY, calendars.Standing.BREAK, calendars.Standing.OFF_SEASON]
)
def test_without_games_nothing_new_is_expected(standing: calendars.Standing) -> None:
    """An old, empty document of another day is skipped with the calendar's own word."""
    found = judged(document(meta={"as_of": "2026-02-01T00:00:00Z"}, players=[]), day=day(standing, 0))

    assert (found.status, found.reason, found.severity) == (Status.SKIP, standing.value, "info")
    assert found.message == f"no games on 2026-02-12: {standing.value}"


def test_a_day_that_the_schedule_does_not_cover_is_unknown() -> None:
    """It is no off-day: a fresh document is not well then, and a stale one not bad."""
    for content in (document(), aged(10_000)):
        found = judged(content, day=day(calendars.Standing.UNKNOWN, 0))
        assert (found.status, found.reason) == (Status.UNKNOWN, "no_schedule")


def test_a_broken_document_is_found_without_games_too() -> None:
    """What readers get must be readable on any day."""
    off = day(calendars.Standing.OFF_DAY, 0)

    assert [judged(content, day=off).reason for content in (b"<html>", document(meta={}), aged(-60))] == [
        "undecodable", "no_as_of", "as_of_in_future",
    ]  # fmt: skip


def test_without_a_calendar_every_output_is_an_error() -> None:
    """Nothing can be expected of them, so that none is well and none is bad."""
    declared = [DECLARED, declaration.Output("status", "api", "v1/status.json", as_of="at", severity="warning")]
    contents: dict[str, bytes | errors.CloudError] = {
        "tonight": document(),
        "status": errors.NotFound("no such object"),
    }
    found = outputs.findings(declared, contents, errors.AccessDenied("no right to the schedule"), NOW)

    assert [(x.subject, x.status, x.reason, x.severity, x.observed) for x in found] == [
        ("tonight", Status.ERROR, "access_denied", "critical", None),
        ("status", Status.ERROR, "access_denied", "warning", None),
    ]
    assert all("no right to the schedule" in x.message for x in found)


def test_each_output_is_judged_by_its_own_content() -> None:
    """One that is broken leaves the others as they are."""
    declared = [DECLARED, declaration.Output("status", "api", "v1/status.json", as_of="meta.as_of")]
    found = outputs.findings(declared, {"status": document(), "tonight": b"<html>"}, day(), NOW)

    assert [(x.subject, x.reason) for x in found] == [("tonight", "undecodable"), ("status", "fresh")]


def test_a_document_named_by_its_day() -> None:
    """The day stands in what is said of it; on a day without games nobody wants it to be there."""
    dated = declaration.Output("t", "api", "v1/{day}.json", as_of="a")
    gone = {"t": errors.NotFound("x")}

    (missing,) = outputs.findings([dated], gone, day(), NOW)
    (off,) = outputs.findings([dated], gone, day(calendars.Standing.OFF_DAY, 0), NOW)

    assert (missing.status, missing.reason) == (Status.FAIL, "missing")
    assert "gs://api/v1/2026-02-12.json" in missing.message
    assert (off.status, off.reason) == (Status.SKIP, "off_day")


def test_a_number_of_rows_may_be_written_with_a_point() -> None:
    """JSON does not tell 12 from 12.0."""
    assert judged(document(players=12.0)).reason == "fresh"
    assert judged(document(players=0.0)).reason == "empty"


@pytest.mark.parametrize(("due", "reason"), [("15:01", "not_due"), ("15:00", "missing"), ("12:30", "missing")])
def test_nothing_is_expected_before_it_is_due(due: str, reason: str) -> None:
    """The wall clock of the pipeline decides: it is 15:00 in New York."""
    declared = dataclasses.replace(DECLARED, due=due)

    found = judged(errors.NotFound("gone"), declared)

    assert (found.reason, found.status) == (reason, Status.SKIP if reason == "not_due" else Status.FAIL)
