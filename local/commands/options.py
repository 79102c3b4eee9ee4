"""The options that commands share, and their limits."""

import argparse
from pathlib import Path

from local.world import facts

DATA_DIR = Path(".local")
MOST_PORT = 65535


def add(parser: argparse.ArgumentParser, *, port: int) -> None:
    """Add --data-dir and --port, whose default is `port`."""
    add_data_dir(parser)
    whose = f"the gateway's port; 0: any free one (default: {port})"
    parser.add_argument("--port", type=number_of_port, default=port, help=whose)


def add_data_dir(parser: argparse.ArgumentParser) -> None:
    """Add --data-dir."""
    parser.add_argument(
        "--data-dir", type=folder, default=DATA_DIR, help=f"where all data stands (default: {DATA_DIR})"
    )


def add_days(parser: argparse._ActionsContainer) -> None:
    """Add --days."""
    span = f"days of demo world up to {facts.LAST_DAY}, 1 to {facts.DAYS} (default: all)"
    parser.add_argument("--days", type=days, default=facts.DAYS, help=span)


def days(text: str) -> int:
    """Return the number of days in `text`; raise ArgumentTypeError when the season does not have so many."""
    return _whole(text, least=1, most=facts.DAYS)


def number_of_port(text: str) -> int:
    """Return the port in `text`; raise ArgumentTypeError when there is no such port."""
    return _whole(text, least=0, most=MOST_PORT)


def folder(text: str) -> Path:
    """Return the folder in `text`, which need not exist; raise ArgumentTypeError when a file stands there."""
    path = Path(text)
    if not text or (path.exists() and not path.is_dir()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a folder")
    return path


def _whole(text: str, *, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} to {most}")
    return int(text)
