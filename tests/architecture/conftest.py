"""The texts of the repository, by path, for the rules to judge."""

import pathlib
from collections.abc import Mapping

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PRODUCT = ("cloud_functions", "shared", "deploy", "local", "bench")
# Everything that a person wrote; caches, environments and what a run made are hidden folders.
KINDS = frozenset({".py", ".yaml", ".yml", ".toml", ".txt", ".md", ".json", ".sh", ""})


def _texts() -> dict[str, str]:
    texts = {}
    for path in sorted(ROOT.rglob("*")):
        relative = path.relative_to(ROOT)
        hidden = any(part.startswith(".") and part != ".ci" for part in relative.parts[:-1])
        if hidden or "__pycache__" in relative.parts or path.suffix not in KINDS or not path.is_file():
            continue
        texts[relative.as_posix()] = path.read_text("utf-8")
    return texts


@pytest.fixture(scope="session")
def texts() -> Mapping[str, str]:
    """Return every text file of the repository."""
    return _texts()


@pytest.fixture(scope="session")
def product(texts: Mapping[str, str]) -> Mapping[str, str]:
    """Return every module of the product and its tools, tests aside."""
    found = {path: text for path, text in texts.items() if path.endswith(".py") and path.split("/")[0] in PRODUCT}
    assert len(found) > 20
    return found


@pytest.fixture(scope="session")
def shipped(product: Mapping[str, str]) -> Mapping[str, str]:
    """Return every module that is deployed."""
    return {path: text for path, text in product.items() if path.startswith(("cloud_functions/", "shared/"))}


@pytest.fixture(scope="session")
def tests(texts: Mapping[str, str]) -> Mapping[str, str]:
    """Return every module of the tests."""
    return {path: text for path, text in texts.items() if path.startswith("tests/") and path.endswith(".py")}
