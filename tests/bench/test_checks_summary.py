"""What the benchmark of checks makes of its rounds: medians, right answers, the modelled bill, targets and ratios."""

import dataclasses
import io
import json
from collections.abc import Mapping

import pytest
from rich import console

from bench.checks import __main__ as command
from bench.checks import bill, contract, environments, runs, summary

WEIGHT = environments.Weight(packages=10, megabytes=50.0)


def result(variant: str, changed: Mapping[str, str] | None = None, **values: float) -> contract.Result:
    """Return a right result in `variant`, but for the answers `changed` and other `values`."""
    figures = {"statements": 7, "table_queries": 5, "seconds": 1.0, "import_seconds": 0.5, "rss_mb": 100.0} | values
    answers = contract.truth(variant) | dict(changed or {})
    return contract.Result(**{"tool": "x", "version": "1", **figures, "answers": answers})  # type: ignore[arg-type]


def line(tool: str, **values: float) -> summary.Line:
    """Return the line of a tool that is right in every variant, and whose figures are `values`."""
    said = runs.Runs({variant: [result(variant, None, **values)] for variant in contract.VARIANTS})
    return summary.line(tool, said, WEIGHT, {"clean": {"large_mb": 400.0, "small_mb": 52.0}})


def test_figures_are_medians_and_answers_the_worst() -> None:
    """Times and memory of the middle round, counts of the greatest, answers of the round with the fewest right."""
    rounds = [
        result("clean", seconds=3.0, rss_mb=300.0),
        result("clean", {"lines.prob": "fail", "lines.status": "missing"}, seconds=1.0, table_queries=6),
        result("clean", seconds=2.0, rss_mb=200.0),
    ]
    found = summary.figures("clean", rounds)
    assert (found.run_seconds, found.import_seconds, found.total_seconds) == (2.0, 0.5, 2.5)
    assert (found.rss_mb, found.table_queries, found.total_spread) == (200.0, 6, (1.5, 3.5))
    assert (found.right, found.false_fails, found.missed_fails, found.bad_check) == (48, 1, 0, None)
    assert found.answers == {"pass": 48, "fail": 1, "error": 0, "missing": 1}


def test_a_fail_that_is_not_told_is_missed() -> None:
    """A pass where the truth is fail; an error there is neither right nor a pass."""
    found = summary.figures("dirty", [result("dirty", {"lines.status": "pass", "grades.status": "error"})])
    assert (found.right, found.false_fails, found.missed_fails) == (48, 0, 1)


@pytest.mark.parametrize("answer", contract.ANSWERS)
def test_the_broken_check_itself_is_neither_right_nor_wrong(answer: str) -> None:
    """It is told apart, and the other 49 are counted."""
    found = summary.figures("broken", [result("broken", {contract.BROKEN_ID: answer, "predictions.rows": "error"})])
    assert (found.right, found.false_fails, found.bad_check) == (48, 0, answer)


def test_a_tool_that_folds_isolates_and_is_fastest_misses_nothing() -> None:
    """A peer's own queries and answers are no target."""
    assert summary.missed([line("pressbox"), line("soda4", seconds=1.1, table_queries=50)]) == ()
    assert summary.missed([line("soda4", table_queries=50)]) == ()


def test_each_target_that_is_missed_is_told() -> None:
    """Queries by variant, answers by variant, and each peer that is not slower."""
    assert summary.missed([line("pressbox", table_queries=4)]) == tuple(
        f"{variant}: 4 table queries, not 5" for variant in contract.VARIANTS
    )
    assert summary.missed([line("pressbox"), line("soda4"), line("gx", seconds=9.0)]) == (
        "total 1.50 s, not below the 1.50 s of soda4",
    )
    said = runs.Runs({variant: [result(variant, {"lines.rows": "missing"})] for variant in contract.VARIANTS})
    assert summary.missed([summary.line("pressbox", said, None, {})]) == (
        "clean: 49 right answers, not 50",
        "dirty: 49 right answers, not 50",
        "broken: 48 right answers, not 49",
    )


def test_a_run_of_ours_that_failed_is_a_miss() -> None:
    """Whatever the other variants say."""
    said = runs.Runs({"clean": [result("clean")]}, {"dirty": "boom"})
    assert summary.missed([summary.line("pressbox", said, None, {})]) == ("pressbox was not run in every variant",)


def test_ratios_are_to_ours_on_clean_data() -> None:
    """And there are none when ours, or the peer, was not run."""
    ours, peer = line("pressbox"), line("gx", seconds=4.0, table_queries=40)
    found = summary.ratios(peer, ours)
    assert (found["table_queries"], found["run_seconds"], found["total_seconds"]) == (8.0, 4.0, 3.0)
    assert (found["small_mb"], found["megabytes"]) == (1.0, 1.0)
    assert summary.ratios(peer, None) == {}
    assert summary.ratios(summary.line("gx", runs.Runs(), None, {}), ours) == {}


def test_the_document_and_the_table_name_every_tool() -> None:
    """Those that could not be run too."""
    failed = summary.line("gx", runs.Runs(errors={"clean": "boom"}), WEIGHT, {})
    lines = [line("pressbox"), line("soda4", seconds=2.0), failed]
    document = json.loads(json.dumps(summary.document(lines, {"dbt_duckdb": "not installed"}, rows=2000, rounds=1)))
    assert [one["tool"] for one in document["tools"]] == ["pressbox", "soda4", "gx"]
    assert (document["skipped"], document["missed"]) == ({"dbt_duckdb": "not installed"}, [])
    assert document["tools"][2]["errors"] == {"clean": "boom"}
    screen = console.Console(file=io.StringIO(), width=240)
    screen.print(command._table(lines, rows=2000))  # noqa: SLF001 - the table is what a terminal shows
    shown = screen.file.getvalue()  # type: ignore[attr-defined]
    assert all(word in shown for word in ("pressbox", "soda4", "gx", "49 of 49", "5/5/5"))


@pytest.mark.parametrize(
    ("columns", "rows", "expected"),
    [
        ({"id"}, 20_000, bill.MINIMUM),
        ({"id"}, 1_000_000, bill.MINIMUM),
        ({"id", "prob"}, 1_000_000, 16_000_000),
        (set(), 1_000_000, 0),
    ],
)
def test_a_query_is_billed_its_columns_and_no_less_than_the_minimum(
    columns: set[str], rows: int, expected: float
) -> None:
    """A table of which no column is read costs nothing."""
    assert bill.billed({"lines": frozenset(columns)}, rows) == expected


def test_the_bill_adds_tables_and_queries() -> None:
    """Each table of each query has its own minimum."""
    two = {"lines": frozenset({"id"}), "grades": frozenset({"id"})}
    found = bill.bill([two, two, {}])
    assert (found.small_mb, found.large_mb, found.unparsed) == (41.9, 41.9, 0)
    everything = [{table: frozenset(contract.COLUMNS) for table in contract.TABLES}]
    assert bill.bill(everything).large_mb == round(5 * sum(width for _, width in contract.COLUMNS.values()), 1)


def test_an_unknown_tool_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """With the names of those that are known."""
    with pytest.raises(SystemExit):
        command.main(["--only", "soda4,colour"])
    assert "colour: not one of pressbox, soda4" in capsys.readouterr().err


@pytest.mark.parametrize("rows", ["0", "1999"])
def test_too_few_rows_are_refused(rows: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The variants would not be what they say."""
    with pytest.raises(SystemExit):
        command.main(["--rows", rows])
    assert rows in capsys.readouterr().err


def test_a_line_has_a_total_only_when_it_was_run() -> None:
    """And its false fails are those of every variant."""
    said = runs.Runs({"dirty": [result("dirty", {"lines.rows": "fail"})], "broken": [result("broken")]})
    found = summary.line("gx", said, None, {})
    assert (found.total, found.false_fails, found.version) == (None, 1, "1")
    assert dataclasses.asdict(found)["weight"] is None
