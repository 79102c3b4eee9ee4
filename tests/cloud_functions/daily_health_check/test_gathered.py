"""What was answered becomes values: what cannot be read is told by its name, and takes nothing else with it."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from cloud_functions.daily_health_check import gathered, resources
from shared import errors
from tests.cloud_functions.daily_health_check import platforms

JOBS = f"projects/{platforms.PROJECT}/locations/{platforms.REGION}/jobs"
SLOW = errors.Unavailable("slow")


def job(name: str = "grade-daily", **changes: Any) -> dict[str, Any]:
    """Return the resource of a job."""
    return {"name": f"{JOBS}/{name}", "schedule": "0 8 * * *", "httpTarget": {"uri": "https://x.run.app"}} | changes


def listed(**answers: Any) -> gathered.Listed:
    """Return the jobs of regions, given what each answered."""
    return gathered.listed(answers, "job", resources.job)


def test_resources_of_all_regions_are_one_list() -> None:
    """In the order in which they came; it is whole when every region answered and all could be read."""
    found = listed(west=[job("a"), job("b")], east=[job("c")], north=[])

    assert [one.short for one in found.found] == ["a", "b", "c"]
    assert (found.garbled, found.failed, found.whole) == ((), {}, True)


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        (job("bad", schedule=7), "bad"),
        (job("bad", httpTarget=[]), "bad"),
        (job("bad", status="OK"), "bad"),
        (job("bad", lastAttemptTime="yesterday"), "bad"),
        (job("bad", attemptDeadline="3 minutes"), "bad"),
        ({"schedule": "0 8 * * *"}, "number 1"),
        ({"name": 7}, "number 1"),
        ({"name": ""}, "number 1"),
        ("grade-daily", "number 1"),
        (None, "number 1"),
        ([], "number 1"),
    ],
)
def test_a_resource_that_cannot_be_read_stands_apart(resource: Any, name: str) -> None:
    """By its name where it has one, with the reason; its neighbours are read, and the list is not whole."""
    found = listed(west=[job("a"), resource, job("b")])

    assert [one.short for one in found.found] == ["a", "b"]
    assert [(one.kind, one.name) for one in found.garbled] == [("job", name)]
    assert found.garbled[0].why
    assert not found.whole


def test_resources_without_names_are_told_apart() -> None:
    """By number, over all regions, so that no finding hides another."""
    found = listed(west=[{}, job("a"), 7], east=[None])

    assert [one.name for one in found.garbled] == ["number 1", "number 2", "number 3"]


def test_a_region_without_an_answer_is_told_by_its_name() -> None:
    """The others are read, and the list is not whole."""
    found = listed(west=SLOW, east=[job("a")])

    assert [one.short for one in found.found] == ["a"]
    assert (found.failed, found.garbled, found.whole) == ({"west": SLOW}, (), False)


@pytest.mark.parametrize("items", [[], [job("a"), job("b")]])
def test_a_log_is_read_whole(items: list[Any]) -> None:
    """Every entry as a value, none for none."""
    found = gathered.read_all(items, resources.job)

    assert not isinstance(found, errors.CloudError)
    assert len(found) == len(items)


def test_a_log_that_cannot_be_read_whole_is_not_read() -> None:
    """A part of it proves nothing: one bad entry, and it is an error; an error stays the one that it was."""
    assert isinstance(gathered.read_all([job("a"), {}, job("b")], resources.job), errors.Garbled)
    assert gathered.read_all(SLOW, resources.job) is SLOW


def test_bodies_are_known_by_their_jobs_names() -> None:
    """As they are sent, empty where none is; what is no job of HTTP has none, and what is none breaks nothing."""
    text = base64.b64encode(json.dumps({"suite": "a"}).encode()).decode()
    found = gathered.bodies(
        [
            job("a", httpTarget={"uri": "https://x", "body": text}),
            job("b"),
            job("c", httpTarget=None, pubsubTarget={"topicName": "t"}),
            {"httpTarget": {"body": text}},
            job("d", httpTarget="x"),
            "e",
            None,
        ]
    )

    assert found == {f"{JOBS}/a": text, f"{JOBS}/b": ""}


def series(name: str, *points: tuple[str, Any]) -> dict[str, Any]:
    """Return a time series of Monitoring's, given the minute and the value of each point."""
    return {
        "resource": {"type": "pubsub_subscription", "labels": {"subscription_id": name}},
        "points": [
            {"interval": {"endTime": f"2026-02-12T{minute}:00.000000Z"}, "value": value} for minute, value in points
        ],
    }


def test_the_newest_age_of_a_subscription_counts() -> None:
    """Whatever the order of its points; a number of either kind will do, and no point is no age."""
    old, new = ("12:00", {"int64Value": "7200"}), ("12:59", {"int64Value": "12"})

    assert gathered.ages(
        [series("a", old, new), series("b", new, old), series("c", ("12:00", {"doubleValue": 2.5})), series("d")]
    ) == {"a": 12.0, "b": 12.0, "c": 2.5, "d": None}
    assert gathered.ages([]) == {}


def without(path: str) -> dict[str, Any]:
    """Return a time series of which one part is missing."""
    whole = series("a", ("12:00", {"int64Value": "1"}))
    *outer, last = path.split(".")
    part: Any = whole
    for name in outer:
        part = part[int(name) if name.isdigit() else name]
    del part[last]
    return whole


@pytest.mark.parametrize(
    "garbage",
    [
        without("resource"),
        without("resource.labels.subscription_id"),
        without("points.0.value"),
        without("points.0.interval.endTime"),
        series("a", ("12:00", {"int64Value": "many"})),
        series("a", ("12:00", {"boolValue": True})),
        series("a", ("noon", {"int64Value": "1"})),
        {"resource": [], "points": []},
        7,
        None,
        "series",
        [],
    ],
)
def test_a_series_that_is_none_is_garbled(garbage: Any) -> None:
    """No backlog is called short because its age could not be read."""
    with pytest.raises(errors.Garbled):
        gathered.ages([series("b"), garbage])


@pytest.mark.parametrize("name", ["attempts", "subscriptions", "topics", "ages", "runs", "said", "calendar", "spend"])
def test_what_was_not_asked_is_an_error_until_it_is(name: str) -> None:
    """So that a source which is forgotten reads as nothing known, and never as nothing wrong."""
    assert getattr(gathered.Gathered(), name) is gathered.NOT_ASKED


def read_by(read: Callable[[Any], Any], resource: Any) -> str:
    """Return how reading one resource among others ends."""
    found = gathered.listed({"west": [resource]}, "x", read)
    return "read" if found.whole else found.garbled[0].name


@pytest.mark.parametrize("read", [resources.job, resources.function, resources.service, resources.subscription])
@pytest.mark.parametrize("resource", [{"name": "projects/p/x/a", "labels": {}}, {"name": "projects/p/x/a", "new": [1]}])
def test_a_resource_of_a_later_version_is_read(read: Callable[[Any], Any], resource: Any) -> None:
    """Fields that this version does not know are no garbage, and what is left out has its default."""
    assert read_by(read, resource) == "read"


def test_a_series_that_goes_on_in_the_next_page_keeps_its_newest_age() -> None:
    """In whatever order the parts come."""
    new, old = series("a", ("12:59", {"int64Value": "12"})), series("a", ("12:00", {"int64Value": "7200"}))

    assert gathered.ages([new, old]) == gathered.ages([old, new]) == {"a": 12.0}
