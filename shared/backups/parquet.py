"""The number of rows of a Parquet file, read from its footer alone; no Parquet library, nothing but bytes.

A Parquet file ends with its footer, the footer's length (4 bytes, little-endian) and the magic "PAR1". The footer is
one `FileMetaData` in Thrift's compact protocol. Only the row counts are read from it; the rest is stepped over, but
structurally: a footer that is not well-formed to its last byte is refused. Values of columns are not looked at.
"""

from collections.abc import Callable, Mapping

from shared.backups import containers

TAIL = 8

_MAGIC = b"PAR1"
_MAGIC_ENCRYPTED = b"PARE"
_DEEPEST = 32  # Parquet's own metadata nests about eight deep
_LARGEST_FIELD = (1 << 15) - 1
_LONG_LIST = 15  # a list header with this size is followed by the real one

_NUM_ROWS = 3  # of FileMetaData and of RowGroup alike
_ROW_GROUPS = 4

_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT, _UUID = range(1, 14)
_WIDTHS = {_BYTE: 1, _DOUBLE: 8, _UUID: 16}

# Reads a value of the given Thrift type at a place, at a depth; returns what it found and the place after it.
_Reader = Callable[[bytes, int, int, int], tuple[int, int]]


def footer_length(tail: bytes) -> int:
    """Return the length in bytes of the footer that stands before `tail`, a Parquet file's last 8 bytes.

    Raise Unreadable when `tail` is not the end of a Parquet file, or of an encrypted one. The caller compares the
    length with the object's size before it reads the footer.
    """
    if len(tail) != TAIL:
        raise containers.Unreadable(f"the last {TAIL} bytes of a Parquet file are needed, not {len(tail)}")
    magic = tail[4:]
    if magic == _MAGIC_ENCRYPTED:
        raise containers.Unreadable("the Parquet footer is encrypted")
    if magic != _MAGIC:
        raise containers.Unreadable(f"not a Parquet file: it ends with {magic!r}, not {_MAGIC!r}")
    length = int.from_bytes(tail[:4], "little")
    if length == 0:
        raise containers.Unreadable("the Parquet footer is empty")
    return length


def rows(footer: bytes) -> int:
    """Return the number of rows that a Parquet file's footer declares.

    Raise Unreadable when the footer is malformed, or when its row groups do not add up to its total.
    """
    found, end = _struct(footer, 0, depth=0, wanted={_NUM_ROWS: _row_count, _ROW_GROUPS: _row_groups})
    if end != len(footer):
        raise containers.Unreadable(f"the Parquet footer ends at byte {end}, but {len(footer)} bytes were given")
    for field, name in ((_NUM_ROWS, "num_rows"), (_ROW_GROUPS, "row_groups")):
        if field not in found:
            raise containers.Unreadable(f"the Parquet footer has no {name}")
    if found[_NUM_ROWS] != found[_ROW_GROUPS]:
        raise containers.Unreadable(
            f"the Parquet footer declares {found[_NUM_ROWS]} rows, but its row groups hold {found[_ROW_GROUPS]}"
        )
    return found[_NUM_ROWS]


def _row_count(data: bytes, at: int, kind: int, _depth: int) -> tuple[int, int]:
    if kind != _I64:
        raise containers.Unreadable(f"the row count at byte {at} has Thrift type {kind}, not {_I64}")
    value, end = containers.varint(data, at)
    count = containers.signed(value)
    if count < 0:
        raise containers.Unreadable(f"the row count at byte {at} is negative: {count}")
    return count, end


def _row_groups(data: bytes, at: int, kind: int, depth: int) -> tuple[int, int]:
    if kind != _LIST:
        raise containers.Unreadable(f"the row groups at byte {at} have Thrift type {kind}, not {_LIST}")
    size, element, at = _list_header(data, at)
    if size and element != _STRUCT:
        raise containers.Unreadable(f"the row groups before byte {at} are of Thrift type {element}, not {_STRUCT}")
    total = 0
    for _ in range(size):
        start = at
        found, at = _struct(data, start, depth=depth + 1, wanted={_NUM_ROWS: _row_count})
        if _NUM_ROWS not in found:
            raise containers.Unreadable(f"the row group at byte {start} has no num_rows")
        total += found[_NUM_ROWS]
    return total, at


def _struct(data: bytes, at: int, *, depth: int, wanted: Mapping[int, _Reader]) -> tuple[dict[int, int], int]:
    """Return what the wanted fields of the struct at `at` hold, and the place after the struct."""
    found: dict[int, int] = {}
    field = 0
    while True:
        field, kind, at = _field_header(data, at, previous=field)
        if kind == 0:
            return found, at
        reader = wanted.get(field)
        if reader is None:
            at = _skip(data, at, kind, depth)
        elif field in found:
            raise containers.Unreadable(f"field {field} stands twice in one struct, again at byte {at}")
        else:
            found[field], at = reader(data, at, kind, depth)


def _field_header(data: bytes, at: int, *, previous: int) -> tuple[int, int, int]:
    """Return the field number and Thrift type that the header at `at` declares, and the place after it; type 0 ends."""
    head = _byte(data, at)
    kind = head & 0x0F
    if head == 0:
        return previous, kind, at + 1
    if not _TRUE <= kind <= _UUID:
        raise containers.Unreadable(f"unknown Thrift type {kind} at byte {at}")
    if head >> 4:
        field, end = previous + (head >> 4), at + 1
    else:
        value, end = containers.varint(data, at + 1)
        field = containers.signed(value)
    if not 0 < field <= _LARGEST_FIELD:
        raise containers.Unreadable(f"field number {field} at byte {at} is out of range")
    return field, kind, end


def _skip(data: bytes, at: int, kind: int, depth: int) -> int:
    """Return the place after the field value of the given Thrift type that stands at `at`."""
    if kind in (_LIST, _SET, _MAP, _STRUCT):
        if depth >= _DEEPEST:
            raise containers.Unreadable(f"nested deeper than {_DEEPEST} at byte {at}")
        return _SKIP_NESTED[kind](data, at, depth + 1)
    if kind in (_TRUE, _FALSE):
        return at  # the type was the value
    if kind in _WIDTHS:
        return _advance(data, at, _WIDTHS[kind])
    value, end = containers.varint(data, at)
    return _advance(data, end, value) if kind == _BINARY else end


def _skip_struct(data: bytes, at: int, depth: int) -> int:
    return _struct(data, at, depth=depth, wanted={})[1]


def _skip_list(data: bytes, at: int, depth: int) -> int:
    size, element, at = _list_header(data, at)
    for _ in range(size):
        at = _skip_element(data, at, element, depth)
    return at


def _skip_map(data: bytes, at: int, depth: int) -> int:
    size, at = containers.varint(data, at)
    if size == 0:
        return at
    kinds = _byte(data, at)
    at += 1
    key, value = _element(kinds >> 4, at), _element(kinds & 0x0F, at)
    for _ in range(size):
        at = _skip_element(data, _skip_element(data, at, key, depth), value, depth)
    return at


_SKIP_NESTED = {_STRUCT: _skip_struct, _LIST: _skip_list, _SET: _skip_list, _MAP: _skip_map}


def _skip_element(data: bytes, at: int, kind: int, depth: int) -> int:
    # Inside a collection a bool takes a byte of its own.
    return _advance(data, at, 1) if kind in (_TRUE, _FALSE) else _skip(data, at, kind, depth)


def _list_header(data: bytes, at: int) -> tuple[int, int, int]:
    """Return the size and the element type of the list or set at `at`, and the place of its first element.

    No size is too large to walk: every element takes at least a byte, so the walk ends with the data.
    """
    head = _byte(data, at)
    size, at = head >> 4, at + 1
    if size == _LONG_LIST:
        size, at = containers.varint(data, at)
    if size:
        _element(head & 0x0F, at)
    return size, head & 0x0F, at


def _element(kind: int, at: int) -> int:
    if not _TRUE <= kind <= _UUID:
        raise containers.Unreadable(f"unknown Thrift type {kind} before byte {at}")
    return kind


def _byte(data: bytes, at: int) -> int:
    _advance(data, at, 1)
    return data[at]


def _advance(data: bytes, at: int, length: int) -> int:
    if at + length > len(data):
        raise containers.Unreadable(f"cut off: {length} bytes wanted at byte {at}, {max(len(data) - at, 0)} left")
    return at + length
