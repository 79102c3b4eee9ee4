"""The command that writes schemas and types: anew, and as a release only while no reader is let down."""

import json
import pathlib

import pytest

from deploy import contracts


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    """Return a folder with the present schemas, released."""
    assert contracts.main(["--release"], folder=tmp_path / "schemas") == 0
    return tmp_path / "schemas"


def _later(folder: pathlib.Path, name: str = "status") -> None:
    """Make the last release one that promised a property of which nothing is left."""
    path = folder / "released" / f"{name}.schema.json"
    promised = json.loads(path.read_text())
    promised["properties"]["mood"] = {"type": "string"}
    path.write_text(json.dumps(promised))


def test_files_are_written_as_they_are_published(folder: pathlib.Path) -> None:
    """Schemas and types, and the schemas once more as released."""
    made = contracts.files()
    assert {path.name: path.read_text("utf-8") for path in folder.glob("*.*")} == made
    assert contracts.released(folder) == {
        name.removesuffix(".schema.json"): json.loads(text) for name, text in made.items() if name != "types.d.ts"
    }


def test_stale_file_goes(folder: pathlib.Path) -> None:
    """The schema of a document that is no more does not stay and pretend; what was released of it does."""
    for place in (folder, folder / "released"):
        (place / "gone.schema.json").write_text("{}")
    contracts.main([], folder=folder)
    assert not (folder / "gone.schema.json").exists()
    assert "gone" in contracts.released(folder)


def test_writing_anew_releases_nothing(folder: pathlib.Path) -> None:
    """A changed document is compared with the release until somebody releases."""
    _later(folder)
    before = contracts.released(folder)
    assert contracts.main([], folder=folder) == 0
    assert contracts.released(folder) == before


def test_break_is_told_and_not_released(folder: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was promised stays promised: the command fails and says which property of which document is missing."""
    _later(folder)
    before = contracts.released(folder)
    assert contracts.main(["--release"], folder=folder) == 1
    assert capsys.readouterr().err == "status: $.mood: is gone\n"
    assert contracts.released(folder) == before


def test_document_that_is_published_no_more_is_a_break() -> None:
    """Its readers lose all of it; a new document takes nothing from anybody."""
    assert contracts.broken({"a": {}}, {}) == ["a: is published no more"]
    assert contracts.broken({}, {"a": {}}) == []
