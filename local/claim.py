"""One data directory, one embedded cloud: a lock that the cloud and its BigQuery child hold together."""

import contextlib
import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

NAME = ".claim"
GRACE_SECONDS = 10.0
PAUSE_SECONDS = 0.05


class ClaimError(RuntimeError):
    """The directory cannot be claimed: a live process has it, or it cannot be written to."""


@contextlib.contextmanager
def held(directory: Path, *, grace: float = GRACE_SECONDS) -> Iterator[TextIO]:
    """Yield the locked claim file of `directory`; raise ClaimError when that cannot be.

    Whoever inherits the file holds the lock too. So when a killed owner's child is still ending, the next owner
    waits for it, `grace` seconds; then it kills the child by its recorded id, for the lock proves that it still lives.
    """
    with _opened(directory) as file:
        _lock(file, directory, grace=grace)
        record(file, owner=os.getpid())
        try:
            yield file
        finally:
            record(file)


def record(file: TextIO, **pids: int) -> None:
    """Write who holds the claim: the owner's process id, and the child's once it is known."""
    file.seek(0)
    file.truncate()
    json.dump(pids, file)
    file.flush()


def _opened(directory: Path) -> TextIO:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        return (directory / NAME).open("a+", encoding="utf-8")
    except OSError as error:
        raise ClaimError(f"{directory} cannot be used: {error.strerror}: choose another --data-dir") from error


def _lock(file: TextIO, directory: Path, *, grace: float) -> None:
    deadline = time.monotonic() + grace
    killed = False
    while not _try_lock(file):
        holders = _holders(file)
        if _alive(holders.get("owner")):
            raise ClaimError(
                f"{directory} is in use by process {holders['owner']}: end it, or choose another --data-dir"
            )
        if time.monotonic() > deadline:
            if killed or not _alive(holders.get("child")):
                raise ClaimError(f"{directory} is locked by a process that left no trace: choose another --data-dir")
            os.kill(holders["child"], signal.SIGKILL)
            killed, deadline = True, time.monotonic() + grace
        time.sleep(PAUSE_SECONDS)


def _try_lock(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holders(file: TextIO) -> dict[str, Any]:
    file.seek(0)
    try:
        found = json.loads(file.read() or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _alive(pid: int | None) -> bool:
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
