"""Exporters that race: each of their requests to Cloud Storage waits for its turn, which a seed draws."""

import dataclasses
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import requests

STALL = 0.02
"""How likely, at each step, one of them is left standing for a while; until the other took so many steps, at most."""
LONGEST_STALL = 150
LOOKS_EVERY = 10


class Turns:
    """Who may take the next step; whoever is not drawn waits, so that the same seed gives the same race."""

    def __init__(self, names: Sequence[str], *, seed: int, look: Callable[[], None]) -> None:
        """Let `names` race, each must `leave` in the end; `look` is called again and again, while nobody moves."""
        self._look = look
        self._draws = random.Random(seed)  # noqa: S311 - no secret: the same seed must give the same race
        self._lock = threading.Condition()
        self._racing = set(names)
        self._threads: dict[int, str] = {}
        self._waiting: set[str] = set()
        self._stalled: dict[str, int] = {}
        self._drawn: str | None = None
        self.steps = 0

    def enter(self, name: str) -> None:
        """Let this very thread be the one that races as `name`; the client's own background threads do not."""
        self._threads[threading.get_ident()] = name

    def step(self) -> None:
        """Wait until it is the turn of whoever calls."""
        name = self._threads.get(threading.get_ident())
        if name is None:
            return
        with self._lock:
            self._waiting.add(name)
            self._draw()
            self._lock.wait_for(lambda: self._drawn == name)
            self._drawn = None
            self._waiting.discard(name)
            self.steps += 1
            if self.steps % LOOKS_EVERY == 0:
                self._look()

    def leave(self, name: str) -> None:
        """Let the others go on without `name`."""
        with self._lock:
            self._racing.discard(name)
            self._threads = {thread: racer for thread, racer in self._threads.items() if racer != name}
            self._draw()

    def _draw(self) -> None:
        """Draw who goes on, once everybody waits."""
        if self._drawn is not None or self._waiting != self._racing or not self._racing:
            return
        if not self._stalled and self._draws.random() < STALL:
            self._stalled[self._draws.choice(sorted(self._racing))] = self._draws.randint(1, LONGEST_STALL)
        able = sorted(self._racing - set(self._stalled)) or sorted(self._racing)
        self._stalled = {name: left - 1 for name, left in self._stalled.items() if left > 1}
        self._drawn = self._draws.choice(able)
        self._lock.notify_all()


class Session(requests.Session):
    """A session whose every request waits until `before` returns."""

    def __init__(self, before: Callable[[], None]) -> None:
        """Call `before` before each request."""
        super().__init__()
        self._before = before

    def request(self, method: Any, url: Any, *arguments: Any, **options: Any) -> requests.Response:
        """Send a request, in its turn."""
        self._before()
        return super().request(method, url, *arguments, **options)


@dataclasses.dataclass
class Clock:
    """The time of the race: the latest instant at which anybody began; minutes from its beginning."""

    minute: float
    ends: float
    lock: threading.Lock = dataclasses.field(default_factory=threading.Lock)

    def ticks(self, offset: float) -> Iterator[float]:
        """Yield the minutes at which one exporter begins, one a minute; those that it is too late for fall out."""
        own = self.minute + offset
        while own <= self.ends:
            with self.lock:
                self.minute = max(self.minute, own)
            yield own
            with self.lock:
                own += max(1, int(self.minute - own))


@dataclasses.dataclass
class Warehouse:
    """A BigQuery client that asks each question once: nothing of what it tells changes in the hour of a race."""

    client: Any
    known: dict[str, "Answer"] = dataclasses.field(default_factory=dict)
    lock: threading.Lock = dataclasses.field(default_factory=threading.Lock)

    @property
    def project(self) -> str:
        """The project that is asked."""
        return str(self.client.project)

    def query(self, sql: str, *, job_config: Any, **_options: Any) -> "Answer":
        """Return the answer to a query."""
        with self.lock:
            if sql not in self.known:
                self.known[sql] = Answer(tuple(self.client.query(sql, job_config=job_config).result()))
            return self.known[sql]


@dataclasses.dataclass(frozen=True)
class Answer:
    """A query's answer, as a job that has ended."""

    rows: tuple[Any, ...]
    total_bytes_billed: int = 0
    total_bytes_processed: int = 0

    def result(self, **_options: Any) -> tuple[Any, ...]:
        """Return the rows."""
        return self.rows
