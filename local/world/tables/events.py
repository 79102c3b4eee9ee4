"""From rows written one by one to a table: the logs of the orchestration are small, and uneven."""

import datetime
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from local.world import columns, facts, schemas, state

UTC = datetime.UTC


def table(world: state.World, name: str, rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Return the table `name` of `rows`, each a dictionary of its columns; a column that a row lacks is NULL."""
    declared = world.declared[name]
    known = [field["name"] for field in schemas.fields(declared)]
    invented = {column for row in rows for column in row} - set(known)
    if invented:
        raise KeyError(f"{name} has no columns {sorted(invented)}")
    return columns.table(declared, {column: [row.get(column) for row in rows] for column in known})


def days(since: np.datetime64) -> list[datetime.date]:
    """Return every day from `since` to the last day of the world."""
    first: datetime.date = since.astype(datetime.date)
    return [first + datetime.timedelta(days=offset) for offset in range((facts.LAST_DAY - first).days + 1)]


def at(day: datetime.date, *, hours: float) -> datetime.datetime:
    """Return the instant `hours` hours (UTC) after `day` began, to the second."""
    start = datetime.datetime(day.year, day.month, day.day, tzinfo=UTC)
    return start + datetime.timedelta(seconds=round(hours * 3600))


def unit(world: state.World, name: str, day: datetime.date, number: int = 0) -> float:
    """Return a float in [0, 1) for the `number`th thing called `name` on `day`."""
    return float(world.draws.uniform(f"events.{name}", np.array([day.toordinal() * 4096 + number]))[0])


def code(world: state.World, name: str, day: datetime.date, number: int = 0) -> str:
    """Return sixteen hexadecimal digits for the `number`th thing called `name` on `day`."""
    return f"{int(world.draws.bits(f'events.{name}', np.array([day.toordinal() * 4096 + number]))[0]):016x}"


def text(value: dict[str, Any]) -> str:
    """Return `value` as compact JSON with sorted keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def games(world: state.World) -> dict[datetime.date, list[str]]:
    """Return the ids of the games of each written day, without days that have none."""
    found: dict[datetime.date, list[str]] = {}
    for day, game in zip(world.side.date[::2], world.side.game_id[::2], strict=True):
        if day >= world.first:
            found.setdefault(day.astype(datetime.date), []).append(game)
    return found
