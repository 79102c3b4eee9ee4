"""Where the parts of a backup stand: no place is inside another's."""

import datetime
import itertools

from shared import refs
from shared.backups import layout

RUN = layout.Run("bucket", "daily", datetime.date(2026, 2, 12), 1)
NEXT = layout.Run("bucket", "daily", datetime.date(2026, 2, 12), 2)


def table(dataset: str, name: str) -> refs.Table:
    """Return a table of the project p."""
    return refs.Table("p", dataset, name)


def test_names_are_readable() -> None:
    """A person finds the way by the names."""
    played = table("nba_analytics", "player_game_summary")

    assert RUN.manifest_uri == "gs://bucket/daily/20260212/run-01/manifest.json"
    assert RUN.shard(played) == "daily/20260212/run-01/tables/nba_analytics/player_game_summary.json"
    assert RUN.folder(played, attempt=1) == ("daily/20260212/nba_analytics/player_game_summary/run-01/whole/attempt-1/")


def test_no_folder_is_a_prefix_of_another() -> None:
    """Neither a prefix twin, nor another dataset, unit, attempt or run can put files into a table's folder."""
    tables = [table("d", "a"), table("d", "a-b"), table("d", "ab"), table("e", "a"), table("d", "run-01")]
    folders = [
        run.folder(item, attempt=attempt, unit=unit)
        for run in (RUN, NEXT)
        for item in tables
        for attempt in (1, 2, 10)
        for unit in (layout.WHOLE, "20260212", "2026021", "__NULL__")
    ]

    assert len(set(folders)) == len(folders)
    assert not [pair for pair in itertools.permutations(folders, 2) if pair[0].startswith(pair[1])]


def test_run_numbers_are_read_back() -> None:
    """The runs of a day are known by their folders; datasets are no runs."""
    assert layout.run_numbers(["nba_analytics", "run-10", "run-02", "run-1", "run_03", "run-02x"]) == [2, 10]
