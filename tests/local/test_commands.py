"""The command line's small parts: options, the catalogue of functions, and the variables that reach them."""

import argparse
import datetime
from pathlib import Path

import pytest

from deploy import stage
from local import __main__ as command_line
from local import catalogue
from local.commands import house, options
from local.commands.progress import Progress
from local.world import facts


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what argparse says about `arguments`, which it must refuse."""
    with pytest.raises(SystemExit) as error:
        command_line.main(list(arguments))
    assert error.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("command", ["run", "serve"])
@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--port", "65536", "'65536' is not a whole number from 0 to 65535"),
        ("--port", "-1", "'-1' is not a whole number"),
        ("--port", "http", "'http' is not a whole number"),
        ("--days", "0", f"'0' is not a whole number from 1 to {facts.DAYS}"),
        ("--days", str(facts.DAYS + 1), "is not a whole number"),
        ("--days", "1.5", "'1.5' is not a whole number"),
        ("--days", "", "'' is not a whole number"),
        ("--data-dir", "", "'' is not a folder"),
        ("--data-dir", __file__, "is not a folder"),
    ],
)
def test_a_bad_value_is_refused_with_its_option_and_its_limits(
    capsys: pytest.CaptureFixture[str], command: str, option: str, value: str, told: str
) -> None:
    """Nothing starts, and the error says which option, which value, and what it may be."""
    text = refused(capsys, command, f"{option}={value}")
    assert f"argument {option}: " in text
    assert told in text


@pytest.mark.parametrize("arguments", [(), ("fly",), ("run", "--empty"), ("serve", "--empty", "--days=3")])
def test_what_makes_no_sense_is_refused(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    """No command, an unknown one, an option of the other command, and two options that contradict each other."""
    assert "usage: python -m local" in refused(capsys, *arguments)


def test_the_whole_season_is_the_default() -> None:
    """Without --days the demo world is whole."""
    parser = argparse.ArgumentParser()
    options.add_days(parser)
    assert parser.parse_args([]).days == (datetime.date(2026, 2, 12) - datetime.date(2025, 10, 21)).days + 1


def test_every_function_folder_is_discovered() -> None:
    """The catalogue is what stands in `cloud_functions/`, and nobody keeps a list."""
    declared = {path.parent.name for path in (stage.REPOSITORY / "cloud_functions").glob("*/function.yaml")}
    assert declared
    assert set(catalogue.functions()) == declared


def test_the_functions_own_variables_name_buckets_datasets_and_topics() -> None:
    """What `function.yaml` declares is what the embedded cloud has."""
    found = house.variables({})
    assert found == {
        "BACKUP_BUCKET": "nba-bigquery-backups",
        "EXPORT_BUCKET": "nba-props-platform-api",
        "EXPORT_ORIGIN": "https://nba-props-platform.web.app",
        "EXPORT_URL": "https://storage.googleapis.com/nba-props-platform-api/v1",
        "LIVE_EXPORT_URL": "https://us-west2-nba-props-platform.cloudfunctions.net/live_export",
        "OPS_BUCKET": "nba-pressbox-ops",
        "OPS_DATASET": "ops",
        "POST_GAME_TOPIC": "nba-phase6-export-trigger",
        "REPORTS_TOPIC": "pressbox-reports",
        "SCORES_API_URL": "https://api.balldontlie.io/v1",
    }
    assert catalogue.buckets(found) == ("nba-bigquery-backups", "nba-props-platform-api", "nba-pressbox-ops")
    assert catalogue.datasets(found) == ("ops",)
    assert catalogue.topics(found) == ("nba-phase6-export-trigger", "pressbox-reports")


def test_a_variable_of_the_caller_takes_precedence() -> None:
    """Another pipeline has buckets of its own; an empty value says nothing."""
    found = house.variables({"BACKUP_BUCKET": "mine", "OPS_BUCKET": "", "UNRELATED": "x"})
    assert (found["BACKUP_BUCKET"], found["OPS_BUCKET"]) == ("mine", "nba-pressbox-ops")
    assert "UNRELATED" not in found


def test_a_pipeline_of_its_own_may_declare_some_functions_only(tmp_path: Path) -> None:
    """Without DECLARATIONS_DIR all run; with it, those that have a folder there."""
    (tmp_path / "bigquery_backup").mkdir()
    assert house.declared({}) == tuple(catalogue.functions())
    assert house.declared({"DECLARATIONS_DIR": str(tmp_path)}) == ("bigquery_backup",)


def test_the_folder_of_declarations_reaches_the_functions_as_an_absolute_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function runs in another folder, where a relative path would lead nowhere."""
    monkeypatch.chdir(tmp_path)
    assert house.variables({"DECLARATIONS_DIR": "mine"})["DECLARATIONS_DIR"] == str(tmp_path / "mine")


def test_progress_tells_each_stage_once_it_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    """In a log a stage is one line on stderr, and stdout stays free for the result."""
    with Progress().stage("embedded cloud"):
        assert capsys.readouterr().err == ""
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("embedded cloud: ")
    assert said.err.endswith(" s\n")


def test_progress_claims_nothing_of_a_stage_that_failed(capsys: pytest.CaptureFixture[str]) -> None:
    """A stage that raised has no time to tell."""
    with pytest.raises(ValueError, match="no"), Progress().stage("embedded cloud"):
        raise ValueError("no")
    assert capsys.readouterr().err == ""
