"""The log: one JSON line an event on standard error, also for libraries that log text."""

import json
import logging

from bqemulator import config
from bqemulator.observability import logging_


class _Line(logging.Formatter):
    """A formatter that leaves the emulator's JSON as it is and makes JSON of everything else."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        text = record.getMessage()
        if text.startswith("{") and record.exc_info is None:
            return text
        line = {"level": record.levelname.lower(), "logger": record.name, "event": text}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def configure() -> None:
    """Make every logger of this process write JSON lines, from warnings upward."""
    logging_.configure_logging(level=config.LogLevel.WARNING, fmt=config.LogFormat.JSON)
    format_root()


def format_root() -> None:
    """Give the root logger the format that the emulator's own configuration takes away."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(_Line())
