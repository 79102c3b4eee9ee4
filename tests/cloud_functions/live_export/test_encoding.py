"""Documents: rows make one JSON array whatever parts they come in, and equal content makes equal bytes."""

import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence

import hypothesis
import pytest
from hypothesis import strategies

from cloud_functions.live_export import columns, encoding

FIELDS = [
    {"name": 'player "name" %s', "type": "STRING"},
    {"name": "points", "type": "INTEGER"},
    {"name": "share", "type": "FLOAT"},
]
NAMES = columns.names(FIELDS)
ROWS = strategies.lists(
    strategies.tuples(
        strategies.none() | strategies.text(strategies.characters(exclude_categories=["Cs"])),
        strategies.none() | strategies.integers(-(2**53) + 1, 2**53 - 1),
        strategies.none() | strategies.floats(allow_nan=False, allow_infinity=False),
    )
)
ENOUGH = 10**9
Row = tuple[str | None, int | None, float | None]


def parts(rows: Sequence[Row], size: int) -> Iterator[list[list[bytes]]]:
    """Yield rows as they come of BigQuery, some at a time, column by column."""
    for start in range(0, len(rows), size):
        yield [
            [b"null" if value is None else json.dumps(str(value)).encode() for value in column]
            for column in zip(*rows[start : start + size], strict=True)
        ]


def written(rows: Sequence[Row], size: int, most_bytes: int = ENOUGH) -> encoding.Encoded:
    """Return the document of rows that come so many at a time."""
    return encoding.array(NAMES, encoding.chunks(FIELDS, parts(rows, size)), most_bytes=most_bytes)


@hypothesis.given(ROWS, strategies.integers(1, 5))
def test_rows_are_one_array_of_objects(rows: list[Row], size: int) -> None:
    """Read by another parser they are what they were, in order, with their columns in order."""
    found = written(rows, size)
    content = gzip.decompress(found.gzipped)
    assert [list(row.items()) for row in json.loads(content)] == [list(zip(NAMES, row, strict=True)) for row in rows]
    assert (found.rows, found.bytes, found.sha256) == (len(rows), len(content), hashlib.sha256(content).hexdigest())


@hypothesis.given(ROWS, strategies.integers(1, 5), strategies.integers(1, 5))
def test_parts_make_no_difference(rows: list[Row], size: int, other: int) -> None:
    """Not to the content, nor to what is counted."""
    one, two = written(rows, size), written(rows, other)
    assert (one.sha256, one.columns) == (two.sha256, two.columns)
    assert gzip.decompress(one.gzipped) == gzip.decompress(two.gzipped)


@hypothesis.given(ROWS)
def test_a_column_without_any_value_is_told(rows: list[Row]) -> None:
    """Of each column, whether there is one that a reader sees as something else than null."""
    filled = [any(row[place] is not None for row in rows) for place in range(len(NAMES))]
    assert written(rows, 3).columns == dict(zip(NAMES, filled, strict=True))


def test_what_is_published_as_null_counts_as_null() -> None:
    """A column of NaN alone is empty to its readers."""
    cells = [[b'"a"', b'"b"'], [b'"1"', b"null"], [b'"NaN"', b'"Infinity"']]
    found = encoding.array(NAMES, encoding.chunks(FIELDS, [cells]), most_bytes=ENOUGH)
    assert found.columns == dict(zip(NAMES, (True, True, False), strict=True))


def test_no_rows_are_an_empty_array() -> None:
    """With every column, and no value."""
    cases: tuple[list[list[list[bytes]]], ...] = ([], [[[], [], []]])
    for empty in cases:
        found = encoding.array(NAMES, encoding.chunks(FIELDS, empty), most_bytes=ENOUGH)
        assert gzip.decompress(found.gzipped) == b"[]"
        assert (found.rows, found.bytes, found.columns) == (0, 2, dict.fromkeys(NAMES, False))


def test_equal_rows_are_equal_bytes() -> None:
    """Compressed too: there is no time in them."""
    rows: list[Row] = [("a", 1, 0.5)] * 50
    one = written(rows, 7)
    assert one.gzipped == written(rows, 7).gzipped
    assert one.gzipped[4:8] == b"\0\0\0\0"


def test_a_document_over_its_cap_stops_at_once() -> None:
    """No more rows are asked for than it takes to know."""
    asked = 0

    def endless() -> Iterator[list[list[bytes]]]:
        nonlocal asked
        while True:
            asked += 1
            yield [[b'"a"'], [b'"1"'], [b'"0.5"']]

    with pytest.raises(encoding.TooLarge, match="more than 1,000 bytes"):
        encoding.array(NAMES, encoding.chunks(FIELDS, endless()), most_bytes=1000)
    assert asked < 30
    size = written([("a", 1, 0.5)], 1).bytes
    assert written([("a", 1, 0.5)], 1, most_bytes=size).bytes == size
    with pytest.raises(encoding.TooLarge):
        written([("a", 1, 0.5)], 1, most_bytes=size - 1)


def test_a_document_that_is_made_already_is_taken_as_it_is() -> None:
    """To the byte; what its rows are is for whoever made it to say."""
    content = b'{"day":"2026-02-12"}'
    found = encoding.document(content, most_bytes=len(content))
    assert gzip.decompress(found.gzipped) == content
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert (found.bytes, found.rows, found.columns) == (len(content), 0, {})
    with pytest.raises(encoding.TooLarge):
        encoding.document(content, most_bytes=len(content) - 1)


def test_a_part_of_another_width_is_a_fault() -> None:
    """Columns would change places."""
    with pytest.raises(ValueError, match="zip"):
        list(encoding.chunks(FIELDS, [[[b'"a"'], [b'"1"']]]))
