"""What the schedule says now and said when the grace began, asked of the embedded warehouse."""

import datetime
from collections.abc import Callable
from typing import Any

from cloud_functions.live_freshness_monitor import declaration, schedule, seen
from local import cloud as local_cloud
from shared import calendars, contract, errors, gamedays, pipeline, settings
from shared.calendars import Day, Standing
from shared.gcp import clients

DAY = datetime.date(2026, 2, 12)
GRACE = datetime.timedelta(minutes=1)


def night(cloud: local_cloud.Cloud, table: str | None, now: datetime.datetime) -> seen.Night | errors.CloudError:
    """Return what the schedule says of the day at `now`, with a minute of grace."""
    calendar = None if table is None else calendars.Declared(table, "day", "game", final="state = 3", live="state = 2")
    declared = declaration.Declared(
        declaration.Freshness("https://site.example/v1", (declaration.Document("live"),), grace_minutes=1.0),
        pipeline.Pipeline(gamedays.GameDay("America/New_York", 4), calendar),
    )
    deployed = settings.read(cloud.environ())
    used = clients.connect(deployed.project)
    given = contract.Run(now, "r", declared, declaration.Request(), deployed, used, lambda: None)
    return schedule.night(given, DAY)


def instant(client: Any) -> datetime.datetime:
    """Return the warehouse's own time."""
    ((found,),) = client.query_and_wait("SELECT CURRENT_TIMESTAMP()")
    return datetime.datetime.fromisoformat(str(found))


def test_the_schedule_is_read_twice(emulated: local_cloud.Cloud, make_dataset: Callable[[], str]) -> None:
    """Two games before the first tip-off, and with one under way and one over a minute later; then without a past."""
    client, table = emulated.bigquery_client(), f"{make_dataset()}.schedule"
    client.query_and_wait(f"CREATE TABLE {table} (day DATE, game STRING, state INT64)")
    before = instant(client)
    client.query_and_wait(
        f"INSERT INTO {table} (day, game, state) VALUES (DATE '{DAY}', 'a', 1), (DATE '{DAY}', 'b', 2)"
    )
    between = instant(client)
    client.query_and_wait(f"UPDATE {table} SET state = state + 1 WHERE TRUE")

    now = Day(2, 2, 1, 1)
    assert night(emulated, table, between + GRACE) == seen.Night(Standing.GAMES, now, Day(2, 2, 0, 1))
    assert night(emulated, table, before + GRACE) == seen.Night(Standing.GAMES, now, Day(0, 0, 0))
    assert night(emulated, table, before) == seen.Night(Standing.GAMES, now, None)


def test_a_schedule_that_is_not_there_is_an_error(emulated: local_cloud.Cloud, make_dataset: Callable[[], str]) -> None:
    """No table, and no calendar declared: neither is an off-day."""
    now = datetime.datetime.now(datetime.UTC)

    assert isinstance(night(emulated, f"{make_dataset()}.schedule", now), errors.NotFound)
    assert isinstance(night(emulated, None, now), errors.NotFound)
