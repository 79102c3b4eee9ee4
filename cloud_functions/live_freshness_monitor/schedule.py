"""Asks the warehouse what the schedule says of the day, now and when the grace began; decides nothing."""

import concurrent.futures
import datetime

from cloud_functions.live_freshness_monitor import declaration, seen
from shared import calendars, contract, errors, logs
from shared.gcp import bigquery

Given = contract.Run[declaration.Declared, declaration.Request]
BYTES = 100 * 1024**2
"""What one reading of the calendar may bill."""
SECONDS = 20.0
LABEL = "freshness"


def night(given: Given, day: datetime.date) -> seen.Night | errors.CloudError:
    """Return what the schedule says of the day, or why it cannot be read."""
    grace = given.declared.freshness.grace
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        before = pool.submit(_settled, given, day, given.now - grace) if grace else None
        try:
            found = _calendar(given, day, None)
        except errors.CloudError as error:
            return error
        known = _day(found, day)
        return seen.Night(found.standing(day), known, before.result() if before else known)


def _day(found: calendars.Calendar, day: datetime.date) -> calendars.Day:
    return found.days.get(day, calendars.Day(0, 0, 0))


def _settled(given: Given, day: datetime.date, at: datetime.datetime) -> calendars.Day | None:
    """Return what the schedule said at an instant; None without such a past, as of a view or a new table."""
    try:
        return _day(_calendar(given, day, at), day)
    except errors.CloudError as error:
        logs.emit("WARNING", "the schedule's past could not be read", run_id=given.run_id, error=str(error))
        return None


def _calendar(given: Given, day: datetime.date, at: datetime.datetime | None) -> calendars.Calendar:
    declared = given.declared.pipeline.calendar
    if declared is None:
        raise errors.NotFound("pipeline.yaml declares no calendar")
    text, parameters = calendars.question(declared, project=given.clients.project, first=day, last=day, at=at)
    answer = bigquery.query(
        given.clients.bigquery, text, bytes_limit=BYTES, label=LABEL, parameters=parameters, seconds=SECONDS
    )
    return calendars.read(declared, answer.rows)
