"""The values of a check: what is declared, what is known of its table, what is asked, answered and judged; pure."""

import dataclasses
import datetime
import decimal
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

from shared import refs
from shared.checks import expressions, sql, thresholds
from shared.statuses import Status

Group = tuple[str, ...]
WHOLE: Group = ()
NULL = "NULL"
"""How a group is called whose column is NULL; one whose text reads so is called "NULL", in quotes."""
NUMBERS = frozenset({"INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC"})
KEYS = frozenset({"INT64", "NUMERIC", "BIGNUMERIC", "STRING", "BOOL", "DATE", "DATETIME", "TIMESTAMP", "TIME", "BYTES"})
"""The types that can be grouped by and told apart exactly."""


def declared(description: str, **rules: object) -> dict[str, object]:
    """Return the metadata of a declaration's field."""
    return {"description": description, **rules}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Check:
    """What every check may say, whatever its kind; each kind adds its own keys."""

    id: str = dataclasses.field(
        metadata=declared("Its name within the table; history hangs on it.", pattern="[a-z][a-z0-9_]{0,59}")
    )
    kind: str = dataclasses.field(metadata=declared("What sort of check it is: a file of shared/checks/kinds."))
    at: Mapping[str, str] = dataclasses.field(
        default_factory=dict, metadata=declared("Another window than the table's: {column: days}.")
    )
    where: str | None = dataclasses.field(default=None, metadata=declared("A condition on the rows that it looks at."))
    each: str | None = dataclasses.field(default=None, metadata=declared("A column: one result for each value."))
    expected: tuple[str, ...] = dataclasses.field(
        default=(), metadata=declared("Groups of `each` that must be there; an absent one counts 0.")
    )
    warn: str | None = dataclasses.field(default=None, metadata=declared("When it is a warning, such as '< 95'."))
    fail: str | None = dataclasses.field(default=None, metadata=declared("When it fails; lies inside `warn`."))
    min_rows: int = dataclasses.field(
        default=1, metadata=declared("With fewer rows than this to judge by, the result is unknown.", minimum=1)
    )
    only_if: str | None = dataclasses.field(
        default=None, metadata=declared("Another condition than the table's, such as 'games > 0', or always.")
    )
    due: str | None = dataclasses.field(
        default=None, metadata=declared("Another hour than the table's, such as '06:00' or '+1 06:00'.")
    )
    after: tuple[str, ...] = dataclasses.field(
        default=(), metadata=declared("Tables of the suite whose failure explains a failure here.")
    )
    severity: Literal["critical", "warning", "info"] = "critical"
    says: str | None = dataclasses.field(default=None, metadata=declared("What it is about, in a few words."))
    fix: str | None = dataclasses.field(default=None, metadata=declared("What to do when it is not good."))

    graded: ClassVar[bool] = True
    """Whether `warn` and `fail` decide; a kind with levels of its own says no."""
    minds_rows: ClassVar[bool] = False
    """Whether too few rows make the result unknown; for other kinds, few rows are what they judge."""

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake)."""
        if self.where is not None:
            yield from mistakes("where", self.where, expressions.parse)
        if self.each is not None:
            yield from mistakes("each", self.each, expressions.path)
        elif self.expected:
            yield "expected", "needs `each`, the column whose groups are expected"
        if self.min_rows != 1 and not self.minds_rows:
            yield "min_rows", f"is not for {self.kind}, which judges few rows like many"
        for field in dataclasses.fields(self):
            yield from _column_or_expression(field, getattr(self, field.name))
        yield from self._levels()

    def _levels(self) -> Iterator[tuple[str, str]]:
        given = {name: text for name in ("warn", "fail") if (text := getattr(self, name)) is not None}
        if not self.graded:
            yield from ((name, f"is not for {self.kind}, which has levels of its own") for name in given)
            return
        if not given:
            yield "fail", "is missing, and so is warn: a check that cannot fail is no check"
        wrong = [
            (name, mistake) for name, text in given.items() for _, mistake in mistakes(name, text, thresholds.parse)
        ]
        yield from wrong
        if len(given) == len(("warn", "fail")) and not wrong:
            inner, outer = thresholds.parse(given["fail"]), thresholds.parse(given["warn"])
            if not thresholds.inside(inner, outer):
                yield "fail", f"{self.fail!r} must lie inside warn, {self.warn!r}"


def mistakes(name: str, text: str, parse: Callable[[str], object]) -> Iterator[tuple[str, str]]:
    """Yield (name, mistake) when `parse` refuses `text` by a ValueError."""
    try:
        parse(text)
    except ValueError as error:
        yield name, str(error)


def _column_or_expression(field: "dataclasses.Field[Any]", value: Any) -> Iterator[tuple[str, str]]:
    parse = expressions.parse if field.metadata.get("expression") else expressions.path
    if value is None or not (field.metadata.get("expression") or field.metadata.get("column")):
        return
    for text in value if isinstance(value, tuple) else (value,):
        yield from mistakes(field.name, text, parse)


@dataclasses.dataclass(frozen=True)
class Column:
    """A column by its path, its type in GoogleSQL's words, and whether it lies in something repeated."""

    path: sql.Path
    type: str
    repeated: bool = False


@dataclasses.dataclass(frozen=True)
class Table:
    """What BigQuery says of a table: its columns by lower-case path, and what it is partitioned by, if at all."""

    ref: refs.Table
    kind: str
    location: str | None
    columns: Mapping[sql.Path, Column]
    partitioned_by: str | None = None


class Unanswerable(Exception):
    """A check that cannot be asked or judged; `reason` is a word of the closed vocabulary."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)


Function = Literal["count", "distinct", "min", "max", "sum", "avg", "samples", "top"]


@dataclasses.dataclass(frozen=True)
class Measure:
    """One aggregate over the rows of a window: `function` of `of` where `where` holds, for each group of `by`.

    samples: at most `limit` texts of `of`, smallest first. top: at most `limit` texts of `of` and how often each is
    there, most frequent first, approximate.
    """

    name: str
    function: Function
    of: sql.Sql | None = None
    where: sql.Sql | None = None
    by: tuple[sql.Sql, ...] = ()
    limit: int = 0


@dataclasses.dataclass(frozen=True)
class Question:
    """What a check or a fact wants to know of one table; `raw` is a query of its own instead of measures."""

    owner: str
    table: Table
    window: sql.Sql | None
    measures: tuple[Measure, ...]
    raw: sql.Sql | None = None


@dataclasses.dataclass(frozen=True)
class Answer:
    """What was measured: by the measure's name and the group."""

    values: Mapping[str, Mapping[Group, Any]]

    def get(self, name: str, group: Group = WHOLE) -> Any:
        """Return a measure of a group: 0 or nothing where the group has no rows, None where there is no value."""
        return self.values[name].get(group)

    def number(self, name: str, group: Group = WHOLE) -> int:
        """Return a count of a group, 0 where the group has no rows."""
        return int(self.values[name].get(group) or 0)

    def groups(self, name: str) -> list[Group]:
        """Return the groups for which the count `name` is not 0, sorted.

        A scan also answers for groups that only other questions have rows of.
        """
        return sorted(group for group, count in self.values[name].items() if count)


@dataclasses.dataclass(frozen=True)
class Fact:
    """A number measured once and divided by many times; `by` group where it was measured so. None: not measured."""

    value: float | decimal.Decimal | None
    by: Mapping[Group, float | decimal.Decimal] | None = None
    problem: str | None = None


@dataclasses.dataclass(frozen=True)
class Night:
    """What a check observed on an earlier day."""

    day: datetime.date
    observed: float


@dataclasses.dataclass(frozen=True)
class Context:
    """What a verdict may depend on besides the answer.

    days: those of the check's window that count; games_by_day: the calendar's games on these. history: earlier nights
    of the check by group, newest first, this day's excluded. as_of: the instant that ages are judged at. now: the
    real one.
    """

    day: datetime.date
    days: tuple[datetime.date, ...]
    as_of: datetime.datetime
    now: datetime.datetime
    facts: Mapping[str, Fact]
    table: Table
    games_by_day: Mapping[datetime.date, int] = dataclasses.field(default_factory=dict)
    history: Mapping[Group, Sequence[Night]] | None = None

    def fact(self, name: str, group: Group = WHOLE) -> float | int:
        """Return the number called `name`, to divide by; raise Unanswerable without one."""
        found = self.exact(name, group)
        return float(found) if isinstance(found, decimal.Decimal) else found

    def exact(self, name: str, group: Group = WHOLE) -> float | decimal.Decimal:
        """Return the number called `name`, of the group where it has groups; raise Unanswerable without one."""
        found = self.facts.get(name, Fact(None, problem="pipeline.yaml declares no calendar"))
        if found.value is None:
            raise Unanswerable("no_fact", f"{name} could not be measured: {found.problem}")
        return found.value if found.by is None or group == WHOLE else found.by.get(group, 0)


@dataclasses.dataclass(frozen=True)
class Verdict:
    """The result of one check for one group; observed is a number on pass, warn and fail."""

    status: Status
    reason: str
    message: str
    observed: float | int | str | None = None
    unit: str | None = None
    expected: float | int | str | None = None
    group: Group = WHOLE
    evidence: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    part: str | None = None


@dataclasses.dataclass(frozen=True)
class Bound:
    """A check where it stands: its table and window, with what the table says for all of its checks.

    id: `<table>.<check>`. window: the column and its days, None for a whole table. where: all conditions.
    """

    id: str
    check: Check
    table: str
    at: Mapping[str, str]
    whole_table: bool
    where: tuple[str, ...]
    key: tuple[str, ...]
    only_if: str | None
    due: str | None
    after: tuple[str, ...]
