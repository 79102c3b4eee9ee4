"""Asks everything that the documents of a run are made from, side by side, each within its own time.

What fails is an answer too: it costs only the documents that need it.
"""

import concurrent.futures
import dataclasses
import datetime
import functools
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cloud_functions.live_export import declaration, facts, night, provider, schedule
from shared import calendars, contract, errors
from shared.gcp import bigquery

Given = contract.Run[declaration.Declared, declaration.Request]
CALENDAR = "calendar"
SCHEDULE, OFFICIAL = "schedule", "official"
LABEL = "export"
CALENDAR_BYTES = 100 * 1024**2
CALENDAR_SECONDS = 30.0
PARALLEL = 8


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a source told, and the bytes that asking it was billed."""

    value: Any
    billed: int = 0


Coming = concurrent.futures.Future[Answer]


@dataclasses.dataclass(frozen=True)
class Sources:
    """The answers to come, by the names of their sources.

    ends: until when each is waited for. charged: the bytes that questions were billed whose rows are read elsewhere.
    """

    futures: Mapping[str, Coming]
    ends: Mapping[str, float]
    charged: list[int] = dataclasses.field(default_factory=list)

    def get(self, name: str) -> Any:
        """Return what a source told, waited for until its time is used up, or the CloudError that it ended in."""
        left = max(0.0, self.ends[name] - time.monotonic())
        try:
            return self.futures[name].result(timeout=left).value
        except errors.CloudError as error:
            return error
        except (TimeoutError, concurrent.futures.CancelledError):
            return errors.Unavailable(f"asking {name}: no answer within its time")

    @property
    def scans(self) -> int:
        """The questions to BigQuery that ended, also in an error."""
        ended = (name for name, one in self.futures.items() if one.done() and not one.cancelled())
        return sum(name != declaration.PROVIDER for name in ended) + len(self.charged)

    @property
    def billed(self) -> int:
        """The bytes that the answers so far were billed."""
        ended = (one for one in self.futures.values() if one.done() and not one.cancelled() and not one.exception())
        return sum(one.result().billed for one in ended) + sum(self.charged)


def begin(given: Given, day: datetime.date, names: Iterable[str], pool: concurrent.futures.Executor) -> Sources:
    """Return the answers to come of the sources `names` and of the calendar, asked now and not waited for."""
    exports, started = given.declared.exports, time.monotonic()
    asked: dict[str, Callable[[], Answer]] = {CALENDAR: functools.partial(_calendar, given, day)}
    seconds = {CALENDAR: CALENDAR_SECONDS}
    for name in names:
        if name != declaration.PROVIDER:
            asked[name] = functools.partial(_rows, given, name, day)
            seconds[name] = exports.sources[name].seconds
    futures = {name: pool.submit(ask) for name, ask in asked.items()}
    if declaration.PROVIDER in names and exports.provider and SCHEDULE in futures:
        seconds[declaration.PROVIDER] = exports.sources[SCHEDULE].seconds + exports.provider.seconds
        futures[declaration.PROVIDER] = pool.submit(_scores, given, day, futures)
    return Sources(futures, {name: started + limit for name, limit in seconds.items()})


def _rows(given: Given, name: str, day: datetime.date) -> Answer:
    source = given.declared.exports.sources[name]
    answer = bigquery.query(
        given.clients.bigquery,
        given.declared.texts[name],
        bytes_limit=source.bytes_limit,
        label=LABEL,
        parameters=parameters(source, day),
        labels={"source": name},
        seconds=source.seconds,
    )
    return Answer(answer.rows, answer.bytes_billed)


def parameters(source: declaration.Source, day: datetime.date) -> list[tuple[str, str, Any]]:
    """Return the parameters of a source's query: the day, and the declared texts."""
    return [("day", "DATE", day), *((name, "STRING", text) for name, text in source.parameters.items())]


def _calendar(given: Given, day: datetime.date) -> Answer:
    declared = given.declared.pipeline.calendar
    if declared is None:
        raise errors.NotFound("pipeline.yaml declares no calendar: whether there are games cannot be known")
    text, asked = calendars.question(declared, project=given.clients.project, first=day, last=day)
    answer = bigquery.query(
        given.clients.bigquery,
        text,
        bytes_limit=CALENDAR_BYTES,
        label=LABEL,
        parameters=asked,
        labels={"source": CALENDAR},
        seconds=CALENDAR_SECONDS,
    )
    return Answer(calendars.read(declared, answer.rows), answer.bytes_billed)


def _scores(given: Given, day: datetime.date, told: Mapping[str, Coming]) -> Answer:
    """Return the provider's games; None, without asking it, while no game needs it."""
    declared = given.declared.exports.provider
    games = schedule.read(told[SCHEDULE].result().value, day, given.declared.pipeline.game_day)
    written = told[OFFICIAL].result().value if OFFICIAL in told else ()
    if declared is None or not night.needs_scores(games, written, given.now, early=facts.EARLY):
        return Answer(None)
    return Answer(provider.games(declared, seconds=declared.seconds))
