"""Files are the table, or there is a flaw: every way of being wrong is seen, at its level."""

import dataclasses
import datetime
from typing import Any

import pytest

from shared.backups import verification
from shared.backups.verification import Evidence, Seen

STARTED = datetime.datetime(2026, 2, 12, 10, 0, 0, tzinfo=datetime.UTC)
ENDED = STARTED + datetime.timedelta(minutes=3)
FOLDER = "daily/20260212/d/t/run-01/whole/attempt-1/"


def seen(index: int, **changed: Any) -> Seen:
    """Return a good file of 100 rows."""
    good = Seen(f"{FOLDER}{index:012d}.parquet", 5000, "crc==", 7, ENDED, 100, 5000, "crc==")
    return dataclasses.replace(good, **changed)


def evidence(*files: Seen, **changed: Any) -> Evidence:
    """Return evidence of good files, three by default, changed as given."""
    files = files or (seen(0), seen(1), seen(2))
    good = Evidence(FOLDER, "parquet", len(files), STARTED, ENDED, files, 100 * len(files))
    return dataclasses.replace(good, **changed)


def flaw(found: Evidence) -> tuple[int, str]:
    """Return level and reason of the flaw that must be there."""
    judged = verification.judge(found)
    assert judged is not None
    return judged.level, judged.reason


def test_good_files_have_no_flaw() -> None:
    """What is as it should be reaches level 3."""
    assert verification.judge(evidence()) is None


def test_bytes_that_were_not_read_back_are_no_flaw() -> None:
    """Over the read-back budget the checksum is Storage's own, and the evidence says so."""
    unread = evidence(seen(0, content_size=None, content_crc32c=None))

    assert verification.judge(unread) is None
    assert not unread.content_read


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (evidence(reported=4), (1, "files_missing")),
        (evidence(reported=2), (1, "files_unexpected")),
        (evidence(reported=0, files=(), rows_expected=0), (1, "files_missing")),
        (evidence(seen(0), seen(2)), (2, "files_missing")),
        (evidence(seen(0), seen(1, name=f"{FOLDER}notes.txt")), (2, "files_missing")),
        (evidence(seen(0, updated=ENDED + datetime.timedelta(seconds=11))), (2, "file_replaced")),
        (evidence(seen(0, updated=STARTED - datetime.timedelta(seconds=11))), (2, "file_replaced")),
        (evidence(seen(0, trouble="not a Parquet file")), (2, "file_unreadable")),
        (evidence(seen(0, size=0, content_size=0)), (2, "file_unreadable")),
        (evidence(seen(0, content_size=4999)), (2, "checksum_differs")),
        (evidence(seen(0, content_crc32c="other")), (2, "checksum_differs")),
        (evidence(seen(0, rows=99)), (3, "rows_differ")),
        (evidence(seen(0, rows=101)), (3, "rows_differ")),
        (evidence(seen(0, rows=0)), (3, "rows_differ")),
    ],
)
def test_every_flaw_is_seen(found: Evidence, expected: tuple[int, str]) -> None:
    """A missing, extra, renamed, replaced, empty, damaged or short file is never a backup."""
    assert flaw(found) == expected


def test_lowest_level_is_named_first() -> None:
    """Where several things are wrong, the first level that is not reached is told."""
    assert flaw(evidence(seen(0, rows=1, content_crc32c="other"), reported=2)) == (1, "files_missing")


def test_clocks_may_disagree_a_little() -> None:
    """A file whose time is seconds after the job's end was still written by the job."""
    assert verification.judge(evidence(seen(0, updated=ENDED + datetime.timedelta(seconds=9)))) is None
