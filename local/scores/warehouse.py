"""The demo warehouse on a scripted night: it names the night's games and players, and then follows the script.

As the real pipeline's, its schedule lags some minutes behind the games, and the official box score of a game comes
hours after its end. Only the rows of that one day are written, and going back in time takes them away again.
"""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from google.cloud import bigquery as bq

from local.scores import official, script

SCHEDULE = "nba_raw.nbac_schedule"
SUMMARY = "nba_analytics.player_game_summary"
CONTEXT = "nba_analytics.upcoming_player_game_context"
LAG_MINUTES, OFFICIAL_AFTER = 4, 180
_NAMES_FROM = datetime.timedelta(days=60)
_SECONDS = 60.0

_GAMES = """
SELECT game_id, away_team_tricode AS away, home_team_tricode AS home
FROM `{schedule}`
WHERE game_date = @day
ORDER BY game_sequence, game_id
"""
_PLAYERS = """
WITH names AS (
  SELECT player_lookup, MAX(player_full_name) AS name
  FROM `{summary}`
  WHERE game_date >= @since AND game_date < @day
  GROUP BY player_lookup
),
listed AS (
  SELECT player_lookup, MAX(team_abbr) AS team, MAX(minutes_avg_last_10) AS minutes
  FROM `{context}`
  WHERE game_date = @day
  GROUP BY player_lookup
)
SELECT listed.player_lookup, listed.team, COALESCE(names.name, listed.player_lookup) AS name
FROM listed
LEFT JOIN names ON names.player_lookup = listed.player_lookup
ORDER BY listed.team, COALESCE(listed.minutes, -1) DESC, listed.player_lookup
"""
_FOLLOW = """
UPDATE `{schedule}`
SET game_status = @game_status,
    game_status_text = @game_status_text,
    home_team_score = @home_team_score,
    away_team_score = @away_team_score,
    winning_team_tricode = @winning_team_tricode,
    source_updated_at = @written,
    processed_at = @written
WHERE game_date = @day AND game_id = @game_id
"""
_OFFICIAL = "SELECT DISTINCT game_id FROM `{summary}` WHERE game_date = @day"
_WITHDRAW = "DELETE FROM `{summary}` WHERE game_date = @day AND game_id = @game_id"
_TYPES = {"game_status": "INT64", "home_team_score": "INT64", "away_team_score": "INT64"}


def players(client: Any, day: datetime.date) -> tuple[tuple[script.Game, ...], tuple[script.Player, ...]]:
    """Return the games of a day, staggered, and their teams' players, given a BigQuery client.

    Left out are games whose teams have no players in the warehouse, which exhibitions never have.
    """
    since = bq.ScalarQueryParameter("since", "DATE", day - _NAMES_FROM)
    listed = tuple(
        script.Player(row["player_lookup"], row["name"], row["team"])
        for row in _asked(client, _PLAYERS, (since,), day=day)
    )
    teams = {player.team for player in listed}
    found = [script.Game(row["game_id"], row["away"], row["home"]) for row in _asked(client, _GAMES, day=day)]
    games = script.staggered(tuple(game for game in found if {game.away, game.home} <= teams))
    playing = {team for game in games for team in (game.away, game.home)}
    return games, tuple(player for player in listed if player.team in playing)


def night(client: Any, day: datetime.date, *, seed: int = 0) -> script.Night:
    """Return the scripted night of a day of the warehouse; raise ValueError when no games are scheduled."""
    games, listed = players(client, day)
    return script.Night(day, games, listed, seed)


def follow(
    client: Any, night: script.Night, minute: float, *, lag: float = LAG_MINUTES, official_after: float = OFFICIAL_AFTER
) -> None:
    """Write into the warehouse what the pipeline knows at a minute of the night; again does nothing more.

    lag: how many minutes the schedule is behind. official_after: how many minutes after its end a game's official box
    score is written. At a minute below 0 nothing has happened yet; the tip-offs told are the script's own.
    """
    for standing in night.at(minute - lag):
        _schedule(client, night, standing, written=night.instant(minute))
    written = {row["game_id"] for row in _asked(client, _OFFICIAL, day=night.day)}
    due = [one for one in night.at(minute) if minute >= one.game.final_at + official_after]
    early = {night.code(game) for game in night.games} - {night.code(one.game) for one in due}
    for code in sorted(written & early):
        _asked(client, _WITHDRAW, (bq.ScalarQueryParameter("game_id", "STRING", code),), day=night.day)
    missing = [one for one in due if night.code(one.game) not in written]
    if missing:
        stamped = [(one, night.instant(one.game.final_at + official_after)) for one in missing]
        _append(client, [row for one, stamp in stamped for row in official.rows(night, one, written=stamp)])


def _schedule(client: Any, night: script.Night, standing: script.Standing, *, written: datetime.datetime) -> None:
    values: Mapping[str, Any] = official.schedule(night, standing) | {"game_id": standing.game.nba_id}
    given = [bq.ScalarQueryParameter(name, _TYPES.get(name, "STRING"), value) for name, value in values.items()]
    _asked(client, _FOLLOW, (*given, bq.ScalarQueryParameter("written", "TIMESTAMP", written)), day=night.day)


def _asked(client: Any, sql: str, parameters: Sequence[Any] = (), *, day: datetime.date) -> list[Any]:
    names = {"schedule": SCHEDULE, "summary": SUMMARY, "context": CONTEXT}
    text = sql.format(**{name: f"{client.project}.{table}" for name, table in names.items()})
    config = bq.QueryJobConfig(query_parameters=[bq.ScalarQueryParameter("day", "DATE", day), *parameters])
    return list(client.query_and_wait(text, job_config=config, wait_timeout=_SECONDS))


def _append(client: Any, rows: list[dict[str, Any]]) -> None:
    """Append rows in one load job, so that a reader sees the official box scores of a minute at once or not."""
    table = client.get_table(f"{client.project}.{SUMMARY}")
    config = bq.LoadJobConfig(schema=table.schema, write_disposition=bq.WriteDisposition.WRITE_APPEND)
    client.load_table_from_json(rows, table, job_config=config).result(timeout=_SECONDS)
