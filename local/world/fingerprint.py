"""Which world it is: the generator's own source, the declared tables, the number of days and the seed.

Runs in both environments, so it imports the standard library only.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

FILE = "world.json"
_HERE = Path(__file__).parent
# They read or load a world; none of its rows depends on them.
_NOT_PART = ("cache.py", "recount.py", "seed.py")


def compute(*, days: int, seed: int) -> str:
    """Return forty hexadecimal digits that differ whenever the rows may differ."""
    digest = hashlib.sha256(f"{days}/{seed}".encode())
    for path in sorted([*_HERE.rglob("*.py"), *_HERE.rglob("*.json")]):
        if path.name not in _NOT_PART:
            content = path.read_bytes()
            digest.update(f"{path.relative_to(_HERE)}:{len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()[:40]


def read(directory: Path) -> dict[str, Any]:
    """Return what `directory` says of the world in it; raise FileNotFoundError when there is no complete world."""
    path = directory / FILE
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: the world in {directory} is not complete")
    told: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return told
