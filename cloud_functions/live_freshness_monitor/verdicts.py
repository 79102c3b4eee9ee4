"""The closed vocabulary of the monitor: what may be said of a document, and what is to be done about it; pure."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

from shared.report import Finding
from shared.statuses import Status

FIXES: Mapping[str, str | None] = {
    "fresh": None,
    "off_day": None,
    "break": None,
    "off_season": None,
    "not_begun": None,
    "missing": "run live_export for the day, and look in its last report why it published nothing",
    "undecodable": "publish it again; look for a writer that was cut off, or that is not live_export",
    "wrong_day": "run live_export for the day; look whether its job ran, and by which time zone",
    "frozen": "look whether live_export's job runs, and what its last report says",
    "empty": "find out what its source answered: empty content was published over good",
    "miscounted": "compare the schedule table with the score provider's answer in live_export's last report",
    "as_of_in_future": "find out whose clock is wrong: a fresh stamp proves nothing",
    "altered": "find out who else writes to the bucket; live_export publishes it anew when it is forced to",
    "degraded": "read in live_export's last report what it refused, and mend that source",
    "uncached": "set its cache class in exports.yaml, and publish it again",
    "cache_too_long": "choose a shorter cache class in exports.yaml, and publish it again",
    "unreachable": "look whether Cloud Storage answers, and whether EXPORT_URL leads there",
    "access_denied": "let everybody read the bucket; one whose objects may not be listed answers so for missing ones",
    "refused": "correct EXPORT_URL: it must lead to the published files themselves",
    "no_manifest": "mend the manifest first: without it nobody knows what should be there",
    "no_calendar": "mend `calendar` in pipeline.yaml, or the right to read its table",
    "no_schedule": "look why the schedule table does not reach that day",
}
"""What to do, by reason; None where nothing is to be done. A reason that is not here is never given."""
MENDABLE = frozenset({"missing", "undecodable", "wrong_day", "frozen", "empty", "miscounted", "altered", "degraded"})
"""What a new export may mend."""


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What is said of one subject."""

    status: Status
    reason: str
    message: str
    observed: float | int | str | None = None
    expected: float | int | str | None = None
    unit: str | None = None


def bad(reason: str, message: str, **more: Any) -> Verdict:
    """Return that something is judged, and bad."""
    return Verdict(Status.FAIL, reason, message, **more)


def finding(
    verdict: Verdict,
    kind: str,
    subject: str,
    *,
    severity: Literal["critical", "warning", "info"],
    evidence: Mapping[str, Any],
) -> Finding:
    """Return the finding that a verdict makes."""
    return Finding(
        subject,
        kind,
        verdict.status,
        verdict.reason,
        verdict.message,
        severity="info" if verdict.status is Status.SKIP else severity,
        observed=verdict.observed,
        expected=verdict.expected,
        unit=verdict.unit,
        evidence=evidence,
        fix=FIXES[verdict.reason],
    )


def mendable(found: Finding) -> bool:
    """Return whether a new export may mend what was found."""
    return found.status is Status.FAIL and found.reason in MENDABLE
