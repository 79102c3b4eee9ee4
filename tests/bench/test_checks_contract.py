"""The fifty checks of the benchmark, the truth about them, the line of an adapter, and the data they are asked of."""

import dataclasses
import json
from collections import Counter
from pathlib import Path

import pytest

from bench.checks import contract, data, environments, record, runs, summary
from bench.checks.__main__ import TOOLS

LINE = {
    "tool": "one",
    "version": "1.0",
    "statements": 7,
    "table_queries": 5,
    "seconds": 1.0,
    "import_seconds": 0.5,
    "rss_mb": 100.0,
    "answers": contract.truth(contract.CLEAN),
}


def test_there_are_ten_checks_a_table() -> None:
    """Fifty in all, each with an id of its own, and each column that they read is one of the tables'."""
    declared = contract.checks(1000)
    assert Counter(check.table for check in declared) == dict.fromkeys(contract.TABLES, 10)
    assert len({check.id for check in declared}) == 50
    assert {column for check in declared for column in check.columns} <= set(contract.COLUMNS)


def test_one_check_is_broken_and_the_others_are_not_touched() -> None:
    """The broken variant differs from the clean one in one column, which no table has."""
    clean, broken = contract.checks(1000), contract.checks(1000, variant=contract.BROKEN)
    changed = [(one, other) for one, other in zip(clean, broken, strict=True) if one != other]
    assert [other.id for _, other in changed] == [contract.BROKEN_ID]
    assert changed[0][1] == dataclasses.replace(changed[0][0], columns=(contract.ABSENT_COLUMN,))
    assert contract.ABSENT_COLUMN not in contract.COLUMNS


def test_the_truth_is_told_by_variant() -> None:
    """All pass, five fail, and one cannot be answered."""
    counted = {variant: Counter(contract.truth(variant).values()) for variant in contract.VARIANTS}
    assert counted == {"clean": {"pass": 50}, "dirty": {"pass": 45, "fail": 5}, "broken": {"pass": 49, "error": 1}}


def test_a_check_that_the_tool_did_not_speak_of_is_missing() -> None:
    """And an answer to a check that nobody asked is a fault of the adapter."""
    declared = contract.checks(1000)[:2]
    assert contract.complete({"boxscores.rows": "pass"}, declared) == {
        "boxscores.rows": "pass",
        "boxscores.id_present": "missing",
    }
    with pytest.raises(ValueError, match="not asked"):
        contract.complete({"boxscores.colour": "pass"}, declared)


def test_the_line_of_an_adapter_is_read_back() -> None:
    """As it was printed."""
    found = contract.result(json.loads(json.dumps(LINE)))
    assert found.document() == LINE


@pytest.mark.parametrize(
    "line",
    [
        {**LINE, "colour": "red"},
        {name: value for name, value in LINE.items() if name != "seconds"},
        {**LINE, "answers": {"boxscores.rows": "pass"}},
        {**LINE, "answers": {**contract.truth(contract.CLEAN), "lines.prob": "green"}},
    ],
)
def test_another_line_is_refused(line: dict[str, object]) -> None:
    """A key too many, one too few, a check too few, and a word that is no answer."""
    with pytest.raises(ValueError, match="adapter's"):
        contract.result(line)


@pytest.mark.parametrize(
    ("statement", "reads"),
    [
        ("SELECT count(*) FROM boxscores", True),
        ('select 1\nfrom "clean"."main"."lines" where id is null', True),
        ("SELECT * FROM x JOIN main.grades USING (id)", True),
        ("WITH t AS (SELECT * FROM features) SELECT 1 FROM t", True),
        ("SELECT 1 FROM (boxscores)", True),
        ("SELECT 1 FROM boxscores_old", False),
        ('SELECT 1 FROM "boxscores old"', False),
        ("SELECT * FROM information_schema.columns WHERE table_name = 'boxscores'", False),
        ('DESCRIBE "boxscores"', False),
        ("DESCRIBE SELECT * FROM boxscores", False),
        ("CREATE OR REPLACE TEMP VIEW v AS SELECT * FROM boxscores", False),
        ("CREATE TABLE t AS SELECT * FROM boxscores", True),
        ("PRAGMA table_info('boxscores')", False),
        ("EXPLAIN SELECT count(*) FROM boxscores", False),
        ("EXPLAIN ANALYZE SELECT count(*) FROM boxscores", True),
        ("SUMMARIZE boxscores", True),
        ("SELECT 1 FROM clean.main.boxscores AS b", True),
    ],
)
def test_a_statement_that_reads_a_table_is_known(statement: str, *, reads: bool) -> None:
    """However the table is written; to describe one, or to define a view, is not to read it."""
    assert record.reads_a_table(statement) is reads


class Connection:
    """A connection of the old kind: `sql` runs `execute` underneath."""

    def execute(self, query: str, parameters: object = None) -> str:
        """Return what was run."""
        return f"{query} {parameters}"

    def executemany(self, query: str, parameters: object = None) -> str:
        """Return what was run."""
        return self.execute(query, parameters)

    def sql(self, query: str) -> str:
        """Return what was run."""
        if query == "broken":
            raise ValueError(query)
        return self.execute(query)

    query = from_query = sql


def test_statements_are_recorded_once_and_in_order() -> None:
    """A method that calls another counts once, and one that raises leaves the next ones counted."""
    recorder = record.Recorder()
    recorder.install(Connection)
    connection = Connection()
    assert connection.execute("one", [1]) == "one [1]"
    assert connection.sql("two") == "two None"
    with pytest.raises(ValueError, match="broken"):
        connection.sql("broken")
    connection.executemany("three")
    connection.query("four")
    assert recorder.statements == ["one", "two", "broken", "three", "four"]


def test_every_tool_pins_its_packages_and_a_duckdb() -> None:
    """One line a package, each pinned, and the oldest DuckDB writes the files."""
    texts = {tool: environments.requirements(tool) for tool in TOOLS}
    assert all(line.count("==") == 1 for text in texts.values() for line in text.splitlines())
    assert environments.oldest({"a": "duckdb==1.10.0\n", "b": "x==1\nduckdb==1.9.2\n", "c": "duckdb==2.0.0\n"}) == "b"
    assert environments.oldest(texts) in TOOLS
    with pytest.raises(ValueError, match="no duckdb"):
        environments.duckdb_version("duckdb-engine==1.0\n")


def test_every_peer_has_its_adapter() -> None:
    """A script that bears the tool's name."""
    assert [tool for tool in TOOLS if tool != summary.OURS and not runs.script(tool).is_file()] == []


def test_only_the_dirty_data_have_a_wrong_status() -> None:
    """And nothing in the statement depends on the wall clock."""
    clean, dirty = (data.statement("lines", 5000, dirty=wrong) for wrong in (False, True))
    assert contract.WRONG_STATUS in dirty
    assert contract.WRONG_STATUS not in clean
    assert "now(" not in dirty.lower()
    assert "2026-11-20 12:00:00" in clean


def test_a_program_that_fails_is_named_by_its_last_line(tmp_path: Path) -> None:
    """The traceback before it is not told."""
    program = tmp_path / "program.py"
    program.write_text("raise SystemExit('first\\nlast words')\n")
    with pytest.raises(runs.RunFailed, match=r"^last words$"):
        runs.call(Path("python3"), program, [])
