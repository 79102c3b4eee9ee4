"""The doctor's labelled cases, as folders of what the platform answers: read into what the doctor knows."""

import dataclasses
import datetime
import json
import pathlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from cloud_functions.daily_health_check import resources, snapshots
from cloud_functions.daily_health_check.doctor import known as knowledge
from cloud_functions.daily_health_check.doctor import rules
from cloud_functions.daily_health_check.doctor.known import Diagnosis, Known

T = TypeVar("T")
PROJECT = "nba-props-platform"
FOLDER = pathlib.Path(__file__).resolve().parents[2] / "cases" / "doctor"
NAMES = tuple(sorted(path.name for path in FOLDER.iterdir()))
SOURCES = ("functions", "services", "policies", "attempts", "lines", "bodies")
"""The sources that may be impossible to ask."""


@dataclasses.dataclass(frozen=True)
class Labelled:
    """A case: what the doctor knows, which job it is about, and what a person says is wrong with it."""

    name: str
    known: Known
    subject: str
    rule: str
    status: str
    fix_has: str | None

    @property
    def job(self) -> snapshots.Job | None:
        """The job, None when it is missing."""
        return next((job for job in self.known.jobs if job.short == self.subject), None)


def read(name: str) -> Labelled:
    """Return the case of a folder's name."""
    folder = FOLDER / name
    case, jobs = _json(folder, "case"), _json(folder, "jobs")
    services = _all(folder, "services", resources.service)
    by_name = {service.short: service.name for service in services}
    known = Known(
        now=datetime.datetime.fromisoformat(case["now"]),
        project=PROJECT,
        in_season=case["in_season"],
        jobs=tuple(resources.job(one) for one in jobs),
        functions=_all(folder, "functions", resources.function),
        services=services,
        policies={by_name[short]: resources.policy(one) for short, one in (_json(folder, "policies") or {}).items()},
        attempts=_all(folder, "attempts", resources.attempt),
        lines=_all(folder, "logs", resources.line),
        expected=_all(folder, "expected_jobs", lambda one: knowledge.Expected(**one)),
        looks=_looks(case),
        bodies={one["name"]: one.get("httpTarget", {}).get("body", "") for one in jobs},
        unlisted=tuple(case.get("unlisted", ())),
    )
    for source in case.get("unasked", ()):
        known = without(known, source)
    return Labelled(name, known, case["subject"], case["rule"], case["status"], case["fix_has"])


def without(known: Known, source: str) -> Known:
    """Return what is known when a source cannot be asked."""
    # Policies are asked one by one, so that it is their entries that lack.
    nothing: dict[str, Any] = {source: {} if source == "policies" else None}
    return dataclasses.replace(known, **nothing)


def diagnosed(case: Labelled) -> tuple[Diagnosis, ...]:
    """Return what the doctor says of the case's job, whether it is there or missing."""
    if case.job:
        return rules.diagnose(case.job, case.known)
    return tuple(found for expected, found in rules.missing(case.known) if expected.name == case.subject)


def _looks(case: Mapping[str, Any]) -> tuple[knowledge.Look, ...] | None:
    if "looks" not in case:
        return None
    instant = datetime.datetime.fromisoformat
    return tuple(knowledge.Look(tuple(names), instant(first), instant(until)) for names, first, until in case["looks"])


def _all(folder: pathlib.Path, name: str, read_one: Callable[[Any], T]) -> tuple[T, ...]:
    return tuple(read_one(one) for one in _json(folder, name) or ())


def _json(folder: pathlib.Path, name: str) -> Any:
    path = folder / f"{name}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else None
