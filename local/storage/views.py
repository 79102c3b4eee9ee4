"""Under which relative path an object's plain file stands, so that every legal object name is a safe one; pure.

The path is for people. It is injective but never decoded: what is true stands in the sidecar tree.
A name without odd characters is its own path.
"""

import hashlib
from collections.abc import Callable

_LONGEST_SEGMENT, _LONGEST_PATH = 180, 700
_UNSAFE = frozenset('%\\:*?"<>|')


def path_of(name: str, *, is_file: Callable[[str], bool], is_folder: Callable[[str], bool]) -> str:
    """Return the path for an object `name` given what stands there already: a file and a folder never share a name."""
    segments = [_segment(part) for part in name.split("/")]
    if len("/".join(segments).encode()) > _LONGEST_PATH:
        return "%long-" + _digest(name)
    path = ""
    for folder in segments[:-1]:
        path += folder if not is_file(path + folder) else folder + "%folder"
        path += "/"
    path += segments[-1]
    return path if not is_folder(path) else path + "%file"


def _segment(text: str) -> str:
    if text in (".", ".."):
        return text.replace(".", "%2E")
    safe = "".join(_character(one) for one in text) or "%empty"
    if len(safe.encode()) > _LONGEST_SEGMENT:
        kept = safe.encode()[:100].decode(errors="ignore").rpartition("%")[0] or safe[:20]
        return f"{kept}%long-{_digest(text)}"
    return safe


def _character(one: str) -> str:
    if one.isprintable() and one not in _UNSAFE:
        return one
    return "".join(f"%{byte:02X}" for byte in one.encode())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
