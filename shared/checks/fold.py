"""One scan a table: compiles the questions about a table to one query, and reads each answer out of its rows; pure.

Every measure becomes one aggregate; equal ones are computed once. Windows that differ become conditions inside the
aggregates, and the scan reads the partitions of all of them. Groups come from grouping sets of the same scan; what
several aggregates need of a row is computed once, in a subquery. Tables are not joined: arithmetic on answers happens
afterwards, in Python.
"""

import collections
import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.checks import expressions, model, sql, windows

MOST_GROUPS = 500
"""Groups of one column that a scan may answer for."""


@dataclasses.dataclass(frozen=True)
class Scan:
    """One query: its text, its parameters, the questions that it answers, and where in its rows the answers stand.

    grouped: the grouping columns as the query spells them, in the order of its key columns. aliases: the column of
    each measure, by owner and name.
    """

    table: model.Table
    questions: tuple[model.Question, ...]
    text: str
    parameters: tuple[sql.Parameter, ...]
    grouped: tuple[sql.Sql, ...]
    aliases: Mapping[tuple[str, str], str]

    @property
    def columns(self) -> frozenset[sql.Path]:
        """The columns that the query reads."""
        return frozenset().union(*(columns(question) for question in self.questions))

    @property
    def most(self) -> int:
        """How many rows of the answer need be fetched to know that there are too many."""
        return MOST_GROUPS * len(_sets(self.questions)) + 1

    def halves(self) -> tuple["Scan", "Scan"]:
        """Return two scans that together answer the same questions."""
        middle = len(self.questions) // 2
        return compiled(self.questions[:middle]), compiled(self.questions[middle:])


class TooManyGroups(ValueError):
    """An answer with more groups than a scan may have."""


class MalformedAnswer(ValueError):
    """An answer that is not what a query of one's own should give: one row with the column `observed`."""


def columns(question: model.Question) -> frozenset[sql.Path]:
    """Return the columns that a question reads."""
    pieces = [question.window, *(piece for one in question.measures for piece in (one.of, one.where, *one.by))]
    return frozenset().union(*(piece.columns for piece in pieces if piece is not None))


def scans(questions: Iterable[model.Question]) -> list[Scan]:
    """Return the scans that answer `questions`: one for each table, and one for each query of its own."""
    by_table: dict[Any, list[model.Question]] = {}
    for question in questions:
        by_table.setdefault((question.table.ref, question.raw and question.owner), []).append(question)
    return [compiled(tuple(asked)) for asked in by_table.values()]


def compiled(questions: Sequence[model.Question]) -> Scan:
    """Return the one query that answers `questions`, which are about one table."""
    if questions[0].raw is not None:
        return _own(questions[0])
    named, aggregates = sql.Parameters(), _Aggregates()
    limits = list(dict.fromkeys(question.window for question in questions))
    asked = [
        (question.owner, measure, sql.every((question.window if len(limits) > 1 else None, measure.where)))
        for question in questions
        for measure in question.measures
    ]
    derived = _derived(questions, [(measure, where) for _, measure, where in asked])
    for owner, measure, where in asked:
        value = _aggregated(measure, where)
        text = named.render(_aggregate(measure, where, derived.get(value, value)))
        aggregates.add((owner, measure.name), text)
    grouped = _grouped(questions)
    lines = [*_keys(grouped, named), *(f"{text} AS {alias}" for text, alias in aggregates.texts.items())]
    text = "SELECT\n  " + ",\n  ".join(lines) + "\nFROM " + _source(questions, limits, derived, named)
    text += _grouping(questions, grouped, named)
    return Scan(questions[0].table, tuple(questions), text, tuple(named), grouped, aggregates.aliases)


def _derived(
    questions: Sequence[model.Question], asked: Sequence[tuple[model.Measure, sql.Sql | None]]
) -> dict[sql.Sql, sql.Sql]:
    """Return the values that more than one place of the query needs, and the columns that they are computed into once.

    An aggregate of samples names its value twice. Ingestion-time pseudo-columns cannot be handed on by a subquery.
    """
    names = {name[0].lower() for question in questions for name in columns(question)}
    if names & windows.PSEUDO_COLUMNS:
        return {}
    places = collections.Counter[sql.Sql]()
    for measure, where in dict.fromkeys(asked):
        value = _aggregated(measure, where)
        if len(value.parts) > 1:
            places[value] += 2 if measure.function == "samples" else int(measure.function != "count")
    return {value: sql.of(f"pressbox_{number}") for number, value in enumerate(v for v, n in places.items() if n > 1)}


def _source(
    questions: Sequence[model.Question],
    limits: Sequence[sql.Sql | None],
    derived: Mapping[sql.Sql, sql.Sql],
    named: sql.Parameters,
) -> str:
    """Return what is read: the partitions of the table, as they are or with the values that are computed once."""
    ref = questions[0].table.ref
    text = f"`{ref.project}`.`{ref.dataset}`.`{ref.table}`"
    if None not in limits:
        text += "\nWHERE " + named.render(sql.joined(" OR ", (limit for limit in limits if limit is not None)))
    if not derived:
        return text
    whole = sorted({name[0] for question in questions for name in columns(question)})
    inner = [*(expressions.quoted((name,)) for name in whole)]
    inner += [f"{named.render(value)} AS {named.render(alias)}" for value, alias in derived.items()]
    return "(\nSELECT\n  " + ",\n  ".join(inner) + f"\nFROM {text}\n)"


class _Aggregates:
    """The select list: each distinct aggregate once."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.aliases: dict[tuple[str, str], str] = {}

    def add(self, owner: tuple[str, str], text: str) -> None:
        self.aliases[owner] = self.texts.setdefault(text, f"m{len(self.texts)}")


def _own(question: model.Question) -> Scan:
    named = sql.Parameters()
    text = named.render(question.raw or sql.of())
    aliases = {(question.owner, measure.name): measure.name for measure in question.measures}
    return Scan(question.table, (question,), text, tuple(named), (), aliases)


def _aggregated(measure: model.Measure, where: sql.Sql | None) -> sql.Sql:
    """Return what a measure aggregates: NULL for rows that do not count."""
    value = measure.of or sql.of("1")
    return sql.of("IF(", where, ", ", value, ", NULL)") if where else value


def _aggregate(measure: model.Measure, where: sql.Sql | None, value: sql.Sql) -> sql.Sql:
    """Return the aggregate of a measure over `value`; a count needs the condition only."""
    if measure.function == "count":
        return sql.of("COUNTIF(", where, ")") if where else sql.of("COUNT(*)")
    if measure.function == "distinct":
        return sql.of("COUNT(DISTINCT ", value, ")")
    if measure.function == "samples":
        # Smallest first, so that the same data shows the same rows.
        return sql.of("ARRAY_AGG(", value, " IGNORE NULLS ORDER BY ", value, f" LIMIT {measure.limit})")
    if measure.function == "top":
        # One more than is shown: rows that do not count stand there as NULL.
        return sql.of("APPROX_TOP_COUNT(", value, f", {measure.limit + 1})")
    return sql.of(f"{measure.function.upper()}(", value, ")")


def _grouped(questions: Sequence[model.Question]) -> tuple[sql.Sql, ...]:
    found = (piece for question in questions for measure in question.measures for piece in measure.by)
    return tuple(dict.fromkeys(found))


def _keys(grouped: Sequence[sql.Sql], named: sql.Parameters) -> list[str]:
    lines = []
    for number, piece in enumerate(grouped):
        column = named.render(piece)
        lines += [f"GROUPING({column}) AS g{number}", f"CAST({column} AS STRING) AS k{number}"]
    return lines


def _grouping(questions: Sequence[model.Question], grouped: Sequence[sql.Sql], named: sql.Parameters) -> str:
    if not grouped:
        return ""
    # The empty set is always there: it answers with a row even when no row is read.
    texts = ("(" + ", ".join(named.render(piece) for piece in one) + ")" for one in _sets(questions))
    return "\nGROUP BY GROUPING SETS (" + ", ".join(texts) + ")"


def _sets(questions: Sequence[model.Question]) -> list[tuple[sql.Sql, ...]]:
    return list(dict.fromkeys([(), *(measure.by for question in questions for measure in question.measures)]))


def read(scan: Scan, rows: Sequence[Mapping[str, Any]]) -> dict[str, model.Answer]:
    """Return the answer to each question, by its owner; raise TooManyGroups."""
    if scan.questions[0].raw is not None and (
        len(rows) != 1 or any(name not in rows[0] for name in scan.aliases.values())
    ):
        raise MalformedAnswer(f"the query answered {len(rows)} rows: it must answer one, with a column called observed")
    placed = [(_set(scan, row), _group(scan, row), row) for row in rows]
    sizes = collections.Counter(found for found, _, _ in placed)
    if max(sizes.values(), default=0) > MOST_GROUPS:
        raise TooManyGroups(f"the answer has more than {MOST_GROUPS} groups: choose another column for `each`")
    return {question.owner: _answer(scan, question, placed) for question in scan.questions}


def _set(scan: Scan, row: Mapping[str, Any]) -> frozenset[sql.Sql]:
    return frozenset(piece for number, piece in enumerate(scan.grouped) if row[f"g{number}"] == 0)


def _group(scan: Scan, row: Mapping[str, Any]) -> Mapping[sql.Sql, str]:
    return {piece: _name(row[f"k{number}"]) for number, piece in enumerate(scan.grouped)}


def _name(key: Any) -> str:
    if key is None:
        return model.NULL
    # A text that reads NULL is another group than no value at all.
    return f'"{key}"' if str(key).strip('"') == model.NULL else str(key)


def _answer(scan: Scan, question: model.Question, placed: Sequence[tuple[Any, Any, Any]]) -> model.Answer:
    values: dict[str, dict[model.Group, Any]] = {}
    for measure in question.measures:
        alias, wanted = scan.aliases[question.owner, measure.name], frozenset(measure.by)
        values[measure.name] = {
            tuple(key[piece] for piece in measure.by): _value(measure, row[alias])
            for found, key, row in placed
            if found == wanted
        }
    return model.Answer(values)


def _value(measure: model.Measure, found: Any) -> Any:
    """Return what was measured; of the most frequent, those that count, and no more than were asked for."""
    if measure.function != "top":
        return found
    return [entry for entry in found or () if entry["value"] is not None][: measure.limit]
