"""The property of folding: whatever the table and the suite, folded, alone and halved scans observe the same."""

import datetime
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from google.cloud import bigquery

from shared.checks import catalogue, expressions, planning, suites
from tests.shared.checks import engine

FIELD = bigquery.SchemaField
HUGE = 2**63 - 1
DAYS = [(engine.DAY - datetime.timedelta(days=number)).isoformat() for number in range(3)]
TEXTS = ["a", "b", "", "NULL", '"NULL"', "it's", 'q"', "back\\slash", "`", "x, y", "😀é", "'); DROP TABLE x; --", "a/b"]
# What BigQuery allows in a column's name, at its oddest.
NAMES = ["Größe in cm", "select", "it's", "a -- b", "# x", "100 % & more", "plain", "Case", "表", "a<b>:c|d=e+f"]
VALUES: Mapping[str, Sequence[Any]] = {
    "STRING": TEXTS,
    "INT64": [0, 1, 2, -7, HUGE, -HUGE - 1, 10**15],
    "FLOAT64": [0.0, 1.5, -2.25, 1e300, "NaN", "Infinity", "-Infinity"],
    "BOOL": [True, False],
    "NUMERIC": ["0", "1.5", "-2.25", "12345678901234567890.123456789"],
}
LEVELS = ["> 0", "< 95", "== 0", ">= 2", "< 10 or > 40", "!= 1"]
SEEDS = range(8)


class Made:
    """A random table, and a random suite over it."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a seeded test, no secret
        names = self.chance.sample(NAMES, len(VALUES))
        self.kinds = dict(zip(names, VALUES, strict=True))
        empty = self.chance.random()
        self.nothing = {name for name in names if self.chance.random() < 0.15}
        self.rows = [] if empty < 0.12 else [self._row() for _ in range(self.chance.choice([3, 40, 80]))]

    def _row(self) -> dict[str, Any]:
        row = {name: self._value(name) for name in self.kinds}
        row["day"] = self.chance.choice([*DAYS, DAYS[0], None])
        row["inner_one"] = {"deep er": self._any("INT64"), "word": self._any("STRING")}
        return row

    def _value(self, name: str) -> Any:
        return None if name in self.nothing else self._any(self.kinds[name])

    def _any(self, kind: str) -> Any:
        return None if self.chance.random() < 0.2 else self.chance.choice(VALUES[kind])

    @property
    def schema(self) -> list[bigquery.SchemaField]:
        """The columns of the table."""
        within = [FIELD("deep er", "INT64"), FIELD("word", "STRING")]
        found = [FIELD(name, kind) for name, kind in self.kinds.items()]
        return [FIELD("day", "DATE"), FIELD("inner_one", "RECORD", fields=within), *found]

    def column(self, *kinds: str) -> str:
        """Return a quoted column of one of these types."""
        known = [(expressions.quoted((name,)), kind) for name, kind in self.kinds.items()]
        known += [("inner_one.`deep er`", "INT64"), ("inner_one.word", "STRING")]
        return self.chance.choice([name for name, kind in known if not kinds or kind in kinds])

    def condition(self) -> str:
        """Return an expression over rows, true, false or NULL; now and then one that fails for some rows."""
        word, number = self.column("STRING"), self.column("INT64")
        if self.chance.random() < 0.04:
            return self.chance.choice([f"1 / {number} > 0", f"CAST({word} AS INT64) > 0", f"{word} > 1"])
        return self.chance.choice(
            [
                f"{number} > 1",
                f"{word} IS NOT NULL",
                f"{word} IN ('a', 'b') OR {number} IS NULL",
                f"LENGTH({word}) >= 1",
                self.column("BOOL"),
                f"{self.column('NUMERIC', 'FLOAT64')} < 1.5",
                f"SAFE_DIVIDE(1, {number}) > 0",
            ]
        )

    def suite(self, table: str) -> suites.Suite:
        """Return a suite with every kind that asks the warehouse, and some of them again."""
        makers = [*MAKERS.items(), *self.chance.choices(list(MAKERS.items()), k=8)]
        checks = [self._check(f"c{place}", kind, make(self)) for place, (kind, make) in enumerate(makers)]
        common = {"table": table, "key": [self.column("STRING"), self.column("INT64")]}
        narrowed = {"where": self.condition()} if self.chance.random() < 0.3 else {}
        gaps = [{"id": "gaps", "kind": "gaps", "each": "day", "of": "daily", "warn": "< 120", "fail": "< 50"}]
        return engine.suite(
            facts={
                "total": {"table": table, "at": {"day": "day - 1"}},
                "sum": {"table": table, "whole_table": True, "sum": self.column("NUMERIC", "FLOAT64", "INT64")},
                "by": {"table": table, "at": {"day": "day"}, "each": self.column("STRING", "BOOL")},
                "daily": {"table": table, "at": {"day": "3 days until day"}, "each": "day"},
            },
            tables={
                "windowed": {**common, **narrowed, "at": {"day": "day"}, "checks": checks[::2]},
                "whole": {**common, "whole_table": True, "checks": checks[1::2]},
                "gaps": {**common, "at": {"day": "3 days until day"}, "checks": gaps},
            },
        )

    def _check(self, name: str, kind: str, own: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {"id": name, "kind": kind, **own}
        if catalogue.shapes()[kind].minds_rows:
            found["min_rows"] = self.chance.choice([1, 1, 3])
        if kind not in ("gate", "signal", "anomaly"):
            found["warn"] = self.chance.choice(LEVELS)
        if kind == "sql":
            return found
        if self.chance.random() < 0.3:
            found["where"] = self.condition()
        if self.chance.random() < 0.4:
            found["at"] = {"day": self.chance.choice(["day", "day - 1", "3 days until day", "null"])}
        if "each" not in found and self.chance.random() < 0.4:
            found |= {"each": self.column("STRING", "BOOL", "INT64", "NUMERIC"), "expected": ["a", "NULL"]}
        return found


def _rows(made: Made) -> dict[str, Any]:
    return made.chance.choice([{}, {"distinct": made.column("STRING", "NUMERIC")}, {"per": "total"}, {"per": "sum"}])


def _bounds(made: Made) -> dict[str, Any]:
    return {"column": made.column("INT64", "FLOAT64", "NUMERIC"), "min": made.chance.choice([-3, 0.5]), "max": 10**6}


def _accepted(made: Made) -> dict[str, Any]:
    column, values = made.chance.choice([("STRING", ["a", "it's"]), ("INT64", [1, 2]), ("BOOL", [True])])
    return {"column": made.column(column), "values": values}


def _duplicates(made: Made) -> dict[str, Any]:
    columns = [made.column("STRING", "INT64", "NUMERIC") for _ in range(made.chance.choice([1, 2]))]
    return made.chance.choice([{}, {"columns": list(dict.fromkeys(columns))}])


def _reconcile(made: Made) -> dict[str, Any]:
    column = made.column("NUMERIC", "FLOAT64", "INT64")
    told = {"against": made.chance.choice(["sum", "total"]), "unit": made.chance.choice(["rows", "percent"])}
    return told | made.chance.choice([{}, {"sum": column}, {"distinct": made.column("STRING")}])


def _signal(made: Made) -> dict[str, Any]:
    return {
        "facts": ["total"],
        "count": {"some": made.condition()},
        "percent": {"most": made.condition()},
        "ladder": [
            {"says": "RED", "when": "some < 1", "status": "fail"},
            {"says": "YELLOW", "when": "most > 40", "status": "warn"},
        ],
        "otherwise": {"says": "GREEN", "status": "pass"},
    }


def _gate(made: Made) -> dict[str, Any]:
    return {
        "each": made.column("STRING", "BOOL"),
        "champion": made.chance.choice(["a", "true"]),
        "wins": made.condition(),
        "of": made.condition(),
        "min_picks": 3,
        "sides": {"over": made.condition(), "under": made.condition()},
        **made.chance.choice([{}, {"by": "day"}]),
    }


def _own(made: Made) -> dict[str, Any]:
    said = made.chance.choice(["COUNT(*)", "1 / 0", "NULL", "'seven'", "SUM(n)"])
    return {"query": f"SELECT {said} AS observed FROM (SELECT 1 AS n) WHERE @day IS NOT NULL"}


MAKERS: Mapping[str, Callable[[Made], dict[str, Any]]] = {
    "rows": _rows,
    "not_null": lambda made: {"column": made.column(), "unit": made.chance.choice(["rows", "percent"])},
    "accepted": _accepted,
    "range": _bounds,
    "percent": lambda made: {"holds": made.condition()},
    "statistic": lambda made: {
        "of": made.chance.choice(["avg", "min", "max", "sum"]),
        "column": made.column("INT64", "FLOAT64", "NUMERIC"),
    },
    "duplicates": _duplicates,
    "freshness": lambda _: {"column": "day"},
    "completeness": lambda made: {"of": made.chance.choice(["total", "by", "sum"]), "times": 2},
    "parity": lambda made: {
        "each": made.column("STRING", "BOOL"),
        "champion": made.chance.choice(["a", "true"]),
        "expected": ["a", "b"],
    },
    "reconcile": _reconcile,
    "anomaly": lambda _: {"per": "total", "warn": "> 3.5"},
    "signal": _signal,
    "gate": _gate,
    "sql": _own,
}


def told(findings: Mapping[str, Sequence[Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return what is said of every check, as a report holds it; an engine's own words of an error may differ."""
    kept = ("subject", "status", "reason", "observed", "expected", "unit", "evidence", "message")
    return {
        check: [
            {name: one[name] for name in kept if name != "message" or one["status"] != "error"}
            for one in engine.encoded(found)
        ]
        for check, found in findings.items()
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_folded_alone_and_halved_agree(bigquery_client: Any, make_dataset: Callable[[], str], seed: int) -> None:
    """On every status, reason, observed number and piece of evidence, of every kind, in every window and group."""
    made, name = Made(seed), f"{make_dataset()}.t"
    partitioning = bigquery.TimePartitioning(field="day")
    known = {name: engine.load(bigquery_client, name, made.schema, made.rows, partitioning)}
    given, warehouse = engine.asked(made.suite(name)), engine.warehouse(bigquery_client)

    folded = told(engine.judged(given, known, engine.folded(warehouse)))
    assert folded == told(engine.judged(given, known, engine.alone(warehouse)))
    assert folded == told(engine.judged(given, known, engine.folded(engine.halved(warehouse, 2))))
    assert all(folded.values())


def test_the_generator_is_not_blind() -> None:
    """Over all seeds it makes empty tables, columns without any value, and every kind."""
    made = [Made(seed) for seed in SEEDS]

    assert any(not one.rows for one in made)
    assert any(one.nothing and one.rows for one in made)
    kinds = {check.check.kind for one in made for check in planning.bound(one.suite("d.t"))}
    assert kinds == {*MAKERS, "gaps"}
