"""One health check from beginning to end: declare, ask, answer, judge, report; and the status page."""

import datetime

from cloud_functions.daily_health_check import declaration, judge, platform
from cloud_functions.daily_health_check.doctor import schedules
from cloud_functions.daily_health_check.judges import summary
from shared import contract, declarations, deployment, errors, gamedays, history, pipeline, settings
from shared.contract import Outcome
from shared.gcp import clients
from shared.gcp import history as gcp_history

Given = contract.Run[declaration.Declared, declaration.Request]
NAME = "daily_health_check"
PAGE_SPAN = datetime.timedelta(days=14)
RESERVE = 60.0
"""Seconds of the function's time that are not for asking: to judge, to read the history, and to deliver."""


def declared(deployed: settings.Settings) -> declaration.Declared:
    """Return what is declared for this deployment; raise InvalidDeclaration with every mistake."""
    health = declarations.load(
        declaration.Health, deployed.declaration(NAME, declaration.NAME), environment=deployed.environment
    )
    agreed = declarations.load(pipeline.Pipeline, deployed.pipeline(), environment=deployed.environment)
    return declaration.Declared(health, agreed, functions())


def functions() -> dict[str, deployment.Function]:
    """Return the deploy facts of every function that stands beside this one, by name; raise InvalidDeclaration."""
    found = sorted((settings.ROOT / "cloud_functions").glob(f"*/{deployment.NAME}"))
    return {path.parent.name: declarations.load(deployment.Function, path, environment={}) for path in found}


def reach(agreed: declaration.Declared) -> contract.Reach:
    """Return the dataset of the calendar; the buckets of outputs are only read."""
    calendar = agreed.pipeline.calendar
    return contract.Reach((), (calendar.table.partition(".")[0],) if calendar else ())


def check(given: Given) -> Outcome:
    """Return what became of every subject."""
    day = given.request.day or gamedays.of(given.now, given.declared.pipeline.game_day)
    seconds = max(1.0, min(given.declared.health.seconds, given.settings.timeout - RESERVE))
    known = platform.gather(given, day, seconds=seconds)
    asked = judge.Asked(given.declared, given.request, given.clients.project, day, given.now)
    found = judge.findings(asked, known)
    return Outcome(summary.of(found, day), found, as_of=given.now, day=day)


def show(deployed: settings.Settings, now: datetime.datetime) -> str:
    """Return the status page; raise InvalidDeclaration, or CloudError without credentials."""
    from cloud_functions.daily_health_check.page import rendering  # noqa: PLC0415 - only a browser pays for its import

    agreed = declared(deployed)
    used = clients.connect(deployed.project)
    runs: tuple[history.Run, ...] = ()
    said: tuple[history.Said, ...] = ()
    problem = None if deployed.ops_dataset else "OPS_DATASET is not set, so that there is no ledger"
    try:
        if deployed.ops_dataset:
            runs = gcp_history.runs(used, deployed.ops_dataset, since=now - PAGE_SPAN)
            said = gcp_history.said(used, deployed.ops_dataset, rendering.shown(runs))
    except errors.CloudError as error:
        problem = str(error)
    expected = {name: _due(facts) for name, facts in agreed.functions.items()}
    day = gamedays.of(now, agreed.pipeline.game_day)
    return rendering.render(rendering.Told(runs, said, expected, problem, used.project, day), now)


def _due(facts: deployment.Function) -> str:
    told = (schedules.words(one.cron, one.time_zone) for one in facts.schedules)
    return "; ".join(told) or "when it is called"
