"""The declared tables: one JSON file each, in the shape of BigQuery's own table resource without its reference.

Runs in both environments, so it imports the standard library only.
"""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "schemas"

Declared = dict[str, Any]


def load() -> dict[str, Declared]:
    """Return every declared table by its name `<dataset>.<table>`, in the order of the names."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}


def is_view(declared: Declared) -> bool:
    """Return whether `declared` is a view."""
    return "view" in declared


def fields(declared: Declared) -> list[dict[str, Any]]:
    """Return the columns of `declared` in their order; raise KeyError when it is a view."""
    columns: list[dict[str, Any]] = declared["schema"]["fields"]
    return columns
