"""From a suite and a day to what is asked and what is not: bound checks, reasons to skip, and questions; pure."""

import dataclasses
import datetime
import decimal
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from shared import calendars, gamedays
from shared.checks import catalogue, model, scope, sql, suites, thresholds, windows

FACT = "fact:"
"""What the owner of a fact's question begins with."""
_INGESTION = ("_partitiondate", "_partitiontime")


@dataclasses.dataclass(frozen=True)
class Asked:
    """What a run judges: a suite's checks on a day, as of an instant.

    calendar: None where none is declared. schedule_problem: why the schedule could not be read.
    """

    name: str
    suite: suites.Suite
    day: datetime.date
    as_of: datetime.datetime
    now: datetime.datetime
    game_day: gamedays.GameDay
    calendar: calendars.Calendar | None = None
    schedule_problem: str | None = None


@dataclasses.dataclass(frozen=True)
class Refusal:
    """Why a check or a fact has no answer: a reason, what happened, and whether that is an error or a skip."""

    reason: str
    message: str
    skip: bool = False


def bound(suite: suites.Suite) -> list[model.Bound]:
    """Return every check of a suite where it stands, with what its table says for all."""
    return [_bound(name, table, check) for name, table in suite.tables.items() for check in table.declared]


def _bound(name: str, table: suites.Table, check: model.Check) -> model.Bound:
    return model.Bound(
        id=f"{name}.{check.id}",
        check=check,
        table=table.table,
        at=check.at or table.at,
        whole_table=table.whole_table,
        where=tuple(text for text in (table.where, check.where) if text is not None),
        key=table.key,
        only_if=check.only_if or table.only_if,
        due=check.due or table.due,
        after=tuple(dict.fromkeys((*table.after, *check.after))),
    )


def window(at: Mapping[str, str]) -> windows.Window | None:
    """Return the window that is declared, None for a whole table."""
    return windows.parse(next(iter(at.values()))) if at else None


def days(at: Mapping[str, str], day: datetime.date) -> tuple[datetime.date, ...]:
    """Return the days of a declared window; the asked day for one that is not of days."""
    return windows.days(window(at), day) or (day,)


def calendar_facts(asked: Asked, at: Mapping[str, str], each: str | None) -> dict[str, model.Fact]:
    """Return `games` and `final` of a window's days, by day where `each` is the window's column."""
    if asked.calendar is None:
        return {}
    known, dates = asked.calendar, days(at, asked.day)
    unknown = [day for day in dates if known.standing(day) is calendars.Standing.UNKNOWN]
    if unknown:
        problem = asked.schedule_problem or f"the schedule does not cover {unknown[0]}"
        return dict.fromkeys(suites.GAMES, model.Fact(None, problem=problem))
    found = {}
    for name, count in (("games", known.games), ("final", known.final)):
        by: dict[model.Group, int] = {(day.isoformat(),): count(day) for day in dates}
        found[name] = model.Fact(sum(by.values()), by if each is not None and each in at else None)
    return found


def not_due(asked: Asked, check: model.Bound) -> Refusal | None:
    """Return why a check cannot be judged yet."""
    if check.due is None:
        return None
    shift, hour, minute = suites.due(check.due)
    last = days(check.at, asked.day)[-1] + datetime.timedelta(days=shift)
    instant = gamedays.at(last, datetime.time(hour, minute), asked.game_day)
    if asked.as_of >= instant:
        return None
    return Refusal("not_due", f"due at {instant:%Y-%m-%d %H:%M %Z}, and it is judged as of {_local(asked)}", skip=True)


def _local(asked: Asked) -> str:
    local = asked.as_of.astimezone(gamedays.start(asked.day, asked.game_day).tzinfo)
    return f"{local:%Y-%m-%d %H:%M %Z}"


def inapplicable(asked: Asked, check: model.Bound) -> Refusal | None:
    """Return why a check does not apply on the day, as far as the calendar tells; or that the calendar cannot tell."""
    name = suites.condition_name(check.only_if)
    if name not in suites.GAMES:
        return not_due(asked, check)
    fact = calendar_facts(asked, check.at, None).get(name or "")
    if fact is None:
        return Refusal("no_schedule", f"{name} comes from the calendar, and pipeline.yaml declares none")
    if fact.value is None:
        return Refusal("no_schedule", f"{fact.problem}: that is not the same as no games")
    if _holds(check.only_if or "", fact.value):
        return not_due(asked, check)
    return _without_games(asked, check) or Refusal(
        "condition", f"{check.only_if} does not hold: {fact.value}", skip=True
    )


def _without_games(asked: Asked, check: model.Bound) -> Refusal | None:
    dates = days(check.at, asked.day)
    if asked.calendar is None or any(asked.calendar.games(day) for day in dates):
        return None
    standing = asked.calendar.standing(dates[-1])
    words = {"off_day": "an off-day", "break": "within a break", "off_season": "in the off-season"}
    when = f"{dates[0]}" if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    return Refusal(standing.value, f"no games on {when}: {dates[-1]} is {words[standing.value]}", skip=True)


def _holds(condition: str, value: float | decimal.Decimal) -> bool:
    return thresholds.reached(thresholds.parse_comparison(condition)[1], value)


def unmet(check: model.Bound, facts: Mapping[str, model.Fact]) -> Refusal | None:
    """Return why a check does not apply, by a measured fact; the calendar's are judged before anything is asked.

    A fact that is not there was not needed: the check was refused before.
    """
    name = suites.condition_name(check.only_if)
    if name is None or name not in facts:
        return None
    if facts[name].value is None:
        return Refusal("no_fact", f"{name} could not be measured: {facts[name].problem}")
    if _holds(check.only_if or "", facts[name].value or 0):
        return None
    return Refusal("condition", f"{check.only_if} does not hold: {name} is {facts[name].value}", skip=True)


def tables(suite: suites.Suite, checks: Iterable[model.Bound], facts: Iterable[str]) -> list[str]:
    """Return the tables that checks and facts are about, each once."""
    return list(dict.fromkeys([*(check.table for check in checks), *(suite.facts[name].table for name in facts)]))


def facts(suite: suites.Suite, checks: Iterable[model.Bound]) -> list[str]:
    """Return the declared facts that checks need, each once."""
    found: list[str] = []
    for bound_check in checks:
        found += used_facts(bound_check.check)
        found += filter(None, [suites.condition_name(bound_check.only_if)])
    return [name for name in dict.fromkeys(found) if name in suite.facts]


def used_facts(check: Any) -> list[str]:
    """Return the facts that a check divides by or compares."""
    found: list[str] = []
    for field in dataclasses.fields(check):
        value = getattr(check, field.name)
        if field.metadata.get("fact") and value is not None:
            found += value if isinstance(value, tuple) else [value]
    return found


def question(asked: Asked, check: model.Bound, table: model.Table) -> model.Question:
    """Return what a check asks of its table; raise Unanswerable when it cannot be asked."""
    module = catalogue.modules()[check.check.kind]
    if hasattr(module, "query"):
        raw = module.query(check.check, sql.Value("DATE", asked.day))
        return model.Question(check.id, table, None, module.ask(check.check, scope.Scope(table)), raw)
    limit = partitions(asked, table, check.at, whole_table=check.whole_table)
    seen = scope.Scope(table, check.key, samples=asked.suite.limits.samples)
    rows = sql.every(seen.expression(text) for text in check.where)
    by = (seen.column(check.check.each, *model.KEYS),) if check.check.each is not None else ()
    measures = module.ask(check.check, dataclasses.replace(seen, rows=rows, by=by))
    return model.Question(check.id, table, limit, measures)


def fact_question(asked: Asked, name: str, table: model.Table) -> model.Question:
    """Return what a fact asks of its table; raise Unanswerable when it cannot be asked."""
    fact = asked.suite.facts[name]
    seen = scope.Scope(table)
    rows = seen.expression(fact.where) if fact.where is not None else None
    column = fact.distinct or fact.sum
    of = seen.column(column, *(model.KEYS if fact.distinct else model.NUMBERS)) if column else None
    function: model.Function = "distinct" if fact.distinct else "sum" if fact.sum else "count"
    measures = [model.Measure("fact", function, of, rows)]
    if fact.each is not None:
        by = (seen.column(fact.each, *model.KEYS),)
        measures += [model.Measure("by", function, of, rows, by), model.Measure("rows", "count", None, rows, by)]
    return model.Question(
        FACT + name, table, partitions(asked, table, fact.at, whole_table=fact.whole_table), tuple(measures)
    )


def partitions(asked: Asked, table: model.Table, at: Mapping[str, str], *, whole_table: bool) -> sql.Sql | None:
    """Return the condition on the partitions that are read; raise Unanswerable where it would not spare any."""
    if not at:
        return None
    column, chosen = next(iter(at)), window(at)
    if table.kind == "TABLE" and not whole_table and not _partitions(table, column.lower()):
        by = table.partitioned_by or "nothing"
        message = f"{table.ref.short} is partitioned by {by}, so that a window on {column} would read all of it"
        raise model.Unanswerable("not_partitioned", message)
    return windows.predicate(table, column, chosen or windows.Null(), day=asked.day, game_day=asked.game_day)


def _partitions(table: model.Table, column: str) -> bool:
    by = (table.partitioned_by or "").lower()
    return column == by or (column in _INGESTION and by in _INGESTION)


def measured(suite: suites.Suite, name: str, answer: model.Answer | Refusal) -> model.Fact:
    """Return a fact from the answer to its question, or why there is none."""
    if isinstance(answer, Refusal):
        return model.Fact(None, problem=answer.message)
    value = answer.get("fact") or 0
    if not math.isfinite(value):
        return model.Fact(None, problem=f"the sum is {value}")
    if suite.facts[name].each is None:
        return model.Fact(value)
    return model.Fact(value, {group: answer.get("by", group) or 0 for group in answer.groups("rows")})


def attempt(make: Callable[[], model.Question]) -> model.Question | Refusal:
    """Return the question, or why it cannot be asked."""
    try:
        return make()
    except model.Unanswerable as error:
        return Refusal(error.reason, str(error))
