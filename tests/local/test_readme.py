"""The README says what is there: its table of functions, its links, its commands and its options."""

import argparse
import re
from pathlib import Path

import pytest

from cloud_functions.live_export import declaration
from deploy import stage
from local import catalogue
from local.commands import run, serve
from shared import declarations, statuses
from shared.checks import catalogue as checks
from shared.checks import suites

ROOT = stage.REPOSITORY
README = (ROOT / "README.md").read_text("utf-8")
LINKS = re.findall(r"\]\((?!https?://)([^)#]+)\)", README)
TARGETS = sorted(set(re.findall(r"`?make ([a-z]+)", README)))


def rows(head: str) -> list[tuple[str, ...]]:
    """Return the cells of the README's table whose first head is `head`."""
    table = README.split(f"| {head} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in table]


def test_the_table_of_functions_is_that_of_the_folders() -> None:
    """Each function stands there with its own summary, in order, and no other does."""
    declared = [(f"`{name}`", facts.summary) for name, facts in catalogue.functions().items()]
    assert rows("function") == declared


def test_the_statuses_stand_in_their_order() -> None:
    """Worst first, all of them."""
    assert [cells[0] for cells in rows("status")] == [f"`{status.value}`" for status in statuses.ORDER]


def test_every_kind_of_check_is_told() -> None:
    """All that are found by their files, in order, and no other."""
    assert [cells[0] for cells in rows("kind")] == [f"`{name}`" for name in checks.modules()]


def test_the_declarations_that_are_shown_are_valid() -> None:
    """Whoever pastes them into a file has a suite, and an export."""
    suite, export = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)

    assert declarations.parse(suites.Suite, suite, source="README.md", environment={}).tables.keys() == {
        "features",
        "predictions",
    }
    exports = declarations.parse(
        declaration.Exports, export, source="README.md", environment={"EXPORT_BUCKET": "a-bucket"}
    )
    assert [one.shape for one in exports.documents] == ["rows"]


def test_both_sentences_stand_on_the_first_screen() -> None:
    """Whoever opens the repository reads how its code is written."""
    first = README.splitlines()[:30]
    assert "- To **change** something: `declare → plan → execute → report`" in first
    assert "- To **observe** something: `declare → ask → answer → judge → report`" in first


@pytest.mark.parametrize("link", LINKS)
def test_every_link_leads_to_a_file(link: str) -> None:
    """No link of ours is dead."""
    assert (ROOT / link).is_file()


@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_that_is_named_exists(target: str) -> None:
    """What the README tells to run can be run."""
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("folder", [name for cells in rows("folder") for name in re.findall(r"`([a-z_/]+)", cells[0])])
def test_every_folder_of_the_house_exists(folder: str) -> None:
    """The map shows no room that is not there."""
    assert (ROOT / Path(folder)).is_dir()


def test_the_options_are_those_of_the_commands() -> None:
    """Every option of `serve` and `run` stands in the table, and no other does."""
    parsers = [argparse.ArgumentParser(add_help=False) for _ in range(2)]
    serve.add_options(parsers[0])
    run.add_options(parsers[1])
    known = {option for parser in parsers for action in parser._actions for option in action.option_strings}  # noqa: SLF001 - argparse has no public list
    assert {cells[0] for cells in rows("option")} == {f"`{option}`" for option in known}
