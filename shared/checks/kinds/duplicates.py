"""duplicates: how many rows are there again with the same key; a row whose key is NULL throughout is left out."""

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

from shared import wording
from shared.checks import judging, model, sql
from shared.checks.model import Verdict
from shared.checks.scope import Scope
from shared.statuses import Status

REASONS = judging.REASONS - {"not_a_number"} | {"no_key"}
EXAMPLE = "{id: duplicates, kind: duplicates, columns: [game_id, player_id], fail: '> 0'}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Args(model.Check):
    """The keys of a check of this kind."""

    minds_rows: ClassVar[bool] = True
    columns: tuple[str, ...] = dataclasses.field(
        default=(), metadata=model.declared("The key; by default that of the table.", column=True)
    )


def ask(check: Args, scope: Scope) -> tuple[model.Measure, ...]:
    """Return the measures; counts are exact, the sample is BigQuery's approximation of the most frequent keys."""
    names = check.columns or scope.key
    if not names:
        raise model.Unanswerable("no_key", "neither the check nor its table declares a key")
    columns = [scope.column(name, *model.KEYS) for name in names]
    keyed = sql.of("NOT (", sql.joined(" AND ", (sql.of(column, " IS NULL") for column in columns)), ")")
    identity = _identity(columns)
    # One column that is NULL is not counted anyway; a text of several would be.
    where = scope.among() if len(columns) == 1 else scope.among(keyed)
    return (
        scope.count("rows"),
        scope.count("keyed", keyed),
        model.Measure("distinct", "distinct", identity, where, scope.by),
        *((model.Measure("often", "top", identity, where, scope.by, scope.samples),) if scope.samples else ()),
    )


def _identity(columns: list[sql.Sql]) -> sql.Sql:
    """Return a value that differs where a key differs: a JSON text of several columns, never a hash."""
    if len(columns) == 1:
        return columns[0]
    # A NULL is the text null in BigQuery, and NULL in engines that would lose the whole key by it.
    texts = (sql.of("IFNULL(TO_JSON_STRING(", column, "), 'null')") for column in columns)
    return sql.of("CONCAT(", sql.joined(", ',', ", texts), ")")


def judge(check: Args, answer: model.Answer, context: model.Context) -> tuple[Verdict, ...]:
    """Return the verdict on the number of surplus rows, for each group."""
    del context
    return judging.each(check, answer, lambda group: _one(check, answer, group))


def _one(check: Args, answer: model.Answer, group: model.Group) -> Verdict:
    keyed, distinct = answer.number("keyed", group), answer.number("distinct", group)
    little = judging.too_few(check, keyed, unit="rows", group=group)
    if little:
        return little
    surplus = keyed - distinct
    message = f"{wording.amount(surplus, 'row')} of {keyed:,} repeat a key" if surplus else f"{keyed:,} keys, each once"
    verdict = judging.by_threshold(check, surplus, message, unit="rows", group=group)
    shown = _repeated(answer.values.get("often", {}).get(group) or ())
    if verdict.status in (Status.FAIL, Status.WARN) and shown:
        return dataclasses.replace(verdict, evidence={"samples": shown})
    return verdict


def _repeated(often: Any) -> list[str]:
    return [_text(entry) for entry in often if entry["value"] is not None and entry["count"] > 1]


def _text(entry: Mapping[str, Any]) -> str:
    return f"{str(entry['value'])[: judging.LONGEST_SAMPLE]}: {entry['count']} rows"
