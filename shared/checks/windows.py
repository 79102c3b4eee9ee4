"""Windows: which partitions a check looks at, declared in days, compiled to constants on the bare column; pure.

day                       the game day that is asked for; day - 1 is the one before
7 days until day - 1      seven days, the last of which is the day before
100..199                  a range of whole numbers, both ends included, for tables partitioned by one
null                      the rows whose partition column is NULL
"""

import dataclasses
import datetime
import re

from shared import gamedays
from shared.checks import model, sql

_DAY = r"day(?:\s*(?P<sign>[+-])\s*(?P<shift>[0-9]{1,4}))?"
_ONE = re.compile(_DAY)
_SPAN = re.compile(rf"(?P<length>[0-9]{{1,4}}) days until {_DAY}")
_RANGE = re.compile(r"(?P<low>-?[0-9]{1,18})\.\.(?P<high>-?[0-9]{1,18})")
_PSEUDO = {"_partitiondate": "DATE", "_partitiontime": "TIMESTAMP"}
PSEUDO_COLUMNS = frozenset(_PSEUDO)
"""What BigQuery calls the time at which a row was loaded, in tables that are partitioned by it."""
LONGEST = 400
"""Days that a window may span."""


class InvalidWindow(ValueError):
    """A text that is no window."""


@dataclasses.dataclass(frozen=True)
class Days:
    """A span of days relative to the day that is asked for, both ends included."""

    first: int
    last: int


@dataclasses.dataclass(frozen=True)
class Range:
    """A span of whole numbers, both ends included."""

    low: int
    high: int


@dataclasses.dataclass(frozen=True)
class Null:
    """The rows without a value."""


Window = Days | Range | Null


def parse(text: str) -> Window:
    """Return the window that `text` describes; raise InvalidWindow when it describes none."""
    text = text.strip()
    if text == "null":
        return Null()
    if found := _RANGE.fullmatch(text):
        low, high = int(found["low"]), int(found["high"])
        if low > high:
            raise InvalidWindow(f"{text!r} is empty: {low} is above {high}")
        return Range(low, high)
    if found := _ONE.fullmatch(text):
        return Days(_shift(found), _shift(found))
    if found := _SPAN.fullmatch(text):
        length = int(found["length"])
        if not 1 <= length <= LONGEST:
            raise InvalidWindow(f"{text!r} spans {length} days: 1 to {LONGEST} may be looked at")
        return Days(_shift(found) - length + 1, _shift(found))
    raise InvalidWindow(f"{text!r} is no window, like 'day - 1', '7 days until day', '100..199' or 'null'")


def _shift(found: "re.Match[str]") -> int:
    return int(f"{found['sign']}{found['shift']}") if found["sign"] else 0


def is_days(text: str) -> bool:
    """Return whether `text` describes a span of days."""
    try:
        return isinstance(parse(text), Days)
    except InvalidWindow:
        return False


def days(window: Window | None, day: datetime.date) -> tuple[datetime.date, ...]:
    """Return the days of a window; none for one that is not of days."""
    if not isinstance(window, Days):
        return ()
    return tuple(day + datetime.timedelta(days=shift) for shift in range(window.first, window.last + 1))


def predicate(
    table: model.Table, column: str, window: Window, *, day: datetime.date, game_day: gamedays.GameDay
) -> sql.Sql:
    """Return the condition that a row of `table` lies in the window, by its bare column; raise Unanswerable.

    A DATE is a day. A TIMESTAMP or DATETIME lies in the game day that it belongs to; BigQuery's own pseudo-columns
    count days of UTC.
    """
    kind = _type(table, column)
    bare = sql.Sql((f"`{column}`" if column.lower() not in _PSEUDO else column.upper(),), frozenset({(column,)}))
    if isinstance(window, Null):
        return sql.of(bare, " IS NULL")
    if isinstance(window, Range):
        if kind not in model.NUMBERS:
            raise model.Unanswerable("wrong_type", f"{column} is {kind}, and a range needs a number")
        return sql.of(bare, " BETWEEN ", sql.Value("INT64", window.low), " AND ", sql.Value("INT64", window.high))
    first, last = days(window, day)[0], days(window, day)[-1]
    if kind == "DATE":
        return _dates(bare, first, last)
    if kind in ("TIMESTAMP", "DATETIME"):
        low, high = _bounds(column, kind, first=first, last=last, game_day=game_day)
        return sql.of("(", bare, " >= ", sql.Value(kind, low), " AND ", bare, " < ", sql.Value(kind, high), ")")
    raise model.Unanswerable("wrong_type", f"{column} is {kind}, and days need a DATE, DATETIME or TIMESTAMP")


def _dates(bare: sql.Sql, first: datetime.date, last: datetime.date) -> sql.Sql:
    if first == last:
        return sql.of(bare, " = ", sql.Value("DATE", first))
    return sql.of(bare, " BETWEEN ", sql.Value("DATE", first), " AND ", sql.Value("DATE", last))


def _type(table: model.Table, column: str) -> str:
    pseudo = _PSEUDO.get(column.lower())
    if pseudo:
        return pseudo
    found = table.columns.get((column.lower(),))
    if found is None:
        raise model.Unanswerable(
            "no_such_column", f"{column}, the window's column, is not a column of {table.ref.short}"
        )
    return found.type


def _bounds(
    column: str, kind: str, *, first: datetime.date, last: datetime.date, game_day: gamedays.GameDay
) -> tuple[datetime.datetime, datetime.datetime]:
    after = last + datetime.timedelta(days=1)
    if column.lower() in _PSEUDO:
        midnight = datetime.time(tzinfo=datetime.UTC)
        return datetime.datetime.combine(first, midnight), datetime.datetime.combine(after, midnight)
    low, high = gamedays.start(first, game_day), gamedays.start(after, game_day)
    if kind == "TIMESTAMP":
        return low.astimezone(datetime.UTC), high.astimezone(datetime.UTC)
    return low.replace(tzinfo=None), high.replace(tzinfo=None)
