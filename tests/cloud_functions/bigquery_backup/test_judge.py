"""What a report says of a run: worst first, with numbers, and what to do."""

import datetime

import pytest

from cloud_functions.bigquery_backup import judge, plan, progress
from shared import errors, refs
from shared.backups import manifest
from shared.statuses import Status

T0 = datetime.datetime(2026, 2, 12, 10, 0, 0, tzinfo=datetime.UTC)
STEP = plan.Step(refs.Table("p", "d", "a"), "US", "parquet", 3, 10)
GOOD = manifest.Entry("d.b", "verified", "verified", "1,000 rows", 1000, 2_500_000, 2, 3, "shard.json", 7)
SKIPPED = plan.LeftOut("d.v", Status.SKIP, "view", "a view", ddl="CREATE VIEW")
MISSING = plan.LeftOut("d.gone", Status.FAIL, "missing_table", "not there", "create it")
BROKEN = progress.Broken(STEP, "rows_differ", "2 of 3", Status.FAIL)


def made(*left_out: plan.LeftOut) -> plan.Plan:
    """Return a plan that leaves these out."""
    return plan.Plan(1, "r", "p", "bucket", "daily", T0.date(), 1, T0, "s", "clone", "scratch", (STEP,), left_out)


def test_every_subject_has_an_entry() -> None:
    """Coverage: discovered is verified, skipped or failed, always."""
    entries = judge.entries(made(SKIPPED, MISSING), [GOOD, BROKEN])

    assert [(entry.subject, entry.outcome, entry.reason) for entry in entries] == [
        ("d.a", "failed", "rows_differ"),
        ("d.b", "verified", "verified"),
        ("d.gone", "failed", "missing_table"),
        ("d.v", "skipped", "view"),
    ]
    assert entries[3].ddl == "CREATE VIEW"


def test_every_subject_has_a_finding() -> None:
    """The report has the same subjects as the manifest."""
    found = judge.findings(made(SKIPPED, MISSING), [GOOD, BROKEN])

    assert {finding.subject: finding.status for finding in found} == {
        "d.a": Status.FAIL, "d.b": Status.PASS, "d.gone": Status.FAIL, "d.v": Status.SKIP,
    }  # fmt: skip


def test_summary_of_a_good_run_counts() -> None:
    """One sentence: tables, rows, bytes, skipped, where."""
    plan_made = made(SKIPPED)
    text = judge.summary(plan_made, judge.findings(plan_made, [GOOD]), where="gs://there")

    assert text == ("1 of 1 tables backed up and verified at 10:00:00Z: 1,000 rows, 2.4 MiB; 1 skipped; gs://there")


def test_summary_says_what_is_not_backed_up_first() -> None:
    """What is wrong comes before what is right."""
    plan_made = made(SKIPPED, MISSING)
    text = judge.summary(plan_made, judge.findings(plan_made, [GOOD, BROKEN]), where="gs://there")

    assert text.startswith("2 of 3 NOT backed up: d.a (rows_differ), d.gone (missing_table); 1 of 3 tables backed up")


def test_long_lists_are_cut_and_counted() -> None:
    """A summary of a disaster is still a sentence."""
    missing = [plan.LeftOut(f"d.t{i}", Status.FAIL, "missing_table", "x") for i in range(9)]
    plan_made = made(*missing)

    assert " and 4 more; " in judge.summary(plan_made, judge.findings(plan_made, []), where="x")


def test_streaming_buffer_is_a_warning() -> None:
    """Rows that are still in the buffer are not in the backup, and that is told."""
    late = manifest.Entry("d.b", "verified", "streaming_buffer", "x", 10, 10, 1, 3, "s", 7)

    assert judge.findings(made(), [late])[0].status is Status.WARN


def test_dry_run_passes_nothing() -> None:
    """A plan is not a backup: nothing in it counts as pass."""
    assert {finding.status for finding in judge.planned(made(SKIPPED, MISSING))} == {Status.SKIP, Status.FAIL}


def kinds(kind: type[errors.PressboxError]) -> list[type[errors.PressboxError]]:
    """Return all leaves and branches below an error."""
    return [leaf for child in kind.__subclasses__() for leaf in (child, *kinds(child))]


@pytest.mark.parametrize("code", [kind.code for kind in kinds(errors.CloudError)])
def test_every_cloud_error_has_a_fix(code: str) -> None:
    """A finding that says what is wrong says what to do."""
    assert judge.FIXES[code]
