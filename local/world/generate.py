"""Write the demo world: `python -m local.world.generate --days N --out DIR [--seed S]`.

Runs in the emulators' environment. One Parquet file a table, and `world.json` last: without it, no world is complete.
"""

import argparse
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from local.world import facts, fingerprint, schemas, state
from local.world.tables import (
    features,
    orchestration,
    player_game,
    precompute,
    predictions,
    schedule,
    team_game,
    upcoming,
    validation,
)

_GROUPS = (
    features, orchestration, player_game, precompute, predictions, schedule, team_game, upcoming, validation,
)  # fmt: skip


def tables(*, days: int, seed: int) -> Iterator[tuple[str, pa.Table]]:
    """Yield every table of the world by name; raise ValueError when `days` is out of range, or a table is not made."""
    world = state.make(days=days, seed=seed)
    missing = {name for name, declared in world.declared.items() if not schemas.is_view(declared)}
    for group in _GROUPS:
        for name, table in group.tables(world).items():
            missing.remove(name)
            yield name, table
    if missing:
        raise ValueError(f"declared, but not made: {sorted(missing)}")


def write(directory: Path, *, days: int, seed: int) -> dict[str, Any]:
    """Write the world into `directory` and return what `world.json` says of it."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / fingerprint.FILE).unlink(missing_ok=True)
    rows = {}
    for name, table in tables(days=days, seed=seed):
        parquet.write_table(table, directory / f"{name}.parquet", compression="snappy", use_dictionary=True)
        rows[name] = table.num_rows
    told = {
        "fingerprint": fingerprint.compute(days=days, seed=seed),
        "days": days,
        "seed": seed,
        "last_day": facts.LAST_DAY.isoformat(),
        "tables": dict(sorted(rows.items())),
        "views": [name for name, declared in schemas.load().items() if schemas.is_view(declared)],
        "facts": _planted(),
    }
    draft = directory / f"{fingerprint.FILE}.part"
    draft.write_text(json.dumps(told, indent=2) + "\n", "utf-8")
    draft.replace(directory / fingerprint.FILE)
    return told


def _planted() -> dict[str, Any]:
    """Return the planted facts as JSON values."""
    return {
        "player_rows_yesterday": facts.PLAYER_ROWS_YESTERDAY,
        "tonight": [f"{away}@{home}" for away, home in facts.TONIGHT],
        "slates": {str(day): dataclasses.asdict(slate) for day, slate in facts.SLATES.items()},
        "picks": [
            {"system_id": system, "game_date": str(day), **dataclasses.asdict(picks)}
            for (system, day), picks in facts.PLANTED.items()
        ],
    }


def main(arguments: list[str] | None = None) -> None:
    """Write the world that the command line asks for and print how many rows it has."""
    parser = argparse.ArgumentParser(prog="python -m local.world.generate", description="Write the demo world.")
    parser.add_argument("--days", type=_days, default=facts.DAYS, help=f"its last N days, 1 to {facts.DAYS}")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write into")
    parser.add_argument("--seed", type=int, default=facts.SEED, help="another seed makes another world")
    chosen = parser.parse_args(arguments)
    told = write(chosen.out, days=chosen.days, seed=chosen.seed)
    print(f"{sum(told['tables'].values())} rows in {len(told['tables'])} tables: {chosen.out}")


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= facts.DAYS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days from 1 to {facts.DAYS}")
    return int(text)


if __name__ == "__main__":
    main()
