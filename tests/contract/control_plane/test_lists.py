"""Lists are followed to their end and are whole or an error; what they are asked for cannot be bent."""

import datetime
from typing import Any

import pytest

from shared import errors
from shared.gcp import control_plane
from tests.contract.control_plane import tools


def test_everything_of_the_demo_is_listed(standin: tools.Standin) -> None:
    """One call each, and each is counted."""
    plane = standin.plane()
    found = {name: ask(plane) for name, ask in tools.ASKS.items()}

    assert len(found["cloudscheduler"]) == 110
    assert {len(found["cloudfunctions"]), len(found["run"]), len(found["monitoring"])} <= {*range(17, 60)}
    assert found["policy"]["bindings"][0]["role"] == "roles/run.invoker"
    assert {one["jsonPayload"]["status"] for one in found["logging"]} >= {"INTERNAL", "NOT_FOUND"}
    assert {one["resource"]["labels"]["service_name"] for one in found["lines"]} == {"transition-monitor"}
    assert standin.total == plane.calls.total == len(tools.ASKS)


def test_five_thousand_jobs_are_eleven_calls(standin: tools.Standin) -> None:
    """Five hundred on a page, each job once, the demo's own among them."""
    standin.throw(extra_jobs=5000)
    plane = standin.plane()
    found = control_plane.jobs(plane, tools.REGION)

    assert len({one["name"] for one in found}) == len(found) == 5110
    assert standin.calls == {"cloudscheduler.jobs.list": 11}
    assert plane.calls.total == 11


@pytest.mark.parametrize(
    ("name", "items"),
    [
        ("cloudscheduler", "jobs"),
        ("cloudfunctions", "functions"),
        ("run", "services"),
        ("logging", "entries"),
        ("lines", "entries"),
        ("monitoring", "timeSeries"),
    ],
)
def test_pages_are_followed_to_the_end(name: str, items: str) -> None:
    """In order, with the token of each page before and the same question; an empty page is not the end."""
    pages = ({items: [1, 2], "nextPageToken": "a"}, {"nextPageToken": "b"}, {items: [3]})
    with tools.scripted(*pages) as running:
        found = tools.ASKS[name](tools.connected(running.url))

    assert found == [1, 2, 3]
    assert [one.pop("pageToken", None) for one in running.heard] == [None, "a", "b"]
    assert running.heard[0] == running.heard[1] == running.heard[2]


@pytest.mark.parametrize(
    "page",
    [
        {"jobs": [3], "nextPageToken": "a"},
        {"jobs": [3], "nextPageToken": 7},
        {"jobs": [3], "nextPageToken": None},
        {"jobs": {"3": 3}},
        {"jobs": 7},
        {"jobs": None},
        [],
        "jobs",
        7,
        None,
    ],
)
def test_a_page_that_is_none_makes_the_list_garbled(page: Any) -> None:
    """A token that comes again or is no text, items that are no list, no object at all: a part is no list."""
    with tools.scripted({"jobs": [1, 2], "nextPageToken": "a"}, page) as running, pytest.raises(errors.Garbled):
        control_plane.jobs(tools.connected(running.url), tools.REGION)


@pytest.mark.parametrize(
    ("ask", "items", "most"),
    [(tools.ASKS["cloudscheduler"], "jobs", control_plane.MOST_PAGES), (tools.ASKS["logging"], "entries", 5)],
)
def test_a_list_without_an_end_is_left(ask: tools.Ask, items: str, most: int) -> None:
    """A server that always promises another page is asked no more than so often."""
    pages = [{items: [number], "nextPageToken": str(number)} for number in range(most + 1)]
    with tools.scripted(*pages) as running, pytest.raises(errors.Garbled, match=f"more than {most} pages"):
        ask(tools.connected(running.url))

    assert len(running.heard) == most


@pytest.mark.parametrize(("status", "error"), [(403, errors.AccessDenied), (503, errors.Unavailable)])
def test_a_missing_page_is_an_error(standin: tools.Standin, status: int, error: type[errors.CloudError]) -> None:
    """What came before it is no list."""
    standin.throw(extra_jobs=1000)
    standin.arm("refuse", "pageToken", status=status, message="not that page")

    with pytest.raises(error, match=f"asking cloudscheduler.googleapis.com: {status} not that page"):
        control_plane.jobs(standin.plane(), tools.REGION)


@pytest.mark.parametrize("kind", ["html", "shape", "truncated"])
@pytest.mark.parametrize("api", ["cloudscheduler", "cloudfunctions", "run", "logging", "monitoring"])
def test_garbage_is_garbled(standin: tools.Standin, api: str, kind: str) -> None:
    """A page for people, a list that is none, half an answer: with status 200 none of them is an empty list."""
    standin.throw(garbage={api: kind})

    with pytest.raises(errors.Garbled, match="googleapis"):
        tools.ASKS[api](standin.plane())
    others = [name for name in ("cloudscheduler", "cloudfunctions", "run", "logging", "monitoring") if name != api]
    assert all(tools.ASKS[name](standin.plane()) for name in others)


@pytest.mark.parametrize(
    "name", ['a" OR severity>="DEFAULT', "a)", "", "a b", "a\nb", "a\n", "a.b", "ä", "projects/p/services/a", "a*"]
)
def test_a_name_that_would_leave_its_quotes_is_refused(standin: tools.Standin, name: str) -> None:
    """Before anything is asked."""
    with pytest.raises(errors.Rejected, match="cannot be the name of a service"):
        control_plane.lines(
            standin.plane(), ["transition-monitor", name], first=tools.NOW - tools.HOUR, until=tools.NOW
        )
    assert standin.total == 0


def test_logs_are_read_between_two_instants(standin: tools.Standin) -> None:
    """Of the services that are named and of no others, newest first."""
    services = ["transition-monitor", "nba-reference-service"]
    first, until = tools.NOW - 8 * tools.HOUR, tools.NOW - 3 * tools.HOUR
    found = control_plane.lines(standin.plane(), services, first=first, until=until)
    at = [datetime.datetime.fromisoformat(one["timestamp"]) for one in found]

    assert {one["resource"]["labels"]["service_name"] for one in found} == set(services)
    assert at == sorted(at, reverse=True)
    assert all(first <= one <= until for one in at)
    earlier = control_plane.lines(standin.plane(), services, first=first - 24 * tools.HOUR, until=until)
    assert [one for one in earlier if one["timestamp"] >= first.isoformat()] == found
    assert len(earlier) > len(found) > 0
