"""The cold start benchmark: its structure, its verdicts, and the modules that no function may bring; never a time."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import cold_start
from deploy import stage

WITHIN = cold_start.Measurement("one", 110.0, 100.0, 90.0, 85.0, libraries=("yaml",), forbidden=())


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with one small function, `tiny`, that uses yaml."""
    for folder in ("cloud_functions/tiny", "shared"):
        (tmp_path / folder).mkdir(parents=True)
    for package in ("cloud_functions", "cloud_functions/tiny", "shared"):
        (tmp_path / package / "__init__.py").write_text('"""A package."""\n')
    (tmp_path / "requirements.txt").write_text("pyyaml\n")
    (tmp_path / "cloud_functions/tiny/main.py").write_text("import yaml\n\ntiny = yaml.safe_load\n")
    return tmp_path


def bench(root: Path) -> "subprocess.CompletedProcess[str]":
    """Return the finished benchmark of the repository `root`, one round, in a pipe."""
    command = [sys.executable, "-m", "bench.cold_start", "--rounds=1", f"--root={root}"]
    return subprocess.run(command, capture_output=True, check=False, text=True, cwd=stage.REPOSITORY)


def test_each_function_is_measured_against_the_libraries_it_uses(repository: Path) -> None:
    """The document names the function, its libraries, both sides' figures and the verdict."""
    document = json.loads(bench(repository).stdout)
    assert [one["function"] for one in document["functions"]] == ["tiny"]
    one = document["functions"][0]
    assert one["libraries"] == ["functions_framework", "flask", "yaml"]
    assert min(one[key] for key in ("import_ms", "bare_ms", "rss_mb", "bare_rss_mb", "ratio")) > 0
    assert document["budgets"] == {"ratio": 1.15, "rss_mb": 120.0, "forbidden": ["numpy", "pandas", "pyarrow"]}


def test_a_function_that_brings_pandas_breaks_its_budget(repository: Path) -> None:
    """A forbidden module is named in the verdict, and the exit code says so."""
    main = repository / "cloud_functions/tiny/main.py"
    main.write_text("import sys\nimport yaml\n\nsys.modules['pandas'] = sys\ntiny = yaml.safe_load\n")
    done = bench(repository)
    document = json.loads(done.stdout)
    assert document["functions"][0]["forbidden"] == ["pandas"]
    assert "imports pandas" in document["functions"][0]["broken"]
    assert document["within_budget"] is False
    assert done.returncode == 1


def test_a_function_that_cannot_be_imported_is_an_error_with_its_traceback(repository: Path) -> None:
    """The benchmark names the function and prints the cause instead of a figure."""
    (repository / "cloud_functions/tiny/main.py").write_text("import no_such_module\n")
    done = bench(repository)
    assert (done.returncode, done.stdout) == (1, "")
    assert "importing functions_framework, main from tiny failed" in done.stderr
    assert "no_such_module" in done.stderr


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ({}, ()),
        ({"import_ms": 115.0}, ()),
        ({"import_ms": 116.0}, ("ratio 1.160 > 1.15",)),
        ({"rss_mb": 121.0}, ("121 MB > 120 MB",)),
        ({"forbidden": ("numpy", "pyarrow")}, ("imports numpy", "imports pyarrow")),
    ],
)
def test_every_broken_budget_is_named(change: dict[str, object], broken: tuple[str, ...]) -> None:
    """Each budget is judged by itself, and keeping it to the last drop is keeping it."""
    assert dataclasses.replace(WITHIN, **change).broken == broken  # type: ignore[arg-type]


def test_one_broken_budget_breaks_the_whole_verdict() -> None:
    """The document's verdict is that of its worst function."""
    slow = dataclasses.replace(WITHIN, import_ms=200.0)
    assert cold_start.document([WITHIN], rounds=1)["within_budget"] is True
    assert cold_start.document([WITHIN, slow], rounds=1)["within_budget"] is False


@pytest.mark.parametrize("function", stage.functions(stage.REPOSITORY))
def test_no_function_of_ours_brings_pandas_pyarrow_or_numpy(function: str) -> None:
    """What the BigQuery client imports when it is merely installed must not be installed for production."""
    assert cold_start.measure(function, root=stage.REPOSITORY, rounds=1).forbidden == ()


@pytest.mark.parametrize("rounds", ["0", "-1", "many"])
def test_a_bad_number_of_rounds_is_refused(rounds: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The option's error names the value."""
    with pytest.raises(SystemExit) as refused:
        cold_start.main([f"--rounds={rounds}"])
    assert refused.value.code == 2
    assert rounds in capsys.readouterr().err
