"""The stand-in as a server: tokens, faults, nonsense, counting, and its end."""

import socket
import threading
import time

import pytest
import requests

from local.control import server
from local.world import platform
from tests.local.control import asking

READS = {
    "cloudscheduler": (asking.JOBS, "jobs"),
    "cloudfunctions": (asking.FUNCTIONS, "functions"),
    "run": (asking.SERVICES, "services"),
}


@pytest.mark.parametrize("header", [None, "", "Basic eDp5", "Bearer ", "token"])
def test_a_call_without_a_token_is_refused(ask: asking.Asker, header: str | None) -> None:
    """Every API answers 401 in Google's shape."""
    ask.session.headers.pop("Authorization")
    headers = {} if header is None else {"Authorization": header}
    for path in (asking.JOBS, asking.FUNCTIONS, asking.SERVICES, asking.SERIES):
        assert ask.refused(path, headers=headers)[:2] == (401, "UNAUTHENTICATED")
    assert ask.refused(asking.ENTRIES, method="POST", headers=headers, json={})[:2] == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/cloudscheduler.googleapis.com/v2/projects/p/locations/l/jobs"),
        ("GET", "/bigquery.googleapis.com/v2/projects/p/datasets"),
        ("DELETE", f"{asking.JOBS}/same-day-phase3"),
        ("POST", f"{asking.SERVICES}/prediction-worker:setIamPolicy"),
        ("GET", "/_nothing"),
        ("PUT", "/_world"),
        ("PUT", "/_faults"),
        ("POST", "/_requests"),
    ],
)
def test_what_it_does_not_have_is_not_found(ask: asking.Asker, method: str, path: str) -> None:
    """The call is named."""
    code, status, message = ask.refused(path, method=method)
    assert (code, status) == (404, "NOT_FOUND")
    assert f"{method} {path}" in message


def test_it_tells_that_it_is_there(ask: asking.Asker) -> None:
    """Without a token, and without being counted."""
    assert requests.get(f"{ask.url}/", timeout=10).json() == {"status": "ok"}
    assert ask.get("/_requests") == {"total": 0, "by_call": {}}


def test_requests_are_counted_by_call(ask: asking.Asker) -> None:
    """Also those that are refused; hooks are not."""
    ask.jobs()
    ask.services()
    ask.services()
    ask.refused("/nowhere")
    counted = {"cloudscheduler.jobs.list": 1, "run.services.list": 2, "unknown": 1}
    assert ask.get("/_requests") == {"total": 4, "by_call": counted}


@pytest.mark.parametrize(
    ("code", "status"), [(403, "PERMISSION_DENIED"), (429, "RESOURCE_EXHAUSTED"), (503, "UNAVAILABLE")]
)
def test_a_refusal_is_answered_in_googles_shape(ask: asking.Asker, code: int, status: str) -> None:
    """The calls that match are refused as often as asked for, and others are not."""
    fault = {"match": "GET /cloudscheduler", "action": "refuse", "status": code, "message": "no", "times": 2}
    ask.session.post(f"{ask.url}/_faults", json=fault, timeout=10)
    assert ask.services()
    assert [ask.refused(asking.JOBS) for _ in range(2)] == [(code, status, "no")] * 2
    assert ask.jobs()


def test_a_fault_sees_the_body(ask: asking.Asker) -> None:
    """One search can fail while the other does not."""
    fault = {"match": r"entries:list\n.*cloud_run_revision", "action": "refuse", "status": 500}
    ask.session.post(f"{ask.url}/_faults", json=fault, timeout=10)
    assert ask.attempts()
    with pytest.raises(AssertionError, match="INTERNAL"):
        ask.lines("transition-monitor")


def test_an_answer_is_dropped(ask: asking.Asker) -> None:
    """The connection breaks after the call was executed: the job is paused."""
    ask.session.post(f"{ask.url}/_faults", json={"match": ":pause", "action": "drop_answer"}, timeout=10)
    with pytest.raises(requests.ConnectionError):
        ask.session.post(f"{ask.url}{asking.JOBS}/same-day-phase3:pause", timeout=10)
    assert ask.job("same-day-phase3").state == "PAUSED"


@pytest.mark.parametrize(("action", "state"), [("hold", "ENABLED"), ("hold_answer", "PAUSED")])
def test_a_call_is_held_until_the_fault_is_taken_back(ask: asking.Asker, action: str, state: str) -> None:
    """A caller with a timeout gives up; one without waits, and sees a broken connection in the end."""
    ask.session.post(f"{ask.url}/_faults", json={"match": ":pause", "action": action, "times": 2}, timeout=10)
    url = f"{ask.url}{asking.JOBS}/same-day-phase3:pause"
    with pytest.raises(requests.ReadTimeout):
        ask.session.post(url, timeout=0.2)
    release = threading.Timer(0.3, lambda: requests.delete(f"{ask.url}/_faults", timeout=10))
    release.start()
    began = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        ask.session.post(url, timeout=10)
    release.join()
    assert time.monotonic() - began > 0.2
    assert ask.job("same-day-phase3").state == state


@pytest.mark.parametrize(
    "fault", [{"match": "(", "action": "refuse"}, {"match": "x", "action": "fail_job"}, {"action": "hold"}]
)
def test_what_is_no_fault_is_refused(ask: asking.Asker, fault: dict[str, str]) -> None:
    """Nothing is armed."""
    assert ask.refused("/_faults", method="POST", json=fault)[:2] == (400, "INVALID_ARGUMENT")
    assert ask.get("/_faults") == {"armed": [], "committed": 0}


@pytest.mark.parametrize("api", READS)
def test_an_api_answers_nonsense_with_200(ask: asking.Asker, api: str) -> None:
    """A page of HTML, JSON of another shape, or half of the answer; the other APIs do not."""
    path, name = READS[api]
    good = ask.session.get(ask.url + path, timeout=10)
    ask.throw(garbage={api: "html"})
    page = ask.session.get(ask.url + path, timeout=10)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert page.text.startswith("<!doctype html>")
    ask.throw(garbage={api: "shape"})
    assert ask.get(path)[name] == 7
    ask.throw(garbage={api: "truncated"})
    cut = ask.session.get(ask.url + path, timeout=10)
    assert cut.status_code == 200
    assert cut.content == good.content[: len(good.content) // 2]
    for other, (elsewhere, shown) in READS.items():
        assert other == api or isinstance(ask.get(elsewhere)[shown], list)


def test_logs_and_ages_can_be_nonsense_too(ask: asking.Asker) -> None:
    """As the lists can."""
    ask.throw(garbage={"logging": "shape", "monitoring": "shape"})
    assert ask.search(asking.failed_attempts(asking.NOW - asking.DAY, asking.NOW)) == {"entries": 7}
    query = {"filter": asking.AGES, "interval.endTime": asking.instant(asking.NOW)}
    assert ask.get(asking.SERIES, **query) == {"timeSeries": 7}


def test_a_body_without_length_is_refused(ask: asking.Asker) -> None:
    """What cannot be read to its end must not be taken for the next request."""
    assert ask.refused(asking.ENTRIES, method="POST", data=iter([b"{}"]))[0] == 411


def test_it_tells_the_time_by_this_machine_unless_told_otherwise() -> None:
    """Jobs of a stand-in without a clock of its own were attempted in the last week, whenever it is asked."""
    running = server.serve()
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer x"
        job = asking.Asker(running.url, session).job("prediction-stall-check")
    running.close()
    assert job.last_attempt
    assert 0 < time.time() - job.last_attempt.timestamp() < 25 * 60


def test_it_serves_another_platform() -> None:
    """One with nothing has nothing, and its port is free after the end."""
    running = server.serve(world=platform.Platform())
    port = int(running.url.rsplit(":", 1)[-1])
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer x"
        ask = asking.Asker(running.url, session)
        assert [ask.get(path) for path in (asking.JOBS, asking.FUNCTIONS, asking.SERVICES)] == [{}, {}, {}]
        running.close()
    with socket.create_server(("127.0.0.1", port)):
        pass
