"""The report in a terminal: what a person sees first, and what must never be hidden."""

from typing import Any

import pytest

from local import table

MANIFEST = "gs://backups/daily/20260212/run-01/manifest.json"


def finding(subject: str, status: str = "pass", **change: Any) -> dict[str, Any]:
    """Return a finding about `subject`, verified unless `change` says otherwise."""
    given = {
        "subject": subject,
        "status": status,
        "reason": "verified",
        "message": "all is well",
        "observed": 1234567,
        "unit": "rows",
        "evidence": {"bytes": 2048, "level": 3},
        "fix": None,
    }
    return given | change


def report(*findings: dict[str, Any], **change: Any) -> dict[str, Any]:
    """Return a report with `findings`, which passed unless `change` says otherwise."""
    given = {"status": "pass", "summary": f"1 of 1 tables; {MANIFEST}", "findings": list(findings), "error": None}
    return given | change


def shown(*findings: dict[str, Any], width: int = 160, **change: Any) -> str:
    """Return the terminal's text for such a report, without colour."""
    return table.render(report(*findings, **change), colour=False, width=width, notes=[("report", "/x/report.json")])


def test_a_verified_table_stands_in_one_line_with_its_figures() -> None:
    """Status, table, rows with separators, bytes with a unit, and the level."""
    line = next(line for line in shown(finding("d.t")).splitlines() if "d.t" in line)
    assert line.split() == ["pass", "d.t", "1,234,567", "2.0", "KiB", "L3", "verified"]


def test_an_empty_table_shows_its_zero() -> None:
    """No rows is a fact, not a blank."""
    row = table.rows(report(finding("d.t", observed=0, evidence={"bytes": 0, "level": 3})))[0]
    assert (row.rows, row.bytes) == ("0", "0 B")


def test_a_failed_table_says_reason_message_and_fix() -> None:
    """What is wrong and what to do stand on the screen, and no figure is made up."""
    bad = finding("d.t", "fail", reason="rows_differ", message="5 of 9", observed=None, evidence={}, fix="grant it")
    text = shown(bad, status="fail", summary="1 of 1 NOT backed up")
    assert "rows_differ: 5 of 9" in text
    assert "d.t: grant it" in text
    row = table.rows(report(bad))[0]
    assert (row.rows, row.bytes, row.verified) == ("", "", "")


def test_a_skipped_subject_takes_one_line() -> None:
    """Its reason is enough; the report has the sentence."""
    row = table.rows(report(finding("d.t", "skip", reason="undeclared", message="add it to include, or leave it")))[0]
    assert row.what == "undeclared"


def test_skipped_subjects_come_last_and_each_group_is_sorted() -> None:
    """What was left out follows what counts, all by name."""
    given = [finding("d.a", "skip"), finding("d.z"), finding("d.c", "fail"), finding("b.b", "skip")]
    assert [row.subject for row in table.rows(report(*given))] == ["d.c", "d.z", "b.b", "d.a"]


def test_every_finding_has_its_row() -> None:
    """Nothing is dropped, not even a subject that is there twice."""
    assert len(table.rows(report(*(finding("d.t", status) for status in table.STYLES), finding("d.t")))) == 7


def test_the_end_tells_the_status_the_summary_and_where_to_look() -> None:
    """The last lines are the sentence that matters and the places."""
    lines = shown(finding("d.t"), status="pass").rstrip().splitlines()
    assert lines[-2:] == [f"pass  1 of 1 tables; {MANIFEST}", "report  /x/report.json"]


def test_a_run_that_failed_as_a_whole_shows_its_error() -> None:
    """Without findings there is no empty table, but the error's code and message."""
    error = {"code": "invalid_settings", "message": "OPS_BUCKET is not set", "id": "1"}
    text = shown(status="error", summary="invalid_settings", error=error)
    assert "error invalid_settings: OPS_BUCKET is not set" in text
    assert "verified" not in text


def test_a_place_is_never_broken_over_lines() -> None:
    """An address can be copied from a narrow terminal."""
    place = "/" + "long/" * 40
    assert place in table.render(report(), colour=False, width=40, notes=[("report", place)])


@pytest.mark.parametrize("trap", ["[red]x[/red]", "[/]", ":smile:", "[link=x]y"])
def test_text_of_the_report_is_shown_as_it_is(trap: str) -> None:
    """Brackets and colons in a message are no markup."""
    assert trap in shown(finding("d.t", "fail", reason="why", message=trap, fix=trap), summary=trap)


def test_colour_is_used_only_where_it_was_asked_for() -> None:
    """A plain rendering has no escape sequence, a coloured one has."""
    given = report(finding("d.t"))
    assert "\x1b" not in table.render(given, colour=False, width=100)
    assert "\x1b[" in table.render(given, colour=True, width=100)


@pytest.mark.parametrize(("summary", "expected"), [(f"a; {MANIFEST}", [("manifest", MANIFEST)]), ("no backup", [])])
def test_the_manifests_address_is_found_in_the_summary(summary: str, expected: list[tuple[str, str]]) -> None:
    """It is named where there is one."""
    assert table.addresses(report(summary=summary)) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (5 * 1024**3, "5.0 GiB"),
        (2**50, "1024.0 TiB"),
    ],
)
def test_sizes_take_the_largest_unit_that_fits(number: int, expected: str) -> None:
    """A size never reads as a long row of digits."""
    assert table.size(number) == expected
