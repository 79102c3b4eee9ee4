"""From decisions to findings, and to the sentence that a person reads first: the worst before everything else."""

import dataclasses
from typing import Any

import pytest

from cloud_functions.live_export import judge, night, plan
from shared import calendars
from shared.report import Finding
from shared.statuses import Status
from tests.cloud_functions.live_export import stories
from tests.cloud_functions.live_export.stories import candidate, document, entry, run

MADE = candidate(updated_at=stories.NOW - 10 * stories.MINUTE)
SHRUNK = plan.Trouble("shrunk", "rows fell from 40 to 3", "look", 3, 40, "rows")
FAILED = plan.Trouble("query_failed", "no rights", "grant", judged=False)


def found(action: plan.Action, outcome: str = "written", **changes: Any) -> Finding:
    """Return the finding of document `live`."""
    made = plan.Decision(document(), action, **({"before": None, "made": MADE} | changes))
    return judge.finding(judge.Done(made, outcome), run())


def told(one: Finding) -> tuple[str, str]:
    """Return status and reason."""
    return one.status.value, one.reason


def test_what_was_published_passes_with_its_figures() -> None:
    """Where, how many rows and bytes, and the hash."""
    one = found("publish")
    assert one == Finding(
        "live", "document", Status.PASS, "published",
        "live/2026-02-12.json: 40 rows, 1,234 bytes, 4 compressed", observed=40, unit="rows",
        evidence={"sha256": "a" * 64, "bytes": 1234, "gzip_bytes": 4},
    )  # fmt: skip


def test_what_is_unchanged_passes_and_says_since_when() -> None:
    """And whether it was confirmed."""
    left, confirmed = found("leave", "same"), found("confirm", "same")
    assert told(left) == told(confirmed) == ("pass", "unchanged")
    since = "live/2026-02-12.json: unchanged since 2026-02-13 01:20:00Z, 40 rows, 1,234 bytes, 4 compressed"
    assert (left.message, confirmed.message) == (since, f"{since}; confirmed")


@pytest.mark.parametrize(("trouble", "status"), [(SHRUNK, Status.FAIL), (FAILED, Status.ERROR)])
def test_a_refusal_tells_what_stays(trouble: plan.Trouble, status: Status) -> None:
    """Bad is fail, unknown is error; numbers, fix, and the immutable object of the last good one."""
    one = found("refuse", "same", trouble=trouble, before=entry())
    assert (one.status, one.reason, one.fix) == (status, trouble.reason, trouble.fix)
    assert one.message == f"refused: {trouble.message}; what was published at 01:28:00Z stays"
    assert (one.observed, one.expected, one.unit) == (trouble.observed, trouble.expected, trouble.unit)
    assert one.evidence == {"status": "degraded", "kept": stories.content().object}


@pytest.mark.parametrize("before", [None, stories.replaced(entry(), content=None)])
def test_a_refusal_of_the_first_one(before: Any) -> None:
    """Nothing can stay."""
    one = found("refuse", "same", trouble=SHRUNK, before=before)
    assert one.message == "refused: rows fell from 40 to 3; nothing of it is published yet"
    assert one.evidence["kept"] is None


def test_a_refusal_of_a_dry_run_is_a_refusal() -> None:
    """The plan tells it as the deed would."""
    assert told(found("refuse", "planned", trouble=SHRUNK)) == ("fail", "shrunk")


def test_a_refusal_is_as_severe_as_its_document_declares() -> None:
    """The declaration knows what a stale document costs; a check does not."""
    for severity in ("critical", "warning", "info"):
        declared = stories.replaced(document(), severity=severity)
        made = plan.Decision(declared, "refuse", before=entry(), made=MADE, trouble=SHRUNK)
        assert judge.finding(judge.Done(made, "same"), run()).severity == severity


def test_who_was_outrun_did_nothing_wrong() -> None:
    """A newer run has published it: skipped, for information."""
    for action in ("skip", "publish"):
        one = found(action, "newer")
        assert (told(one), one.severity) == (("skip", "outrun"), "info")


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ("publish", "it would be: live/2026-02-12.json: 40 rows, 1,234 bytes, 4 compressed"),
        ("leave", "it would be: live/2026-02-12.json: unchanged since 2026-02-13 01:20:00Z"),
    ],
)
def test_a_plan_is_no_deed(action: plan.Action, message: str) -> None:
    """Skipped, with what would be."""
    one = found(action, "planned")
    assert (told(one), one.severity) == (("skip", "planned"), "info")
    assert one.message.startswith(message)


def test_what_was_forced_warns() -> None:
    """The refusal that it went over is kept."""
    one = found("publish", trouble=SHRUNK)
    assert (told(one), one.evidence) == (("warn", "forced"), {"refusal": "shrunk"})
    assert one.message == "published over a refusal, as asked: rows fell from 40 to 3"


def test_what_was_not_looked_at_is_skipped() -> None:
    """With the reason that is given."""
    one = judge.skipped(document("status"), "not_asked", "not asked for")
    expected = Finding("status", "document", Status.SKIP, "not_asked", "not asked for", severity="info")
    assert one == expected


def test_notes_of_the_night_warn() -> None:
    """One finding each, of the game."""
    (one, other) = judge.notes([night.Note("g1", "vanished", "gone"), night.Note("g2", "stale_scores", "old")])
    assert one == Finding("g1", "scores", Status.WARN, "vanished", "gone", severity="warning", fix=judge.PROVIDER_FIX)
    assert (other.subject, other.reason, judge.notes([])) == ("g2", "stale_scores", ())


def of(name: str, status: str, reason: str, kind: str = "document") -> Finding:
    """Return a finding as summaries look at it."""
    return Finding(name, kind, Status(status), reason, "m")


PUBLISHED, UNCHANGED = of("live", "pass", "published"), of("status", "pass", "unchanged")
REFUSED, BROKEN = of("tonight", "fail", "shrunk"), of("live-grading", "error", "query_failed")


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        ([], "nothing to do"),
        ([of("live", "skip", "not_asked")], "nothing to do"),
        ([PUBLISHED], "1 published"),
        ([UNCHANGED, PUBLISHED, UNCHANGED], "1 published, 2 unchanged"),
        ([of("a", "warn", "forced"), PUBLISHED], "1 published, 1 forced"),
        ([of("a", "skip", "planned"), of("b", "skip", "outrun")], "1 planned, 1 outrun"),
        (
            [PUBLISHED, of("g1", "warn", "vanished", "scores"), of("manifest", "pass", "written", "manifest")],
            "1 published",
        ),
        ([PUBLISHED, REFUSED], "1 not as they should be (tonight shrunk); 1 published"),
        ([REFUSED], "1 not as they should be (tonight shrunk)"),
        (
            [of("gs://b", "fail", "cors_wildcard", "access"), PUBLISHED, BROKEN, REFUSED],
            "3 not as they should be (live-grading query_failed, tonight shrunk, gs://b cors_wildcard); 1 published",
        ),
        (
            [of("manifest", "error", "write_unavailable", "manifest")],
            "1 not as they should be (manifest write_unavailable)",
        ),
        ([of("x", "fail", "published")], "1 not as they should be (x published)"),
    ],
)
def test_the_sentence_that_matters_first(findings: list[Finding], said: str) -> None:
    """What is bad by name, documents before everything else; then how many were published, unchanged, forced."""
    assert judge.summary(findings, stories.day()) == f"2026-02-12 (3 games): {said}"


def test_many_refusals_stay_one_sentence() -> None:
    """Five by name, the others counted."""
    refused = [dataclasses.replace(REFUSED, subject=f"d{number}") for number in range(8)]
    assert "8 not as they should be (d0 shrunk, " in judge.summary(refused, stories.day())
    assert "d4 shrunk and 3 more)" in judge.summary(refused, stories.day())


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (stories.day(1), "1 game"),
        (stories.day(0), "off_day"),
        (stories.day(0, calendars.Standing.BREAK), "break"),
        (stories.day(0, calendars.Standing.UNKNOWN), "no_schedule"),
    ],
)
def test_the_day_is_said_by_the_calendar(day: plan.Day, said: str) -> None:
    """Its games, or why there are none."""
    assert judge.summary([], day) == f"2026-02-12 ({said}): nothing to do"
