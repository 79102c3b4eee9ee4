"""Documents as they are published: one JSON array made of rows as they come, or JSON that is made already; pure.

Rows are encoded a few at a time, put straight into gzip, hashed and counted, so that a large document takes no more
memory than its compressed bytes and a few hundred rows. Equal content is equal bytes: no white space, columns in their
order, gzip without a time.
"""

import dataclasses
import hashlib
import io
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from cloud_functions.live_export import columns

LEVEL = 6
_GZIP = 16 + zlib.MAX_WBITS


class TooLarge(ValueError):
    """A document that is larger, before compression, than is declared."""


@dataclasses.dataclass(frozen=True)
class Encoded:
    """A document to be published: its gzip, and the SHA-256 and size of what is in it.

    rows: how many it has. columns: by name, whether any of them has a value.
    """

    gzipped: bytes
    sha256: str
    bytes: int
    rows: int
    columns: Mapping[str, bool]


@dataclasses.dataclass(frozen=True)
class Chunk:
    """Some rows of a document, as JSON objects with commas between; by column, whether any of them has a value."""

    text: bytes
    rows: int
    filled: tuple[bool, ...]


def chunks(fields: Sequence[columns.Field], parts: Iterable[Sequence[columns.Cells]]) -> Iterator[Chunk]:
    """Yield the rows of a query's answer as JSON, given its columns and its rows, some at a time, column by column.

    Raise Unencodable for a type without a rule, and Garbled for cells that are none.
    """
    encoders = [columns.encoder(field) for field in fields]
    first, *others = columns.heads(columns.names(fields))
    between = [part for head in (b"}," + first, *others) for part in (head, b"")]
    for part in parts:
        encoded = [encode(cells) for encode, cells in zip(encoders, part, strict=True) if cells]
        if encoded:
            rows = len(encoded[0])
            texts = between * rows
            for place, cells in enumerate(encoded):
                texts[2 * place + 1 :: len(between)] = cells
            texts[0] = first
            texts.append(b"}")
            yield Chunk(b"".join(texts), rows, tuple(any(map(columns.NULL.__ne__, cells)) for cells in encoded))


def array(names: Sequence[str], made: Iterable[Chunk], *, most_bytes: int) -> Encoded:
    """Return the document that is the array of all rows of these columns; raise TooLarge beyond `most_bytes`."""
    sink, rows, filled = _Sink(most_bytes), 0, [False] * len(names)
    for chunk in made:
        sink.write(b"," if rows else b"[")
        sink.write(chunk.text)
        rows += chunk.rows
        filled = [known or more for known, more in zip(filled, chunk.filled, strict=True)]
    sink.write(b"]" if rows else b"[]")
    return sink.close(rows, dict(zip(names, filled, strict=True)))


def document(content: bytes, *, most_bytes: int) -> Encoded:
    """Return a document that is JSON already, of whose rows nothing is told; raise TooLarge beyond `most_bytes`."""
    sink = _Sink(most_bytes)
    sink.write(content)
    return sink.close(0, {})


class _Sink:
    """Where the bytes of one document go: into its gzip, its hash and its size."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._size = 0
        self._hash = hashlib.sha256()
        self._pack = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)
        self._gzipped = io.BytesIO()

    def write(self, content: bytes) -> None:
        self._size += len(content)
        if self._size > self._most:
            raise TooLarge(f"more than {self._most:,} bytes before compression")
        self._hash.update(content)
        self._gzipped.write(self._pack.compress(content))

    def close(self, rows: int, filled: Mapping[str, bool]) -> Encoded:
        self._gzipped.write(self._pack.flush())
        return Encoded(self._gzipped.getvalue(), self._hash.hexdigest(), self._size, rows, filled)
