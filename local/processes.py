"""Child processes that die with this one, log into files, and are waited for with an error that quotes their log."""

import contextlib
import dataclasses
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

HOST = "127.0.0.1"
GRACE_SECONDS = 5.0
# How much longer than its child's grace period a guard may take.
MARGIN_SECONDS = 5.0
PAUSE_SECONDS = 0.05
_GUARD = Path(__file__).with_name("guard.py")


class ProcessError(RuntimeError):
    """A child process ended early, or did not become ready in time; the message quotes the end of its log."""


@dataclasses.dataclass(frozen=True)
class Child:
    """A child: its name for messages, the guard that runs it, its log, and its seconds from SIGTERM to SIGKILL."""

    name: str
    guard: "subprocess.Popen[bytes]"
    log: Path
    grace: float

    @property
    def running(self) -> bool:
        """Return whether the child has not ended yet."""
        return self.guard.poll() is None


def start(
    name: str,
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str],
    directory: Path | None = None,
    grace: float = GRACE_SECONDS,
) -> Child:
    """Return the child that runs `command` in `directory`, its output appended to `log`.

    When it is stopped, it has `grace` seconds between SIGTERM and SIGKILL.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    # -S and -I: the guard needs nothing that is installed, and starts in a few milliseconds.
    guard = [sys.executable, "-I", "-S", str(_GUARD), str(grace)]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*guard, *command],
            cwd=directory,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C strikes the terminal's whole group; children end in their turn, when they are stopped.
            start_new_session=True,
        )
    return Child(name, process, log, grace)


def await_port(child: Child, *, port: int, timeout: float) -> None:
    """Wait until `child` listens on `port`; raise ProcessError when it ends first or takes `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not _listening(port):
        if not child.running:
            raise ProcessError(f"{child.name} ended with code {child.guard.returncode}; {_quote(child.log)}")
        if time.monotonic() > deadline:
            raise ProcessError(f"{child.name} was not ready after {timeout:g} s; {_quote(child.log)}")
        time.sleep(PAUSE_SECONDS)


def stop(children: Iterable[Child]) -> None:
    """End `children` in the order given, each with SIGTERM and, after the grace period, SIGKILL."""
    for child in children:
        if child.guard.stdin:
            # Closing the pipe is what the guard takes for our end, and works in every state that it may be in.
            with contextlib.suppress(OSError):
                child.guard.stdin.close()
        try:
            child.guard.wait(child.grace + MARGIN_SECONDS)
        except subprocess.TimeoutExpired:
            child.guard.kill()
            child.guard.wait()


def free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def tail(log: Path, *, lines: int = 15) -> str:
    """Return the last `lines` of `log`, empty when there is no such file."""
    with contextlib.suppress(FileNotFoundError), log.open("rb") as file:
        # A server may have logged for days: the end is enough.
        file.seek(-min(file.seek(0, os.SEEK_END), 64 * 1024), os.SEEK_END)
        return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])
    return ""


def _listening(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def _quote(log: Path) -> str:
    return f"the end of {log}:\n{tail(log) or '(nothing)'}"
