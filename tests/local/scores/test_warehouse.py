"""Claims about the warehouse that follows a scripted night: its schedule and its official box scores."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from google.cloud import bigquery

from local import cloud as embedded
from local.scores import script, warehouse
from local.world import schemas, seed
from tests.local.scores import nights

DAY, EARLIER = nights.DAY, nights.DAY - datetime.timedelta(days=3)
TABLES = (warehouse.SCHEDULE, warehouse.SUMMARY, warehouse.CONTEXT)
STAMP = "2026-02-12T14:00:00Z"
SIZE = 12
OTHER = {"game_id": "20260209_MIL_OKC", "game_date": EARLIER.isoformat(), "season_year": 2025}

FIGURES = (
    "points", "rebounds", "assists", "steals", "blocks", "turnovers",
    "fg_made", "fg_attempted", "fg3_made", "fg3_attempted", "ft_made", "ft_attempted",
)  # fmt: skip


def _game(number: int, away: str, home: str, day: datetime.date = DAY) -> dict[str, Any]:
    sides = {
        f"{side}_team_{name}": value
        for side, code in (("away", away), ("home", home))
        for name, value in (("id", number), ("tricode", code), ("name", code))
    }
    return sides | {
        "game_id": f"002250080{number}" if number < 9 else "0032500001",
        "game_code": f"{day:%Y%m%d}/{away}{home}",
        "season": "2025-26",
        "season_year": 2025,
        "game_date": day.isoformat(),
        "game_date_est": f"{day}T00:00:00Z",
        "game_status": 1,
        "game_status_text": "7:30 pm ET",
        "game_sequence": number + 1,
        "source_file_path": "schedule.json",
        "created_at": STAMP,
        "processed_at": STAMP,
    }


def _rows() -> dict[str, list[dict[str, Any]]]:
    pairs = [pair for pair in nights.PAIRS for pair in (pair, pair[::-1])]
    other = dict(pairs)
    listed = nights.players(SIZE)
    schedule = [_game(number, *pair) for number, pair in enumerate(nights.PAIRS)]
    schedule += [_game(9, "WLD", "STR"), _game(5, "MIL", "OKC", EARLIER)]
    context = [
        {
            "player_lookup": player.lookup,
            "game_id": "x",
            "game_date": DAY.isoformat(),
            "team_abbr": player.team,
            "opponent_team_abbr": other.get(player.team, "x"),
            # The last of each team usually plays most, so that the order comes from the minutes.
            "minutes_avg_last_10": str(number % SIZE + 5),
        }
        for number, player in enumerate(listed)
    ]
    flags = {"starter_flag": True, "win_flag": True, "is_active": True, "opponent_team_abbr": "x"}
    summary = [
        OTHER | flags | {"player_lookup": player.lookup, "player_full_name": player.name, "team_abbr": player.team}
        for player in listed[1:]
    ]
    return dict(zip(TABLES, (schedule, summary, context), strict=True))


@pytest.fixture(scope="module")
def client() -> Iterator[bigquery.Client]:
    """Yield a client of a warehouse of this file's own: other tests have tables of the same names."""
    with embedded.running() as cloud:
        made = cloud.bigquery_client()
        declared = schemas.load()
        for name, rows in _rows().items():
            made.create_dataset(name.partition(".")[0], exists_ok=True)
            table = made.create_table(seed.resource(made.project, name, declared[name]))
            made.load_table_from_json(rows, table, job_config=bigquery.LoadJobConfig(schema=table.schema)).result(
                timeout=60
            )
        yield made
        made.close()


@pytest.fixture
def night(client: bigquery.Client) -> script.Night:
    """Return the night of the warehouse, in which nothing has happened yet."""
    made = warehouse.night(client, DAY, seed=7)
    warehouse.follow(client, made, -1)
    return made


def ask(client: bigquery.Client, sql: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    return [row.values() for row in client.query_and_wait(sql)]


def schedule(client: bigquery.Client, day: datetime.date = DAY) -> list[tuple[Any, ...]]:
    """Return what the schedule says of a day's games."""
    columns = "game_status, game_status_text, away_team_score, home_team_score, winning_team_tricode"
    return ask(client, f"SELECT {columns} FROM nba_raw.nbac_schedule WHERE game_date = '{day}' ORDER BY game_sequence")


def official(client: bigquery.Client) -> dict[str, int]:
    """Return how many rows each game of the day has in the official table."""
    table = "nba_analytics.player_game_summary"
    return dict(ask(client, f"SELECT game_id, COUNT(*) FROM {table} WHERE game_date = '{DAY}' GROUP BY game_id"))


def everything(client: bigquery.Client) -> list[list[tuple[Any, ...]]]:
    """Return every row of both tables that are written."""
    days = f"WHERE game_date >= '{EARLIER}'"
    return [
        sorted(ask(client, f"SELECT TO_JSON_STRING(t) FROM {table} t {days}"))
        for table in (warehouse.SCHEDULE, warehouse.SUMMARY)
    ]


def test_the_warehouse_names_games_and_players(client: bigquery.Client) -> None:
    """Games with players only, staggered; players by usual minutes, with their names where a name is known."""
    games, players = warehouse.players(client, DAY)
    assert games == nights.GAMES
    first = [player for player in players if player.team == "MIL"]
    assert [player.lookup for player in first] == [f"annmil{number}" for number in reversed(range(SIZE))]
    assert [player.name for player in first] == [*(f"Ann MIL{number}" for number in range(11, 0, -1)), "annmil0"]
    assert len(players) == 6 * SIZE


def test_a_day_without_games_is_no_night(client: bigquery.Client) -> None:
    """An off-day cannot be scripted."""
    assert warehouse.players(client, datetime.date(2026, 2, 16)) == ((), ())
    with pytest.raises(ValueError, match="needs a game"):
        warehouse.night(client, datetime.date(2026, 2, 16))


def test_before_the_night_all_is_scheduled(client: bigquery.Client, night: script.Night) -> None:
    """With the script's own tip-offs, no scores and no official rows."""
    assert schedule(client)[:3] == [(1, f"{text} pm ET", None, None, None) for text in ("7:30", "8:00", "10:00")]
    assert official(client) == {}
    assert night.began.isoformat() == "2026-02-13T00:30:00+00:00"


def test_the_schedule_follows_with_a_lag(client: bigquery.Client, night: script.Night) -> None:
    """Four minutes late: scheduled, then the clock without scores, then final with them."""
    warehouse.follow(client, night, 3.5)
    assert schedule(client)[0] == (1, "7:30 pm ET", None, None, None)
    warehouse.follow(client, night, 69)
    assert [row[:2] for row in schedule(client)[:3]] == [(2, "Half"), (2, "Q2 10:18"), (1, "10:00 pm ET")]
    warehouse.follow(client, night, 143.5)
    assert schedule(client)[0] == (2, "END Q4", None, None, None)
    warehouse.follow(client, night, 144)
    end = night.at(144)[0]
    winner = "OKC" if end.home_points > end.away_points else "MIL"
    assert schedule(client)[0] == (3, "Final", end.away_points, end.home_points, winner)
    warehouse.follow(client, night, 400)
    assert [row[:2] for row in schedule(client)[:3]] == [(3, "Final"), (3, "Final/OT"), (3, "Final")]


def test_the_lag_can_be_none(client: bigquery.Client, night: script.Night) -> None:
    """Then the schedule says what the games say."""
    warehouse.follow(client, night, 0, lag=0)
    assert schedule(client)[0][:2] == (2, "Q1 12:00")


def test_official_box_scores_come_hours_later(client: bigquery.Client, night: script.Night) -> None:
    """Each game's 180 minutes after its own end, never before."""
    first, second, third = nights.CODES
    seen = []
    for minute in (300, 319.5, 320, 364.5, 365, 469.5, 470):
        warehouse.follow(client, night, minute)
        seen.append(set(official(client)))
    assert seen == [set(), set(), {first}, {first}, {first, second}, {first, second}, {first, second, third}]
    assert set(official(client).values()) == {2 * SIZE}


def test_official_rows_are_those_of_the_script(client: bigquery.Client, night: script.Night) -> None:
    """Every figure is the script's; who did not play has none, and a reason."""
    warehouse.follow(client, night, 600)
    columns = (
        "player_lookup, player_full_name, team_abbr, points, offensive_rebounds + defensive_rebounds, assists, steals,"
        " blocks, turnovers, fg_makes, fg_attempts, three_pt_makes, three_pt_attempts, ft_makes, ft_attempts, is_dnp"
    )
    found = ask(client, f"SELECT {columns} FROM {warehouse.SUMMARY} WHERE game_date = '{DAY}' ORDER BY player_lookup")
    lines = [line for one in night.at(600) for line in one.away + one.home]
    told = [
        (
            line.player.lookup,
            line.player.name,
            line.player.team,
            *(getattr(line, name) if line.seconds else None for name in FIGURES),
            not line.seconds,
        )
        for line in lines
    ]
    assert found == sorted(told)
    absent = f"FROM {warehouse.SUMMARY} WHERE game_date = '{DAY}' AND is_dnp"
    assert ask(client, f"SELECT COUNT(*), COUNT(points), COUNT(minutes_played), COUNT(dnp_reason) {absent}") == [
        (12, 0, 0, 12)
    ]
    starts = f"SELECT COUNTIF(starter_flag), COUNTIF(win_flag) FROM {warehouse.SUMMARY} WHERE game_date = '{DAY}'"
    assert ask(client, starts) == [(30, 3 * SIZE)]


@pytest.mark.parametrize("minute", [-1, 100, 400, 600])
def test_to_follow_again_changes_nothing(client: bigquery.Client, night: script.Night, minute: float) -> None:
    """No row is written twice, and the minute decides alone, whatever was written before."""
    warehouse.follow(client, night, minute)
    once = everything(client)
    warehouse.follow(client, night, minute)
    assert everything(client) == once
    warehouse.follow(client, night, 600)
    warehouse.follow(client, night, minute)
    assert everything(client) == once


def test_other_days_are_left_alone(client: bigquery.Client, night: script.Night) -> None:
    """Neither the schedule nor the official rows of another day change, nor do games that are not of the night."""
    warehouse.follow(client, night, 600)
    warehouse.follow(client, night, -1)
    assert schedule(client, EARLIER) == [(1, "7:30 pm ET", None, None, None)]
    assert schedule(client)[3] == (1, "7:30 pm ET", None, None, None)
    before = f"SELECT COUNT(*) FROM {warehouse.SUMMARY} WHERE game_date = '{EARLIER}'"
    assert ask(client, before) == [(6 * SIZE - 1,)]
