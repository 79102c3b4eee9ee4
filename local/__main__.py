"""The command line of the embedded cloud: `python -m local run`, `serve`, `night` and `validate`."""

import argparse
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from deploy import stage
from local import calls, claim, cloud, gateway, processes
from local.commands import house, night, run, serve, validate
from shared import errors

COMMANDS = {"run": run, "serve": serve, "night": night, "validate": validate}
# What a person can mend: told in one line, without a traceback.
FORESEEN = (
    calls.CallError,
    claim.ClaimError,
    cloud.CloudError,
    errors.InvalidDeclaration,
    errors.InvalidSettings,
    gateway.GatewayError,
    house.WorldError,
    processes.ProcessError,
    stage.StageError,
)


class Stopped(BaseException):
    """The process was told to end; like KeyboardInterrupt, nothing but the top may catch it."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code of the command line `arguments`."""
    parser = argparse.ArgumentParser(prog="python -m local", description="The embedded cloud, on this machine.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, module in COMMANDS.items():
        sentence = (module.__doc__ or "").splitlines()[0]
        module.add_options(commands.add_parser(name, help=sentence, description=sentence))
    options = parser.parse_args(arguments)
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, _stop)
    try:
        return COMMANDS[options.command].main(options)
    except FORESEEN as error:
        print(f"python -m local {options.command}: {error}", file=sys.stderr)
        return 1
    except Stopped as stopped:
        # Ending is how serving goes well; a run that was cut off has no result.
        return 0 if options.command == "serve" else 128 + stopped.signum


def _stop(signum: int, _frame: FrameType | None) -> NoReturn:
    # The stand-ins end in order and in bounded time; a second signal must not cut that short.
    for later in (signal.SIGINT, signal.SIGTERM):
        signal.signal(later, _wait_for_the_end)
    raise Stopped(signum)


def _wait_for_the_end(_signum: int, _frame: FrameType | None) -> None:
    """Do nothing: the end is under way."""


if __name__ == "__main__":
    sys.exit(main())
