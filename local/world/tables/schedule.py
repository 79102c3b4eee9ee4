"""nba_raw.nbac_schedule: the whole season, played and to come, with the exhibitions that must not count as games."""

import dataclasses
import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from local.world import columns, facts, state, teams
from local.world.tables import keys

_TABLE = "nba_raw.nbac_schedule"
_SATURDAY = 5
_WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_EVERYONE = (*teams.TEAMS, *teams.EXHIBITION)
_EXHIBITIONS = (  # id, day of February, away, home
    ("0032500001", 13, "WLD", "STR"),
    ("0032500002", 14, "STP", "WLD"),
    ("0032500003", 15, "STR", "STP"),
)
_CUP_KNOCKOUT = [datetime.date(2025, 12, day) for day in (9, 10, 13)]
_CUP_NIGHTS = [datetime.date(2025, 10, 31)] + [datetime.date(2025, 11, day) for day in (7, 14, 21, 25, 26, 28)]
_HOLIDAYS = (datetime.date(2025, 12, 25), datetime.date(2026, 1, 19))


@dataclasses.dataclass(frozen=True)
class Listed:
    """Every game of the schedule in the order of its days; scores are NaN before the game."""

    game_id: np.ndarray
    date: np.ndarray
    away: np.ndarray
    home: np.ndarray
    order: np.ndarray
    away_score: np.ndarray
    home_score: np.ndarray
    kind: np.ndarray


def tables(world: state.World) -> dict[str, pa.Table]:
    """Return the schedule from the first written day to the end of the season."""
    games = _listed(world)
    kept = np.flatnonzero(games.date >= world.first)
    games = Listed(**{field.name: getattr(games, field.name)[kept] for field in dataclasses.fields(Listed)})
    keyed = np.array([int(each) for each in games.game_id], dtype=np.int64)
    # Games to come were last written on the last morning; played ones when they ended.
    written = np.minimum(games.date, np.datetime64(facts.LAST_DAY))
    rows = world.rows(_TABLE, keyed, written, hour=14.0)
    given = _identity(games) | _sides(games) | _flags(world, games, keyed) | _calendar(games)
    return {_TABLE: world.table(rows, given)}


def _listed(world: state.World) -> Listed:
    season, total = world.season, world.box.total("points")
    count = len(season.date)
    scores = np.full((2, count), np.nan)
    done = int(world.side.final.sum()) // 2
    scores[:, :done] = total[: 2 * done].reshape(done, 2).T
    extra = _extra_games()
    dates = np.concatenate([season.date, np.array([game[1] for game in extra], dtype="datetime64[D]")])
    order = np.argsort(dates, kind="stable")
    ids = [f"00225{place + 1:05d}" for place in range(count)] + [game[0] for game in extra]
    codes = [team.code for team in _EVERYONE]
    more = np.array([[codes.index(code) for code in game[2:4]] for game in extra]).T
    finals = np.array([[game[4] for game in extra], [game[5] for game in extra]], dtype=np.float64)
    joined = {
        "game_id": np.array(ids, dtype=object),
        "date": dates,
        "away": np.concatenate([season.away, more[0]]),
        "home": np.concatenate([season.home, more[1]]),
        "order": np.concatenate([season.order, np.arange(len(extra))]),
        "away_score": np.concatenate([scores[0], finals[0]]),
        "home_score": np.concatenate([scores[1], finals[1]]),
        "kind": np.array(["regular"] * count + [game[6] for game in extra], dtype=object),
    }
    return Listed(**{name: values[order] for name, values in joined.items()})


def _extra_games() -> list[tuple[Any, ...]]:
    """Return the games that are neither regular nor playoff: the cup's final and the All-Star exhibitions."""
    final = ("0062500001", facts.CUP_FINAL, "SAS", "NYK", 113, 124, "cup_final")
    stars = [
        (game, datetime.date(2026, 2, day), away, home, np.nan, np.nan, "all_star")
        for game, day, away, home in _EXHIBITIONS
    ]
    return [final, *stars]


def _identity(games: Listed) -> dict[str, Any]:
    codes = np.array([team.code for team in _EVERYONE], dtype=object)
    stamps = np.char.replace(games.date.astype(str), "-", "").astype(object)
    played = ~np.isnan(games.home_score)
    return {
        "game_id": games.game_id,
        "game_code": stamps + "/" + codes[games.away] + codes[games.home],
        "season": keys.same(len(stamps), "2025-26"),
        "season_year": np.full(len(stamps), facts.SEASON_YEAR),
        "game_date": games.date,
        "game_date_est": games.date.astype("datetime64[us]"),
        "game_status": np.where(played, 3, 1),
        "game_status_text": np.where(played, keys.same(len(stamps), "Final"), "7:30 pm ET"),
        "home_team_score": games.home_score,
        "away_team_score": games.away_score,
        "winning_team_tricode": np.where(
            played, np.where(games.home_score > games.away_score, codes[games.home], codes[games.away]), None
        ),
        "game_sequence": games.order + 1,
        "source_file_path": "nba-com/schedule/" + stamps + "/schedule.json",
        "data_source": keys.same(len(stamps), "nba_com"),
    }


def _sides(games: Listed) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for where, index in (("home", games.home), ("away", games.away)):
        made[f"{where}_team_id"] = np.array([team.id for team in _EVERYONE])[index]
        made[f"{where}_team_tricode"] = columns.pick([team.code for team in _EVERYONE], index)
        made[f"{where}_team_name"] = columns.pick([team.name for team in _EVERYONE], index)
    made["arena_name"] = columns.pick([f"{team.city} Arena" for team in _EVERYONE], games.home)
    made["arena_city"] = columns.pick([team.city for team in _EVERYONE], games.home)
    made["arena_state"] = columns.pick([team.state for team in _EVERYONE], games.home)
    made["arena_timezone"] = columns.pick([team.timezone for team in _EVERYONE], games.home)
    return made


def _flags(world: state.World, games: Listed, keyed: np.ndarray) -> dict[str, Any]:
    regular, days = games.kind == "regular", games.date
    cup = np.isin(days, np.array(_CUP_NIGHTS + _CUP_KNOCKOUT, dtype="datetime64[D]")) & regular
    shown = world.draws.chance("schedule.national", keyed, share=0.2)
    networks = columns.lists([[], ["ESPN"], ["NBC", "Peacock"]], shown * (1 + keyed % 2))
    crowd = world.draws.integers("schedule.crowd", keyed, low=14200, high=20100)
    return {
        "is_neutral_site": games.kind != "regular",
        "is_regular_season": regular,
        "is_playoffs": np.zeros(len(keyed), dtype=bool),
        "is_all_star": games.kind == "all_star",
        "is_emirates_cup": cup | (games.kind == "cup_final"),
        "season_type": np.where(games.kind == "all_star", keys.same(len(keyed), "All-Star"), "Regular Season"),
        "playoff_round": keys.same(len(keyed), None),
        "is_national_tv": shown,
        "is_primetime": shown & (keyed % 3 == 0),
        "national_broadcasters": networks,
        "home_tv_broadcasters": columns.lists([["Home Sports Network"]], np.zeros(len(keyed), np.int64)),
        "away_tv_broadcasters": columns.lists([["Away Sports Network"], []], keyed % 2),
        "attendance": columns.nullable(crowd, ~np.isnan(games.home_score)),
    }


def _calendar(games: Listed) -> dict[str, Any]:
    days = games.date.astype(datetime.date)
    weeks = (games.date - np.datetime64(facts.FIRST_DAY)).astype(np.int64) // 7 + 1
    weekday = np.array([day.weekday() for day in days])
    return {
        "week_number": weeks,
        "week_name": np.array([f"Week {week}" for week in weeks], dtype=object),
        "day_of_week": columns.pick(_WEEKDAYS, weekday),
        "is_weekend": weekday >= _SATURDAY,
        "is_christmas": days == _HOLIDAYS[0],
        "is_mlk_day": days == _HOLIDAYS[1],
    }
