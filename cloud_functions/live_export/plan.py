"""What is done with each document: publish it, leave it, or refuse it and keep the last good one; pure.

Worse never replaces good: a document that could not be made, holds less than the calendar or the last one leads to
expect, or is older than what stands there, is refused, and the manifest says that the document is degraded.
"""

import dataclasses
import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from cloud_functions.live_export import declaration
from cloud_functions.live_export.documents import fields
from shared import calendars, wording
from shared.exports import layout, manifest

Action = Literal["publish", "confirm", "leave", "refuse", "skip"]
OLDER = "older"
"""The one refusal that degrades nothing: what stands there is newer than what was refused."""
CONFIRM_SHARE = 0.5
"""The share of a document's largest age after which unchanged content is confirmed in the manifest."""


@dataclasses.dataclass(frozen=True)
class Candidate:
    """A document that was made.

    size: in bytes, before compression. updated_at: since when it has this content. schema: the JSON Schema that it is
    held to. closed: whether nothing more is expected of its day.
    """

    gzipped: bytes = dataclasses.field(repr=False)
    sha256: str
    size: int
    measures: fields.Measures
    updated_at: datetime.datetime
    version: str
    schema: bytes = dataclasses.field(repr=False)
    schema_sha256: str
    closed: bool = False


@dataclasses.dataclass(frozen=True)
class Trouble:
    """Why a document could not be made, or may not be published. judged: whether it is bad, and not only unknown."""

    reason: str
    message: str
    fix: str
    observed: float | int | str | None = None
    expected: float | int | str | None = None
    unit: str | None = None
    judged: bool = True


class Day(NamedTuple):
    """The game day that is published: what the calendar says of it, and how many games it has."""

    date: datetime.date
    standing: calendars.Standing
    games: int


@dataclasses.dataclass(frozen=True)
class Run:
    """What holds for every document of a run. forced: ids of documents that a person wants over a refusal."""

    run_id: str
    now: datetime.datetime
    day: Day
    forced: Sequence[str] = ()


@dataclasses.dataclass(frozen=True)
class Decision:
    """What is done with one document. trouble: why it is refused, or would be if it were not forced."""

    document: declaration.Document
    action: Action
    before: manifest.Entry | None
    made: Candidate | None = dataclasses.field(default=None, repr=False)
    trouble: Trouble | None = None


def decide(
    document: declaration.Document, made: Candidate | Trouble, before: manifest.Entry | None, run: Run
) -> Decision:
    """Return what is done with a document, given what was made of it, and how it stands in the day's manifest."""
    standing = before.content if before and before.content and before.content.day == run.day.date else None
    if isinstance(made, Trouble):
        return Decision(document, "refuse", before, trouble=made)
    trouble = next(troubles(document, made, standing, run), None)
    if trouble is not None and document.id not in run.forced:
        return Decision(document, "refuse", before, made, trouble)
    if standing is None or standing.sha256 != made.sha256 or (trouble and trouble.reason == OLDER):
        return Decision(document, "publish", before, made, trouble)
    due = run.now - standing.as_of >= CONFIRM_SHARE * datetime.timedelta(seconds=document.max_age_seconds)
    return Decision(document, "confirm" if due else "leave", before, made, trouble)


def troubles(
    document: declaration.Document, made: Candidate, standing: manifest.Content | None, run: Run
) -> Iterator[Trouble]:
    """Yield why a document is worse than nothing, or than what stands there."""
    if standing and standing.as_of > run.now:
        told = f"what is published is as of {standing.as_of:%H:%M:%SZ}, later than this run's {run.now:%H:%M:%SZ}"
        yield Trouble(OLDER, told, "find out whose clock is wrong; a newer run may have been faster")
    yield from _too_little(document, made.measures, run.day)
    for column in document.floor.filled:
        if made.measures.rows and not made.measures.columns.get(column):
            told = f"{column} is null in all of {wording.amount(made.measures.rows, 'row')}"
            yield Trouble("all_null", told, f"look at what fills {column} in the sources of {document.id}")
    if standing:
        yield from _shrunk(document, made.measures, standing)


def _too_little(document: declaration.Document, found: fields.Measures, day: Day) -> Iterator[Trouble]:
    if day.standing is not calendars.Standing.GAMES or not document.floor.per_game:
        return
    fix = f"find out why the sources of {document.id} answer so little on a day with games"
    least = document.floor.per_game * day.games
    if not found.rows:
        told = f"it has no rows, and {wording.amount(day.games, 'game')} on {day.date}"
        yield Trouble("empty", told, fix, 0, "more than 0", "rows")
    elif found.rows < least:
        told = f"it has {found.rows:,} rows; {wording.amount(day.games, 'game')} make at least {wording.figure(least)}"
        yield Trouble("below_floor", told, fix, found.rows, least, "rows")


def _shrunk(document: declaration.Document, found: fields.Measures, standing: manifest.Content) -> Iterator[Trouble]:
    before = {"rows": standing.rows, **standing.counts}
    now = {"rows": found.rows, **found.counts}
    for name, number in before.items():
        least = number * (1 - document.floor.shrink)
        if now.get(name, 0) < least:
            told = f"{name} fell from {number:,} to {now.get(name, 0):,}; down to {wording.figure(least)} is allowed"
            fix = f"find out what its sources lost; if it is right, call again with force: [{document.id}]"
            yield Trouble("shrunk", told, fix, now.get(name, 0), number, name)


def schema_path(document: declaration.Document) -> str:
    """Return where the JSON Schema of a document is published: documents of one shape share it."""
    return layout.schema(document.id if document.shape == "rows" else document.shape)


def entry(decision: Decision, run: Run, *, confirmed: bool) -> manifest.Entry:
    """Return how a document stands once a decision is carried out.

    confirmed: whether content that is unchanged counts as read now, since the manifest is written anyway.
    """
    document, before = decision.document, decision.before
    blank = manifest.Entry(
        status="ok",
        path=layout.dated(document.path, run.day.date),
        latest=document.latest,
        max_age_seconds=document.max_age_seconds,
        schema=schema_path(document),
        content=before.content if before else None,
    )
    older = decision.action == "refuse" and decision.trouble and decision.trouble.reason == OLDER
    if decision.action == "skip" or older:
        return before or blank
    if decision.action == "refuse" and decision.trouble:
        known = before if before and before.reason == decision.trouble.reason else None
        since = known.since if known else run.now
        message = known.message if known else decision.trouble.message
        # What stands there stays, and so does who put it there.
        forced = bool(before and before.forced)
        degraded = dataclasses.replace(blank, status="degraded", reason=decision.trouble.reason, forced=forced)
        return dataclasses.replace(degraded, message=message, since=since)
    content = _content(decision, run, blank, confirmed=confirmed)
    forced = decision.trouble is not None or bool(before and before.forced and decision.action != "publish")
    return dataclasses.replace(blank, content=content, forced=forced)


def _content(decision: Decision, run: Run, blank: manifest.Entry, *, confirmed: bool) -> manifest.Content | None:
    made, standing = decision.made, blank.content
    if decision.action != "publish" or made is None:
        bumped = confirmed and standing and standing.as_of < run.now
        return dataclasses.replace(standing, as_of=run.now) if standing and bumped else standing
    return manifest.Content(
        day=run.day.date,
        object=layout.immutable(blank.path, made.sha256),
        sha256=made.sha256,
        bytes=made.size,
        rows=made.measures.rows,
        counts=made.measures.counts,
        as_of=run.now,
        updated_at=made.updated_at,
        schema_version=made.version,
        run_id=run.run_id,
        schema_sha256=made.schema_sha256,
    )


def carried(known: Mapping[str, manifest.Entry], earlier: Mapping[str, manifest.Entry]) -> Mapping[str, manifest.Entry]:
    """Return how a day's documents stand; what was published last, on an earlier day, stays where it has none."""
    found = dict(known)
    for name, last in earlier.items():
        own = known.get(name)
        if own is None and last.content:
            found[name] = dataclasses.replace(last, status="ok", reason=None, message=None, since=None)
        elif own is not None and own.content is None:
            found[name] = dataclasses.replace(own, content=last.content)
    return found


def begun(made: manifest.Manifest) -> bool:
    """Return whether anything of a manifest is about its own day."""
    return any(one.content is not None and one.content.day == made.day for one in made.documents.values())


def entries(
    decisions: Sequence[Decision], run: Run, before: Mapping[str, manifest.Entry]
) -> Mapping[str, manifest.Entry]:
    """Return how all documents stand once decisions are carried out: those of `before` that nobody decided, too."""
    still = {one.document.id: entry(one, run, confirmed=False) for one in decisions}
    confirmed = any(one.action in ("publish", "confirm") for one in decisions) or any(
        before.get(name) != found for name, found in still.items()
    )
    if confirmed:
        still = {one.document.id: entry(one, run, confirmed=True) for one in decisions}
    return {**before, **still}


def manifest_of(
    decisions: Sequence[Decision], run: Run, before: manifest.Manifest | None, known: Mapping[str, manifest.Entry]
) -> manifest.Manifest | None:
    """Return the manifest that is to be written, or None when it would say what the day's last one says.

    known: how the documents stood, those of an earlier day included where the day has nothing yet.
    """
    found = entries(decisions, run, known)
    if before is not None and found == before.documents:
        return None
    return manifest.Manifest(manifest.SCHEMA_VERSION, run.day.date, run.now, run.run_id, found)


def merged(ours: manifest.Manifest, theirs: manifest.Manifest) -> manifest.Manifest:
    """Return our manifest with what another run has published later, which wrote its own while we were at work.

    What this run was forced to publish stays, also over what is dated later: it was forced for that.
    """
    found = dict(ours.documents)
    for name, entry_ in theirs.documents.items():
        mine = found.get(name)
        insisted = mine and mine.forced and mine.content and mine.content.run_id == ours.run_id
        if mine is None or (_as_of(entry_) > _as_of(mine) and not insisted):
            found[name] = entry_
    return dataclasses.replace(ours, documents=found)


def _as_of(found: manifest.Entry) -> datetime.datetime:
    return found.content.as_of if found.content else datetime.datetime.min.replace(tzinfo=datetime.UTC)
