"""Runs one command and ends it with the parent: started as a program by `local.processes`, never imported.

The parent holds the write end of our standard input. However the parent ends, SIGKILL included, the pipe closes, and
the command with all that it started is ended: SIGTERM first, SIGKILL after the grace period. Only a SIGKILL of the
guard itself leaves the command alone.
`python guard.py GRACE_SECONDS COMMAND [ARGUMENT…]`. Standard library only; works wherever POSIX does.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Return the exit code of the command in `arguments` once it has ended."""
    grace, command = float(arguments[0]), list(arguments[1:])
    # A group of its own, so that the command's own children are struck with it.
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)

    def end(*_: object) -> None:
        _strike(process.pid, signal.SIGTERM)
        timer = threading.Timer(grace, _strike, (process.pid, signal.SIGKILL))
        timer.daemon = True
        timer.start()

    def watch() -> None:
        while os.read(0, 4096):
            pass
        end()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    threading.Thread(target=watch, daemon=True).start()
    code = process.wait()
    _strike(process.pid, signal.SIGKILL)
    return code if code >= 0 else 128 - code


def _strike(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
