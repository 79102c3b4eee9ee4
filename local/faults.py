"""Faults that a test, or a curious person, asks a stand-in to commit; pure of any protocol.

Each HTTP stand-in keeps one `Faults` and serves it: `POST /_faults` adds a fault (the JSON of `Fault`),
`GET /_faults` lists those still armed and how many were committed, `DELETE /_faults` disarms all.
Runs in both environments, so it imports the standard library only.
"""

import dataclasses
import re
import threading
from collections.abc import Mapping
from typing import Any, Literal, get_args

Action = Literal["refuse", "drop_answer", "hold", "hold_answer", "fail_job", "slow_job"]

OF_JOBS = ("fail_job", "slow_job")
"""The actions that only a stand-in with jobs can commit."""


@dataclasses.dataclass(frozen=True)
class Fault:
    r"""One fault: what it strikes, what it does, and how often.

    match: a regular expression, searched in "METHOD /path?query\nbody".
    action: refuse (answer `status` with `reason` and `message`, execute nothing), drop_answer (execute, then cut the
        connection), hold (wait until disarmed, then cut the connection, execute nothing), hold_answer (execute, then
        wait until disarmed, then cut), fail_job (BigQuery: accept the job, write its first file, end it with
        `reason` and `message`), slow_job (BigQuery: the job stays RUNNING `seconds` longer).
    after: how many matching requests pass unharmed first. times: how many are struck then.
    """

    match: str
    action: Action
    status: int = 503
    reason: str = "backendError"
    message: str = "injected fault"
    seconds: float = 60.0
    after: int = 0
    times: int = 1

    def __post_init__(self) -> None:
        if self.action not in get_args(Action):
            raise ValueError(f"unknown action {self.action!r}: one of {', '.join(get_args(Action))}")
        re.compile(self.match)


class Faults:
    """The armed faults of one stand-in; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._armed: list[Fault] = []
        self._committed = 0
        self._epoch = 0

    def add(self, declared: Mapping[str, Any]) -> None:
        """Arm the fault that `declared` describes; raise TypeError or ValueError when it describes none."""
        fault = Fault(**declared)
        with self._lock:
            self._armed.append(fault)

    def arm(self, declared: Mapping[str, Any], *, whose: str) -> None:
        """Arm a fault of a stand-in without jobs; raise ValueError, in words for whoever asked, for what is none."""
        if declared.get("action") in OF_JOBS:
            raise ValueError(f"{declared['action']} is a fault of the BigQuery stand-in, not of {whose}.")
        try:
            self.add(declared)
        except (TypeError, ValueError, re.error) as error:
            raise ValueError(f"This is no fault: {error}") from error

    def clear(self) -> None:
        """Disarm every fault and release all requests that are held."""
        with self._lock:
            self._armed.clear()
            self._committed = 0
            self._epoch += 1
            self._lock.notify_all()

    def state(self) -> dict[str, Any]:
        """Return the armed faults and the number of faults committed since the last `clear`, as JSON values."""
        with self._lock:
            return {"armed": [dataclasses.asdict(fault) for fault in self._armed], "committed": self._committed}

    def take(self, method: str, target: str, body: bytes = b"") -> Fault | None:
        """Return the fault to commit on this request, using up one of its times; None when no fault matches."""
        with self._lock:
            if not self._armed:
                return None
            text = f"{method} {target}\n{body.decode('utf-8', 'replace')}"
            for index, fault in enumerate(self._armed):
                if re.search(fault.match, text):
                    return self._use(index, fault)
        return None

    def wait_released(self, fault: Fault) -> None:
        """Block until `clear` is called, at most `fault.seconds`."""
        with self._lock:
            epoch = self._epoch
            self._lock.wait_for(lambda: self._epoch != epoch, timeout=fault.seconds)

    def _use(self, index: int, fault: Fault) -> Fault | None:
        if fault.after > 0:
            self._armed[index] = dataclasses.replace(fault, after=fault.after - 1)
            return None
        self._committed += 1
        if fault.times > 1:
            self._armed[index] = dataclasses.replace(fault, times=fault.times - 1)
        else:
            del self._armed[index]
        return fault
