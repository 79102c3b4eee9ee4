"""What is declared for a run, and what a caller may ask for; pure. A suite's own shape is `shared.checks.suites`."""

import dataclasses
import datetime
import fnmatch
import pathlib
from collections.abc import Iterator, Mapping

from shared import pipeline

FOLDER = "suites"


def _field(description: str) -> dict[str, object]:
    return {"description": description}


@dataclasses.dataclass(frozen=True)
class Declared:
    """The pipeline, and the files of the suites by their names."""

    pipeline: pipeline.Pipeline
    suites: Mapping[str, pathlib.Path]


@dataclasses.dataclass(frozen=True)
class Request:
    """What a caller may ask: which suite, for which day, which of its checks, and the plan without the deed."""

    suite: str | None = dataclasses.field(
        default=None, metadata=_field("The suite to run; without it the suites are listed.")
    )
    day: datetime.date | None = dataclasses.field(
        default=None, metadata=_field("The game day; by default the one that it is now.")
    )
    as_of: datetime.datetime | None = dataclasses.field(
        default=None, metadata=_field("The instant to judge at, with its offset from UTC; not to come.")
    )
    only: tuple[str, ...] = dataclasses.field(
        default=(), metadata=_field("Patterns of <table>.<check>; by default all of the suite.")
    )
    plan: bool = dataclasses.field(default=False, metadata=_field("Report what would be run, run nothing."))

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake) for what makes no sense without a suite, and for an instant without an offset."""
        if self.suite is None:
            for name in ("day", "as_of", "only", "plan"):
                if getattr(self, name):
                    yield name, "needs a suite"
        if self.as_of is not None and self.as_of.tzinfo is None:
            yield "as_of", "needs its offset from UTC, like 2026-02-12T11:30:00-05:00"

    @property
    def reads_only(self) -> bool:
        """Whether nothing is run: the suites are listed, or a plan is asked for."""
        return self.suite is None or self.plan

    def wants(self, check: str) -> bool:
        """Return whether a check, named `<table>.<check>`, is asked for."""
        return not self.only or any(fnmatch.fnmatchcase(check, pattern) for pattern in self.only)
