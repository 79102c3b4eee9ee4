"""`deploy.validate`: every mistake at once, by function, file and line; queries run dry where there is a warehouse."""

import pathlib
from collections.abc import Callable

import pytest

from deploy import validate
from local import cloud as local_cloud
from shared import settings

SUITE = """summary: of a test
tables:
  t:
    table: {table}
    at: {{day: day}}
    checks:
      - {{id: a, kind: percent, holds: "{holds}", fail: "< 3"}}
"""
BACKUPS = "bucket: b-of-tests\ndatasets:\n  - dataset: data\n"


@pytest.fixture
def folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """Return a folder of declarations that is in force: a backup and one suite."""
    (tmp_path / "bigquery_backup").mkdir()
    (tmp_path / "bigquery_backup" / "backups.yaml").write_text(BACKUPS)
    (tmp_path / "validation_runner" / "suites").mkdir(parents=True)
    (tmp_path / "validation_runner" / "suites" / "one.yaml").write_text(SUITE.format(table="a.b", holds="x > 1"))
    (tmp_path / "pipeline.yaml").write_text("game_day: {time_zone: UTC, cutover_hour: 0}\n")
    monkeypatch.setenv("DECLARATIONS_DIR", str(tmp_path))
    monkeypatch.setenv("OPS_BUCKET", "ops-of-tests")
    return tmp_path


def test_what_ships_is_valid(capsys: pytest.CaptureFixture[str]) -> None:
    """Every declaration of every function."""
    assert validate.main([]) == 0
    assert capsys.readouterr().out == "every declaration is valid\n"


def test_every_mistake_is_told_at_once(folder: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Those of two functions and of two files, each with its file and line."""
    (folder / "bigquery_backup" / "backups.yaml").write_text(BACKUPS + "typo: 1\n")
    suites = folder / "validation_runner" / "suites"
    (suites / "two.yaml").write_text(SUITE.format(table="a.b", holds="1 = 1").replace('"< 3"', '"3"'))
    (suites / "one.yaml").write_text(SUITE.format(table="a", holds="x > 1"))

    assert validate.main(["--warehouse"]) == 1

    told = capsys.readouterr().err
    for place in ("backups.yaml:4: typo", "one.yaml:4: tables.t.table", "two.yaml:7: tables.t.checks[0].holds"):
        assert place in told
    assert "two.yaml:7: tables.t.checks[0].fail" in told


@pytest.fixture
def table(emulated: local_cloud.Cloud, make_dataset: Callable[[], str]) -> str:
    """Return the name of an empty table, partitioned by day, in the warehouse that the clients lead to."""
    name = f"{make_dataset()}.t"
    emulated.bigquery_client().query_and_wait(f"CREATE TABLE {name} (day DATE, x INT64) PARTITION BY day")
    return name


@pytest.mark.parametrize(
    ("named", "holds", "said"),
    [
        ("nowhere.b", "x > 1", "no_such_table"),
        ("{table}", "y > 1", "no_such_column"),
        ("{table}", "x LIKE 1", "broken_query"),
    ],
)
def test_a_query_that_cannot_run_is_told(
    folder: pathlib.Path, table: str, capsys: pytest.CaptureFixture[str], named: str, holds: str, said: str
) -> None:
    """A missing table, a missing column, what is no GoogleSQL: found before a deploy, and nothing is run."""
    path = folder / "validation_runner" / "suites" / "one.yaml"
    path.write_text(SUITE.format(table=named.format(table=table), holds=holds))

    assert validate.main(["--warehouse"]) == 1
    assert said in capsys.readouterr().err

    path.write_text(SUITE.format(table=table, holds="x > 1"))
    assert validate.main(["--warehouse"]) == 0


def test_the_environment_stands_above_what_is_declared(folder: pathlib.Path) -> None:
    """What function.yaml declares is taken where the environment says nothing."""
    read = validate._settings()  # noqa: SLF001 - the settings that main uses

    assert isinstance(read, settings.Settings)
    assert (read.declarations, read.ops_bucket) == (folder, "ops-of-tests")
    assert read.environment["BACKUP_BUCKET"] == "nba-bigquery-backups"
