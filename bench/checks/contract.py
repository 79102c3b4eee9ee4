"""The fifty checks as plain values, the tables they read, and the shape of the line that every adapter prints.

Only the standard library is imported here, because every tool's environment runs this module.
"""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from typing import Any

TABLES = ("boxscores", "features", "predictions", "grades", "lines")

# Freshness is judged against this instant, in UTC: the data are younger than it by less than FRESH_HOURS, for ever.
INSTANT = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.UTC)
FRESH_HOURS = 48

STATUSES = ("active", "inactive", "questionable")
WRONG_STATUS = "unknown"

CLEAN, DIRTY, BROKEN = "clean", "dirty", "broken"
VARIANTS = (CLEAN, DIRTY, BROKEN)

OURS_VERSION = "this repository"

# In the variant "broken" this one check names a column that no table has; the other forty-nine are as on clean data.
BROKEN_ID = "predictions.prob"
ABSENT_COLUMN = "probability"

PASS, FAIL, ERROR, MISSING = "pass", "fail", "error", "missing"
ANSWERS = (PASS, FAIL, ERROR, MISSING)

# GoogleSQL types, and the average bytes of a value as BigQuery bills it: 8 a number or an instant, 0 a NULL,
# 2 and its UTF-8 length a string. The two last columns are read by no check.
COLUMNS: Mapping[str, tuple[str, float]] = {
    "id": ("INT64", 8.0),
    "game_id": ("STRING", 12.0),
    "player_id": ("INT64", 8.0),
    "model_id": ("STRING", 9.0),
    "minutes": ("FLOAT64", 7.84),
    "status": ("STRING", 2 + (6 + 8 + 12) / 3),
    "prob": ("FLOAT64", 8.0),
    "points": ("FLOAT64", 8.0),
    "quality": ("FLOAT64", 8.0),
    "updated_at": ("TIMESTAMP", 8.0),
    "source": ("STRING", 24.0),
    "note": ("STRING", 34.0),
}


@dataclasses.dataclass(frozen=True)
class Check:
    """One declared check; `low` and `high` are inclusive, and a kind uses only the fields that it needs.

    rows: at least `low` rows. not_null: no NULL. missing: fewer than `high` per cent NULL. unique: no value twice, over
    all `columns` together. accepted: one of `values`. range: every value. mean, max: of all values. fresh: the newest
    value is less than `high` hours older than INSTANT.
    """

    id: str
    table: str
    kind: str
    columns: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()

    @property
    def column(self) -> str:
        """Return the first column, the only one but for a key."""
        return self.columns[0]


def checks(rows: int, *, variant: str = CLEAN) -> tuple[Check, ...]:
    """Return the fifty checks of `variant` for tables of `rows` rows."""
    found = [check for table in TABLES for check in _ten(table, rows)]
    if variant == BROKEN:
        found = [_broken(check) if check.id == BROKEN_ID else check for check in found]
    return tuple(found)


def truth(variant: str) -> dict[str, str]:
    """Return what a right tool answers in `variant`; the broken check itself has no right answer but "error"."""
    answers = {check.id: PASS for check in checks(1)}
    if variant == DIRTY:
        answers |= {f"{table}.status": FAIL for table in TABLES}
    if variant == BROKEN:
        answers[BROKEN_ID] = ERROR
    return answers


@dataclasses.dataclass(frozen=True)
class Result:
    """What one run of an adapter says: the line of JSON that it prints.

    `statements` are all that reached DuckDB, `table_queries` those that read one of TABLES; `seconds` is the run and
    `import_seconds` the imports before it; `rss_mb` is the peak resident size of the whole process.
    """

    tool: str
    version: str
    statements: int
    table_queries: int
    seconds: float
    import_seconds: float
    rss_mb: float
    answers: Mapping[str, str]

    def document(self) -> dict[str, Any]:
        """Return the result as JSON values."""
        return dataclasses.asdict(self)


def result(document: Mapping[str, Any]) -> Result:
    """Return the result that `document` holds; raise ValueError when it is not such a line."""
    names = {field.name for field in dataclasses.fields(Result)}
    if set(document) != names:
        raise ValueError(f"an adapter's line has other keys: {sorted(set(document) ^ names)}")
    odd = set(document["answers"].values()) - set(ANSWERS)
    if odd or set(document["answers"]) != set(truth(CLEAN)):
        raise ValueError(f"an adapter's answers are not one of {ANSWERS} for each check: {sorted(odd)}")
    return Result(**document)


def complete(answers: Mapping[str, str], declared: Sequence[Check]) -> dict[str, str]:
    """Return `answers` in the order of `declared`, with "missing" for a check that the tool did not speak of."""
    unknown = set(answers) - {check.id for check in declared}
    if unknown:
        raise ValueError(f"answers to checks that were not asked: {sorted(unknown)}")
    return {check.id: answers.get(check.id, MISSING) for check in declared}


def _ten(table: str, rows: int) -> list[Check]:
    return [
        Check(f"{table}.rows", table, "rows", low=rows),
        Check(f"{table}.id_present", table, "not_null", ("id",)),
        Check(f"{table}.minutes", table, "missing", ("minutes",), high=5),
        Check(f"{table}.id_unique", table, "unique", ("id",)),
        Check(f"{table}.key_unique", table, "unique", ("game_id", "player_id", "model_id")),
        Check(f"{table}.status", table, "accepted", ("status",), values=STATUSES),
        Check(f"{table}.prob", table, "range", ("prob",), low=0, high=1),
        Check(f"{table}.points", table, "mean", ("points",), low=10, high=40),
        Check(f"{table}.quality", table, "max", ("quality",), high=100),
        Check(f"{table}.updated_at", table, "fresh", ("updated_at",), high=FRESH_HOURS),
    ]


def _broken(check: Check) -> Check:
    return dataclasses.replace(check, columns=(ABSENT_COLUMN,))
