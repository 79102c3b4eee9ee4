"""DuckDB for many threads: a cursor for each thread, and a write lock that holds across threads and event loops.

The emulator shares one connection, whose pending result a second thread would take, and locks with an asyncio lock,
which belongs to one loop. Jobs run in threads here, so both are replaced.
"""

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

from bqemulator.storage.engine import DuckDBEngine

_local = threading.local()
_writers = threading.Lock()
_writing: contextvars.ContextVar[bool] = contextvars.ContextVar("writing", default=False)
_POLL_SECONDS = 0.002


def install(_settings: Any) -> None:
    """Make the engine safe for threads; raise RuntimeError when it is not built as expected."""
    expected = ("start", "connection", "write_lock")
    if missing := [name for name in expected if not hasattr(DuckDBEngine, name)]:
        raise RuntimeError(
            f"bqemulator: DuckDBEngine has no {', '.join(missing)}; local/bigquery/engine.py must be adapted"
        )
    DuckDBEngine.connection = property(_connection)
    DuckDBEngine.write_lock = _write_lock


def _connection(engine: Any) -> Any:
    """Return the cursor of this thread; the thread that started the engine keeps the emulator's own connection."""
    if engine._connection is None:  # noqa: SLF001 -- the property being replaced owns this attribute
        raise RuntimeError("the DuckDB engine has not been started")
    if threading.current_thread() is threading.main_thread():
        return engine._connection  # noqa: SLF001 -- as above
    cursor = getattr(_local, "cursor", None)
    if cursor is None:
        cursor = _local.cursor = engine._connection.cursor()  # noqa: SLF001 -- as above
    return cursor


@contextlib.asynccontextmanager
async def _write_lock(_engine: Any) -> AsyncIterator[None]:
    if _writing.get():
        yield
        return
    # Polled, because a thread that holds the lock cannot set the event of each loop that waits.
    while not _writers.acquire(blocking=False):  # noqa: ASYNC110 -- for that reason
        await asyncio.sleep(_POLL_SECONDS)
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)
        _writers.release()


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """Hold the write lock in a worker thread; code inside may take the engine's write lock again."""
    with _writers:
        token = _writing.set(True)
        try:
            yield
        finally:
            _writing.reset(token)


@contextlib.contextmanager
def own_cursor(engine: Any) -> Iterator[Any]:
    """Give this thread a fresh cursor, closed at the end, so that no job sees another's temporary things."""
    before = getattr(_local, "cursor", None)
    cursor = _local.cursor = engine._connection.cursor()  # noqa: SLF001 -- the shared connection, not this thread's cursor
    try:
        yield cursor
    finally:
        _local.cursor = before
        cursor.close()


@contextlib.contextmanager
def transaction(cursor: Any) -> Iterator[None]:
    """Commit what happens inside, or nothing of it."""
    cursor.execute("BEGIN TRANSACTION")
    try:
        yield
    except BaseException:
        cursor.execute("ROLLBACK")
        raise
    cursor.execute("COMMIT")
