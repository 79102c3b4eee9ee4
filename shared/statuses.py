"""The statuses of findings and reports, and their order; pure."""

import enum
from collections.abc import Iterable


class Status(enum.StrEnum):
    """What became of one finding; declared worst first."""

    FAIL = "fail"  # judged, and bad
    ERROR = "error"  # could not be judged: our bug, no rights, no time, a broken check
    WARN = "warn"  # judged, and worth a look
    UNKNOWN = "unknown"  # judged, with too little evidence
    PASS = "pass"  # judged, and good  # noqa: S105 - a status, not a password
    SKIP = "skip"  # does not apply; never counts


ORDER = tuple(Status)

SEVERITY = {
    Status.FAIL: "ERROR",
    Status.ERROR: "ERROR",
    Status.UNKNOWN: "ERROR",
    Status.WARN: "WARNING",
    Status.PASS: "INFO",
    Status.SKIP: "INFO",
}
"""The Cloud Logging severity of a run's summary line: missing evidence is never an INFO."""


def worst(statuses: Iterable[Status]) -> Status:
    """Return the worst of `statuses`, where SKIP never counts; SKIP when nothing counts."""
    return min(statuses, key=ORDER.index, default=Status.SKIP)
