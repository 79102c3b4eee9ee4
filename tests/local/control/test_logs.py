"""Entries of Cloud Logging: the two filters of production, pages, and the refusal of everything else."""

import datetime

import pytest

from cloud_functions.daily_health_check import resources
from tests.local.control import asking

HOUR = datetime.timedelta(hours=1)


def test_an_attempt_is_told_where_and_how_it_ended(ask: asking.Asker) -> None:
    """The newest is first; its end comes as long after its beginning as the attempt took."""
    found = ask.attempts()
    assert [one.at for one in found] == sorted((one.at for one in found), reverse=True)
    ends = {one.job.rsplit("/", 1)[-1]: one for one in found}
    slow = ends["self-heal-predictions"]
    assert (slow.status, slow.http, slow.debug) == ("DEADLINE_EXCEEDED", None, "URL_TIMEOUT-TIMEOUT_WEB")
    begun = ask.job("self-heal-predictions").last_attempt
    assert begun is not None
    assert slow.at - begun == datetime.timedelta(seconds=180)
    assert ends["same-day-predictions-tomorrow"].debug.startswith("URL_ERROR-ERROR_NOT_FOUND")
    assert ends["registry-health-check"].debug.startswith("URL_UNREACHABLE-UNREACHABLE_5xx")
    assert ends["registry-health-check"].url == ask.job("registry-health-check").uri


def test_only_what_lies_in_the_span_is_told(ask: asking.Asker) -> None:
    """The freshness monitor's attempts of its evening are found for the evening, every five minutes, and no others."""
    midnight = datetime.datetime(2026, 2, 12, 5, 0, tzinfo=datetime.UTC)
    entries = ask.search(asking.failed_attempts(midnight - HOUR, midnight))["entries"]
    times = [resources.attempt(one).at for one in entries]
    assert len(entries) == 12
    assert all(midnight - HOUR <= at <= midnight for at in times)
    assert ask.search(asking.failed_attempts(asking.NOW + HOUR, asking.NOW + 2 * HOUR)) == {}
    assert len(ask.attempts(datetime.timedelta(days=5))) > 4 * len(times)


def test_the_bounds_of_a_span_are_exact(ask: asking.Asker) -> None:
    """An attempt that ended at a bound is told; one that ended a moment outside is not; so it is with lines."""
    moment = datetime.timedelta(microseconds=1)
    attempt = next(one for one in ask.attempts() if one.job.endswith("/firestore-state-cleanup"))
    line = next(one for one in ask.lines("transition-monitor") if one.own)
    for at, text in (
        (attempt.at, asking.failed_attempts),
        (line.at, lambda first, last: asking.lines_of(["transition-monitor"], first, last)),
    ):
        assert len(ask.search(text(at, at))["entries"]) == 1
        assert ask.search(text(at - HOUR / 60, at - moment)) == {}
        later = ask.search(text(at + moment, at + HOUR / 60)).get("entries", [])
        assert asking.instant(at) not in [one["timestamp"] for one in later]


def test_nothing_is_older_than_the_log_keeps_it(ask: asking.Asker) -> None:
    """Thirty days, whatever span is asked for."""
    text = asking.failed_attempts(asking.NOW - datetime.timedelta(days=400), asking.NOW - datetime.timedelta(days=31))
    assert ask.search(text) == {}


def test_entries_come_page_by_page(ask: asking.Asker) -> None:
    """A page has 50 unless another size is asked for, at most 1,000; together they are the whole."""
    text = asking.failed_attempts(asking.NOW - 12 * asking.DAY, asking.NOW)
    assert len(ask.search(text, pageSize=0)["entries"]) == 50
    first = ask.search(text, pageSize=5000)
    assert len(first["entries"]) == 1000
    second = ask.search(text, pageToken=first["nextPageToken"])
    assert "nextPageToken" not in second
    ids = [one["insertId"] for one in first["entries"] + second["entries"]]
    assert len(ids) == len(set(ids)) == 12 * (120 + 6)


def test_a_traceback_is_in_the_log_of_the_service_that_crashed(ask: asking.Asker) -> None:
    """The service's own line lies within the attempt, beside the platform's line about the request."""
    for service, job in (
        ("transition-monitor", "firestore-state-cleanup"),
        ("nba-reference-service", "registry-health-check"),
    ):
        lines = ask.lines(service)
        (own,) = [one for one in lines if one.own]
        (platforms,) = [one for one in lines if not one.own]
        begun = ask.job(job).last_attempt
        (ended,) = [one.at for one in ask.attempts() if one.job.endswith(f"/{job}")]
        assert begun is not None
        assert begun < own.at < platforms.at < ended
        assert own.severity == "ERROR"
        assert own.text.startswith("Traceback")


def test_a_service_that_did_not_run_wrote_nothing(ask: asking.Asker) -> None:
    """Where no container started, or no instance was free, only the platform has lines, and they say why."""
    unready, full = ask.lines("nba-grading-alerts"), ask.lines("nba-phase3-analytics-processors")
    assert not any(one.own for one in (*unready, *full))
    assert any("STARTUP TCP probe failed" in one.text for one in unready)
    assert ["no available instance" in one.text for one in full] == [True]


def test_work_that_outlasts_the_deadline_is_done_all_the_same(ask: asking.Asker) -> None:
    """The slow service's last own line comes minutes after the Scheduler gave up."""
    newest = next(one for one in ask.lines("self-heal-predictions") if one.own)
    (ended,) = [one.at for one in ask.attempts() if one.job.endswith("/self-heal-predictions")]
    assert newest.at - ended > datetime.timedelta(minutes=3)
    assert newest.severity == "INFO"


def test_each_service_asked_for_is_told_and_no_other(ask: asking.Asker) -> None:
    """Names are joined by OR; a service that was never called in vain has no lines."""
    assert {one.service for one in ask.lines("transition-monitor", "self-heal-predictions")} == {
        "transition-monitor",
        "self-heal-predictions",
    }
    assert ask.lines("prediction-worker", "no-such") == []


SPAN = asking.between(asking.NOW - HOUR, asking.NOW)
GOOD = asking.failed_attempts(asking.NOW - HOUR, asking.NOW)


@pytest.mark.parametrize(
    "text",
    [
        "",
        'resource.type="cloud_function"',
        'resource.type="cloud_scheduler_job"',
        f'resource.type="cloud_scheduler_job" AND severity>=ERROR AND {SPAN}',
        GOOD.replace("severity>=ERROR", "severity>=WARNING"),
        GOOD.replace(" AND ", " and "),
        GOOD.partition(" AND timestamp<=")[0],
        f'{GOOD} OR severity="INFO"',
        f'resource.type="cloud_run_revision" AND resource.labels.service_name=() AND {SPAN}',
        f'resource.type="cloud_run_revision" AND resource.labels.service_name="a" AND {SPAN}',
        f'resource.type="cloud_run_revision" AND resource.labels.service_name=("a" AND "b") AND {SPAN}',
    ],
)
def test_another_filter_is_refused_by_name(ask: asking.Asker, text: str) -> None:
    """Nothing is found by a filter that was not understood."""
    body = {"resourceNames": [asking.PROJECT], "filter": text, "orderBy": "timestamp desc"}
    code, status, message = ask.refused(asking.ENTRIES, method="POST", json=body)
    assert (code, status) == (400, "INVALID_ARGUMENT")
    assert message.endswith(text)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"filter": GOOD.replace("2026-02-12T", "yesterday ")}, 400),
        ({"filter": GOOD.replace("Z", "")}, 400),
        ({"orderBy": "timestamp asc"}, 400),
        ({"orderBy": ""}, 400),
        ({"pageSize": -1}, 400),
        ({"pageToken": "x"}, 400),
        ({"pagesize": 10}, 400),
        ({"resourceNames": ["projects/another"]}, 403),
        ({"resourceNames": []}, 403),
    ],
)
def test_another_question_is_refused(ask: asking.Asker, change: dict[str, object], code: int) -> None:
    """The instants, the order, the page, the names of fields and the project must be right."""
    body = {"resourceNames": [asking.PROJECT], "filter": GOOD, "orderBy": "timestamp desc"} | change
    assert ask.refused(asking.ENTRIES, method="POST", json=body)[0] == code


@pytest.mark.parametrize("body", [b"[]", b"{", b"\xff"])
def test_a_body_that_is_no_object_is_refused(ask: asking.Asker, body: bytes) -> None:
    """Also when it is JSON."""
    assert ask.refused(asking.ENTRIES, method="POST", data=body)[:2] == (400, "INVALID_ARGUMENT")
