"""Everything that one run was answered, as values: each source apart, its answer or the error in its place; pure."""

import dataclasses
import datetime
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from cloud_functions.daily_health_check import snapshots
from cloud_functions.daily_health_check.doctor import known as knowledge
from cloud_functions.daily_health_check.judges import services as judged
from shared import calendars, errors, history

T = TypeVar("T")
NOT_ASKED = errors.Unavailable("was not asked")


@dataclasses.dataclass(frozen=True)
class Garbled:
    """A resource among others that could not be read: of which sort, its name as far as known, and why."""

    kind: str
    name: str
    why: str


@dataclasses.dataclass(frozen=True)
class Listed:
    """Resources of one sort from all regions: what could be read, what could not, and the regions without an answer."""

    found: tuple[Any, ...] = ()
    garbled: tuple[Garbled, ...] = ()
    failed: Mapping[str, errors.CloudError] = dataclasses.field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether every region answered, and everything could be read."""
        return not self.failed and not self.garbled


@dataclasses.dataclass(frozen=True)
class Gathered:
    """What was asked in one run, and what came of it; NOT_ASKED where a subject was not wanted.

    bodies: what a job sends, in base64, by its full name. policies: by the full name of a service. ages: of the oldest
    message in seconds, by the short name of a subscription. contents: by the id of an output. looks: where lines were
    looked for.
    """

    jobs: Listed = Listed()
    bodies: Mapping[str, str] = dataclasses.field(default_factory=dict)
    functions: Listed = Listed()
    services: Listed = Listed()
    policies: Mapping[str, tuple[snapshots.Binding, ...] | errors.CloudError] = dataclasses.field(default_factory=dict)
    attempts: tuple[snapshots.Attempt, ...] | errors.CloudError = NOT_ASKED
    lines: tuple[snapshots.Line, ...] | errors.CloudError = NOT_ASKED
    looks: tuple[knowledge.Look, ...] = ()
    subscriptions: tuple[snapshots.Subscription, ...] | errors.CloudError = NOT_ASKED
    topics: frozenset[str] | errors.CloudError = NOT_ASKED
    ages: Mapping[str, float | None] | errors.CloudError = NOT_ASKED
    runs: tuple[history.Run, ...] | errors.CloudError = NOT_ASKED
    said: tuple[history.Said, ...] | errors.CloudError = NOT_ASKED
    calendar: calendars.Calendar | errors.CloudError = NOT_ASKED
    contents: Mapping[str, bytes | errors.CloudError] = dataclasses.field(default_factory=dict)
    records: Mapping[str, judged.Record | errors.CloudError] | errors.CloudError = NOT_ASKED
    spend: tuple[Mapping[str, Any], ...] | errors.CloudError = NOT_ASKED
    bytes_billed: int = 0


def listed(answers: Mapping[str, list[Any] | errors.CloudError], kind: str, read: Callable[[Any], Any]) -> Listed:
    """Return the resources of all regions, read one by one, given each region's list or its error."""
    found: list[Any] = []
    garbled: list[Garbled] = []
    for resources in answers.values():
        for resource in [] if isinstance(resources, errors.CloudError) else resources:
            try:
                found.append(read(resource))
            except errors.Garbled as error:
                garbled.append(Garbled(kind, _named(resource, len(garbled)), str(error)))
    failed = {region: one for region, one in answers.items() if isinstance(one, errors.CloudError)}
    return Listed(tuple(found), tuple(garbled), failed)


def _named(resource: Any, number: int) -> str:
    name = resource.get("name") if isinstance(resource, dict) else None
    return name.rsplit("/", 1)[-1] if isinstance(name, str) and name else f"number {number + 1}"


def read_all(items: list[Any] | errors.CloudError, read: Callable[[Any], T]) -> tuple[T, ...] | errors.CloudError:
    """Return every item as a value, or the error: of a log or a list of points a part proves nothing."""
    if isinstance(items, errors.CloudError):
        return items
    try:
        return tuple(read(item) for item in items)
    except errors.Garbled as error:
        return error


def bodies(resources: Iterable[Any]) -> dict[str, str]:
    """Return what each job sends, by its name, given the resources of the Scheduler."""
    found = {}
    for one in resources:
        target = one.get("httpTarget") if isinstance(one, dict) else None
        if isinstance(target, dict) and isinstance(one.get("name"), str):
            found[one["name"]] = str(target.get("body", ""))
    return found


def ages(series: Iterable[Any]) -> dict[str, float | None]:
    """Return the newest age of each subscription, given Monitoring's time series; raise Garbled."""
    points: dict[str, list[Any]] = {}
    try:
        # A series that is long goes on in the next page, as another one of the same name.
        for one in series:
            points.setdefault(str(one["resource"]["labels"]["subscription_id"]), []).extend(one.get("points", []))
        newest = {name: max(own, key=_end, default=None) for name, own in points.items()}
        return {name: None if one is None else _number(one["value"]) for name, one in newest.items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise errors.Garbled(f"a time series is not what was promised: {error!r}") from None


def _end(point: Any) -> datetime.datetime:
    return datetime.datetime.fromisoformat(point["interval"]["endTime"])


def _number(value: Mapping[str, Any]) -> float:
    return float(value["int64Value"] if "int64Value" in value else value["doubleValue"])
