"""Where the parts of a backup stand in the bucket; pure.

    <prefix>/<day>/run-01/plan.json                       first: what the run will do, and its instant
    <prefix>/<day>/run-01/tables/<dataset>/<table>.json   one shard of the manifest for each verified table
    <prefix>/<day>/run-01/manifest.json                   last: no manifest, no backup
    <prefix>/<day>/<dataset>/<table>/run-01/<unit>/attempt-1/000000000000.parquet

Every table, unit and attempt has a folder of its own, so that no name is the prefix of another's and no attempt can
leave files in another's place. Dataset ids have no hyphen, so `run-01` is never a dataset.
"""

import dataclasses
import datetime
import re

from shared import refs

WHOLE = "whole"
"""The unit of a table that is backed up in one piece; partitions are named by their partition id."""
_RUN = re.compile(r"run-([0-9]{2,})")


@dataclasses.dataclass(frozen=True)
class Run:
    """One run of one day: `number` counts from 1."""

    bucket: str
    prefix: str
    day: datetime.date
    number: int

    @property
    def day_folder(self) -> str:
        """The folder of everything that belongs to the day."""
        return f"{self.prefix}/{self.day:%Y%m%d}/"

    @property
    def name(self) -> str:
        """The run's name within its day."""
        return f"run-{self.number:02d}"

    @property
    def plan(self) -> str:
        """The name of the run's plan."""
        return f"{self.day_folder}{self.name}/plan.json"

    @property
    def manifest(self) -> str:
        """The name of the run's manifest."""
        return f"{self.day_folder}{self.name}/manifest.json"

    @property
    def manifest_uri(self) -> str:
        """The address of the run's manifest."""
        return f"gs://{self.bucket}/{self.manifest}"

    @property
    def shards(self) -> str:
        """The folder of the tables' shards of the manifest."""
        return f"{self.day_folder}{self.name}/tables/"

    def shard(self, table: refs.Table) -> str:
        """Return the name of a table's shard of the manifest."""
        return f"{self.shards}{table.dataset}/{table.table}.json"

    def folder(self, table: refs.Table, *, attempt: int, unit: str = WHOLE) -> str:
        """Return the folder that one attempt at one unit of a table writes its files to."""
        return f"{self.day_folder}{table.dataset}/{table.table}/{self.name}/{unit}/attempt-{attempt}/"


def file_name(index: int, extension: str) -> str:
    """Return the name, within its folder, of the file that an extract job numbers `index`, from 0."""
    return f"{index:012d}.{extension}"


def run_numbers(folders: list[str]) -> list[int]:
    """Return the numbers of the runs among the folders of a day, in order."""
    return sorted(int(match[1]) for match in map(_RUN.fullmatch, folders) if match)
