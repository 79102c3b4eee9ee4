"""What several aggregates need of a row is computed once, in a subquery; a bare column and a pseudo-column are not."""

from shared.checks import fold, model, sql
from tests.shared.checks import engine

KEY = sql.Sql(("CONCAT(`a`, `b`)",), frozenset({("a",), ("b",)}))
TWO_PARTS = sql.of("CONCAT(", sql.Sql(("`a`",), frozenset({("a",)})), ", ", sql.Sql(("`b`",), frozenset({("b",)})), ")")
BARE = sql.Sql(("`a`",), frozenset({("a",)}))


def compiled(*measures: model.Measure, window: sql.Sql | None = None) -> str:
    """Return the text of a scan that measures these."""
    return fold.compiled([model.Question("t.c", engine.table(), window, measures)]).text


def test_a_key_is_put_together_once() -> None:
    """The distinct count and the most frequent keys share one computed column."""
    text = compiled(model.Measure("d", "distinct", TWO_PARTS), model.Measure("o", "top", TWO_PARTS, limit=5))

    assert text.count("CONCAT(") == 1
    assert "COUNT(DISTINCT pressbox_0)" in text
    assert "APPROX_TOP_COUNT(pressbox_0, 6)" in text
    assert "SELECT\n  `a`,\n  `b`,\n  CONCAT(`a`, `b`) AS pressbox_0\n" in text


def test_a_bare_column_needs_no_subquery() -> None:
    """It costs nothing to name it twice."""
    text = compiled(model.Measure("d", "distinct", BARE), model.Measure("o", "top", BARE, limit=5))

    assert text.count("SELECT") == 1
    assert "pressbox_" not in text


def test_what_one_aggregate_needs_stays_in_it() -> None:
    """Different conditions are different values."""
    where = sql.of(BARE, " > ", sql.Value("INT64", 1))
    text = compiled(model.Measure("d", "distinct", TWO_PARTS), model.Measure("o", "distinct", TWO_PARTS, where))

    assert text.count("SELECT") == 1


def test_a_pseudo_column_is_not_handed_on() -> None:
    """A subquery cannot select _PARTITIONDATE under its own name: such a scan has none."""
    column = sql.Sql(("_PARTITIONDATE",), frozenset({("_partitiondate",)}))
    window = sql.of(column, " = ", sql.Value("DATE", engine.DAY))
    text = compiled(model.Measure("s", "samples", TWO_PARTS, limit=5), window=window)

    assert text.count("SELECT") == 1
    assert text.count("CONCAT(") == 2
