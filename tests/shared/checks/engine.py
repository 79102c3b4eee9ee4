"""What the tests of checks share: suites from plain values, and one run of them, on any warehouse."""

import dataclasses
import datetime
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from google.cloud import bigquery

from shared import calendars, declarations, errors, gamedays, refs, report
from shared.checks import fold, metadata, model, planning, run, suites, verdicts
from shared.gcp import bigquery as warehouses
from shared.report import Finding

NEW_YORK = gamedays.GameDay("America/New_York", 4)
LOS_ANGELES = gamedays.GameDay("America/Los_Angeles", 1)
DAY = datetime.date(2026, 2, 12)
NOW = datetime.datetime(2026, 2, 13, 12, 0, tzinfo=datetime.UTC)
GENEROUS = run.Limits(bytes_per_scan=2**40, bytes_per_run=2**50, parallel=4)
INVALID = errors.InvalidDeclaration
Ask = Callable[[Sequence[model.Question]], run.Result]


def suite(**declared: Any) -> suites.Suite:
    """Return the suite of plain values, read as its YAML file is."""
    # JSON is YAML, but for letters that it writes as surrogates, and for the one control character that it leaves.
    text = json.dumps({"summary": "A test.", **declared}, ensure_ascii=False).replace("\x7f", "\\x7f")
    return declarations.parse(suites.Suite, text, source="suite.yaml", environment={})


def checks(*declared: Mapping[str, Any], **table: Any) -> suites.Suite:
    """Return a suite of one table called t, with these checks; each without an id is called c and its place."""
    named = [{"id": f"c{place}", **one} for place, one in enumerate(declared)]
    return suite(tables={"t": {"table": "d.t", "at": {"day": "day"}, "checks": named, **table}})


def asked(declared: suites.Suite, **changes: Any) -> planning.Asked:
    """Return what a run on 12 February 2026 judges, as of the next noon in London."""
    made = planning.Asked("nightly", declared, DAY, as_of=NOW, now=NOW, game_day=NEW_YORK)
    return dataclasses.replace(made, **changes)


def table(name: str = "t", *, by: str | None = "day", kind: str = "TABLE", **columns: str) -> model.Table:
    """Return a table with these columns and their types besides its day, s, n and f."""
    known = {"day": "DATE", "s": "STRING", "n": "INT64", "f": "FLOAT64", **columns}
    named = [model.Column((column,), type_) for column, type_ in known.items()]
    found = {tuple(part.lower() for part in column.path): column for column in named}
    return model.Table(refs.Table("p", "d", name), kind, "US", found, by)


def calendar(days: Mapping[datetime.date, calendars.Day], **declared: Any) -> calendars.Calendar:
    """Return a calendar of these days."""
    return calendars.Calendar(calendars.Declared("d.schedule", "day", "game_id", **declared), days)


def questions(given: planning.Asked, tables: Mapping[str, model.Table]) -> list[model.Question]:
    """Return what all checks and facts of a suite ask; raise Unanswerable for the first that cannot be asked."""
    found = [planning.question(given, check, tables[check.table]) for check in planning.bound(given.suite)]
    needed = planning.facts(given.suite, planning.bound(given.suite))
    return found + [planning.fact_question(given, name, tables[given.suite.facts[name].table]) for name in needed]


def judged(given: planning.Asked, tables: Mapping[str, model.Table], ask: Ask) -> dict[str, list[Finding]]:
    """Return the findings of every check by its id, put together as a run does it."""
    bound = planning.bound(given.suite)
    outcomes: dict[str, verdicts.Outcome] = {
        check.id: why for check in bound if (why := planning.inapplicable(given, check)) is not None
    }
    needed = planning.facts(given.suite, [check for check in bound if check.id not in outcomes])
    made = {
        check.id: _attempt(planning.question, given, check, tables[check.table])
        for check in bound
        if check.id not in outcomes
    }
    for name in needed:
        made[planning.FACT + name] = _attempt(
            planning.fact_question, given, name, tables[given.suite.facts[name].table]
        )
    outcomes |= {owner: one for owner, one in made.items() if isinstance(one, planning.Refusal)}
    outcomes |= ask([one for one in made.values() if isinstance(one, model.Question)]).answers
    facts = {name: planning.measured(given.suite, name, outcomes[planning.FACT + name]) for name in needed}
    found = verdicts.findings(given, bound, verdicts.Known(outcomes, tables, facts, {}))
    return {check.id: [one for one in found if _is_of(one, given.name, check.id)] for check in bound}


def _attempt(make: Callable[..., model.Question], *given: Any) -> model.Question | planning.Refusal:
    return planning.attempt(lambda: make(*given))


def _is_of(finding: Finding, name: str, check: str) -> bool:
    start = f"{name}.{check}"
    return finding.subject == start or finding.subject.startswith((f"{start}[", f"{start}."))


def result(answers: Mapping[str, verdicts.Outcome]) -> run.Result:
    """Return what became of questions whose answers a test writes by hand."""
    return run.Result(answers, ())


def encoded(findings: Iterable[Finding]) -> Any:
    """Return the findings as they stand in the JSON of a report, which refuses what JSON cannot hold."""
    made = report.Report("validation_runner", "run", "", NOW, report.Build(None, None, None), tuple(findings))
    return json.loads(report.encode(made))["findings"]


def folded(warehouse: run.Warehouse) -> Ask:
    """Return what asks everything at once, as a run does."""
    return lambda given: run.ask(given, warehouse, GENEROUS)


def alone(warehouse: run.Warehouse) -> Ask:
    """Return what asks each question in a query of its own."""

    def ask(given: Sequence[model.Question]) -> run.Result:
        results = [run.ask([question], warehouse, GENEROUS) for question in given]
        return run.Result({owner: one for result in results for owner, one in result.answers.items()}, ())

    return ask


def halved(warehouse: run.Warehouse, most: int) -> run.Warehouse:
    """Return the warehouse as one that refuses every scan of more than so many questions."""

    def price(scan: fold.Scan) -> int:
        if len(scan.questions) > most:
            raise errors.Rejected(f"more than {most} questions")
        return warehouse.price(scan)

    return run.Warehouse(price, warehouse.answer)


def warehouse(client: Any) -> run.Warehouse:
    """Return the embedded BigQuery as a run asks it; a dry run refuses nothing here that the query would not."""

    def answer(scan: fold.Scan) -> run.Rows:
        found = warehouses.query(
            client,
            scan.text,
            bytes_limit=2**40,
            label="validation",
            parameters=scan.parameters,
            most=scan.most,
        )
        return run.Rows(found.rows, found.bytes_billed)

    return run.Warehouse(lambda scan: len(scan.questions), answer)


def load(
    client: Any,
    name: str,
    schema: Sequence[bigquery.SchemaField],
    rows: Sequence[Mapping[str, Any]],
    partitioning: Any = None,
) -> model.Table:
    """Make a table of rows, and return what is known of it."""
    made = bigquery.Table(f"{client.project}.{name}", schema=schema)
    if isinstance(partitioning, bigquery.RangePartitioning):
        made.range_partitioning = partitioning
    elif partitioning is not None:
        made.time_partitioning = partitioning
    client.create_table(made)
    if rows:
        client.load_table_from_json(rows, made.reference, job_config=bigquery.LoadJobConfig(schema=schema)).result()
    return metadata.table(client.get_table(made.reference).to_api_repr())
