"""schema: whether the table has the columns that are declared, in their types; known from metadata, without a scan."""

import dataclasses
from collections.abc import Mapping
from typing import ClassVar, Literal

from shared import wording
from shared.checks import model
from shared.checks.model import Verdict
from shared.checks.scope import Scope
from shared.statuses import Status

REASONS = frozenset({"as_declared", "column_missing", "type_differs", "column_extra"})
EXAMPLE = "{id: columns, kind: schema, columns: {game_id: STRING, game_date: DATE}, extra: allow}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Args(model.Check):
    """The keys of a check of this kind."""

    graded: ClassVar[bool] = False
    columns: Mapping[str, str] = dataclasses.field(
        metadata=model.declared("Columns (a.b inside a record) and their types in GoogleSQL: INT64, ARRAY<STRING>, …")
    )
    extra: Literal["allow", "warn"] = dataclasses.field(
        default="warn", metadata=model.declared("What a column means that is not declared.")
    )


def ask(check: Args, scope: Scope) -> tuple[model.Measure, ...]:
    """Return no measures: the table's metadata answers."""
    del check, scope
    return ()


def judge(check: Args, answer: model.Answer, context: model.Context) -> tuple[Verdict, ...]:
    """Return one verdict, which names every difference."""
    del answer
    wanted = {tuple(name.lower().split(".")): kind for name, kind in check.columns.items()}
    found = {path: column.type for path, column in context.table.columns.items()}
    missing = sorted(_name(path) for path in wanted.keys() - found.keys())
    other = [
        f"{_name(path)} is {found[path]}, not {kind}"
        for path, kind in sorted(wanted.items())
        if path in found and found[path] != kind.upper()
    ]
    records = {path[:depth] for path in wanted for depth in range(1, len(path))}
    extra = sorted(_name(path) for path in found.keys() - wanted.keys() - records if path[:1] not in wanted)
    return (_verdict(missing, other, extra if check.extra == "warn" else [], declared=len(wanted)),)


def _verdict(missing: list[str], other: list[str], extra: list[str], *, declared: int) -> Verdict:
    told = {"missing": missing, "type_differs": other, "extra": extra}
    evidence = {name: found for name, found in told.items() if found}
    differences = len(missing) + len(other) + len(extra)
    parts = [f"{name.replace('_', ' ')}: {wording.listed(found)}" for name, found in evidence.items()]
    message = "; ".join(parts) or f"all {declared} declared columns are there, in their types"
    status, reason = Status.PASS, "as_declared"
    if missing or other:
        status, reason = Status.FAIL, "column_missing" if missing else "type_differs"
    elif extra:
        status, reason = Status.WARN, "column_extra"
    return Verdict(status, reason, message, observed=differences, unit="differences", expected=0, evidence=evidence)


def _name(path: tuple[str, ...]) -> str:
    return ".".join(path)
