"""Claims about SQL: what the checks use is answered in exact types; what cannot be is an expected failure."""

import datetime
import decimal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import bigquery

LoadRows = Callable[..., bigquery.LoadJob]
UTC = datetime.UTC
DAY = datetime.date(2026, 2, 12)
NOON = datetime.datetime(2026, 2, 12, 12, tzinfo=UTC)

ANSWERS: dict[str, Any] = {
    "COUNTIF(x > 1)": 2,
    "SAFE_DIVIDE(1, 0)": None,
    "SAFE_DIVIDE(6, 3)": 2.0,
    "SUM(x)": 6,
    "AVG(x)": 2.0,
    "MAX(d)": datetime.date(2026, 2, 14),
    "COUNT(DISTINCT team)": 2,
    "APPROX_COUNT_DISTINCT(team)": 2,
    "ARRAY_AGG(x ORDER BY x DESC LIMIT 2)": [3, 2],
    "ARRAY_AGG(STRUCT(team, x) ORDER BY x LIMIT 1)": [{"team": "BOS", "x": 1}],
    "STRING_AGG(team, '|' ORDER BY x)": "BOS|LAL|LAL",
    "APPROX_QUANTILES(x, 2)": [1, 2, 3],
    "APPROX_QUANTILES(x, 2)[OFFSET(1)]": 2,
    "BIT_XOR(x)": 0,
    "LOGICAL_AND(x > 0)": True,
    "ANY_VALUE(team HAVING MAX x)": "LAL",
    "MIN_BY(team, x)": "BOS",
    "IFNULL(MAX(IF(x > 9, x, NULL)), -1)": -1,
    "ROUND(STDDEV(x), 3)": 1.0,
    "CORR(x, x)": 1.0,
    "TO_JSON_STRING(STRUCT(1 AS a, 'b' AS b))": '{"a":1,"b":"b"}',
    "FARM_FINGERPRINT('foo')": 6150913649986995171,
    "TO_HEX(MD5('a'))": "0cc175b9c0f1b6a831c399e269772661",
    "TO_HEX(SHA256('a'))": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
    "DATE_DIFF(DATE '2026-02-12', DATE '2026-02-01', DAY)": 11,
    "DATE_ADD(DATE '2026-01-31', INTERVAL 1 MONTH)": datetime.date(2026, 2, 28),
    "DATE_SUB(DATE '2026-02-12', INTERVAL 7 DAY)": datetime.date(2026, 2, 5),
    "DATE_TRUNC(DATE '2026-02-12', MONTH)": datetime.date(2026, 2, 1),
    "EXTRACT(DAYOFWEEK FROM DATE '2026-02-12')": 5,
    "PARSE_DATE('%Y%m%d', '20260212')": DAY,
    "FORMAT_DATE('%Y%m%d', DATE '2026-02-12')": "20260212",
    "TIMESTAMP_DIFF(TIMESTAMP '2026-02-12 12:00:00 UTC', TIMESTAMP '2026-02-12 00:30:00 UTC', MINUTE)": 690,
    "TIMESTAMP_ADD(TIMESTAMP '2026-02-12 11:00:00 UTC', INTERVAL 1 HOUR)": NOON,
    "TIMESTAMP_TRUNC(TIMESTAMP '2026-02-12 12:34:56 UTC', HOUR)": NOON,
    "TIMESTAMP_SECONDS(1770897600)": NOON,
    "UNIX_SECONDS(TIMESTAMP '2026-02-12 12:00:00 UTC')": 1770897600,
    "DATE(TIMESTAMP '2026-02-12 03:00:00 UTC', 'America/New_York')": datetime.date(2026, 2, 11),
    "DATETIME(TIMESTAMP '2026-02-12 03:00:00 UTC', 'America/New_York')": datetime.datetime(2026, 2, 11, 22),  # noqa: DTZ001 -- no zone
    "TIMESTAMP('2026-02-12 12:00:00')": NOON,
    "FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%SZ', TIMESTAMP '2026-02-12 12:00:00 UTC')": "2026-02-12T12:00:00Z",
    "SAFE_CAST('x' AS INT64)": None,
    "CAST('1.5' AS NUMERIC)": decimal.Decimal("1.5"),
    "CAST(NUMERIC '1.123456789' AS STRING)": "1.123456789",
    "NUMERIC '0.000000001'": decimal.Decimal("0.000000001"),
    "ROUND(NUMERIC '2.345', 2)": decimal.Decimal("2.35"),
    "REGEXP_CONTAINS('LAL@BOS', r'^[A-Z]{3}@')": True,
    "REGEXP_EXTRACT('id-42', r'(\\d+)')": "42",
    "SPLIT('a,b', ',')": ["a", "b"],
    "UPPER('é')": "É",
    "CHAR_LENGTH('é')": 1,
    "BYTE_LENGTH('é')": 2,
    "TRIM('  x ')": "x",
    "FORMAT('%d/%s', 7, 'x')": "7/x",
    "JSON_VALUE('{\"a\": {\"b\": 1}}', '$.a.b')": "1",
    "JSON_QUERY('{\"a\": [1, 2]}', '$.a')": "[1,2]",
    "ARRAY_LENGTH([1, 2, 3])": 3,
    "(SELECT SUM(n) FROM UNNEST([1, 2, 3]) AS n)": 6,
    "GENERATE_ARRAY(1, 3)": [1, 2, 3],
    "ARRAY_LENGTH(GENERATE_DATE_ARRAY('2026-02-01', '2026-02-28'))": 28,
    "b'\\x00\\xff'": b"\x00\xff",
    "GREATEST(1, 3, 2)": 3,
    "COALESCE(NULL, 'x')": "x",
    "IS_NAN(CAST('nan' AS FLOAT64))": True,
    "MOD(7, 3)": 1,
    "DIV(7, 2)": 3,
    "9007199254740993": 9007199254740993,
    "TIME '01:02:03.000004'": datetime.time(1, 2, 3, 4),
    "SESSION_USER()": "pressbox@nba-props-platform.iam.example",
}
DIFFERENT: dict[str, tuple[Any, str]] = {
    "[1, 2][OFFSET(9)]": ("an error", "an index out of bounds answers NULL where BigQuery refuses"),
    "TO_JSON_STRING(TIMESTAMP '2026-02-12 12:00:00 UTC')": (
        '"2026-02-12T12:00:00Z"',
        "instants are spelled as the storage spells them",
    ),
    "TO_JSON_STRING(NUMERIC '0.5')": ("0.5", "decimals keep the zeros of their scale"),
}
PARAMETERS: list[tuple[str, Any]] = [
    ("INT64", 9007199254740993),
    ("FLOAT64", 1.5),
    ("BOOL", True),
    ("STRING", 'it\'s "é" -- ; \\'),
    ("BYTES", b"\x00\xff"),
    ("NUMERIC", decimal.Decimal("1.123456789")),
    ("DATE", DAY),
    ("TIME", datetime.time(1, 2, 3, 4)),
    ("DATETIME", datetime.datetime(2026, 2, 12, 1, 2, 3, 4)),  # noqa: DTZ001 -- a DATETIME has no zone
    ("TIMESTAMP", NOON),
]


@pytest.fixture(scope="module")
def facts(client: bigquery.Client, dataset: str) -> Iterator[str]:
    """Yield a table of three rows."""
    run(
        client,
        f"CREATE TABLE `{dataset}.facts` AS SELECT 1 AS x, 'BOS' AS team, DATE '2026-02-12' AS d"
        " UNION ALL SELECT 2, 'LAL', DATE '2026-02-13' UNION ALL SELECT 3, 'LAL', DATE '2026-02-14'",
    )
    yield f"{dataset}.facts"
    client.delete_table(f"{dataset}.facts")


def run(client: bigquery.Client, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a query as tuples."""
    config = bigquery.QueryJobConfig(query_parameters=list(parameters))
    return [tuple(row.values()) for row in client.query(sql, job_config=config, job_retry=None).result()]


@pytest.mark.parametrize(("expression", "wanted"), ANSWERS.items(), ids=ANSWERS)
def test_an_expression_is_answered_exactly(client: bigquery.Client, facts: str, expression: str, wanted: Any) -> None:
    """The value and its type are those of BigQuery."""
    ((found,),) = run(
        client, f"SELECT {expression} AS answer FROM `{facts}`{'' if _aggregates(expression) else ' LIMIT 1'}"
    )
    assert found == wanted
    assert type(found) is type(wanted)


@pytest.mark.parametrize("expression", DIFFERENT)
def test_known_differences(request: pytest.FixtureRequest, client: bigquery.Client, expression: str) -> None:
    """What the storage answers otherwise than BigQuery."""
    wanted, reason = DIFFERENT[expression]
    request.applymarker(pytest.mark.xfail(strict=True, reason=reason))
    try:
        ((found,),) = run(client, f"SELECT {expression}")
    except exceptions.BadRequest:
        found = "an error"
    assert found == wanted


@pytest.mark.parametrize(("kind", "value"), PARAMETERS, ids=[kind for kind, _ in PARAMETERS])
@pytest.mark.real_cloud
def test_parameters_of_every_type_arrive_exactly(client: bigquery.Client, kind: str, value: Any) -> None:
    """Scalars, by name and by place, and arrays come back as they were given; a NULL is a NULL."""
    assert run(client, "SELECT @p", bigquery.ScalarQueryParameter("p", kind, value)) == [(value,)]
    assert run(client, "SELECT ?", bigquery.ScalarQueryParameter(None, kind, value)) == [(value,)]
    assert run(client, "SELECT @p", bigquery.ArrayQueryParameter("p", kind, [value, value])) == [([value, value],)]
    assert run(client, "SELECT @p IS NULL", bigquery.ScalarQueryParameter("p", kind, None)) == [(True,)]


@pytest.mark.real_cloud
def test_array_parameters_filter(client: bigquery.Client, facts: str) -> None:
    """IN UNNEST takes an array, the empty one too."""
    sql = f"SELECT x FROM `{facts}` WHERE team IN UNNEST(@teams) ORDER BY x"
    assert run(client, sql, bigquery.ArrayQueryParameter("teams", "STRING", ["LAL", "NYK"])) == [(2,), (3,)]
    assert run(client, sql, bigquery.ArrayQueryParameter("teams", "STRING", [])) == []


@pytest.mark.real_cloud
def test_windows_and_qualify(client: bigquery.Client, facts: str) -> None:
    """Window functions number, look back and filter."""
    sql = (
        f"SELECT team, x, LAG(x) OVER (ORDER BY x) AS before, SUM(x) OVER (ORDER BY x) AS so_far FROM `{facts}`"
        " WHERE TRUE QUALIFY ROW_NUMBER() OVER (PARTITION BY team ORDER BY x DESC) = 1 ORDER BY x"
    )
    assert run(client, sql) == [("BOS", 1, None, 1), ("LAL", 3, 2, 6)]


@pytest.mark.real_cloud
def test_percentiles_over_a_window(client: bigquery.Client, facts: str) -> None:
    """PERCENTILE_CONT interpolates, PERCENTILE_DISC picks."""
    sql = f"SELECT DISTINCT PERCENTILE_CONT(x, 0.25) OVER () AS c, PERCENTILE_DISC(x, 0.5) OVER () AS d FROM `{facts}`"
    assert run(client, sql) == [(1.5, 2)]


@pytest.mark.real_cloud
def test_groups_totals_and_having(client: bigquery.Client, facts: str) -> None:
    """GROUP BY with ROLLUP, HAVING and an alias in ORDER BY."""
    sql = f"SELECT team, COUNT(*) AS n FROM `{facts}` GROUP BY ROLLUP(team) HAVING n > 1 ORDER BY n, team"
    assert run(client, sql) == [("LAL", 2), (None, 3)]


@pytest.mark.real_cloud
def test_arrays_and_structs_in_rows(client: bigquery.Client) -> None:
    """Nested values come typed, and UNNEST opens arrays."""
    rows = run(client, "SELECT [STRUCT(1 AS a, ['x'] AS b)] AS s, CAST(NULL AS STRUCT<a INT64>) AS n")
    assert rows == [([{"a": 1, "b": ["x"]}], None)]
    assert run(client, "SELECT s.a FROM UNNEST([STRUCT(7 AS a), STRUCT(8 AS a)]) AS s ORDER BY a") == [(7,), (8,)]
    assert run(client, "SELECT x, i FROM UNNEST(['a', 'b']) AS x WITH OFFSET AS i ORDER BY i") == [("a", 0), ("b", 1)]


@pytest.mark.xfail(strict=True, reason="the translation of UNNEST WITH OFFSET knows arrays of scalars only")
def test_structs_can_be_unnested_with_their_place(client: bigquery.Client) -> None:
    """WITH OFFSET numbers the structs of an array."""
    sql = "SELECT s.a, place FROM UNNEST([STRUCT(7 AS a), STRUCT(8 AS a)]) AS s WITH OFFSET AS place ORDER BY place"
    assert run(client, sql) == [(7, 0), (8, 1)]


@pytest.mark.real_cloud
def test_one_scan_answers_many_questions(client: bigquery.Client, facts: str) -> None:
    """Counts, conditions and samples of offenders fit one SELECT."""
    sql = (
        "SELECT COUNT(*) AS n, COUNTIF(team IS NULL) AS absent, COUNTIF(x > 2) AS large,"
        " ARRAY_AGG(IF(x > 2, STRUCT(team, x), NULL) IGNORE NULLS ORDER BY x LIMIT 5) AS sample,"
        f" MIN(d) AS first, COUNT(DISTINCT team) AS teams FROM `{facts}`"
    )
    assert run(client, sql) == [(3, 0, 1, [{"team": "LAL", "x": 3}], DAY, 2)]


@pytest.mark.real_cloud
def test_schema_of_an_answer_is_told(client: bigquery.Client) -> None:
    """Types carry the API's names, arrays are REPEATED, structs are RECORD."""
    job = client.query(
        "SELECT 1 AS i, 1.5 AS f, TRUE AS b, 'x' AS s, [DATE '2026-02-12'] AS d,"
        " STRUCT(NUMERIC '1' AS n) AS r, JSON '1' AS j"
    )
    found = [(field.name, field.field_type, field.mode) for field in job.result().schema]
    assert [kind for _, kind, _ in found] == ["INTEGER", "FLOAT", "BOOLEAN", "STRING", "DATE", "RECORD", "JSON"]
    assert found[4][2] == "REPEATED"


@pytest.mark.real_cloud
def test_scripts_run_their_statements_in_order(client: bigquery.Client) -> None:
    """A script answers its last SELECT."""
    assert run(client, "DECLARE n INT64 DEFAULT 1; SET n = n + 41; SELECT n;") == [(42,)]


@pytest.mark.real_cloud
def test_names_that_differ_in_case_only_are_one_column(client: bigquery.Client, facts: str) -> None:
    """Columns are found in any case, and answered as the query spells them."""
    assert run(client, f"SELECT TEAM FROM `{facts}` WHERE X = 1") == [("BOS",)]


@pytest.mark.real_cloud
def test_wildcard_tables_are_read_together(client: bigquery.Client, dataset: str, name: str) -> None:
    """A star reads all tables of a prefix, and tells which."""
    for suffix in ("a", "b"):
        run(client, f"CREATE TABLE `{dataset}.{name}_{suffix}` AS SELECT '{suffix}' AS v")
    rows = run(client, f"SELECT _TABLE_SUFFIX AS suffix, v FROM `{dataset}.{name}_*` ORDER BY 1")
    assert rows == [("a", "a"), ("b", "b")]


def _aggregates(expression: str) -> bool:
    names = (
        "COUNTIF",
        "SUM(x",
        "AVG",
        "MAX(",
        "COUNT(",
        "APPROX",
        "_AGG(",
        "BIT_XOR",
        "LOGICAL",
        "ANY_VALUE",
        "MIN_BY",
        "STDDEV",
        "CORR",
    )
    return any(name in expression for name in names)
