"""What awkward data, awkward names and broken checks do on the embedded BigQuery: they cost nobody but themselves."""

import datetime
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import pytest
from google.cloud import bigquery

from cloud_functions.validation_runner import warehouse
from shared.checks import expressions, fold, model, run
from shared.report import Finding
from shared.statuses import Status
from tests.shared.checks import engine

FIELD = bigquery.SchemaField
DAY = engine.DAY.isoformat()
SCHEMA = [
    FIELD("day", "DATE"),
    FIELD("s", "STRING"),
    FIELD("n", "INT64"),
    FIELD("f", "FLOAT64"),
    FIELD("m", "NUMERIC"),
    FIELD("tags", "STRING", mode="REPEATED"),
    FIELD("parts", "RECORD", mode="REPEATED", fields=[FIELD("size", "INT64")]),
]
GOOD = [
    {"kind": "rows", "fail": "== 0"},
    {"kind": "not_null", "column": "s", "fail": "> 0"},
    {"kind": "rows", "each": "s", "fail": "== 0"},
    {"kind": "percent", "holds": "n > 0", "fail": "< 50"},
]


@pytest.fixture
def make(bigquery_client: Any, make_dataset: Callable[[], str]) -> Callable[..., model.Table]:
    """Return a function that makes a table of rows, partitioned by day."""

    def load(rows: Sequence[Mapping[str, Any]], schema: Sequence[Any] = SCHEMA) -> model.Table:
        dated = [{"day": DAY, **row} for row in rows]
        by = bigquery.TimePartitioning(field="day")
        return engine.load(bigquery_client, f"{make_dataset()}.t", schema, dated, by)

    return load


def find(client: Any, known: model.Table, *checks: Mapping[str, Any], **declared: Any) -> list[list[Finding]]:
    """Return the findings of each check of a table, each of which a report can hold."""
    given = engine.asked(engine.checks(*checks, **declared))
    found = engine.judged(given, {"d.t": known}, engine.folded(engine.warehouse(client)))
    engine.encoded(one for listed in found.values() for one in listed)
    return list(found.values())


def one(client: Any, known: model.Table, check: Mapping[str, Any], **declared: Any) -> Finding:
    """Return the one finding of a check."""
    ((found,),) = find(client, known, check, **declared)
    return found


BROKEN = {
    "missing column": ({"kind": "not_null", "column": "absent", "fail": "> 0"}, "no_such_column"),
    "missing in an expression": ({"kind": "percent", "holds": "n > absent", "fail": "< 5"}, "no_such_column"),
    "wrong type": ({"kind": "statistic", "of": "avg", "column": "s", "fail": "< 5"}, "wrong_type"),
    "wrong type in an expression": ({"kind": "percent", "holds": "s > 1", "fail": "< 5"}, "broken_query"),
    "no condition": ({"kind": "percent", "holds": "n", "fail": "< 5"}, "broken_query"),
    "repeated": ({"kind": "percent", "holds": "tags = 'a'", "fail": "< 5"}, "broken_query"),
    "within repeated": ({"kind": "percent", "holds": "parts.size > 1", "fail": "< 5"}, "wrong_type"),
    "grouped by repeated": ({"kind": "rows", "each": "tags", "fail": "< 5"}, "wrong_type"),
    "grouped by numbers that are not exact": ({"kind": "rows", "each": "f", "fail": "< 5"}, "wrong_type"),
    "division by zero": ({"kind": "percent", "holds": "n / (n - n) > 0", "fail": "< 5"}, "broken_query"),
    "no number": ({"kind": "percent", "holds": "CAST(s AS INT64) > 0", "fail": "< 5"}, "broken_query"),
    "unknown function": ({"kind": "percent", "holds": "NO_SUCH(n) > 0", "fail": "< 5"}, "broken_query"),
    "broken condition": ({"kind": "rows", "where": "CAST('x' AS INT64) > n", "fail": "== 0"}, "broken_query"),
    "own query": ({"kind": "sql", "query": "SELECT observed FROM nowhere.at_all", "fail": "> 0"}, "not_found"),
    "own query of two rows": ({"kind": "sql", "query": "SELECT 1 AS observed UNION ALL SELECT 2", "fail": "> 0"}, ""),
}


@pytest.mark.parametrize("sort", BROKEN)
def test_a_broken_check_costs_only_itself(bigquery_client: Any, make: Callable[..., model.Table], sort: str) -> None:
    """Whatever is wrong with it, it is an error with its reason, and its neighbours are judged."""
    check, reason = BROKEN[sort]
    known = make([{"s": "a", "n": 1, "f": 1.5, "tags": ["a"], "parts": [{"size": 1}]}, {"s": "b", "n": 2}])
    *around, broken = find(bigquery_client, known, *GOOD, check)

    assert [(found.status, found.reason) for found in broken] == [(Status.ERROR, reason or "broken_query")]
    assert {found.status for listed in around for found in listed} == {Status.PASS}
    assert [found.observed for listed in around for found in listed] == [2, 0, 1, 1, 100.0]


@pytest.mark.parametrize(
    "text", ["SUM(n) > 1", "n > (SELECT 1)", "ROW_NUMBER() OVER () > n", "n > 1; DROP TABLE x", "n > 1 -- x", "1 = 1"]
)
def test_what_is_no_expression_over_rows_is_not_even_a_suite(text: str) -> None:
    """An aggregate, a subquery, a comment, a second statement: seen before any query."""
    with pytest.raises(engine.INVALID, match=r"suite\.yaml:1: tables\.t\.checks\[0\]\.holds"):
        engine.checks({"kind": "percent", "holds": text, "fail": "< 5"})


STATISTIC = {
    ("max", "f", "Infinity"): (Status.FAIL, "inf"),
    ("min", "f", "-Infinity"): (Status.PASS, "-inf"),
    ("sum", "f", "Infinity"): (Status.FAIL, "inf"),
    ("avg", "f", "NaN"): (Status.ERROR, None),
    ("sum", "f", "NaN"): (Status.ERROR, None),
    ("max", "n", 2**63 - 1): (Status.FAIL, 2**63 - 1),
    ("min", "n", -(2**63)): (Status.PASS, -(2**63)),
    ("avg", "n", 4): (Status.PASS, 2.5),
    ("sum", "m", "12345678901234567890.5"): (Status.FAIL, 12345678901234567891.5),
    ("max", "f", None): (Status.PASS, 1.0),
}


@pytest.mark.parametrize("told", STATISTIC, ids=str)
def test_statistics(bigquery_client: Any, make: Callable[..., model.Table], told: tuple[str, str, Any]) -> None:
    """Infinite is judged and told as a text, NaN is an error, NULL counts for nothing, and whole numbers stay whole."""
    of, column, value = told
    known = make([{column: value}, {column: 1}])
    found = one(bigquery_client, known, {"kind": "statistic", "of": of, "column": column, "fail": "> 1000"})

    assert (found.status, found.observed) == STATISTIC[told]


@pytest.mark.parametrize("of", ["avg", "min", "max", "sum"])
def test_statistics_of_nothing(bigquery_client: Any, make: Callable[..., model.Table], of: str) -> None:
    """No row, or no value in any, is unknown: neither good nor bad, and no number."""
    check = {"kind": "statistic", "of": of, "column": "f", "fail": "< 5"}
    for rows in ([], [{"f": None}, {"f": None}]):
        found = one(bigquery_client, make(rows), check)
        assert (found.status, found.reason, found.observed) == (Status.UNKNOWN, "no_rows", None)


def test_nothing_at_all(bigquery_client: Any, make: Callable[..., model.Table]) -> None:
    """An empty table answers: 0 rows is a number, a share of nothing is unknown, and groups are those expected."""
    expected = {"kind": "rows", "each": "s", "expected": ["a", "b"], "fail": "== 0"}
    found = find(bigquery_client, make([]), *GOOD, expected, {"kind": "duplicates", "columns": ["s"], "fail": "> 0"})

    told = [[(finding.status.value, finding.observed) for finding in listed] for listed in found]
    assert told == [
        [("fail", 0)],
        [("unknown", None)],
        [("unknown", None)],
        [("unknown", None)],
        [("fail", 0)] * 2,
        [("unknown", None)],
    ]


DIVIDED: list[dict[str, Any]] = [
    {"kind": "rows", "per": "whole", "fail": "< 1"},
    {"kind": "completeness", "of": "whole", "times": 2, "fail": "< 1"},
    {"kind": "reconcile", "against": "whole", "sum": "f", "unit": "percent", "fail": "> 1"},
    {"kind": "reconcile", "against": "whole", "sum": "m", "fail": "> 1"},
    {"kind": "rows", "only_if": "whole > 0", "fail": "< 1"},
    {
        "kind": "signal",
        "facts": ["whole"],
        "ladder": [{"says": "RED", "when": "whole > 5", "status": "warn"}],
        "otherwise": {"says": "GREEN", "status": "pass"},
    },
]


@pytest.mark.parametrize(
    ("column", "value"), [("f", "NaN"), ("f", "Infinity"), ("m", "0"), ("f", 0), ("m", "0.5"), ("n", 2**63 - 1)]
)
def test_facts_of_every_sort(bigquery_client: Any, make: Callable[..., model.Table], column: str, value: Any) -> None:
    """A fact that is no number is `no_fact`; 0 and a NUMERIC are divided by without an accident."""
    known = make([{column: value}])
    at: dict[str, Any] = {"table": "d.t", "at": {"day": "day"}}
    checks = [{"id": f"c{place}", **check} for place, check in enumerate(DIVIDED)]
    suite = engine.suite(facts={"whole": {**at, "sum": column}}, tables={"t": {**at, "checks": checks}})
    judged = engine.judged(engine.asked(suite), {"d.t": known}, engine.folded(engine.warehouse(bigquery_client)))

    found = engine.encoded(finding for listed in judged.values() for finding in listed)
    assert len(found) == len(DIVIDED)
    assert {finding["reason"] == "no_fact" for finding in found} == {value in ("NaN", "Infinity")}


@pytest.mark.parametrize(
    ("here", "there", "apart"), [("0.3", "0.3", 0), ("9" * 29, "9" * 28 + "8", 1), ("1", "1.75", 0.75)]
)
def test_a_difference_is_exact(
    bigquery_client: Any, make: Callable[..., model.Table], here: str, there: str, apart: float
) -> None:
    """NUMERIC sums differ by what they differ, to the last digit, and whole numbers are not rounded to."""
    known = make([{"m": here, "s": "here"}, {"m": there, "s": "there"}])
    at: dict[str, Any] = {"table": "d.t", "at": {"day": "day"}}
    check = {"id": "c", "kind": "reconcile", "sum": "m", "against": "other", "where": "s = 'here'", "fail": "> 0"}
    suite = engine.suite(
        facts={"other": {**at, "sum": "m", "where": "s = 'there'"}}, tables={"t": {**at, "checks": [check]}}
    )
    judged = engine.judged(engine.asked(suite), {"d.t": known}, engine.folded(engine.warehouse(bigquery_client)))
    assert judged["t.c"][0].observed == apart


AWKWARD = [
    "it's", 'say "x"', "back\\slash\\", "`tick`", "-- x", "/* x */", "# x", "'); DROP TABLE x; --", "@p0", "${x}",
    "{y}", "\x01\x1f\x7f\n\t", "x" * 65536, "😀é", "NULL", "", " ", "a/b",
]  # fmt: skip


def test_awkward_values(bigquery_client: Any, make: Callable[..., model.Table]) -> None:
    """As groups, as accepted values, as expected groups and as the champion they are what they are."""
    known = make([{"s": value, "n": 1} for value in AWKWARD])
    found = find(
        bigquery_client,
        known,
        {"kind": "rows", "each": "s", "expected": [*AWKWARD[:6], "absent"], "fail": "!= 1"},
        {"kind": "accepted", "column": "s", "values": AWKWARD, "fail": "> 0"},
        {"kind": "accepted", "column": "s", "values": AWKWARD[1:], "fail": "> 0"},
        *(
            {"kind": "parity", "each": "s", "champion": value, "expected": AWKWARD[:2], "fail": "!= 100"}
            for value in (*AWKWARD[:8], AWKWARD[12])
        ),
        key=["s"],
    )

    groups = {finding.subject.removeprefix("nightly.t.c0")[1:-1]: finding.observed for finding in found[0]}
    named = ['"NULL"' if value == "NULL" else value for value in AWKWARD]
    long = next(name for name in groups if len(name) > 99)
    assert set(named) - set(groups) == {"x" * 65536}
    assert {name: count for name, count in groups.items() if name != long} == {
        **dict.fromkeys((name for name in named if len(name) < 99), 1),
        "absent": 0,
    }
    assert [found[place][0].observed for place in (1, 2)] == [0, 1]
    assert all(len(listed) == len(AWKWARD) and listed[0].status is Status.PASS for listed in found[3:])


NAMES = ["Größe in cm", "select", "it's", "a -- b", "# x", "100 % & more", "a<b>:c|d=e+f", "表", "day_2026"]


@pytest.mark.parametrize("name", NAMES)
def test_awkward_columns(bigquery_client: Any, make: Callable[..., model.Table], name: str) -> None:
    """A column of any name that BigQuery allows is looked at, grouped by, told apart and shown."""
    quoted = expressions.quoted((name,))
    known = make([{name: "a"}, {name: "a"}, {name: None}], [FIELD("day", "DATE"), FIELD(name, "STRING")])
    found = find(
        bigquery_client,
        known,
        {"kind": "not_null", "column": quoted, "fail": "> 0"},
        {"kind": "rows", "each": quoted, "fail": "== 0"},
        {"kind": "duplicates", "columns": [quoted], "fail": "> 0"},
        {"kind": "percent", "holds": f"{quoted} = 'a'", "fail": "> 99"},
        key=[quoted],
    )

    assert [[finding.observed for finding in listed] for listed in found] == [[1], [1, 2], [1], [66.666667]]
    (sample,) = found[0][0].evidence["samples"]
    assert sample.lower() == f'{{"{name}":null}}'.lower()  # the emulator does not keep the case of every letter


def test_every_job_is_capped_labelled_and_told_its_day(bigquery_client: Any, make: Callable[..., model.Table]) -> None:
    """Each query of a run has maximum_bytes_billed, its labels, and the day as a parameter only."""
    known, run_id = make([{"s": "a"}]), "20260213T120000Z-abc"
    limits = {"bytes_per_scan": 32 * 2**20}
    own = {"id": "own", "kind": "sql", "query": f"SELECT COUNT(*) AS observed FROM {known.ref.short} WHERE day = @day"}
    table = {"table": known.ref.short, "at": {"day": "day"}, "checks": [{"id": "c", **GOOD[0]}, {**own, "fail": "> 9"}]}
    asked = engine.asked(engine.suite(limits=limits, tables={"t": table}))
    clients = types.SimpleNamespace(bigquery=bigquery_client)
    given = types.SimpleNamespace(clients=clients, run_id=run_id, stop=lambda: None)
    engine.judged(asked, {known.ref.short: known}, engine.folded(warehouse.of(cast("warehouse.Given", given), asked)))

    jobs = [job for job in bigquery_client.list_jobs(max_results=50) if job.labels.get("run") == run_id.lower()]
    assert len(jobs) == 2
    for listed in jobs:
        job = bigquery_client.get_job(listed.job_id, location=listed.location)
        assert job.maximum_bytes_billed == 32 * 2**20
        labels = {"pressbox": "validation", "suite": "nightly", "table": known.ref.short.replace(".", "-")}
        assert {name: job.labels[name] for name in labels} == labels
        assert [parameter.value for parameter in job.query_parameters] == [engine.DAY]
        assert str(datetime.date.today().year) not in job.query.replace(known.ref.dataset, "")  # noqa: DTZ011 - any year


def test_a_cap_that_is_reached_is_told(bigquery_client: Any, make: Callable[..., model.Table]) -> None:
    """A scan that would read more than it may is over budget: nothing is run, nothing is lost."""
    questions = engine.questions(engine.asked(engine.checks(*GOOD)), {"d.t": make([{"s": "x" * 1000}] * 100)})
    real = engine.warehouse(bigquery_client)

    def never(scan: fold.Scan) -> run.Rows:
        raise AssertionError(scan.text)

    limits = run.Limits(bytes_per_scan=100, bytes_per_run=2**40, parallel=2)
    result = run.ask(questions, run.Warehouse(lambda _: 101, never), limits)
    assert {getattr(answer, "reason", None) for answer in result.answers.values()} == {"over_budget"}
    assert len(run.ask(questions, real, limits).done) == 1
