"""sql: a query of one's own, for what no other kind can ask; it answers one row with a column `observed`.

It costs a scan of its own. The day is the parameter @day; nothing of a request reaches its text.
"""

import dataclasses
import re
from collections.abc import Iterator

from shared.checks import judging, model
from shared.checks import sql as pieces
from shared.checks.model import Verdict
from shared.checks.scope import Scope

REASONS = judging.REASONS - {"too_few", "no_rows"}
EXAMPLE = "{id: late, kind: sql, query: 'SELECT COUNT(*) AS observed FROM raw.games WHERE day = @day', fail: '> 0'}"
_BEGINNING = re.compile(r"\s*(SELECT|WITH)\b", re.IGNORECASE)
_DAY = re.compile(r"@day\b")
_OTHER = re.compile(r"@(?!day\b)\w*")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Args(model.Check):
    """The keys of a check of this kind."""

    query: str = dataclasses.field(metadata=model.declared("A SELECT, which may use @day."))

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake)."""
        yield from super().problems()
        if not _BEGINNING.match(self.query):
            yield "query", "must begin with SELECT or WITH: a check changes nothing"
        if ";" in self.query:
            yield "query", "must be one statement, without a semicolon"
        if _OTHER.search(self.query):
            yield "query", f"may use the parameter @day only, not {_OTHER.findall(self.query)[0]}"
        if not re.search(r"\bobserved\b", self.query):
            yield "query", "must answer a column called observed"
        for name in ("where", "each"):
            if getattr(self, name) is not None:
                yield name, "is not for a query of one's own, which says so itself"


def ask(check: Args, scope: Scope) -> tuple[model.Measure, ...]:
    """Return the one measure."""
    del check, scope
    return (model.Measure("observed", "max"),)


def query(check: Args, day: pieces.Value) -> pieces.Sql:
    """Return the query, with the day as a parameter."""
    first, *rest = _DAY.split(check.query)
    return pieces.of(first, *(part for text in rest for part in (day, text)))


def judge(check: Args, answer: model.Answer, context: model.Context) -> tuple[Verdict, ...]:
    """Return the verdict on what the query observed."""
    del context
    observed = answer.get("observed")
    message = f"{check.says or 'the query'}: {observed}"
    return (judging.by_threshold(check, observed if isinstance(observed, int | float) else _number(observed), message),)


def _number(value: object) -> float | None:
    try:
        return None if value is None else float(str(value))
    except ValueError:
        return None
