"""A night as the pipeline writes it down: the schedule's words, and the official box score's rows; pure."""

import datetime
import zoneinfo
from typing import Any

from local.scores import clock, script

SCHEDULED, IN_PROGRESS, FINAL = 1, 2, 3
_STATUS = {"scheduled": SCHEDULED, "in_progress": IN_PROGRESS, "final": FINAL}
_ZONE = zoneinfo.ZoneInfo("America/New_York")
_SEASON_BEGINS = 8
_NOON = 12
_COACH = ("Did Not Play - Coach's Decision", "coach_decision")


def schedule(night: script.Night, standing: script.Standing) -> dict[str, Any]:
    """Return the columns of the schedule that change while a game is played; scores come when it is final."""
    game, reading = standing.game, standing.clock
    final = reading.state == "final"
    winner = game.home if standing.home_points > standing.away_points else game.away
    return {
        "game_status": _STATUS[reading.state],
        "game_status_text": _words(reading, night.instant(game.tip)),
        "home_team_score": standing.home_points if final else None,
        "away_team_score": standing.away_points if final else None,
        "winning_team_tricode": winner if final else None,
    }


def _words(reading: clock.Reading, tip: datetime.datetime) -> str:
    if reading.state == "scheduled":
        local = tip.astimezone(_ZONE)
        half = "am" if local.hour < _NOON else "pm"
        return f"{local.hour % _NOON or _NOON}:{local.minute:02} {half} ET"
    if reading.state == "final" and reading.period > clock.REGULAR:
        return "Final/OT"
    return reading.text


def rows(night: script.Night, standing: script.Standing, *, written: datetime.datetime) -> list[dict[str, Any]]:
    """Return the rows of nba_analytics.player_game_summary of a game that is final, as JSON values."""
    game = standing.game
    won = game.home if standing.home_points > standing.away_points else game.away
    stamp = written.isoformat()
    common = {
        "game_id": night.code(game),
        "game_date": night.day.isoformat(),
        "season_year": night.day.year - (night.day.month < _SEASON_BEGINS),
        "is_partial_game_data": False,
        "game_completeness_pct": "100",
        "game_status_at_processing": "final",
        "primary_source_used": "nbac_gamebook",
        "created_at": stamp,
        "first_processed_at": stamp,
        "processed_at": stamp,
    }
    sides = ((standing.away, game.home), (standing.home, game.away))
    return [
        common
        | _identity(line, opponent, won=won)
        | {"dedup_key": f"{common['game_id']}_{line.player.lookup}"}
        | (_figures(line) if line.seconds else _absence())
        for lines, opponent in sides
        for line in lines
    ]


def _identity(line: script.Line, opponent: str, *, won: str) -> dict[str, Any]:
    return {
        "player_lookup": line.player.lookup,
        "universal_player_id": f"{line.player.lookup}_001",
        "player_full_name": line.player.name,
        "team_abbr": line.player.team,
        "opponent_team_abbr": opponent,
        "starter_flag": line.starts,
        "win_flag": line.player.team == won,
        "is_active": True,
        "player_status": "active",
    }


def _figures(line: script.Line) -> dict[str, Any]:
    return {
        "points": line.points,
        "assists": line.assists,
        "offensive_rebounds": line.rebounds_offensive,
        "defensive_rebounds": line.rebounds_defensive,
        "steals": line.steals,
        "blocks": line.blocks,
        "turnovers": line.turnovers,
        "fg_attempts": line.fg_attempted,
        "fg_makes": line.fg_made,
        "three_pt_attempts": line.fg3_attempted,
        "three_pt_makes": line.fg3_made,
        "ft_attempts": line.ft_attempted,
        "ft_makes": line.ft_made,
        "personal_fouls": line.fouls,
        "minutes_played": f"{line.minutes:.1f}",
        "is_dnp": False,
    }


def _absence() -> dict[str, Any]:
    return {"is_dnp": True, "dnp_reason": _COACH[0], "dnp_reason_category": _COACH[1]}
