"""What a check may name when it asks: the columns of its table, looked up before any query is sent; pure."""

import dataclasses

from shared.checks import expressions, model, sql


@dataclasses.dataclass(frozen=True)
class Scope:
    """The table of a check, and the rows of it that the check looks at."""

    table: model.Table
    key: tuple[str, ...] = ()
    rows: sql.Sql | None = None
    by: tuple[sql.Sql, ...] = ()
    samples: int = 5

    def column(self, text: str, *types: str) -> sql.Sql:
        """Return a bare column; raise Unanswerable when it is not there, or none of `types` when any are given."""
        found = self._column(expressions.path(text))
        if types and found.type not in types:
            raise model.Unanswerable("wrong_type", f"{text} is {found.type}; this needs {' or '.join(sorted(types))}")
        return sql.Sql((expressions.quoted(found.path),), frozenset({found.path}))

    def type(self, text: str) -> str:
        """Return the type of a column; raise Unanswerable when it is not there."""
        return self._column(expressions.path(text)).type

    def expression(self, text: str) -> sql.Sql:
        """Return an expression over rows, in brackets; raise Unanswerable when it names what is not a column."""
        parsed = expressions.parse(text)
        return sql.Sql((f"({parsed.text})",), frozenset(self._column(path).path for path in parsed.paths))

    def among(self, *conditions: sql.Sql | None) -> sql.Sql | None:
        """Return the condition that a row is looked at and fulfils all of `conditions`."""
        return sql.every((self.rows, *conditions))

    def count(self, name: str, *conditions: sql.Sql | None) -> model.Measure:
        """Return the number of rows that fulfil all of `conditions`, for each group."""
        return model.Measure(name, "count", where=self.among(*conditions), by=self.by)

    def tally(self, distinct: str | None) -> tuple[model.Measure, ...]:
        """Return the number of rows, and as `tally` that of rows or of the distinct values of a column."""
        rows = self.count("rows")
        if distinct is None:
            return (rows, dataclasses.replace(rows, name="tally"))
        return (rows, model.Measure("tally", "distinct", self.column(distinct, *model.KEYS), self.among(), self.by))

    def sample(self, *conditions: sql.Sql | None) -> tuple[model.Measure, ...]:
        """Return a few keys of the rows that fulfil all of `conditions`; nothing for a table without a key."""
        if not self.key or not self.samples:
            return ()
        shown = self.key_text()
        return (model.Measure("samples", "samples", shown, self.among(*conditions), self.by, self.samples),)

    def key_text(self) -> sql.Sql:
        """Return a row's key as a JSON object; raise Unanswerable when a column of it is not there."""
        return sql.of("TO_JSON_STRING(STRUCT(", sql.joined(", ", (self.column(name) for name in self.key)), "))")

    def _column(self, path: sql.Path) -> model.Column:
        found = self.table.columns.get(tuple(part.lower() for part in path))
        name = ".".join(path)
        if found is None:
            raise model.Unanswerable("no_such_column", f"{name} is not a column of {self.table.ref.short}")
        if found.repeated:
            raise model.Unanswerable(
                "wrong_type", f"{name} is repeated, and an expression over rows cannot reach into it"
            )
        return found
