"""Whether our verdicts are those of Great Expectations, on the same small awkward tables, kind by kind.

Cases are drawn from a seed. Where the two differ on purpose, the reason is declared here and counted; any other
difference is a mistake of one of us, and is told.
"""

import collections
import dataclasses
import json
import random
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.checks import oracle, runs

SEED = 20260212
TABLES = 60
COLUMNS = {"i": "INT64", "f": "FLOAT64", "n": "NUMERIC", "s": "STRING", "Größe in cm": "INT64", "b": "BOOL"}
WORDS = ("a", "b", "ä", "it's", "", "🏀", None)
FLOATS = (0.0, 0.5, 1.0, -3.25, 1e300, "NaN", None)
NO_EVIDENCE = "no rows or no value: unknown to us; a pass to GX, or a fail for a mean"
NOT_A_NUMBER = "NaN: outside of every range and no mean to us; to GX on DuckDB it is the largest number"
NULL_IN_KEY = "a NULL within a compound key: a value like others to us; never a duplicate to GX"


@dataclasses.dataclass(frozen=True)
class Agreement:
    """How many verdicts are the same by kind, how many differ on purpose by reason, and which differ otherwise."""

    same: Mapping[str, int]
    declared: Mapping[str, int]
    others: tuple[str, ...]


def cases(seed: int = SEED) -> dict[str, Any]:
    """Return the tables and the checks of a seed."""
    draw = random.Random(seed)  # noqa: S311 - a seeded draw, no secret
    tables = {f"t{number}": {"columns": COLUMNS, "rows": _rows(draw)} for number in range(TABLES)}
    checks = [check for table in tables for check in _checks(draw, table)]
    return {"tables": tables, "checks": [check | {"id": f"c{number}"} for number, check in enumerate(checks)]}


def _rows(draw: random.Random) -> list[dict[str, Any]]:
    count, alike = draw.choice((0, 1, 2, 5, 5, 12, 12, 30, 30)), draw.choice((3, 1000))
    return [
        {
            "i": draw.choice((None, *range(alike))) if alike == 3 else draw.randrange(alike),  # noqa: PLR2004 - few values
            "f": draw.choice(FLOATS if draw.random() < 0.5 else FLOATS[:4]),  # noqa: PLR2004 - half of the rows
            "n": draw.choice((None, 0, 1.5, 7, 100)),
            "s": draw.choice(WORDS if draw.random() < 0.5 else WORDS[:2]),  # noqa: PLR2004 - half of the rows
            "Größe in cm": 150 + draw.randrange(alike),
            "b": draw.choice((True, False, None)),
        }
        for _ in range(count)
    ]


def _checks(draw: random.Random, table: str) -> Iterator[dict[str, Any]]:
    for column in COLUMNS:
        yield {"table": table, "kind": "not_null", "column": column}
    for columns in (["i"], ["Größe in cm"], ["s"], ["i", "s"], ["Größe in cm", "i"]):
        yield {"table": table, "kind": "duplicates", "columns": columns}
    yield {"table": table, "kind": "accepted", "column": "s", "values": [w for w in WORDS[:-1] if draw.random() < 0.8]}  # noqa: PLR2004 - most words
    yield {"table": table, "kind": "accepted", "column": "i", "values": sorted(draw.sample(range(4), 3))}
    for column in ("i", "f", "n", "Größe in cm"):
        low, high = sorted(draw.choice((-5, 0, 1, 2, 100, 200)) for _ in range(2))
        yield {"table": table, "kind": "range", "column": column, "min": low, "max": high}
        yield {"table": table, "kind": "range", "column": column, "min": low}
        yield {"table": table, "kind": "mean", "column": column, "min": low, "max": high}
    low, high = sorted(draw.choice((0, 1, 2, 5, 12, 40)) for _ in range(2))
    yield {"table": table, "kind": "rows", "min": low, "max": high}


def measure(ours: Path, gx: Path) -> Agreement:
    """Return how far the two agree, given the interpreters of both environments; raise RunFailed."""
    asked = cases()
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        path = Path(scratch) / "cases.json"
        path.write_text(json.dumps(asked), "utf-8")
        mine = json.loads(runs.call(ours, Path(__file__).with_name("ours.py"), ["--cases", str(path)]))
    return compared(asked, mine, oracle.ask(asked, gx))


def compared(asked: Mapping[str, Any], ours: Mapping[str, str], theirs: Mapping[str, str]) -> Agreement:
    """Return how far two sets of answers to the same cases agree."""
    same, declared = collections.Counter[str](), collections.Counter[str]()
    others = []
    for check in asked["checks"]:
        mine, their = ours[check["id"]], theirs[check["id"]]
        why = None if mine == their else _reason(check, asked["tables"][check["table"]]["rows"], mine)
        if mine == their:
            same[check["kind"]] += 1
        elif why is not None:
            declared[why] += 1
        else:
            others.append(f"{check}: {mine} by us, {their} by GX")
    return Agreement(dict(same), dict(declared), tuple(others))


def _reason(check: Mapping[str, Any], rows: list[dict[str, Any]], mine: str) -> str | None:
    """Return why the two may differ on a check, None when nothing explains it."""
    column = check.get("column", "")
    values = [row.get(column) for row in rows]
    if mine == "unknown" and all(value is None for value in values):
        return NO_EVIDENCE
    if "NaN" in values and mine in ("fail", "error"):
        return NOT_A_NUMBER
    names = check.get("columns", ())
    if mine == "unknown" and all(row.get(name) is None for row in rows for name in names):
        return NO_EVIDENCE
    if len(names) > 1 and any(row.get(name) is None for row in rows for name in names):
        return NULL_IN_KEY
    return None
