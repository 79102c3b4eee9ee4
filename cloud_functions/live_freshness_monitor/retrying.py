"""What is asked of live_export when the site is bad, and what is told of it afterwards; pure."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from cloud_functions.live_freshness_monitor import judge, seen, verdicts
from shared import errors, wording
from shared.report import Finding
from shared.statuses import Status

KIND = "retry"
SUBJECT = "live_export"
BAD = (Status.FAIL, Status.ERROR)
FIXES: Mapping[str, str | None] = {
    "mended": None,
    "not_needed": None,
    "not_mended": "read live_export's last report: it ran, and the site is still bad",
    "call_failed": "grant the account roles/run.invoker on live_export, and look whether LIVE_EXPORT_URL leads there",
    "dry_run": None,
    "not_declared": "run live_export by hand, or declare `export` in freshness.yaml",
    "no_time": "give the function more time, or the reads less",
}
"""What to do, by reason."""


@dataclasses.dataclass(frozen=True)
class Try:
    """One call of live_export: what was sent, what its report said, or why there is none, and the findings after it."""

    body: Mapping[str, Any]
    answer: Mapping[str, Any] | errors.CloudError
    after: tuple[Finding, ...]


def body(asked: seen.Asked, found: Sequence[Finding]) -> dict[str, Any] | None:
    """Return what live_export is to be asked for, or None when nothing is bad that a new export may mend."""
    bad = [one for one in found if verdicts.mendable(one)]
    if not bad:
        return None
    ids = [one.subject for one in bad if one.kind == judge.DOCUMENT]
    everything = [one.id for one in asked.documents]
    declared = asked.declared.export.only if asked.declared.export else ()
    # A bad manifest says nothing of documents: each of them is published anew.
    manifest = any(one.kind == judge.MANIFEST for one in bad)
    return {"day": asked.day.isoformat(), "only": list(declared) or (everything if manifest else ids)}


def unneeded() -> Finding:
    """Return that there was nothing to mend."""
    return _finding(Status.SKIP, "not_needed", "there was nothing that a new export may mend")


def untried(reason: str, wanted: Mapping[str, Any]) -> Finding:
    """Return why live_export was not called, although it would have been asked for something."""
    told = {
        "dry_run": "a dry run calls nobody",
        "not_declared": "no call is declared",
        "no_time": "there was no time left for a call",
    }
    status = Status.ERROR if reason == "no_time" else Status.SKIP
    message = f"{told[reason]}; it would be asked for {wording.listed(wanted['only'])}"
    return _finding(status, reason, message, {"body": dict(wanted)})


def told(before: Sequence[Finding], tries: Sequence[Try]) -> Finding:
    """Return what became of the calls: whether what was bad before them is not bad after the last one."""
    last = tries[-1]
    evidence: dict[str, Any] = {"calls": [_call(one) for one in tries]}
    if isinstance(last.answer, errors.CloudError):
        return _finding(Status.ERROR, "call_failed", f"{last.answer.code}: {last.answer}", evidence)
    was = {one.id: one for one in before if verdicts.mendable(one)}
    still = [one for one in last.after if one.id in was and one.status in BAD]
    evidence["changed"] = {one.id: f"{was[one.id].reason} -> {one.reason}" for one in last.after if one.id in was}
    said = f"it was asked for {wording.listed(last.body['only'])}, and said {last.answer['status']}"
    if still:
        names = wording.listed(f"{one.subject} {one.reason}" for one in still)
        return _finding(Status.FAIL, "not_mended", f"{said}; still bad: {names}", evidence)
    return _finding(Status.PASS, "mended", f"{said}; {wording.amount(len(was), 'finding')} mended", evidence)


def _call(one: Try) -> dict[str, Any]:
    if isinstance(one.answer, errors.CloudError):
        return {"body": dict(one.body), "error": one.answer.code}
    names = ("run_id", "status", "summary")
    return {"body": dict(one.body), "report": {name: str(one.answer[name])[:300] for name in names}}


def _finding(status: Status, reason: str, message: str, evidence: Mapping[str, Any] | None = None) -> Finding:
    return Finding(
        SUBJECT,
        KIND,
        status,
        reason,
        message,
        severity="info" if status is Status.SKIP else "critical",
        evidence=evidence or {},
        fix=FIXES[reason],
    )
