"""What is backed up, as declared in `backups.yaml`, and what a caller may ask for; pure."""

import dataclasses
import fnmatch
from collections.abc import Iterator
from typing import Literal

from shared import pipeline
from shared.backups import formats

NAME = "backups.yaml"


def _field(description: str, **rules: object) -> dict[str, object]:
    return {"description": description, **rules}


@dataclasses.dataclass(frozen=True)
class Dataset:
    """The tables of one dataset that are backed up; every other table of it is reported as skipped."""

    dataset: str = dataclasses.field(metadata=_field("The dataset's id.", pattern="[A-Za-z0-9_]{1,1024}"))
    include: tuple[str, ...] = dataclasses.field(
        default=("*",), metadata=_field("Table ids or patterns with * and ?; each must match a table.", min_items=1)
    )
    exclude: tuple[str, ...] = dataclasses.field(
        default=(), metadata=_field("Table ids or patterns that are left out although included.")
    )


@dataclasses.dataclass(frozen=True)
class Backups:
    """Which tables are backed up, where to, and how."""

    bucket: str = dataclasses.field(metadata=_field("The bucket, without gs://.", pattern="[a-z0-9][a-z0-9._-]{1,220}"))
    datasets: tuple[Dataset, ...] = dataclasses.field(metadata=_field("What is backed up.", min_items=1))
    prefix: str = dataclasses.field(
        default="daily",
        metadata=_field("The folder of the days in the bucket.", pattern="[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*"),
    )
    format: formats.Format = dataclasses.field(
        default="parquet", metadata=_field("Taken for every table whose types it carries without loss.")
    )
    mode: Literal["clone", "direct"] = dataclasses.field(
        default="clone", metadata=_field("clone: every table at one instant; direct: each when its turn comes.")
    )
    scratch_dataset: str = dataclasses.field(
        default="pressbox_scratch", metadata=_field("Where clones live until verified.", pattern="[A-Za-z0-9_]{1,1000}")
    )
    scratch_hours: int = dataclasses.field(
        default=48, metadata=_field("After how many hours a clone that was left behind expires.", minimum=1)
    )
    read_back_bytes: int = dataclasses.field(
        default=4 * 1024**3, metadata=_field("How many bytes a run reads back to compare checksums.", minimum=0)
    )
    query_bytes_limit: int = dataclasses.field(
        default=1024**3, metadata=_field("The most that one metadata query may bill.", minimum=10 * 1024**2)
    )
    lease_seconds: float = dataclasses.field(
        default=120.0, metadata=_field("How long a killed run keeps the next one waiting.", minimum=1)
    )

    def problems(self) -> list[tuple[str, str]]:
        """Return (field, mistake) for datasets that stand there twice and for a scratch dataset that is backed up."""
        names = [item.dataset for item in self.datasets]
        found = [("datasets", f"{name} stands here twice") for name in sorted({n for n in names if names.count(n) > 1})]
        if self.scratch_dataset in names:
            found.append(("scratch_dataset", f"{self.scratch_dataset} is backed up itself"))
        return found


@dataclasses.dataclass(frozen=True)
class Declared:
    """Both declarations together."""

    backups: Backups
    pipeline: pipeline.Pipeline


@dataclasses.dataclass(frozen=True)
class Request:
    """What a caller may ask: some of the declared tables only, and the plan without the deed."""

    only: tuple[str, ...] = dataclasses.field(
        default=(), metadata=_field("Patterns of dataset.table, e.g. nba_analytics.*; by default all that is declared.")
    )
    dry_run: bool = dataclasses.field(default=False, metadata=_field("Report the plan, do nothing."))

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake) for patterns that cannot match a table."""
        for pattern in self.only:
            if pattern.count(".") != 1 or pattern.startswith(".") or pattern.endswith("."):
                yield "only", f"{pattern!r} is not a pattern of dataset.table, like nba_analytics.*"

    def wants(self, short_name: str) -> bool:
        """Return whether a table, named `dataset.table`, is asked for."""
        return not self.only or any(fnmatch.fnmatchcase(short_name, pattern) for pattern in self.only)
