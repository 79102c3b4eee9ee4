"""What the one query of a table looks like, what it promises, and how its rows become answers."""

import datetime
import re
from typing import Any

import pytest

from shared.checks import expressions, fold, model, planning, sql
from tests.shared.checks import engine

DAY = sql.Sql(("`day`",), frozenset({("day",)}))


def scans(*checks: dict[str, Any], columns: dict[str, str] | None = None, **table: Any) -> list[fold.Scan]:
    """Return the scans of a suite of one table."""
    given = engine.asked(engine.checks(*checks, **table))
    return fold.scans(engine.questions(given, {"d.t": engine.table(**(columns or {}))}))


def scan(*checks: dict[str, Any], columns: dict[str, str] | None = None, **table: Any) -> fold.Scan:
    """Return the one scan of a suite of one table."""
    (found,) = scans(*checks, columns=columns, **table)
    return found


def null(column: str, **more: Any) -> dict[str, Any]:
    """Return a check that a column has values."""
    return {"kind": "not_null", "column": column, "fail": "> 0", **more}


ROWS = {"kind": "rows", "fail": "== 0"}
EACH = {"kind": "rows", "each": "s", "fail": "== 0"}


def test_the_whole_text() -> None:
    """A check becomes aggregates over the bare partition column's days, and nothing else."""
    found = scan(null("n", where="f > 1.5"), key=["s"])

    assert found.text == (
        "SELECT\n"
        "  COUNTIF((f > 1.5)) AS m0,\n"
        "  COUNTIF((f > 1.5) AND `n` IS NULL) AS m1,\n"
        "  ARRAY_AGG(pressbox_0 IGNORE NULLS ORDER BY pressbox_0 LIMIT 5) AS m2\n"
        "FROM (\n"
        "SELECT\n"
        "  `day`,\n"
        "  `f`,\n"
        "  `n`,\n"
        "  `s`,\n"
        "  IF((f > 1.5) AND `n` IS NULL, TO_JSON_STRING(STRUCT(`s`)), NULL) AS pressbox_0\n"
        "FROM `p`.`d`.`t`\n"
        "WHERE `day` = @p0\n"
        ")"
    )
    assert found.parameters == (("p0", "DATE", engine.DAY),)


def test_one_scan_a_table() -> None:
    """However many checks and facts a table has, they are one query; another table is another."""
    suite = engine.suite(
        facts={"all": {"table": "d.t", "whole_table": True}, "others": {"table": "d.u", "at": {"day": "day"}}},
        tables={
            name: {
                "table": f"d.{name[0]}",
                "at": {"day": "day"},
                "checks": [{"id": f"c{place}", **ROWS, "per": "all"} for place in range(20)]
                + [{"id": "other", "kind": "reconcile", "against": "others", "fail": "> 0"}],
            }
            for name in ("t", "t_again", "u")
        },
    )
    asked = engine.questions(engine.asked(suite), {"d.t": engine.table(), "d.u": engine.table("u")})
    found = fold.scans(asked)

    assert [one.table.ref.short for one in found] == ["d.t", "d.u"]
    assert [len(one.questions) for one in found] == [43, 22]


def test_equal_measures_are_computed_once() -> None:
    """Twenty checks that count the same rows share one aggregate, and each has its own answer."""
    found = scan(*([ROWS] * 20), null("n"), null("n", unit="percent"))

    assert found.text.count("COUNT(*)") == 1
    assert len(re.findall(r" AS m\d+", found.text)) == 2
    answers = fold.read(found, [{"m0": 7, "m1": 3}])
    assert {owner: answer.number("rows") for owner, answer in answers.items()} == {f"t.c{n}": 7 for n in range(22)}
    assert [answers[f"t.c{n}"].number("bad") for n in (20, 21)] == [3, 3]


def test_one_window_stands_in_where_only() -> None:
    """Where all look at the same days, no aggregate repeats them."""
    found = scan(ROWS, null("n"))

    assert found.text.count("`day`") == 1
    assert found.text.endswith("WHERE `day` = @p0")


def test_windows_that_differ_become_conditions() -> None:
    """Each aggregate is of its own days, and WHERE reads those of all, by constants on the bare column."""
    found = scan(null("n"), null("n", at={"day": "day - 1"}), null("n", at={"day": "7 days until day"}))

    assert found.text.endswith("WHERE `day` = @p0 OR `day` = @p1 OR `day` BETWEEN @p2 AND @p0")
    for inside in ("`day` = @p0", "`day` = @p1", "`day` BETWEEN @p2 AND @p0"):
        assert f"COUNTIF({inside} AND `n` IS NULL)" in found.text
    days = [datetime.date(2026, 2, number) for number in (12, 11, 6)]
    assert found.parameters == tuple((f"p{place}", "DATE", day) for place, day in enumerate(days))


def test_a_whole_table_beside_a_window() -> None:
    """As soon as one question needs every partition there is no WHERE, and the others keep their days inside."""
    suite = engine.suite(
        tables={
            "t": {"table": "d.t", "at": {"day": "day"}, "checks": [{"id": "c0", **ROWS}]},
            "all": {"table": "d.t", "whole_table": True, "checks": [{"id": "c1", **ROWS}]},
        }
    )
    found = fold.compiled(engine.questions(engine.asked(suite), {"d.t": engine.table()}))

    assert "WHERE" not in found.text
    assert "COUNTIF(`day` = @p0) AS m0" in found.text
    assert "COUNT(*) AS m1" in found.text


@pytest.mark.parametrize(
    ("by", "kind", "window", "text"),
    [
        ("ts", "TIMESTAMP", "day", r"\(`ts` >= @p0 AND `ts` < @p1\)"),
        ("dt", "DATETIME", "3 days until day - 1", r"\(`dt` >= @p0 AND `dt` < @p1\)"),
        ("number", "INT64", "-5..7", r"`number` BETWEEN @p0 AND @p1"),
        ("day", "DATE", "null", r"`day` IS NULL"),
        ("_PARTITIONDATE", "DATE", "day", r"_PARTITIONDATE = @p0"),
        ("_PARTITIONTIME", "TIMESTAMP", "day", r"\(_PARTITIONTIME >= @p0 AND _PARTITIONTIME < @p1\)"),
    ],
)
def test_the_partition_predicate_is_bare(by: str, kind: str, window: str, text: str) -> None:
    """No function stands around the partition column, and only parameters beside it."""
    given = engine.asked(engine.checks(ROWS, at={by: window}))
    known = engine.table(by=by, **({} if by.startswith("_") else {by: kind}))

    (found,) = fold.scans(engine.questions(given, {"d.t": known}))
    assert re.fullmatch(rf"SELECT\n  COUNT\(\*\) AS m0\nFROM `p`\.`d`\.`t`\nWHERE {text}", found.text)


AWKWARD = ("it's", 'a "quote"', "back\\slash", "`tick`", "-- # /* */", "'); DROP TABLE x; --", "\x01\x1f\x7f", "😀é")


@pytest.mark.parametrize("value", [*AWKWARD, "@p0", "?", "x" * 65536])
def test_no_value_stands_in_the_text(value: str) -> None:
    """A declared value reaches the query as a parameter, so that the text is the same whatever it is."""
    texts = []
    for text in (value, "plain"):
        found = scan(
            {"kind": "accepted", "column": "s", "values": [text, "b"], "fail": "> 0"},
            {"kind": "range", "column": "n", "min": 31337, "max": 31338, "fail": "> 0"},
            {"kind": "rows", "each": "s", "expected": [text], "fail": "== 0"},
            {"kind": "parity", "each": "s", "champion": text, "expected": [text, "other"], "fail": "< 70"},
            where="f > 0",
        )
        assert found.parameters[:2] == (("p0", "STRING", text), ("p1", "STRING", "b"))
        texts.append(found.text)

    assert texts[0] == texts[1]
    assert "31337" not in texts[0]


def test_the_day_is_a_parameter_only() -> None:
    """Two days give the same text."""
    declared = engine.checks(
        null("n"),
        null("f", at={"day": "day - 1"}),
        {"kind": "sql", "query": "SELECT COUNT(*) AS observed FROM d.t WHERE day = @day OR day < @day", "fail": "> 0"},
    )
    first, second = (
        fold.scans(engine.questions(engine.asked(declared, day=day), {"d.t": engine.table()}))
        for day in (engine.DAY, datetime.date(1999, 12, 31))
    )

    assert [one.text for one in first] == [one.text for one in second]
    assert [one.parameters for one in first] != [one.parameters for one in second]
    assert not any(re.search(r"2026|1999", one.text) for one in (*first, *second))


@pytest.mark.parametrize("name", ["Größe in cm", "a`b", "select", "x;--", "back\\slash", "it's", "😀", "a.b"])
def test_identifiers_are_quoted(name: str) -> None:
    """Whatever a column is called, it stands in backquotes, and they cannot be closed from inside."""
    quoted = expressions.quoted((name,))
    found = scan(
        null(quoted),
        {"kind": "rows", "each": quoted, "fail": "== 0"},
        {"kind": "rows", "distinct": quoted, "fail": "== 0"},
        columns={name: "STRING"},
        key=[quoted],
    )

    left = found.text.replace(quoted, "")
    assert name not in left
    assert f"COUNTIF({quoted} IS NULL)" in found.text
    assert f"GROUP BY GROUPING SETS ((), ({quoted}))" in found.text
    assert (name,) in found.columns


def test_a_column_is_spelled_as_the_table_spells_it() -> None:
    """Two spellings of one column are one aggregate and one grouping."""
    found = scan(null("N"), null("n"), {**ROWS, "each": "S"}, EACH)

    assert found.text.count("IS NULL") == 1
    assert len(found.grouped) == 1


def test_groups_are_grouping_sets_with_the_empty_one() -> None:
    """Each grouping is a set of its own beside the empty one, which answers even when no row is read."""
    found = scan(ROWS, EACH, EACH, {**ROWS, "each": "n"})

    assert found.text.endswith("GROUP BY GROUPING SETS ((), (`s`), (`n`))")
    assert "GROUPING(`s`) AS g0,\n  CAST(`s` AS STRING) AS k0" in found.text
    assert "GROUP BY" not in scan(ROWS).text


def test_halves_answer_the_same_questions() -> None:
    """Halved until each stands alone, every question is still asked, once, in its order, as if it had been alone."""
    found = scan(ROWS, EACH, null("n"), null("f", at={"day": "day - 1"}), null("s", where="n > 0"), key=["s"])
    pieces = [found]
    while any(len(piece.questions) > 1 for piece in pieces):
        pieces = [half for piece in pieces for half in (piece.halves() if len(piece.questions) > 1 else (piece,))]

    assert [piece.questions[0] for piece in pieces] == list(found.questions)
    assert pieces == [fold.compiled([question]) for question in found.questions]
    assert all("WHERE `day` =" in piece.text for piece in pieces)


def test_a_query_of_ones_own_is_alone() -> None:
    """It costs a scan of its own, with the day as its only parameter, and the others are folded without it."""
    own = {"kind": "sql", "query": "SELECT MAX(n) AS observed FROM d.t WHERE day = @day", "fail": "> 3"}
    found = scans(ROWS, own, null("n"), own)

    assert [len(one.questions) for one in found] == [2, 1, 1]
    assert found[1].text == "SELECT MAX(n) AS observed FROM d.t WHERE day = @p0"
    assert found[1].parameters == (("p0", "DATE", engine.DAY),)
    assert fold.read(found[1], [{"observed": 4}])["t.c1"].get("observed") == 4


def test_the_columns_of_a_scan_are_those_it_names() -> None:
    """Window, condition, column and group: each column that is read is known, and no other."""
    found = scan(null("n", where="f > 1", each="s"))

    assert found.columns == {("day",), ("n",), ("f",), ("s",)}
    assert fold.columns(model.Question("o", engine.table(), None, (model.Measure("m", "max", DAY),))) == {("day",)}


def test_a_fact_and_a_check_share_an_aggregate() -> None:
    """What is divided by costs nothing where it is counted anyway."""
    suite = engine.suite(
        facts={"all": {"table": "d.t", "at": {"day": "day"}}},
        tables={"t": {"table": "d.t", "at": {"day": "day"}, "checks": [{"id": "c0", **ROWS, "per": "all"}]}},
    )
    (found,) = fold.scans(engine.questions(engine.asked(suite), {"d.t": engine.table()}))

    assert {question.owner for question in found.questions} == {"t.c0", f"{planning.FACT}all"}
    assert set(found.aliases.values()) == {"m0"}
