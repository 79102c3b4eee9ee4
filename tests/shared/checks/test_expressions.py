"""Claims about which columns an expression names, and which mistakes are seen before any query."""

import string

import hypothesis
import pytest
from hypothesis import strategies

from shared.checks import expressions

NAMES = strategies.from_regex(r"\Acol_[A-Za-z0-9_]{0,8}\Z")
PARTS = strategies.text(
    strategies.characters(blacklist_categories=["Cc", "Cs"]), min_size=1, max_size=20
)  # what may stand in backquotes
WORDS = "CASE WHEN END AS CAST( DATE DAY INTERVAL EXTRACT( FROM NOT IN IS ARRAY STRUCT"
SIGNS = "a `b . ( ) [ ] , 'x' \"\"\" r'\\ 1.5e3 < >> => -- ` \n \t"
BITS = strategies.sampled_from([f"{bit} " for bit in f"{WORDS} {SIGNS}".split(" ")])
AGGREGATES = (
    "COUNT countif Sum AVG MIN MAX ARRAY_AGG STRING_AGG ANY_VALUE LOGICAL_AND LOGICAL_OR APPROX_COUNT_DISTINCT "
    "APPROX_QUANTILES BIT_AND BIT_OR BIT_XOR STDDEV STDDEV_POP VAR_SAMP VARIANCE CORR COVAR_POP GROUPING "
    "HLL_COUNT.MERGE hll_count.init SAFE.SUM `sum` MAX_BY"
)
CHANGING = (
    "RAND() generate_uuid() CURRENT_DATE CURRENT_DATE() CURRENT_DATE('UTC') CURRENT_TIMESTAMP() current_timestamp "
    "CURRENT_DATETIME() CURRENT_TIME SESSION_USER()"
)


def refusal(text: str) -> str:
    """Return the message with which an expression is refused."""
    with pytest.raises(expressions.InvalidExpression) as caught:
        expressions.parse(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("is_quality_ready", "is_quality_ready"),
        ("ABS(predicted_points - current_points_line) >= 5", "predicted_points current_points_line"),
        ("recommendation IN ('OVER', 'UNDER') AND line_source != \"NO_PROP_LINE\"", "recommendation line_source"),
        ("SUBSTR(game_id, 1, 3) IN ('002', '004')", "game_id"),
        ("stats.points IS NULL", "stats.points"),
        ("DATE_DIFF(game_date, created_day, DAY) > 2", "game_date created_day"),
        ("EXTRACT(HOUR FROM created_at AT TIME ZONE 'UTC') < 4", "created_at"),
        ("extract(week(monday) from hour) = week", "hour week"),
        ("CAST(x AS NUMERIC(5, 2)) > 1", "x"),
        ("SAFE_CAST(x AS ARRAY<STRUCT<a INT64, b STRING(5)>>)[0].a > y", "x y"),
        ("CAST(d AS STRING FORMAT 'YYYY' AT TIME ZONE zone) = '2026'", "d zone"),
        ("tags[SAFE_OFFSET(0)] = 'a'", "tags"),
        ("tags[OFFSET(place)].name = 'a'", "tags place"),
        ("day >= DATE '2026-01-01'", "day"),
        ("date >= DATE'2026-01-01' AND timestamp < TIMESTAMP r'2026-01-01'", "date timestamp"),
        ("NUMERIC '1' < numeric", "numeric"),
        ("CASE WHEN a THEN b ELSE c END > 0", "a b c"),
        ("CASE a WHEN 1 THEN CASE WHEN b THEN 1 END ELSE 2 END = 1", "a b"),
        ("x IN UNNEST(['a','b'])", "x"),
        ("DATE_SUB(day, INTERVAL 3 DAY) < other", "day other"),
        ("moment + INTERVAL '1-2' YEAR TO MONTH > INTERVAL hour HOUR + moment", "moment hour"),
        ("DATE_DIFF(day, other, DAY) = 1", "day other"),
        ("DATE_TRUNC(week, WEEK(MONDAY)) = TIMESTAMP_TRUNC(hour, HOUR, zone)", "week hour zone"),
        ("LAST_DAY(month, MONTH) = month", "month"),
        ("NORMALIZE(name, NFC) = name", "name"),
        ("SAFE.PARSE_DATE('%F', day) = `my-project.data`.clean(NET.HOST(url))", "day url"),
        ("SEARCH(body, 'x', analyzer => 'NO_OP_ANALYZER')", "body"),
        ("STRUCT(a AS x, b).x = STRUCT<x INT64, y STRING>(c, 'd').x", "a b c"),
        ("[a, b][0] = ARRAY[c][0] OR ARRAY<INT64>[] = d", "a b c d"),
        ("a NOT BETWEEN b AND c AND d NOT LIKE 'x' AND NOT e IS NOT DISTINCT FROM f", "a b c d e f"),
        ("a LIKE ANY ('x%', 'y%') OR b IS NOT TRUE", "a b"),
        ("IF(a, LEFT(b, 1), RIGHT(b, 1)) || 'x' = ''", "a b"),
        ("BIT_COUNT(a) >> 2 & 0xFF | ~b ^ - + c <> .5 + 1. + 1e3 + 2.5E-7", "a b c"),
        ("a . b\n.\tc = 1", "a.b.c"),
        ("orders.order = 1", "orders.order"),
        ("`select` = `day` AND `current_date` > 1", "select day current_date"),
        ("rand = 1 AND sum > 2 AND safe.b", "rand sum safe.b"),
        ("Points > points AND POINTS < 3", "Points"),
        ("JSON_VALUE(payload, '$.a') = '-- # /* ; @x ? SELECT'", "payload"),
    ],
)
def test_columns_in_order(text: str, columns: str) -> None:
    """Columns are found where a value stands, once each, in the author's spelling."""
    assert expressions.parse(text).columns == tuple(columns.split())


@pytest.mark.parametrize(
    "literal",
    [
        "'it\\'s'", '"say \\"x\\""', "'''a'b\n'''", '"""a"b""c\n"""', r"r'\d+'", r'R"\""', r"b'\xff\012'", r"rb'\u'",
        r"Br'''\''''", "''", '""', "''''''", r"'\u00e9\U0001F600\?\`\n'", "'`y` -- z'", "'größe'",
    ],
)  # fmt: skip
def test_string_forms(literal: str) -> None:
    """Every form of string hides what it holds, and ends where GoogleSQL ends it."""
    assert expressions.parse(f"x = {literal} AND z").columns == ("x", "z")


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("`Größe in cm` > 0", (("Größe in cm",),)),
        ("`a.b`.c = a.`b.c`", (("a.b", "c"), ("a", "b.c"))),
        (r"`a\`b\\c\x41\101\u00e9` = 1", (("a`b\\cAAé",),)),
        ("`a.b` = a.b", (("a.b",), ("a", "b"))),
    ],
)
def test_backquoted_paths(text: str, paths: tuple[tuple[str, ...], ...]) -> None:
    """Parts stay apart when they hold dots, and `columns` are their joined form."""
    parsed = expressions.parse(text)

    assert parsed.paths == paths
    assert parsed.columns == tuple(".".join(parts) for parts in paths)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("a" * 2001, "2,001 characters, more than 2,000"),
        ("a = 'x", "not ended: at character 5, '"),
        ("a = 'x\n'", "not ended: at character 5"),
        ("a = '''x'", "not ended: at character 5"),
        (r"a = r'\'", "not ended: at character 6"),
        ("`a = 1", "not ended: at character 1, `"),
        ("`` = 1", "a name in backquotes is empty: at character 1"),
        ("(a", "not closed: at character 1, ("),
        ("a)", "closes none of its kind: at character 2, )"),
        ("(a]", "closes none of its kind: at character 3, ]"),
        ("CASE WHEN a THEN 1", "not closed: at character 1, CASE"),
        ("a -- b", "comment cannot stand here: at character 3, --"),
        ("a # b", "comment cannot stand here: at character 3, #"),
        ("a /* b */", "comment cannot stand here: at character 3, /*"),
        ("a; b", "semicolon cannot stand here: at character 2"),
        ("a = @b", "parameter or variable cannot stand here: at character 5, @"),
        ("a = @@b", "parameter or variable cannot stand here: at character 5, @@"),
        ("a = ?", "parameter or variable cannot stand here: at character 5, ?"),
        ("a IN (select b FROM c)", "subquery cannot stand here: at character 7, select"),
        ("a UNION ALL b", "subquery cannot stand here: at character 3, UNION"),
        ("WITH(a AS 1, a)", "subquery cannot stand here: at character 1, WITH"),
        ("EXISTS(a)", "subquery"),
        ("ROW_NUMBER() OVER (ORDER BY a)", "window function cannot stand here: at character 14, OVER"),
        ("a, b", "comma outside brackets: at character 2"),
        ("a AS b", "AS stands only in CAST, SAFE_CAST and STRUCT: at character 3, AS"),
        ("f(a AS b)", "AS stands only in CAST, SAFE_CAST and STRUCT: at character 5, AS"),
        ("1 = 1", "naming no column"),
        ("INTERVAL 3 DAY", "naming no column"),
        ("a\0", "control character: at character 2, '\\x00'"),
        ("a = '\x1b'", "control character: at character 6"),
        ("a = '\ud800'", "control character: at character 6"),
        ("a b", "operator or the end is missing: at character 3, b"),
        ("a = 'it''s'", "operator or the end is missing: at character 9"),
        ("a >", "value is missing: at character 4, the end"),
        ("> a", "value is missing: at character 1, >"),
        ("a IN ()", "value is missing: at character 7, )"),
        ("f(*) = a", "value is missing: at character 3, *"),
        ("a.", "field is missing: at character 3"),
        ("a.* = 1", "field is missing: at character 3"),
        ("a NOT = b", "IN or LIKE or BETWEEN is missing: at character 7"),
        ("a = FROM", "keyword where a value belongs; backquotes make a column of it: at character 5, FROM"),
        ("größe > 1", "unreadable outside backquotes and strings: at character 1, größe"),
        ("a > 12b", "unreadable outside backquotes and strings: at character 5, 12b"),
        ("a > {b}", "unreadable outside backquotes and strings: at character 5, {"),
        (r"a = '\d'", r"no such escape; r'…' needs none: at character 6, \d"),
        (r"a = b'\u00e9'", r"no such escape; r'…' needs none: at character 7, \u00e9"),
        (r"a = '\ud800'", r"no such escape; r'…' needs none: at character 6, \u"),
        ("DATE_DIFF(a, b, DAYS)", "at character 17, DAYS"),
        ("EXTRACT(a FROM b)", "at character 9, a"),
        ("CAST(a AS)", "a type or a name is missing: at character 10"),
        ("CAST(a AS ARRAY<INT64)", "type is not ended"),
        ("(" * 60 + "a" + ")" * 60, "more than 50 values within values: at character 51, ("),
    ],
)
def test_mistakes_have_their_place(text: str, message: str) -> None:
    """Each mistake is told in one message, with the character and the word."""
    assert message in refusal(text)


@pytest.mark.parametrize("name", AGGREGATES.split())
def test_aggregates_are_refused(name: str) -> None:
    """An aggregate cannot stand in what will stand inside an aggregate."""
    assert "an aggregate function cannot stand here: at character 5" in refusal(f"1 > {name}(a)")


@pytest.mark.parametrize("call", CHANGING.split())
def test_the_same_data_give_the_same_answer(call: str) -> None:
    """What the clock, chance or the caller decides is refused, with and without brackets."""
    assert "may answer otherwise for the same data cannot stand here" in refusal(f"a = {call}")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a.b", ("a", "b")),
        (" `x y`.z ", ("x y", "z")),
        ("day", ("day",)),
        ("`a.b`", ("a.b",)),
        ("a.select", ("a", "select")),
    ],
)
def test_bare_column(text: str, parts: tuple[str, ...]) -> None:
    """A column's reference gives its parts."""
    assert expressions.path(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a b",
        "a = 1",
        "f(a)",
        "IF(a)",
        "(a)",
        "1",
        "'a'",
        "a[0]",
        "-a",
        "a.",
        "select",
        "CASE",
        "CURRENT_DATE",
        "a--",
    ],
)
def test_no_bare_column(text: str) -> None:
    """Anything but a column is refused."""
    with pytest.raises(expressions.InvalidExpression):
        expressions.path(text)


@pytest.mark.parametrize("parts", [(), ("",), ("a", ""), ("a\nb",), ("a\0",), ("\ud800",)])
def test_no_name_is_not_quoted(parts: tuple[str, ...]) -> None:
    """A part that no column can have is refused rather than quoted."""
    with pytest.raises(expressions.InvalidExpression):
        expressions.quoted(parts)


@hypothesis.given(strategies.lists(PARTS, min_size=1, max_size=4).map(tuple))
def test_quoted_is_read_back(parts: tuple[str, ...]) -> None:
    """Whatever a column is called, its quoted form is that column and nothing else."""
    assert expressions.path(expressions.quoted(parts)) == parts
    assert expressions.parse(f"{expressions.quoted(parts)} > 'x'").paths == (parts,)


@hypothesis.given(strategies.lists(NAMES, min_size=4, max_size=4, unique_by=str.lower), PARTS)
def test_exactly_the_names_placed_are_found(names: list[str], words: str) -> None:
    """The names in a template are found, and none of the words in its strings."""
    a, b, c, d = names
    escaped = words.replace("\\", "\\\\").replace("'", "\\'")
    text = f"F({a}, '{escaped}')[0].field = {b} AND CASE WHEN {c} IN (1, 2) THEN DATE_DIFF({d}, {a}, DAY) END > 1"

    assert expressions.parse(text).columns == (a, b, c, d)


@hypothesis.given(
    strategies.one_of(strategies.text(), strategies.text(string.printable), strategies.lists(BITS).map("".join))
)
def test_only_its_own_error(text: str) -> None:
    """Random text is an expression or an InvalidExpression, and what is one is so again in brackets."""
    try:
        parsed = expressions.parse(text)
    except expressions.InvalidExpression:
        return
    assert expressions.parse(f"({parsed.text})").paths == parsed.paths


@pytest.mark.parametrize(
    "opening", ["(", "[", "f(", "-(", "CASE WHEN ", "INTERVAL ", "a[", "ARRAY<", "CAST(", "NOT ", "IF(a,"]
)
def test_depth_is_bounded(opening: str) -> None:
    """Deep nesting is told as a mistake and never exhausts the stack."""
    with pytest.raises(expressions.InvalidExpression):
        expressions.parse(opening * (expressions.LONGEST // len(opening)))
