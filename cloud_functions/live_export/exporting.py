"""The documents of a run in their declared order: made once their sources told, decided, carried out; then closed.

A run that ends anywhere leaves what is published whole: the manifest is written after everything that it names.
"""

import contextlib
import dataclasses
import datetime
from collections.abc import Iterator, Mapping, Sequence

from cloud_functions.live_export import (
    box,
    building,
    declaration,
    execute,
    facts,
    judge,
    night,
    plan,
    post_game,
    rows,
    sources,
    witnesses,
)
from shared import errors
from shared.exports import layout, manifest
from shared.gcp import publishing
from shared.report import Finding
from shared.statuses import Status

LATE_FIX = "call again: what was published stands; look which source took the time"
CLOCK_FIX = "find out whose clock is wrong; force publishes over it"
WRITE_FIX = "the last good one stays until a run can write; look at the account's rights and at Cloud Storage"


@dataclasses.dataclass(frozen=True)
class Work:
    """What the steps of a run share. standing: the day's manifest; current: that of the latest day."""

    given: sources.Given
    place: execute.Place
    day: datetime.date
    today: datetime.date
    now: datetime.datetime
    standing: execute.Standing
    current: execute.Standing

    @property
    def before(self) -> Mapping[str, manifest.Entry]:
        """How the documents stand: those of the day, and what was published last where the day has nothing yet."""
        known = self.standing.manifest.documents if self.standing.manifest else {}
        latest = self.current.manifest
        return plan.carried(known, latest.documents if latest and latest.day < self.day else {})

    @property
    def leads(self) -> bool:
        """Whether the day has come: what is to come tomorrow is not the latest."""
        return self.day <= self.today

    def run(self, asked: witnesses.Asked) -> plan.Run:
        """Return what holds for every document, once the calendar has told."""
        return plan.Run(self.given.run_id, self.now, asked.on(), self.given.request.force)

    def schema_of(self, document: declaration.Document) -> str | None:
        """Return the SHA-256 of the schema that the document was held to last, on this day or the latest."""
        current = self.current.manifest.documents if self.current.manifest else {}
        entry = self.before.get(document.id) or current.get(document.id)
        return entry.content.schema_sha256 if entry and entry.content else None


def begin(given: sources.Given, day: datetime.date, today: datetime.date) -> Work:
    """Return what a run begins with; raise Garbled for a manifest that cannot be read, or another CloudError."""
    exports = given.declared.exports
    place = execute.Place(given.clients.storage, exports.bucket, exports.prefix)
    # Whole seconds, so that an instant in a document reads back as it was written.
    now = given.now.replace(microsecond=0)
    standing, current = execute.standing(place, layout.of_day(day)), execute.standing(place, layout.MANIFEST)
    return Work(given, place, day, today, now, standing, current)


def published(work: Work) -> tuple[box.Game, ...]:
    """Return the games as readers saw them last, none when they never did; raise CloudError.

    They stand under the document's own name: a run that was killed may have come further than the manifest tells.
    """
    for one in work.given.declared.exports.documents:
        if one.shape == "live":
            entry = work.before.get(one.id)
            named = [entry.content.object] if entry and entry.content and entry.content.day == work.day else []
            for path in (layout.dated(one.path, work.day), *named):
                found = _games(work, path)
                if found:
                    return found
    return ()


def _games(work: Work, path: str) -> tuple[box.Game, ...]:
    """Return the games of a published document, none where it is gone or spoiled; raise CloudError."""
    with contextlib.suppress(errors.NotFound, errors.Garbled):
        content, _ = publishing.read_published(work.place.client, work.place.bucket, work.place.name(path))
        return witnesses.games_of(content)
    return ()


def documents(work: Work, asked: witnesses.Asked, wanted: Sequence[declaration.Document]) -> Iterator[Finding]:
    """Yield the findings of all documents, of the manifest, and of the message after the last game."""
    done: list[judge.Done] = []
    nights: list[night.Night] = []
    for document in work.given.declared.exports.documents:
        skipped = _skipped(work, document, wanted)
        if skipped is not None:
            yield skipped
            continue
        made, known = _made(work, asked, document, [one.decision for one in done])
        done.append(_carried_out(work, asked, document, made))
        # Without the provider, only the schedule says that a game is over.
        nights += [known.night] if known and declaration.PROVIDER in document.sources else []
    run = work.run(asked)
    yield from (judge.finding(one, run) for one in done)
    yield from judge.notes(dict.fromkeys(note for one in nights for note in one.notes))
    if not work.given.request.dry_run:
        yield _closed(work, done, run)
        yield from _asked_for_more(work, nights)


def _skipped(work: Work, document: declaration.Document, wanted: Sequence[declaration.Document]) -> Finding | None:
    if document not in wanted:
        return judge.skipped(document, "not_asked", "not asked for")
    latest = work.current.manifest.day if work.current.manifest else work.day
    if not document.dated and (latest > work.day or not work.leads):
        told = latest if work.leads else work.today
        return judge.skipped(document, "other_day", f"it is about {told}, not {work.day}")
    return None


def _made(
    work: Work, asked: witnesses.Asked, document: declaration.Document, decisions: Sequence[plan.Decision]
) -> tuple[plan.Candidate | plan.Trouble, facts.Facts | None]:
    """Return the document, or why there is none; and what was known, where it was asked."""
    late = work.given.stop()
    if late:
        return plan.Trouble("not_reached", late, LATE_FIX, judged=False), None
    before = work.before.get(document.id)
    if document.shape == building.ROWS:
        return rows.make(asked, document, before), None
    entries = plan.entries(decisions, work.run(asked), work.before)
    known = witnesses.known(asked, document, entries)
    if isinstance(known, plan.Trouble):
        return known, None
    return building.make(document, known, before), known


def _carried_out(
    work: Work, asked: witnesses.Asked, document: declaration.Document, made: plan.Candidate | plan.Trouble
) -> judge.Done:
    run, before = work.run(asked), work.before.get(document.id)
    decision = plan.decide(document, made, before, run)
    if work.given.request.dry_run or decision.action not in ("publish", "confirm"):
        return judge.Done(decision, "planned" if work.given.request.dry_run else "same")
    try:
        return _published(work, decision, run)
    except errors.CloudError as error:
        trouble = plan.Trouble(f"write_{error.code}", str(error), WRITE_FIX, judged=False)
        return judge.Done(dataclasses.replace(decision, action="refuse", trouble=trouble), "same")


def _published(work: Work, decision: plan.Decision, run: plan.Run) -> judge.Done:
    document, made = decision.document, decision.made
    if made and made.schema_sha256 != work.schema_of(document):
        broken = execute.hold_to_schema(work.place, document, made.schema, run)
        if broken:
            return judge.Done(dataclasses.replace(decision, action="refuse", trouble=broken), "same")
    # Only when the games are over does a document stand still.
    caches = work.given.declared.exports.caches
    cache = document.cache_final if document.cache_final and made and made.closed else document.cache
    written = execute.publish(work.place, decision, run, caches[cache], leads=work.leads)
    if written == "newer":
        return judge.Done(dataclasses.replace(decision, action="skip"), written)
    if written == "ahead":
        trouble = plan.Trouble(plan.OLDER, "what stands there is dated ahead of this run's clock", CLOCK_FIX)
        return judge.Done(dataclasses.replace(decision, action="refuse", trouble=trouble), "same")
    return judge.Done(decision, written)


def _closed(work: Work, done: Sequence[judge.Done], run: plan.Run) -> Finding:
    """Return the finding of the manifests, of the day and of the latest day, after they were written if need be."""
    if any(one.outcome == "newer" for one in done):
        # Ours would name older documents beside newer ones; whoever was faster names its own, all of one moment.
        return Finding("manifest", "manifest", Status.SKIP, "outrun", "a newer run writes it", severity="info")
    made = plan.manifest_of([one.decision for one in done], run, work.standing.manifest, work.before)
    try:
        whole = work.standing.manifest
        if made is not None:
            whole = execute.commit(work.place, layout.of_day(work.day), made, work.standing)
        # A day of which nothing is published yet takes nobody's place.
        if whole is not None and work.leads and plan.begun(whole):
            execute.commit(work.place, layout.MANIFEST, whole, work.current)
    except errors.CloudError as error:
        return Finding("manifest", "manifest", Status.ERROR, f"write_{error.code}", str(error), fix=WRITE_FIX)
    told = "unchanged" if made is None else "written"
    where = f"gs://{work.place.bucket}/{work.place.name(layout.MANIFEST)}"
    return Finding("manifest", "manifest", Status.PASS, told, f"{where}: {told}")


def _asked_for_more(work: Work, nights: Sequence[night.Night]) -> Iterator[Finding]:
    """Yield what became of the message after the last game of today, once every game is final."""
    declared, bucket = work.given.declared.exports.post_game, work.given.settings.ops_bucket
    if declared and bucket and work.day == work.today and any(one.over for one in nights):
        place = post_game.Place(work.given.clients, bucket, work.given.run_id)
        yield post_game.ask(place, declared, work.day, work.given.now)
