"""What the readers of backup files share: the one error, and the variable-length integers of Thrift and Avro."""


class Unreadable(ValueError):
    """A file is not what its name says: truncated, damaged, encrypted, or of another format."""


LONGEST_VARINT = 10
_LIMIT = 1 << 64


def varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the unsigned 64-bit varint at `at` and the place after it; raise Unreadable when there is none."""
    value = 0
    for index, byte in enumerate(data[at : at + LONGEST_VARINT]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:  # noqa: PLR2004 - the continuation bit
            if value >= _LIMIT:
                raise Unreadable(f"the integer at byte {at} is wider than 64 bits")
            return value, at + index + 1
    if len(data) - at < LONGEST_VARINT:
        raise Unreadable(f"the integer at byte {at} is cut off")
    raise Unreadable(f"the integer at byte {at} is longer than {LONGEST_VARINT} bytes")


def signed(value: int) -> int:
    """Return the signed integer that zigzag coding turned into `value`."""
    return (value >> 1) ^ -(value & 1)
