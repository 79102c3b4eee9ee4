"""Children log into files, are waited for, end in order, and die with their parent however it dies."""

import contextlib
import os
import pathlib
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from deploy import stage
from local import processes

# `sigwait` instead of a handler: a handler's turn may come too late for a call that is about to block.
LISTEN = """
import signal, socket, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("listening", flush=True)
signal.sigwait({signal.SIGTERM})
print("closed in order")
"""
# A parent that starts a child, says the ids of both, and waits to be killed.
PARENT = """
import os, pathlib, sys
from local import processes
command = [sys.executable, "-c", sys.argv[2]]
child = processes.start("child", command, log=pathlib.Path(sys.argv[1]), environment=os.environ, grace=0.2)
sys.stdin.read()
"""
# A child with a child of its own; both hold the pipe whose end the test watches, and ignore what can be ignored.
FAMILY = """
import os, signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
fifo = open(sys.argv[1], "w") if len(sys.argv) > 1 else open(os.environ["FIFO"], "w")
other = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], stdout=fifo)
fifo.write("up")
fifo.flush()
signal.pause()
"""


def _command(program: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", program, *arguments]


@contextlib.contextmanager
def _child(tmp_path: pathlib.Path, program: str, *arguments: str, grace: float = 5.0) -> Iterator[processes.Child]:
    command = _command(program, *arguments)
    child = processes.start("child", command, log=tmp_path / "logs/child.log", environment=os.environ, grace=grace)
    try:
        yield child
    finally:
        processes.stop([child])


def test_a_child_is_waited_for_until_it_listens(tmp_path: pathlib.Path) -> None:
    """After the wait the port answers, and what the child said stands in its log."""
    port = processes.free_port()
    with _child(tmp_path, LISTEN, str(port)) as child:
        processes.await_port(child, port=port, timeout=30)
        socket.create_connection(("127.0.0.1", port)).close()
        assert child.running
        assert processes.tail(tmp_path / "logs/child.log") == "listening"


def test_a_child_that_ends_early_is_quoted(tmp_path: pathlib.Path) -> None:
    """The error names the child, its exit code, its log, and the last lines of it."""
    with (
        _child(tmp_path, "import sys; sys.exit('no such table: x')") as child,
        pytest.raises(processes.ProcessError, match=r"(?s)child ended with code 1; .*child\.log:\nno such table: x"),
    ):
        processes.await_port(child, port=processes.free_port(), timeout=30)


def test_a_child_that_never_listens_is_given_up(tmp_path: pathlib.Path) -> None:
    """The wait ends after its time, with an error that says how long it was."""
    with (
        _child(tmp_path, "import signal; signal.pause()") as child,
        pytest.raises(processes.ProcessError, match=r"child was not ready after 0\.1 s.*\n\(nothing\)"),
    ):
        processes.await_port(child, port=processes.free_port(), timeout=0.1)


def test_a_missing_program_is_quoted(tmp_path: pathlib.Path) -> None:
    """A command that does not exist ends the child, and the log names it."""
    child = processes.start("child", ["/absent/program"], log=tmp_path / "child.log", environment={})
    with pytest.raises(processes.ProcessError, match="/absent/program"):
        processes.await_port(child, port=processes.free_port(), timeout=30)
    processes.stop([child])


def test_a_child_is_asked_before_it_is_killed(tmp_path: pathlib.Path) -> None:
    """SIGTERM comes first, so that a server can close what it holds."""
    port = processes.free_port()
    with _child(tmp_path, LISTEN, str(port)) as child:
        processes.await_port(child, port=port, timeout=30)
    assert processes.tail(child.log).splitlines()[-1] == "closed in order"
    assert not child.running


def test_a_child_that_was_stopped_twice_stays_ended(tmp_path: pathlib.Path) -> None:
    """Stopping a child that has ended is no error."""
    with _child(tmp_path, "") as child:
        processes.stop([child])
        assert not child.running


@pytest.fixture
def fifo(tmp_path: pathlib.Path) -> Iterator[tuple[pathlib.Path, int]]:
    """Yield a named pipe and our reading end of it: it closes when the last writer has died."""
    path = tmp_path / "fifo"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    yield path, reader
    os.close(reader)


def _read(reader: int) -> bytes:
    readable, _, _ = select.select([reader], [], [], 60)
    assert readable, "nobody wrote, and nobody died"
    return os.read(reader, 16)


def test_a_deaf_child_is_killed_with_its_own_children(tmp_path: pathlib.Path, fifo: tuple[pathlib.Path, int]) -> None:
    """A family that ignores SIGTERM is gone after the grace period."""
    path, reader = fifo
    with _child(tmp_path, FAMILY, str(path), grace=0.2):
        assert _read(reader) == b"up"
    assert _read(reader) == b""


def test_what_a_child_leaves_behind_is_ended(tmp_path: pathlib.Path, fifo: tuple[pathlib.Path, int]) -> None:
    """When a child ends by itself, its own children do not stay."""
    path, reader = fifo
    with _child(tmp_path, FAMILY.replace("signal.pause()\n", "sys.exit()\n"), str(path)) as child:
        assert _read(reader) == b"up"
        assert _read(reader) == b""
        child.guard.wait(60)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_children_die_with_their_parent(
    tmp_path: pathlib.Path, fifo: tuple[pathlib.Path, int], number: signal.Signals
) -> None:
    """However the parent ends, its children and their children end too."""
    path, reader = fifo
    env = {**os.environ, "PYTHONPATH": str(stage.REPOSITORY), "FIFO": str(path)}
    command = _command(PARENT, str(tmp_path / "log"), FAMILY)
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE) as parent:
        assert _read(reader) == b"up"
        parent.send_signal(number)
    assert _read(reader) == b""


def test_the_tail_of_a_long_log_is_its_end(tmp_path: pathlib.Path) -> None:
    """Only the last lines are quoted, however long the log is."""
    (tmp_path / "log").write_text("".join(f"line {number}\n" for number in range(100_000)))
    assert processes.tail(tmp_path / "log", lines=2) == "line 99998\nline 99999"


def test_there_is_no_tail_without_a_log(tmp_path: pathlib.Path) -> None:
    """A log that was never written is quoted as nothing."""
    assert processes.tail(tmp_path / "absent") == ""
