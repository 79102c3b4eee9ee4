"""One JSON line per event, in the form that Cloud Logging reads."""

import datetime
import json
import sys
import traceback
from typing import Any


def emit(severity: str, message: str, **fields: Any) -> None:
    """Write one event as a line of JSON to stdout; values that JSON lacks become text."""
    event = {
        "severity": severity,
        "message": message,
        "time": datetime.datetime.now(datetime.UTC).isoformat(),
        **{key: value for key, value in fields.items() if value is not None},
    }
    sys.stdout.write(json.dumps(event, default=str, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def crash(message: str, error: BaseException, **fields: Any) -> None:
    """Write an unforeseen error with its traceback, which never leaves by the report."""
    emit("ERROR", message, stack_trace="".join(traceback.format_exception(error)), **fields)
