"""One run of a folder of cases: one suite, one question to the warehouse, and each check judged as its case says."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from google.cloud import bigquery as google_bigquery

from shared import errors, refs
from shared.checks import fold, metadata, model, planning, suites, verdicts
from shared.checks import run as asking
from shared.checks.planning import Asked, Refusal
from shared.gcp import bigquery
from shared.report import Finding
from tests.shared.checks import kind_cases
from tests.shared.checks.kind_cases import Case, Folder

LABEL = "validation"
Outcomes = Mapping[str, model.Answer | Refusal]


@dataclasses.dataclass(frozen=True)
class Ran:
    """What came of a folder: findings by case, and all that they were judged by."""

    folder: Folder
    found: Mapping[str, tuple[Finding, ...]]
    outcomes: Outcomes
    tables: Mapping[str, model.Table]
    done: int

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all cases."""
        return tuple(one for found in self.found.values() for one in found)


def run(folder: Folder, client: google_bigquery.Client) -> Ran:
    """Return what comes of a folder: all checks in one suite and one run, each judged as its own case says."""
    kind_cases.create(folder, client)
    suite = folder.suite(*((case.table, case.check) for case in folder.cases))
    checks = kind_cases.bound(suite)
    asked = {case.id: folder.asked(suite, case) for case in folder.cases}
    facts = planning.facts(suite, checks.values())
    tables = _tables(client, planning.tables(suite, checks.values(), facts))
    refused = {name: why for name, one in asked.items() if (why := planning.inapplicable(one, checks[name]))}
    made = {name: _question(one, checks[name], tables) for name, one in asked.items() if name not in refused}
    made |= {planning.FACT + name: _fact(folder, suite, name, tables) for name in facts}
    questions = [one for one in made.values() if isinstance(one, model.Question)]
    limits = asking.Limits(suite.limits.bytes_per_scan, suite.limits.bytes_per_run, suite.limits.parallel)
    result = asking.ask(questions, _warehouse(client, limits), limits)
    unasked = {name: one for name, one in made.items() if isinstance(one, Refusal)}
    known = {name: one for name, one in tables.items() if isinstance(one, model.Table)}
    ran = Ran(folder, {}, {**refused, **unasked, **result.answers}, known, len(result.done))
    return dataclasses.replace(ran, found={case.name: judged(ran, suite, case) for case in folder.cases})


def judged(ran: Ran, suite: suites.Suite, case: Case) -> tuple[Finding, ...]:
    """Return the findings of one case, given a suite that declares its check."""
    asked = ran.folder.asked(suite, case)
    check = kind_cases.bound(suite)[case.id]
    facts = {
        name: planning.measured(suite, name, ran.outcomes[planning.FACT + name])
        for name in planning.facts(suite, [check])
    }
    known = verdicts.Known(ran.outcomes, ran.tables, facts, case.nights(asked.name))
    return verdicts.findings(asked, [check], known)


def _tables(client: google_bigquery.Client, names: Iterable[str]) -> dict[str, model.Table | Refusal]:
    found: dict[str, model.Table | Refusal] = {}
    for name in names:
        dataset, _, table = name.partition(".")
        try:
            found[name] = metadata.table(bigquery.table(client, refs.Table(client.project, dataset, table)))
        except errors.NotFound:
            found[name] = Refusal("no_such_table", f"{name} does not exist")
    return found


def _question(
    asked: Asked, check: model.Bound, tables: Mapping[str, model.Table | Refusal]
) -> model.Question | Refusal:
    table = tables[check.table]
    return table if isinstance(table, Refusal) else planning.attempt(lambda: planning.question(asked, check, table))


def _fact(
    folder: Folder, suite: suites.Suite, name: str, tables: Mapping[str, model.Table | Refusal]
) -> model.Question | Refusal:
    table, asked = tables[suite.facts[name].table], folder.asked(suite, folder.cases[0])
    return table if isinstance(table, Refusal) else planning.attempt(lambda: planning.fact_question(asked, name, table))


def _warehouse(client: google_bigquery.Client, limits: asking.Limits) -> asking.Warehouse:
    def price(scan: fold.Scan) -> int:
        return bigquery.estimate(
            client, scan.text, location=scan.table.location, parameters=scan.parameters, label=LABEL
        )

    def answer(scan: fold.Scan) -> asking.Rows:
        found = bigquery.query(
            client,
            scan.text,
            location=scan.table.location,
            bytes_limit=limits.bytes_per_scan,
            label=LABEL,
            parameters=scan.parameters,
            most=scan.most,
        )
        return asking.Rows(found.rows, found.bytes_billed)

    return asking.Warehouse(price, answer)


def flipped(ran: Ran, case: Case) -> tuple[Finding, ...]:
    """Return the findings of a case whose check is declared so that what passed must not pass."""
    kept = {name: value for name, value in case.check.items() if name not in ("warn", "fail")}
    numbers = [one.observed for one in ran.found[case.name] if isinstance(one.observed, int | float)]
    changes: dict[str, Any] = dict(ran.folder.flip) or {"fail": f"< {max(numbers, default=0) + 1}"}
    return judged(ran, ran.folder.suite((case.table, {**kept, **changes})), case)
