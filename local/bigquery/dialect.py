"""Spellings of BigQuery that the emulator mistranslates, put into spellings that it translates right."""

import base64
import codecs
import re
from collections.abc import Callable
from typing import Any

import sqlglot
from bqemulator.sql import parameters, translator
from sqlglot import exp

from local.bigquery import macros, patching

# Only SQL with one of these is parsed once more.
_SUSPECT = re.compile(
    r"\bSTRUCT\s*\(|\bIGNORE\s+NULLS\b|\bAPPROX_QUANTILES\b|\bAPPROX_TOP_COUNT\b|\br?b['\"]", re.IGNORECASE
)


def install(settings: Any) -> None:
    """Override what the emulator's translator is given, and how it reads a parameter of type BYTES."""
    del settings
    former = translator.SQLTranslator.translate

    def translate(self: Any, sql: str, **options: Any) -> Any:
        return former(self, respelled(sql), **options)

    patching.replace(translator.SQLTranslator, "translate", translate)
    converters = parameters._SCALAR_CONVERTERS  # noqa: SLF001 -- the emulator's own table, which lacks BYTES
    converters["BYTES"] = base64.b64decode


def respelled(sql: str) -> str:
    """Return the SQL in spellings that the emulator understands; unchanged when it has none of the others."""
    if not _SUSPECT.search(sql):
        return sql
    try:
        tree = sqlglot.parse_one(sql, read="bigquery")
    except sqlglot.errors.SqlglotError:
        # The emulator tells the caller what is wrong with it.
        return sql
    changed = False
    # From the leaves up, so that what is put into another spelling holds such already.
    for node in reversed(list(tree.walk())):
        respell = _RESPELL.get(type(node))
        better = respell(node) if respell else node
        if better is not node:
            node.replace(better)
            changed = True
    return str(tree.sql(dialect="bigquery")) if changed else sql


def _named_fields(node: exp.Expression) -> exp.Expression:
    """Name the fields of STRUCT(a, b) after its columns, as BigQuery does; the emulator does not."""
    if isinstance(node.parent, exp.Cast) or not any(isinstance(part, exp.Column) for part in node.expressions):
        return node
    named = [
        exp.PropertyEQ(this=exp.to_identifier(part.name, quoted=True), expression=part.copy())
        if isinstance(part, exp.Column) and isinstance(part.this, exp.Identifier)
        else part
        for part in node.expressions
    ]
    return exp.Struct(expressions=named)


def _without_nulls(node: exp.Expression) -> exp.Expression:
    """Make ARRAY_AGG(x IGNORE NULLS … LIMIT n) a slice of a filtered array; the emulator mixes up the two."""
    aggregate = node.this
    if not isinstance(aggregate, exp.ArrayAgg) or not isinstance(aggregate.this, exp.Limit):
        return node
    ordered, limit = aggregate.this.this, aggregate.this.expression
    value = ordered.this if isinstance(ordered, exp.Order) else ordered
    present = exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null()))
    kept = exp.Filter(this=exp.ArrayAgg(this=ordered.copy()), expression=exp.Where(this=present))
    return exp.Anonymous(this="ARRAY_SLICE", expressions=[kept, exp.Literal.number(1), limit.copy()])


def _element(node: exp.Expression) -> exp.Expression:
    """Take an element of APPROX_QUANTILES by a function; the emulator counts the offset twice."""
    inner = node.this.this if isinstance(node.this, exp.IgnoreNulls) else node.this
    if not isinstance(inner, exp.ApproxQuantiles):
        return node
    place = exp.Literal.number(1 - (node.args.get("offset") or 0))
    index = exp.Add(this=node.expressions[0].copy(), expression=place)
    return exp.Anonymous(this="LIST_ELEMENT", expressions=[inner.copy(), index])


def _top_count(node: exp.Expression) -> exp.Expression:
    """Answer APPROX_TOP_COUNT with values and counts; the emulator leaves the counts away."""
    histogram = exp.Anonymous(this="HISTOGRAM", expressions=[node.this.copy()])
    return exp.Anonymous(this=macros.TOP_COUNT, expressions=[histogram, node.expression.copy()])


def _hexadecimal(node: exp.Expression) -> exp.Expression:
    """Spell a literal of bytes in hexadecimal digits; the storage does not know BigQuery's escapes."""
    raw, _ = codecs.escape_decode(node.this.encode())
    return exp.Anonymous(this="FROM_HEX", expressions=[exp.Literal.string(raw.hex())])


_RESPELL: dict[type, Callable[[exp.Expression], exp.Expression]] = {
    exp.Struct: _named_fields,
    exp.IgnoreNulls: _without_nulls,
    exp.Bracket: _element,
    exp.ByteString: _hexadecimal,
    exp.ApproxTopK: _top_count,
}
