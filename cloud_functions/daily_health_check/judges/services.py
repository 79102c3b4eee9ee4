"""Whether every service serves what was deployed last; pure."""

import collections
import dataclasses
import datetime
import fnmatch
import json
from collections.abc import Iterator, Mapping, Sequence

from cloud_functions.daily_health_check import declaration, snapshots
from cloud_functions.daily_health_check.judges import generations, sources
from shared import errors, report, shapes
from shared.report import Finding
from shared.statuses import Status

KIND = "service"
REASONS = frozenset(
    {"healthy", "not_ready", "traffic_pinned", "revision_behind", "revision_differs", "revision_unverifiable"}
    | {"function_failed", "function_behind", "missing", "ignored", "other_region"}
)
"""The reasons of kind `service`, beside those of a source that did not answer."""
READY = "CONDITION_SUCCEEDED"
CHANGING = ("CONDITION_PENDING", "CONDITION_RECONCILING")
SHORTEST_COMMIT = 7
"""Letters from which an abbreviated commit counts as the same build."""
WHOLE = 100
RECORDS = "roles/storage.objectViewer on the operations bucket"


@dataclasses.dataclass(frozen=True)
class Record:
    """What a deployment wrote down: what it deployed to which service, and when; what it does not know is null.

    build: as the revision itself tells it. image: with its digest, `…@sha256:…`.
    """

    service: str
    revision: str | None
    build: str | None
    image: str | None
    deployed_at: datetime.datetime

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake) for an instant that could be any of a day's."""
        if self.deployed_at.tzinfo is None:
            yield "deployed_at", "must have an offset from UTC"


Records = Mapping[str, Record | errors.CloudError]


@dataclasses.dataclass(frozen=True)
class _Known:
    """What a service is judged by: functions by the place of the service under them."""

    records: Records
    declared: declaration.Services
    functions: Mapping[str, snapshots.Function]


def record(content: bytes) -> Record:
    """Return what a deployment wrote down, given the JSON object that it wrote; raise Garbled with every mistake."""
    try:
        built, problems = shapes.build(Record, shapes.plain(json.loads(content)))
    except (ValueError, RecursionError) as error:
        raise errors.Garbled(f"the record is not JSON: {error}") from error
    if built is None:
        told = "; ".join(f"{problem.path or 'the document'}: {problem.message}" for problem in problems)
        raise errors.Garbled(f"the record is none: {told}")
    return built


def findings(  # noqa: PLR0913 - what was told of each, what was declared of each, and whether that is all
    services: Sequence[snapshots.Service] | errors.CloudError,
    functions: Sequence[snapshots.Function] | errors.CloudError,
    *,
    records: Records | errors.CloudError,
    declared: declaration.Services,
    gen1: Mapping[str, str],
    used: frozenset[str] | None = frozenset(),
    whole: bool = True,
    regions: Sequence[str] = (),
) -> tuple[Finding, ...]:
    """Return one finding for each service, each expected name and each first-generation function.

    Each source may be its error, which becomes one finding. records: by a service's short name; NotFound where there is
    none. gen1: what is to become of each first-generation function. used: the short names of those that are called.
    whole: whether services are all that there are in `regions` (everywhere without any); else none is missing.
    """
    found = [
        *sources.broken(KIND, ("services", services, "roles/run.viewer"), ("records", records, RECORDS)),
        *sources.broken(generations.KIND, ("functions", functions, "roles/cloudfunctions.viewer")),
    ]
    listed = None if isinstance(services, errors.CloudError) else services
    told = () if isinstance(functions, errors.CloudError) else functions
    under = {sources.place(one.service): one for one in told if one.service}
    known = _Known({} if isinstance(records, errors.CloudError) else records, declared, under)
    found += [*_each(listed or (), known), *_missing(listed if whole else None, declared)]
    inside, outside = generations.placed(told, regions)
    found += _orphans(inside, listed or (), declared=declared, whole=whole and listed is not None)
    left = () if isinstance(functions, errors.CloudError) else generations.leftovers(functions, gen1=gen1, used=used)
    return (*found, *outside, *left)


def _each(services: Sequence[snapshots.Service], known: _Known) -> Iterator[Finding]:
    named = sources.subjects(services)
    for service in services:
        yield dataclasses.replace(_judged(service, known), subject=named[service.name])


def _missing(services: Sequence[snapshots.Service] | None, declared: declaration.Services) -> Iterator[Finding]:
    """Yield the expected services that are not there; none of them is missing when nobody could tell."""
    there = None if services is None else {one.short for one in services}
    for name in declared.expected:
        if there is not None and name not in there:
            message = "is expected, and is in none of the regions that are looked at"
            fix = "deploy it again, or take it out of services.expected"
            missing = Finding(name, KIND, Status.FAIL, "missing", message, expected=name, fix=fix)
            yield _ignored(name, declared) or missing


def _orphans(
    functions: Sequence[snapshots.Function],
    services: Sequence[snapshots.Service],
    *,
    declared: declaration.Services,
    whole: bool,
) -> Iterator[Finding]:
    judged = frozenset(sources.place(one.name) for one in services)
    for one in generations.orphans(functions, services=judged, whole=whole):
        yield _ignored(one.subject, declared) or one


def _judged(service: snapshots.Service, known: _Known) -> Finding:
    """Return what is worst of a service; of what is equally bad, what stands first here explains the rest."""
    ignored = _ignored(service.short, known.declared)
    if ignored:
        return ignored
    function, serving = known.functions.get(sources.place(service.name)), _serving(service)
    told = [_behind(service), _readiness(service), _traffic(service)]
    if function:
        told += [
            generations.state(function, service.short),
            generations.behind(function, service.short, serving=serving),
        ]
    return sources.worst([*(one for one in told if one), _drift(service, known)])


def _ignored(name: str, declared: declaration.Services) -> Finding | None:
    why = next((why for pattern, why in declared.ignored.items() if fnmatch.fnmatchcase(name, pattern)), None)
    return None if why is None else Finding(name, KIND, Status.SKIP, "ignored", why, severity="info")


def _behind(service: snapshots.Service) -> Finding | None:
    created, ready = service.created_revision, service.ready_revision
    if service.state in CHANGING or not created or not ready or created == ready:
        return None
    return Finding(
        subject=service.short,
        kind=KIND,
        status=Status.FAIL,
        reason="revision_behind",
        message=f"{created} was created last and never became ready; {ready} is the latest that is{_words(service)}",
        observed=ready,
        expected=created,
        unit="revision",
        fix=f"{_command(service, 'revisions', 'describe', created)}; mend what it tells, then deploy again",
    )


def _readiness(service: snapshots.Service) -> Finding | None:
    if service.state == READY:
        return None
    changing = service.state in CHANGING
    failed = Status.FAIL if service.state == "CONDITION_FAILED" else Status.UNKNOWN
    look = _command(service, "services", "describe", service.short)
    return Finding(
        subject=service.short,
        kind=KIND,
        status=Status.WARN if changing else failed,
        reason="not_ready",
        message=("is being changed" if changing else "is not ready") + _words(service),
        observed=service.state,
        expected=READY,
        fix=f"look again in some minutes: {look}" if changing else look,
    )


def _words(service: snapshots.Service) -> str:
    return f": {service.problem}" if service.problem else ""


def _traffic(service: snapshots.Service) -> Finding | None:
    """Return what is wrong with a service's traffic: also a pin to the revision that happens to be the latest."""
    serving, ready = _percents(service), service.ready_revision
    if not serving or not ready:
        message = "the platform does not tell which revision serves"
        look = _command(service, "services", "describe", service.short)
        return Finding(service.short, KIND, Status.UNKNOWN, "revision_unverifiable", message, fix=look)
    behind = serving[ready] < WHOLE
    if not behind and all(share.latest for share in service.traffic if share.percent):
        return None
    shown = ", ".join(f"{percent} % {revision}" for revision, percent in serving.most_common())
    rolled = f"serves {shown}; {ready} is the latest that is ready: a rollback, or a deployment without traffic"
    return Finding(
        subject=service.short,
        kind=KIND,
        status=Status.FAIL if behind else Status.WARN,
        reason="traffic_pinned",
        message=rolled if behind else f"serves {ready} by its name, so that what is deployed next will not serve",
        observed=shown,
        expected=f"100 % {ready}" if behind else "100 % of the latest revision",
        fix=_command(service, "services", "update-traffic", service.short, "--to-latest"),
    )


def _percents(service: snapshots.Service) -> collections.Counter[str]:
    percents: collections.Counter[str] = collections.Counter()
    for share in service.traffic:
        if share.percent:
            percents[share.revision] += share.percent
    return percents


def _serving(service: snapshots.Service) -> str | None:
    """Return the revision that gets every request; None when there is not one."""
    return next((revision for revision, percent in _percents(service).items() if percent >= WHOLE), None)


def _drift(service: snapshots.Service, known: _Known) -> Finding:
    """Return whether what was deployed is what serves; without anything to compare that is not known."""
    written = known.records.get(service.short)
    if isinstance(written, errors.CloudError) and not isinstance(written, errors.NotFound):
        return sources.unasked(KIND, service.short, error=written, role=RECORDS)
    if written is None or isinstance(written, errors.NotFound):
        return _unverifiable(service, "no record tells what was deployed", known)
    if written.service != service.short:
        return _unverifiable(service, f"its record is that of {written.service}", known)
    compared = _compared(service, written, known.declared)
    if compared is None:
        return _unverifiable(service, "nothing that its record tells can be seen of what serves", known)
    what, deployed, serving = compared
    same = deployed == serving or (what == "build" and _abbreviated(deployed, serving))
    return Finding(
        subject=service.short,
        kind=KIND,
        status=Status.PASS if same else Status.FAIL,
        reason="healthy" if same else "revision_differs",
        message=f"serves the {what} that was deployed" if same else f"serves {what} {serving}; {deployed} was deployed",
        observed=serving,
        expected=deployed,
        unit=what,
        evidence={"revision": _serving(service), "deployed_at": report.iso(written.deployed_at)},
        fix=None if same else "find out who deployed past the pipeline, then deploy again from it",
    )


def _unverifiable(service: snapshots.Service, message: str, known: _Known) -> Finding:
    fix = f"deploy it so that {known.declared.records}{service.short}.json is written, or declare it as ignored"
    return Finding(service.short, KIND, Status.UNKNOWN, "revision_unverifiable", message, fix=fix)


def _compared(
    service: snapshots.Service, written: Record, declared: declaration.Services
) -> tuple[str, str, str] | None:
    """Return the strongest thing that both sides tell: its word, what was deployed, what serves; None without any."""
    serving = _serving(service)
    if serving is None:
        return None
    if serving == service.created_revision:
        # What a service tells of its image and its build is told of its newest revision only.
        digests = (_digest(written.image), _digest(service.image))
        for what, pair in (("image", digests), ("build", (written.build, _build(service, declared)))):
            if pair[0] and pair[1]:
                return what, pair[0], pair[1]
    return ("revision", written.revision, serving) if written.revision else None


def _digest(image: str | None) -> str | None:
    return (image or "").partition("@")[2] or None


def _build(service: snapshots.Service, declared: declaration.Services) -> str | None:
    variables = (service.environment.get(name) for name in declared.build_variables)
    labels = (service.template_labels.get(name) for name in declared.build_labels)
    return next((found for found in (*variables, *labels) if found), None)


def _abbreviated(one: str, other: str) -> bool:
    """Return whether one commit is the other's beginning, long enough to be meant."""
    short, long = sorted((one, other), key=len)
    return len(short) >= SHORTEST_COMMIT and long.startswith(short)


def _command(service: snapshots.Service, group: str, verb: str, *words: str) -> str:
    return sources.gcloud("run", group, verb, *words, f"--region={service.region}")
