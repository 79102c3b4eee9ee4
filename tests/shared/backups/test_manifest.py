"""Manifests survive being written and read, and what is not one is refused."""

import datetime

import pytest

from shared import refs
from shared.backups import manifest

T0 = datetime.datetime(2026, 2, 12, 10, 0, 0, 123000, tzinfo=datetime.UTC)
SHARD = manifest.Shard(
    version=1,
    table=refs.Table("p", "d", "t-ü"),
    t0=T0,
    mode="clone",
    unit="whole",
    attempt=1,
    format="parquet",
    compression="ZSTD",
    files=(manifest.File("n", 10, "c==", 7, 3),),
    rows=3,
    bytes=10,
    level=3,
    content_read=True,
    definition=manifest.Definition(
        ({"name": "a", "type": "JSON"},), "CREATE TABLE …", {}, ("a",), {"labels": {}}, None
    ),
    source_last_modified=T0,
    streaming_rows=0,
    jobs=manifest.Jobs("c", "e"),
)


def test_shard_is_read_as_it_was_written() -> None:
    """Nothing is lost between value and bytes."""
    assert manifest.decode(manifest.Shard, manifest.encode(SHARD)) == SHARD


def test_manifest_is_read_as_it_was_written() -> None:
    """All outcomes survive."""
    entries = (
        manifest.Entry("d.t", "verified", "verified", "3 rows", 3, 10, 1, 3, "shard.json", 7),
        manifest.Entry("d.v", "skipped", "view", "a view", ddl="CREATE VIEW …"),
        manifest.Entry("d.x", "failed", "rows_differ", "2 of 3"),
    )
    whole = manifest.Manifest(
        1, "p", T0.date(), 1, T0, T0, "scope", "clone", complete=False, commit=None, tables=entries
    )

    assert manifest.decode(manifest.Manifest, manifest.encode(whole)) == whole


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b"null",
        manifest.encode(SHARD)[:-2],
        manifest.encode(SHARD).replace(b'"rows"', b'"row"'),
    ],
)
def test_what_is_no_shard_is_refused(content: bytes) -> None:
    """A cut-off, foreign or misspelt document is never half-read."""
    with pytest.raises(manifest.Unreadable):
        manifest.decode(manifest.Shard, content)
