"""What the benchmark of the export makes of its rounds: medians, ratios, and the targets that ours misses."""

import dataclasses
import io
import json

import pytest
from rich import console

from bench.export import __main__ as command
from bench.export import contract, summary, unchanged

WRITTEN = unchanged.Written(5, 0)
KEPT = contract.Verdict(valid=True, rows=1000, broken={})


def result(tool: str, seconds: float = 1.0, **changes: float) -> contract.Result:
    """Return a run of a tool that took so long."""
    base = contract.Result(tool, "1", 1000, 5_000_000, 0, seconds, seconds / 2, 100.0, 60.0)
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def lines(ours: float = 1.0, stdlib: float = 6.0, duckdb: float = 0.6) -> dict[str, summary.Line]:
    """Return the lines of ours and of the two peers with a target, given their seconds."""
    times = {contract.OURS: ours, contract.STDLIB: stdlib, contract.DUCKDB: duckdb}
    return {tool: summary.line([result(tool, seconds)], KEPT) for tool, seconds in times.items()}


def test_figures_are_medians() -> None:
    """And rates are by the processor's time."""
    found = summary.line([result("a", seconds, rss_mb=90.0 + seconds) for seconds in (4.0, 1.0, 2.0)], None)
    assert (found.seconds, found.wall_seconds, found.rss_mb) == (2.0, 1.0, 92.0)
    assert (found.rate, found.megabytes) == (500.0, 2.5)


def test_ratios_say_how_many_times_faster_ours_is() -> None:
    """By peer; and there are none without ours."""
    assert summary.ratios(lines()) == {contract.STDLIB: 6.0, contract.DUCKDB: 0.6}
    assert summary.ratios({contract.STDLIB: summary.line([result(contract.STDLIB)], None)}) == {}


def test_ours_that_reaches_everything_misses_nothing() -> None:
    """At the very targets."""
    at_targets = lines(ours=1.0, stdlib=summary.TIMES_STDLIB, duckdb=summary.TIMES_DUCKDB)
    assert summary.missed(at_targets, result(contract.OURS, rss_mb=summary.MOST_RSS_MB), WRITTEN) == ()


@pytest.mark.parametrize(
    ("changed", "large", "word"),
    [
        ({"stdlib": 4.9}, 100.0, "4.90 times the rate of stdlib"),
        ({"duckdb": 0.49}, 100.0, "0.49 times the rate of duckdb"),
        ({}, 131.0, "131 MB for 1,000 rows"),
    ],
)
def test_each_target_that_is_missed_is_told(changed: dict[str, float], large: float, word: str) -> None:
    """Alone."""
    found = summary.missed(lines(**changed), result(contract.OURS, rss_mb=large), WRITTEN)
    assert len(found) == 1
    assert found[0].startswith(word)


def test_what_was_not_run_is_missed() -> None:
    """A target that nothing was measured for is not reached."""
    some = lines()
    del some[contract.DUCKDB]
    assert summary.missed(some, None, WRITTEN) == (
        "no ratio to duckdb: one of the two was not run",
        "the large document was not written",
    )
    assert len(summary.missed({}, None, None)) == 5


@pytest.mark.parametrize(
    "verdict",
    [None, contract.Verdict(valid=False, rows=0, broken={}), contract.Verdict(valid=True, rows=9, broken={"line": 1})],
)
def test_an_output_of_ours_that_breaks_a_rule_is_a_miss(verdict: contract.Verdict | None) -> None:
    """However fast it was written; that of a peer is told, and no target."""
    some = lines()
    some[contract.DUCKDB] = dataclasses.replace(some[contract.DUCKDB], verdict=verdict)
    assert summary.missed(some, result(contract.OURS), WRITTEN) == ()
    some[contract.OURS] = dataclasses.replace(some[contract.OURS], verdict=verdict)
    assert len(summary.missed(some, result(contract.OURS), WRITTEN)) == 1


def test_the_document_and_the_table_name_every_tool() -> None:
    """With what each breaks."""
    some = lines()
    some[contract.STDLIB] = dataclasses.replace(
        some[contract.STDLIB], verdict=contract.Verdict(valid=True, rows=9, broken={"line": 4})
    )
    some[contract.DUCKDB] = dataclasses.replace(some[contract.DUCKDB], verdict=None)
    told = json.loads(json.dumps(summary.document(some, result(contract.OURS), WRITTEN, {"polars": "boom"}, rounds=3)))
    assert [one["tool"] for one in told["tools"]] == [contract.OURS, contract.STDLIB, contract.DUCKDB]
    assert (told["skipped"], told["missed"], told["times_rate_of"]["stdlib"]) == ({"polars": "boom"}, [], 6.0)
    assert told["tools"][0]["rows_per_second"] == 1000
    screen = console.Console(file=io.StringIO(), width=200)
    screen.print(command._table(some))  # noqa: SLF001 - the table is what a terminal shows
    shown = screen.file.getvalue()  # type: ignore[attr-defined]
    assert all(word in shown for word in ("pressbox", "stdlib", "duckdb", "line", "not valid", "6.00 times"))


@pytest.mark.parametrize("option", ["--rows", "--rounds", "--large"])
def test_a_number_below_one_is_refused(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With the number."""
    with pytest.raises(SystemExit):
        command.main([option, "0"])
    assert "0 is not a positive number" in capsys.readouterr().err


@pytest.mark.parametrize("written", [None, unchanged.Written(5, 1), unchanged.Written(0, 0)])
def test_an_unchanged_export_must_write_nothing(written: unchanged.Written | None) -> None:
    """One object is too many; and if the first export wrote none either, nothing was measured."""
    at_targets = lines()

    assert (
        len(summary.missed(at_targets, result(contract.OURS), written))
        == len(summary.missed(at_targets, result(contract.OURS), WRITTEN)) + 1
    )


def test_an_unchanged_export_writes_nothing() -> None:
    """Its object, two names, schema and two manifests the first time; and then none."""
    assert unchanged.measure(b"[1]") == unchanged.Written(first=5, second=0)
