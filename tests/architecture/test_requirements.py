"""What is installed is pinned and hashed, names no registry, and carries nothing that it need not."""

import re
from collections.abc import Mapping

import pytest

LOCKS = ("requirements.txt", "requirements-dev.txt", "local/requirements.txt")
# The BigQuery client imports these if they are merely installed, and pays for it in time and memory.
HEAVY = frozenset({"numpy", "pandas", "polars", "pyarrow", "duckdb", "db-dtypes"})
REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)(\[[^]]+\])?==(?P<version>[^\s;]+)( ; .+)?( --hash=sha256:[0-9a-f]{64})+"
)
HOSTS = re.compile(
    r"https?://[^\s/\"']*(pypi|pythonhosted|npmjs|artifactory|nexus|devpi|mirror)|\b(pypi\.org|files\.pythonhosted|registry\.npmjs)"
    r"|--(extra-)?index-url\b|--find-links\b|(PIP|UV)_\w*INDEX|/simple/?\b(?=[\s\"'])",
    re.IGNORECASE,
)


def _requirements(text: str) -> list[str]:
    """Return the logical lines of a lock file, without comments."""
    joined = re.sub(r"\s*\\\n\s*", " ", text)
    return [line.strip() for line in joined.splitlines() if line.strip() and not line.strip().startswith("#")]


def _loose(text: str) -> list[str]:
    return [line for line in _requirements(text) if not REQUIREMENT.fullmatch(line)]


def _names(text: str) -> set[str]:
    matches = (REQUIREMENT.fullmatch(line) for line in _requirements(text))
    return {re.sub(r"[-_.]+", "-", match["name"]).lower() for match in matches if match}


def _hosts(path: str, text: str) -> list[str]:
    lines = enumerate(text.splitlines(), start=1)
    return [f"{path}:{number} {match[0]}" for number, line in lines if (match := HOSTS.search(line))]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_and_hashed(texts: Mapping[str, str], lock: str) -> None:
    """One version and its hashes for each; no address, no option, no file."""
    assert _loose(texts[lock]) == []
    assert len(_names(texts[lock])) > 10
    assert "://" not in texts[lock]


def test_no_file_names_a_registry(texts: Mapping[str, str]) -> None:
    """Where packages come from is the machine's affair; this rule's own file aside."""
    own = "tests/architecture/test_requirements.py"
    assert [line for path, text in texts.items() if path != own for line in _hosts(path, text)] == []


def test_production_is_light(texts: Mapping[str, str]) -> None:
    """No data frame library is installed where functions run."""
    assert _names(texts["requirements.txt"]) & HEAVY == set()


def test_development_has_the_versions_of_production(texts: Mapping[str, str]) -> None:
    """What stands in both locks of one environment stands there with one version."""
    production, development = (set(_requirements(texts[lock])) for lock in LOCKS[:2])
    shared = _names(texts[LOCKS[0]]) & _names(texts[LOCKS[1]])
    different = {
        line.partition(" ")[0] for line in production ^ development if line.partition("==")[0].lower() in shared
    }
    assert different == set()


HASH = "--hash=sha256:" + "0" * 64


@pytest.mark.parametrize(
    "line",
    [
        "flask",
        "flask==3.1.3",
        f"flask>=3 \\\n    {HASH}",
        f"flask==3.1.3 \\\n    {HASH[:-1]}",
        "flask @ git+ssh://host/flask",
        "-r other.txt",
        "./shared",
        "--no-binary :all:",
    ],
)
def test_a_loose_requirement_is_found(line: str) -> None:
    """No version, no hash, a range, an address, an option: each is found, beside a good one."""
    good = f"a-b[c]==1.0 ; sys_platform != 'win32' \\\n    {HASH} \\\n    {HASH}\n    # via d\n"
    assert _loose(good) == []
    assert len(_loose(good + line + "\n")) == 1


@pytest.mark.parametrize("name", ["numpy", "PyArrow", "db_dtypes"])
def test_a_heavy_requirement_is_found(name: str) -> None:
    """However its name is written."""
    assert _names(f"{name}==1.0 {HASH}\n") & HEAVY


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://packages.example/simple",
        "curl https://files.pythonhosted.org/x",
        "see https://pypi.org/project/x",
        "UV_INDEX=x",
        "url = 'https://mirror.example/simple/'",
    ],
)
def test_a_registry_is_found(line: str) -> None:
    """By its name, by an option or by a variable; the option that leaves it out is not one."""
    assert _hosts("a.md", line)
    assert not _hosts("Makefile", "uv pip compile --no-emit-index-url --no-emit-find-links")
