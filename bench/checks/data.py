"""Make the two databases, clean and dirty: `python bench/checks/data.py --folder D --rows N`, with duckdb installed.

Every value is a hash of its row's number, so the same DuckDB makes the same data. `updated_at` lies in the 36 hours
before `contract.INSTANT`; nothing depends on the wall clock. In the dirty database one row in 1,000 of each table
has a wrong status. To be run by the oldest DuckDB among the tools: a newer one reads what an older one wrote.
"""

import argparse
import importlib
import sys
from pathlib import Path

from bench.checks import contract

THREADS = 2
# With fewer rows the share of NULLs may reach its limit, and no row be wrong.
FEWEST = 2_000

# `h(n)` is a hash of the row that differs by column; `i` is the number of the row.
_SELECT = """
CREATE TABLE {table} AS
SELECT
  i AS id,
  '00226' || lpad(CAST(i // 36 AS VARCHAR), 5, '0') AS game_id,
  1630000 + (i // 3) % 12 AS player_id,
  ['xgb_v12', 'cat_v09', 'ens_v04'][CAST(1 + i % 3 AS INTEGER)] AS model_id,
  CASE WHEN h(i, '{table}', 'gap') % 100 >= 2
    THEN CAST(h(i, '{table}', 'minutes') % 4800 AS DOUBLE) / 100 END AS minutes,
  {status} AS status,
  CAST(h(i, '{table}', 'prob') % 10001 AS DOUBLE) / 10000 AS prob,
  CAST(h(i, '{table}', 'points') % 5001 AS DOUBLE) / 100 AS points,
  CAST(h(i, '{table}', 'quality') % 1001 AS DOUBLE) / 10 AS quality,
  TIMESTAMP '{instant}' - to_seconds(CAST(h(i, '{table}', 'age') % 129600 AS BIGINT)) AS updated_at,
  'gs://bucket/' || substr(md5(CAST(i % 64 AS VARCHAR)), 1, 10) AS source,
  md5('{table}' || CAST(i AS VARCHAR)) AS note
FROM range({rows}) AS numbers(i)
"""
_HASH = "CREATE TEMP MACRO h(i, word, salt) AS hash(i, hash(word || '.' || salt))"
_STATUS = "[{statuses}][CAST(1 + h(i, '{table}', 'status') % 3 AS INTEGER)]"


def statement(table: str, rows: int, *, dirty: bool) -> str:
    """Return the SQL that makes `table` with `rows` rows."""
    statuses = ", ".join(f"'{status}'" for status in contract.STATUSES)
    status = _STATUS.format(statuses=statuses, table=table)
    if dirty:
        status = f"CASE WHEN i % 1000 = 500 THEN '{contract.WRONG_STATUS}' ELSE {status} END"
    instant = contract.INSTANT.strftime("%Y-%m-%d %H:%M:%S")
    return _SELECT.format(table=table, rows=rows, status=status, instant=instant)


def make(path: Path, rows: int, *, dirty: bool) -> None:
    """Write the database `path`, whole or not at all."""
    duckdb = importlib.import_module("duckdb")
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with duckdb.connect(str(part), config={"threads": THREADS}) as connection:
        connection.execute(_HASH)
        for table in contract.TABLES:
            connection.execute(statement(table, rows, dirty=dirty))
        connection.execute("CHECKPOINT")
    part.replace(path)


def main() -> int:
    """Return the exit code of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True, help="where clean.duckdb and dirty.duckdb are written")
    parser.add_argument("--rows", type=int, required=True, help="rows of each of the five tables")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for variant in (contract.CLEAN, contract.DIRTY):
        make(options.folder / f"{variant}.duckdb", options.rows, dirty=variant == contract.DIRTY)
    return 0


if __name__ == "__main__":
    sys.exit(main())
