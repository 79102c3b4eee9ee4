"""Make the rows: `python bench/export/data.py --folder D --rows N [--batched]`, with pyarrow installed.

Box scores with predictions, each stamped with an instant of its own, and with all the digits of its probability, so
that nothing repeats itself to the benefit of whoever remembers. Batched, as a nightly pipeline writes them, the rows
of a game share their stamp, and probabilities have four decimals. There are NULLs, NaN, NUMERIC, numbers beyond 2^53,
and names that are not ASCII or need escapes. The same seed makes the same rows. They are written twice: as an Arrow
file, and from that as the pages that BigQuery's REST API answers with the same rows in it, which is where ours
starts: it parses JSON first.
"""

import argparse
import datetime
import decimal
import importlib
import json
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.export import contract

PAGE_ROWS = 20_000
BATCH_ROWS = 10_000
GAME_ROWS = 30
DAY_ROWS = 300
NAMES = (
    "Luka Dončić",
    "Nikola Jokić",
    "LeBron James",
    'Shaquille "Shaq" O\'Neal',
    "Dennis Schröder",
    "Alperen Şengün",
    "back\\slash",
    "tab\tand\nline",
    "渡邊 雄太",
    "clown 🤡",
    "",
)
FIRST_DAY = datetime.date(2023, 10, 24)
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
TIP_OFF = datetime.timedelta(hours=23)


def row(number: int, made: random.Random, *, batched: bool) -> dict[str, Any]:
    """Return a row, given its number, where the chance comes from, and whether it was written with its game."""
    game, day = number // GAME_ROWS, FIRST_DAY + datetime.timedelta(number // DAY_ROWS % 900)
    tip_off = datetime.datetime.combine(day, datetime.time(), tzinfo=datetime.UTC) + TIP_OFF
    chance, probability, moment = made.random(), made.random(), made.randrange(14_400_000_000)
    if batched:
        probability, moment = round(probability, 4), game % 240 * 30_000_000
    return {
        "game_date": day,
        "game_id": f"00223{game % 100_000:05d}",
        "player_id": 1_626_000 + made.randrange(600),
        "player_name": None if chance < 0.02 else made.choice(NAMES),  # noqa: PLR2004 - a share
        "predicted": None if chance > 0.98 else round(made.gauss(14, 6), 1),  # noqa: PLR2004 - a share
        "probability": float("nan") if number % 100 == 0 else probability,
        "line": None if number % 20 == 0 else decimal.Decimal(made.randrange(1, 90)) / 2,
        "updated_at": tip_off + datetime.timedelta(microseconds=moment),
        "event_id": None if number % 50 == 1 else contract.SAFE + 2 + number if number % 5 == 0 else number * 7,
        "note": None if chance < 0.7 else f'row {number}: "{made.choice(("over", "under"))}" \\ é',  # noqa: PLR2004 - a share
    }


def cell(value: Any) -> str | None:
    """Return a value as the REST API spells it."""
    if value is None:
        return None
    if isinstance(value, float):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(repr(value), repr(value))
    if isinstance(value, decimal.Decimal):
        spelled = format(value, "f")
        return spelled.rstrip("0").rstrip(".") if "." in spelled else spelled
    if isinstance(value, datetime.datetime):
        return str((value - EPOCH) // datetime.timedelta(microseconds=1))
    return str(value)


def page(rows: Sequence[Mapping[str, Any]], total: int) -> bytes:
    """Return a page of the REST API, as close as it writes it."""
    fields = [{"name": name, "type": kind, "mode": "NULLABLE"} for name, kind in contract.COLUMNS.items()]
    body = {
        "kind": "bigquery#getQueryResultsResponse",
        "schema": {"fields": fields},
        "totalRows": str(total),
        "rows": [{"f": [{"v": cell(value)} for value in row.values()]} for row in rows],
        "totalBytesProcessed": "0",
        "jobComplete": True,
    }
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def make(folder: Path, rows: int, *, batched: bool) -> None:
    """Write the Arrow file and the pages."""
    pa = importlib.import_module("pyarrow")
    schema = pa.schema(list(zip(contract.COLUMNS, map(_types(pa).__getitem__, contract.COLUMNS.values()), strict=True)))
    (folder / contract.PAGES).mkdir(parents=True, exist_ok=True)
    with pa.OSFile(str(folder / contract.INPUT), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in _batches(rows, batched=batched):
            writer.write_batch(pa.RecordBatch.from_pylist(batch, schema=schema))
    with pa.ipc.open_file(str(folder / contract.INPUT)) as reader:
        table = reader.read_all()
    for start in range(0, rows, PAGE_ROWS):
        some = table.slice(start, PAGE_ROWS).to_pylist()
        (folder / contract.PAGES / f"{start // PAGE_ROWS:05d}.json").write_bytes(page(some, rows))


def _batches(rows: int, *, batched: bool) -> Iterator[list[dict[str, Any]]]:
    made = random.Random(5)  # noqa: S311 - rows that can be made again
    for start in range(0, rows, BATCH_ROWS):
        yield [row(number, made, batched=batched) for number in range(start, min(start + BATCH_ROWS, rows))]


def _types(pa: Any) -> dict[str, Any]:
    made: dict[str, Callable[[], Any]] = {"DATE": pa.date32, "STRING": pa.string, "INTEGER": pa.int64}
    made["FLOAT"] = pa.float64
    return {name: make() for name, make in made.items()} | {
        "NUMERIC": pa.decimal128(38, 9),
        "TIMESTAMP": pa.timestamp("us", "UTC"),
    }


def main() -> int:
    """Return the exit code of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--batched", action="store_true")
    options = parser.parse_args()
    make(options.folder, options.rows, batched=options.batched)
    return 0


if __name__ == "__main__":
    sys.exit(main())
