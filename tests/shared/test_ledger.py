"""The ledger's rows and what its history tells, as values."""

import dataclasses
import datetime
import json
import math
from typing import Any

import pytest

from shared import history, ledger, report
from shared.history import Past
from shared.report import Finding
from shared.statuses import Status

NOW = datetime.datetime(2026, 2, 12, 10, 0, 0, 123456, tzinfo=datetime.UTC)
NOW_TEXT = "2026-02-12T10:00:00.123Z"
BAD = (Status.FAIL, Status.ERROR, Status.WARN, Status.UNKNOWN)


def finding(status: Status = Status.FAIL, **changes: Any) -> Finding:
    """Return a finding of some status."""
    return dataclasses.replace(Finding("d.t", "rows", status, "too_few", "what was seen"), **changes)


def finished(*findings: Finding, **changes: Any) -> report.Report:
    """Return a report with these findings."""
    build = report.Build("abc", "123", "r-1")
    return dataclasses.replace(report.Report("f", "20260212T100000Z-x", "in short", NOW, build, findings), **changes)


def past(status: Status, days_ago: int = 1, **changes: Any) -> Past:
    """Return what a run said some days ago at 08:00, without a history of its own."""
    began = NOW.replace(hour=8, minute=0, microsecond=0) - datetime.timedelta(days=days_ago)
    return dataclasses.replace(
        Past("rows:d.t", began.date(), began, status, "because", None, None, None),
        **changes,
    )


def one(now: Finding, *earlier: Past) -> Finding:
    """Return what is told of one finding, given what earlier runs said."""
    (told,) = history.compared((now,), earlier, started_at=NOW)
    return told


def standing(told: Finding) -> tuple[str | None, int | None, str | None]:
    """Return what is told of a finding's past."""
    return told.since, told.streak, told.change


@pytest.mark.parametrize("table", [ledger.RUNS, ledger.FINDINGS])
def test_rows_have_the_columns_of_their_table(table: ledger.Table) -> None:
    """A row has every column, no other, and a value wherever one is required."""
    whole = finished(
        finding(), finding(Status.SKIP, evidence={"a": 1}), error=report.Failure("internal", "it broke", "i")
    )
    rows = [ledger.run_row(whole)] if table is ledger.RUNS else ledger.finding_rows(whole)

    assert rows
    for row in rows:
        assert list(row) == [column.name for column in table.columns]
        assert [column.name for column in table.columns if column.mode == "REQUIRED" and row[column.name] is None] == []


@pytest.mark.parametrize("table", [ledger.RUNS, ledger.FINDINGS])
def test_tables_are_partitioned_and_clustered_by_columns_they_have(table: ledger.Table) -> None:
    """The layout names columns of the table, the partition a required DATE, and every column says what it is."""
    columns = {column.name: column for column in table.columns}
    assert (columns[table.partitioned_by].type, columns[table.partitioned_by].mode) == ("DATE", "REQUIRED")
    assert set(table.clustered_by) <= set(columns)
    assert len(columns) == len(table.columns)
    assert all(column.description for column in table.columns)


def test_findings_are_clustered_for_their_history() -> None:
    """A history asks by function, scope and id."""
    assert ledger.FINDINGS.clustered_by == ("function", "scope", "id")


def test_run_row_tells_the_run() -> None:
    """Counts and request are JSON, the error is flat, and nothing is lost."""
    cost = report.Cost(3, 2, 10, 20, 30, 40)
    error = report.Failure("quota_exceeded", "too much", "i")
    whole = finished(finding(), scope="daily", request={"only": ["a"]}, cost=cost, error=error, duration_ms=7)
    row = ledger.run_row(whole)

    assert (row["run_id"], row["function"], row["scope"]) == ("20260212T100000Z-x", "f", "daily")
    assert (row["status"], row["complete"], row["summary"], row["duration_ms"]) == ("fail", False, "in short", 7)
    assert json.loads(row["counts"])["fail"] == 1
    assert json.loads(row["request"]) == {"only": ["a"]}
    assert [row[name] for name in dataclasses.asdict(cost)] == [3, 2, 10, 20, 30, 40]
    assert (row["build_commit"], row["build_stage_hash"], row["build_revision"]) == ("abc", "123", "r-1")
    assert (row["error_code"], row["error_message"]) == ("quota_exceeded", "too much")


def test_run_without_an_error_has_none() -> None:
    """What did not happen is null."""
    row = ledger.run_row(finished(finding(Status.PASS)))
    assert (row["error_code"], row["error_message"], row["scope"], row["complete"]) == (None, None, None, True)


def test_row_is_filed_under_the_day_that_was_judged() -> None:
    """A late run about yesterday belongs to yesterday; a run about no day to the UTC date on which it began."""
    pacific = datetime.timezone(datetime.timedelta(hours=-8))
    evening = datetime.datetime(2026, 2, 12, 20, 0, tzinfo=pacific)

    assert ledger.run_row(finished(day=datetime.date(2026, 2, 11)))["day"] == "2026-02-11"
    assert ledger.run_row(finished(started_at=evening))["day"] == "2026-02-13"
    (row,) = ledger.finding_rows(finished(finding(), started_at=evening))
    assert (row["day"], row["started_at"]) == ("2026-02-13", "2026-02-13T04:00:00.000Z")


@pytest.mark.parametrize(
    ("observed", "number", "text"),
    [
        (20, 20.0, "20"),
        (0.5, 0.5, "0.5"),
        (0, 0.0, "0"),
        ("2026-02-12", None, "2026-02-12"),
        ("20", None, "20"),
        (None, None, None),
        (math.nan, None, "nan"),
        (math.inf, None, "inf"),
        (-math.inf, None, "-inf"),
        (10**400, None, str(10**400)),
    ],
)
def test_only_a_finite_number_is_a_number(observed: float | str | None, number: float | None, text: str | None) -> None:
    """NaN and what no FLOAT64 holds are text only; a text is never taken for a number."""
    (row,) = ledger.finding_rows(finished(finding(observed=observed, expected=observed)))
    assert (row["observed"], row["observed_text"], row["expected_text"]) == (number, text, text)


def test_long_message_is_cut_and_says_so() -> None:
    """2,000 characters stay whole; of more the row keeps the beginning and tells how much there was."""
    whole, longer = "x" * 2000, "y" * 2001
    first, second = ledger.finding_rows(finished(finding(message=whole), finding(message=longer)))

    assert first["message"] == whole
    assert len(second["message"]) == 2000
    assert second["message"].startswith("yyy")
    assert second["message"].endswith("… (cut from 2001 characters)")


def test_large_evidence_stays_json() -> None:
    """Half of a JSON text is none: what is too large is replaced whole."""
    small, large = {"text": "é" * (4000 - len('{"text": ""}'))}, {"text": "é" * 4000}
    first, second = ledger.finding_rows(finished(finding(evidence=small), finding(evidence=large)))

    assert json.loads(first["evidence"]) == small
    assert json.loads(second["evidence"]) == {"truncated": True}


@pytest.mark.parametrize("status", BAD)
def test_first_time_not_good_is_new(status: Status) -> None:
    """Without history, whatever is not good is new, and begins now."""
    assert standing(one(finding(status))) == (NOW_TEXT, 1, "new")
    assert one(finding(status)).previous is None


def test_first_time_good_is_no_change() -> None:
    """Good without history is nothing to tell, but a streak begins."""
    assert standing(one(finding(Status.PASS))) == (NOW_TEXT, 1, None)


@pytest.mark.parametrize("status", BAD)
@pytest.mark.parametrize("before", BAD)
def test_not_good_after_not_good_is_ongoing(status: Status, before: Status) -> None:
    """Fail, error, warn and unknown are one standing, whichever follows which."""
    told = one(finding(status), past(before, since="2026-02-01T00:00:00.000Z", streak=4))
    assert standing(told) == ("2026-02-01T00:00:00.000Z", 5, "ongoing")


@pytest.mark.parametrize("status", BAD)
def test_not_good_after_good_is_new(status: Status) -> None:
    """A standing that changes begins anew, whatever the other one counted."""
    told = one(finding(status), past(Status.PASS, since="2026-01-01T00:00:00.000Z", streak=40))
    assert standing(told) == (NOW_TEXT, 1, "new")


@pytest.mark.parametrize("before", BAD)
def test_good_after_not_good_is_resolved(before: Status) -> None:
    """Once only: the next good run has nothing to tell."""
    assert standing(one(finding(Status.PASS), past(before, streak=9))) == (NOW_TEXT, 1, "resolved")


def test_good_after_good_goes_on() -> None:
    """A streak of good runs counts too."""
    told = one(finding(Status.PASS), past(Status.PASS, since="2026-01-01T00:00:00.000Z", streak=40))
    assert standing(told) == ("2026-01-01T00:00:00.000Z", 41, None)


@pytest.mark.parametrize("skips", [1, 3])
def test_skips_in_between_neither_break_nor_extend_a_streak(skips: int) -> None:
    """Off-days say nothing: the streak goes on from the run before them."""
    off = [past(Status.SKIP, days_ago) for days_ago in range(1, skips + 1)]
    told = one(finding(), *off, past(Status.FAIL, skips + 1, since="2026-02-01T00:00:00.000Z", streak=4))
    assert standing(told) == ("2026-02-01T00:00:00.000Z", 5, "ongoing")


def test_history_of_skips_only_is_no_history() -> None:
    """What was never judged before is new."""
    assert standing(one(finding(), past(Status.SKIP), past(Status.SKIP, 2))) == (NOW_TEXT, 1, "new")
    assert standing(one(finding(Status.PASS), past(Status.SKIP))) == (NOW_TEXT, 1, None)


def test_skip_now_has_no_standing() -> None:
    """A skip says nothing, even of what it follows; what was observed last is still known."""
    told = one(finding(Status.SKIP, since="x", streak=3, change="new"), past(Status.FAIL, streak=4, observed=7.0))
    assert standing(told) == (None, None, None)
    assert told.previous == 7.0


def test_streak_outlives_the_window() -> None:
    """One row is enough: it carries what was counted before it."""
    told = one(finding(), past(Status.WARN, 30, since="2025-10-21T00:00:00.000Z", streak=99))
    assert standing(told) == ("2025-10-21T00:00:00.000Z", 100, "ongoing")


def test_rows_without_a_streak_are_counted() -> None:
    """Rows from before there was a history count one each, back to the first of another standing, or that counted."""
    bare = [past(Status.FAIL, 1), past(Status.ERROR, 2), past(Status.PASS, 3), past(Status.FAIL, 4)]
    assert standing(one(finding(), *bare)) == ("2026-02-10T08:00:00.000Z", 3, "ongoing")
    assert standing(one(finding(), *bare[:2])) == ("2026-02-10T08:00:00.000Z", 3, "ongoing")

    counted = past(Status.FAIL, 3, since="2026-02-01T00:00:00.000Z", streak=5)
    assert standing(one(finding(), *bare[:2], counted)) == ("2026-02-01T00:00:00.000Z", 8, "ongoing")


def test_latest_is_by_day_then_by_start() -> None:
    """A late repetition of an older day is not the latest; of one day the later run is; the order given is nothing."""
    early = past(Status.PASS, 1)
    late = past(Status.FAIL, 1, started_at=early.started_at + datetime.timedelta(hours=5), observed=2.0)
    repeated = past(Status.PASS, 6, started_at=NOW - datetime.timedelta(minutes=1), observed=3.0)
    for order in ([early, late, repeated], [repeated, late, early]):
        told = one(finding(), *order)
        assert (told.change, told.previous) == ("ongoing", 2.0)


def test_histories_of_different_findings_do_not_meet() -> None:
    """Each finding is compared with its own id, and the order of findings stays."""
    other = finding(Status.PASS, subject="d.u")
    told = history.compared((other, finding()), [past(Status.FAIL, streak=2)], started_at=NOW)
    assert [(item.subject, item.change) for item in told] == [("d.u", None), ("d.t", "ongoing")]


def test_previous_is_what_was_observed_last() -> None:
    """The number of the latest run that told one; null where it had none."""
    told = one(finding(observed=5), past(Status.SKIP, 1, observed=1.0), past(Status.PASS, 2, observed=20.0))
    assert told.previous == 20.0
    assert one(finding(observed=5), past(Status.PASS, 1), past(Status.PASS, 2, observed=20.0)).previous is None


def test_instants_are_in_utc_whatever_zone_the_run_has() -> None:
    """Since has the one form that instants have in reports."""
    pacific = NOW.astimezone(datetime.timezone(datetime.timedelta(hours=-8)))
    (told,) = history.compared((finding(),), (), started_at=pacific)
    assert told.since == NOW_TEXT
