"""How a job's last attempt ended, from what its status and the Scheduler's log tell."""

import dataclasses
import datetime
from typing import Any

import pytest

from cloud_functions.daily_health_check import snapshots
from cloud_functions.daily_health_check.doctor import outcomes
from tests.cloud_functions.daily_health_check import doctor_cases

KNOWN = doctor_cases.read("healthy-daily").known
STARTED = datetime.datetime(2026, 2, 12, 16, tzinfo=datetime.UTC)
JOB = dataclasses.replace(KNOWN.jobs[0], last_attempt=STARTED, deadline=540.0)


def entry(minutes: float = 1, **told: Any) -> snapshots.Attempt:
    """Return an entry of the log, some minutes after the last attempt began."""
    at = STARTED + datetime.timedelta(minutes=minutes)
    return snapshots.Attempt(
        **{"job": JOB.name, "at": at, "status": None, "http": None, "debug": "", "url": None, **told}
    )


def outcome(*entries: snapshots.Attempt, after: float = 120, **job: Any) -> outcomes.Outcome | None:
    """Return how the job's attempt ended, some minutes after it began."""
    now = STARTED + datetime.timedelta(minutes=after)
    return outcomes.of(dataclasses.replace(JOB, **job), entries, now)


@pytest.mark.parametrize(
    ("status", "http", "debug", "kind"),
    [
        (None, 200, "URL_CRAWLED. Original HTTP response code number = 200", "ok"),
        (None, 204, "", "ok"),
        (None, None, "URL_CRAWLED", "ok"),
        ("UNAUTHENTICATED", 401, "", "unauthenticated"),
        ("UNKNOWN", None, "URL_ERROR-ERROR_AUTHENTICATION", "unauthenticated"),
        ("PERMISSION_DENIED", 403, "URL_ERROR-ERROR_OTHER", "forbidden"),
        ("NOT_FOUND", 404, "", "not_found"),
        ("UNKNOWN", 410, "", "not_found"),
        ("UNKNOWN", None, "URL_ERROR-ERROR_NOT_FOUND", "not_found"),
        ("RESOURCE_EXHAUSTED", 429, "URL_UNREACHABLE-UNREACHABLE_5xx", "busy"),
        ("INTERNAL", 500, "URL_UNREACHABLE-UNREACHABLE_5xx", "server"),
        ("INTERNAL", None, "URL_UNREACHABLE-UNREACHABLE_5xx. Original HTTP response code number = 503", "unavailable"),
        ("INTERNAL", 502, "", "unavailable"),
        ("INTERNAL", 505, "", "server"),
        ("UNIMPLEMENTED", 501, "", "other"),
        ("INVALID_ARGUMENT", 400, "", "other"),
        ("UNKNOWN", 302, "", "server"),
        ("DEADLINE_EXCEEDED", 504, "", "late"),
        ("DEADLINE_EXCEEDED", 200, "", "late"),
        ("UNKNOWN", None, "URL_TIMEOUT-TIMEOUT_WEB", "late"),
        ("UNAVAILABLE", None, "URL_UNREACHABLE-UNREACHABLE_NO_RESPONSE", "unreachable"),
        ("UNAVAILABLE", None, "URL_ERROR-ERROR_DNS", "unreachable"),
        ("UNAVAILABLE", None, "SSL certificate problem", "unreachable"),
        ("UNAVAILABLE", None, "", "unavailable"),
        ("ABORTED", None, "", "other"),
        (None, 500, "", "server"),
    ],
)
def test_an_entry_of_the_log_has_its_kind(status: str | None, http: int | None, debug: str, kind: str) -> None:
    """HTTP tells more than a google.rpc name, the debug text more than a name alone."""
    found = outcome(entry(status=status, http=http, debug=debug))

    assert found
    assert found.kind == kind


@pytest.mark.parametrize("code", range(17))
def test_a_code_has_its_name(code: int) -> None:
    """Without a log the job's own code tells, and 0 alone is good."""
    found = outcome(code=code)

    assert found
    assert found.status == outcomes.NAMES[code]
    assert (found.kind == "ok") == (code == 0)


@pytest.mark.parametrize("code", [17, 99, -7])
def test_a_code_without_a_name_is_bad_too(code: int) -> None:
    """Whatever it means, it is not OK."""
    found = outcome(code=code)

    assert found
    assert (found.status, found.kind) == (f"CODE_{code}", "other")


def test_an_entry_that_tells_nothing_is_no_evidence() -> None:
    """Of an HTTP target; one of a topic tells nothing when all is well."""
    silent = entry()

    assert outcome(silent, code=None) is None
    assert outcome(silent, code=13) == outcome(code=13)
    assert [one.status for one in [outcome(silent, target="pubsub", code=13)] if one] == ["OK"]


@pytest.mark.parametrize(
    ("minutes", "status"), [(1, "OK"), (0, "OK"), (-1 / 60, "OK"), (-2 / 60, "INTERNAL"), (-600, "INTERNAL")]
)
def test_the_newer_word_is_believed(minutes: float, status: str) -> None:
    """An entry of the last attempt or later wins over the job's status; the two clocks may differ by a second."""
    found = outcome(entry(minutes, http=200), code=13)

    assert found
    assert found.status == status


def test_of_several_entries_the_last_counts() -> None:
    """In whatever order they are read."""
    found = outcome(entry(2, http=200), entry(1, status="INTERNAL", http=500), code=13)

    assert found
    assert found.status == "OK"


@pytest.mark.parametrize(("after", "status"), [(10, "INTERNAL"), (10.1, None)])
def test_while_an_attempt_is_under_way_the_one_before_counts(after: float, status: str | None) -> None:
    """For the 540 s of its deadline and a minute more."""
    found = outcome(entry(-30, status="INTERNAL", http=500), after=after, code=None)

    assert (found.status if found else None) == status


def test_the_log_is_read_around_the_attempt() -> None:
    """From a minute before it began to a minute after it ended, or would have."""
    logged, guessed = outcome(entry(3, status="INTERNAL", http=500)), outcome(code=13)
    before = outcome(entry(-30, status="INTERNAL", http=500), after=5, code=None)
    assert logged
    assert guessed
    assert before

    def minutes(found: outcomes.Outcome) -> tuple[float, float]:
        return ((found.since - STARTED).total_seconds() / 60, (found.until - STARTED).total_seconds() / 60)

    assert minutes(logged) == (-1, 4)
    assert minutes(guessed) == (-1, 10)
    assert minutes(before) == (-40, -29)
