"""One run of a suite from beginning to end: declare, ask, answer, judge, report."""

import datetime
import pathlib
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from cloud_functions.validation_runner import declaration, judge, warehouse
from shared import contract, declarations, deployment, errors, gamedays, pipeline, settings
from shared.checks import model, planning, suites, verdicts
from shared.checks import run as asking
from shared.checks.planning import Asked, Refusal
from shared.contract import Outcome
from shared.gcp import clients
from shared.report import Finding

T = TypeVar("T")
Given = contract.Run[declaration.Declared, declaration.Request]
NAME = "validation_runner"
LEASE_SECONDS = 60.0


def declared(deployed: settings.Settings) -> declaration.Declared:
    """Return what is declared for this deployment; raise InvalidDeclaration for the pipeline, or without any suite."""
    agreed = declarations.load(pipeline.Pipeline, deployed.pipeline(), environment=deployed.environment)
    folder = deployed.declaration(NAME, declaration.FOLDER)
    files = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    if not files:
        raise errors.InvalidDeclaration([f"{folder}: there is no suite here"])
    return declaration.Declared(agreed, files)


def load(path: pathlib.Path) -> suites.Suite:
    """Return the suite of a file; raise InvalidDeclaration with every mistake in it."""
    return declarations.load(suites.Suite, path, environment={})


def load_all(agreed: declaration.Declared) -> dict[str, suites.Suite]:
    """Return every suite by its name; raise InvalidDeclaration with every mistake in any of them."""
    loaded: dict[str, suites.Suite] = {}
    problems: list[str] = []
    for name, path in agreed.suites.items():
        try:
            loaded[name] = load(path)
        except errors.InvalidDeclaration as error:
            problems += error.problems
    if problems:
        raise errors.InvalidDeclaration(problems)
    return loaded


def reach(agreed: declaration.Declared) -> contract.Reach:
    """Return the datasets that all suites read."""
    loaded = load_all(agreed).values()
    tables = [table for suite in loaded for table in planning.tables(suite, planning.bound(suite), suite.facts)]
    tables += [agreed.pipeline.calendar.table] if agreed.pipeline.calendar else []
    return contract.Reach((), tuple(sorted({table.partition(".")[0] for table in tables})))


def validate(given: Given) -> Outcome:
    """Return what became of every check of the suite; the list of suites when none is asked for."""
    if given.request.suite is None:
        return _listed(given)
    path = given.declared.suites.get(given.request.suite)
    if path is None:
        known = ", ".join(given.declared.suites)
        raise errors.InvalidRequest([f"suite: there is no suite {given.request.suite!r}; there are {known}"])
    suite = load(path)
    checks = planning.bound(suite)
    wanted = [check for check in checks if given.request.wants(check.id)]
    if not wanted:
        raise errors.InvalidRequest([f"only: matches no check of {given.request.suite}"])
    return _planned(given, suite, wanted) if given.request.plan else _run(given, suite, checks, wanted)


def _listed(given: Given) -> Outcome:
    path = settings.ROOT / "cloud_functions" / NAME / deployment.NAME
    schedules = declarations.load(deployment.Function, path, environment={}).schedules
    found: list[Finding] = []
    for name, file in given.declared.suites.items():
        own = [one for one in schedules if one.body.get("suite") == name]
        try:
            found.append(judge.listed(name, load(file), own))
        except errors.InvalidDeclaration as error:
            found.append(judge.unreadable(name, error))
    return Outcome(judge.listing(found), tuple(found), as_of=given.now, kept=False)


def _planned(given: Given, suite: suites.Suite, checks: list[model.Bound]) -> Outcome:
    asked = _asked(given, suite)
    facts = list(suite.facts) if not given.request.only else planning.facts(suite, checks)
    tables = warehouse.tables(given.clients, planning.tables(suite, checks, facts))
    questions, refused = _questions(asked, checks, facts, tables)
    limits = asking.Limits(suite.limits.bytes_per_scan, suite.limits.bytes_per_run, suite.limits.parallel)
    priced, result = asking.price(questions, warehouse.of(given, asked), limits)
    found = (
        *warehouse.calendar_plan(given, asked),
        *judge.planned(asked, checks, priced, {**refused, **result.answers}),
    )
    return Outcome(
        judge.plan_summary(asked, found),
        found,
        as_of=asked.as_of,
        bytes_estimated=judge.planned_bytes(found),
        bytes_limit=suite.limits.bytes_per_run,
        scope=asked.name,
        day=asked.day,
        kept=False,
    )


def _run(given: Given, suite: suites.Suite, checks: list[model.Bound], wanted: list[model.Bound]) -> Outcome:
    asked = _asked(given, suite)
    facts = planning.facts(suite, wanted)
    read = warehouse.read(given, asked, planning.tables(suite, wanted, facts))
    asked = read.asked
    refused = {check.id: Refusal("not_asked", "not asked for", skip=True) for check in checks if check not in wanted}
    refused |= {check.id: why for check in wanted if (why := planning.inapplicable(asked, check)) is not None}
    applicable = [check for check in wanted if check.id not in refused]
    needed = planning.facts(suite, applicable)
    questions, unasked = _questions(asked, applicable, needed, read.tables)
    limits = asking.Limits(suite.limits.bytes_per_scan, suite.limits.bytes_per_run, suite.limits.parallel)
    result = asking.ask(questions, warehouse.of(given, asked), limits)
    outcomes = {**refused, **unasked, **result.answers}
    measured = {name: planning.measured(suite, name, outcomes[planning.FACT + name]) for name in needed}
    tables = {name: table for name, table in read.tables.items() if isinstance(table, model.Table)}
    nights = None if read.past is None else judge.nights(read.past, asked.day)
    found = verdicts.findings(asked, checks, verdicts.Known(outcomes, tables, measured, nights))
    return _outcome(asked, found, result, read)


def _outcome(asked: Asked, found: tuple[Finding, ...], result: asking.Result, read: warehouse.Read) -> Outcome:
    return Outcome(
        judge.summary(asked, found),
        found,
        as_of=asked.as_of,
        scans=len(result.done) + len(result.failed) + read.scans,
        bytes_estimated=result.bytes_estimated,
        bytes_billed=result.bytes_billed + read.bytes_billed,
        bytes_limit=asked.suite.limits.bytes_per_run,
        bytes_unfolded=asking.unfolded(result.done) + read.bytes_billed,
        scope=asked.name,
        day=asked.day,
        past=read.past,
    )


def _questions(
    asked: Asked, checks: Iterable[model.Bound], facts: Iterable[str], tables: warehouse.Tables
) -> tuple[list[model.Question], dict[str, Refusal]]:
    """Return what is asked, and why the rest cannot be."""
    made = {check.id: _question(tables[check.table], planning.question, asked, check) for check in checks}
    for name in facts:
        table = tables[asked.suite.facts[name].table]
        made[planning.FACT + name] = _question(table, planning.fact_question, asked, name)
    refused = {owner: one for owner, one in made.items() if isinstance(one, Refusal)}
    return [one for one in made.values() if isinstance(one, model.Question)], refused


def _question(
    table: model.Table | Refusal, make: Callable[[Asked, T, model.Table], model.Question], asked: Asked, about: T
) -> model.Question | Refusal:
    return table if isinstance(table, Refusal) else planning.attempt(lambda: make(asked, about, table))


def _asked(given: Given, suite: suites.Suite) -> Asked:
    game_day = given.declared.pipeline.game_day
    today = gamedays.of(given.now, game_day)
    day = given.request.day or (gamedays.of(given.request.as_of, game_day) if given.request.as_of else today)
    end = gamedays.start(day + datetime.timedelta(days=1), game_day).astimezone(datetime.UTC)
    as_of = given.request.as_of or min(given.now, end)
    if as_of > given.now:
        raise errors.InvalidRequest([f"as_of: {as_of.isoformat()} is still to come"])
    return Asked(str(given.request.suite), suite, day, as_of.astimezone(datetime.UTC), given.now, game_day)


def rehearse(deployed: settings.Settings) -> Iterator[Outcome]:
    """Yield the plan of every suite, each query of it run dry; raise InvalidDeclaration or CloudError."""
    agreed = declared(deployed)
    load_all(agreed)
    used = clients.connect(deployed.project)
    for name in agreed.suites:
        request = declaration.Request(suite=name, plan=True)
        now = datetime.datetime.now(datetime.UTC)
        yield validate(Given(now, "rehearsal", agreed, request, deployed, used, lambda: None))
