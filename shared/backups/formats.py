"""Which file format carries a table without loss: chosen by its schema; pure.

A type is listed for a format when extract and load bring it back equal, given an explicit schema at the load.
Sources: the type tables of Google's extract and load pages for Parquet and Avro, and
tests/contract/bigquery/test_types.py.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

Format = Literal["parquet", "avro"]

_BOTH = frozenset(
    {"STRING", "BYTES", "INTEGER", "FLOAT", "BOOLEAN", "TIMESTAMP", "DATE", "TIME", "NUMERIC", "BIGNUMERIC", "RECORD"}
)
PROVEN: Mapping[Format, frozenset[str]] = {
    "parquet": _BOTH | {"DATETIME", "JSON"},  # DATETIME and JSON need the explicit schema at the load
    "avro": _BOTH,  # DATETIME comes out as a text that does not load into a DATETIME; JSON as a plain STRING
}
ALIASES = {"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN", "STRUCT": "RECORD", "DECIMAL": "NUMERIC"}
ALIASES |= {"BIGDECIMAL": "BIGNUMERIC"}


@dataclasses.dataclass(frozen=True)
class Choice:
    """A format, and what an extract job is told for it; `extension` ends the files' names."""

    format: Format
    compression: str

    @property
    def extension(self) -> str:
        """How the files' names end."""
        return self.format

    @property
    def options(self) -> dict[str, Any]:
        """The options of an extract job, by their names in ExtractJobConfig."""
        logical = {"use_avro_logical_types": True} if self.format == "avro" else {}
        return {"destination_format": self.format.upper(), "compression": self.compression, **logical}


CHOICES: Mapping[Format, Choice] = {"parquet": Choice("parquet", "ZSTD"), "avro": Choice("avro", "SNAPPY")}


def choose(schema: Sequence[Mapping[str, Any]], preferred: Format) -> Choice | None:
    """Return how to write a table of this REST schema: as preferred if every type survives, else otherwise, or None."""
    for name in sorted(PROVEN, key=lambda name: name != preferred):
        if not unproven(schema, name):
            return CHOICES[name]
    return None


def unproven(schema: Sequence[Mapping[str, Any]], name: Format) -> list[str]:
    """Return the columns, as `path TYPE`, whose types are not proven to survive in a format."""
    return [f"{path} {kind}" for path, kind in _leaves(schema, "") if kind not in PROVEN[name]]


def _leaves(fields: Sequence[Mapping[str, Any]], prefix: str) -> Iterator[tuple[str, str]]:
    for field in fields:
        path, kind = f"{prefix}{field['name']}", str(field["type"]).upper()
        yield path, ALIASES.get(kind, kind)
        yield from _leaves(field.get("fields", ()), f"{path}.")
