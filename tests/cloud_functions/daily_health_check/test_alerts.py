"""Whether people were told stands in the relay's own last report; where there is none, nobody knows."""

import datetime
from typing import Any

import pytest

from cloud_functions.daily_health_check.judges import alerts
from shared import errors, history
from shared.report import Finding
from shared.statuses import Status
from tests.browser import newsroom

NOW = datetime.datetime(2026, 2, 12, 20, 0, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
FUNCTIONS = ("alert_relay", "daily_health_check")


def ran(hours: float, function: str = "alert_relay", **changes: Any) -> history.Run:
    """Return a run of the relay, so many hours ago."""
    at = NOW - hours * HOUR
    return newsroom.run(function, started_at=at, run_id=f"{function}-{at:%d%H%M}", **changes)


def judged(runs: Any, said: Any = (), functions: tuple[str, ...] = FUNCTIONS) -> list[Finding]:
    """Return the findings on alerts."""
    return list(alerts.findings(runs, said, functions, NOW))


def brief(found: list[Finding]) -> list[tuple[str, Status, str]]:
    """Return subject, status and reason of each finding, all of one kind."""
    assert {x.kind for x in found} == {"alert"}
    return [(x.subject, x.status, x.reason) for x in found]


def test_nothing_undelivered_passes() -> None:
    """It names the run that said so; what it delivered or had no need to send is not told again."""
    run = ran(1)
    said = (newsroom.said(run, "a", Status.PASS), newsroom.said(run, "b", Status.SKIP))
    found = judged([run], said)

    assert brief(found) == [("all", Status.PASS, "delivered")]
    assert run.run_id in found[0].message


@pytest.mark.parametrize("status", [Status.FAIL, Status.ERROR, Status.WARN, Status.UNKNOWN])
def test_what_is_undelivered_is_told_again(status: Status) -> None:
    """Each message with the relay's own status, reason, words and fix; and no all-clear beside it."""
    run = ran(1)
    own = newsroom.said(run, "webhook/1", status, reason="undelivered", message="503 four times", fix="send it again")
    found = judged([run], (own, newsroom.said(run, "b", Status.PASS), newsroom.said(run, "c", status, reason="lost")))

    assert brief(found) == [("webhook/1", status, "undelivered"), ("c", status, "lost")]
    assert (found[0].message, found[0].fix, found[0].evidence) == (
        "503 four times", "send it again", {"run": run.run_id},
    )  # fmt: skip
    assert found[1].fix == f"read the report {run.run_id} of alert_relay"


def test_the_last_run_that_did_its_work_counts() -> None:
    """Not an earlier one, not one that failed as a whole, and no other function's."""
    bad, good, failed, other = ran(3), ran(2), ran(1, error_code="internal"), ran(0.5, "daily_health_check")
    said = tuple(newsroom.said(run, "x") for run in (bad, failed, other))

    assert alerts.latest([bad, failed, other, good]) == good
    assert brief(judged([bad, other, good], said)) == [("all", Status.PASS, "delivered")]


def test_a_relay_that_failed_since_is_unknown() -> None:
    """What its last good report left delivered says nothing of what came after it."""
    found = judged([ran(1, error_code="internal"), ran(2)])

    assert brief(found) == [("all", Status.UNKNOWN, "not_reported")]
    assert "1 run(s) failed as a whole, the last one with internal" in found[0].message


@pytest.mark.parametrize(("hours", "status"), [(11, Status.PASS), (13, Status.UNKNOWN), (600, Status.UNKNOWN)])
def test_an_old_report_of_the_relay_says_nothing_of_now(hours: float, status: Status) -> None:
    """It is due every quarter of an hour; one of half a day ago is no word about today."""
    assert judged([ran(hours)])[0].status is status


@pytest.mark.parametrize("runs", [[], [ran(1, error_code="internal")], [ran(1, "daily_health_check")]])
def test_a_relay_that_never_reported_is_unknown(runs: list[history.Run]) -> None:
    """Nothing tells that anybody was told, and nothing that nobody was."""
    found = judged(runs)

    assert alerts.latest(runs) is None
    assert brief(found) == [("all", Status.UNKNOWN, "never_reported")]
    assert found[0].fix


@pytest.mark.parametrize(
    ("error", "reason"), [(errors.AccessDenied("no"), "access_denied"), (errors.Unavailable("slow"), "unavailable")]
)
@pytest.mark.parametrize("source", ["runs", "said"])
def test_without_the_ledger_it_is_an_error(source: str, error: errors.CloudError, reason: str) -> None:
    """Whichever of its tables cannot be read."""
    found = judged(error if source == "runs" else [ran(1)], error if source == "said" else ())

    assert brief(found) == [("all", Status.ERROR, reason)]


def test_without_a_relay_it_is_skipped() -> None:
    """A fork may deploy without it, and then the ledger is of no matter."""
    assert brief(judged(errors.Unavailable("slow"), (), ("daily_health_check",))) == [
        ("all", Status.SKIP, "not_deployed")
    ]
