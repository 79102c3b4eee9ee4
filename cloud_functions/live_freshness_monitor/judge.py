"""From a look at the site to findings: one for the manifest, and one for each watched document; pure.

First what needs no calendar: whether each answered, can be read, and is what the manifest promises; then what may be
expected on such a day (`expectations`).
"""

from collections.abc import Sequence
from typing import Any

from cloud_functions.live_freshness_monitor import declaration, expectations, seen, verdicts
from cloud_functions.live_freshness_monitor.verdicts import Verdict
from shared import report, statuses, wording
from shared.exports.manifest import Entry, Manifest
from shared.report import Finding
from shared.statuses import Status

MANIFEST = "manifest"
DOCUMENT = "document"
NAMED = 3
"""How many findings the summary names."""
DENIED = (401, 403)
PASSING = (408, 425, 429)


def findings(asked: seen.Asked, site: seen.Site) -> tuple[Finding, ...]:
    """Return what is found out about the manifest and each watched document."""
    verdict = _manifest(asked, site)
    evidence: dict[str, Any] = {"path": asked.manifest_path}
    if isinstance(site.manifest, Manifest):
        evidence |= {"published_at": report.iso(site.manifest.published_at), "run_id": site.manifest.run_id}
    found = verdicts.finding(verdict, MANIFEST, MANIFEST, severity="critical", evidence=evidence)
    return (found, *(_document(asked, site, one) for one in asked.documents))


def _manifest(asked: seen.Asked, site: seen.Site) -> Verdict:
    unserved = _unserved(site.answered, asked.manifest_path)
    if unserved:
        return _excused(asked, unserved)
    if isinstance(site.manifest, str) or not isinstance(site.answered, seen.Page):
        return verdicts.bad("undecodable", str(site.manifest)[:300])
    manifest = site.manifest
    if manifest.published_at - asked.now > asked.declared.ahead:
        return _ahead(asked, manifest.published_at)
    night = expectations.night_of(asked)
    if isinstance(night, Verdict):
        return night
    return _published(asked, manifest, night) or _kept(asked, manifest, site.answered) or _fresh(asked, manifest)


def _published(asked: seen.Asked, manifest: Manifest, night: seen.Night) -> Verdict | None:
    """Return that the manifest tells of another day, or was not written for too long while games are played."""
    if manifest.day != asked.day:
        if not expectations.begun(night):
            return expectations.waiting(asked, night)
        message = f"it is about {manifest.day}, not {asked.day}"
        return verdicts.bad("wrong_day", message, observed=str(manifest.day), expected=str(asked.day))
    most = _most(asked, manifest)
    seconds, old = expectations.aged(asked, manifest.published_at, most)
    live = expectations.playing(night)
    if not (old and live):
        return None
    message = f"{wording.amount(live, 'game')} in progress, and it was written {seconds:,} s ago; {most:,} are allowed"
    return verdicts.bad("frozen", message, observed=seconds, expected=most, unit="s")


def _kept(asked: seen.Asked, manifest: Manifest, page: seen.Page) -> Verdict | None:
    return expectations.cached(page.cache, _most(asked, manifest))


def _most(asked: seen.Asked, manifest: Manifest) -> int:
    """Return the seconds that the most urgent of the watched documents may be old."""
    ages = [one.max_age_seconds for name, one in manifest.documents.items() if _watched(asked, name)]
    return min(ages, default=3600)


def _watched(asked: seen.Asked, name: str) -> bool:
    return any(one.id == name for one in asked.documents)


def _fresh(asked: seen.Asked, manifest: Manifest) -> Verdict:
    seconds, _ = expectations.aged(asked, manifest.published_at, 0)
    message = f"written {seconds:,} s ago, names {wording.amount(len(manifest.documents), 'document')}"
    return Verdict(Status.PASS, "fresh", message, seconds, _most(asked, manifest), "s")


def _document(asked: seen.Asked, site: seen.Site, one: declaration.Document) -> Finding:
    entry = site.manifest.documents.get(one.id) if isinstance(site.manifest, Manifest) else None
    verdict = _judged(asked, site, one, entry)
    return verdicts.finding(verdict, DOCUMENT, one.id, severity=one.severity, evidence=_evidence(entry))


def _judged(asked: seen.Asked, site: seen.Site, one: declaration.Document, entry: Entry | None) -> Verdict:
    if isinstance(site.manifest, str):
        message = "the manifest cannot be read, so that nobody knows where it is and what it should hold"
        return Verdict(Status.ERROR, "no_manifest", message)
    if entry is None or entry.content is None:
        told = "does not name it" if entry is None else "says that it was never published"
        return _excused(asked, verdicts.bad("missing", f"the manifest {told}"), may_wait=True)
    pages = {path: site.pages.get(path, seen.Silence("it was not read")) for path in seen.promised(asked, entry)}
    unserved = [verdict for path, page in pages.items() if (verdict := _unserved(page, path))]
    if unserved:
        return unserved[0]
    read = {path: page for path, page in pages.items() if isinstance(page, seen.Page)}
    look = expectations.Look(
        asked=asked,
        declared=one,
        entry=entry,
        content=entry.content,
        # The immutable copy is meant to be kept for ever.
        pages={path: page for path, page in read.items() if path != entry.content.object},
        document=seen.document(read[entry.path]),
    )
    return _unreadable(look, read) or _unpromised(look, read) or expectations.document(look)


def _excused(asked: seen.Asked, verdict: Verdict, *, may_wait: bool = False) -> Verdict:
    """Return the verdict on what is not there, or why it need not be."""
    if verdict.reason != "missing":
        return verdict
    night = expectations.night_of(asked)
    if isinstance(night, Verdict):
        return night
    return expectations.waiting(asked, night) if may_wait and not expectations.begun(night) else verdict


def _unserved(got: seen.Got, path: str) -> Verdict | None:
    """Return why an address did not hand out what should be there: its absence, the site's fault, or our rights."""
    if isinstance(got, seen.Silence):
        return Verdict(Status.ERROR, "unreachable", f"{path}: {got.message}")
    if got.status == seen.OK:
        return None
    if got.status == seen.NOT_FOUND:
        return verdicts.bad("missing", f"{path} is not there (404)")
    told = f"{path} is answered with status {got.status}"
    if got.status in DENIED:
        return Verdict(Status.ERROR, "access_denied", told, observed=got.status)
    if got.status in PASSING or got.status >= 500:  # noqa: PLR2004 - the server's own faults
        return Verdict(Status.ERROR, "unreachable", told, observed=got.status)
    return Verdict(Status.ERROR, "refused", told, observed=got.status)


def _unreadable(look: expectations.Look, read: dict[str, seen.Page]) -> Verdict | None:
    """Return that a copy holds no JSON, or not what is declared of it."""
    for path, page in read.items():
        if page.body is None:
            return verdicts.bad("undecodable", f"{path} cannot be decompressed")
        if seen.document(page) is None:
            return verdicts.bad("undecodable", f"{path} holds {len(page.body):,} bytes that are no JSON object")
    declared = look.declared
    if declared.day and not isinstance(seen.at(look.document, declared.day), str):
        return verdicts.bad("undecodable", f"there is no day at {declared.day!r}")
    for name in ("games", "in_progress", "finals", "rows"):
        path = getattr(declared, name)
        if path and look.number(name) is None:
            return verdicts.bad("undecodable", f"there is no number and no list at {path!r}")
    return None


def _unpromised(look: expectations.Look, read: dict[str, seen.Page]) -> Verdict | None:
    """Return that a copy holds other bytes than the manifest says, or that these come from a time to come."""
    for path, page in read.items():
        if page.sha256 != look.content.sha256:
            message = f"{path} holds other bytes than the manifest says, also at a second look"
            return verdicts.bad("altered", message, observed=str(page.sha256)[:12], expected=look.content.sha256[:12])
    if look.content.as_of - look.asked.now > look.asked.declared.ahead:
        return _ahead(look.asked, look.content.as_of)
    return None


def _ahead(asked: seen.Asked, instant: Any) -> Verdict:
    minutes = round((instant - asked.now).total_seconds() / 60, 1)
    most = asked.declared.ahead_minutes
    message = f"it is dated {wording.figure(minutes)} min ahead of now"
    return verdicts.bad("as_of_in_future", message, observed=minutes, expected=most, unit="min")


def _evidence(entry: Entry | None) -> dict[str, Any]:
    """Return where the document stands, and what the manifest says of its content."""
    if entry is None:
        return {}
    found: dict[str, Any] = {"path": entry.path, "latest": entry.latest, "status": entry.status}
    if entry.content:
        found |= {
            "as_of": report.iso(entry.content.as_of),
            "updated_at": report.iso(entry.content.updated_at),
            "sha256": entry.content.sha256,
            "run_id": entry.content.run_id,
        }
    return found


def summary(asked: seen.Asked, found: Sequence[Finding]) -> str:
    """Return the sentence that matters first: what is not good, and how much is."""
    night = asked.night
    games = f", {night.now.live} of {night.now.games} games in progress" if isinstance(night, seen.Night) else ""
    head = f"site for {asked.day}{games}: "
    counted = [one for one in found if one.status is not Status.SKIP]
    good = sum(one.status is Status.PASS for one in counted)
    if not counted:
        reasons = {one.reason for one in found if one.kind in (MANIFEST, DOCUMENT)}
        return f"{head}nothing is expected ({', '.join(sorted(reasons))})"
    if good == len(counted):
        return f"{head}all {good} pass"
    bad = sorted((one for one in counted if one.status is not Status.PASS), key=_order)
    named = wording.listed((f"{one.subject} {one.reason}" for one in bad), NAMED)
    return f"{head}{named}; {good} of {len(counted)} pass"


def _order(found: Finding) -> int:
    return statuses.ORDER.index(found.status)
