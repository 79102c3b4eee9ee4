"""The generator: deterministic, scaled by days, and strict about its arguments."""

import subprocess
import typing
from collections.abc import Callable
from pathlib import Path

import pytest

if typing.TYPE_CHECKING:
    from .conftest import Counted

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def content(world: "Counted") -> dict[str, str]:
    """Return the hash of each table's content."""
    return {name: shape["content"] for name, shape in world.shapes.items()}


def test_the_same_seed_makes_the_same_world(small: "Counted", make: Callable[..., "Counted"]) -> None:
    """Generated twice, every table has the same content, and the world the same fingerprint."""
    again = make("--days", "3")
    assert content(again) == content(small)
    assert again.told == small.told


def test_another_seed_makes_another_world(small: "Counted", make: Callable[..., "Counted"]) -> None:
    """Every table of play and of predictions differs, and so does the fingerprint."""
    other = make("--days", "3", "--seed", "7")
    same = {name for name, found in content(other).items() if content(small)[name] == found}
    assert same == set()
    assert other.told["fingerprint"] != small.told["fingerprint"]


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_the_planted_facts_hold_for_any_seed(make: Callable[..., "Counted"], seed: str) -> None:
    """The shadow table, both signals and the 505 rows do not depend on luck."""
    world = make("--days", "5", "--seed", seed)
    shadow: dict[str, list[tuple[int, int]]] = {}
    for row in world.of("shadow"):
        shadow.setdefault(row["system_id"], []).append((row["hits"], row["picks"]))
    assert shadow == {
        "catboost_v9": [(3, 9), (4, 9), (1, 5), (15, 33)],
        "catboost_v9_q43_train1102_0131": [(4, 6), (2, 4), (1, 3), (7, 16)],
    }
    assert world.only("rows_by_day", day="2026-02-11")["players"] == 505
    champion = {row["day"]: row["daily_signal"] for row in world.of("signals", system_id="catboost_v9")}
    assert (champion["2026-02-11"], champion["2026-02-12"]) == ("GREEN", "RED")


@pytest.mark.parametrize("question", ["features", "predictions", "rows_by_day", "signals", "phases"])
def test_a_small_world_is_the_end_of_the_whole_one(full: "Counted", small: "Counted", question: str) -> None:
    """The last three days are the same whether the season before them is written or not."""
    first = min(row["day"] for row in small.of(question))
    assert first == "2026-02-10"
    assert small.of(question) == [row for row in full.of(question) if row["day"] >= first]


def test_one_day_is_a_world(make: Callable[..., "Counted"]) -> None:
    """With tonight alone no game is over, so that some tables are empty and none is missing."""
    world = make("--days", "1")
    assert world.told["tables"]["nba_analytics.player_game_summary"] == 0
    assert world.told["tables"]["nba_predictions.player_prop_predictions"] == 5 * 32


@pytest.mark.parametrize("days", ["0", "116", "-1", "3.5", "three", ""])
def test_a_number_of_days_that_the_season_does_not_have_is_refused(run_module: Run, tmp_path: Path, days: str) -> None:
    """The message names what was given and what would do; nothing is written."""
    done = run_module("local.world.generate", f"--days={days}", "--out", str(tmp_path / "world"))
    assert done.returncode == 2
    assert f"{days!r} is not a number of days from 1 to 115" in done.stderr
    assert not (tmp_path / "world").exists()


def test_a_folder_must_be_named(run_module: Run) -> None:
    """Without --out nothing is generated."""
    done = run_module("local.world.generate", "--days", "1")
    assert done.returncode == 2
    assert "--out" in done.stderr


def test_world_json_comes_last(run_module: Run, tmp_path: Path) -> None:
    """A world that could not be finished is not called one, even where an older one stood."""
    (tmp_path / "world.json").write_text("{}")
    (tmp_path / "nba_raw.nbac_schedule.parquet").mkdir()
    done = run_module("local.world.generate", "--days", "1", "--out", str(tmp_path))
    assert done.returncode != 0
    assert not (tmp_path / "world.json").exists()
