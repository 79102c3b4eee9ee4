"""Case folders of check kinds: tables and cases in YAML, run through the whole path on the embedded BigQuery.

tables   `table.yaml` is one table, called `data`; `tables.yaml` holds several by name. columns: BigQuery type and mode.
         rows: what is not named is NULL, `_times` repeats a row. A table without columns is declared and not there.
         suite: what a suite's table says, such as {at: {day: day}, key: [id]}; without it, {whole_table: true}.
cases    `cases.yaml`. cases: name, check, expect, and where they matter table, as_of, now, games, final, history, and
         `turns: false` where no threshold could turn what passes. stand_in: how the embedded BigQuery is wrong, so
         that the case cannot come out on it.
         facts, games: of all cases. cannot: statuses that the kind never has, and why. refused: checks that may not be
         declared. flip: for a kind without thresholds, what turns a passing check.
"""

import dataclasses
import datetime
import io
import json
import math
import pathlib
from collections.abc import Mapping
from typing import Any

import yaml
from google.cloud import bigquery as google_bigquery

from shared import calendars, declarations, gamedays
from shared.checks import model, planning, suites
from shared.checks.planning import Asked

FOLDER = pathlib.Path(__file__).parents[2] / "cases" / "checks"
DAY = datetime.date(2026, 2, 12)
AS_OF = "2026-02-13T06:00:00+00:00"
GAME_DAY = gamedays.GameDay("America/New_York", 4)
REACH = datetime.timedelta(days=10)


class _Loader(yaml.SafeLoader):
    """Leaves dates the texts that they are, as the declarations do."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclasses.dataclass(frozen=True)
class Case:
    """One check and what must come of it; games: by day; history: newest first, by group, or None when unreadable."""

    name: str
    check: Mapping[str, Any]
    expect: tuple[Mapping[str, Any], ...]
    table: str
    as_of: datetime.datetime
    now: datetime.datetime
    games: Mapping[str, int] | None
    final: Mapping[str, int]
    history: Mapping[str, list[float]] | None
    turns: bool
    stand_in: str | None

    @property
    def id(self) -> str:
        """The check's id within its suite."""
        return f"{self.table}.{self.name}"

    def nights(self, suite: str) -> dict[str, list[model.Night]] | None:
        """Return the history by subject, as the ledger tells it."""
        if self.history is None:
            return None
        return {
            f"{suite}.{self.id}" + (f"[{group}]" if group else ""): [
                model.Night(DAY - datetime.timedelta(days=number), float(observed))
                for number, observed in enumerate(numbers, start=1)
            ]
            for group, numbers in self.history.items()
        }


@dataclasses.dataclass(frozen=True)
class Folder:
    """What the folder of one kind holds."""

    kind: str
    tables: Mapping[str, Mapping[str, Any]]
    facts: Mapping[str, Any]
    cannot: Mapping[str, str]
    flip: Mapping[str, Any]
    refused: tuple[Mapping[str, Any], ...]
    cases: tuple[Case, ...]

    @property
    def dataset(self) -> str:
        """Where its tables stand, so that a query of one's own can name them."""
        return f"checks_{self.kind}"

    def suite(self, *checks: tuple[str, Mapping[str, Any]]) -> suites.Suite:
        """Return the suite of checks, each with its table, read from YAML; raise InvalidDeclaration."""
        tables: dict[str, Any] = {}
        for name, check in checks:
            own = {"table": f"{self.dataset}.{name}", **self.tables[name].get("suite", {"whole_table": True})}
            tables.setdefault(name, {**own, "checks": []})["checks"].append({"kind": self.kind, **check})
        text = yaml.safe_dump({"summary": self.kind, "facts": dict(self.facts), "tables": tables}, sort_keys=False)
        return declarations.parse(suites.Suite, text, source=self.kind, environment={})

    def asked(self, suite: suites.Suite, case: Case) -> Asked:
        """Return what a run would judge in the case: its instants, and its calendar."""
        calendar = None if case.games is None else _calendar(case.games, case.final)
        return Asked(self.kind, suite, DAY, case.as_of, case.now, GAME_DAY, calendar)


def kinds() -> list[str]:
    """Return the kinds that have a folder."""
    return sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


def load(kind: str) -> Folder:
    """Return what the folder of a kind holds."""
    folder = FOLDER / kind
    single = folder / "table.yaml"
    tables = {"data": _read(single)} if single.exists() else _read(folder / "tables.yaml")
    declared = _read(folder / "cases.yaml")
    first = next(iter(tables))
    cases = tuple(_case(one, first, declared.get("games")) for one in declared["cases"])
    known = {"facts", "games", "cannot", "flip", "refused", "cases"}
    assert set(declared) <= known, set(declared) - known
    return Folder(
        kind=kind,
        tables=tables,
        facts=declared.get("facts", {}),
        cannot=declared.get("cannot", {}),
        flip=declared.get("flip", {}),
        refused=tuple(declared.get("refused", ())),
        cases=cases,
    )


def _read(path: pathlib.Path) -> Any:
    return yaml.load(path.read_text("utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader, which makes no dates


def _case(given: Mapping[str, Any], table: str, games: Mapping[str, int] | None) -> Case:
    known = {"name", "check", "expect", "table", "as_of", "now", "games", "final", "history", "turns", "stand_in"}
    assert set(given) <= known, (given["name"], set(given) - known)
    expect, history = given["expect"], given.get("history", {})
    as_of = given.get("as_of", AS_OF)
    return Case(
        name=given["name"],
        check={"id": given["name"], **given["check"]},
        expect=tuple(expect) if isinstance(expect, list) else (expect,),
        table=given.get("table", table),
        as_of=datetime.datetime.fromisoformat(as_of),
        now=datetime.datetime.fromisoformat(given.get("now", as_of)),
        games=given.get("games", games),
        final=given.get("final", {}),
        history={"": history} if isinstance(history, list) else None if history == "unreadable" else history,
        turns=given.get("turns", True),
        stand_in=given.get("stand_in"),
    )


def _calendar(games: Mapping[str, int], final: Mapping[str, int]) -> calendars.Calendar:
    """Return the calendar of some days, with a game at both ends so that every day between has its standing."""
    declared = calendars.Declared(table="raw.schedule", date="game_date", game="game_id")
    days = {DAY - REACH: calendars.Day(1, 1, 1), DAY + REACH: calendars.Day(1, 1, 0)}
    for text, count in games.items():
        days[datetime.date.fromisoformat(text)] = calendars.Day(count, count, final.get(text, 0))
    return calendars.Calendar(declared, {day: one for day, one in days.items() if one.rows})


def create(folder: Folder, client: google_bigquery.Client) -> None:
    """Make the folder's dataset and its tables, with their rows."""
    client.delete_dataset(folder.dataset, delete_contents=True, not_found_ok=True)
    client.create_dataset(folder.dataset)
    jobs = [_fill(client, f"{client.project}.{folder.dataset}.{name}", one) for name, one in folder.tables.items()]
    for job in jobs:
        if job is not None:
            job.result(timeout=60)


def _fill(client: google_bigquery.Client, name: str, declared: Mapping[str, Any]) -> Any:
    if "columns" not in declared:
        return None
    made = google_bigquery.Table(name, schema=[_field(*column) for column in declared["columns"].items()])
    if column := declared.get("partitioned_by"):
        made.time_partitioning = google_bigquery.TimePartitioning(field=column)
    client.create_table(made)
    rows = [row for one in declared.get("rows", ()) for row in _repeated(one)]
    if not rows:
        return None
    text = "".join(json.dumps(_plain(row), allow_nan=False) + "\n" for row in rows)
    config = google_bigquery.LoadJobConfig(source_format="NEWLINE_DELIMITED_JSON", schema=made.schema)
    return client.load_table_from_file(io.BytesIO(text.encode()), made.reference, job_config=config)


def _field(name: str, declared: Any) -> google_bigquery.SchemaField:
    if isinstance(declared, str):
        kind, _, mode = declared.partition(" ")
        return google_bigquery.SchemaField(name, kind, mode or "NULLABLE")
    fields = [_field(*column) for column in declared["fields"].items()]
    return google_bigquery.SchemaField(name, "RECORD", declared.get("mode", "NULLABLE"), fields=fields)


def _repeated(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    values = {name: value for name, value in row.items() if name != "_times"}
    return [values] * int(row.get("_times", 1))


def _plain(value: Any) -> Any:
    """Return a value as newline-delimited JSON holds it, where NaN and the infinities are texts."""
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def bound(suite: suites.Suite) -> dict[str, model.Bound]:
    """Return the checks of a suite where they stand, by id."""
    return {check.id: check for check in planning.bound(suite)}
