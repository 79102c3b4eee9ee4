"""Check every declaration, and run every query dry against the demo world."""

import argparse
import contextlib
import os
import subprocess
import sys
from pathlib import Path

from deploy import stage
from local import claim, environment
from local.commands import house, options
from local.commands.progress import Progress


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    options.add_data_dir(parser)
    options.add_days(parser)


def main(chosen: argparse.Namespace) -> int:
    """Return 1 when a declaration has a mistake, or a query cannot be run; else 0."""
    # Mistakes in a file need no cloud to be told.
    code = _validate({})
    if code:
        return code
    progress = Progress()
    data_dir: Path = chosen.data_dir.resolve()
    with contextlib.ExitStack() as stack:
        stack.enter_context(claim.held(data_dir))
        embedded = stack.enter_context(house.cloud_running(data_dir, progress=progress, days=chosen.days))
        return _validate(embedded.environ(), "--warehouse")


def _validate(variables: dict[str, str], *arguments: str) -> int:
    child = environment.child(os.environ, {**house.variables(), **variables, "PYTHONPATH": str(stage.REPOSITORY)})
    command = [sys.executable, "-m", "deploy.validate", *arguments]
    return subprocess.run(command, env=child, cwd=stage.REPOSITORY, check=False).returncode
