"""One backup from beginning to end: declare, plan, execute, report."""

from cloud_functions.bigquery_backup import declaration, execute, inventory, judge, plan, verify
from cloud_functions.bigquery_backup.work import Budget, Work
from shared import contract, declarations, gamedays, pipeline, report, settings
from shared.backups import layout
from shared.contract import Outcome

Given = contract.Run[declaration.Declared, declaration.Request]
RESUMABLE = 5
"""How many of the day's latest runs are looked at for one that was killed."""


def declared(deployed: settings.Settings) -> declaration.Declared:
    """Return what is declared for this deployment; raise InvalidDeclaration with every mistake."""
    backups = declarations.load(
        declaration.Backups,
        deployed.declaration("bigquery_backup", declaration.NAME),
        environment=deployed.environment,
    )
    agreed = declarations.load(pipeline.Pipeline, deployed.pipeline(), environment=deployed.environment)
    return declaration.Declared(backups, agreed)


def backup(given: Given) -> Outcome:
    """Return what became of the declared tables; raise CloudError when nothing could be begun."""
    wanted = given.declared.backups
    listings, billed = inventory.listings(
        given.clients, (item.dataset for item in wanted.datasets), bytes_limit=wanted.query_bytes_limit
    )
    made, sources = _planned(given, listings)
    if given.request.dry_run:
        found = judge.planned(made)
        return _outcome(
            given,
            made,
            found,
            f"dry run: {len(made.steps)} tables would be backed up to {made.run.manifest_uri}",
            billed,
        )
    begun = _begun(given, made)
    if not begun.steps:
        found = judge.findings(begun, ())
        return _outcome(given, begun, found, judge.summary(begun, found, where="nothing was written"), billed)
    budget = Budget(wanted.read_back_bytes)
    work = Work(
        begun,
        given.clients,
        {source.listed.ref: source for source in sources},
        budget,
        wanted.scratch_hours,
        given.stop,
    )
    return _executed(given, work, billed)


def _planned(given: Given, listings: tuple[plan.Listing, ...]) -> tuple[plan.Plan, tuple[plan.Source, ...]]:
    wanted, t0 = given.declared.backups, inventory.utc_milliseconds(given.now)
    chosen, left_out = plan.select(wanted, given.request, listings, t0)
    locations = {listing.dataset: listing.location for listing in listings}
    sources = inventory.sources(given.clients, ((listed, locations[listed.ref.dataset]) for listed in chosen))
    steps, refused = plan.steps(wanted, sources)
    first = layout.Run(wanted.bucket, wanted.prefix, gamedays.of(given.now, given.declared.pipeline.game_day), 1)
    runs = inventory.runs_of_day(given.clients, first)
    made = plan.Plan(
        version=plan.VERSION,
        run_id=given.run_id,
        project=given.clients.project,
        bucket=wanted.bucket,
        prefix=wanted.prefix,
        day=first.day,
        number=runs[-1].number + 1 if runs else 1,
        t0=t0,
        scope=plan.scope(given.declared, given.request),
        mode=wanted.mode,
        scratch_dataset=wanted.scratch_dataset,
        steps=steps,
        left_out=(*left_out, *refused),
    )
    return made, sources


def _begun(given: Given, made: plan.Plan) -> plan.Plan:
    """Return the plan of a killed run of the day that this one continues, else the new plan, written down."""
    for number in range(made.number - 1, max(0, made.number - 1 - RESUMABLE), -1):
        run = layout.Run(made.bucket, made.prefix, made.day, number)
        killed = inventory.unfinished(given.clients, run, made.scope)
        if killed:
            return killed
    return execute.begin(made, given.clients.storage) if made.steps else made


def _executed(given: Given, work: Work, billed: int) -> Outcome:
    written = inventory.shards(given.clients, work.plan.run)
    results: list[execute.Result] = [
        verify.entry(shard, work.plan.run.shard(shard.table), generation) for shard, generation in written.values()
    ]
    todo = [step for step in work.plan.steps if step.table.short not in written]
    results += execute.tables(work, todo)
    missed = execute.unreached(todo, results, work.stop() or "")
    results += missed
    where = f"{work.plan.run.name} is not closed, so there is no backup yet: call again, and it goes on"
    if not missed:
        where = execute.close(work, judge.entries(work.plan, results), commit=given.settings.build.commit).manifest_uri
        execute.tidy(work, results)
    found = judge.findings(work.plan, results)
    return _outcome(given, work.plan, found, judge.summary(work.plan, found, where=where), billed)


def _outcome(given: Given, made: plan.Plan, found: tuple[report.Finding, ...], summary: str, billed: int) -> Outcome:
    kept = not given.request.dry_run
    return Outcome(summary, found, as_of=made.t0, bytes_billed=billed, day=made.day, kept=kept)
