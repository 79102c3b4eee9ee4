"""From what is declared, what exists and what is asked: the plan of a backup; pure.

Everything discovered is accounted for: it has a step, or it is left out with a status and a reason.
"""

import dataclasses
import datetime
import fnmatch
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from cloud_functions.bigquery_backup import declaration
from shared import refs
from shared.backups import formats, layout
from shared.statuses import Status

VERSION = 1
NOT_REQUESTED = "declared, but not asked for in this run"
BASE_TABLE = "BASE TABLE"
CLONE = "CLONE"
"""A clone is a standard table; every other type than these two has no rows of its own to extract."""


@dataclasses.dataclass(frozen=True)
class Listed:
    """A table as its dataset lists it."""

    ref: refs.Table
    type: str
    created: datetime.datetime
    ddl: str | None


@dataclasses.dataclass(frozen=True)
class Listing:
    """A declared dataset as it was found: its location and tables, or why it could not be listed."""

    dataset: str
    location: str = ""
    tables: tuple[Listed, ...] = ()
    trouble: tuple[str, str] | None = None


@dataclasses.dataclass(frozen=True)
class Source:
    """A table that is to be backed up, as read from BigQuery: its REST resource, or why it could not be read.

    policies: its row access policies as REST resources; None where the account may not read them.
    """

    listed: Listed
    location: str
    resource: Mapping[str, Any] | None
    policies: tuple[Mapping[str, Any], ...] | None = None
    trouble: tuple[str, str] | None = None


@dataclasses.dataclass(frozen=True)
class Step:
    """One table to back up. rows and bytes are the table's own, as far as known beforehand; None where unknown."""

    table: refs.Table
    location: str
    format: formats.Format
    rows: int | None
    bytes: int | None


@dataclasses.dataclass(frozen=True)
class LeftOut:
    """A subject that is not backed up: skipped, or bad; `fix` says what to do. `ddl` makes a skipped view again."""

    subject: str
    status: Status
    reason: str
    message: str
    fix: str | None = None
    ddl: str | None = None


@dataclasses.dataclass(frozen=True)
class Plan:
    """What one run does. `scope` is the fingerprint of what was declared and asked; only the same is resumed."""

    version: int
    run_id: str
    project: str
    bucket: str
    prefix: str
    day: datetime.date
    number: int
    t0: datetime.datetime
    scope: str
    mode: str
    scratch_dataset: str
    steps: tuple[Step, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def run(self) -> layout.Run:
        """The run's place in the bucket."""
        return layout.Run(self.bucket, self.prefix, self.day, self.number)

    def scratch(self, step: Step) -> refs.Table:
        """Return the clone that a step extracts from: named after run and table, in a dataset at its location."""
        place = "".join(letter if letter.isalnum() else "_" for letter in step.location.lower())
        key = f"{self.run.manifest_uri} {step.table}"
        return refs.Table(self.project, f"{self.scratch_dataset}_{place}", f"clone_{digest(key)}")

    def job_id(self, step: Step, stage: str, attempt: int) -> str:
        """Return the id of a step's job: the same for the same deed, so that a killed run finds its jobs again."""
        key = f"{self.run.manifest_uri} {self.t0.isoformat()} {step.table}"
        return f"pressbox_backup_{self.day:%Y%m%d}_{self.number:02d}_{digest(key)}_{stage}_{attempt}"


def digest(text: str) -> str:
    """Return 20 hex digits of the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def scope(declared: declaration.Declared, request: declaration.Request) -> str:
    """Return the fingerprint of what is declared and asked; the calendar of games decides nothing of a backup."""
    said = [dataclasses.asdict(part) for part in (declared.backups, declared.pipeline.game_day)]
    text = json.dumps([*said, request.only], sort_keys=True)
    return digest(text)


def select(
    declared: declaration.Backups, request: declaration.Request, listings: tuple[Listing, ...], t0: datetime.datetime
) -> tuple[tuple[Listed, ...], tuple[LeftOut, ...]]:
    """Return the tables to back up, and all else that was declared or discovered, with the reason why not."""
    chosen: list[Listed] = []
    left_out: list[LeftOut] = []
    by_name = {listing.dataset: listing for listing in listings}
    for wanted in declared.datasets:
        listing = by_name[wanted.dataset]
        if listing.trouble:
            left_out.append(_unlisted(wanted, listing.trouble))
            continue
        left_out += _unmatched(wanted, listing, request)
        for table in listing.tables:
            reason = _why_not(table, wanted, request, t0)
            if reason:
                left_out.append(reason)
            else:
                chosen.append(table)
    left_out += _unmatched_requests(request, declared, listings)
    return tuple(chosen), tuple(left_out)


def steps(declared: declaration.Backups, sources: tuple[Source, ...]) -> tuple[tuple[Step, ...], tuple[LeftOut, ...]]:
    """Return a step per source, largest first, and those that cannot be backed up without loss."""
    made: list[Step] = []
    refused: list[LeftOut] = []
    for source in sources:
        subject = source.listed.ref.short
        if source.resource is None:
            code, message = source.trouble or ("rejected", "the table could not be read")
            refused.append(LeftOut(subject, Status.ERROR, code, message, "give the account bigquery.tables.get on it"))
            continue
        schema = source.resource.get("schema", {}).get("fields", ())
        choice = formats.choose(schema, declared.format)
        if choice is None:
            refused.append(_lossy(subject, formats.unproven(schema, declared.format)))
            continue
        rows, size = source.resource.get("numRows"), source.resource.get("numBytes")
        made.append(Step(source.listed.ref, source.location, choice.format, _int(rows), _int(size)))
    return tuple(sorted(made, key=lambda step: (-(step.bytes or 0), step.table))), tuple(refused)


def _int(text: Any) -> int | None:
    return None if text is None else int(text)


def _unlisted(wanted: declaration.Dataset, trouble: tuple[str, str]) -> LeftOut:
    code, message = trouble
    if code == "not_found":
        fix = f"create the dataset, or take {wanted.dataset} out of {declaration.NAME}"
        return LeftOut(wanted.dataset, Status.FAIL, "missing_dataset", message, fix)
    return LeftOut(
        wanted.dataset, Status.ERROR, code, message, "give the account bigquery.metadataViewer on the dataset"
    )


def _unmatched(wanted: declaration.Dataset, listing: Listing, request: declaration.Request) -> Iterator[LeftOut]:
    names = [listed.ref.table for listed in listing.tables]
    for pattern in wanted.include:
        subject = f"{wanted.dataset}.{pattern}"
        if any(fnmatch.fnmatchcase(name, pattern) for name in names):
            continue
        if not request.wants(subject):
            yield LeftOut(subject, Status.SKIP, "not_requested", NOT_REQUESTED)
            continue
        literal = not set(pattern) & set("*?[")
        reason, word = ("missing_table", "the table") if literal else ("matches_nothing", "a table for the pattern")
        fix = f"create {word}, or take it out of {declaration.NAME}"
        yield LeftOut(subject, Status.FAIL, reason, f"{subject} is declared, and there is no such table", fix)


def _unmatched_requests(
    request: declaration.Request, declared: declaration.Backups, listings: tuple[Listing, ...]
) -> Iterator[LeftOut]:
    known = [listed.ref.short for listing in listings for listed in listing.tables]
    known += [f"{item.dataset}.{pattern}" for item in declared.datasets for pattern in item.include]
    for pattern in request.only:
        if not any(fnmatch.fnmatchcase(name, pattern) for name in known):
            message = f"{pattern} was asked for, and matches no table of the declared datasets"
            yield LeftOut(pattern, Status.FAIL, "matches_nothing", message, "correct `only`")


def _why_not(
    table: Listed, wanted: declaration.Dataset, request: declaration.Request, t0: datetime.datetime
) -> LeftOut | None:
    subject, name = table.ref.short, table.ref.table
    if not any(fnmatch.fnmatchcase(name, pattern) for pattern in wanted.include):
        return LeftOut(subject, Status.SKIP, "undeclared", "not declared: add it to include, or leave it")
    if any(fnmatch.fnmatchcase(name, pattern) for pattern in wanted.exclude):
        return LeftOut(subject, Status.SKIP, "excluded", "declared under exclude")
    if not request.wants(subject):
        return LeftOut(subject, Status.SKIP, "not_requested", NOT_REQUESTED)
    if table.type not in (BASE_TABLE, CLONE):
        reason = table.type.lower().replace(" ", "_")
        message = f"a {table.type.lower()} has no rows of its own; its definition is in the manifest"
        return LeftOut(subject, Status.SKIP, reason, message, ddl=table.ddl)
    if table.created > t0:
        return LeftOut(subject, Status.SKIP, "created_after_t0", f"created after the backup's instant {t0:%H:%M:%S}")
    return None


def _lossy(subject: str, columns: list[str]) -> LeftOut:
    message = f"no file format is proven to carry {', '.join(columns[:5])} without loss"
    fix = f"exclude the table in {declaration.NAME}, or change the columns' types"
    return LeftOut(subject, Status.FAIL, "no_lossless_format", message, fix)
