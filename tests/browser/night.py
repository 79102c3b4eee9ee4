"""A game night as it is published, from before the first tip-off to the last grade, of the product's own values."""

import dataclasses
import datetime
import hashlib
from collections.abc import Mapping
from typing import Any, Literal

import orjson

from cloud_functions.live_export import box, grading
from cloud_functions.live_export.documents import fields, live, live_grading, status, tonight
from shared.exports import layout, manifest

DAY = datetime.date(2026, 2, 12)
PATHS = {
    "live": ("live/{day}.json", 600),
    "live-grading": ("live-grading/{day}.json", 600),
    "tonight": ("tonight/all-players.json", 3600),
    "status": ("status.json", 1200),
}
STAGES = ("scheduled", "live", "final", "graded")
TIMES = ("00:05", "01:10", "04:20", "05:40")
"""Of each stage, the instant that its data are of, in UTC on the next day."""
TIPS = ("7:30 PM ET", "10:00 PM ET")
State = Literal["scheduled", "in_progress", "final"]
GAMES: tuple[tuple[str, str, tuple[tuple[State, int, str | None, int | None, int | None], ...]], ...] = (
    (
        "MIL",
        "OKC",
        (
            ("scheduled", 0, None, None, None),
            ("in_progress", 2, "Q2 5:32", 48, 51),
            ("final", 4, "Final", 102, 110),
            ("final", 4, "Final", 102, 110),
        ),
    ),
    (
        "LAL",
        "DAL",
        (
            ("scheduled", 0, None, None, None),
            ("scheduled", 0, None, None, None),
            ("in_progress", 5, "2:05", 118, 117),
            ("final", 5, None, 121, 124),
        ),
    ),
)
"""Away, home, and at each stage: state, period, clock, their scores."""
PLAYERS: tuple[tuple[str, str, int, Any, float | None, float, tuple[int | None, ...]], ...] = (
    ("Shai Gilgeous-Alexander", "OKC", 0, "OVER", 31.5, 34.2, (None, 18, 33, 33)),
    ("Giannis Antetokounmpo", "MIL", 0, "UNDER", 29.5, 26.1, (None, 15, 28, 28)),
    ("Damian Lillard", "MIL", 0, "OVER", 24.0, 25.9, (None, 4, 24, 24)),
    ("Chet Holmgren", "OKC", 0, "UNDER", 17.5, 15.0, (None, 18, 22, 22)),
    ("Khris Middleton", "MIL", 0, "OVER", 12.5, 14.4, (None, None, None, None)),
    ("LeBron James", "LAL", 1, "UNDER", 25.5, 23.3, (None, None, 19, 21)),
    ("Kyrie Irving", "DAL", 1, "PASS", 23.5, 23.6, (None, None, 25, 27)),
    ("Dereck Lively", "DAL", 1, "NO_LINE", None, 8.7, (None, None, 6, 8)),
)
"""Name, team, game, pick, line, predicted, and the points at each stage; None for who has not played."""


@dataclasses.dataclass(frozen=True)
class Files:
    """A manifest, and the content of all that it names, by path."""

    manifest: manifest.Manifest
    contents: Mapping[str, bytes]


def instant(stage: str) -> datetime.datetime:
    """Return the instant that a stage's data are of."""
    time = datetime.time.fromisoformat(TIMES[STAGES.index(stage)])
    return datetime.datetime.combine(DAY + datetime.timedelta(days=1), time, datetime.UTC)


def files(
    documents: Mapping[str, Any], as_of: datetime.datetime, *, run_id: str, **entries: Mapping[str, Any]
) -> Files:
    """Return documents as they are published; `entries` says what else stands in a document's entry, by its name.

    A document of None has no content.
    """
    contents = {
        name: orjson.dumps(document, option=orjson.OPT_UTC_Z) for name, document in documents.items() if document
    }
    objects = {
        name: layout.immutable(layout.dated(PATHS[name][0], DAY), hashlib.sha256(body).hexdigest())
        for name, body in contents.items()
    }
    listed = {}
    for name in documents:
        path, seconds = PATHS[name]
        content = _content(contents[name], objects[name], as_of, run_id) if name in contents else None
        plain = manifest.Entry("ok", layout.dated(path, DAY), None, seconds, layout.schema(name), content)
        listed[name] = dataclasses.replace(plain, **entries.get(name.replace("-", "_"), {}))
    whole = manifest.Manifest(manifest.SCHEMA_VERSION, DAY, as_of, run_id, listed)
    named = {objects[name]: body for name, body in contents.items()}
    return Files(whole, {layout.MANIFEST: manifest.encode(whole), **named})


def _content(body: bytes, path: str, as_of: datetime.datetime, run_id: str) -> manifest.Content:
    digest = hashlib.sha256(body).hexdigest()
    return manifest.Content(DAY, path, digest, len(body), 1, {}, as_of, as_of, live.VERSION, run_id)


def at(stage: str, **entries: Mapping[str, Any]) -> Files:
    """Return what is published at a stage of the night."""
    return files(documents(stage), instant(stage), run_id=f"run-{stage}", **entries)


def documents(stage: str) -> dict[str, Any]:
    """Return the documents of a stage, by name."""
    number, as_of = STAGES.index(stage), instant(stage)
    games = sorted((_game(which, number) for which in range(len(GAMES))), key=lambda game: game.status != "in_progress")
    predictions = tuple(_prediction(which, number) for which in range(len(PLAYERS)))
    calendar = fields.Calendar("games", len(GAMES))
    states = [game.status for game in games]
    counts = states.count("in_progress"), states.count("final")
    told = tuple(_listed(which, number) for which in range(len(GAMES)))
    return {
        "live": live.Live(as_of, DAY, f"{as_of:%Y%m%dT%H%M%SZ}", calendar, *counts, len(games), tuple(games)),
        "live-grading": live_grading.LiveGrading(as_of, DAY, calendar, summary(predictions, *counts), predictions),
        "tonight": tonight.Tonight(DAY, as_of, calendar, 0, 0, told),
        "status": status.Status(as_of, DAY, "healthy", {}, (), (), None),
    }


def off(standing: Literal["off_day", "break", "off_season"], pause: status.Break | None = None) -> dict[str, Any]:
    """Return the documents of a day without games, and why there are none."""
    found, as_of, calendar = documents("scheduled"), instant("scheduled"), fields.Calendar(standing, 0)
    return {
        "live": dataclasses.replace(found["live"], calendar=calendar, total_games=0, games=()),
        "live-grading": live_grading.LiveGrading(as_of, DAY, calendar, summary((), 0, 0), ()),
        "tonight": dataclasses.replace(found["tonight"], calendar=calendar, games=()),
        "status": dataclasses.replace(found["status"], active_break=pause),
    }


def _game(which: int, number: int) -> box.Game:
    away, home, stages = GAMES[which]
    state, period, clock, away_score, home_score = stages[number]
    return box.Game(
        game_id=f"{DAY:%Y%m%d}_{away}_{home}",
        nba_game_id=f"002250078{which}",
        provider_id=None,
        status=state,
        period=period,
        time_remaining=clock,
        home_team=home,
        away_team=away,
        home_score=home_score,
        away_score=away_score,
        score_source="official" if state == "final" else "live",
        player_count=0,
        players=(),
    )


def _listed(which: int, number: int) -> tonight.Game:
    game = _game(which, number)
    time = TIPS[which] if game.status == "scheduled" else None
    sides = game.home_team, game.away_team
    return tonight.Game(game.game_id, *sides, time, game.status, game.home_score, game.away_score, 0, ())


def _prediction(which: int, number: int) -> live_grading.Prediction:
    name, team, where, pick, line, predicted, points = PLAYERS[which]
    game, actual = _game(where, number), points[number]
    share = grading.played(game.period, game.time_remaining)
    return live_grading.Prediction(
        player_lookup="".join(letter for letter in name.lower() if letter.isalnum()),
        player_name=name,
        team=team,
        game_id=game.game_id,
        home_team=game.home_team,
        away_team=game.away_team,
        game_status=game.status,
        period=game.period,
        time_remaining=game.time_remaining,
        predicted=predicted,
        line=line,
        recommendation=pick,
        confidence=70.0,
        has_line=line is not None,
        line_source="draftkings",
        actual=actual,
        minutes=None if actual is None else 12.5 * number,
        error=None if actual is None else round(predicted - actual, 1),
        margin_vs_line=None if actual is None or line is None else actual - line,
        status=grading.DEFAULT.grade(pick, line, grading.Standing(game.status, actual, share)),
        score_source="live",
    )


def summary(predictions: tuple[live_grading.Prediction, ...], in_progress: int, final: int) -> live_grading.Summary:
    """Return what predictions come to, given how many games are in progress and final."""
    over = [one for one in predictions if one.game_status == "final"]
    stands = [one.status for one in predictions]
    right, wrong = ([one.status for one in over].count(word) for word in ("correct", "incorrect"))
    errors = [abs(one.error) for one in over if one.error is not None]
    return live_grading.Summary(
        total_predictions=len(predictions),
        graded=len(over),
        pending=stands.count("pending"),
        correct=stands.count("correct"),
        incorrect=stands.count("incorrect"),
        pushes=stands.count("push"),
        voided=stands.count("void"),
        trending_correct=stands.count("trending_correct"),
        trending_incorrect=stands.count("trending_incorrect"),
        win_rate=round(right / (right + wrong), 3) if right + wrong else None,
        avg_error=round(sum(errors) / len(errors), 1) if errors else None,
        games_in_progress=in_progress,
        games_final=final,
    )
