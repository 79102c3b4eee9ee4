"""Pieces of GoogleSQL that keep their values apart, so that a value reaches a query as a parameter only; pure."""

import dataclasses
import datetime
import json
from collections.abc import Iterable, Iterator
from typing import Any

Path = tuple[str, ...]
Scalar = datetime.date | datetime.datetime | str | int | float | bool


@dataclasses.dataclass(frozen=True)
class Value:
    """A value and its BigQuery type, such as DATE or STRING; a tuple is an array of that type."""

    type: str
    value: Scalar | tuple[Scalar, ...]


@dataclasses.dataclass(frozen=True)
class Sql:
    """Text and values in turn, and the columns that the text names."""

    parts: tuple[str | Value, ...]
    columns: frozenset[Path] = frozenset()


Parameter = tuple[str, str, Any]
"""Name, BigQuery type and value of a query parameter; a list is an array."""


class Parameters:
    """The parameters of one query: each distinct value once, named in the order of use."""

    def __init__(self) -> None:
        self._named: dict[Value, str] = {}

    def render(self, piece: Sql) -> str:
        """Return the text of `piece`, with a parameter where a value stands."""
        return "".join(part if isinstance(part, str) else self._name(part) for part in piece.parts)

    def __iter__(self) -> Iterator[Parameter]:
        for value, name in self._named.items():
            given = list(value.value) if isinstance(value.value, tuple) else value.value
            yield name, value.type, given

    def _name(self, value: Value) -> str:
        # 1, 1.0 and True are equal to Python, and not to BigQuery: the type is part of the key.
        return f"@{self._named.setdefault(value, f'p{len(self._named)}')}"


def of(*pieces: str | Value | Sql) -> Sql:
    """Return the pieces as one."""
    parts: list[str | Value] = []
    columns: frozenset[Path] = frozenset()
    for piece in pieces:
        if isinstance(piece, Sql):
            parts += piece.parts
            columns |= piece.columns
        else:
            parts.append(piece)
    return Sql(tuple(parts), columns)


def joined(separator: str, pieces: Iterable[Sql]) -> Sql:
    """Return the pieces with `separator` between them."""
    listed = list(pieces)
    return of(*(part for index, piece in enumerate(listed) for part in ((separator, piece) if index else (piece,))))


def every(conditions: Iterable[Sql | None]) -> Sql | None:
    """Return the condition that all of `conditions` hold; None when there is none."""
    found = list(dict.fromkeys(condition for condition in conditions if condition is not None))
    return joined(" AND ", found) if found else None


def shown(piece: Sql) -> str:
    """Return the text with its values as literals, for a person to read and paste."""
    return "".join(part if isinstance(part, str) else literal(part) for part in piece.parts)


def literal(value: Value) -> str:
    """Return a value as a GoogleSQL literal."""
    if isinstance(value.value, tuple):
        return "[" + ", ".join(literal(Value(value.type, item)) for item in value.value) + "]"
    if isinstance(value.value, datetime.date):
        return f"{value.type} '{value.value.isoformat(*_separator(value.value))}'"
    if isinstance(value.value, str):
        return json.dumps(value.value, ensure_ascii=False)
    return str(value.value).upper() if isinstance(value.value, bool) else str(value.value)


def _separator(value: datetime.date) -> tuple[str, ...]:
    return (" ",) if isinstance(value, datetime.datetime) else ()
