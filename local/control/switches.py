"""What can be made of a platform by name, through `POST /_world`: one function each; pure.

They are applied in the order of the table, whatever the order in which they came. A name that the platform does not
have is a mistake, so that no test passes because of a slip of the pen.
"""

import dataclasses
import datetime
from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal

from local.control import errors, times
from local.world import platform, platform_troubles
from local.world.platform import Platform

APIS = ("cloudscheduler", "cloudfunctions", "run", "logging", "monitoring")
NONSENSE = ("html", "shape", "truncated")
LONG_AGO = datetime.timedelta(days=21)
AHEAD = datetime.timedelta(hours=-2)
EXTRA_CRONS = ("0 6 * * *", "15 9 * * *", "*/30 * * * *", "45 12 * * *", "0 20 * * *")

Kind = Literal["names", "number", "numbers by name", "texts by name"]


@dataclasses.dataclass(frozen=True)
class Switch:
    """One switch: the JSON that it takes, and what it makes of a platform."""

    kind: Kind
    apply: Callable[[Platform, Any], Platform]


def apply(base: Platform, thrown: Mapping[str, Any]) -> Platform:
    """Return the platform with the switches thrown; raise Refused (400) for an unknown switch, value or name."""
    if unknown := sorted(set(thrown) - set(TABLE)):
        raise errors.invalid(f"There is no switch {unknown[0]!r}; there are {', '.join(TABLE)}.")
    for name, value in thrown.items():
        if not _is(value, TABLE[name].kind):
            raise errors.invalid(f"The switch {name!r} takes {TABLE[name].kind}, not {value!r}.")
    for name, switch in TABLE.items():
        if name in thrown:
            base = switch.apply(base, thrown[name])
    return base


def merged(thrown: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
    """Return the switches with `news` merged into them as JSON is: objects key by key, null takes away."""
    result = dict(thrown)
    for name, value in news.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict) and isinstance(result.get(name, {}), dict):
            result[name] = merged(result.get(name, {}), value)
        else:
            result[name] = value
    return result


def _is(value: Any, kind: Kind) -> bool:
    if kind == "number":
        return _is_number(value)
    if kind == "names":
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    each = _is_number if kind == "numbers by name" else _is_text
    return isinstance(value, dict) and all(each(one) for one in value.values())


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _require(names: Collection[str], known: Collection[str], what: str) -> None:
    if unknown := sorted(set(names) - set(known)):
        raise errors.invalid(f"There is no {what} {unknown[0]!r}.")


def _jobs(known: Platform, names: Collection[str], **fields: Any) -> Platform:
    _require(names, [one.name for one in known.jobs], "job")
    jobs = (dataclasses.replace(one, **fields) if one.name in names else one for one in known.jobs)
    return dataclasses.replace(known, jobs=tuple(jobs))


def _services(known: Platform, names: Collection[str], **fields: Any) -> Platform:
    _require(names, [one.name for one in known.services], "service")
    services = (dataclasses.replace(one, **fields) if one.name in names else one for one in known.services)
    return dataclasses.replace(known, services=tuple(services))


def _with_jobs(known: Platform, more: Collection[platform.Job]) -> Platform:
    return dataclasses.replace(known, jobs=tuple(sorted((*known.jobs, *more), key=lambda one: one.name)))


def _extra_jobs(known: Platform, number: int) -> Platform:
    """Add so many more good jobs."""
    more = [
        platform.Job(
            f"extra-{index:05d}",
            EXTRA_CRONS[index % len(EXTRA_CRONS)],
            "nba-phase1-scrapers",
            path="/scrape",
            body={"scraper": f"extra-{index:05d}"},
        )
        for index in range(number)
    ]
    return _with_jobs(known, more)


def _duplicate_targets(known: Platform, names: list[str]) -> Platform:
    """Add to each job a second one that calls the same target, in another time zone."""
    _require(names, [one.name for one in known.jobs], "job")
    copies = [
        dataclasses.replace(one, name=f"{one.name}-copy", time_zone="UTC", trouble=None)
        for one in known.jobs
        if one.name in names
    ]
    return _with_jobs(known, copies)


def _healed(known: Platform, names: list[str]) -> Platform:
    """Turn failing jobs good: the cause is gone from the job, from its service, or with its Gen1 function."""
    for name in names:
        known = _healed_one(known, name)
    return known


def _healed_one(known: Platform, name: str) -> Platform:
    job = next((one for one in known.jobs if one.name == name and one.trouble), None)
    if job is None or job.trouble is None:
        raise errors.invalid(f"There is no failing job {name!r}.")
    if job.gen1:
        service = platform.Service(job.service, timeout=job.deadline, function=job.service)
        known = dataclasses.replace(
            known,
            gen1=tuple(one for one in known.gen1 if one != job.service),
            services=tuple(sorted((*known.services, service), key=lambda one: one.name)),
        )
    return _jobs(_services(known, [job.service], problem=""), [name], trouble=None, **job.trouble.cure)


def _broken(known: Platform, codes: Mapping[str, int]) -> Platform:
    """Let the attempts of jobs end with a google.rpc code."""
    for name, code in codes.items():
        if code not in platform_troubles.OUTCOMES:
            raise errors.invalid(f"No attempt ends with code {code}; there are {', '.join(_texts(_OUTCOMES))}.")
        known = _jobs(known, [name], trouble=platform_troubles.outcome(code))
    return known


def _ran(known: Platform, instants: Mapping[str, str]) -> Platform:
    """Let somebody have run jobs by hand, each at an instant."""
    for name, text in instants.items():
        try:
            known = _jobs(known, [name], forced=times.read(text))
        except ValueError as error:
            raise errors.invalid(f"{text!r} is no instant.") from error
    return known


def _deleted_jobs(known: Platform, names: list[str]) -> Platform:
    """Take jobs away."""
    _require(names, [one.name for one in known.jobs], "job")
    return dataclasses.replace(known, jobs=tuple(one for one in known.jobs if one.name not in names))


def _gone_services(known: Platform, names: list[str]) -> Platform:
    """Take services away, with the functions over them; whoever calls them stays."""
    _require(names, [one.name for one in known.services], "service")
    return dataclasses.replace(known, services=tuple(one for one in known.services if one.name not in names))


def _backlog(known: Platform, seconds: Mapping[str, int]) -> Platform:
    """Let the oldest message of subscriptions be so many seconds old."""
    _require(seconds, [one.name for one in known.subscriptions], "subscription")
    return dataclasses.replace(known, ages={**known.ages, **seconds})


def _garbage(known: Platform, kinds: Mapping[str, str]) -> Platform:
    """Let APIs answer nonsense."""
    _require(kinds, APIS, "API")
    _require(kinds.values(), NONSENSE, "nonsense")
    return dataclasses.replace(known, garbled=dict(kinds))


def _texts(values: Collection[object]) -> list[str]:
    return [str(one) for one in values]


_OUTCOMES = sorted(platform_troubles.OUTCOMES)
TABLE: dict[str, Switch] = {
    "extra_jobs": Switch("number", _extra_jobs),
    "duplicate_targets": Switch("names", _duplicate_targets),
    "healed": Switch("names", _healed),
    "broken": Switch("numbers by name", _broken),
    "ran": Switch("texts by name", _ran),
    "never_ran": Switch("names", lambda known, names: _jobs(known, names, ran=None)),
    "stale": Switch("names", lambda known, names: _jobs(known, names, ran=LONG_AGO)),
    "skewed": Switch("names", lambda known, names: _jobs(known, names, ran=AHEAD)),
    "paused": Switch("names", lambda known, names: _jobs(known, names, state="PAUSED")),
    "disabled": Switch("names", lambda known, names: _jobs(known, names, state="DISABLED")),
    "deleted_jobs": Switch("names", _deleted_jobs),
    "pinned": Switch("names", lambda known, names: _services(known, names, pinned=True)),
    "drift": Switch("names", lambda known, names: _services(known, names, drifted=True)),
    "no_invoker": Switch("names", lambda known, names: _services(known, names, invokers=())),
    "gone_services": Switch("names", _gone_services),
    "page": Switch("number", lambda known, number: dataclasses.replace(known, page=max(1, number))),
    "backlog": Switch("numbers by name", _backlog),
    "garbage": Switch("texts by name", _garbage),
}
