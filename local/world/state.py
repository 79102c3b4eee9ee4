"""The whole world before it becomes tables: every part made from one seed, and the first day that is written."""

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from local.world import boxscores, columns, facts, fill, form, games, lines, noise, picks, players, schemas, sides


@dataclasses.dataclass(frozen=True)
class World:
    """Every part of the world; tables read it and write the days from `first` on."""

    draws: noise.Noise
    season: games.Games
    side: sides.Sides
    roster: players.Players
    box: boxscores.Box
    form: form.Form
    lines: lines.Lines
    models: list[picks.Model]
    first: np.datetime64
    declared: dict[str, schemas.Declared]

    def since(self, days: int) -> np.datetime64:
        """Return the first day of the last `days` days, or of the world if it is shorter."""
        return max(self.first, np.datetime64(facts.LAST_DAY) - np.timedelta64(days - 1, "D"))

    def cells(self, members: np.ndarray, *, since: np.datetime64 | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return the (side, slot) indices of the player slots in `members` from a day on."""
        start = self.first if since is None else since
        rows, slots = np.nonzero(members & (self.side.date >= start)[:, None])
        return rows, slots

    def rows(self, table: str, keys: np.ndarray, day: np.ndarray, *, hour: float) -> fill.Rows:
        """Return the rows of `table`, written `hour` hours after the start of their days."""
        return fill.Rows(table=table, keys=keys, day=day, hour=hour, draws=self.draws)

    def table(self, rows: fill.Rows, given: Mapping[str, Any]) -> pa.Table:
        """Return the Arrow table of `rows` with the values `given` and plausible ones for all other columns."""
        declared = self.declared[rows.table]
        return columns.table(declared, fill.complete(declared, rows, given))


def make(*, days: int, seed: int) -> World:
    """Return the world of which the last `days` days are written; raise ValueError when there are not so many."""
    if not 1 <= days <= facts.DAYS:
        raise ValueError(f"days is {days}: the season has 1 to {facts.DAYS} days to write")
    draws = noise.Noise(seed)
    season = games.make(draws)
    side, roster = sides.make(season), players.make(draws)
    box = boxscores.make(draws, side, roster)
    known = form.make(side, box)
    quoted = lines.make(draws, side, box, known)
    first = np.datetime64(facts.LAST_DAY - datetime.timedelta(days=days - 1))
    models = picks.make(draws, side, quoted)
    return World(draws, season, side, roster, box, known, quoted, models, first, schemas.load())
