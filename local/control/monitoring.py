"""The age of the oldest message of each subscription, as Cloud Monitoring v3 says it: one point a minute."""

import datetime
import itertools
from collections.abc import Sequence
from typing import Any

from local.control import errors, paging, times
from local.control.world import World
from local.storage import exchange
from local.world import platform

METRIC = "pubsub.googleapis.com/subscription/oldest_unacked_message_age"
FILTER = f'metric.type="{METRIC}"'
MOST = 100_000
_MINUTE = datetime.timedelta(minutes=1)
# Points arrive late.
_DELAY = datetime.timedelta(minutes=2)

Point = tuple[str, datetime.datetime, int]


def listed(world: World, request: exchange.Request) -> dict[str, Any]:
    """Return a page of points, the newest of each subscription first; raise Refused (400) for another question.

    A page has at most pageSize points, so that a series may go on in the next page.
    """
    if request.query.get("filter") != FILTER:
        raise errors.invalid(f"The stand-in knows the filter {FILTER} only, not {request.query.get('filter')!r}.")
    if request.query.get("view", "FULL") != "FULL":
        raise errors.invalid(f"The stand-in has the view FULL only, not {request.query['view']!r}.")
    points = _points(world, _interval(request))
    shown, token = paging.page(points, request.query, default=MOST, most=MOST)
    series = [_series(name, list(those)) for name, those in itertools.groupby(shown, key=lambda point: point[0])]
    return paging.answer("timeSeries", series, token=token, say=lambda one: one)


def _interval(request: exchange.Request) -> tuple[datetime.datetime, datetime.datetime]:
    try:
        last = times.read(request.query.get("interval.endTime", ""))
        first = times.read(request.query.get("interval.startTime", "") or last.isoformat())
    except ValueError as error:
        raise errors.invalid(f"Field interval had an invalid value: {error}") from error
    if first > last:
        raise errors.invalid("Field interval had an invalid value: it ends before it begins.")
    return first, last


def _points(world: World, interval: tuple[datetime.datetime, datetime.datetime]) -> list[Point]:
    first, last = interval
    newest = min(last, world.now() - _DELAY).replace(second=0, microsecond=0)
    known = world.platform()
    return [
        (one.name, newest - number * _MINUTE, known.ages[one.name])
        for one in known.subscriptions
        if one.name in known.ages
        for number in range(int((newest - first) / _MINUTE) + 1)
        if newest >= first
    ]


def _series(name: str, points: Sequence[Point]) -> dict[str, Any]:
    labels = {"project_id": platform.PROJECT, "subscription_id": name}
    return {
        "metric": {"type": METRIC},
        "resource": {"type": "pubsub_subscription", "labels": labels},
        "metricKind": "GAUGE",
        "valueType": "INT64",
        "points": [
            {
                "interval": {"startTime": times.instant(at), "endTime": times.instant(at)},
                "value": {"int64Value": str(seconds)},
            }
            for _, at, seconds in points
        ],
    }
