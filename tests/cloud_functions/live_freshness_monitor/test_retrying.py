"""What is told of the calls of live_export: whether what was bad before them is good after the last one."""

from typing import Any

import pytest

from cloud_functions.live_freshness_monitor import retrying
from shared import errors
from shared.report import Finding
from shared.statuses import Status

REPORT: dict[str, Any] = {"function": "live_export", "run_id": "r1", "status": "warn", "summary": "s" * 1000}
BODY = {"day": "2026-02-12", "only": ["live"]}


def found(name: str, status: str, reason: str) -> Finding:
    """Return a finding about a document."""
    return Finding(name, "document", Status(status), reason, "")


BEFORE = (found("live", "fail", "frozen"), found("status", "error", "access_denied"), found("tonight", "pass", "fresh"))


@pytest.mark.parametrize(
    ("after", "wanted"),
    [
        (found("live", "pass", "fresh"), ("pass", "mended")),
        (found("live", "warn", "degraded"), ("pass", "mended")),
        (found("live", "skip", "not_begun"), ("pass", "mended")),
        (found("live", "fail", "empty"), ("fail", "not_mended")),
        (found("live", "error", "unreachable"), ("fail", "not_mended")),
    ],
)
def test_what_was_bad_must_be_good(after: Finding, wanted: tuple[str, str]) -> None:
    """What no export could mend, and what became bad meanwhile, is told by its own finding."""
    others = (found("status", "error", "access_denied"), found("tonight", "fail", "empty"))
    told = retrying.told(BEFORE, [retrying.Try(BODY, REPORT, (after, *others))])

    assert (told.status.value, told.reason) == wanted
    assert told.evidence["changed"] == {"document:live": f"frozen -> {after.reason}"}
    assert len(told.evidence["calls"][0]["report"]["summary"]) == 300


def test_the_last_call_counts() -> None:
    """One that failed before it is told beside it; when the last one fails, nothing is known of the rest."""
    good = retrying.Try(BODY, REPORT, (found("live", "pass", "fresh"),))
    bad = retrying.Try(BODY, errors.Unavailable("no answer"), BEFORE)

    assert retrying.told(BEFORE, [bad, good]).reason == "mended"
    assert [call.get("error") for call in retrying.told(BEFORE, [bad, good]).evidence["calls"]] == ["unavailable", None]
    assert (retrying.told(BEFORE, [good, bad]).status, retrying.told(BEFORE, [good, bad]).reason) == (
        Status.ERROR,
        "call_failed",
    )


def test_every_reason_says_what_to_do() -> None:
    """Where something is bad; nothing where all is well."""
    bad = retrying.told(BEFORE, [retrying.Try(BODY, errors.AccessDenied("no"), BEFORE)])
    late = retrying.untried("no_time", BODY)

    assert (bad.status, late.status) == (Status.ERROR, Status.ERROR)
    assert bad.fix
    assert late.fix
    assert retrying.unneeded().fix is None
