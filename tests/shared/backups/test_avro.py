"""Claims about the row counter of Avro files, on real files, on hand-made ones and on damaged ones."""

import itertools
import json
from collections.abc import Iterable
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies

from shared.backups import avro, containers

CASES = Path(__file__).parents[2] / "cases" / "containers"
ROWS = {name: rows for name, rows in json.loads((CASES / "rows.json").read_text()).items() if name.endswith(".avro")}
SYNC = bytes(range(16))


def long(value: int) -> bytes:
    """Return an integer as Avro writes it."""
    rest = (value << 1) ^ (value >> 63)
    out = bytearray()
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes([*out, rest])


def text(value: bytes) -> bytes:
    """Return a string as Avro writes it."""
    return long(len(value)) + value


def head(codec: bytes | None = b"null", *, schema: bytes | None = b'"null"') -> bytes:
    """Return the header of an Avro file."""
    entries = [text(b"avro.codec") + text(codec)] if codec is not None else []
    entries += [text(b"avro.schema") + text(schema)] if schema is not None else []
    return b"Obj\x01" + long(len(entries)) + b"".join(entries) + long(0) + SYNC


def block(count: int, data: bytes = b"") -> bytes:
    """Return a block of `count` rows that take `data`."""
    return long(count) + text(data) + SYNC


def count(data: bytes) -> int:
    """Return the number of rows of an Avro file in memory."""
    return avro.rows(lambda offset, length: data[offset : offset + length], len(data))


def refusal(data: bytes) -> str:
    """Return the message with which the file is refused."""
    with pytest.raises(containers.Unreadable) as caught:
        count(data)
    return str(caught.value)


def count_or_refusal(data: bytes) -> int:
    """Return the file's row count, -1 when it is refused."""
    try:
        return count(data)
    except containers.Unreadable:
        return -1


class Sparse:
    """An Avro file of any size of which only the headers take memory; it records what was read of it."""

    def __init__(self, blocks: Iterable[tuple[int, int]]) -> None:
        self.reads: list[tuple[int, int]] = []
        self._parts = {0: head()}
        self.size = len(head())
        for rows, length in blocks:
            self._parts[self.size] = long(rows) + long(length)
            self.size += len(self._parts[self.size]) + length
            self._parts[self.size] = SYNC
            self.size += len(SYNC)

    def read(self, offset: int, length: int) -> bytes:
        """Return that stretch of the file; what is not a header is zeros."""
        self.reads.append((offset, length))
        out = bytearray(length)
        for start, part in self._parts.items():
            low, high = max(start, offset), min(start + len(part), offset + length)
            if low < high:
                out[low - offset : high - offset] = part[low - start : high - start]
        return bytes(out)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_counts_the_rows_that_the_writer_wrote(name: str) -> None:
    """The count of every real file is the one its writer was told."""
    assert count((CASES / name).read_bytes()) == ROWS[name]


def test_every_case_file_is_declared() -> None:
    """No Avro file stands in the case folder unread."""
    assert {path.name for path in CASES.glob("*.avro")} == set(ROWS)


@pytest.mark.parametrize("codec", ["null", "deflate", "snappy", "bzip2", "xz"])
def test_reads_the_codec(codec: str) -> None:
    """The header names the codec with which the writer wrote."""
    assert avro.header((CASES / f"{codec}.avro").read_bytes()).codec == codec


def test_the_header_tells_its_end_and_its_marker() -> None:
    """The marker is the header's last 16 bytes, and what follows is no part of it."""
    assert avro.header(head(b"zstandard") + block(1)) == avro.Header(SYNC, "zstandard", len(head(b"zstandard")))


def test_no_codec_means_null() -> None:
    """A header that names no codec stands before blocks that are not compressed."""
    assert avro.header(head(codec=None)).codec == "null"


def test_the_metadata_may_come_in_sized_blocks() -> None:
    """A negative entry count is followed by the block's length, which changes nothing for the reader."""
    entry = text(b"avro.schema") + text(b'"null"')
    data = b"Obj\x01" + long(-1) + long(len(entry)) + entry + long(1) + text(b"k") + text(b"v") + long(0) + SYNC
    assert count(data + block(4)) == 4


def test_adds_up_all_blocks() -> None:
    """Rows of every block count, those of an empty one too."""
    assert count(head() + block(300, b"x" * 999) + block(0) + block(7, b"y")) == 307


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", "cut off", id="nothing"),
        pytest.param(b"PAR1" + bytes(99), "not an Avro file", id="another format"),
        pytest.param(b"Obj\x02" + bytes(99), "not an Avro file", id="another version"),
        pytest.param(b"Obj\x01" + bytes(99), "no schema", id="zeros"),
        pytest.param(head(schema=None), "no schema", id="no schema"),
        pytest.param(head(b"lzma"), "unknown Avro codec 'lzma'", id="unknown codec"),
        pytest.param(head(b"\xff"), "unknown Avro codec", id="codec of no letters"),
        pytest.param(head(b"null" * 50), "unknown Avro codec", id="codec without end"),
        pytest.param(b"Obj\x01" + long(1) + long(-1), "has length -1", id="string of negative length"),
        pytest.param(b"Obj\x01" + long(1) + long(1 << 62), "cut off", id="string without end"),
        pytest.param(b"Obj\x01" + long(1 << 62) + bytes(99), "more than 1024 entries", id="endless metadata"),
        pytest.param(b"Obj\x01" + (long(1) + bytes(2)) * 2000, "more than 1024 entries", id="endless map blocks"),
        pytest.param(b"Obj\x01" + b"\x80" * 20, "longer than 10 bytes", id="overlong integer"),
        pytest.param(head() + b"\xff" * 9 + b"\x7f" + bytes(99), "wider than 64 bits", id="integer too wide"),
        pytest.param(head() + long(-1) + text(b"") + SYNC, "declares -1 rows", id="negative rows"),
        pytest.param(head() + long(1) + long(-16) + SYNC, "in -16 bytes", id="negative length"),
        pytest.param(head() + long(1) + long(1 << 62) + SYNC, "cut off", id="block without end"),
        pytest.param(head() + long(1) + text(b"x") + SYNC[::-1], "sync marker", id="another marker"),
        pytest.param(head() + block(1) + b"\x00", "cut off", id="a byte behind"),
        pytest.param(head() + block(1) + bytes(18), "sync marker", id="zeros behind"),
    ],
)
def test_a_malformed_file_is_refused(data: bytes, message: str) -> None:
    """What is wrong with a file is said, and said as Unreadable."""
    assert message in refusal(data)


def test_an_answer_of_the_wrong_length_is_refused() -> None:
    """A read that gives less than was asked for is not taken for the file."""
    data = head() + block(3, b"x" * 50)
    with pytest.raises(containers.Unreadable, match="came"):
        avro.rows(lambda offset, length: data[offset : offset + length - 1], len(data))


def test_an_error_of_the_reader_is_passed_on() -> None:
    """What goes wrong while reading is not mistaken for a damaged file."""

    def fails(_offset: int, _length: int) -> bytes:
        raise OSError("no network")

    with pytest.raises(OSError, match="no network"):
        avro.rows(fails, 99)


@pytest.mark.parametrize("name", ["many-blocks.avro", "every-type.avro", "user-metadata.avro"])
def test_truncation_is_seen_everywhere_but_between_blocks(name: str) -> None:
    """A file cut anywhere is refused, unless it was cut where a block ends: there the format tells nothing."""
    data = (CASES / name).read_bytes()
    sync, end = avro.header(data).sync, avro.header(data).size
    ends = {end, *(i + 16 for i in range(end, len(data)) if data[i : i + 16] == sync)}
    assert {cut for cut in range(len(data) + 1) if count_or_refusal(data[:cut]) >= 0} == ends


def test_large_blocks_are_stepped_over() -> None:
    """Of a gigabyte in blocks of 16 MiB, less than half a percent is read, one read a block."""
    file = Sparse([(1000, 16 << 20)] * 64)
    assert avro.rows(file.read, file.size) == 64_000
    assert sum(length for _, length in file.reads) < file.size * 0.005
    assert len(file.reads) <= 65


def test_small_blocks_are_read_through() -> None:
    """Of 64 MiB in blocks of 64 KiB, nearly each of which would cost a request, all is read in a few dozen."""
    file = Sparse([(10, 64 << 10)] * 1024)
    assert avro.rows(file.read, file.size) == 10_240
    assert len(file.reads) < 40


def test_reads_forward_and_within_the_file() -> None:
    """No read begins before the former ended or passes the end, whatever the blocks' sizes."""
    file = Sparse([(1, length) for length in (5, 65_500, 1 << 20, 3 << 20, 0, 1, 9 << 20) * 3])
    assert avro.rows(file.read, file.size) == 21
    assert all(offset + length <= file.size for offset, length in file.reads)
    assert all(second[0] > first[0] for first, second in itertools.pairwise(file.reads))


@hypothesis.given(
    blocks=strategies.lists(
        strategies.tuples(strategies.integers(0, 1 << 40), strategies.integers(0, 9 << 20)), max_size=9
    )
)
def test_any_sizes_of_blocks_add_up(blocks: list[tuple[int, int]]) -> None:
    """The count is the sum, wherever a block's header falls between the reads."""
    file = Sparse(blocks)
    assert avro.rows(file.read, file.size) == sum(rows for rows, _ in blocks)


@hypothesis.given(data=strategies.binary(max_size=300), real=strategies.booleans())
def test_random_bytes_are_refused_or_counted(data: bytes, real: bool) -> None:  # noqa: FBT001 - hypothesis draws it
    """Random bytes, also behind a real header, raise nothing but Unreadable."""
    assert count_or_refusal((head() if real else b"") + data) >= -1


@hypothesis.given(strategies.data())
def test_a_damaged_file_is_refused_or_counted(data: strategies.DataObject) -> None:
    """A file with one changed byte raises nothing but Unreadable, and a number that comes out is a count."""
    file = bytearray((CASES / data.draw(strategies.sampled_from(sorted(ROWS)))).read_bytes())
    file[data.draw(strategies.integers(0, len(file) - 1))] ^= data.draw(strategies.integers(1, 255))
    assert count_or_refusal(bytes(file)) >= -1
