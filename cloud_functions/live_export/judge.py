"""From what was decided and done to findings and the sentence that matters first; pure."""

import collections
import dataclasses
from collections.abc import Iterable, Sequence

from cloud_functions.live_export import declaration, night, plan
from shared import calendars, wording
from shared.exports import layout
from shared.report import Finding
from shared.statuses import Status

KIND = "document"
PROVIDER_FIX = "look whether the score provider lists the game; the next runs try again"


@dataclasses.dataclass(frozen=True)
class Done:
    """What became of one document. outcome: written, same, newer or planned."""

    decision: plan.Decision
    outcome: str


def finding(done: Done, run: plan.Run) -> Finding:
    """Return the finding of one document."""
    decision, name = done.decision, done.decision.document.id
    if decision.action == "refuse" and decision.trouble:
        return _refused(decision, decision.trouble)
    if done.outcome == "newer":
        return Finding(name, KIND, Status.SKIP, "outrun", "a newer run has published it meanwhile", severity="info")
    if done.outcome == "planned":
        return Finding(name, KIND, Status.SKIP, "planned", f"it would be: {_told(decision, run)}", severity="info")
    if decision.trouble:
        message = f"published over a refusal, as asked: {decision.trouble.message}"
        return Finding(name, KIND, Status.WARN, "forced", message, evidence={"refusal": decision.trouble.reason})
    reason = "published" if decision.action == "publish" else "unchanged"
    made = decision.made
    rows = made.measures.rows if made else 0
    evidence = {} if made is None else {"sha256": made.sha256, "bytes": made.size, "gzip_bytes": len(made.gzipped)}
    return Finding(name, KIND, Status.PASS, reason, _told(decision, run), observed=rows, unit="rows", evidence=evidence)


def _refused(decision: plan.Decision, trouble: plan.Trouble) -> Finding:
    standing = decision.before.content if decision.before else None
    kept = f"what was published at {standing.as_of:%H:%M:%SZ} stays" if standing else "nothing of it is published yet"
    evidence: dict[str, object] = {"status": "degraded", "kept": standing.object if standing else None}
    return Finding(
        decision.document.id,
        KIND,
        Status.FAIL if trouble.judged else Status.ERROR,
        trouble.reason,
        f"refused: {trouble.message}; {kept}",
        severity=decision.document.severity,
        observed=trouble.observed,
        expected=trouble.expected,
        unit=trouble.unit,
        evidence=evidence,
        fix=trouble.fix,
    )


def _told(decision: plan.Decision, run: plan.Run) -> str:
    made = decision.made
    if made is None:
        return decision.action
    size = f"{wording.amount(made.measures.rows, 'row')}, {made.size:,} bytes, {len(made.gzipped):,} compressed"
    place = layout.dated(decision.document.path, run.day.date)
    if decision.action == "publish":
        return f"{place}: {size}"
    since = f"{made.updated_at:%Y-%m-%d %H:%M:%SZ}"
    return f"{place}: unchanged since {since}, {size}" + ("; confirmed" if decision.action == "confirm" else "")


def skipped(document: declaration.Document, reason: str, message: str) -> Finding:
    """Return the finding of a document that was not looked at."""
    return Finding(document.id, KIND, Status.SKIP, reason, message, severity="info")


def notes(found: Iterable[night.Note]) -> tuple[Finding, ...]:
    """Return a finding for everything odd that the witnesses of the night told."""
    return tuple(
        Finding(one.game_id, "scores", Status.WARN, one.reason, one.message, severity="warning", fix=PROVIDER_FIX)
        for one in found
    )


def summary(found: Sequence[Finding], day: plan.Day) -> str:
    """Return the sentence that matters first: what was refused, or what was published."""
    documents = [one for one in found if one.kind == KIND]
    bad = [one for one in documents if one.status in (Status.FAIL, Status.ERROR)]
    count = collections.Counter(one.reason for one in documents if one.status is not Status.FAIL)
    said = ", ".join(
        f"{count[reason]} {reason}"
        for reason in ("published", "unchanged", "forced", "planned", "outrun")
        if count[reason]
    )
    games = wording.amount(day.games, "game") if day.standing is calendars.Standing.GAMES else day.standing.value
    head = f"{day.date} ({games}): "
    other = [one for one in found if one.kind != KIND and one.status in (Status.FAIL, Status.ERROR)]
    worst = [f"{one.subject} {one.reason}" for one in (*bad, *other)]
    if not worst:
        return head + (said or "nothing to do")
    return f"{head}{len(worst)} not as they should be ({wording.listed(worst)})" + (f"; {said}" if said else "")
