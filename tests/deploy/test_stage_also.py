"""What a function may ship beyond its folder: declarations that its `stage.json` asks for, and nothing else."""

import json
import pathlib
from typing import Any

import pytest

from deploy import stage

DECLARATIONS = "cloud_functions/*/function.yaml"


@pytest.fixture
def asking(tree: pathlib.Path) -> pathlib.Path:
    """Return a repository of three functions with declarations, of which tiny asks for those of all."""
    write(tree, "cloud_functions/third/main.py", '"""Third."""\n')
    for name in ("other", "third"):
        write(tree, f"cloud_functions/{name}/function.yaml", f"summary: {name}\n")
    ask(tree, DECLARATIONS)
    return tree


def write(root: pathlib.Path, name: str, text: str) -> None:
    """Write a file of a repository."""
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def ask(root: pathlib.Path, *patterns: str) -> None:
    """Let tiny ask for what these patterns match."""
    write(root, "cloud_functions/tiny/stage.json", json.dumps({"also": patterns}))


def hashes(root: pathlib.Path, output: pathlib.Path) -> dict[str, str]:
    """Return the stage hash of each function."""
    return {name: stage.stage(name, root=root, output=output / name).stage_hash for name in stage.functions(root)}


def test_declarations_of_other_functions_are_shipped_alone(asking: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """Of another function comes its declaration, as it is; none of its code."""
    staged = stage.stage("tiny", root=asking, output=tmp_path / "out")

    others = [name for name in staged.files if name.startswith(("cloud_functions/other/", "cloud_functions/third/"))]
    assert others == ["cloud_functions/other/function.yaml", "cloud_functions/third/function.yaml"]
    assert (staged.directory / others[0]).read_text() == "summary: other\n"
    assert staged.files.count("cloud_functions/tiny/function.yaml") == 1


def test_only_who_asks_gets_them(asking: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """A function without `stage.json` ships what it always did."""
    files = stage.stage("other", root=asking, output=tmp_path / "out").files

    assert not [name for name in files if "tiny" in name or "third" in name]


def test_change_of_a_declaration_is_one_of_who_asks_for_it(asking: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """The function that ships the declaration gets another hash, as does the one that owns it; no third one does."""
    before = hashes(asking, tmp_path / "before")
    write(asking, "cloud_functions/other/function.yaml", "summary: another\n")
    after = hashes(asking, tmp_path / "after")

    assert {name for name in before if before[name] != after[name]} == {"tiny", "other"}


def test_new_function_is_a_change_of_who_asks_for_all(asking: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """What a pattern matches is found anew at each staging."""
    before = hashes(asking, tmp_path / "before")
    write(asking, "cloud_functions/fourth/function.yaml", "summary: fourth\n")
    after = hashes(asking, tmp_path / "after")

    assert {name for name in before if before[name] != after[name]} == {"tiny"}


def test_code_of_others_is_no_change_of_who_asks(asking: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """What is not shipped does not count."""
    before = hashes(asking, tmp_path / "before")
    write(asking, "cloud_functions/other/main.py", '"""Other, mended."""\n')
    after = hashes(asking, tmp_path / "after")

    assert {name for name in before if before[name] != after[name]} == {"other"}


def refused(root: pathlib.Path, tmp_path: pathlib.Path, said: str) -> None:
    """Check that tiny is not staged, for a reason that names its `stage.json`, and that nothing is left of it."""
    with pytest.raises(stage.StageError, match=rf"cloud_functions/tiny/stage\.json.*{said}"):
        stage.stage("tiny", root=root, output=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no json",
        b"\xff",
        b"null",
        b"[]",
        b"{}",
        b'{"alos": []}',
        b'{"also": 3}',
        b'{"also": [3]}',
        b'{"also": [null]}',
        b'{"also": [""]}',
        b'{"also": ["/etc/*.yaml"]}',
        b'{"also": ["a**/*.yaml"]}',
    ],
)
def test_wrong_stage_file_is_named(asking: pathlib.Path, tmp_path: pathlib.Path, content: bytes) -> None:
    """What holds no list of patterns below the repository is refused with what it must hold."""
    (asking / "cloud_functions/tiny/stage.json").write_bytes(content)

    refused(asking, tmp_path, "must hold")


@pytest.mark.parametrize(
    "pattern",
    [
        "cloud_functions/*/absent.yaml",
        "shared/*.py",
        "cloud_functions/*/*",
        "cloud_functions/other",
        "requirements.txt",
        "../*.yaml",
        "..",
        "shared/../../*.yaml",
        "cloud_functions/../../repository/cloud_functions/*/function.yaml",
    ],
)
def test_pattern_that_matches_anything_else_is_named(
    asking: pathlib.Path, tmp_path: pathlib.Path, pattern: str
) -> None:
    """Nothing, code, a folder, or what lies outside of the repository: the pattern is refused, beside good ones too."""
    write(asking, "../outside.yaml", "secret: 1\n")
    ask(asking, DECLARATIONS, pattern)

    refused(asking, tmp_path, f".*{pattern.replace('*', '.')}' must match declarations in YAML")


def test_link_among_the_matches_is_refused(asking: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """As it is anywhere else."""
    write(asking, "../outside.yaml", "secret: 1\n")
    (asking / "cloud_functions/other/function.yaml").unlink()
    (asking / "cloud_functions/other/function.yaml").symlink_to(asking.parent / "outside.yaml")

    with pytest.raises(stage.StageError, match=r"other/function\.yaml is a symbolic link"):
        stage.stage("tiny", root=asking, output=tmp_path / "out")


def test_link_to_a_folder_leads_nowhere(asking: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """What lies behind a linked folder is not in the repository."""
    write(asking, "../outside/function.yaml", "secret: 1\n")
    (asking / "cloud_functions/linked").symlink_to(asking.parent / "outside")

    with pytest.raises(stage.StageError, match="is a symbolic link"):
        stage.stage("tiny", root=asking, output=tmp_path / "out")


@pytest.mark.parametrize("hidden", ["cloud_functions/other/.secret.yaml", "cloud_functions/.kept/secret.yaml"])
def test_hidden_files_stay_behind(asking: pathlib.Path, tmp_path: pathlib.Path, hidden: str) -> None:
    """Whatever a pattern matches, what is hidden is not shipped."""
    write(asking, hidden, "secret: 1\n")
    ask(asking, "cloud_functions/*/*.yaml")

    assert hidden not in stage.stage("tiny", root=asking, output=tmp_path / "out").files


def test_repository_may_be_named_by_any_path(asking: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """Two dots in the path to the repository are no way out of it."""
    root = asking / ".." / asking.name

    assert stage.stage("tiny", root=root, output=tmp_path / "out").files


@pytest.mark.parametrize("also", [["."], "", {}])
def test_stage_file_that_asks_for_no_pattern_is_named(asking: pathlib.Path, tmp_path: pathlib.Path, also: Any) -> None:
    """The repository itself is no declaration, and a text or an object is no list."""
    write(asking, "cloud_functions/tiny/stage.json", json.dumps({"also": also}))

    refused(asking, tmp_path, "")


def test_health_check_ships_every_declaration(tmp_path: pathlib.Path) -> None:
    """It knows by them which functions there are, so that none is overlooked."""
    staged = stage.stage("daily_health_check", root=stage.REPOSITORY, output=tmp_path / "out")

    present = sorted(path.relative_to(stage.REPOSITORY).as_posix() for path in stage.REPOSITORY.glob(DECLARATIONS))
    assert len(present) > 2
    assert [name for name in staged.files if name.endswith("/function.yaml")] == present
