"""Speaks to the warehouse for a run: metadata, calendar and history side by side, then prices and answers of scans."""

import concurrent.futures
import dataclasses
from collections.abc import Iterable, Mapping

from cloud_functions.validation_runner import declaration, judge
from shared import calendars, contract, errors, history, logs, refs
from shared.checks import fold, metadata, model, planning, sql, suites
from shared.checks import run as asking
from shared.checks.planning import Asked, Refusal
from shared.gcp import bigquery, clients
from shared.gcp import history as gcp_history
from shared.report import Finding
from shared.statuses import Status

Given = contract.Run[declaration.Declared, declaration.Request]
Tables = Mapping[str, model.Table | Refusal]
LABEL = "validation"
CALENDAR_BYTES = 100 * 1024**2
"""What reading the calendar may bill."""


@dataclasses.dataclass(frozen=True)
class Read:
    """What is known before anything is asked; `past` is None when the ledger could not be read.

    scans, bytes_billed: what the calendar cost.
    """

    asked: Asked
    tables: Tables
    past: tuple[history.Past, ...] | None
    scans: int
    bytes_billed: int


def tables(used: clients.Clients, names: Iterable[str]) -> Tables:
    """Return what BigQuery says of each table, or why it says nothing."""
    listed = list(names)
    found = bigquery.each(lambda name: metadata.table(bigquery.table(used.bigquery, _ref(used, name))), listed)
    return {
        name: _refused(name, one) if isinstance(one, Exception) else one
        for name, one in zip(listed, found, strict=True)
    }


def _refused(name: str, error: errors.CloudError) -> Refusal:
    if isinstance(error, errors.NotFound):
        return Refusal("no_such_table", f"{name} does not exist")
    return Refusal(error.code, str(error))


def _ref(used: clients.Clients, name: str) -> refs.Table:
    dataset, _, table = name.partition(".")
    return refs.Table(used.project, dataset, table)


def read(given: Given, asked: Asked, names: Iterable[str]) -> Read:
    """Return the tables, the calendar and the history that a run needs, all asked for at once."""
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        games = pool.submit(_calendar, given, asked)
        past = pool.submit(_history, given, asked)
        found = tables(given.clients, names)
        known, billed = games.result()
        return Read(known, found, past.result(), int(known.calendar is not None), billed)


def calendar_plan(given: Given, asked: Asked) -> tuple[Finding, ...]:
    """Return the finding that the calendar would be read, or that it cannot be."""
    declared = given.declared.pipeline.calendar
    if declared is None:
        return ()
    text, parameters = _question(given, asked, declared)
    subject = f"{asked.name}.calendar"
    try:
        size = bigquery.estimate(given.clients.bigquery, text, label=LABEL, parameters=parameters)
    except errors.CloudError as error:
        fix = "mend `calendar` in pipeline.yaml, or the right to read its table"
        return (Finding(subject, "scan", Status.ERROR, error.code, str(error), fix=fix),)
    return (judge.scan_finding(subject, text, parameters, size=size, answers=suites.GAMES),)


def _question(given: Given, asked: Asked, declared: calendars.Declared) -> tuple[str, list[sql.Parameter]]:
    dates = [day for check in planning.bound(asked.suite) for day in planning.days(check.at, asked.day)]
    return calendars.question(declared, project=given.clients.project, first=min(dates), last=max(*dates, asked.day))


def _calendar(given: Given, asked: Asked) -> tuple[Asked, int]:
    """Return what is asked with the calendar around its days, or with why there is none, and the bytes billed."""
    declared = given.declared.pipeline.calendar
    if declared is None:
        return asked, 0
    text, parameters = _question(given, asked, declared)
    try:
        answer = bigquery.query(
            given.clients.bigquery,
            text,
            bytes_limit=CALENDAR_BYTES,
            label=LABEL,
            parameters=parameters,
            labels=_labels(given, asked, declared.table),
        )
    except errors.CloudError as error:
        # A schedule that cannot be read covers no day: every check that needs it says so, the others go on.
        return dataclasses.replace(asked, calendar=calendars.read(declared, ()), schedule_problem=str(error)), 0
    return dataclasses.replace(asked, calendar=calendars.read(declared, answer.rows)), answer.bytes_billed


def _history(given: Given, asked: Asked) -> tuple[history.Past, ...] | None:
    if given.settings.ops_dataset is None:
        return ()
    try:
        return gcp_history.past(
            given.clients,
            given.settings.ops_dataset,
            function="validation_runner",
            scope=asked.name,
            until=asked.day,
        )
    except errors.CloudError as error:
        logs.emit("ERROR", "the history could not be read", run_id=given.run_id, error=str(error))
        return None


def of(given: Given, asked: Asked) -> asking.Warehouse:
    """Return how scans of a run are priced and run: each capped, each labelled."""
    client = given.clients.bigquery

    def price(scan: fold.Scan) -> int:
        return bigquery.estimate(
            client, scan.text, location=scan.table.location, parameters=scan.parameters, label=LABEL
        )

    def answer(scan: fold.Scan) -> asking.Rows:
        found = bigquery.query(
            client,
            scan.text,
            location=scan.table.location,
            bytes_limit=asked.suite.limits.bytes_per_scan,
            label=LABEL,
            parameters=scan.parameters,
            labels=_labels(given, asked, scan.table.ref.short),
            most=scan.most,
        )
        return asking.Rows(found.rows, found.bytes_billed)

    return asking.Warehouse(price, answer, given.stop)


def _labels(given: Given, asked: Asked, table: str) -> dict[str, str]:
    """Return the labels that tell a job's suite, table and run apart in the bill."""
    named = {"suite": asked.name, "table": table, "run": given.run_id}
    return {name: _label(value) for name, value in named.items()}


def _label(value: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "_-" else "-" for letter in value.lower())[:63]
