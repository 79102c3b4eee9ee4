"""The number of rows of an Avro object container file, by a walk over its block headers; no row is decoded.

A file is a header (magic, metadata map, 16-byte sync marker) and blocks: a row count, a length in bytes, so many
bytes, and the sync marker again. The walk reads the counts, steps over the data, and proves every marker. What it
cannot see, because the format has no end mark: a file that lost whole blocks at its end is a shorter valid file.
So the caller compares the object's size and the count with what it expects. The data itself is covered by CRC32C.
"""

import dataclasses
from collections.abc import Callable

from shared.backups import containers

# Returns `length` bytes of the file from `offset` on.
Read = Callable[[int, int], bytes]

_MAGIC = b"Obj\x01"
_SYNC = 16
_CODECS = ("null", "deflate", "bzip2", "snappy", "xz", "zstandard")
_CODEC_KEY, _SCHEMA_KEY = b"avro.codec", b"avro.schema"
_LONGEST_TEXT = 64  # longer keys are nobody's business here, and no codec's name is that long
_MOST_ENTRIES = 1024  # of the metadata map; a file of zeros would otherwise be walked as one endless map

# A request costs as much time as some MiB of transfer: small blocks are read through, large ones are stepped over.
_SMALLEST_READ = 64 << 10
_LARGEST_READ = 4 << 20
_NEAR = 1 << 20


@dataclasses.dataclass(frozen=True)
class Header:
    """The header of an Avro file: its sync marker, the codec of its blocks, and its own length in bytes."""

    sync: bytes
    codec: str
    size: int


def header(data: bytes) -> Header:
    """Return the header with which `data` begins; raise Unreadable when it is malformed or longer than `data`."""
    return _header(_Window(_slices(data), len(data)))


def rows(read: Read, size: int) -> int:
    """Return the number of rows of the Avro file of `size` bytes that `read` gives access to.

    Raise Unreadable when the file is malformed, has a wrong sync marker, or does not end exactly where a block ends.
    """
    window = _Window(read, size)
    head = _header(window)
    at, total = head.size, 0
    while at < size:
        start = at
        count, at = window.long(at)
        length, at = window.long(at)
        if count < 0 or length < 0:
            raise containers.Unreadable(f"the block at byte {start} declares {count} rows in {length} bytes")
        if window.bytes(at + length, _SYNC) != head.sync:
            raise containers.Unreadable(f"the block at byte {start} does not end with the file's sync marker")
        at += length + _SYNC
        total += count
    return total


class _Window:
    """A stretch of the file that is held in memory and moves along; its reads grow while the walk stays near."""

    def __init__(self, read: Read, size: int) -> None:
        self._read = read
        self._size = size
        self._start = 0
        self._held = b""
        self._length = _SMALLEST_READ

    def bytes(self, at: int, length: int) -> bytes:
        """Return `length` bytes from `at` on; raise Unreadable when the file ends before."""
        self.demand(at, length)
        if not self._start <= at <= at + length <= self._start + len(self._held):
            self._move(at)
        return self._held[at - self._start : at - self._start + length]

    def long(self, at: int) -> tuple[int, int]:
        """Return the Avro long at `at` and the place after it; raise Unreadable when there is none."""
        self.demand(at, 1)
        piece = self.bytes(at, min(containers.LONGEST_VARINT, self._size - at))
        try:
            value, end = containers.varint(piece, 0)
        except containers.Unreadable as error:
            raise containers.Unreadable(f"no whole number {at} bytes into the file: {error}") from error
        return containers.signed(value), at + end

    def demand(self, at: int, length: int) -> None:
        """Do nothing if the file has `length` bytes from `at` on, else raise Unreadable; read nothing."""
        if at + length > self._size:
            raise containers.Unreadable(f"cut off: {length} bytes wanted at byte {at}, the file has {self._size}")

    def _move(self, at: int) -> None:
        gap = at - (self._start + len(self._held))
        if self._held:
            self._length = min(self._length * 2, _LARGEST_READ) if gap <= _NEAR else _SMALLEST_READ
        wanted = min(self._length, self._size - at)
        self._start, self._held = at, self._read(at, wanted)
        if len(self._held) != wanted:
            raise containers.Unreadable(f"{wanted} bytes were asked for at byte {at}, {len(self._held)} came")


def _header(window: _Window) -> Header:
    if window.bytes(0, len(_MAGIC)) != _MAGIC:
        raise containers.Unreadable("not an Avro file: it does not begin with the magic 'Obj' and version 1")
    found, at = _metadata(window, len(_MAGIC))
    if _SCHEMA_KEY not in found:
        raise containers.Unreadable("the Avro header has no schema")
    codec = found.get(_CODEC_KEY, b"null").decode("ascii", "replace")
    if codec not in _CODECS:
        raise containers.Unreadable(f"unknown Avro codec {codec!r}: one of {', '.join(_CODECS)}")
    return Header(sync=window.bytes(at, _SYNC), codec=codec, size=at + _SYNC)


def _metadata(window: _Window, at: int) -> tuple[dict[bytes, bytes], int]:
    """Return the beginnings of the entries of the metadata map at `at`, and the place after the map."""
    found: dict[bytes, bytes] = {}
    entries = 0
    while True:
        count, at = window.long(at)
        if count == 0:
            return found, at
        if count < 0:  # then the block's length in bytes follows, for readers that step over it
            _, at = window.long(at)
        entries += abs(count)
        if entries > _MOST_ENTRIES:
            raise containers.Unreadable(f"the Avro header declares more than {_MOST_ENTRIES} entries")
        for _ in range(abs(count)):
            key, at = _text(window, at)
            found[key], at = _text(window, at)


def _text(window: _Window, at: int) -> tuple[bytes, int]:
    """Return the first bytes of the Avro string at `at`, and the place after all of it."""
    length, start = window.long(at)
    if length < 0:
        raise containers.Unreadable(f"the string at byte {at} has length {length}")
    window.demand(start, length)
    return window.bytes(start, min(length, _LONGEST_TEXT)), start + length


def _slices(data: bytes) -> Read:
    return lambda offset, length: data[offset : offset + length]
