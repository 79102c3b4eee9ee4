"""Worse never replaces good: whatever a source does, the last good document stays, and everybody is told why."""

import datetime
from typing import Any

import pytest

from tests.cloud_functions.live_export import scenes

MINUTE = datetime.timedelta(minutes=1)
PROVIDED = ("live", "live-grading", "tonight", "tonight-day")
"""The documents that are made from scores too."""
QUESTIONS = 5
"""The sources in BigQuery; the calendar is asked besides, the provider is none."""
LEAST_BILLED = 10 * 1024**2
"""For a query that reads a table: 10 MiB of each (BigQuery pricing)."""


def verdicts(report: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return status and reason of each finding of a report, by its subject."""
    return {one["subject"]: (one["status"], one["reason"]) for one in report["findings"]}


@pytest.fixture
def good(scene: scenes.Scene) -> scenes.Scene:
    """Return the scene after the second quarter of the first game was published; the provider is well."""
    scene.night.provider.restore()
    report = scene.export()
    assert report["status"] == "pass", report["summary"]
    assert report["cost"]["scans"] == 1 + QUESTIONS
    scene.minute(75)
    scene.next_second()
    return scene


@pytest.mark.parametrize(
    ("trouble", "verdict"),
    [
        (
            {"fault": {"match": "box_scores", "action": "refuse", "status": 401, "times": 99}},
            ("error", "provider_failed"),
        ),
        (
            {"fault": {"match": "box_scores", "action": "refuse", "status": 429, "times": 99}},
            ("error", "provider_failed"),
        ),
        (
            {"fault": {"match": "box_scores", "action": "refuse", "status": 500, "times": 99}},
            ("error", "provider_failed"),
        ),
        ({"half_page": True}, ("error", "provider_failed")),
        ({"garbage": True}, ("error", "provider_failed")),
        ({"empty": True}, ("fail", "scores_missing")),
        ({"wrong_date": True}, ("fail", "scores_missing")),
    ],
    ids=["401", "429", "500", "half-page", "garbage", "empty", "wrong-date"],
)
def test_a_provider_that_fails_replaces_nothing(
    good: scenes.Scene, trouble: dict[str, Any], verdict: tuple[str, str]
) -> None:
    """The documents stay as they were, are called degraded, and the banner says so; the next good answer mends it."""
    before = {path: good.read(path) for path in ("live/latest.json", "live-grading/latest.json")}
    if "fault" in trouble:
        good.night.provider.faults.add(trouble["fault"])
    else:
        good.night.provider.throw(**trouble)

    report = good.export()

    found = verdicts(report)
    assert {name: found[name] for name in PROVIDED} == dict.fromkeys(PROVIDED, verdict)
    assert {path: good.read(path) for path in before} == before
    entries = good.manifest().documents
    assert {entries[name].status for name in PROVIDED} == {"degraded"}
    assert {entries[name].reason for name in PROVIDED} == {verdict[1]}
    banner = good.read("status.json")
    assert (banner["overall_status"], len(banner["known_issues"])) == ("degraded", len(PROVIDED))

    good.night.provider.restore()
    good.next_second()
    assert {verdicts(good.export())[name][0] for name in PROVIDED} == {"pass"}
    assert {one.status for one in good.manifest().documents.values()} == {"ok"}
    assert good.read("status.json")["overall_status"] == "healthy"


def test_a_provider_that_hangs_costs_its_own_time_only(scene: scenes.Scene) -> None:
    """It is left when its time is used up; what needs no scores is published, and the run ends as it should."""
    scene.night.provider.restore()
    provider = {"url": "${SCORES_API_URL}", "key": "${SCORES_API_KEY}", "seconds": 1}
    scene.declare(provider=provider)
    scene.night.provider.faults.add({"match": "box_scores", "action": "hold", "times": 99})

    found = verdicts(scene.export())

    scene.night.provider.restore()
    assert {found[name] for name in PROVIDED} == {("error", "provider_failed")}
    assert found["status"] == ("pass", "published")
    assert found["manifest"] == ("pass", "written")


def test_a_game_that_vanishes_is_kept(good: scenes.Scene) -> None:
    """One of two games is left out while it is played: it stays as it was, the other goes on, and both are told."""
    before = {game["game_id"]: game for game in good.read("live/latest.json")["games"]}
    lost = "20260212_MIL_OKC"
    good.night.provider.throw(vanished=[lost])

    report = good.export()

    good.night.provider.restore()
    assert verdicts(report)["live"] == ("pass", "published")
    assert verdicts(report)[lost] == ("warn", "vanished")
    now = {game["game_id"]: game for game in good.read("live/latest.json")["games"]}
    assert now[lost] == before[lost] | {"score_source": "kept"}
    other = "20260212_POR_UTA"
    assert (
        now[other]["home_score"] + now[other]["away_score"] > before[other]["home_score"] + before[other]["away_score"]
    )


def test_a_provider_that_is_late_never_moves_a_game_backwards(good: scenes.Scene) -> None:
    """What it told twenty minutes ago is not published over what is known."""
    before = good.read("live/latest.json")["games"]
    good.night.provider.throw(stale=40)

    report = good.export()

    good.night.provider.restore()
    assert ("warn", "stale_scores") in verdicts(report).values()
    after = {game["game_id"]: game for game in good.read("live/latest.json")["games"]}
    for game in before:
        assert (after[game["game_id"]]["home_score"], after[game["game_id"]]["period"]) == (
            game["home_score"], game["period"],
        )  # fmt: skip


def test_a_name_from_a_clock_that_ran_ahead_is_no_faster_run(good: scenes.Scene) -> None:
    """It is told as older and not skipped in silence; a person can publish over it."""
    blob = good.storage.bucket(good.bucket).blob(f"{scenes.PREFIX}/live/{scenes.DAY}.json")
    blob.reload()
    blob.metadata = {**blob.metadata, "as-of": "2099-01-01T00:00:00.000Z"}
    blob.patch()

    refused = good.export(only=["live"])
    good.next_second()
    forced = good.export(only=["live"], force=["live"])
    good.minute(80)
    good.next_second()
    after = good.export(only=["live"])

    assert verdicts(refused)["live"] == ("fail", "older")
    assert verdicts(forced)["live"] == ("pass", "published")
    assert verdicts(after)["live"] == ("pass", "published")


def test_a_clock_that_ran_ahead_is_mended_by_force_once(scene: scenes.Scene) -> None:
    """What it published holds every later run off, until a person insists; from then on runs publish as ever."""
    scene.night.provider.restore()
    now = datetime.datetime.now(datetime.UTC)
    scene.run(now + datetime.timedelta(days=1))

    refused = scene.run(now, only=("live",))
    scene.minute(75)
    forced = scene.run(now + MINUTE, only=("live",), force=("live",))
    scene.minute(80)
    after = scene.run(now + 2 * MINUTE, only=("live",))

    assert scenes.reasons(refused)["live"] == "older"
    assert scenes.reasons(forced)["live"] == "forced"
    assert scenes.reasons(after)["live"] == "published"
    entry = scene.manifest().documents["live"]
    assert (entry.status, entry.content and entry.content.as_of < now + 3 * MINUTE) == ("ok", True)


def test_a_query_that_fails_costs_its_own_documents(good: scenes.Scene) -> None:
    """Without players there is nothing new about tonight; scores and grades are published all the same."""
    query = good.folder / "live_export" / "queries" / "players.sql"
    text = query.read_text("utf-8")
    query.write_text("SELECT no_such_column FROM nba_raw.nbac_schedule WHERE game_date = @day", "utf-8")
    try:
        found = verdicts(good.export())
    finally:
        query.write_text(text, "utf-8")

    assert {found[name] for name in ("tonight", "tonight-day")} == {("error", "query_failed")}
    assert {found[name] for name in ("live", "live-grading")} == {("pass", "published")}
    entries = good.manifest().documents
    assert {name for name, one in entries.items() if one.status == "degraded"} == {"tonight", "tonight-day"}


@pytest.mark.parametrize(("least", "reason"), [(0, "empty"), (5, "below_floor"), (50, "shrunk")])
def test_too_few_players_are_refused(good: scenes.Scene, least: int, reason: str) -> None:
    """None, fewer than three games lead to expect, fewer than there were: each refused, unless a person insists."""
    query = good.folder / "live_export" / "queries" / "players.sql"
    text = query.read_text("utf-8")
    query.write_text(f"{text.removesuffix('ORDER BY player_lookup')} ORDER BY player_lookup LIMIT {least}", "utf-8")
    try:
        refused = good.export(only=["tonight"])
        good.next_second()
        forced = good.export(only=["tonight"], force=["tonight"])
    finally:
        query.write_text(text, "utf-8")

    assert verdicts(refused)["tonight"] == ("fail", reason)
    assert verdicts(forced)["tonight"] == ("warn", "forced")
    entry = good.manifest().documents["tonight"]
    assert (entry.status, entry.forced, entry.content and entry.content.rows) == ("ok", True, least)


def test_no_games_is_what_the_calendar_says(scene: scenes.Scene) -> None:
    """In the All-Star break every document says so, and nobody asks the provider, whatever it would answer."""
    scene.night.provider.restore()
    scene.night.provider.throw(garbage=True)

    report = scene.export(day="2026-02-15")

    scene.night.provider.restore()
    assert report["status"] == "pass", report["findings"]
    live = scene.read("live/2026-02-15.json")
    assert (live["calendar"], live["games"]) == ({"standing": "break", "games": 0}, [])
    banner = scene.read("status.json")
    assert banner["overall_status"] == "healthy"
    assert (banner["active_break"]["last_game_date"], banner["active_break"]["resume_date"]) == (
        "2026-02-12",
        "2026-02-19",
    )


def test_a_day_without_a_schedule_is_no_day_without_games(scene: scenes.Scene) -> None:
    """Years ago nothing is known: nothing is published, and the report does not pass."""
    report = scene.export(day="2024-01-01")

    assert {verdicts(report)[name] for name in (*PROVIDED, "status")} == {("error", "no_schedule")}
    assert [path for path in scene.generations() if path.endswith(".json") and "manifest" not in path] == []


@pytest.mark.parametrize("rows", [10, 3000])
def test_rows_of_a_query_are_published_as_they_are(scene: scenes.Scene, rows: int) -> None:
    """A document without a shape of its own: streamed, with the schema of its columns; unchanged it is left alone."""
    _declare_rows(scene, rows)

    report = scene.export(day=scenes.DAY.isoformat())

    assert verdicts(report)["rows"] == ("pass", "published")
    told = scene.read(f"rows/{scenes.DAY}.json")
    assert (len(told), told[7]) == (rows, {"id": 7, "half": 3.5, "day": "2026-02-12", "nothing": None})
    assert scene.read("schemas/rows.schema.json")["items"]["required"] == ["id", "half", "day", "nothing"]
    assert scene.written(scene.export) == []


def test_ten_times_the_rows_are_too_many(scene: scenes.Scene) -> None:
    """A join that fans out ends at the declared size, and what was published stays."""
    _declare_rows(scene, 300, most_bytes=20_000)
    assert verdicts(scene.export())["rows"] == ("pass", "published")
    _declare_rows(scene, 3000, most_bytes=20_000)

    report = scene.export(force=["rows"])

    assert verdicts(report)["rows"] == ("fail", "too_large")
    assert len(scene.read(f"rows/{scenes.DAY}.json")) == 300


def test_rows_cost_what_their_query_was_billed(scene: scenes.Scene) -> None:
    """Beside what the calendar costs in any run; also when the rows are refused."""
    _declare_rows(scene, 10)
    free = scene.export()
    assert free["cost"]["scans"] == 2, "the calendar, and the rows"
    _declare_rows(scene, 10, most_bytes=1024)
    query = scene.folder / "live_export" / "queries" / "rows.sql"
    schedule = (scene.folder / "live_export" / "queries" / "schedule.sql").read_text("utf-8")
    query.write_text(f"SELECT * FROM ({schedule}), UNNEST(GENERATE_ARRAY(0, 999)) AS id", "utf-8")

    report = scene.export()

    assert verdicts(report)["rows"] == ("fail", "too_large")
    assert report["cost"]["bytes_billed"] >= free["cost"]["bytes_billed"] + LEAST_BILLED


def _declare_rows(scene: scenes.Scene, rows: int, **changes: Any) -> None:
    query = scene.folder / "live_export" / "queries" / "rows.sql"
    query.write_text(
        f"SELECT id, id / 2 AS half, @day AS day, CAST(NULL AS STRING) AS nothing"
        f" FROM UNNEST(GENERATE_ARRAY(0, {rows - 1})) AS id ORDER BY id",
        "utf-8",
    )
    document = {
        "id": "rows", "shape": "rows", "path": "rows/{day}.json", "sources": ["rows"], "cache": "day",
        "max_age_seconds": 3600,
    }  # fmt: skip
    scene.declare(documents=[document | changes], sources={"rows": {"sql": "rows.sql"}}, provider=None, post_game=None)
