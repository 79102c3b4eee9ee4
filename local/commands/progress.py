"""How long each stage of a command takes, told on stderr while it happens."""

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import TextIO


class Progress:
    """The stages of one command; `say` adds a word to the stage that is under way."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._started = time.monotonic()

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Tell that the stage `name` begins and, unless it raises, how many seconds it took."""
        began = time.monotonic()
        # A person watches the line grow; a log gets one whole line, when there is something to say.
        if self._stream.isatty():
            self._write(f"{name} … ")
        yield
        took = f"{time.monotonic() - began:.1f} s\n"
        self._write(took if self._stream.isatty() else f"{name}: {took}")

    def total(self) -> float:
        """Return the seconds since this was made."""
        return time.monotonic() - self._started

    def say(self, line: str) -> None:
        """Tell one line that is no stage."""
        self._write(f"{line}\n")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
