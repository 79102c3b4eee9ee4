"""Suites: what is checked together, as declared in one YAML file; pure.

A suite has facts (numbers measured once) and tables; a table has the window, the key and the conditions that its
checks share. Names hang together as `<table>.<check>`: history, alerts and silences go by them.
"""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

from shared.checks import catalogue, expressions, model, thresholds, windows

GAMES = ("games", "final")
"""Facts that come from the calendar: games of the check's days, and how many of them are over."""
ALWAYS = "always"
_DUE = re.compile(r"(?:(?P<shift>[+-][0-9]{1,2}) )?(?P<hour>[01][0-9]|2[0-3]):(?P<minute>[0-5][0-9])")
_NAME = r"[a-z][a-z0-9_]{0,59}"
_TABLE = r"[A-Za-z0-9_]{1,1024}\.[A-Za-z0-9_$-]{1,1024}"
MEBIBYTE = 1024**2


class AnyCheck:
    """A check of the kind that it names; the shape is that of the kind."""

    tag = "kind"

    @staticmethod
    def variants() -> Mapping[str, type[model.Check]]:
        """Return the shapes by kind."""
        return catalogue.shapes()


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a run may cost: bytes as BigQuery bills them, jobs at a time."""

    bytes_per_scan: int = dataclasses.field(
        default=200 * MEBIBYTE, metadata=model.declared("Sent as maximum_bytes_billed.", minimum=10 * MEBIBYTE)
    )
    bytes_per_run: int = dataclasses.field(
        default=2048 * MEBIBYTE, metadata=model.declared("Checked by dry runs first.", minimum=10 * MEBIBYTE)
    )
    parallel: int = dataclasses.field(default=6, metadata=model.declared("Jobs at once.", minimum=1, maximum=6))
    samples: int = dataclasses.field(default=5, metadata=model.declared("Keys shown.", minimum=0, maximum=20))


@dataclasses.dataclass(frozen=True)
class Fact:
    """A number that is measured once a run, in the same scan as the checks of its table."""

    table: str = dataclasses.field(metadata=model.declared("dataset.table.", pattern=_TABLE))
    at: Mapping[str, str] = dataclasses.field(default_factory=dict)
    whole_table: bool = False
    distinct: str | None = dataclasses.field(
        default=None, metadata=model.declared("Count distinct values, not rows.", column=True)
    )
    sum: str | None = dataclasses.field(default=None, metadata=model.declared("Sum up a column.", column=True))
    where: str | None = dataclasses.field(default=None, metadata=model.declared("Which rows.", expression=True))
    each: str | None = dataclasses.field(default=None, metadata=model.declared("Also by this column.", column=True))

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake)."""
        yield from window_problems(self.at, whole_table=self.whole_table)
        if self.where is not None:
            yield from model.mistakes("where", self.where, expressions.parse)
        for name in ("distinct", "sum", "each"):
            if getattr(self, name) is not None:
                yield from model.mistakes(name, getattr(self, name), expressions.path)
        if self.distinct is not None and self.sum is not None:
            yield "sum", "is given beside distinct; choose one"


@dataclasses.dataclass(frozen=True)
class Table:
    """A table, or one view of its rows, and what its checks share."""

    table: str = dataclasses.field(metadata=model.declared("dataset.table.", pattern=_TABLE))
    checks: tuple[AnyCheck, ...] = dataclasses.field(metadata=model.declared("What is checked.", min_items=1))
    at: Mapping[str, str] = dataclasses.field(
        default_factory=dict, metadata=model.declared("The partition column and its days, such as {game_date: day}.")
    )
    whole_table: bool = dataclasses.field(
        default=False, metadata=model.declared("Said aloud where a scan reads every partition.")
    )
    where: str | None = dataclasses.field(default=None, metadata=model.declared("Which rows.", expression=True))
    key: tuple[str, ...] = dataclasses.field(
        default=(), metadata=model.declared("What tells rows apart: samples show it.", column=True)
    )
    only_if: str | None = dataclasses.field(
        default=None, metadata=model.declared("A condition on a fact, such as 'games > 0'; else it is skipped.")
    )
    due: str | None = dataclasses.field(
        default=None, metadata=model.declared("From when on it can be judged: '06:00', or '+1 06:00' the day after.")
    )
    after: tuple[str, ...] = dataclasses.field(
        default=(), metadata=model.declared("Tables of this suite whose failure explains one here.")
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake)."""
        yield from window_problems(self.at, whole_table=self.whole_table)
        if self.where is not None:
            yield from model.mistakes("where", self.where, expressions.parse)
        for name in self.key:
            yield from model.mistakes("key", name, expressions.path)
        names = [check.id for check in self.declared]
        yield from (("checks", f"the id {name} stands here twice") for name in _twice(names))
        for check in self.declared:
            yield from ((f"checks.{check.id}.{name}", text) for name, text in self._of_check(check))

    def _of_check(self, check: model.Check) -> Iterator[tuple[str, str]]:
        if check.at:
            yield from window_problems(check.at, whole_table=False)
        for name in ("due", "only_if"):
            yield from _condition_problems(name, getattr(check, name))
        if check.each is not None and check.kind == "gaps":
            yield from self._of_gaps(check)

    def _of_gaps(self, check: model.Check) -> Iterator[tuple[str, str]]:
        at = check.at or self.at
        if check.each not in at:
            yield "each", f"must be the window's column, {', '.join(at) or 'which there is none of'}"
        if not all(windows.is_days(text) for text in at.values()):
            yield "at", "must be a span of days: gaps are looked for day by day"

    @property
    def declared(self) -> tuple[model.Check, ...]:
        """The checks, by the shape that they really have."""
        return self.checks  # type: ignore[return-value]  # AnyCheck stands for the shape of the kind


@dataclasses.dataclass(frozen=True)
class Suite:
    """Checks that run together."""

    summary: str = dataclasses.field(metadata=model.declared("What the suite answers, in one sentence."))
    tables: Mapping[str, Table] = dataclasses.field(
        metadata=model.declared("What is checked, by a name of its own.", min_items=1)
    )
    facts: Mapping[str, Fact] = dataclasses.field(
        default_factory=dict,
        metadata=model.declared("Numbers that checks divide by; games and final are there anyway."),
    )
    limits: Limits = Limits()

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake) for names, and for rules between tables, facts and checks."""
        for field in ("tables", "facts"):
            for name in getattr(self, field):
                if not re.fullmatch(_NAME, name):
                    yield f"{field}.{name}", f"must be called like {_NAME}"
        yield from ((f"facts.{name}", "comes from the calendar") for name in self.facts if name in GAMES)
        for name, table in self.tables.items():
            yield from ((f"tables.{name}.{place}", text) for place, text in self._of_table(name, table))

    def _of_table(self, name: str, table: Table) -> Iterator[tuple[str, str]]:
        yield from _condition_problems("due", table.due)
        yield from _condition_problems("only_if", table.only_if)
        yield from self._references("after", "only_if", table)
        yield from (("after", "names itself") for other in table.after if other == name)
        for check in table.declared:
            yield from ((f"checks.{check.id}.{place}", text) for place, text in self._of_check(check))

    def _of_check(self, check: model.Check) -> Iterator[tuple[str, str]]:
        yield from self._references("after", "only_if", check)
        if check.kind == "gaps" and self.facts.get(check.of, check).each != check.each:  # type: ignore[attr-defined]  # of this kind
            yield "of", f"must be measured for each {check.each} too"
        for field in dataclasses.fields(check):
            value = getattr(check, field.name)
            if not field.metadata.get("fact") or value is None:
                continue
            for name in value if isinstance(value, tuple) else (value,):
                if name not in GAMES and name not in self.facts:
                    yield field.name, f"{name} is no fact of this suite"

    def _references(self, after: str, only_if: str, place: Any) -> Iterator[tuple[str, str]]:
        for other in getattr(place, after):
            if other not in self.tables:
                yield after, f"{other} is no table of this suite"
        name = condition_name(getattr(place, only_if))
        if name is not None and name not in GAMES and name not in self.facts:
            yield only_if, f"{name} is no fact of this suite"


def window_problems(at: Mapping[str, str], *, whole_table: bool) -> Iterator[tuple[str, str]]:
    """Yield (field, mistake) for a window that is missing, or no window."""
    if len(at) > 1:
        yield "at", f"names {len(at)} columns; a table is partitioned by one"
    if not at and not whole_table:
        yield "at", "is missing: the partition column and its days; or say whole_table: true"
    for column, text in at.items():
        yield from model.mistakes("at", text, windows.parse)
        yield from model.mistakes("at", f"`{column}`", expressions.path)
        if not re.fullmatch(r"\w+", column):
            yield "at", f"{column!r} must be the bare name of a column: a function around it would read every partition"


def _condition_problems(name: str, text: str | None) -> Iterator[tuple[str, str]]:
    if text is None:
        return
    if name == "due" and not _DUE.fullmatch(text):
        yield name, f"must be an hour, like '06:00' or '+1 06:00', not {text!r}"
    elif name == "only_if" and text != ALWAYS:
        yield from model.mistakes(name, text, thresholds.parse_comparison)


def condition_name(text: str | None) -> str | None:
    """Return the fact that a condition names; None where there is none, or no condition."""
    if text is None or text == ALWAYS:
        return None
    try:
        return thresholds.parse_comparison(text)[0]
    except thresholds.InvalidThreshold:
        return None


def due(text: str) -> tuple[int, int, int]:
    """Return days after the last day of the window, hour and minute at which something is due."""
    found = _DUE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no hour")
    return int(found["shift"] or 0), int(found["hour"]), int(found["minute"])


def _twice(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
