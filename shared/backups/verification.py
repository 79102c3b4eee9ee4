"""Whether extracted files are the table: what was seen of them, judged level by level; pure.

L1  the job ended without error, and there are as many files as it says.
L2  the files are numbered without a gap, were written by the job and not since, and their bytes, read back, have the
    size and CRC32C that Storage recorded when the job wrote them.
L3  the rows in the files are the rows of the table at the backup's instant. This catches row access policies: they hide
    rows from the extract, and the job succeeds.
"""

import dataclasses
import datetime

from shared.backups import layout

LEVEL = 3
CLOCK_TOLERANCE = datetime.timedelta(seconds=10)
"""How far the clocks of BigQuery and Cloud Storage may disagree about when a file was written."""


@dataclasses.dataclass(frozen=True)
class Seen:
    """One file as it was found. `content_*` are computed from the bytes read back, None where they were not read."""

    name: str
    size: int
    crc32c: str
    generation: int
    updated: datetime.datetime
    rows: int | None = None
    content_size: int | None = None
    content_crc32c: str | None = None
    trouble: str | None = None


@dataclasses.dataclass(frozen=True)
class Evidence:
    """All that a table's verdict rests on. `reported` is the number of files that the job says it wrote."""

    folder: str
    extension: str
    reported: int
    started: datetime.datetime
    ended: datetime.datetime
    files: tuple[Seen, ...]
    rows_expected: int

    @property
    def rows(self) -> int:
        """The rows in all files that could be read."""
        return sum(seen.rows or 0 for seen in self.files)

    @property
    def bytes(self) -> int:
        """The size of all files."""
        return sum(seen.size for seen in self.files)

    @property
    def content_read(self) -> bool:
        """Whether every byte was read back."""
        return all(seen.content_crc32c is not None for seen in self.files)


@dataclasses.dataclass(frozen=True)
class Flaw:
    """Why files are not the table: the level they do not reach, a reason of the closed vocabulary, and the facts."""

    level: int
    reason: str
    message: str


def judge(evidence: Evidence) -> Flaw | None:
    """Return the first flaw, by level, or None when the files reach level 3."""
    return _count(evidence) or _names(evidence) or _writing(evidence) or _content(evidence) or _rows(evidence)


def _count(evidence: Evidence) -> Flaw | None:
    found = len(evidence.files)
    if found == evidence.reported and found > 0:
        return None
    reason = "files_missing" if found < evidence.reported or not found else "files_unexpected"
    return Flaw(1, reason, f"the job wrote {evidence.reported} file(s), {found} are there")


def _names(evidence: Evidence) -> Flaw | None:
    expected = {f"{evidence.folder}{layout.file_name(i, evidence.extension)}" for i in range(evidence.reported)}
    found = {seen.name for seen in evidence.files}
    if found == expected:
        return None
    strange = min(found - expected).removeprefix(evidence.folder)
    missing = min(expected - found).removeprefix(evidence.folder)
    return Flaw(2, "files_missing", f"{missing} is missing from the numbering, {strange} does not belong to it")


def _writing(evidence: Evidence) -> Flaw | None:
    earliest, latest = evidence.started - CLOCK_TOLERANCE, evidence.ended + CLOCK_TOLERANCE
    for seen in evidence.files:
        if not earliest <= seen.updated <= latest:
            ran = f"the job ran {evidence.started:%H:%M:%S} to {evidence.ended:%H:%M:%S}"
            when = f"written {seen.updated:%H:%M:%S}, but {ran}"
            return Flaw(2, "file_replaced", f"{_short(evidence, seen)} was {when}")
    return None


def _content(evidence: Evidence) -> Flaw | None:
    for seen in evidence.files:
        if seen.trouble:
            return Flaw(2, "file_unreadable", f"{_short(evidence, seen)}: {seen.trouble}")
        if seen.size == 0:
            return Flaw(2, "file_unreadable", f"{_short(evidence, seen)} is empty")
        if seen.content_size is not None and seen.content_size != seen.size:
            sizes = f"{seen.content_size} bytes could be read of {seen.size}"
            return Flaw(2, "checksum_differs", f"{_short(evidence, seen)}: {sizes}")
        if seen.content_crc32c is not None and seen.content_crc32c != seen.crc32c:
            sums = f"its bytes have CRC32C {seen.content_crc32c}, written were {seen.crc32c}"
            return Flaw(2, "checksum_differs", f"{_short(evidence, seen)}: {sums}")
    return None


def _rows(evidence: Evidence) -> Flaw | None:
    if evidence.rows == evidence.rows_expected:
        return None
    return Flaw(3, "rows_differ", f"the files hold {evidence.rows:,} rows, the table {evidence.rows_expected:,}")


def _short(evidence: Evidence, seen: Seen) -> str:
    return seen.name.removeprefix(evidence.folder)
