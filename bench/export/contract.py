"""What the programs of the benchmark agree on: tools, columns, files, and the line that a run prints; pure.

Imported in every environment, so it needs the standard library only.
"""

import dataclasses
from typing import Any

OURS, STDLIB, PANDAS, DUCKDB, POLARS = "pressbox", "stdlib", "pandas", "duckdb", "polars"
TOOLS = (OURS, STDLIB, PANDAS, DUCKDB, POLARS)
WRITER = STDLIB
"""The tool in whose environment the rows are made, and the outputs are judged: it has Arrow and nothing else."""
INPUT = "input.arrow"
PAGES = "pages"
COLUMNS = {
    "game_date": "DATE",
    "game_id": "STRING",
    "player_id": "INTEGER",
    "player_name": "STRING",
    "predicted": "FLOAT",
    "probability": "FLOAT",
    "line": "NUMERIC",
    "updated_at": "TIMESTAMP",
    "event_id": "INTEGER",
    "note": "STRING",
}
"""The ten columns, in order, with the types of the REST API."""
SAFE = 2**53 - 1


@dataclasses.dataclass(frozen=True)
class Result:
    """One run of one tool: how many rows, bytes before and after gzip, seconds, and peak memory.

    seconds: of the processor. wall_seconds: by the clock. rss_mb: the peak of the process; base_mb: after the imports.
    gzipped: 0 when nothing was compressed.
    """

    tool: str
    version: str
    rows: int
    bytes: int
    gzipped: int
    seconds: float
    wall_seconds: float
    rss_mb: float
    base_mb: float


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What a strict parser says of an output.

    valid: whether it is JSON. rows: how many it has. broken: by column, how many cells keep another rule than declared.
    """

    valid: bool
    rows: int
    broken: dict[str, int]

    @property
    def kept(self) -> bool:
        """Whether it is JSON, and every cell keeps the declared rules."""
        return self.valid and not self.broken


def result(line: dict[str, Any]) -> Result:
    """Return the result that a run printed; raise ValueError for another line."""
    try:
        return Result(**line)
    except TypeError as error:
        raise ValueError(f"a run printed another line: {error}") from error


def verdict(line: dict[str, Any]) -> Verdict:
    """Return the verdict that the judge printed; raise ValueError for another line."""
    try:
        return Verdict(**line)
    except TypeError as error:
        raise ValueError(f"the judge printed another line: {error}") from error
