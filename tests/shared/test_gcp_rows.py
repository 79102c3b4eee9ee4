"""The rows of a query as the REST API spells them: of every type, page by page, and complete."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson
import pytest
import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from shared import errors
from shared.gcp import clients, rows

LIMIT = 10 * 1024**2
RESULTS = r"GET /bigquery/v2/projects/[^/]+/queries/"
QUERIES = r"POST /bigquery/v2/projects/[^/]+/queries"
FIELDS = [{"name": name, "type": "STRING"} for name in "abc"]


@pytest.fixture
def fault(cloud: Any) -> Iterator[Callable[..., None]]:
    """Yield a function that arms a fault of BigQuery; all are disarmed afterwards."""

    def arm(**declared: Any) -> None:
        requests.post(f"{cloud.bigquery_url}/_faults", json=declared, timeout=10).raise_for_status()

    yield arm
    requests.delete(f"{cloud.bigquery_url}/_faults", timeout=10).raise_for_status()


@pytest.fixture
def calls(bigquery_client: bigquery.Client) -> Iterator[clients.Calls]:
    """Yield a count of the requests of the client, as the product makes it."""
    counted = clients.Calls()
    hooks = bigquery_client._http.hooks["response"]  # noqa: SLF001 - the session has no public name
    hooks.append(counted.count)
    yield counted
    hooks.remove(counted.count)


def joined(parts: Iterator[rows.Part]) -> list[tuple[Any, ...]]:
    """Return the rows of parts, each cell as a parser reads it."""
    return [tuple(map(json.loads, row)) for part in parts for row in zip(*part, strict=True)]


def page(cells: Sequence[Sequence[Any]], **more: Any) -> dict[str, Any]:
    """Return an answer of the API with rows of wrapped cells, and what else it says."""
    told = {"jobComplete": True, "totalRows": str(len(cells)), "schema": {"fields": FIELDS}}
    return told | more | {"rows": [{"f": [{"v": cell} for cell in row]} for row in cells]}


TYPES: list[tuple[str, str, Any]] = [
    ("9007199254740993", "INTEGER", "9007199254740993"),
    ("1.5", "FLOAT", "1.5"),
    ("CAST('nan' AS FLOAT64)", "FLOAT", "NaN"),
    ("CAST('-inf' AS FLOAT64)", "FLOAT", "-Infinity"),
    ("NUMERIC '-27.5'", "NUMERIC", "-27.5"),
    ("TRUE", "BOOLEAN", "true"),
    ("'é \"},{\\\\'", "STRING", 'é "},{\\'),
    ("b'\\x00\\xff'", "BYTES", "AP8="),
    ("DATE '2026-02-12'", "DATE", "2026-02-12"),
    ("TIME '01:02:03.000004'", "TIME", "01:02:03.000004"),
    ("DATETIME '2026-02-12 01:02:03'", "DATETIME", "2026-02-12T01:02:03"),
    ("TIMESTAMP '2026-02-12 12:00:00.000001 UTC'", "TIMESTAMP", "1770897600000001"),
    ("PARSE_JSON('{\"a\":[1,null]}')", "JSON", '{"a":[1,null]}'),
    ("CAST(NULL AS STRING)", "STRING", None),
    ("[1, 2]", "INTEGER", ["1", "2"]),
    ("STRUCT(1 AS n, ['a'] AS t)", "RECORD", ["1", ["a"]]),
]


@pytest.mark.parametrize(("expression", "kind", "wanted"), TYPES)
def test_every_type_is_spelled_as_the_api_does(
    bigquery_client: bigquery.Client, expression: str, kind: str, wanted: Any
) -> None:
    """Instants as whole microseconds."""
    answer = rows.read(bigquery_client, f"SELECT {expression} AS c", bytes_limit=LIMIT, label="types")
    assert [field["type"] for field in answer.fields] == [kind]
    assert joined(answer.parts) == [(wanted,)]


def test_a_small_answer_is_one_call(bigquery_client: bigquery.Client, calls: clients.Calls) -> None:
    """With its columns, the number of its rows, and what it read."""
    sql = "SELECT n, CONCAT(@word, CAST(n AS STRING)) AS t FROM UNNEST(@numbers) AS n ORDER BY n DESC"
    parameters = [("word", "STRING", "row "), ("numbers", "INT64", [1, 2, 3])]
    answer = rows.read(
        bigquery_client, sql, bytes_limit=LIMIT, label="live", location="US", parameters=parameters, labels={"a": "b"}
    )
    assert [field["name"] for field in answer.fields] == ["n", "t"]
    assert joined(answer.parts) == [("3", "row 3"), ("2", "row 2"), ("1", "row 1")]
    assert (answer.total, answer.bytes_billed, answer.bytes_processed, calls.total) == (3, 0, 0, 1)


def test_no_rows_are_no_parts(bigquery_client: bigquery.Client) -> None:
    """And the columns are known."""
    answer = rows.read(bigquery_client, "SELECT 1 AS n FROM UNNEST([]) AS x", bytes_limit=LIMIT, label="live")
    assert ([field["name"] for field in answer.fields], answer.total, list(answer.parts)) == (["n"], 0, [])


def test_a_large_answer_comes_in_pages(bigquery_client: bigquery.Client, calls: clients.Calls) -> None:
    """Each row once and in order; pages are fetched when their rows are asked for."""
    sql = "SELECT n, REPEAT('x', 2000) AS t FROM UNNEST(GENERATE_ARRAY(1, 7000)) AS n ORDER BY n"
    answer = rows.read(bigquery_client, sql, bytes_limit=LIMIT, label="live")
    assert (answer.total, calls.total) == (7000, 1)
    found = joined(answer.parts)
    assert [int(number) for number, _ in found] == list(range(1, 7001))
    assert calls.total == 4


def test_what_was_read_is_told(bigquery_client: bigquery.Client, make_dataset: Callable[[], str]) -> None:
    """As BigQuery bills it; a query over its limit is not run."""
    dataset = make_dataset()
    bigquery_client.query_and_wait(f"CREATE TABLE `{dataset}.t` AS SELECT n FROM UNNEST(GENERATE_ARRAY(1, 9)) AS n")
    answer = rows.read(bigquery_client, f"SELECT n FROM `{dataset}.t`", bytes_limit=LIMIT, label="live")
    assert (answer.bytes_processed, answer.bytes_billed) == (72, 10 * 1024**2)
    with pytest.raises(errors.OverLimit):
        rows.read(bigquery_client, f"SELECT n FROM `{dataset}.t`", bytes_limit=1, label="live")


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [("SELECT FROM", errors.Rejected), ("SELECT 1 AS n FROM `nowhere.t`", errors.NotFound)],
)
def test_a_wrong_query_is_told_in_our_words(
    bigquery_client: bigquery.Client, sql: str, wanted: type[errors.CloudError]
) -> None:
    """With what was being done."""
    with pytest.raises(wanted, match="querying live"):
        rows.read(bigquery_client, sql, bytes_limit=LIMIT, label="live")


def test_a_page_that_fails_is_asked_for_again(bigquery_client: bigquery.Client, fault: Callable[..., None]) -> None:
    """The query too; and no row is lost or told twice."""
    fault(match=QUERIES, action="refuse")
    fault(match=RESULTS, action="drop_answer")
    sql = "SELECT n FROM UNNEST(GENERATE_ARRAY(1, 5000)) AS n ORDER BY n"
    answer = rows.read(bigquery_client, sql, bytes_limit=LIMIT, label="live")
    assert [int(number) for (number,) in joined(answer.parts)] == list(range(1, 5001))


def test_a_page_that_is_refused_ends_the_rows(bigquery_client: bigquery.Client, fault: Callable[..., None]) -> None:
    """With an error, never with fewer rows."""
    fault(match=RESULTS, action="refuse", status=403, reason="accessDenied", times=99)
    answer = rows.read(
        bigquery_client, "SELECT n FROM UNNEST(GENERATE_ARRAY(1, 5000)) AS n", bytes_limit=LIMIT, label="live"
    )
    with pytest.raises(errors.AccessDenied, match="querying live"):
        list(answer.parts)


def test_time_ends_the_tries(bigquery_client: bigquery.Client, fault: Callable[..., None]) -> None:
    """A service that stays away is unavailable."""
    fault(match=QUERIES, action="refuse", times=99)
    with pytest.raises(errors.Unavailable):
        rows.read(bigquery_client, "SELECT 1 AS n", bytes_limit=LIMIT, label="live", seconds=0.5)


class Scripted:
    """A session that answers what it was given, in turn, and keeps what it was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str]] = []
        self.bodies: list[Any] = []
        self.is_mtls = False

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        """Answer the next answer."""
        self.asked.append((method, url))
        self.bodies.append(orjson.loads(options.get("data") or b"{}"))
        response = requests.Response()
        response.status_code = 200
        response._content = orjson.dumps(self.answers.pop(0))  # noqa: SLF001 - requests has no other way to make one
        return response


def scripted(*answers: Any) -> tuple[bigquery.Client, Scripted]:
    """Return a client whose service answers `answers`."""
    session = Scripted(*answers)
    return bigquery.Client(project="p", credentials=AnonymousCredentials(), _http=session), session


JOB = {"jobReference": {"projectId": "p", "jobId": "j", "location": "EU"}}


def test_a_slow_query_is_waited_for() -> None:
    """Its rows are asked for until it is done, where it runs; what it billed is asked of its job."""
    done = page([("a", "b", "c")], totalBytesProcessed="5")
    job = {**JOB, "statistics": {"query": {"totalBytesBilled": "7"}}, "configuration": {"query": {}}}
    client, session = scripted({**JOB, "jobComplete": False}, {"jobComplete": False}, done, job)
    answer = rows.read(client, "SELECT", bytes_limit=LIMIT, label="live")
    assert (answer.bytes_processed, answer.bytes_billed, joined(answer.parts)) == (5, 7, [("a", "b", "c")])
    assert [method for method, _ in session.asked] == ["POST", "GET", "GET", "GET"]
    assert all("/queries/j?" in url and "location=EU" in url for _, url in session.asked[1:3])
    assert all("formatOptions.useInt64Timestamp=true" in url for _, url in session.asked[1:3])


def test_a_query_that_is_never_done_is_unavailable() -> None:
    """Once its time is over."""
    client, _ = scripted({**JOB, "jobComplete": False}, *[{"jobComplete": False}] * 100_000)
    with pytest.raises(errors.Unavailable, match="not all rows came in time"):
        rows.read(client, "SELECT", bytes_limit=LIMIT, label="live", seconds=0.2)


def test_half_an_answer_is_garbled() -> None:
    """A page without rows before all have come, and more rows than were promised."""
    more = JOB | page([("a", "b", "c")], totalRows="2", totalBytesBilled="0")
    client, session = scripted(more, page([], totalRows="2"))
    with pytest.raises(errors.Garbled, match="1 rows came of 2"):
        list(rows.read(client, "SELECT", bytes_limit=LIMIT, label="live").parts)
    assert "startIndex=1" in session.asked[1][1]
    client, _ = scripted(more, page([("a", "b", "c")] * 2, totalRows="2"))
    with pytest.raises(errors.Garbled, match="3 rows came, and 2 were promised"):
        list(rows.read(client, "SELECT", bytes_limit=LIMIT, label="live").parts)


def test_a_query_says_what_it_may_and_whose_it_is() -> None:
    """Its price, its labels, its time, and an id by which it is not run twice."""
    client, session = scripted(*[JOB | page([("a", "b", "c")], totalBytesBilled="0")] * 2)
    for _ in range(2):
        rows.read(client, "SELECT", bytes_limit=LIMIT, label="live", labels={"document": "d"}, seconds=20)
    first, second = session.bodies
    assert first["maximumBytesBilled"] == str(LIMIT)
    assert first["labels"] == {"document": "d", "pressbox": "live"}
    assert (first["jobTimeoutMs"], first["useLegacySql"]) == ("20000", False)
    assert first["formatOptions"] == {"useInt64Timestamp": True}
    assert first["requestId"] != second["requestId"]


def test_a_cached_answer_billed_nothing() -> None:
    """Without a question."""
    client, session = scripted(JOB | page([("a", "b", "c")], cacheHit=True))
    assert rows.read(client, "SELECT", bytes_limit=LIMIT, label="live").bytes_billed == 0
    assert len(session.asked) == 1


def test_a_statement_without_columns_is_refused() -> None:
    """It answers no rows, so it is no query."""
    client, _ = scripted(JOB | {"jobComplete": True, "totalBytesBilled": "0"})
    with pytest.raises(errors.Rejected, match="no query"):
        rows.read(client, "CREATE", bytes_limit=LIMIT, label="live")
