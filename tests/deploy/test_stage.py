"""What `deploy.stage` ships, what it refuses, and that its hash tells two contents apart."""

import json
import pathlib
import shutil
import subprocess
import sys

import pytest

from deploy import importcheck, stage


def test_only_the_allow_list_is_staged(tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """The stage of one function holds that function, `shared/`, the requirements and the two generated files."""
    staged = stage.stage("tiny", root=tree, output=tmp_path / "out")
    assert staged.files == (
        "build.json",
        "cloud_functions/__init__.py",
        "cloud_functions/tiny/__init__.py",
        "cloud_functions/tiny/function.yaml",
        "cloud_functions/tiny/main.py",
        "cloud_functions/tiny/suites/one.yaml",
        "main.py",
        "requirements.txt",
        "shared/__init__.py",
        "shared/report.schema.json",
        "shared/words.py",
    )
    found = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*"))
    assert found == list(staged.files)


def test_the_root_module_is_one_line(tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """The generated `main.py` imports the entry point, and is nothing else."""
    staged = stage.stage("tiny", root=tree, output=tmp_path / "out")
    assert (staged.directory / "main.py").read_text() == "from cloud_functions.tiny.main import tiny\n"


def test_build_json_says_what_was_built(tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """`build.json` holds the commit, the hash and the name of the function."""
    staged = stage.stage("tiny", root=tree, output=tmp_path / "out", commit="c0ffee")
    built = json.loads((staged.directory / "build.json").read_text())
    assert built == {"commit": "c0ffee", "stage_hash": staged.stage_hash, "function": "tiny"}
    assert len(staged.stage_hash) == 64


def test_the_hash_depends_on_the_content_alone(tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """The same files give the same hash, whatever the commit, the folder and the times of the files are."""
    first = stage.stage("tiny", root=tree, output=tmp_path / "a", commit="1")
    shutil.copytree(tree, tmp_path / "copy", copy_function=shutil.copyfile)
    second = stage.stage("tiny", root=tmp_path / "copy", output=tmp_path / "b", commit="2")
    assert first.stage_hash == second.stage_hash


@pytest.mark.parametrize("name", ["shared/words.py", "requirements.txt", "cloud_functions/tiny/suites/one.yaml"])
def test_the_hash_sees_every_change(tree: pathlib.Path, tmp_path: pathlib.Path, name: str) -> None:
    """One more byte in any staged file gives another hash."""
    before = stage.stage("tiny", root=tree, output=tmp_path / "a").stage_hash
    with (tree / name).open("a") as file:
        file.write("\n")
    assert stage.stage("tiny", root=tree, output=tmp_path / "b").stage_hash != before


def test_the_hash_sees_a_renamed_file(tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """The same bytes under another name give another hash."""
    before = stage.stage("tiny", root=tree, output=tmp_path / "a").stage_hash
    (tree / "cloud_functions/tiny/suites/one.yaml").rename(tree / "cloud_functions/tiny/suites/two.yaml")
    assert stage.stage("tiny", root=tree, output=tmp_path / "b").stage_hash != before


@pytest.mark.parametrize(
    "name",
    [
        "cloud_functions/tiny/__pycache__/main.cpython-311.pyc",
        "cloud_functions/tiny/__pycache__/main.py",
        "cloud_functions/tiny/.secret.yaml",
        "cloud_functions/tiny/key.pem",
        "shared/.cache/x.py",
        "shared/notes.md",
        "shared/run.sh",
    ],
)
def test_caches_hidden_files_and_other_kinds_stay_behind(tree: pathlib.Path, tmp_path: pathlib.Path, name: str) -> None:
    """What is not Python, YAML, JSON, SQL or TypeScript, or is hidden, or is a cache, is not staged."""
    (tree / name).parent.mkdir(parents=True, exist_ok=True)
    (tree / name).write_text("{}")
    assert name not in stage.stage("tiny", root=tree, output=tmp_path / "out").files


@pytest.mark.parametrize("name", ["cloud_functions/tiny/queries/one.sql", "cloud_functions/tiny/schemas/types.d.ts"])
def test_queries_and_types_are_staged(tree: pathlib.Path, tmp_path: pathlib.Path, name: str) -> None:
    """A function's queries and the types that it publishes ship with it, and count in its hash."""
    before = stage.stage("tiny", root=tree, output=tmp_path / "a").stage_hash
    (tree / name).parent.mkdir(parents=True)
    (tree / name).write_text("-- or //\n")
    staged = stage.stage("tiny", root=tree, output=tmp_path / "b")
    assert (name in staged.files, staged.stage_hash != before) == (True, True)


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("shared/extra.py", "shared/words.py"),
        ("shared/extra", "cloud_functions/other"),
        ("cloud_functions/tiny/extra.md", "requirements.txt"),
        ("shared/broken.py", "nowhere"),
    ],
)
def test_a_symbolic_link_is_refused(tree: pathlib.Path, tmp_path: pathlib.Path, link: str, target: str) -> None:
    """A link to a file, to a folder or to nothing is refused by its path, and no stage is left."""
    (tree / link).symlink_to(tree / target)
    with pytest.raises(stage.StageError, match=f"{link} is a symbolic link"):
        stage.stage("tiny", root=tree, output=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["cloud_functions", "cloud_functions/tiny", "shared", "requirements.txt"])
def test_a_root_that_is_a_link_is_refused(tree: pathlib.Path, tmp_path: pathlib.Path, name: str) -> None:
    """The folders and files that the allow-list names may not be links either."""
    (tree / name).rename(tree / "moved")
    (tree / name).symlink_to(tree / "moved")
    with pytest.raises(stage.StageError, match=f"{name} is a symbolic link"):
        stage.stage("tiny", root=tree, output=tmp_path / "out")


def test_an_older_stage_is_never_built_upon(tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """An output that is not empty is refused, and stays as it was."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out/stale.py").write_text("old = 1\n")
    with pytest.raises(stage.StageError, match="is not empty"):
        stage.stage("tiny", root=tree, output=tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["stale.py"]


def test_an_empty_output_is_used(tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """A folder that exists and is empty is as good as none, and nothing else is left beside it."""
    (tmp_path / "work/out").mkdir(parents=True)
    stage.stage("tiny", root=tree, output=tmp_path / "work/out")
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["out"]
    assert (tmp_path / "work/out/main.py").exists()


def test_an_output_that_is_a_file_is_refused(tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """A file in the way is not replaced."""
    (tmp_path / "out").write_text("keep")
    with pytest.raises(stage.StageError, match="is not a folder"):
        stage.stage("tiny", root=tree, output=tmp_path / "out")


def test_an_output_inside_a_source_is_refused(tree: pathlib.Path) -> None:
    """A stage in `shared/` would ship with the next one."""
    with pytest.raises(stage.StageError, match="lies inside"):
        stage.stage("tiny", root=tree, output=tree / "shared/out")


@pytest.mark.parametrize("name", ["absent", "", "..", "../cloud_functions/tiny", "tiny/suites", "__pycache__"])
def test_an_unknown_function_lists_the_known_ones(tree: pathlib.Path, tmp_path: pathlib.Path, name: str) -> None:
    """What is no function folder is refused with the names of those that are."""
    with pytest.raises(stage.StageError, match=r"functions: other, tiny$"):
        stage.stage(name, root=tree, output=tmp_path / "out")


def test_a_name_that_cannot_be_imported_is_refused(tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """A folder whose name is no identifier cannot be an entry point."""
    (tree / "cloud_functions/tiny").rename(tree / "cloud_functions/tiny-two")
    with pytest.raises(stage.StageError, match="cannot name a function"):
        stage.stage("tiny-two", root=tree, output=tmp_path / "out")


def test_a_missing_file_is_named(tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """Without requirements there is no stage."""
    (tree / "requirements.txt").unlink()
    with pytest.raises(stage.StageError, match=r"requirements\.txt cannot be read"):
        stage.stage("tiny", root=tree, output=tmp_path / "out")


def test_the_import_check_accepts_a_whole_stage_and_leaves_no_trace(tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """A stage that imports by itself passes, and holds afterwards exactly what was hashed."""
    staged = stage.stage("tiny", root=tree, output=tmp_path / "out")
    importcheck.check("tiny", directory=staged.directory)
    assert not list(staged.directory.rglob("__pycache__"))


def _break(tree: pathlib.Path, name: str, text: str) -> None:
    path = tree / name
    path.write_text(path.read_text() + text)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "cloud_functions/tiny/main.py",
            "import cloud_functions.other.main\n",
            "No module named 'cloud_functions.other'",
        ),
        ("cloud_functions/tiny/main.py", "import local\n", "No module named 'local'"),
        ("cloud_functions/tiny/main.py", "tiny = 1\n", "main.tiny is not callable"),
        ("cloud_functions/tiny/main.py", "del tiny\n", "cannot import name 'tiny'"),
        ("shared/words.py", "this is no python\n", "SyntaxError"),
    ],
)
def test_the_import_check_refuses(tree: pathlib.Path, tmp_path: pathlib.Path, name: str, text: str, said: str) -> None:
    """A function that needs another one, what is not shipped, or has no entry point, does not pass."""
    _break(tree, name, text)
    staged = stage.stage("tiny", root=tree, output=tmp_path / "out")
    with pytest.raises(importcheck.ImportCheckError, match=said):
        importcheck.check("tiny", directory=staged.directory)


def test_the_import_check_imports_modules_that_are_needed_late(tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """A module that only a request would import is imported too."""
    (tree / "cloud_functions/tiny/late.py").write_text('"""Late."""\n\nimport absent_library\n')
    staged = stage.stage("tiny", root=tree, output=tmp_path / "out")
    with pytest.raises(importcheck.ImportCheckError, match="No module named 'absent_library'"):
        importcheck.check("tiny", directory=staged.directory)


def test_the_import_check_sees_code_from_elsewhere(tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """A module that comes neither from the stage nor from the interpreter's library is refused with its file."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/stray.py").write_text('"""Stray."""\n')
    _break(tree, "shared/words.py", f"import sys\nsys.path.append({str(tmp_path / 'elsewhere')!r})\nimport stray\n")
    staged = stage.stage("tiny", root=tree, output=tmp_path / "out")
    with pytest.raises(importcheck.ImportCheckError, match=r"stray was imported from outside the stage: .*stray\.py"):
        importcheck.check("tiny", directory=staged.directory)


def test_the_import_check_wants_a_stage(tmp_path: pathlib.Path) -> None:
    """A folder without `main.py` is not a stage."""
    with pytest.raises(importcheck.ImportCheckError, match="is not a stage"):
        importcheck.check("tiny", directory=tmp_path)


def test_the_command_line_stages_and_checks(tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """`--check` stages, imports, and exits 0."""
    assert stage.main(["tiny", "--root", str(tree), "--output", str(tmp_path / "out"), "--check"]) == 0
    assert (tmp_path / "out/build.json").exists()


def test_the_command_line_refuses_with_a_message(
    tree: pathlib.Path, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unknown name exits 1 and says which names there are."""
    assert stage.main(["absent", "--root", str(tree), "--output", str(tmp_path / "out")]) == 1
    assert "functions: other, tiny" in capsys.readouterr().err


def test_the_command_line_fails_when_the_check_fails(tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """`--check` exits 1 when the stage does not import."""
    _break(tree, "shared/words.py", "import absent_library\n")
    assert stage.main(["tiny", "--root", str(tree), "--output", str(tmp_path / "out"), "--check"]) == 1


def test_staging_needs_the_standard_library_alone(tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """An interpreter without site-packages can stage, as the plain image of the build does."""
    command = [
        sys.executable,
        "-S",
        "-m",
        "deploy.stage",
        "tiny",
        "--root",
        str(tree),
        "--output",
        str(tmp_path / "out"),
    ]
    done = subprocess.run(command, cwd=stage.REPOSITORY, env={}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
