"""Who may import what, and who may touch the environment, the clock and other programs."""

import ast
import os
import pathlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = ("cloud_functions", "shared", "deploy", "local", "bench")
# The files and folders of a function, and the parts of shared/, that take values and return values.
PURE = ("/plan.py", "/judge.py", "/questions.py")
PURE_FOLDERS = re.compile(
    r"cloud_functions/\w+/(judges|doctor|page)/|shared/(backups|checks)/"
    r"|cloud_functions/alert_relay/(relay|entries|causes|messages|outbox|payload|news|state)\.py"
    r"|cloud_functions/daily_health_check/(gathered|leads|resources|snapshots)\.py"
    r"|cloud_functions/live_export/(documents/|(access|box|boxscores|building|columns|contracts|declaration)\.py)"
    r"|cloud_functions/live_export/(encoding|facts|grading|night|schedule)\.py"
)
ENVIRONMENT = frozenset({"environ", "environb", "getenv", "putenv"})
CLOCK = frozenset({"now", "utcnow", "today"})


def _imported(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the full name of everything that `text` imports, at any depth."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{start}.{alias.name}") for alias in node.names)


def _below(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def _google(path: str, text: str) -> list[str]:
    if path.startswith("shared/gcp/"):
        return []
    return [
        f"{path}:{line} imports {name}" for line, name in _imported(text) if _below(name, "google", "google_crc32c")
    ]


def _other_programs(path: str, text: str) -> list[str]:
    banned = ("subprocess", "multiprocessing", "pty", "os.system", "os.popen", "os.fork", "asyncio.subprocess")
    named = [(line, name) for line, name in _imported(text) if _below(name, *banned)]
    return [
        f"{path}:{line} uses {name}" for line, name in [*named, *_attributes(text, "os", {"system", "popen", "fork"})]
    ]


def _environment(path: str, text: str) -> list[str]:
    if path == "shared/settings.py":
        return []
    imported = [(line, name) for line, name in _imported(text) if _below(name, *(f"os.{each}" for each in ENVIRONMENT))]
    return [f"{path}:{line} reads {name}" for line, name in [*imported, *_attributes(text, "os", ENVIRONMENT)]]


def _other_functions(path: str, text: str) -> list[str]:
    parts = path.split("/")
    if parts[0] != "cloud_functions" or len(parts) < 3:
        return []
    own = f"cloud_functions.{parts[1]}"
    foreign = [
        (line, name) for line, name in _imported(text) if _below(name, "cloud_functions") and not _below(name, own)
    ]
    return [f"{path}:{line} imports {name}" for line, name in foreign]


def _relative(path: str, text: str) -> list[str]:
    return [f"{path}:{line} imports {name}" for line, name in _imported(text) if name.startswith(".")]


def _impure(path: str, text: str) -> list[str]:
    if not path.endswith(PURE) and not PURE_FOLDERS.match(path):
        return []
    banned = (
        "shared.gcp",
        "shared.settings",
        "shared.entrypoint",
        "time",
        "os",
        "random",
        "socket",
        "requests",
        "uuid",
    )
    found = [(line, name) for line, name in _imported(text) if _below(name, *banned)]
    clock = [
        (node.lineno, f"the clock by {node.func.attr}()")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK
    ]
    return [f"{path}:{line} uses {name}" for line, name in [*found, *clock]]


def _attributes(text: str, module: str, names: set[str] | frozenset[str]) -> list[tuple[int, str]]:
    return [
        (node.lineno, f"{module}.{node.attr}")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == module
        and node.attr in names
    ]


Rule = Callable[[str, str], list[str]]
RULES: dict[str, Rule] = {
    "only shared/gcp imports google": _google,
    "what is deployed starts no other program": _other_programs,
    "only shared/settings.py reads the environment": _environment,
    "functions never import each other": _other_functions,
    "imports are absolute": _relative,
    "plans, questions and judges know no client, no clock and no environment": _impure,
}


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_holds(rule: str, shipped: Mapping[str, str]) -> None:
    """Every module that is deployed keeps the rule."""
    assert [line for path, text in shipped.items() for line in RULES[rule](path, text)] == []


FUNCTION = "cloud_functions/one/run.py"


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (_google, FUNCTION, "import google.cloud.bigquery"),
        (_google, "shared/errors.py", "def f():\n    from google import auth"),
        (_google, "shared/gcpx.py", "from google.cloud import storage"),
        (_google, FUNCTION, "import google_crc32c"),
        (_other_programs, FUNCTION, "import subprocess"),
        (_other_programs, "shared/gcp/storage.py", "from subprocess import run"),
        (_other_programs, FUNCTION, "import os\nos.system('gsutil cp')"),
        (_environment, FUNCTION, "import os\nX = os.environ['X']"),
        (_environment, "shared/logs.py", "import os\nX = os.getenv('X')"),
        (_environment, "shared/logs.py", "from os import environ"),
        (_other_functions, FUNCTION, "from cloud_functions.two import plan"),
        (_other_functions, FUNCTION, "from cloud_functions import two"),
        (_other_functions, FUNCTION, "import cloud_functions.one_more.plan"),
        (_relative, FUNCTION, "from . import plan"),
        (_impure, "cloud_functions/one/plan.py", "from shared.gcp import storage"),
        (_impure, "cloud_functions/one/judge.py", "import datetime\nX = datetime.datetime.now()"),
        (_impure, "shared/backups/layout.py", "import time"),
        (_impure, "cloud_functions/one/questions.py", "from shared import settings"),
        (_impure, "cloud_functions/one/judges/jobs.py", "import datetime\nX = datetime.datetime.now()"),
        (_impure, "cloud_functions/one/page/style.py", "from shared.gcp import storage"),
    ],
)
def test_the_rule_finds(rule: Rule, path: str, text: str) -> None:
    """A module that breaks the rule is named with its line."""
    assert [line for line in rule(path, text) if line.startswith(f"{path}:")]


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (_google, "shared/gcp/storage.py", "from google.cloud import storage"),
        (_google, FUNCTION, "import googlemaps"),
        (_environment, "shared/settings.py", "import os\nX = os.environ"),
        (_environment, FUNCTION, "import os\nX = os.path.join('a')\nY = settings.environ"),
        (_other_functions, FUNCTION, "from cloud_functions.one import plan\nfrom cloud_functions import one"),
        (_impure, FUNCTION, "import time\nfrom shared.gcp import storage"),
        (_impure, "cloud_functions/one/plan.py", "import datetime\nX = datetime.timedelta(days=1)"),
    ],
)
def test_the_rule_lets_pass(rule: Rule, path: str, text: str) -> None:
    """What keeps the rule is not named."""
    assert rule(path, text) == []


def _lint(folder: pathlib.Path) -> "subprocess.CompletedProcess[str]":
    program = pathlib.Path(sys.executable).with_name("lint-imports")
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder)}
    return subprocess.run([program, "--no-cache"], cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_the_import_contracts_are_kept() -> None:
    """Imports go down only, as pyproject.toml says."""
    done = _lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("shared/refs.py", "import local.faults", "shared.refs -> local.faults"),
        ("deploy/manifest.py", "import local.gateway", "deploy.manifest -> local.gateway"),
        (
            "shared/errors.py",
            "import cloud_functions.bigquery_backup",
            "shared.errors -> cloud_functions.bigquery_backup",
        ),
        ("shared/refs.py", "import shared.report", "shared.refs -> shared.report"),
        (
            "cloud_functions/bigquery_backup/plan.py",
            "import google.auth",
            "cloud_functions.bigquery_backup.plan -> google",
        ),
        ("shared/backups/__init__.py", "import shared.gcp", "shared.backups -> shared.gcp"),
    ],
)
def test_the_import_contracts_can_be_broken(tmp_path: pathlib.Path, name: str, text: str, said: str) -> None:
    """A copy of the tree with one import that leads upwards, or to a client, is refused with that import's name."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / name).open("a") as file:
        file.write(f"\n{text}\n")
    done = _lint(tmp_path)
    assert done.returncode == 1
    assert said in done.stdout
