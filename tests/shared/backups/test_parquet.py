"""Claims about the row counter of Parquet footers, on real files, on hand-made footers and on damaged ones."""

import json
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies

from shared.backups import containers, parquet

CASES = Path(__file__).parents[2] / "cases" / "containers"
ROWS = {name: rows for name, rows in json.loads((CASES / "rows.json").read_text()).items() if name.endswith(".parquet")}
SEALED = ["encrypted.parquet", "encrypted-columns.parquet"]

ROW_COUNT_5 = b"\x36\x0a"  # field 3, i64, 5
STOP = b"\x00"
ONE_GROUP_OF_5 = b"\x19\x1c" + ROW_COUNT_5 + STOP  # field 4, a list of one struct


def footer_of(name: str) -> bytes:
    """Return the footer of a case file."""
    data = (CASES / name).read_bytes()
    length = parquet.footer_length(data[-8:])
    return data[-8 - length : -8]


def footer_with(field: bytes) -> bytes:
    """Return a footer of 5 rows that ends with one more field, number 5."""
    return ROW_COUNT_5 + ONE_GROUP_OF_5 + field + STOP


def nested(depth: int) -> bytes:
    """Return a field 5 of that many structs, each in the other."""
    return b"\x1c" * depth + STOP * depth


def refusal(footer: bytes) -> str:
    """Return the message with which the footer is refused."""
    with pytest.raises(containers.Unreadable) as caught:
        parquet.rows(footer)
    return str(caught.value)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_reads_the_rows_that_the_writer_wrote(name: str) -> None:
    """The count of every real file is the one its writer was told."""
    assert parquet.rows(footer_of(name)) == ROWS[name]


def test_every_case_file_is_declared() -> None:
    """No Parquet file stands in the case folder unread."""
    assert {path.name for path in CASES.glob("*.parquet")} == {*ROWS, *SEALED}


def test_an_encrypted_footer_is_named_as_such() -> None:
    """The tail of a file with an encrypted footer is refused, and the message says why."""
    with pytest.raises(containers.Unreadable, match="encrypted"):
        parquet.footer_length((CASES / "encrypted.parquet").read_bytes()[-8:])


def test_a_signed_footer_is_refused() -> None:
    """The signature behind the footer of a file with encrypted columns is not taken for metadata."""
    assert "ends at byte" in refusal(footer_of("encrypted-columns.parquet"))


def test_the_length_is_little_endian() -> None:
    """The four bytes before the magic are the length, lowest byte first."""
    assert parquet.footer_length(b"\x01\x02\x03\x80PAR1") == 0x80030201


@pytest.mark.parametrize(
    ("tail", "message"),
    [
        (b"", "the last 8 bytes"),
        (b"\x01\x00\x00PAR1", "not 7"),
        (b"\x01\x00\x00\x00\x00PAR1", "not 9"),
        (b"\x01\x00\x00\x00PAR2", "not a Parquet file"),
        (b"\x00\x00\x00\x00PAR1", "empty"),
        (b"\x01\x00\x00\x00PARE", "encrypted"),
    ],
)
def test_a_wrong_tail_is_refused(tail: bytes, message: str) -> None:
    """A tail that does not end a Parquet file says what is wrong with it."""
    with pytest.raises(containers.Unreadable, match=message):
        parquet.footer_length(tail)


@pytest.mark.parametrize(
    "field",
    [
        pytest.param(b"\x11", id="true"),
        pytest.param(b"\x12", id="false"),
        pytest.param(b"\x13\xff", id="byte"),
        pytest.param(b"\x14\x03", id="i16"),
        pytest.param(b"\x15\x80\x01", id="i32"),
        pytest.param(b"\x16" + b"\xff" * 9 + b"\x01", id="i64, widest"),
        pytest.param(b"\x17" + b"\x00" * 8, id="double"),
        pytest.param(b"\x18\x00", id="empty binary"),
        pytest.param(b"\x18\x03abc", id="binary"),
        pytest.param(b"\x19\x00", id="empty list without element type"),
        pytest.param(b"\x19\x05", id="empty list"),
        pytest.param(b"\x19\x31\x01\x02\x01", id="list of bools"),
        pytest.param(b"\x19\x32\x01\x02\x01", id="list of bools, the other type"),
        pytest.param(b"\x19\xf3\x10" + b"x" * 16, id="list of sixteen"),
        pytest.param(b"\x1a\x28\x01a\x00", id="set of binaries"),
        pytest.param(b"\x19\x29\x15\x02\x00", id="list of lists"),
        pytest.param(b"\x1b\x00", id="empty map"),
        pytest.param(b"\x1b\x02\x81\x01k\x01\x00\x02", id="map of binary to bool"),
        pytest.param(b"\x1b\x01\x5c\x02" + ROW_COUNT_5 + STOP, id="map of i32 to struct with a field 3"),
        pytest.param(b"\x1c" + ROW_COUNT_5 + STOP, id="struct with a field 3"),
        pytest.param(b"\x1d" + b"u" * 16, id="uuid"),
        pytest.param(b"\x05\xc8\x01\x02", id="field number in its long form"),
        pytest.param(nested(32), id="32 structs deep"),
    ],
)
def test_steps_over_every_type(field: bytes) -> None:
    """A field that is not wanted, of any Thrift type, is stepped over to its exact end."""
    assert parquet.rows(footer_with(field)) == 5


def test_fields_may_stand_in_any_order() -> None:
    """Row groups before the total count as well as after it."""
    assert parquet.rows(b"\x49\x1c" + ROW_COUNT_5 + STOP + b"\x06\x06\x0a" + STOP) == 5


@pytest.mark.parametrize(
    ("footer", "message"),
    [
        pytest.param(b"", "cut off", id="nothing"),
        pytest.param(STOP, "no num_rows", id="empty struct"),
        pytest.param(ROW_COUNT_5 + STOP, "no row_groups", id="no row groups"),
        pytest.param(b"\x49\x0c" + STOP, "no num_rows", id="no total"),
        pytest.param(b"\x36\x0c" + ONE_GROUP_OF_5 + STOP, "declares 6 rows, but its row groups hold 5", id="sum"),
        pytest.param(ROW_COUNT_5 + b"\x19\x0c" + STOP, "row groups hold 0", id="groups missing"),
        pytest.param(b"\x36\x09" + ONE_GROUP_OF_5 + STOP, "negative: -5", id="negative total"),
        pytest.param(ROW_COUNT_5 + b"\x19\x2c\x36\x14\x00\x36\x09\x00" + STOP, "negative: -5", id="negative group"),
        pytest.param(ROW_COUNT_5 + b"\x19\x1c\x00" + STOP, "row group at byte 4 has no num_rows", id="empty group"),
        pytest.param(b"\x35\x0a" + ONE_GROUP_OF_5 + STOP, "Thrift type 5, not 6", id="total of another type"),
        pytest.param(ROW_COUNT_5 + b"\x1a\x0c" + STOP, "Thrift type 10, not 9", id="groups in a set"),
        pytest.param(ROW_COUNT_5 + b"\x19\x15\x02" + STOP, "Thrift type 5, not 12", id="groups of numbers"),
        pytest.param(ROW_COUNT_5 + b"\x06\x06\x0a" + ONE_GROUP_OF_5 + STOP, "twice", id="total twice"),
        pytest.param(footer_with(b"") + b"x", "ends at byte 8, but 9 bytes were given", id="bytes behind"),
        pytest.param(footer_with(b"\x1e"), "unknown Thrift type 14", id="unknown type"),
        pytest.param(footer_with(b"\x10"), "unknown Thrift type 0", id="stop with a number"),
        pytest.param(footer_with(b"\x19\x10"), "unknown Thrift type 0", id="list of nothing"),
        pytest.param(footer_with(b"\x1b\x01\x50\x00"), "unknown Thrift type 0", id="map to nothing"),
        pytest.param(footer_with(b"\x05\x01\x02"), "out of range", id="field number below one"),
        pytest.param(footer_with(b"\x05\xfe\xff\xff\xff\x0f\x02"), "out of range", id="field number too large"),
        pytest.param(footer_with(b"\x15" + b"\x80" * 10 + b"\x00"), "longer than 10 bytes", id="overlong integer"),
        pytest.param(footer_with(b"\x15" + b"\xff" * 9 + b"\x7f"), "wider than 64 bits", id="integer too wide"),
        pytest.param(footer_with(b"\x18\xff\xff\xff\xff\x7f"), "cut off", id="endless binary"),
        pytest.param(footer_with(b"\x19\xf1\xff\xff\xff\xff\x7f"), "cut off", id="endless list of bools"),
        pytest.param(footer_with(b"\x19\xfc\xff\xff\xff\xff\x7f"), "cut off", id="endless list of structs"),
        pytest.param(footer_with(b"\x1b\xff\xff\xff\xff\x7f\xcc"), "cut off", id="endless map"),
        pytest.param(footer_with(nested(33)), "deeper than 32", id="33 structs deep"),
        pytest.param(footer_with(b"\x1c" * 100_000), "deeper than 32", id="depth bomb of structs"),
        pytest.param(footer_with(b"\x19" * 100_000), "deeper than 32", id="depth bomb of lists"),
        pytest.param(footer_with(b"\x1b" + b"\x01\xbb" * 100_000), "deeper than 32", id="depth bomb of maps"),
    ],
)
def test_a_malformed_footer_is_refused(footer: bytes, message: str) -> None:
    """What is wrong with a footer is said, and said as Unreadable."""
    assert message in refusal(footer)


@pytest.mark.parametrize("name", ["nested.parquet", "duckdb.parquet", "page-index.parquet"])
def test_a_truncated_footer_is_refused(name: str) -> None:
    """No proper beginning of a real footer yields a number."""
    footer = footer_of(name)
    assert [cut for cut in range(len(footer)) if not refusal(footer[:cut])] == []


@hypothesis.given(footer=strategies.binary(max_size=400))
def test_random_bytes_are_refused_or_counted(footer: bytes) -> None:
    """Random bytes raise nothing but Unreadable, and a number that comes out is a count."""
    assert count_or_refusal(footer) >= -1


@hypothesis.given(strategies.data())
def test_a_damaged_footer_is_refused_or_counted(data: strategies.DataObject) -> None:
    """A footer with one changed byte raises nothing but Unreadable, and a number that comes out is a count."""
    footer = bytearray(footer_of(data.draw(strategies.sampled_from(sorted(ROWS)))))
    place = data.draw(strategies.integers(0, len(footer) - 1))
    footer[place] ^= data.draw(strategies.integers(1, 255))
    assert count_or_refusal(bytes(footer)) >= -1


def test_one_flipped_byte_cannot_change_the_count_unseen() -> None:
    """A flip in a real footer leaves the count as it is or is noticed, since two places tell the count."""
    footer = footer_of("page-index.parquet")
    flipped = (
        footer[:i] + bytes([footer[i] ^ mask]) + footer[i + 1 :] for i in range(len(footer)) for mask in (1, 0x80)
    )
    assert {count_or_refusal(damaged) for damaged in flipped} <= {-1, 300}


def count_or_refusal(footer: bytes) -> int:
    """Return the footer's row count, -1 when it is refused."""
    try:
        return parquet.rows(footer)
    except containers.Unreadable:
        return -1
