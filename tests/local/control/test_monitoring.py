"""Ages of Cloud Monitoring: one series for each subscription, one point a minute, the newest first."""

import datetime
from typing import Any

import pytest

from local.world import platform_demo
from tests.local.control import asking

HOUR = datetime.timedelta(hours=1)
FIRST, LAST = asking.instant(asking.NOW - HOUR), asking.instant(asking.NOW)
ASKED = {"filter": asking.AGES, "interval.startTime": FIRST, "interval.endTime": LAST, "view": "FULL"}


def test_every_subscription_has_points(ask: asking.Asker) -> None:
    """A series names its metric and its subscription; its points lie in the interval, the newest first."""
    series = ask.get(asking.SERIES, **ASKED)["timeSeries"]
    assert {one["resource"]["labels"]["subscription_id"] for one in series} == {
        one.name for one in platform_demo.SUBSCRIPTIONS
    }
    for one in series:
        assert one["metric"]["type"] == "pubsub.googleapis.com/subscription/oldest_unacked_message_age"
        assert one["resource"]["type"] == "pubsub_subscription"
        assert one["resource"]["labels"]["project_id"] == "nba-props-platform"
        ends = [datetime.datetime.fromisoformat(point["interval"]["endTime"]) for point in one["points"]]
        assert ends == sorted(ends, reverse=True)
        assert asking.NOW - HOUR <= ends[-1] < ends[0] <= asking.NOW
        assert all(int(point["value"]["int64Value"]) < 60 for point in one["points"])


def test_a_backlog_is_told_in_seconds(ask: asking.Asker) -> None:
    """For the subscription that has it, and for no other."""
    name = platform_demo.SUBSCRIPTIONS[3].name
    ask.throw(backlog={name: 7500})
    series = ask.get(asking.SERIES, **ASKED)["timeSeries"]
    ages = {one["resource"]["labels"]["subscription_id"]: one["points"][0]["value"]["int64Value"] for one in series}
    assert len(ages) == 17
    assert {key for key, age in ages.items() if int(age) > 60} == {name}
    assert ages[name] == "7500"


def test_points_come_page_by_page(ask: asking.Asker) -> None:
    """A page ends in the middle of a series, which goes on in the next one."""
    points: list[tuple[str, Any]] = []
    token = ""
    while True:
        page = ask.get(asking.SERIES, **ASKED, pageSize="25", pageToken=token)
        shown = [
            (one["resource"]["labels"]["subscription_id"], point)
            for one in page["timeSeries"]
            for point in one["points"]
        ]
        assert len(shown) <= 25
        points += shown
        token = page.get("nextPageToken", "")
        if not token:
            break
    whole = ask.get(asking.SERIES, **ASKED)["timeSeries"]
    assert points == [(one["resource"]["labels"]["subscription_id"], point) for one in whole for point in one["points"]]
    assert len(points) > 17 * 50


def test_an_interval_without_points_is_empty(ask: asking.Asker) -> None:
    """Points arrive late: the last two minutes are not measured yet."""
    late = {"interval.startTime": asking.instant(asking.NOW - datetime.timedelta(minutes=2))}
    assert ask.get(asking.SERIES, **ASKED | late) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"filter": 'metric.type="pubsub.googleapis.com/topic/send_request_count"'},
        {"filter": ""},
        {"view": "HEADERS"},
        {"interval.endTime": ""},
        {"interval.endTime": "now"},
        {"interval.startTime": LAST, "interval.endTime": FIRST},
        {"aggregation.alignmentPeriod": "60s"},
    ],
)
def test_another_question_is_refused(ask: asking.Asker, change: dict[str, str]) -> None:
    """Nothing is measured by a question that was not understood."""
    assert ask.refused(asking.SERIES, params=ASKED | change)[:2] == (400, "INVALID_ARGUMENT")
