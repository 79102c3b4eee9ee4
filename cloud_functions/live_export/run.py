"""One export from beginning to end: declare, ask, plan, execute, report; each document as soon as it can be made."""

import concurrent.futures
import datetime
from collections.abc import Iterator

from cloud_functions.live_export import (
    access,
    building,
    contracts,
    declaration,
    exporting,
    judge,
    plan,
    sources,
    witnesses,
)
from shared import calendars, contract, declarations, errors, gamedays, pipeline, settings
from shared.contract import Outcome
from shared.gcp import bigquery, clients, publishing
from shared.report import Finding
from shared.statuses import Status

NAME = "live_export"


def declared(deployed: settings.Settings) -> declaration.Declared:
    """Return what is declared for this deployment; raise InvalidDeclaration with every mistake."""
    path = deployed.declaration(NAME, declaration.NAME)
    exports = declarations.load(declaration.Exports, path, environment=deployed.environment)
    agreed = declarations.load(pipeline.Pipeline, deployed.pipeline(), environment=deployed.environment)
    texts, problems = {}, list(_unknown_shapes(exports))
    for name, source in exports.sources.items():
        file = path.parent / declaration.QUERIES / source.sql
        try:
            texts[name] = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(f"{declaration.NAME}: sources.{name}.sql: {file.name} cannot be read: {error}")
    if problems:
        raise errors.InvalidDeclaration(problems)
    return declaration.Declared(exports, agreed, texts)


def _unknown_shapes(exports: declaration.Exports) -> Iterator[str]:
    known = [*contracts.shapes_of_documents(), building.ROWS]
    for one in exports.documents:
        place = f"{declaration.NAME}: documents.{one.id}"
        if one.shape not in known:
            yield f"{place}.shape: must be one of {', '.join(known)}, not {one.shape!r}"
        elif one.shape == building.ROWS and (len(one.sources) != 1 or declaration.PROVIDER in one.sources):
            yield f"{place}.sources: rows are those of exactly one query"
        elif one.shape != building.ROWS:
            missing = [name for name in contracts.shapes_of_documents()[one.shape].NEEDS if name not in one.sources]
            if missing:
                yield f"{place}.sources: {one.shape} is made from {', '.join(missing)} too"


def reach(found: declaration.Declared) -> contract.Reach:
    """Return the bucket that is published into; what is read, its queries name."""
    return contract.Reach((found.exports.bucket,), ())


def export(given: sources.Given) -> Outcome:
    """Return what became of the documents that were asked for; raise CloudError when nothing could be begun."""
    exports = given.declared.exports
    today = gamedays.of(given.now, given.declared.pipeline.game_day)
    day = given.request.on(today)
    wanted = tuple(one for one in exports.documents if given.request.wants(one.id))
    _check(given.request, wanted, [one.id for one in exports.documents])
    seen = _seen(given)
    refused = access.refusal(exports, seen)
    if refused is not None:
        return _outcome(given, plan.Day(day, calendars.Standing.UNKNOWN, 0), (refused,), sources.Sources({}, {}))
    work = exporting.begin(given, day, today)
    names = {name for one in wanted if one.shape != building.ROWS for name in one.sources}
    pool = concurrent.futures.ThreadPoolExecutor(sources.PARALLEL)
    try:
        coming = sources.begin(given, day, names, pool)
        asked = witnesses.Asked(given, day, work.now, coming, exporting.published(work))
        found = (*exporting.documents(work, asked, wanted), *access.findings(exports, seen))
        return _outcome(given, asked.on(), found, coming)
    finally:
        # What is not needed any more is not waited for: each query ends by its own time.
        pool.shutdown(wait=False, cancel_futures=True)


def _check(request: declaration.Request, wanted: tuple[declaration.Document, ...], known: list[str]) -> None:
    """Raise InvalidRequest for documents that there are not."""
    strangers = [name for name in request.force if name not in known]
    if strangers:
        raise errors.InvalidRequest([f"force: there is no document {name!r}" for name in strangers])
    if not wanted:
        raise errors.InvalidRequest([f"only: matches no document; there are {', '.join(known)}"])


def _seen(given: sources.Given) -> access.Seen:
    """Return what the bucket says of itself; raise NotFound when there is none."""
    client, bucket = given.clients.storage, given.declared.exports.bucket
    try:
        found = publishing.bucket_facts(client, bucket)
    except errors.AccessDenied as error:
        return access.Seen(error, error)
    if found.public_access_prevention == "enforced":
        return access.Seen(public=False, cors=found.cors)
    try:
        return access.Seen(publishing.is_public(client, bucket), found.cors)
    except errors.AccessDenied as error:
        return access.Seen(error, found.cors)


def _outcome(given: sources.Given, day: plan.Day, found: tuple[Finding, ...], coming: sources.Sources) -> Outcome:
    return Outcome(
        judge.summary(found, day),
        found,
        as_of=given.now,
        scans=coming.scans,
        bytes_billed=coming.billed,
        day=day.date,
        kept=not given.request.dry_run,
    )


def rehearse(deployed: settings.Settings) -> Iterator[Outcome]:
    """Yield what a dry run of every query says; raise InvalidDeclaration or CloudError."""
    found = declared(deployed)
    used = clients.connect(deployed.project)
    now = datetime.datetime.now(datetime.UTC)
    day = gamedays.of(now, found.pipeline.game_day)
    told = tuple(_priced(used, found, name, day) for name in found.texts)
    yield Outcome(f"{NAME}: {len(told)} queries", told)


def _priced(used: clients.Clients, found: declaration.Declared, name: str, day: datetime.date) -> Finding:
    source = found.exports.sources[name]
    asked = sources.parameters(source, day)
    try:
        size = bigquery.estimate(used.bigquery, found.texts[name], label=sources.LABEL, parameters=asked)
    except errors.CloudError as error:
        return Finding(name, "query", Status.ERROR, error.code, str(error))
    if size > source.bytes_limit:
        message = f"it reads {size:,} bytes; {source.bytes_limit:,} are allowed"
        return Finding(name, "query", Status.ERROR, "over_budget", message)
    return Finding(name, "query", Status.SKIP, "planned", f"it reads {size:,} bytes", severity="info")
