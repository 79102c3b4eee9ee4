"""What a function hands over to the entrypoint, what its run is given, and what it returns: values only."""

import dataclasses
import datetime
from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from shared import calls, history, report, settings
from shared.gcp import clients

D = TypeVar("D")
R = TypeVar("R")


@dataclasses.dataclass(frozen=True)
class Run(Generic[D, R]):
    """What a function's run is given: the one `now`, what is declared, what is asked, and the means.

    `stop` answers why no further step may be taken, or None while there is time and the lease is held.
    """

    now: datetime.datetime
    run_id: str
    declared: D
    request: R
    settings: settings.Settings
    clients: clients.Clients
    stop: Callable[[], str | None]


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a run found: the sentence that matters first, the findings, and what it cost besides calls.

    scope: what was asked about, e.g. a suite's name. day: the game day that was judged. kept: whether the ledger
    remembers it; a plan or a list is no run. past: what earlier runs said, where the run has read it already.
    """

    summary: str
    findings: tuple[report.Finding, ...]
    as_of: datetime.datetime | None = None
    scans: int = 0
    bytes_estimated: int | None = None
    bytes_billed: int | None = None
    bytes_limit: int | None = None
    scope: str | None = None
    day: datetime.date | None = None
    bytes_unfolded: int | None = None
    kept: bool = True
    past: Sequence[history.Past] | None = None


class Reach(NamedTuple):
    """What a function must be able to reach: buckets to write to, datasets to read."""

    buckets: tuple[str, ...]
    datasets: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Function(Generic[D, R]):
    """One function: how it is declared and asked, what it does, and what must not run twice at a time.

    scope: names what a run changes, for the lease; None for a run that changes nothing. lease_seconds: how long a
    killed run blocks the next. reach: the buckets and datasets that a probe tries. publishes: whether its reports go
    to the reports topic. body_limit: bytes. page: makes, from settings and `now`, what a browser gets that asks for
    text/html; it is no run.
    """

    name: str
    request: type[R]
    declare: Callable[[settings.Settings], D]
    run: Callable[[Run[D, R]], Outcome]
    scope: Callable[[D, R], str | None]
    lease_seconds: Callable[[D], float]
    reach: Callable[[D], Reach]
    publishes: bool = True
    body_limit: int = calls.BODY_LIMIT
    page: Callable[[settings.Settings, datetime.datetime], str] | None = None
