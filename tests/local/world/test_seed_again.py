"""Seeding again: a world that was left half loaded is loaded anew, and what cannot be loaded is named."""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local.world import seed

if TYPE_CHECKING:
    from .conftest import Counted

OFFENCE = "nba_analytics.team_offense_game_summary"


@pytest.fixture(autouse=True)
def _empty(client: Any) -> None:
    for dataset in client.list_datasets():
        client.delete_dataset(dataset.reference, delete_contents=True)


@pytest.fixture
def spoilable(small: "Counted", tmp_path: Path) -> Path:
    """Return a copy of a small world, to be spoilt at will."""
    return Path(shutil.copytree(small.directory, tmp_path / "world"))


def test_a_failed_load_names_its_table_and_is_redone(small: "Counted", spoilable: Path, client: Any) -> None:
    """A world that was left half loaded is not marked, and the next call loads all of it."""
    (spoilable / f"{OFFENCE}.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(RuntimeError, match=f"{OFFENCE} could not be loaded: "):
        seed.seed(spoilable, bigquery=client)
    assert seed.seed(small.directory, bigquery=client).loaded
    assert client.get_table(OFFENCE).num_rows == small.told["tables"][OFFENCE]


def test_another_world_replaces_the_one_that_stands(small: "Counted", spoilable: Path, client: Any) -> None:
    """Every table is made anew, one that is missing included."""
    seed.seed(small.directory, bigquery=client)
    client.delete_table("nba_orchestration.phase_completions")
    told = json.loads((spoilable / "world.json").read_text())
    (spoilable / "world.json").write_text(json.dumps(told | {"fingerprint": "f" * 40}))
    assert seed.seed(spoilable, bigquery=client).loaded
    assert client.get_table("nba_orchestration.phase_completions").num_rows > 0


def test_a_table_with_other_rows_than_told_is_an_error(spoilable: Path, client: Any) -> None:
    """The error names the table and both numbers."""
    told = json.loads((spoilable / "world.json").read_text())
    told["tables"][OFFENCE] += 1
    (spoilable / "world.json").write_text(json.dumps(told))
    with pytest.raises(RuntimeError, match=rf"{OFFENCE} has 38 rows after loading 38: the world has 39"):
        seed.seed(spoilable, bigquery=client)


def test_an_incomplete_world_is_not_loaded(spoilable: Path, client: Any) -> None:
    """Without `world.json` nothing is made."""
    (spoilable / "world.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"world\.json is missing"):
        seed.seed(spoilable, bigquery=client)
    assert list(client.list_datasets()) == []


def test_a_world_of_other_declarations_is_not_loaded(spoilable: Path, client: Any) -> None:
    """A table that is told but not declared is named, and nothing is made."""
    told = json.loads((spoilable / "world.json").read_text())
    told["tables"]["nba_raw.stranger"] = 1
    (spoilable / "world.json").write_text(json.dumps(told | {"fingerprint": "e" * 40}))
    with pytest.raises(RuntimeError, match=r"other declarations: nba_raw\.stranger"):
        seed.seed(spoilable, bigquery=client)
    assert list(client.list_datasets()) == []
