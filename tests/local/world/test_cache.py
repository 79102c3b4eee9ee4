"""The cache: a world is generated once, found again, and made anew when it is not whole."""

import shutil
from pathlib import Path

import pytest

from local.world import cache, facts, fingerprint

PYTHON = Path(__file__).parents[3] / ".venv-emulators" / "bin" / "python"
# Says what it was asked, writes nothing.
NOT_THE_GENERATOR = Path("/bin/false")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a data folder and the world of one day in it."""
    data_dir = tmp_path_factory.mktemp("data")
    return data_dir, cache.prepare(data_dir, days=1, python=PYTHON)


@pytest.fixture
def prepared(made: tuple[Path, Path], tmp_path: Path) -> tuple[Path, Path]:
    """Return a copy of the data folder and of the world in it, to be spoilt at will."""
    data_dir, place = made
    copy = tmp_path / "data"
    shutil.copytree(data_dir, copy)
    return copy, copy / place.relative_to(data_dir)


def test_a_world_is_complete(prepared: tuple[Path, Path]) -> None:
    """Its file tells the fingerprint that its days and seed have, and nothing is left of the making."""
    data_dir, place = prepared
    assert fingerprint.read(place)["fingerprint"] == fingerprint.compute(days=1, seed=facts.SEED)
    assert [path.name for path in (data_dir / "worlds").iterdir()] == [place.name]


def test_a_world_is_found_again(prepared: tuple[Path, Path]) -> None:
    """The second call needs no generator."""
    data_dir, place = prepared
    assert cache.prepare(data_dir, days=1, python=NOT_THE_GENERATOR) == place


@pytest.mark.parametrize("spoilt", ["world.json", "nba_raw.nbac_schedule.parquet"])
def test_a_world_with_a_file_missing_is_made_anew(prepared: tuple[Path, Path], spoilt: str) -> None:
    """Half a world is none."""
    data_dir, place = prepared
    (place / spoilt).unlink()
    assert cache.prepare(data_dir, days=1, python=PYTHON) == place
    assert (place / spoilt).is_file()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"fingerprint": "0"}'])
def test_a_world_that_does_not_say_what_it_is_is_made_anew(prepared: tuple[Path, Path], text: str) -> None:
    """A broken or foreign `world.json` is not believed."""
    data_dir, place = prepared
    (place / "world.json").write_text(text)
    cache.prepare(data_dir, days=1, python=PYTHON)
    assert fingerprint.read(place)["days"] == 1


def test_a_failing_generator_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    """The error says that the world could not be generated, and no half world stays behind."""
    with pytest.raises(RuntimeError, match="could not be generated"):
        cache.prepare(tmp_path, days=1, python=NOT_THE_GENERATOR)
    assert list((tmp_path / "worlds").iterdir()) == []


def test_what_the_generator_said_is_told(tmp_path: Path) -> None:
    """A number of days that it refuses comes back in its own words."""
    with pytest.raises(RuntimeError, match="not a number of days from 1 to 115"):
        cache.prepare(tmp_path, days=500, python=PYTHON)


def test_days_and_seed_are_part_of_the_fingerprint() -> None:
    """Another size or seed is another world."""
    assert len({fingerprint.compute(days=days, seed=seed) for days in (1, 2) for seed in (1, 2)}) == 4
