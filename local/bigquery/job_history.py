"""Jobs from before this stand-in's life, told over `POST /_jobs`: INFORMATION_SCHEMA.JOBS shows them beside its own.

They were never run, so jobs.get and jobs.list do not know them. With a data directory they are kept in one file of it.
"""

import dataclasses
import datetime
import json
import pathlib
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any

from local.bigquery import job_states

FILE = "job_history.json"
_JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,1024}")
_TYPES = tuple(kind.upper() for kind in job_states.KINDS)
_ERROR = {"reason", "location", "message"}
_LARGEST = 2**63 - 1

Row = dict[str, Any]
Key = tuple[str, str]


@dataclasses.dataclass(frozen=True)
class PastJob:
    """A job as it was told, which is how it is kept, and the row of it in the views."""

    told: Mapping[str, Any]
    row: Row


class History:
    """The past jobs of one stand-in by project and id; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[Key, PastJob] = {}
        self._project = ""
        self._file: pathlib.Path | None = None

    def open(self, project: str, file: pathlib.Path | None) -> None:
        """Give jobs that name no project this one, and keep them in `file`; raise ValueError for a damaged file."""
        self._project, self._file = project, file
        if file is not None and file.exists():
            self._jobs |= _read(json.loads(file.read_text("utf-8")), project)

    def add(self, declared: Any) -> None:
        """Add a JSON list of jobs, each in the place of a former one with its id; raise ValueError, adding none.

        A job has `job_id`, `creation_time`, `user_email` and `job_type`, and may have what else `FIELDS` names. All
        are columns of the views, but `labels` is an object. null says as much as nothing.
        """
        found = _read(declared, self._project)
        with self._lock:
            self._jobs |= found
            if self._file is not None:
                _keep(self._file, [job.told for job in self._jobs.values()])

    def state(self) -> dict[str, int]:
        """Return how many past jobs there are, as a JSON value."""
        with self._lock:
            return {"jobs": len(self._jobs)}

    def rows(self, project: str) -> list[Row]:
        """Return the rows of a project's past jobs in the views."""
        with self._lock:
            return [job.row for (owner, _), job in self._jobs.items() if owner == project]


PAST = History()


def install(settings: Any) -> None:
    """Take up the jobs that an earlier stand-in kept in the data directory."""
    PAST.open(settings.default_project_id, settings.data_dir / FILE if settings.data_dir else None)


def _keep(file: pathlib.Path, told: list[Mapping[str, Any]]) -> None:
    scratch = file.with_suffix(".part")
    scratch.write_text(json.dumps(told), encoding="utf-8")
    scratch.replace(file)


def _read(declared: Any, project: str) -> dict[Key, PastJob]:
    if not isinstance(declared, list) or not all(isinstance(told, dict) for told in declared):
        raise ValueError("past jobs are a JSON list of objects")
    found: dict[Key, PastJob] = {}
    for number, told in enumerate(declared):
        # With its project, so that a later stand-in of another project does not make the job its own.
        given = {"project_id": project} | {name: value for name, value in told.items() if value is not None}
        try:
            row = _row(given)
        except ValueError as mistake:
            raise ValueError(f"item {number} of the list is no past job: {mistake}") from mistake
        found[row["project_id"], row["job_id"]] = PastJob(given, row)
    return found


def _row(given: Mapping[str, Any]) -> Row:
    if missing := [name for name in ("job_id", "creation_time", "user_email", "job_type") if name not in given]:
        raise ValueError(f"{', '.join(missing)} is missing")
    row: Row = {"state": "DONE", "priority": "INTERACTIVE", "labels": []}
    for name, value in given.items():
        if name not in FIELDS:
            raise ValueError(f"there is no field {name!r}, there are {', '.join(FIELDS)}")
        words, read = FIELDS[name]
        row[name] = read(value)
        if row[name] is None:
            raise ValueError(f"{name} must be {words}, not {value!r:.100}")
    row.setdefault("start_time", row["creation_time"])
    row.setdefault("end_time", row["start_time"])
    if not row["creation_time"] <= row["start_time"] <= row["end_time"]:
        raise ValueError("creation_time, start_time and end_time are not in this order")
    return row


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _id(value: Any) -> str | None:
    return value if isinstance(value, str) and _JOB_ID.fullmatch(value) else None


def _type(value: Any) -> str | None:
    return value if value in _TYPES else None


def _instant(value: Any) -> datetime.datetime | None:
    try:
        found = datetime.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found.astimezone(datetime.UTC) if found.tzinfo else None


def _whole(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value <= _LARGEST else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _texts(value: Any) -> dict[str, str] | None:
    return value if isinstance(value, dict) and all(isinstance(text, str) for text in value.values()) else None


def _labels(value: Any) -> list[dict[str, str]] | None:
    texts = _texts(value)
    return None if texts is None else [{"key": key, "value": text} for key, text in texts.items()]


def _error(value: Any) -> dict[str, str] | None:
    texts = _texts(value)
    return texts if texts and texts.get("reason") and texts.keys() <= _ERROR else None


Field = tuple[str, Callable[[Any], Any]]
_TEXT: Field = ("a text", _text)
_ID: Field = ("1 to 1024 letters, digits, _ or -", _id)
_INSTANT: Field = ("an instant with a zone, like 2026-02-12T13:00:00Z", _instant)
_WHOLE: Field = ("a whole number, nought or more", _whole)
FIELDS: dict[str, Field] = {
    "job_id": _ID,
    "creation_time": _INSTANT,
    "user_email": _TEXT,
    "job_type": (f"one of {', '.join(_TYPES)}", _type),
    "statement_type": _TEXT,
    "project_id": _TEXT,
    "parent_job_id": _ID,
    "start_time": _INSTANT,
    "end_time": _INSTANT,
    "priority": _TEXT,
    "query": _TEXT,
    "total_bytes_processed": _WHOLE,
    "total_bytes_billed": _WHOLE,
    "total_slot_ms": _WHOLE,
    "cache_hit": ("true or false", _flag),
    "labels": ("an object of texts", _labels),
    "error_result": (f"an object of texts: reason, and perhaps {', '.join(sorted(_ERROR - {'reason'}))}", _error),
}
