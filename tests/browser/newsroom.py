"""Runs, findings and what the page is told of them, plain unless a test says otherwise."""

import dataclasses
import datetime
from typing import Any

from cloud_functions.daily_health_check.page import rendering
from shared import history, report
from shared.statuses import Status

NOW = datetime.datetime(2026, 2, 12, 18, 2, 30, tzinfo=datetime.UTC)
PROJECT = "nba-props-platform"


def run(function: str, scope: str | None = None, *, hours: float = 1, **more: Any) -> history.Run:
    """Return a run that began so many hours ago; it passed, and was complete, unless told otherwise."""
    began = NOW - datetime.timedelta(hours=hours)
    plain = history.Run(
        run_id=f"{began:%Y%m%dT%H%M%SZ}-{function}-{scope}",
        function=function,
        scope=scope,
        day=began.date(),
        started_at=began,
        status=Status.PASS,
        complete=True,
        summary=f"{scope or function}: all pass",
        request={},
        counts={},
        duration_ms=4210,
        bytes_billed=None,
        stage_hash="9f2c",
        revision=None,
        error_code=None,
        error_message=None,
    )
    return dataclasses.replace(plain, **more)


def said(of: history.Run, subject: str, status: Status = Status.FAIL, **more: Any) -> history.Said:
    """Return what a run said of a subject."""
    plain = history.Said(
        run_id=of.run_id,
        function=of.function,
        scope=of.scope,
        day=of.day,
        started_at=of.started_at,
        id=f"{more.get('kind', 'percent')}:{subject}",
        subject=subject,
        kind="percent",
        status=status,
        reason="ok" if status is Status.PASS else "over_threshold",
        severity="critical",
        observed_text=None,
        expected_text=None,
        unit=None,
        message=f"{subject} is as expected" if status is Status.PASS else f"{subject} is not as expected",
        fix=None,
        since=None,
        streak=None,
        change=None,
        caused_by=None,
    )
    return dataclasses.replace(plain, **more)


def told(*found: history.Said, runs: tuple[history.Run, ...] = (), **more: Any) -> rendering.Told:
    """Return what the page is told, with as little as possible unless told otherwise."""
    plain = rendering.Told(runs, found, {}, None, PROJECT, NOW.date())
    return dataclasses.replace(plain, **more)


def ago(days: float) -> str:
    """Return the instant so many days ago, as a finding's `since`."""
    return report.iso(NOW - datetime.timedelta(days=days))
