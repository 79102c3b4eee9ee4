"""How the rows of a scan become the answers to its questions."""

from typing import Any

import pytest

from shared.checks import fold, model
from tests.shared.checks import engine

ROWS = {"kind": "rows", "fail": "== 0"}
EACH = {"kind": "rows", "each": "s", "fail": "== 0"}


def scan(*checks: dict[str, Any]) -> fold.Scan:
    """Return the one scan of a suite of one table."""
    given = engine.asked(engine.checks(*checks))
    (found,) = fold.scans(engine.questions(given, {"d.t": engine.table()}))
    return found


def row(g0: int, k0: str | None, m0: int) -> dict[str, Any]:
    """Return a row of a scan with one grouping and one measure."""
    return {"g0": g0, "k0": k0, "m0": m0}


def test_rows_are_placed_by_their_set() -> None:
    """The whole is the row of the empty set, NULL is a group, and an absent group counts 0."""
    answers = fold.read(scan(ROWS, EACH), [row(1, None, 6), row(0, None, 1), row(0, "a", 2), row(0, "b", 3)])

    assert answers["t.c0"].number("rows") == 6
    assert answers["t.c1"].values["rows"] == {("NULL",): 1, ("a",): 2, ("b",): 3}
    assert answers["t.c1"].number("rows", ("c",)) == 0


@pytest.mark.parametrize("order", [1, -1])
def test_the_text_null_is_not_the_absence_of_a_value(order: int) -> None:
    """A group whose text reads NULL loses no rows to the one without a value."""
    answer = fold.read(scan(EACH), [row(1, None, 3), row(0, None, 1), row(0, "NULL", 2)][::order])["t.c0"]

    assert sorted(answer.values["rows"].values()) == [1, 2]
    assert answer.number("rows", (model.NULL,)) == 1


def test_groups_that_only_others_have_are_ignored() -> None:
    """A group that has rows in another question's days only is no group of this one."""
    found = scan(EACH, {**EACH, "at": {"day": "day - 1"}})
    rows = [{**row(1, None, 2), "m1": 1}, {**row(0, "a", 2), "m1": 0}, {**row(0, "b", 0), "m1": 1}]

    answers = fold.read(found, rows)
    assert answers["t.c0"].groups("rows") == [("a",)]
    assert answers["t.c1"].groups("rows") == [("b",)]


@pytest.mark.parametrize("rows", [[], [{"observed": 1}] * 2, [{"other": 1}]])
def test_an_own_query_answers_one_row(rows: list[dict[str, Any]]) -> None:
    """Anything but one row with `observed` is no answer."""
    own = scan({"kind": "sql", "query": "SELECT 1 AS observed", "fail": "> 3"})
    with pytest.raises(fold.MalformedAnswer):
        fold.read(own, rows)


def test_too_many_groups_are_no_answer() -> None:
    """One group more than a scan may have is told, and so many are not."""
    rows = [row(1, None, 9), *(row(0, str(number), 1) for number in range(fold.MOST_GROUPS + 1))]
    with pytest.raises(fold.TooManyGroups, match=f"more than {fold.MOST_GROUPS} groups"):
        fold.read(scan(EACH), rows)
    assert len(fold.read(scan(EACH), rows[:-1])["t.c0"].groups("rows")) == fold.MOST_GROUPS


def test_the_most_frequent_are_no_more_than_asked_for() -> None:
    """Rows that do not count take no place in a sample, and give none."""
    found = scan({"kind": "duplicates", "columns": ["s"], "fail": "> 0"})
    keys: list[str | None] = ["a", "b", "c", "d", "e", "f"]
    alias = found.aliases["t.c0", "often"]
    for values in (keys, [None, *keys[:5]]):
        often = [{"value": value, "count": 2} for value in values]
        answer = fold.read(found, [{**dict.fromkeys(found.aliases.values(), 9), alias: often}])["t.c0"]
        assert [one["value"] for one in answer.get("often")] == keys[:5]
