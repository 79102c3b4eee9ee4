"""accepted: how many rows have a value that is not one of those accepted; NULL is the business of not_null."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from shared import wording
from shared.checks import judging, model, rowwise, sql
from shared.checks.model import Verdict
from shared.checks.scope import Scope

REASONS = judging.REASONS - {"not_a_number"}
EXAMPLE = "{id: sides, kind: accepted, column: recommendation, values: [OVER, UNDER, PASS], fail: '> 0'}"
_PYTHON = {"STRING": str, "INT64": int, "BOOL": bool}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Args(rowwise.Args):
    """The keys of a check of this kind."""

    values: tuple[Any, ...] = dataclasses.field(
        metadata=model.declared("Texts, whole numbers, or true and false; all of one sort.", min_items=1)
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake)."""
        yield from super().problems()
        kinds = {type(value) for value in self.values}
        if len(kinds) > 1 or not kinds <= set(_PYTHON.values()):
            yield "values", "must be texts, whole numbers, or true and false, all of one sort"


def ask(check: Args, scope: Scope) -> tuple[model.Measure, ...]:
    """Return the measures; raise Unanswerable when the values are not of the column's type."""
    column, kind = scope.column(check.column, *_PYTHON), scope.type(check.column)
    if type(check.values[0]) is not _PYTHON[kind]:
        raise model.Unanswerable("wrong_type", f"{check.column} is {kind}, and the accepted values are not")
    accepted = sql.joined(", ", (sql.of(sql.Value(kind, value)) for value in dict.fromkeys(check.values)))
    return rowwise.ask(scope, sql.of(column, " NOT IN (", accepted, ")"))


def judge(check: Args, answer: model.Answer, context: model.Context) -> tuple[Verdict, ...]:
    """Return the verdict on the rows with another value, for each group."""
    del context
    named = wording.listed(str(value) for value in check.values)
    return rowwise.judge(check, answer, f"have another {check.column} than {named}")
